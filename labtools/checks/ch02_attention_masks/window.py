"""Who may see the recent past: ``sliding_window_mask``."""

from collections.abc import Callable

import torch
from torch import Tensor

from labtools import definitions
from labtools.checks.ch02_attention_masks.forms import (
    FORM_WORDS,
    FORMS,
    Dress,
    as_it_is,
    relation,
)
from labtools.checks.ch02_attention_masks.sections import KINDS, RELATION
from labtools.checks.spec import Case, Rules, Spec, Special, Words, mistakes

Rule = Callable[[int, int, int, int], bool]  # query, key, window, T


def _in_window(i: int, j: int, w: int, T: int) -> bool:
    return definitions.sliding_window(i, j, w)


def _mask(T: int, window: int, *, see: Rule = _in_window, dress: Dress = as_it_is) -> Tensor:
    """Query i sees key j where ``see(i, j, window, T)``; right when no knob is turned."""
    return dress(relation(T, T, lambda i, j: see(i, j, window, T)))


WIDE = Special(
    "wide-window",
    Words(
        "a window as wide as the sequence, or wider, goes wrong",
        "Then nothing is too far away, and what is left is the causal mask.",
        KINDS,
    ),
)
NARROW = Special(
    "window-of-one",
    Words(
        "a window of one key goes wrong",
        "The query's own key counts: with window = 1 it sees itself and nothing else.",
        KINDS,
    ),
)


def _cases(generator: torch.Generator) -> list[Case]:
    def draw(low: int, high: int) -> int:
        return int(torch.randint(low, high + 1, (), generator=generator))

    T, longer, w = draw(6, 10), draw(11, 14), draw(3, 5)
    return [
        Case((4, 2)),
        Case((5, 3)),
        Case((T, w)),
        Case((longer, w + 1)),
        Case((longer + 1, 2)),
        Case((1, 1), special=NARROW),
        Case((w, 1), special=NARROW),
        Case((4, 4), special=WIDE),
        Case((3, 5), special=WIDE),
        Case((w, T + w), special=WIDE),
    ]


WORDS = FORM_WORDS | {
    "window-too-wide": Words(
        "the window is one key too wide",
        "`window` counts the keys that a query sees, itself included: i − window + 1 … i, so "
        "i − j < window and not ≤.",
        KINDS,
    ),
    "window-too-narrow": Words(
        "the window is one key too narrow",
        "`window` counts the keys that a query sees, itself included: i − window + 1 … i.",
        KINDS,
    ),
    "wrong-sign": Words(
        "the diagonal of triu has the wrong sign",
        "The window begins window − 1 keys before the query, below the main diagonal, and triu "
        "counts those as negative: triu(1 − window).",
        KINDS,
    ),
    "without-self": Words(
        "a query does not see its own position",
        "The window ends with the query's own key: j ≤ i, and not j < i. Without it the first row "
        "is empty.",
        KINDS,
    ),
    "not-causal": Words(
        "it looks ahead: the window reaches into the future",
        "The window lies behind the query: j ≤ i must hold as well as i − j < window. "
        "(i − j).abs() < window opens the future too.",
        KINDS,
    ),
    "looks-forward": Words(
        "the window lies ahead of the query instead of behind it",
        "Queries are rows and keys are columns: query i sees the keys i − window + 1 … i. Was the "
        "mask transposed, or j − i taken for i − j?",
        RELATION,
    ),
    "window-ignored": Words(
        "it is causal, but there is no window",
        "A query sees only its last `window` keys: i − j < window must hold as well.",
        KINDS,
    ),
    "or-instead-of-and": Words(
        "everything may be seen: the two conditions were joined with |",
        "Each condition alone opens what the other closes. A key must be both not later and not "
        "too far away: &.",
        KINDS,
    ),
    "window-outside": Words(
        "the far past may be seen, and the window may not",
        "What lies further back than the window is to be blocked: keep i − j < window. In terms of "
        "triangles: tril() without tril(-window).",
        KINDS,
    ),
    "inverted": Words(
        "the mask is upside down: True where attention is blocked",
        "Here, and in scaled_dot_product_attention, True = may attend.",
        RELATION,
    ),
    "in-blocks": Words(
        "the sequence is cut into blocks instead of sliding the window",
        "The window moves with the query: each query sees its own last `window` keys, whatever "
        "block of positions they lie in.",
        KINDS,
    ),
    "fixed-window": Words(
        "the window stays in one place instead of moving with the query",
        "Each query has a window of its own: i − j < window compares the key with the query, not "
        "with the length.",
        KINDS,
    ),
    "first-rows-full": Words(
        "the first queries are given later keys to fill their windows",
        "At the start there are fewer keys than the window holds, and that is all they may see: "
        "query i never sees a key after i.",
        KINDS,
    ),
    "negative-index": Words(
        "the first rows go wrong: i − window + 1 is negative there",
        "As an index a negative number counts from the end. Begin the window at "
        "max(0, i − window + 1).",
        KINDS,
    ),
    "extra-dimensions": Words(
        "the mask has more dimensions than (T, T)",
        "It is the same for every batch item and head, and broadcasts to (B, H, T, T) as it is.",
        RELATION,
    ),
}


def _first_rows_full(i: int, j: int, w: int, T: int) -> bool:
    start = max(0, i - w + 1)
    return start <= j < start + w


def _slice(i: int, j: int, w: int, T: int) -> bool:
    return j in range(T)[i - w + 1 : i + 1]


RULES: Rules = (
    ("window-too-wide", {"see": lambda i, j, w, T: 0 <= i - j <= w}),
    ("window-too-narrow", {"see": lambda i, j, w, T: 0 <= i - j < w - 1}),
    ("without-self", {"see": lambda i, j, w, T: 0 < i - j <= w}),
    ("without-self", {"see": lambda i, j, w, T: 0 < i - j < w}),
    ("not-causal", {"see": lambda i, j, w, T: abs(i - j) < w}),
    ("not-causal", {"see": lambda i, j, w, T: abs(i - j) <= w}),
    ("not-causal", {"see": lambda i, j, w, T: abs(i - j) <= w // 2}),
    ("not-causal", {"see": lambda i, j, w, T: i - j < w}),
    ("not-causal", {"see": lambda i, j, w, T: i - j <= w}),
    ("not-causal", {"see": lambda i, j, w, T: -1 <= i - j < w}),
    ("not-causal", {"see": lambda i, j, w, T: -1 <= i - j < w - 1}),
    ("wrong-sign", {"see": lambda i, j, w, T: w - 1 <= j - i <= 0}),
    ("wrong-sign", {"see": lambda i, j, w, T: w <= j - i <= 0}),
    ("looks-forward", {"see": lambda i, j, w, T: 0 <= j - i < w}),
    ("looks-forward", {"see": lambda i, j, w, T: 0 <= j - i <= w}),
    ("looks-forward", {"see": lambda i, j, w, T: 0 < j - i <= w}),
    ("window-ignored", {"see": lambda i, j, w, T: j <= i}),
    ("or-instead-of-and", {"see": lambda i, j, w, T: True}),
    ("window-outside", {"see": lambda i, j, w, T: i - j >= w}),
    ("window-outside", {"see": lambda i, j, w, T: i - j > w}),
    ("window-outside", {"see": lambda i, j, w, T: i - j >= w - 1}),
    ("inverted", {"see": lambda i, j, w, T: not 0 <= i - j < w}),
    ("in-blocks", {"see": lambda i, j, w, T: i // w == j // w and j <= i}),
    ("in-blocks", {"see": lambda i, j, w, T: i // w == j // w}),
    ("fixed-window", {"see": lambda i, j, w, T: T - w <= j <= i}),
    ("fixed-window", {"see": lambda i, j, w, T: j < w and j <= i}),
    ("first-rows-full", {"see": _first_rows_full}),
    ("negative-index", {"see": _slice}),
    ("extra-dimensions", {"dress": lambda mask: mask[None]}),
    ("extra-dimensions", {"dress": lambda mask: mask[None, None]}),
    *FORMS,
)

SLIDING_WINDOW_MASK = Spec(
    "sliding_window_mask",
    ("T", "window"),
    KINDS,
    _mask,
    _cases,
    mistakes(WORDS, _mask, RULES),
    axes=("query", "key"),
)
