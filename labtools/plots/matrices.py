"""Attention masks, one or several side by side."""

from collections.abc import Mapping, Sequence

import matplotlib as mpl
from torch import Tensor

from labtools.arguments import BOOL, Shapes
from labtools.plots.cells import mask_cells, names_of, outlines, ticks
from labtools.plots.figure import Figure
from labtools.plots.svg import new_axes, svg
from labtools.plots.theme import STYLE

QUERY_KEY = ("query (reads)", "key (is read)")


def mask(
    mask: Tensor,
    queries: Sequence[str] | None = None,
    keys: Sequence[str] | None = None,
    *,
    title: str | None = None,
    alt: str,
) -> Figure:
    """Draw an attention mask.

    Args:
        mask: (T, S) bool, True = may attend.
        queries: T names for the rows; ``keys``: S names for the columns, as ``queries`` when T = S.
        title: Stands over the picture.
        alt: What the picture shows, in words.

    Raises:
        TypeError, ValueError: a mask that is not boolean or not (T, S), names that do not fit it,
            an empty ``alt``.
    """
    return masks({title or "": mask}, queries, keys, alt=alt)


def masks(
    masks: Mapping[str, Tensor],
    queries: Sequence[str] | None = None,
    keys: Sequence[str] | None = None,
    *,
    alt: str,
) -> Figure:
    """Draw masks side by side: ``{title: (T, S) bool}``. See ``mask`` for the rest."""
    if not masks:
        raise ValueError("masks: expected at least one mask, got none")
    return Figure(tuple(mask_panel(m, queries, keys, title) for title, m in masks.items()), alt)


def mask_panel(
    mask: Tensor,
    queries: Sequence[str] | None,
    keys: Sequence[str] | None,
    title: str,
    axis_labels: tuple[str, str] = QUERY_KEY,
    differs: Tensor | None = None,
) -> str:
    """One mask as SVG; the cells that differ, (T, S) bool, are outlined. See ``mask``."""
    check_mask(f"mask {title!r}" if title else "mask", mask)
    names = query_key_names(mask, queries, keys)
    size = max(6, min(26, 480 // max(mask.shape)))
    with mpl.rc_context(STYLE):
        axes = new_axes(mask.shape[1] * size, mask.shape[0] * size)
        axes.set(xlim=(0, mask.shape[1]), ylim=(mask.shape[0], 0))
        mask_cells(axes, mask)
        if differs is not None:
            outlines(axes, differs)
        ticks(axes, *names, axis_labels)
        axes.set_title(title, pad=10)
        return svg(axes)


def check_mask(name: str, mask: Tensor) -> None:
    """Check that ``mask`` is (T, S) bool with at least one cell."""
    Shapes().tensor(name, mask, "T S", BOOL)
    if not mask.numel():
        raise ValueError(f"{name}: expected at least one cell, got {tuple(mask.shape)}")


def query_key_names(
    matrix: Tensor, queries: Sequence[str] | None, keys: Sequence[str] | None
) -> tuple[list[str], list[str]]:
    """T row names and S column names of (T, S): those given, or positions."""
    T, S = matrix.shape[-2:]
    if keys is None and queries is not None and T == S:
        keys = queries
    return names_of("queries", queries, T), names_of("keys", keys, S)
