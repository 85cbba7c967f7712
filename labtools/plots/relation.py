"""A mask as a graph: which queries see which keys, through one layer or through several."""

from collections.abc import Sequence

import matplotlib as mpl
import torch
from matplotlib.axes import Axes
from matplotlib.path import Path
from torch import Tensor

from labtools.arguments import positive_int
from labtools.plots.cells import MAX_NAMES, patch, width_of
from labtools.plots.figure import Figure
from labtools.plots.matrices import check_mask, query_key_names
from labtools.plots.objectives import FAINT
from labtools.plots.svg import new_axes, svg
from labtools.plots.theme import INK, LIGHT, STYLE

PAGE = 700  # pixels that names beside each other may take; where they need more, they stand upright
PITCH = 30  # from node to node, at least
MANY = 100  # lines in a picture, from where they are thin
RADIUS = 8  # of a node
Node = tuple[float, float]


def relation(
    mask: Tensor | Sequence[Tensor],
    queries: Sequence[str] | None = None,
    keys: Sequence[str] | None = None,
    *,
    layers: int = 1,
    highlight: int | None = None,
    title: str | None = None,
    alt: str,
) -> Figure:
    """Draw a mask as a graph: a line goes from key j up to query i where i may see j.

    The bottom row is the input. Above it stands one row for each layer, whose queries are the keys
    of the next. What query i of layer n sees of the input is row i of the n-th boolean power of the
    mask. Lines are attention alone: the residual connection, by which every position sees itself
    as well, is not drawn.

    Args:
        mask: (T, S) bool, True = may attend, with T and S up to 32; or a sequence of (T, T), one
            for each layer from the bottom up.
        queries: T names for the top row; ``keys``: S names for the bottom row, as ``queries`` when
            T = S. Of unequal rows, the last query stands over the last key.
        layers: How many layers share the one mask; more than one need T = S.
        highlight: A query of the top row; every path that ends in it is drawn strongly, and what it
            sees of the input is filled. The rest is faint.
        title: Stands over the picture.
        alt: What the picture shows, in words.

    Raises:
        TypeError, ValueError: a mask that is not boolean, too large or not of a shape to be
            stacked, names that do not fit, a query that is not there, an empty ``alt``.
    """
    stack = _stack(mask, layers)
    T, S = stack[-1].shape[0], stack[0].shape[1]
    names = query_key_names(torch.empty(T, S), queries, keys)
    _check_query(highlight, T)
    seen = _seen(stack, highlight)
    pitch, upright = _pitch([*names[0], *names[1]], max(T, S))
    with mpl.rc_context(STYLE):
        rows = _rows(len(stack), T, S, pitch)
        bottom = rows[0][0][1]
        axes = new_axes(pitch * max(T, S), bottom + 2 * RADIUS)
        axes.set(xlim=(0, pitch * max(T, S)), ylim=(bottom + RADIUS, -RADIUS))
        axes.axis("off")
        _lines(axes, rows, stack, seen, highlight is not None)
        _nodes(axes, rows, seen)
        _names(axes, rows, names, upright)
        _row_names(axes, rows)
        over = 9 * max(map(len, names[0])) if upright else 14  # pixels that the names take
        axes.set_title(title or "", loc="left", pad=over + 16)
        return Figure((svg(axes),), alt)


def _stack(mask: Tensor | Sequence[Tensor], layers: int) -> list[Tensor]:
    """One checked mask a layer, from the bottom up."""
    positive_int("layers", layers)
    if isinstance(mask, Tensor):
        return _checked({"mask": mask}, layers) * layers
    if not isinstance(mask, Sequence):
        came = type(mask).__name__
        raise TypeError(f"mask: expected a tensor or a sequence of them, got {came}")
    if layers != 1:
        raise ValueError(f"layers: expected none beside a mask for each layer, got {layers}")
    if not mask:
        raise ValueError("mask: expected at least one layer, got none")
    return _checked({f"mask of layer {n}": m for n, m in enumerate(mask, 1)}, len(mask))


def _checked(masks: dict[str, Tensor], layers: int) -> list[Tensor]:
    """The masks, of which so many ``layers`` are to stand on each other."""
    T = None
    for name, mask in masks.items():
        check_mask(name, mask)
        shape = tuple(mask.shape)
        if max(shape) > MAX_NAMES:
            raise ValueError(
                f"{name}: expected at most {MAX_NAMES} queries and keys, for plots.mask draws "
                f"more, got {shape}"
            )
        T = T or shape[0]
        if layers > 1 and shape != (T, T):
            raise ValueError(f"{name}: expected shape {(T, T)} for {layers} layers, got {shape}")
    return [mask.cpu() for mask in masks.values()]


def _check_query(highlight: int | None, T: int) -> None:
    if highlight is None:
        return
    positive_int("highlight", highlight, low=0)
    if highlight >= T:
        raise ValueError(f"highlight: expected a query from 0 to {T - 1}, got {highlight}")


def _seen(stack: list[Tensor], highlight: int | None) -> list[Tensor]:
    """Of each row from the bottom up, (size,) bool: from where a path goes to the query."""
    T = stack[-1].shape[0]
    seen = [torch.arange(T) == (-1 if highlight is None else highlight)]
    for mask in reversed(stack):
        seen.insert(0, mask[seen[0]].any(0))
    return seen


def _pitch(names: list[str], columns: int) -> tuple[float, bool]:
    """Pixels from node to node, and whether the names must stand upright."""
    loose = max(PITCH, min(48, 480 / columns))
    if max(map(len, names)) <= 2:
        return loose, False
    width = max(loose, width_of(names))
    return (width, False) if width * columns <= PAGE else (loose, True)


def _rows(layers: int, T: int, S: int, pitch: float) -> list[list[Node]]:
    """The nodes of each row, from the bottom up; rows end at the same column."""
    columns = max(T, S)
    apart = max(80, min(240, 0.25 * pitch * columns))  # steep lines are told apart more easily
    sizes = [S, *[T] * layers]
    return [
        [(pitch * (columns - size + i + 0.5), apart * (layers - n)) for i in range(size)]
        for n, size in enumerate(sizes)
    ]


def _lines(
    axes: Axes, rows: list[list[Node]], stack: list[Tensor], seen: list[Tensor], faint: bool
) -> None:
    strong: list[Path] = []
    other: list[Path] = []
    for n, mask in enumerate(stack):
        for i, j in mask.nonzero().tolist():
            chosen = strong if not faint or seen[n + 1][i] else other
            chosen.append(Path([rows[n][j], rows[n + 1][i]]))
    style = {"fill": False, "edgecolor": LIGHT["visible"]}
    patch(axes, other, linewidth=1, alpha=0.4, **style)
    width = 2 if faint else 1.5 if len(strong) < MANY else 0.75
    patch(axes, strong, linewidth=width, **style)


def _nodes(axes: Axes, rows: list[list[Node]], seen: list[Tensor]) -> None:
    for role, wanted in (("visible", True), ("blocked", False)):
        circles = [
            Path.circle(node, RADIUS)
            for row, chosen in zip(rows, seen, strict=True)
            for node, is_seen in zip(row, chosen.tolist(), strict=True)
            if is_seen is wanted
        ]
        edge = LIGHT["visible"] if wanted else (INK, 0.5)
        patch(axes, circles, facecolor=LIGHT[role], edgecolor=edge, linewidth=1, zorder=2)


def _names(
    axes: Axes, rows: list[list[Node]], names: tuple[list[str], list[str]], upright: bool
) -> None:
    """Those of the queries over the top row, those of the keys under the bottom row."""
    for row, texts, side in ((rows[-1], names[0], -1), (rows[0], names[1], 1)):
        for (x, y), text in zip(row, texts, strict=True):
            axes.text(
                x, y + side * (RADIUS + 5), text, ha="center", va="top" if side > 0 else "bottom",
                rotation=90 if upright else 0,
            )  # fmt: skip


def _row_names(axes: Axes, rows: list[list[Node]]) -> None:
    layers = [f"layer {n}" for n in range(1, len(rows))]
    texts = ["keys", "queries"] if len(rows) == 2 else ["input", *layers]
    left = min(x for row in rows for x, _ in row) - 2 * RADIUS
    for row, text in zip(rows, texts, strict=True):
        axes.text(left, row[0][1], text, ha="right", va="center", alpha=FAINT)
