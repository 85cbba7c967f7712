"""A matrix of ids or floats with its numbers in the cells."""

import math

import matplotlib as mpl
from torch import Tensor

from labtools.plots.cells import box, grid_lines, outlines, patch, ticks, width_of
from labtools.plots.svg import new_axes, svg
from labtools.plots.theme import LIGHT, STYLE

HEIGHT = 26  # of a row, in pixels


def number_panels(
    matrices: dict[str, Tensor],
    names: tuple[list[str], list[str]],
    axis_labels: tuple[str, str],
    differs: Tensor,
    digits: int,
) -> tuple[str, ...]:
    """Small (T, S) int or float as SVG, all on one scale; cells that differ are outlined."""
    texts = {
        title: [[number(x, digits) for x in row] for row in matrix.tolist()]
        for title, matrix in matrices.items()
    }
    width = width_of(text for rows in texts.values() for row in rows for text in row)
    with mpl.rc_context(STYLE):
        return tuple(
            _panel(rows, names, title, axis_labels, differs, width) for title, rows in texts.items()
        )


def _panel(
    texts: list[list[str]],
    names: tuple[list[str], list[str]],
    title: str,
    axis_labels: tuple[str, str],
    differs: Tensor,
    width: float,
) -> str:
    T, S = differs.shape
    axes = new_axes(S * width, T * HEIGHT)
    axes.set(xlim=(0, S), ylim=(T, 0))
    patch(axes, [box(0, 0, S, T)], facecolor=LIGHT["blocked"], linewidth=0)
    grid_lines(axes, T, S)
    for t, row in enumerate(texts):
        for s, text in enumerate(row):
            axes.text(s + 0.5, t + 0.5, text, ha="center", va="center", in_layout=False)
    outlines(axes, differs, stretched=width / HEIGHT)
    ticks(axes, *names, axis_labels)
    axes.set_title(title, pad=10)
    return svg(axes)


def number(value: float, digits: int) -> str:
    """A number with so many significant digits, an int with all of its own."""
    if isinstance(value, int):
        return str(value).replace("-", "−")
    if not math.isfinite(value):
        return {"nan": "NaN", "inf": "∞", "-inf": "−∞"}[str(value)]
    return f"{value:.{digits}g}".replace("-", "−")


def digits_apart(yours: Tensor, expected: Tensor) -> int:
    """The fewest significant digits, 3 or more, with which no pair of (N,) numbers reads alike."""
    pairs = list(zip(yours.tolist(), expected.tolist(), strict=True))
    for digits in range(3, 9):
        if all(number(mine, digits) != number(wanted, digits) for mine, wanted in pairs):
            return digits
    return 9  # of a float32, all that it has
