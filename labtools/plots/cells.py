"""What pictures of rows and columns are made of: cells, the lines between them, names beside them.

A cell is a unit square; its row grows downwards.
"""

import math
from collections.abc import Iterable, Sequence

import torch
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from torch import Tensor

from labtools.plots.theme import INK, LIGHT, ON_SCORED, PAPER

MAX_NAMES = 32  # more tokens than that, and the ticks show numbers
MAX_LINES = 64  # more cells than that, and no lines part them


def shown(token: str) -> str:
    """A token with its invisible characters made visible."""
    return str(token).replace("\n", "↵").replace("\t", "⇥").replace(" ", "␣")


def width_of(names: Iterable[str]) -> float:
    """How wide a column must be for its texts, in pixels."""
    return max(30, 9 * max(len(shown(name)) for name in names) + 10)


def names_of(what: str, given: Sequence[str] | None, size: int) -> list[str]:
    """The names given, or positions.

    Raises:
        ValueError: names that are not ``size`` many.
    """
    if given is not None and len(given) != size:
        raise ValueError(f"{what}: expected {size} names for this matrix, got {len(given)}")
    return [str(i) for i in range(size)] if given is None else [*map(shown, given)]


def box(x: float, y: float, width: float, height: float) -> Path:
    """A closed rectangle."""
    corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)]
    return Path(corners, closed=True)


def patch(axes: Axes, paths: list[Path], **style: object) -> None:
    """Many paths as one element, which keeps the page small."""
    if paths:
        axes.add_artist(PathPatch(Path.make_compound_path(*paths), clip_on=False, **style))


def runs(chosen: Tensor, top: float = 0, left: float = 0) -> list[Path]:
    """The chosen cells of (T, S) bool, one box for each run of them in a row."""
    edges = torch.nn.functional.pad(chosen.cpu().int(), (1, 1)).diff(dim=1)
    starts, ends = (edges == 1).nonzero().tolist(), (edges == -1).nonzero().tolist()
    pairs = zip(starts, ends, strict=True)
    return [box(left + s, top + t, end - s, 1) for (t, s), (_, end) in pairs]


def mask_cells(axes: Axes, mask: Tensor, top: float = 0, left: float = 0) -> None:
    """The cells of a mask, and lines between them."""
    T, S = mask.shape
    for role, chosen in (("visible", mask), ("blocked", ~mask)):
        patch(axes, runs(chosen, top, left), facecolor=LIGHT[role], linewidth=0)
    grid_lines(axes, T, S, top, left)


def grid_lines(axes: Axes, T: int, S: int, top: float = 0, left: float = 0) -> None:
    """Lines of the page's colour that part the cells, where these are not too many."""
    if max(T, S) > MAX_LINES:
        return
    lines = [Path([(left, top + t), (left + S, top + t)]) for t in range(T + 1)]
    lines += [Path([(left + s, top), (left + s, top + T)]) for s in range(S + 1)]
    patch(axes, lines, fill=False, edgecolor=PAPER, linewidth=1)


def text_cell(axes: Axes, column: float, row: float, role: str, text: str) -> None:
    """One cell with its text."""
    patch(axes, [box(column, row, 1, 1)], facecolor=LIGHT[role], edgecolor=PAPER, linewidth=1)
    colour = ON_SCORED if role == "scored" else INK
    axes.text(column + 0.5, row + 0.5, text, color=colour, ha="center", va="center")


def outlines(axes: Axes, chosen: Tensor, stretched: float = 1) -> None:
    """Outline the chosen cells of (T, S) bool as wrong; cells are so many times wider than high."""
    x, y = 0.06 / stretched, 0.06
    boxes = [box(s + x, t + y, 1 - 2 * x, 1 - 2 * y) for t, s in chosen.nonzero().tolist()]
    patch(axes, boxes, fill=False, edgecolor=LIGHT["wrong"], linewidth=3, zorder=3)


def ticks(
    axes: Axes, rows: list[str], columns: list[str], labels: tuple[str, str], room: bool = True
) -> None:
    """Names beside rows and under columns; few numbers where many or, without room, any."""
    for axis, names, label in zip((axes.yaxis, axes.xaxis), (rows, columns), labels, strict=True):
        step = 1 if room and len(names) <= MAX_NAMES else math.ceil(len(names) / 8)
        texts = names if step == 1 else [str(i) for i in range(len(names))]
        at = range(0, len(names), step)
        axis.set_ticks([i + 0.5 for i in at], [texts[i] for i in at])
        axis.set_label_text(label)
    if max(map(len, columns)) > 2 and len(columns) <= MAX_NAMES:
        axes.tick_params(axis="x", labelrotation=90)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
