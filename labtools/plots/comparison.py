"""A learner's matrix beside the expected one, the cells that differ outlined."""

from collections.abc import Sequence

import torch
from torch import Tensor

from labtools.arguments import BOOL, FLOAT, INTEGER, Shapes
from labtools.closeness import differs
from labtools.plots.cells import names_of
from labtools.plots.figure import Figure
from labtools.plots.matrices import QUERY_KEY, mask_panel, query_key_names
from labtools.plots.numbers import digits_apart, number, number_panels

ROW_COLUMN = ("row", "column")
MAX_SHAPE = {INTEGER: (10, 12), FLOAT: (10, 8)}  # of what is drawn: numbers need room
Labels = tuple[str, str]
Pair = tuple[Tensor, Tensor]
Names = tuple[list[str], list[str]]


def compare(
    yours: Tensor,
    expected: Tensor,
    queries: Sequence[str] | None = None,
    keys: Sequence[str] | None = None,
    *,
    axis_labels: tuple[str, str] | None = None,
    alt: str | None = None,
) -> Figure:
    """Draw a matrix beside the expected one; cells that differ are outlined, the first is named.

    Booleans are drawn as a mask, ids and floats as numbers. Floats differ when they are not close;
    NaN equals NaN. Of many numbers only the part around the first difference is drawn.

    Args:
        yours, expected: (T, S), both bool (True = may attend), both int, or both float.
        queries, keys: Names of the rows and of the columns, as in ``mask``.
        axis_labels: What rows and columns are. Where nothing is given: query and key of booleans,
            row and column of numbers.
        alt: What the picture shows; the caption where nothing is given.

    Raises:
        TypeError, ValueError: no such tensors, another shape or kind than the other's, names that
            do not fit.
    """
    kind = _kind(yours, expected)
    pair = (yours.detach().cpu(), expected.detach().cpu())
    differing = differs(*pair)
    labels = axis_labels or (QUERY_KEY if kind == BOOL else ROW_COLUMN)
    names = _names(yours, queries, keys, labels)
    part = _part(differing, *MAX_SHAPE.get(kind, differing.shape))
    caption = _first_difference(pair, differing, names, labels) + _which(part, differing, labels)
    names = (names[0][part[0]], names[1][part[1]])
    panels = _panels((pair[0][part], pair[1][part]), differing[part], names, labels)
    return Figure(panels, caption if alt is None else alt, caption)


def _kind(yours: Tensor, expected: Tensor) -> tuple[torch.dtype, ...]:
    """The dtypes among which both tensors are, checked."""
    shapes = Shapes()
    shapes.tensor("yours", yours, "T S", (*BOOL, *INTEGER, *FLOAT))
    kind = next(kind for kind in (BOOL, INTEGER, FLOAT) if yours.dtype in kind)
    shapes.tensor("expected", expected, "T S", kind)
    if not yours.numel():
        raise ValueError(f"yours: expected at least one cell, got {tuple(yours.shape)}")
    return kind


def _names(
    matrix: Tensor,
    queries: Sequence[str] | None,
    keys: Sequence[str] | None,
    labels: Labels,
) -> Names:
    """Names of rows and columns; the same for both only where queries meet keys."""
    if labels == QUERY_KEY:
        return query_key_names(matrix, queries, keys)
    T, S = matrix.shape
    return names_of("queries", queries, T), names_of("keys", keys, S)


def _panels(pair: Pair, differing: Tensor, names: Names, labels: Labels) -> tuple[str, ...]:
    matrices = dict(zip(("yours", "expected"), pair, strict=True))
    if pair[0].dtype == torch.bool:
        return tuple(
            mask_panel(m, *names, title, labels, differing) for title, m in matrices.items()
        )
    digits = digits_apart(pair[0][differing], pair[1][differing])
    return number_panels(matrices, names, labels, differing, digits)


def _first_difference(pair: Pair, differing: Tensor, names: Names, labels: Labels) -> str:
    is_mask = pair[0].dtype == torch.bool and labels == QUERY_KEY
    if not differing.any():
        return f"The two {'masks ' if is_mask else ''}are the same."
    t, s = differing.nonzero()[0].tolist()
    count = int(differing.sum())
    first = f"First of {count} differing cell{'s' * (count > 1)}"
    row, column = f"{_noun(labels[0])} {_at(names[0], t)}", f"{_noun(labels[1])} {_at(names[1], s)}"
    mine, wanted = pair[0][t, s], pair[1][t, s]
    if is_mask:
        verdict, opposite = ("may see", "must not") if mine else ("may not see", "must")
        return f"{first}: {row} {verdict} {column} in yours, and {opposite}."
    digits = digits_apart(mine[None], wanted[None])
    texts = number(mine.item(), digits), number(wanted.item(), digits)
    return f"{first}: {row}, {column} is {texts[0]} in yours, and must be {texts[1]}."


def _noun(label: str) -> str:
    return label.partition(" (")[0]


def _at(names: list[str], position: int) -> str:
    name = names[position]
    return str(position) if name == str(position) else f"{position} (“{name}”)"


def _part(differing: Tensor, rows: int, columns: int) -> tuple[slice, slice]:
    """The part to draw, at most rows × columns, with the first differing cell in it."""
    first = differing.nonzero()[0].tolist() if differing.any() else (0, 0)
    starts = [
        max(0, min(at - most // 2, size - most))
        for at, most, size in zip(first, (rows, columns), differing.shape, strict=True)
    ]
    return slice(starts[0], starts[0] + rows), slice(starts[1], starts[1] + columns)


def _which(part: tuple[slice, slice], differing: Tensor, labels: Labels) -> str:
    """What is drawn, where that is not everything."""
    drawn = differing[part].shape
    if drawn == differing.shape:
        return ""
    row, column = (
        f"{_noun(label)}s {p.start} to {p.start + size - 1}"
        for label, p, size in zip(labels, part, drawn, strict=True)
    )
    return f" Drawn: {row}, {column} of {tuple(differing.shape)}."
