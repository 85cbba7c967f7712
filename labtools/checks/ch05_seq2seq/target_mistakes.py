"""Mistakes in the decoder's mask, as rules and in words: for ``decoder_mask``."""

from collections.abc import Callable

import torch.nn.functional as F

from labtools.checks.ch02_attention_masks.forms import FORM_WORDS, FORMS
from labtools.checks.ch05_seq2seq.sections import MASKS, SHIFT
from labtools.checks.spec import Rules, Words
from labtools.vocab import IGNORE_INDEX

See = Callable[[list[int], int, int], bool]  # a row of labels, query, key

WORDS = {
    **FORM_WORDS,
    "padding-visible": Words(
        "padding may be seen",
        "Behind its last label a row has only padding, and the decoder reads padding one position "
        f"later. Key j ≥ 1 is the label before, so block it where labels[:, j − 1] is "
        f"{IGNORE_INDEX}.",
        MASKS,
    ),
    "not-causal": Words(
        "it looks ahead: the mask is not causal",
        "A query that sees a later key reads its own answer, and the loss falls under the floor. "
        "Query i may see key j only when j ≤ i.",
        MASKS,
    ),
    "diagonal-too-many": Words(
        "one diagonal too many: each query sees the next key",
        "Key i + 1 holds labels[:, i], the very answer of query i. The shift has already been made "
        "in what the decoder reads: query i may see key j only when j ≤ i.",
        MASKS,
    ),
    "diagonal-blocked": Words(
        "the diagonal is blocked: a position does not see itself",
        "Key i holds the label before the one that query i predicts, so there is no leak: the "
        "shift has already been made. Without it query 0 sees nothing at all, not even the start "
        "token.",
        MASKS,
    ),
    "transposed": Words(
        "the mask is transposed: queries see the future and not the past",
        "Queries are rows and keys are columns: the allowed part is the lower triangle, tril().",
        MASKS,
    ),
    "or-instead-of-and": Words(
        "the conditions were joined with |, but both must hold",
        "With True = may attend, masks are joined with &. With | each one opens what the other "
        "closes.",
        MASKS,
    ),
    "inverted": Words(
        "the mask is upside down: True where attention is blocked",
        "Here, and in scaled_dot_product_attention, True = may attend. (nn.MultiheadAttention "
        "reads it the other way round.)",
        MASKS,
    ),
    "start-blocked": Words(
        "the start token is blocked",
        "At position 0 the decoder reads the start token, which is real whatever its id is. In T5 "
        "that id is pad_id, so a mask made by comparing ids with pad_id loses it, and query 0 "
        "sees nothing. Take the padding from the labels, shifted by one, and let key 0 be seen.",
        SHIFT,
    ),
    "padding-by-id": Words(
        "padding is looked for by an id, but in labels it is −100",
        "Labels mark padding with IGNORE_INDEX = −100, so that the loss leaves it out. The id 0 is "
        "an id like any other here.",
        MASKS,
    ),
    "masked-by-id": Words(
        "a token is blocked because of its id, though it is no padding",
        "In labels −100 alone is padding. A label that has the id 0, or that of <eos>, is a token, "
        "and later queries may see it.",
        MASKS,
    ),
    "last-keys-blocked": Words(
        "the last keys of a row are blocked, though queries that are scored need them",
        "The labels are shifted the wrong way, or too far. Key j of the decoder is "
        "labels[:, j − 1], one position later than in the labels.",
        SHIFT,
    ),
    "one-row": Words(
        "all rows of the batch are given the same padding",
        "Each row of labels ends where it ends: item b's mask is made from labels[b].",
        MASKS,
    ),
    "one-for-the-batch": Words(
        "there is one mask for the whole batch",
        "Each row has padding of its own, so the result is (B, 1, T, T).",
        MASKS,
    ),
    "keys-only": Words(
        "there is one row for all queries: it cannot be causal",
        "Each query sees one key more than the query before. Join the keys' padding, (B, 1, 1, T), "
        "with the causal (T, T): the result is (B, 1, T, T).",
        MASKS,
    ),
    "queries-only": Words(
        "there is one column for all keys: queries are masked, and not keys",
        "What must not be read is a key. Join the keys' padding, (B, 1, 1, T), with the causal "
        "(T, T): the result is (B, 1, T, T).",
        MASKS,
    ),
    "no-head-dimension": Words(
        "the head dimension is missing: (B, T, T) instead of (B, 1, T, T)",
        "A (B, T, T) mask does not broadcast to (B, H, T, T), or, when B equals H, broadcasts "
        "wrongly and silently: each head gets another batch item's mask.",
        MASKS,
    ),
    "axes-misplaced": Words(
        "the dimensions stand in another order than (B, 1, T, T)",
        "An attention mask is read as (B, H, T, S): batch items first and keys last, with 1 for "
        "the heads.",
        MASKS,
    ),
    "too-large": Words(
        "there is a position too many: T + 1 instead of T",
        "The decoder reads the start token and all labels but the last, so T positions.",
        SHIFT,
    ),
    "own-key-only": Words(
        "each query sees its own key alone",
        "Query i may see all that was read so far: every real key j ≤ i.",
        MASKS,
    ),
}


def _real(labels: list[int], j: int, *others: int) -> bool:
    """Whether key j is a token; ``others`` are ids that are taken for padding as well."""
    return j == 0 or labels[j - 1] not in (IGNORE_INDEX, *others)


def _label(labels: list[int], t: int, beyond: bool = False) -> bool:
    """Whether there is a label at t; ``beyond`` the last position."""
    return labels[t] != IGNORE_INDEX if t < len(labels) else beyond


KEYS: tuple[See, ...] = (
    lambda labels, i, j: _real(labels, j),
    lambda labels, i, j: _label(labels, j),
    lambda labels, i, j: True,
)
ORDERS: tuple[tuple[str, Callable[[int, int], bool]], ...] = (
    ("not-causal", lambda i, j: True),
    ("diagonal-too-many", lambda i, j: j <= i + 1),
    ("diagonal-blocked", lambda i, j: j < i),
    ("transposed", lambda i, j: j >= i),
    ("own-key-only", lambda i, j: i == j),
)
IDS = (0,), (1,), (2,), (3,), (1, 2), (0, 2), (0, 1), (0, 1, 2), (0, 1, 2, 3)


def _both(key: See, order: Callable[[int, int], bool]) -> See:
    return lambda labels, i, j: key(labels, i, j) and order(i, j)


def _either(key: See) -> See:
    return lambda labels, i, j: key(labels, i, j) or j <= i


def _not(see: See) -> See:
    return lambda labels, i, j: not see(labels, i, j)


def _causal(key: See) -> See:
    return _both(key, lambda i, j: j <= i)


def _without_start(ids: tuple[int, ...]) -> See:
    return _causal(lambda labels, i, j: j > 0 and _real(labels, j, *ids))


def _without(ids: tuple[int, ...]) -> See:
    """The label before has none of the ids."""
    return _causal(lambda labels, i, j: j == 0 or labels[j - 1] not in ids)


def _own_without(ids: tuple[int, ...]) -> See:
    """The label at the key's own position has none of the ids."""
    return _causal(lambda labels, i, j: labels[j] not in ids)


def _further(n: int, beyond: bool) -> See:
    """There is a label n positions further on."""
    return _causal(lambda labels, i, j: _label(labels, j + n, beyond))


ORDERED: Rules = tuple((name, {"see": _both(k, order)}) for name, order in ORDERS for k in KEYS)
PADDED: Rules = (
    *(("transposed", {"see": _both(key, lambda i, j: j > i)}) for key in KEYS[:2]),
    ("padding-visible", {"see": lambda labels, i, j: j <= i}),
    ("padding-visible", {"see": _causal(lambda labels, i, j: j < 2 or _label(labels, j - 2))}),
    ("padding-visible", {"see": _causal(lambda labels, i, j: i == j or _real(labels, j))}),
    *(("or-instead-of-and", {"see": _either(key)}) for key in KEYS[:2]),
    *(("inverted", {"see": _not(_causal(key))}) for key in KEYS),
    # compared with some id, whichever the start token was thought to have
    *(("start-blocked", {"see": _without_start(ids)}) for ids in ((), *IDS)),
    ("start-blocked", {"see": _causal(lambda labels, i, j: labels[j - 1] != IGNORE_INDEX)}),
    ("start-blocked", {"see": lambda labels, i, j: 0 < j <= i}),
    *(("last-keys-blocked", {"see": _further(n, end)}) for n in (1, 2) for end in (True, False)),
    ("last-keys-blocked", {"see": _causal(lambda ls, i, j: _label(ls, (j + 1) % len(ls)))}),
    *(("padding-by-id", {"see": of(ids)}) for ids in IDS for of in (_without, _own_without)),
    *(
        ("masked-by-id", {"see": of((IGNORE_INDEX, *ids))})
        for ids in IDS
        for of in (_without, _own_without)
    ),
)
DRESSED: Rules = (
    ("one-row", {"batch": lambda mask: mask[:1].expand_as(mask)}),
    ("one-row", {"batch": lambda mask: mask[-1:].expand_as(mask)}),
    ("one-row", {"batch": lambda mask: mask.any(0, keepdim=True).expand_as(mask)}),
    ("one-row", {"batch": lambda mask: mask.all(0, keepdim=True).expand_as(mask)}),
    *(
        ("one-for-the-batch", {"see": lambda ls, i, j: j <= i, "dress": of})
        for of in (lambda m: m[0, 0], lambda m: m[0], lambda m: m[:1])
    ),
    *(
        ("keys-only", {"see": key, "dress": of})
        for key in KEYS[:2]
        for of in (lambda m: m[:, :, :1], lambda m: m[:, 0, 0], lambda m: m[:, 0, :1])
    ),
    *(
        ("queries-only", {"see": key, "dress": of})
        for key in KEYS[:2]
        for of in (lambda m: m[:, :, :1].mT, lambda m: m[:, 0, :1].mT)
    ),
    ("no-head-dimension", {"dress": lambda mask: mask[:, 0]}),
    ("axes-misplaced", {"dress": lambda mask: mask.transpose(0, 1)}),
    ("axes-misplaced", {"dress": lambda mask: mask.transpose(1, 2)}),
    ("axes-misplaced", {"dress": lambda mask: mask.permute(2, 3, 0, 1)}),
    ("too-large", {"read": lambda labels: F.pad(labels, (0, 1))}),
    ("too-large", {"read": lambda labels: F.pad(labels, (0, 1)), "see": lambda ls, i, j: j <= i}),
    ("too-large", {"read": lambda labels: F.pad(labels, (1, 0)), "see": _causal(KEYS[1])}),
)
RULES: Rules = (*ORDERED, *PADDED, *DRESSED, *FORMS)
