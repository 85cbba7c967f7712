"""What the decoder may read of the source: every real token of it. ``cross_mask``."""

from collections.abc import Callable

import torch
from torch import Tensor

from labtools.checks.ch02_attention_masks.forms import (
    FORM_WORDS,
    FORMS,
    Dress,
    as_it_is,
    relation,
)
from labtools.checks.ch05_seq2seq.real_keys import (
    KEY_RULES,
    KEY_WORDS,
    See,
    is_real,
    real_keys,
    source_cases,
)
from labtools.checks.ch05_seq2seq.sections import MASKS
from labtools.checks.ch05_seq2seq.words import MASK_DEVICE
from labtools.checks.properties import follows_device
from labtools.checks.spec import Case, Rules, Spec, Words, mistakes

Shape = Callable[[Tensor, int], Tensor]


def _for_each_target(real: Tensor, T: int) -> Tensor:
    return real.expand(-1, -1, T, -1)


def _mask(
    src: Tensor,
    T: int,
    pad_id: int,
    *,
    see: See = is_real,
    batch: Callable[[Tensor], Tensor] = lambda real: real,
    shape: Shape = _for_each_target,
    dress: Dress = as_it_is,
) -> Tensor:
    """Every target position sees key j where ``see(ids, j, pad_id)``; right with no knob turned.

    ``shape`` makes the result of the (B, 1, 1, S) mask of the source and T.
    """
    return dress(shape(batch(real_keys(src, pad_id, see)), T))


LENGTHS = 2, 5, 4, 11, 5, 7, 3, 8, 4, 2, 5, 1  # of the targets; never S


def _cases(generator: torch.Generator) -> list[Case]:
    made = zip(source_cases(generator), LENGTHS, strict=True)
    cases = [Case((src, T, pad_id), special=special) for (src, pad_id, special), T in made]
    return [*cases, Case((torch.tensor([[6, 0, 8], [4, 5, 0]]), 1, 0))]


WORDS = {
    **FORM_WORDS,
    **KEY_WORDS,
    "target-square": Words(
        "the mask has no column for each source token",
        "In cross-attention the queries are the T target positions and the keys are the S source "
        "tokens: (B, 1, T, S). A mask of (T, T) belongs to the decoder's attention to itself.",
        MASKS,
    ),
    "source-square": Words(
        "T is ignored: there is a row for each source token",
        "In cross-attention the queries are the T target positions and the keys are the S source "
        "tokens: (B, 1, T, S). A mask of (S, S) belongs to the encoder's attention to itself.",
        MASKS,
    ),
    "not-repeated": Words(
        "one row for all target positions: (B, 1, 1, S) instead of (B, 1, T, S)",
        "It would broadcast, and attention would compute the same. Here the full shape is asked "
        "for, so that the picture has a row for each target position: .expand(-1, -1, T, -1), "
        "which copies nothing.",
        MASKS,
    ),
    "causal": Words(
        "the source is hidden as if it were the future",
        "Nothing of the source is predicted: it is given as a whole. The first target position "
        "may read the last source token, and often must, for word orders differ.",
        MASKS,
    ),
    "transposed": Words(
        "rows and columns have changed places: (B, 1, S, T)",
        "Queries are rows and keys are columns. The queries are the T target positions, the keys "
        "the S source tokens: (B, 1, T, S).",
        MASKS,
    ),
    "no-head-dimension": Words(
        "the head dimension is missing: (B, T, S) instead of (B, 1, T, S)",
        "A (B, T, S) mask does not broadcast to (B, H, T, S), or, when B equals H, broadcasts "
        "wrongly and silently: each head gets another batch item's mask.",
        MASKS,
    ),
    "not-broadcast": Words(
        "the dimensions of heads and queries are missing",
        "(B, S) beside scores of (B, H, T, S) is read as (T, S) when B happens to equal T, "
        "silently, and (B, 1, S) as (H, T, S). The result is (B, 1, T, S).",
        MASKS,
    ),
    "axes-misplaced": Words(
        "the dimensions stand in another order than (B, 1, T, S)",
        "An attention mask is read as (B, H, T, S): batch items first and keys last, with 1 for "
        "the heads.",
        MASKS,
    ),
    "queries-masked": Words(
        "target positions are hidden by the source's padding",
        "What must not be read is a source token, so it is a column that is blocked, for every "
        "target position. Position i of the target and position i of the source have nothing to "
        "do with each other.",
        MASKS,
    ),
    "side-by-side": Words(
        "target position i sees source token i alone",
        "Every target position may see every real source token. Which of them it needs is learnt.",
        MASKS,
    ),
}  # fmt: skip


def _without_padding(of: Callable[[int, int, int, int], bool]) -> Shape:
    """Query i sees key j where ``of(i, j, T, S)``, padding or not."""

    def shape(real: Tensor, T: int) -> Tensor:
        S = real.shape[-1]
        return relation(T, S, lambda i, j: of(i, j, T, S)).expand(len(real), 1, T, S)

    return shape


def _with_padding(of: Callable[[int, int, int, int], bool]) -> Shape:
    return lambda real, T: real & _without_padding(of)(real, T)


def _squares(real: Tensor, size: int) -> list[Tensor]:
    """Causal and all-true squares, in every number of dimensions."""
    square = torch.ones(size, size, dtype=torch.bool)
    made = [square.tril(), square]
    return [form for s in made for form in (s, s[None], s[None, None], _batch(s, real))]


def _batch(square: Tensor, real: Tensor) -> Tensor:
    return square.expand(len(real), 1, *square.shape)


def _rows_by_source(real: Tensor, T: int) -> Tensor:
    """Row i is visible where source token i is; there is none for the rows after."""
    S = real.shape[-1]
    rows = torch.zeros(len(real), 1, T, S, dtype=torch.bool)
    rows[:, :, :S] = real.mT[:, :, :T]
    return rows


STAIRS: tuple[Callable[[int, int, int, int], bool], ...] = (
    lambda i, j, T, S: j <= i,
    lambda i, j, T, S: j < i,
    lambda i, j, T, S: j <= i + 1,
    lambda i, j, T, S: j <= i + S - T,
    lambda i, j, T, S: j >= i,
)
RULES: Rules = (
    *KEY_RULES,
    ("not-repeated", {"shape": lambda real, T: real}),
    ("not-broadcast", {"shape": lambda real, T: real[:, 0, 0]}),
    ("not-broadcast", {"shape": lambda real, T: real[:, 0]}),
    ("no-head-dimension", {"shape": lambda real, T: _for_each_target(real, T)[:, 0]}),
    ("transposed", {"shape": lambda real, T: _for_each_target(real, T).mT}),
    ("transposed", {"shape": lambda real, T: _for_each_target(real, T)[:, 0].mT}),
    ("axes-misplaced", {"shape": lambda real, T: _for_each_target(real, T).transpose(1, 2)}),
    ("axes-misplaced", {"shape": lambda real, T: _for_each_target(real, T).transpose(0, 1)}),
    ("axes-misplaced", {"shape": lambda real, T: _for_each_target(real, T).transpose(0, 2)}),
    *(
        ("target-square", {"shape": lambda real, T, n=n: _squares(real, T)[n]})
        for n in range(8)
    ),
    ("source-square", {"shape": lambda real, T: _for_each_target(real, real.shape[-1])}),
    (
        "source-square",
        {"shape": lambda real, T: _for_each_target(real, real.shape[-1]) & real.mT},
    ),
    (
        "source-square",
        {"shape": lambda real, T: _for_each_target(real, real.shape[-1]).tril()},
    ),
    *(
        ("source-square", {"shape": lambda real, T, n=n: _squares(real, real.shape[-1])[n]})
        for n in range(8)
    ),
    *(("causal", {"shape": _with_padding(of)}) for of in STAIRS),
    *(("causal", {"shape": _without_padding(of)}) for of in STAIRS),
    ("side-by-side", {"shape": _with_padding(lambda i, j, T, S: i == j)}),
    ("side-by-side", {"shape": _without_padding(lambda i, j, T, S: i == j)}),
    ("queries-masked", {"shape": _rows_by_source}),
    ("queries-masked", {"shape": lambda real, T: _rows_by_source(real, T) & real}),
    *FORMS,
)  # fmt: skip

CROSS_MASK = Spec(
    "cross_mask",
    ("src", "T", "pad_id"),
    MASKS,
    _mask,
    _cases,
    mistakes(WORDS, _mask, RULES),
    (follows_device(MASK_DEVICE, lambda: (torch.tensor([[5, 7, 0], [4, 0, 0]]), 5, 0), ["meta"]),),
    axes=("query", "key"),
)
