"""A quantity at several values of another: computed as lines, measured as points."""

import math
from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from labtools.plots.curves import DASHES
from labtools.plots.figure import Figure
from labtools.plots.svg import new_axes, svg
from labtools.plots.theme import LIGHT, PAPER, STYLE

Series = Mapping[float, float]  # x: y
Pairs = list[tuple[float, float]]
Label = tuple[float, str, str]  # y, text, colour
MARKERS = {"o": "●", "s": "■", "^": "▲", "D": "◆"}  # and how each is written
DASHED = ("—", "- -", "· ·", "— ·")  # how DASHES are written
HEIGHT = 300  # in pixels


def sweep(
    lines: Mapping[str, Series] | None = None,
    points: Mapping[str, Series] | None = None,
    *,
    xlabel: str,
    ylabel: str,
    log: str = "",
    alt: str,
) -> Figure:
    """Draw what is computed, such as floors, as lines, and what is measured as points.

    Each has its name at its right end. Points are joined by a thin line.

    Args:
        lines: ``{name: {x: y}}``, at most four.
        points: ``{name: {x: y}}``, at most four.
        xlabel: What x is, with its unit.
        ylabel: What y is, with its unit.
        log: The axes with a logarithmic scale: "", "x", "y" or "xy".
        alt: What the picture shows, in words.

    Raises:
        ValueError: Nothing to draw, more than four of a kind, a number that is not finite or, on a
            logarithmic axis, not above 0; an empty ``alt``.
    """
    if log not in ("", "x", "y", "xy"):
        raise ValueError(f'log: expected "", "x", "y" or "xy", got {log!r}')
    computed, measured = _checked("lines", lines or {}, log), _checked("points", points or {}, log)
    if not computed and not measured:
        raise ValueError("lines, points: expected at least one of them, got neither")
    with mpl.rc_context(STYLE):
        axes = new_axes(500, HEIGHT)
        axes.set(xlabel=xlabel, ylabel=ylabel)
        _scale(axes, log)
        labels = [
            _draw(axes, "floor", f"{sign} {name}", pairs, linewidth=2, linestyle=dash)
            for dash, sign, (name, pairs) in zip(DASHES, DASHED, computed.items(), strict=False)
        ]
        labels += [
            _draw(axes, "model", f"{sign} {name}", pairs, linewidth=1, marker=marker)
            for (marker, sign), (name, pairs) in zip(
                MARKERS.items(), measured.items(), strict=False
            )
        ]
        _write(axes, labels)
        return Figure((svg(axes),), alt)


def _checked(kind: str, series: Mapping[str, Series], log: str) -> dict[str, Pairs]:
    """The pairs of each, in the order of x."""
    if len(series) > len(MARKERS):
        raise ValueError(f"{kind}: expected at most {len(MARKERS)}, got {len(series)}")
    pairs = {name: sorted((float(x), float(y)) for x, y in s.items()) for name, s in series.items()}
    for name in pairs:
        if not pairs[name]:
            raise ValueError(f"{name}: expected at least one x and its y, got none")
        for pair in pairs[name]:
            _refuse_wrong(name, pair, log)
    return pairs


def _refuse_wrong(name: str, pair: tuple[float, float], log: str) -> None:
    for axis, number in zip("xy", pair, strict=True):
        if not math.isfinite(number) or (axis in log and number <= 0):
            wanted = "above 0, its axis being logarithmic" if axis in log else "that is finite"
            raise ValueError(f"{name}: expected {axis} {wanted}, got {pair}")


def _scale(axes: Axes, log: str) -> None:
    """Ticks on a logarithmic axis are at 1, 2, 5, 10 …, in plain numbers."""
    for name, axis in (("x", axes.xaxis), ("y", axes.yaxis)):
        if name in log:
            axes.set(**{f"{name}scale": "log"})
            axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axis.set_minor_locator(NullLocator())
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def _draw(axes: Axes, role: str, text: str, pairs: Pairs, **style: Any) -> Label:
    """Draw a line or points; the label at its end."""
    (line,) = axes.plot(*zip(*pairs, strict=True), color=LIGHT[role], markersize=9)
    line.set(markeredgecolor=PAPER, **style)
    return pairs[-1][1], text, LIGHT[role]


def _write(axes: Axes, labels: list[Label]) -> None:
    """Each label right of the axes, pushed up where two would collide."""
    axes.autoscale_view()  # fixes where each y stands
    share = axes.transData + axes.transAxes.inverted()  # of the height of the axes
    last = -math.inf
    for y, text, colour in sorted(labels):
        last = max(share.transform((1, y))[1], last + 18 / HEIGHT)
        axes.annotate(
            text, (1, last), xytext=(8, 0), xycoords="axes fraction", textcoords="offset points",
            color=colour, va="center", fontweight="bold",
        )  # fmt: skip
