"""The anatomy of an objective: one sentence with inputs, targets, what is scored and the masks."""

from collections.abc import Sequence

import matplotlib as mpl
import torch
from matplotlib.axes import Axes
from torch import Tensor

from labtools.arguments import BOOL, Shapes
from labtools.plots.cells import mask_cells, shown, text_cell, width_of
from labtools.plots.figure import Figure
from labtools.plots.svg import new_axes, svg
from labtools.plots.theme import STYLE


def anatomy(
    tokens: Sequence[str],
    targets: Sequence[str | None],
    scored: Sequence[bool] | Tensor,
    mask: Tensor,
    *,
    title: str | None = None,
    alt: str,
) -> Figure:
    """Draw an objective: the inputs, what each position is scored against, and what it may see.

    Args:
        tokens: T inputs.
        targets: T targets, position by position; None (drawn as –) where there is none.
        scored: (T,) bool, whether the loss counts the position.
        mask: (T, T) bool, True = may attend; its columns stand under the inputs.
        title: Stands over the picture.
        alt: What the picture shows, in words.

    Raises:
        TypeError, ValueError: a mask that is not boolean or not (T, T), other lengths than T, a
            scored position without a target, an empty ``alt``.
    """
    counted = torch.as_tensor(scored)
    _check_anatomy(tokens, targets, counted, mask)
    with mpl.rc_context(STYLE):
        rows, columns = mask.shape[0] + 3.4, len(tokens)
        axes = new_axes(columns * width_of([*tokens, *(t or "" for t in targets)]), rows * 26)
        axes.set(xlim=(0, columns), ylim=(rows, 0))
        axes.axis("off")
        for t, (token, target) in enumerate(zip(tokens, targets, strict=True)):
            text_cell(axes, t, 0, "blocked", shown(token))
            colour = "scored" if counted[t] else "blocked"
            text_cell(axes, t, 1, colour, "–" if target is None else shown(target))
        _anatomy_mask(axes, tokens, targets, counted, mask, top=3.4)
        axes.set_title(title or "", loc="left", pad=12)
        return Figure((svg(axes),), alt)


def _check_anatomy(
    tokens: Sequence[str], targets: Sequence[str | None], scored: Tensor, mask: Tensor
) -> None:
    shapes = Shapes()
    shapes.tensor("scored", scored, "T", BOOL)
    shapes.tensor("mask", mask, "T T", BOOL)
    for name, given in (("tokens", tokens), ("targets", targets)):
        if len(given) != len(scored):
            raise ValueError(f"{name}: expected {len(scored)} of them, got {len(given)}")
    for t, target in enumerate(targets):
        if scored[t] and target is None:
            raise ValueError(f"targets: expected a target at scored position {t}, got None")


def _anatomy_mask(
    axes: Axes,
    tokens: Sequence[str],
    targets: Sequence[str | None],
    scored: Tensor,
    mask: Tensor,
    top: float,
) -> None:
    """The mask under the inputs; left of each row who reads, right of it what is predicted."""
    mask_cells(axes, mask, top)
    left, right = -0.15, len(tokens) + 0.15
    for row, text in ((0, "input"), (1, "target"), (top - 0.9, "query (reads)")):
        axes.text(left, row + 0.5, text, ha="right", va="center", alpha=0.75)
    axes.text(right, top - 0.4, "predicts", va="center", alpha=0.75)
    for t, (token, target) in enumerate(zip(tokens, targets, strict=True)):
        axes.text(left, top + t + 0.5, shown(token), ha="right", va="center")
        text = f"→ {shown(target)}" if scored[t] and target else "not scored"
        axes.text(right, top + t + 0.5, text, va="center", alpha=1 if scored[t] else 0.75)
