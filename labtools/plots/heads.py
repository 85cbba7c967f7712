"""Attention weights, one panel for each head, on one scale."""

from collections.abc import Sequence

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.path import Path
from torch import Tensor

from labtools.arguments import BOOL, FLOAT, Shapes
from labtools.plots.cells import box, grid_lines, outlines, patch, runs, ticks
from labtools.plots.figure import Figure
from labtools.plots.matrices import QUERY_KEY, query_key_names
from labtools.plots.svg import new_axes, svg
from labtools.plots.theme import INK, LIGHT, STYLE

LEVELS = 20  # shades from no weight to the largest
LEAK = 1e-6  # a blocked cell with more weight than that is wrong


def attention(
    weights: Tensor,
    queries: Sequence[str] | None = None,
    keys: Sequence[str] | None = None,
    *,
    mask: Tensor | None = None,
    largest: float | None = None,
    title: str | None = None,
    alt: str,
) -> Figure:
    """Draw attention weights: the more a query reads a key, the stronger the colour of its cell.

    Blocked cells are hatched, so that they differ from those that a query might read and does not;
    a blocked cell that has weight all the same is outlined as wrong.

    Args:
        weights: (T, S), or (H, T, S) for one panel a head; float from 0 to 1.
        queries: T names for the rows; ``keys``: S names for the columns, as ``queries`` when T = S.
        mask: (T, S) bool, True = may attend; None where nothing is blocked.
        largest: The weight with the full colour; the largest there is where nothing is given.
        title: Stands over the picture, with the number of the head.
        alt: What the picture shows, in words.

    Raises:
        TypeError, ValueError: weights or a mask of another dtype or shape, a weight outside [0, 1]
            or NaN, names that do not fit, an empty ``alt``.
    """
    heads = weights[None] if isinstance(weights, Tensor) and weights.ndim == 2 else weights
    _check(heads, mask, largest)
    heads = heads.detach().cpu().double()
    largest = largest or float(heads.max()) or 1.0
    names = query_key_names(heads[0], queries, keys)
    titles = [title or ""] if weights.ndim == 2 else _titles(title, len(heads))
    with mpl.rc_context(STYLE):
        size = _cell_size(heads)
        panels = [
            _panel(*head, mask, names, largest, size) for head in zip(heads, titles, strict=True)
        ]
        return Figure((*panels, _scale(largest, mask is not None)), alt)


def _check(heads: Tensor, mask: Tensor | None, largest: float | None) -> None:
    shapes = Shapes()
    shapes.tensor("weights", heads, "H T S", FLOAT)
    if mask is not None:
        shapes.tensor("mask", mask, "T S", BOOL)
    if not heads.numel():
        raise ValueError(f"weights: expected at least one, got shape {tuple(heads.shape)}")
    if largest is not None and not largest > 0:
        raise ValueError(f"largest: expected a weight above 0, got {largest}")
    outside = (~((heads >= 0) & (heads <= 1 + LEAK))).nonzero()  # NaN is outside as well
    if len(outside):
        where = tuple(outside[0].tolist())
        raise ValueError(
            f"weights: expected values from 0 to 1, got {heads[where].item()} at {where}"
        )


def _titles(title: str | None, H: int) -> list[str]:
    return [f"{title}, head {h}" if title else f"head {h}" for h in range(H)]


def _cell_size(heads: Tensor) -> int:
    """Pixels of a cell: several heads share the width of the page."""
    H, T, S = heads.shape
    return max(4, min(26, (480 if H == 1 else 300) // max(T, S)))


def _panel(
    weights: Tensor,
    title: str,
    mask: Tensor | None,
    names: tuple[list[str], list[str]],
    largest: float,
    size: int,
) -> str:
    T, S = weights.shape
    axes = new_axes(S * size, T * size)
    axes.set(xlim=(0, S), ylim=(T, 0))
    if mask is not None:
        _blocked(axes, runs(~mask))
        outlines(axes, ~mask.cpu() & (weights > LEAK))
    levels = (weights / largest * LEVELS).round().clamp(max=LEVELS).int()
    for level in levels.unique().tolist():
        _shade(axes, levels == level, level)
    if size >= 10:
        grid_lines(axes, T, S)
    patch(axes, [box(0, 0, S, T)], fill=False, edgecolor=INK, linewidth=1, alpha=0.4)
    ticks(axes, *names, QUERY_KEY, room=size >= 13)
    axes.set_title(title, pad=10)
    return svg(axes)


def _shade(axes: Axes, chosen: Tensor, level: int) -> None:
    if level:
        patch(axes, runs(chosen), facecolor=LIGHT["visible"], alpha=level / LEVELS, linewidth=0)


def _blocked(axes: Axes, paths: list[Path]) -> None:
    patch(axes, paths, facecolor=LIGHT["blocked"], hatch="////", hatchcolor=(INK, 0.3), linewidth=0)


def _scale(largest: float, blocked: bool) -> str:
    """What the colours mean: the weights from 0 to the largest, and the hatching."""
    axes = new_axes(300, 14)
    axes.set(xlim=(0, 300), ylim=(14, 0))
    axes.axis("off")
    steps = [box(60 + 4 * level, 0, 4, 14) for level in range(LEVELS + 1)]
    for level, step in enumerate(steps):
        shade = {"facecolor": LIGHT["visible"], "alpha": level / LEVELS}
        patch(axes, [step], linewidth=0, **shade)
    for x, text in ((0, "weight 0"), (150, f"{largest:.2g}"), (225, "blocked" * blocked)):
        axes.text(x, 7, text, va="center")
    if blocked:
        _blocked(axes, [box(200, 0, 18, 14)])
    return svg(axes)
