"""Attention that sees only what it may: ``masked_attention``."""

from functools import partial

import torch
from torch import Tensor

from labtools import definitions
from labtools.checks.ch02_attention_masks.attention_mistakes import RULES, attend
from labtools.checks.ch02_attention_masks.attention_properties import PROPERTIES
from labtools.checks.ch02_attention_masks.attention_words import WORDS
from labtools.checks.ch02_attention_masks.bias import random_mask
from labtools.checks.ch02_attention_masks.sections import ADDITIVE, AVERAGE, BLOCKED, RELATION
from labtools.checks.spec import Case, Refused, Spec, Special, Words, mistakes


def _oracle(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    B, H, T, _ = q.shape
    S = k.shape[2]
    visible = torch.ones((), dtype=torch.bool) if mask is None else mask
    rows = visible.expand(B, H, T, S).tolist()
    queries, keys, values = q.tolist(), k.tolist(), v.tolist()
    done = [
        definitions.attention(queries[b][h][i], keys[b][h], values[b][h], rows[b][h][i])
        for b in range(B)
        for h in range(H)
        for i in range(T)
    ]
    output, weights = (torch.tensor(part, dtype=q.dtype) for part in zip(*done, strict=True))
    return output.reshape(q.shape), weights.reshape(B, H, T, S)


NO_MASK = Special(
    "no-mask",
    Words(
        "mask=None goes wrong",
        "Without a mask every query sees every key. None has no shape, and nothing can be filled "
        "with it: look first whether there is a mask.",
        RELATION,
    ),
)
EMPTY_ROW = Special(
    "empty-row",
    Words(
        "a query that sees nobody goes wrong",
        "There is nothing to average: its output and all its weights should be 0. Its softmax is "
        "0/0, or uniform where blocked scores are finite; set the weights of its row to 0, before "
        "they are multiplied by v.",
        BLOCKED,
    ),
)
LARGE = Special(
    "unstable",
    Words(
        "large scores go wrong",
        "exp(89) is more than float32 can hold. softmax subtracts the largest score first, which "
        "changes no weight; so must you, if you write it yourself.",
        AVERAGE,
    ),
)
LARGE_BLOCKED = Special(
    "blocked-outweighs",
    Words(
        "a blocked key with a large score spoils the weights of the others",
        "Beside its score the visible ones underflow to 0, and dividing by their sum cannot bring "
        "them back. Hide blocked keys before the softmax: it, and the maximum that it subtracts, "
        "must know only the visible ones.",
        ADDITIVE,
    ),
)
LARGE_NEGATIVE = Special(
    "not-low-enough",
    Words(
        "blocked keys are seen where the visible ones have very low scores",
        "Any finite number, such as −10,000, is only a wager that no score is as low. −∞ is lower "
        "than all of them.",
        ADDITIVE,
    ),
)
HALF = Special(
    "half-precision",
    Words(
        "float16 or bfloat16 goes wrong",
        "Output and weights have the dtype of q. A bias in float32 makes the scores float32; "
        "float16 ends at 65504, so that −1e9 does not fit into it; −inf exists in every dtype.",
        ADDITIVE,
    ),
)


def _random(
    generator: torch.Generator,
    B: int,
    H: int,
    T: int,
    S: int,
    K: int,
    dtype: torch.dtype = torch.float32,
    scale: float = 1.5,
) -> tuple[Tensor, Tensor, Tensor]:
    """q, k and v. The first query is 0, so that its scores are: 0 is a score like any other."""
    make = partial(torch.randn, generator=generator, dtype=torch.float64)
    q, k, v = (scale * make(B, H, n, K) for n in (T, S, S))
    q[..., 0, :] = 0
    return q.to(dtype), k.to(dtype), v.to(dtype)


def _by_hand() -> list[tuple]:
    v = torch.tensor([[[[1.0] * 4, [3.0] * 4, [9.0] * 4]]])
    k = torch.tensor([[[[1.0, 0, 0, 0], [0, 2, 0, 0], [0, 0, 1, 0]]]])
    q = torch.tensor([[[[0.0, 0, 0, 0], [0, 0, 4, 2]]]])
    return [
        (q[..., :1, :], k, v, torch.tensor([[True, True, False]])),
        (q, k, v, torch.tensor([[True, False, False], [False, True, True]])),
    ]


def _two_levels(
    generator: torch.Generator, query: float, visible: float, blocked: float, sign: int = 1
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Visible keys with scores near one number, blocked ones near another; exact in float32.

    The visible ones differ by 20 or more, so that the largest takes all the weight: rounding is
    then the same whoever adds up. The second query is the first times ``sign``, but for that.
    """
    T, S = 2, 5
    mask = (torch.arange(S) < 3)[torch.randperm(S, generator=generator)]
    make = partial(torch.randint, generator=generator)
    q, k, v = torch.zeros(1, 2, T, 4), torch.zeros(1, 2, S, 4), make(-3, 4, (1, 2, S, 4)).float()
    q[..., :3] = torch.tensor([query, sign * query])[:, None]
    q[..., 3] = 8.0 * make(2, (1, 2, T)) - 4
    k[..., :3] = torch.where(mask, visible, blocked)[:, None]
    k[..., 3] = 10.0 * torch.randperm(S, generator=generator)
    return q, k, v, mask.expand(T, S).clone()


def _large(generator: torch.Generator) -> tuple:
    """Scores near 6,000 for one query and near −6,000 for the other; nothing is blocked."""
    q, k, v, mask = _two_levels(generator, 10, 400, 400, sign=-1)
    return q, k, v, torch.ones_like(mask)


def _cases(generator: torch.Generator) -> list[Case]:
    make, hidden = partial(_random, generator), partial(random_mask, generator)
    double, half, brain = torch.float64, torch.float16, torch.bfloat16
    nobody = torch.tensor([[True, True, False], [False, False, False]])
    rows = hidden(3, 5)
    rows[1] = False
    items = hidden(2, 1, 1, 4)
    items[0] = False
    return [
        *(Case(args) for args in _by_hand()),
        Case((*make(1, 1, 3, 4, 5), hidden(3, 4))),
        Case((*make(2, 3, 4, 5, 7, double), hidden(4, 5))),
        Case((*make(2, 3, 4, 5, 6), hidden(2, 1, 1, 5))),
        Case((*make(2, 3, 4, 5, 7), hidden(2, 1, 4, 5))),
        Case((*make(2, 3, 5, 4, 6), hidden(1, 3, 5, 4))),
        Case((*make(3, 2, 4, 4, 7), hidden(3, 2, 4, 4))),
        Case((*make(2, 3, 4, 5, 7), None), special=NO_MASK),
        Case(make(1, 2, 3, 4, 5), special=NO_MASK),
        Case((*_by_hand()[1][:3], nobody), special=EMPTY_ROW),
        Case((*make(1, 2, 3, 5, 4), rows), special=EMPTY_ROW),
        Case((*make(2, 1, 3, 4, 5), items), special=EMPTY_ROW),
        Case(_large(generator), special=LARGE),
        Case(_two_levels(generator, 10, 0, 400), special=LARGE_BLOCKED),
        Case(_two_levels(generator, 1000, -80, 0), special=LARGE_NEGATIVE),
        Case((*make(2, 1, 3, 4, 6, half, 0.5), hidden(2, 1, 1, 4)), special=HALF),
        Case((*make(1, 2, 3, 5, 6, brain, 0.5), hidden(3, 5)), special=HALF),
    ]


MASKED_ATTENTION = Spec(
    "masked_attention",
    ("q", "k", "v", "mask"),
    AVERAGE,
    _oracle,
    _cases,
    mistakes(WORDS, attend, RULES),
    PROPERTIES,
    refused=Refused(
        "scaled_dot_product_attention",
        "multi_head_attention_forward",
        "flex_attention",
        instead="Use the products of q and k, softmax (or exp), and the average of v.",
    ),
    axes=("query", "key"),
)
