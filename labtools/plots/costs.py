"""What every token of one sentence costs, and the least that it can cost."""

import math
from collections.abc import Sequence

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.path import Path
from matplotlib.ticker import MaxNLocator
from torch import Tensor

from labtools.arguments import FLOAT, Shapes
from labtools.plots.cells import box, patch, shown, text_cell, width_of
from labtools.plots.figure import Figure
from labtools.plots.objectives import FAINT
from labtools.plots.svg import new_axes, svg
from labtools.plots.theme import INK, LIGHT, PAPER, STYLE

Costs = list[float | None]

HEIGHT = 26  # of a cell, in pixels
BARS = 5  # height of the tallest bar, in cells
TEXT = 1.1  # height of a number with its margin, in cells
ROUNDING = 1e-4  # −log p of a certain token may come out that much under 0


def costs(
    tokens: Sequence[str],
    nll: Sequence[float | None] | Tensor,
    *,
    floor: Sequence[float | None] | Tensor | None = None,
    title: str | None = None,
    alt: str,
) -> Figure:
    """Draw the cost of each token, −log p in nats, as a bar that stands on the token.

    Args:
        tokens: T tokens.
        nll: (T,) nats; None (drawn as –) where a token is not scored.
        floor: (T,) nats, drawn as a line over each token: its cost under the distribution that it
            was drawn from, the least that a model can pay on average. For one token of one
            sentence a model may pay less, so a bar may end under its line. None for no line.
        title: Stands over the picture.
        alt: What the picture shows, in words.

    Raises:
        TypeError, ValueError: other lengths than T, a cost that is negative, infinite or NaN, no
            cost at all, an empty ``alt``.
    """
    heights = _nats("nll", nll, len(tokens))
    floors = _nats("floor", [None] * len(tokens) if floor is None else floor, len(tokens))
    known = [x for x in (*heights, *floors) if x is not None]
    if all(x is None for x in heights):
        raise ValueError(f"nll: expected the cost of at least one token, got {len(tokens)} × None")
    numbers = ["–" if x is None else f"{x:.2f}" for x in heights]
    width, highest = width_of([*tokens, *numbers]), max(known) or 1.0
    rows = BARS / highest  # that a nat is high
    with mpl.rc_context(STYLE):
        axes = new_axes(len(tokens) * width, (BARS + 2) * HEIGHT)
        axes.set(xlim=(0, len(tokens)), ylim=(1, -BARS - 1))
        axes.axis("off")
        _scale(axes, highest, len(tokens))
        _bars(axes, heights, rows)
        _floors(axes, floors, rows)
        for t, token in enumerate(tokens):
            text_cell(axes, t, 0, "blocked", shown(token))
            top = _under(heights[t] or 0.0, floors[t], rows) * rows
            clear = {"facecolor": PAPER, "linewidth": 0, "pad": 0.5}  # of the lines behind it
            axes.text(t + 0.5, -top - 0.2, numbers[t], ha="center", va="bottom", bbox=clear)
        if floor is not None:
            _key(axes, width)
        axes.set_title(title or "", loc="left", pad=12)
        return Figure((svg(axes),), alt)


def _under(height: float, floor: float | None, rows: float) -> float:
    """What the number of a bar stands on: the bar, or the floor's line where they would collide."""
    collide = floor is not None and -0.1 < (floor - height) * rows < TEXT
    return floor if collide and floor is not None else height


def _nats(name: str, given: Sequence[float | None] | Tensor, T: int) -> Costs:
    """T costs, rounding errors under 0 cut off."""
    if isinstance(given, Tensor):
        Shapes().tensor(name, given, "T", FLOAT)
        given = given.tolist()
    if len(given) != T:
        raise ValueError(f"{name}: expected {T} costs, one for each token, got {len(given)}")
    numbers = [None if x is None else float(x) for x in given]
    for t, x in enumerate(numbers):
        if x is not None and not -ROUNDING <= x < math.inf:  # NaN is not either
            raise ValueError(
                f"{name}: expected finite costs of at least 0 nats, or None where there is none, "
                f"got {x} at {t}"
            )
    return [None if x is None else max(x, 0.0) for x in numbers]


def _scale(axes: Axes, highest: float, T: int) -> None:
    """Faint lines at round numbers of nats."""
    rounds = MaxNLocator(4, steps=[1, 2, 5, 10]).tick_values(0, highest)
    marks = [x for x in rounds if 0 <= x <= highest]
    heights = [-x / highest * BARS for x in marks]
    lines = [Path([(0, y), (T, y)]) for y in heights]
    patch(axes, lines, fill=False, edgecolor=INK, linewidth=1, alpha=0.2)
    texts = [*(f"{x:g}" for x in marks), "nats"]
    for y, text in zip([*heights, -BARS - 0.8], texts, strict=True):
        axes.text(-0.15, y, text, ha="right", va="center", alpha=FAINT)


def _bars(axes: Axes, heights: Costs, rows: float) -> None:
    bars = [box(t + 0.2, -x * rows, 0.6, x * rows) for t, x in enumerate(heights) if x]
    patch(axes, bars, facecolor=LIGHT["model"], linewidth=0, zorder=2)


def _floors(axes: Axes, floors: Costs, rows: float) -> None:
    """A line over each token, wider than its bar."""
    heights = [(t, -x * rows) for t, x in enumerate(floors) if x is not None]
    lines = [Path([(t + 0.08, y), (t + 0.92, y)]) for t, y in heights]
    patch(axes, lines, fill=False, edgecolor=LIGHT["floor"], linewidth=3, zorder=3)


def _key(axes: Axes, width: float) -> None:
    """What the bars and the lines are, under the tokens."""
    row = 1.75
    bar = [box(0, row - 0.25, 18 / width, 0.5)]
    patch(axes, bar, facecolor=LIGHT["model"], linewidth=0)
    line = [Path([(80 / width, row), (104 / width, row)])]
    patch(axes, line, fill=False, edgecolor=LIGHT["floor"], linewidth=3)
    for pixels, text in ((24, "cost"), (110, "floor")):
        axes.text(pixels / width, row, text, va="center")
