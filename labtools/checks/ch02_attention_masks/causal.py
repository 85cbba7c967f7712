"""Who may see the past: ``causal_mask``."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from labtools import definitions
from labtools.checks.ch02_attention_masks.forms import (
    FORM_WORDS,
    FORMS,
    Dress,
    additive,
    as_it_is,
    relation,
)
from labtools.checks.ch02_attention_masks.sections import CACHE, KINDS, RELATION
from labtools.checks.properties import follows_device
from labtools.checks.spec import Case, Mistake, Rules, Spec, Special, Words, mistakes

Rule = Callable[[int, int, int, int], bool]


def _causal(i: int, j: int, T: int, S: int) -> bool:
    return definitions.causal(i, j, before=S - T)


def _mask(
    T: int,
    S: int | None = None,
    device: Any = None,
    *,
    see: Rule = _causal,
    size: Callable[[int, int], tuple[int, int]] = lambda T, S: (T, S),
    dress: Dress = as_it_is,
) -> Tensor:
    """Query i sees key j where ``see(i, j, T, S)``; right when no knob is turned."""
    S = T if S is None else S
    if T > S:
        raise ValueError(f"expected at least as many keys as queries, got T = {T}, S = {S}")
    return dress(relation(*size(T, S), lambda i, j: see(i, j, T, S))).to(device=device)


MORE_QUERIES = Special(
    "more-queries",
    Words(
        "more queries than keys must raise a ValueError",
        "The queries are the last T of the S positions, so there are never more of them. A mask "
        "for T > S would have rows that see nothing, and nobody would be told.",
        CACHE,
    ),
)


def _cases(generator: torch.Generator) -> list[Case]:
    def draw(low: int, high: int) -> int:
        return int(torch.randint(low, high + 1, (), generator=generator))

    T, few, more = draw(5, 10), draw(2, 4), draw(2, 6)
    return [
        Case((3,)),
        Case((2, 4)),
        Case((1, 5)),
        Case((1,)),
        Case((4, 4)),
        Case((T,)),
        Case((few, few + more)),
        Case((T,), {"S": T + more}),
        Case((few + 1,), {"device": "cpu"}),
        Case((few, few + 1, torch.device("cpu"))),
        Case((3, 2), special=MORE_QUERIES),
        Case((few + more, few), special=MORE_QUERIES),
    ]


WORDS = FORM_WORDS | {
    "diagonal-blocked": Words(
        "the diagonal is blocked: a position does not see itself",
        "Position i must read its own token: it predicts the next one, so there is no leak. "
        "Without it the first row is empty, and a plain softmax over nothing is NaN. With "
        "torch.tril the diagonal stays; torch.triu(…, diagonal=1) is what must be blocked.",
        KINDS,
    ),
    "diagonal-too-many": Words(
        "one diagonal too many: each query sees the next token",
        "The next token is the answer, so the loss falls under the floor. The last key that "
        "query i may see is its own, at column i + (S − T).",
        KINDS,
    ),
    "not-causal": Words(
        "it looks ahead: the mask is not causal",
        "A query that sees a later key reads its own answer. Query i may see key j only when "
        "j ≤ i + (S − T).",
        KINDS,
    ),
    "top-left": Words(
        "aligned top-left: with fewer queries than keys, query 0 sees key 0 alone",
        "With a key/value cache the T queries are the last of the S positions, so query i stands "
        "at key i + (S − T), and the corner to align is the one at the bottom right: "
        "tril(diagonal=S - T).",
        CACHE,
    ),
    "offset-backwards": Words(
        "the offset has the wrong sign: T − S instead of S − T",
        "There are S − T keys before the first query, and query i sees them all: j ≤ i + (S − T).",
        CACHE,
    ),
    "past-blocked": Words(
        "the keys before the first query are blocked",
        "The first S − T keys are the past, kept in a cache. Every query may see all of them.",
        CACHE,
    ),
    "transposed": Words(
        "the mask is transposed: queries see the future and not the past",
        "Queries are rows and keys are columns: the allowed part is the lower triangle, tril().",
        RELATION,
    ),
    "inverted": Words(
        "the mask is upside down: True where attention is blocked",
        "Here, and in scaled_dot_product_attention, True = may attend. (nn.MultiheadAttention "
        "reads it the other way round.)",
        RELATION,
    ),
    "keys-ignored": Words(
        "S is ignored: the mask is square",
        "The mask has a row for each of the T queries and a column for each of the S keys; S is T "
        "only where it is not given.",
        CACHE,
    ),
    "keys-added": Words(
        "S is taken for the number of keys before the queries",
        "S counts all keys, those of the queries included: the result is (T, S).",
        CACHE,
    ),
    "all-positions": Words(
        "a row for every key: (S, S) instead of (T, S)",
        "There are only T queries, the last T of the S positions: their rows are the last T.",
        CACHE,
    ),
    "sizes-swapped": Words(
        "queries and keys have changed places: (S, T) instead of (T, S)",
        "Queries are rows and keys are columns.",
        RELATION,
    ),
    "extra-dimensions": Words(
        "the mask has more dimensions than (T, S)",
        "It is the same for every batch item and head, and broadcasts to (B, H, T, S) as it is.",
        RELATION,
    ),
}


def _top_left(i: int, j: int, T: int, S: int) -> bool:
    return j <= i


def _all(i: int, j: int, T: int, S: int) -> bool:
    return True


RULES: Rules = (
    ("diagonal-blocked", {"see": lambda i, j, T, S: j < i + S - T}),
    ("diagonal-blocked", {"see": lambda i, j, T, S: j < i}),
    ("diagonal-too-many", {"see": lambda i, j, T, S: j <= i + S - T + 1}),
    ("diagonal-too-many", {"see": lambda i, j, T, S: j <= i + 1}),
    ("not-causal", {"see": _all}),
    ("top-left", {"see": _top_left}),
    ("top-left", {"see": lambda i, j, T, S: j <= i or j >= T}),
    ("offset-backwards", {"see": lambda i, j, T, S: j <= i + T - S}),
    ("past-blocked", {"see": lambda i, j, T, S: S - T <= j <= i + S - T}),
    ("transposed", {"see": lambda i, j, T, S: j >= i + S - T}),
    ("transposed", {"see": lambda i, j, T, S: j >= i}),
    ("transposed", {"see": lambda i, j, T, S: j >= i + T - S}),
    ("inverted", {"see": lambda i, j, T, S: j > i + S - T}),
    ("inverted", {"see": lambda i, j, T, S: j > i}),
    ("keys-ignored", {"see": _top_left, "size": lambda T, S: (T, T)}),
    ("all-positions", {"see": _top_left, "size": lambda T, S: (S, S)}),
    ("sizes-swapped", {"see": _top_left, "size": lambda T, S: (S, T)}),
    ("sizes-swapped", {"see": _causal, "size": lambda T, S: (S, T)}),
    ("sizes-swapped", {"see": lambda i, j, T, S: j <= i + T - S, "size": lambda T, S: (S, T)}),
    ("sizes-swapped", {"see": lambda i, j, T, S: i <= j + S - T, "size": lambda T, S: (S, T)}),
    ("extra-dimensions", {"dress": lambda mask: mask[None]}),
    ("extra-dimensions", {"dress": lambda mask: mask[None, None]}),
    *FORMS,
    ("number-mask", {"see": _top_left, "dress": Tensor.float}),
    ("additive-mask", {"see": _top_left, "dress": additive(-math.inf)}),
)


def _past_added(T: int, S: int | None = None, device: Any = None) -> Tensor:
    return _mask(T, T + (S or 0), device)


CAUSAL_MASK = Spec(
    "causal_mask",
    ("T", "S", "device"),
    KINDS,
    _mask,
    _cases,
    (
        *mistakes(WORDS, _mask, RULES),
        Mistake("keys-added", WORDS["keys-added"], _past_added),
    ),
    (
        follows_device(
            Words(
                "the mask is not made on the device that was asked for",
                "A mask on another device than the scores cannot be applied to them. Hand the "
                "device on: torch.ones(T, S, dtype=torch.bool, device=device). (It is tried with "
                "“meta”, which every machine has.)",
                KINDS,
            ),
            lambda: (3, 5),
            ["meta"],
            keyword="device",
        ),
    ),
    axes=("query", "key"),
)
