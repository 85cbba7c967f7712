"""The anatomy of an objective: one sentence with inputs, targets, what is scored and the masks."""

from collections.abc import Sequence

import matplotlib as mpl
import torch
from matplotlib.axes import Axes
from torch import Tensor

from labtools.arguments import BOOL, Shapes
from labtools.plots.cells import mask_cells, shown, text_cell, width_of
from labtools.plots.figure import Figure
from labtools.plots.matrices import check_mask
from labtools.plots.svg import new_axes, svg
from labtools.plots.theme import STYLE

GAP = 0.4  # between the tokens and the masks, in cells
FAINT = 0.75


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
        mask: (T, T) bool or what broadcasts to it, True = may attend; its columns stand under the
            inputs.
        title: Stands over the picture.
        alt: What the picture shows, in words.

    Raises:
        TypeError, ValueError: a mask that is not boolean or does not fit, other lengths than T, a
            scored position without a target, an empty ``alt``.
    """
    counted = torch.as_tensor(scored)
    _check("tokens", tokens, targets, counted)
    T, top = len(tokens), 3 + GAP
    mask = _fitted("mask", mask, T, T)
    with mpl.rc_context(STYLE):
        axes = _sheet(T, top + T, [*tokens, *(t or "" for t in targets)])
        _inputs(axes, tokens)
        _targets(axes, targets, counted)
        mask_cells(axes, mask, top)
        for row, text in ((0, "input"), (1, "target"), (top - 0.9, "query (reads)")):
            _beside(axes, row, text, FAINT)
        for t, token in enumerate(tokens):
            _beside(axes, top + t, shown(token))
        _predicts(axes, targets, counted, top, right=T)
        axes.set_title(title or "", loc="left", pad=12)
        return Figure((svg(axes),), alt)


def anatomy_seq2seq(
    src: Sequence[str],
    tgt_in: Sequence[str],
    targets: Sequence[str | None],
    scored: Sequence[bool] | Tensor,
    src_mask: Tensor,
    tgt_mask: Tensor,
    cross_mask: Tensor,
    *,
    title: str | None = None,
    alt: str,
) -> Figure:
    """Draw the objective of an encoder–decoder: both inputs, the targets, and the three masks.

    The masks stand as in one large matrix: columns are the source and the decoder's input, rows are
    the encoder's queries and, under them, the decoder's. The corner right of the encoder's mask
    is empty, as the encoder reads nothing of the target.

    Args:
        src: S source tokens.
        tgt_in: T inputs of the decoder.
        targets: T targets, position by position; None (drawn as –) where there is none.
        scored: (T,) bool, whether the loss counts the position.
        src_mask: Encoder, (S, S) bool or what broadcasts to it, True = may attend.
        tgt_mask: Decoder, (T, T) bool or what broadcasts to it.
        cross_mask: Decoder to source, (T, S) bool or what broadcasts to it.
        title: Stands over the picture.
        alt: What the picture shows, in words.

    Raises:
        TypeError, ValueError: a mask that is not boolean or does not fit, other lengths than T, a
            scored position without a target, an empty ``alt``.
    """
    S, T, counted = len(src), len(tgt_in), torch.as_tensor(scored)
    _check("tgt_in", tgt_in, targets, counted)
    encoder = _fitted("src_mask", src_mask, S, S)
    decoder, cross = _fitted("tgt_mask", tgt_mask, T, T), _fitted("cross_mask", cross_mask, T, S)
    left, first = S + GAP, 3 + GAP  # where the decoder's columns begin, and the encoder's rows
    second = first + S + 1 + GAP
    with mpl.rc_context(STYLE):
        axes = _sheet(left + T, second + T, [*src, *tgt_in, *(t or "" for t in targets)], top=-0.8)
        _inputs(axes, src)
        _inputs(axes, tgt_in, left)
        _targets(axes, targets, counted, left)
        mask_cells(axes, encoder, first)
        mask_cells(axes, cross, second)
        mask_cells(axes, decoder, second, left)
        for middle, row, text in (
            (S / 2, -0.9, "source"),
            (left + T / 2, -0.9, "decoder input"),
            (S / 2, first - 0.9, "encoder mask"),
            (S / 2, second - 0.9, "cross mask"),
            (left + T / 2, second - 0.9, "decoder mask"),
        ):
            axes.text(middle, row + 0.5, text, ha="center", va="center", alpha=FAINT)
        for row, text in ((0, "input"), (1, "target"), (first - 0.9, "query (reads)")):
            _beside(axes, row, text, FAINT)
        for top, tokens in ((first, src), (second, tgt_in)):
            for t, token in enumerate(tokens):
                _beside(axes, top + t, shown(token))
        _predicts(axes, targets, counted, second, left + T)
        axes.set_title(title or "", loc="left", pad=12)
        return Figure((svg(axes),), alt)


def _check(name: str, inputs: Sequence[str], targets: Sequence[str | None], scored: Tensor) -> None:
    Shapes().tensor("scored", scored, "T", BOOL)
    for what, given in ((name, inputs), ("targets", targets)):
        if len(given) != len(scored):
            raise ValueError(f"{what}: expected {len(scored)} of them, got {len(given)}")
    for t, target in enumerate(targets):
        if scored[t] and target is None:
            raise ValueError(f"targets: expected a target at scored position {t}, got None")


def _fitted(name: str, mask: Tensor, T: int, S: int) -> Tensor:
    """The mask, broadcast to (T, S) bool."""
    check_mask(name, mask)
    if any(size not in (1, wanted) for size, wanted in zip(mask.shape, (T, S), strict=True)):
        raise ValueError(
            f"{name}: expected a shape that broadcasts to {(T, S)}, got {tuple(mask.shape)}"
        )
    return mask.expand(T, S)


def _sheet(columns: float, rows: float, names: Sequence[str], top: float = 0) -> Axes:
    """Empty axes with room for so many cells, each wide enough for every name."""
    axes = new_axes(columns * width_of(names), (rows - top) * 26)
    axes.set(xlim=(0, columns), ylim=(rows, top))
    axes.axis("off")
    return axes


def _inputs(axes: Axes, tokens: Sequence[str], left: float = 0) -> None:
    for t, token in enumerate(tokens):
        text_cell(axes, left + t, 0, "blocked", shown(token))


def _targets(axes: Axes, targets: Sequence[str | None], scored: Tensor, left: float = 0) -> None:
    for t, target in enumerate(targets):
        role, text = "scored" if scored[t] else "blocked", "–" if target is None else shown(target)
        text_cell(axes, left + t, 1, role, text)


def _beside(axes: Axes, row: float, text: str, alpha: float = 1) -> None:
    """A text left of a row."""
    axes.text(-0.15, row + 0.5, text, ha="right", va="center", alpha=alpha)


def _predicts(
    axes: Axes, targets: Sequence[str | None], scored: Tensor, top: float, right: float
) -> None:
    """What each query is scored against, right of its row."""
    axes.text(right + 0.15, top - 0.4, "predicts", va="center", alpha=FAINT)
    for t, target in enumerate(targets):
        counts = bool(scored[t]) and target is not None
        text, alpha = (f"→ {shown(str(target))}", 1) if counts else ("not scored", FAINT)
        axes.text(right + 0.15, top + t + 0.5, text, va="center", alpha=alpha)
