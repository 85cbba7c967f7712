"""What each position is scored against: ``next_token_targets`` and ``packed_targets``."""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from labtools import definitions
from labtools.checks.ch03_clm.sections import NORMALISE, PACKING, SHIFT
from labtools.checks.losses import aligned
from labtools.checks.spec import Case, Mistake, Rules, Spec, Special, Words, mistakes
from labtools.vocab import IGNORE_INDEX, eos_id, pad_id

IdRule = Callable[[list[int], int, int, int], bool]
DocumentRule = Callable[[list[int], int, int], bool]


def targets_with(
    input_ids: Tensor,
    lengths: Tensor,
    *,
    scored: IdRule = lambda ids, t, s, n: t < n - 1,
    cut: Callable[[Tensor], Tensor] = lambda lengths: lengths,
    **knobs: Any,
) -> Tensor:
    """Next-token targets where ``scored(ids, t, s, n)``; right when no knob is turned."""
    n = cut(lengths).tolist()
    return aligned(input_ids, lambda b, ids, t, s: scored(ids, t, s, n[b]), **knobs)


def oracle_targets(input_ids: Tensor, lengths: Tensor) -> Tensor:
    """By the definition, row by row."""
    out = torch.full_like(input_ids, IGNORE_INDEX)
    for b, ids in enumerate(input_ids.tolist()):
        row = definitions.next_token_targets(ids[: int(lengths[b])])
        for t, target in enumerate(row):
            if target is not None:
                out[b, t] = target
    return out


def ragged_ids(generator: torch.Generator, lengths: list[int], T: int, V: int) -> tuple:
    """Ids over the whole vocabulary: special ids among the real tokens, any id as padding."""
    ids = torch.randint(0, V, (len(lengths), T), generator=generator)
    ids[0, : min(T, 3)] = torch.tensor([min(5, V - 1), pad_id, eos_id])[: min(T, 3)]
    return ids, torch.tensor(lengths)


SHORT_ROWS = Special(
    "short-rows",
    Words(
        "rows of length 0 or 1 go wrong",
        "They have nothing to predict. Beware of the index n − 1 when n is 0: it means the last.",
        NORMALISE,
    ),
)


def _id_cases(generator: torch.Generator) -> list[Case]:
    def ragged(lengths: list[int], T: int, V: int) -> tuple:
        return ragged_ids(generator, lengths, T, V)

    return [
        Case((torch.tensor([[7, 5, 9]]), torch.tensor([3]))),
        Case((torch.tensor([[7, 5, 9, 8, 6]]), torch.tensor([3]))),
        Case((torch.tensor([[7, 5, 0, 9, 2, 0, 0], [4, 6, 8, 0, 0, 0, 0]]), torch.tensor([5, 3]))),
        Case(ragged([4, 6], 6, 11)),
        Case(ragged([3, 2, 4], 9, 8)),
        Case(ragged([2, 5, 3], 5, 10)),
        Case(ragged([7, 1, 0, 5], 7, 13), special=SHORT_ROWS),
        Case(ragged([1], 1, 6), special=SHORT_ROWS),
    ]


WORDS = {
    "no-shift": Words(
        "nothing is shifted: every position is scored against itself",
        "Position t has just read token t. Scored against it, a model learns to copy and its loss "
        "goes to 0. The logits at t predict the token after it, input_ids[:, t + 1].",
        SHIFT,
    ),
    "shifted-twice": Words(
        "shifted twice: position t is scored against token t + 2",
        "One shift is enough. A second one, here or in the loss, trains the model to skip a token.",
        SHIFT,
    ),
    "shifted-back": Words(
        "shifted the wrong way: position t is scored against token t − 1",
        "The target of t is the token after it: input_ids[:, 1:], not [:, :-1]. torch.roll(x, 1) "
        "brings the token before; torch.roll(x, -1) the one after.",
        SHIFT,
    ),
    "wraps-round": Words(
        "the last position is scored against the first token",
        "torch.roll brings the first token round to the end. The last real token of a row has no "
        "next token: its target is IGNORE_INDEX.",
        SHIFT,
    ),
    "padding-scored": Words(
        "padding is scored",
        "Behind the real tokens there is nothing to predict. From the last real token on, targets "
        "are IGNORE_INDEX.",
        NORMALISE,
    ),
    "one-too-many": Words(
        "one target too many: the last real token is scored against the padding after it",
        "A row of n real tokens has n − 1 targets: at t = n − 1 the next token is padding.",
        NORMALISE,
    ),
    "one-too-few": Words(
        "one target too few: the last real token is never predicted",
        "A row of n real tokens has n − 1 targets. The last one is usually <eos>, and a model that "
        "is never scored on it never learns to stop.",
        NORMALISE,
    ),
    "masked-by-id": Words(
        "padding is recognised by its id, not by the lengths alone",
        "Many models pad with <eos> or another real token. Masked by id, the real one is never "
        "scored, and padding with any other id is. Only the lengths say where padding is.",
        NORMALISE,
    ),
    "one-length": Words(
        "all rows are given the same length",
        "Each row has its own length: compare the positions (1, T) with lengths[:, None] (B, 1).",
        NORMALISE,
    ),
    "wrong-ignore-index": Words(
        f"targets that are not scored should be IGNORE_INDEX = {IGNORE_INDEX}",
        "PyTorch's cross-entropy leaves out −100. 0 is the id of a real token, and −1 is refused.",
        NORMALISE,
    ),
}

# who is scored, by which learners' code; n is the row's length
RULES: Rules = (
    ("no-shift", {"shift": 0, "scored": lambda ids, t, s, n: t < n}),
    ("no-shift", {"shift": 0}),
    ("shifted-twice", {"shift": 2, "scored": lambda ids, t, s, n: s < n}),
    ("shifted-twice", {"shift": 2}),
    ("shifted-twice", {"shift": 2, "wrap": True}),
    ("shifted-back", {"shift": -1, "scored": lambda ids, t, s, n: t < n}),
    ("shifted-back", {"shift": -1, "scored": lambda ids, t, s, n: s < n}),
    ("shifted-back", {"shift": -1}),
    ("shifted-back", {"shift": -1, "wrap": True}),
    ("shifted-back", {"shift": -1, "wrap": True, "scored": lambda ids, t, s, n: t < n}),
    ("wraps-round", {"wrap": True, "scored": lambda ids, t, s, n: t < n}),
    ("wraps-round", {"wrap": True, "scored": lambda ids, t, s, n: s < n}),
    ("wraps-round", {"wrap": True, "scored": lambda ids, t, s, n: t < n and s < n}),
    ("padding-scored", {"scored": lambda ids, t, s, n: True}),
    ("padding-scored", {"scored": lambda ids, t, s, n: True, "wrap": True}),
    ("one-too-many", {"scored": lambda ids, t, s, n: t < n}),
    ("one-too-few", {"scored": lambda ids, t, s, n: t < n - 2}),
    *(
        ("masked-by-id", {"scored": scored})
        for special in (pad_id, eos_id)
        for scored in (
            lambda ids, t, s, n, x=special: ids[s] != x,
            lambda ids, t, s, n, x=special: ids[t] != x,
            lambda ids, t, s, n, x=special: ids[t] != x and ids[s] != x,
            lambda ids, t, s, n, x=special: s < n and ids[s] != x,
            lambda ids, t, s, n, x=special: s < n and ids[t] != x,
        )
    ),
    ("one-length", {"cut": lambda lengths: lengths.max().expand_as(lengths)}),
    ("one-length", {"cut": lambda lengths: lengths[:1].expand_as(lengths)}),
)


def target_mistakes(wrong: Callable) -> tuple[Mistake, ...]:
    """The mistakes in what is scored, as ``wrong(…, **knobs)`` makes them."""
    return mistakes(WORDS, wrong, RULES)


NEXT_TOKEN_TARGETS = Spec(
    "next_token_targets",
    ("input_ids", "lengths"),
    SHIFT,
    oracle_targets,
    _id_cases,
    (
        *target_mistakes(targets_with),
        *mistakes(WORDS, targets_with, [("wrong-ignore-index", {"ignore": i}) for i in (0, -1)]),
    ),
)


def _packed_with(
    input_ids: Tensor,
    doc_ids: Tensor,
    *,
    scored: DocumentRule = lambda d, t, s: d[t] == d[s] != -1,
    keep: Callable[[list[int], int, int], bool] = lambda ids, t, s: True,
    read: Callable[[Tensor], Tensor] = lambda doc_ids: doc_ids,
    **knobs: Any,
) -> Tensor:
    """Packed targets where ``scored(documents, t, s)`` and ``keep(ids, t, s)``."""
    d = read(doc_ids).tolist()
    return aligned(input_ids, lambda b, ids, t, s: scored(d[b], t, s) and keep(ids, t, s), **knobs)


def _oracle_packed(input_ids: Tensor, doc_ids: Tensor) -> Tensor:
    rows = [
        definitions.packed_targets(ids, doc)
        for ids, doc in zip(input_ids.tolist(), doc_ids.tolist(), strict=True)
    ]
    filled = [[IGNORE_INDEX if target is None else target for target in row] for row in rows]
    return torch.tensor(filled, dtype=input_ids.dtype).reshape(input_ids.shape)


def documents(
    generator: torch.Generator, n_documents: list[int], T: int, padding: list[int]
) -> Tensor:
    """Rows of so many documents each, numbered in no order and cut anywhere, then padding."""
    rows = []
    for n, pad in zip(n_documents, padding, strict=True):
        numbers = torch.randperm(9, generator=generator)[:n]
        starts = 1 + torch.randperm(T - pad - 1, generator=generator)[: n - 1]
        number = (torch.arange(T - pad)[:, None] >= starts).sum(1)
        rows.append(F.pad(numbers[number], (0, pad), value=-1))
    return torch.stack(rows)


ONLY_PADDING = Special(
    "only-padding",
    Words(
        "a row of nothing but padding goes wrong",
        "A row may hold no document at all; then nothing is scored and nobody sees anybody.",
        PACKING,
    ),
)


ONE_POSITION = Special(
    "one-position",
    Words(
        "a row of a single position goes wrong",
        "It has no next token, and sees itself. Beware of slices that are empty then.",
        PACKING,
    ),
)


def _packed_cases(generator: torch.Generator) -> list[Case]:
    small = torch.tensor([[7, 5, 9, 6]]), torch.tensor([[0, 0, 1, 1]])
    padded = torch.tensor([[7, 5, 9, 6, 8, 4]]), torch.tensor([[0, 0, 3, 3, -1, -1]])
    cases = [small, padded, (torch.tensor([[7, 5, 9, 6, 4]]), torch.tensor([[4, 4, 1, 1, 1]]))]
    for n, T, V, padding in (([3, 2], 7, 11, [0, 1]), ([3, 1, 2], 8, 13, [2, 0, 0])):
        doc = documents(generator, n, T, padding)
        ids = torch.randint(0, V, doc.shape, generator=generator)
        ids[0, :3] = torch.tensor([5, pad_id, eos_id])
        ids[1, -3:] = torch.tensor([pad_id, eos_id, 6])
        cases += [(ids, doc)]
    return [
        *(Case(args) for args in cases),
        Case((torch.tensor([[6]]), torch.tensor([[4]])), special=ONE_POSITION),
        Case((torch.tensor([[6, 7, 8]]), torch.full((1, 3), -1)), special=ONLY_PADDING),
    ]


PACKED_WORDS = WORDS | {
    "crosses-documents": Words(
        "the first token of a document is predicted from the last of the one before",
        "Across a boundary there is nothing to learn: the documents were put side by side by "
        "chance. Where doc_ids[t] and doc_ids[t + 1] differ, the target is IGNORE_INDEX.",
        PACKING,
    ),
    "documents-ordered": Words(
        "the numbers of documents are compared by their order",
        "They are names and stand in no order. Two positions are of the same document when their "
        "numbers are equal: ==, and not >=.",
        PACKING,
    ),
    "wrong-side": Words(
        "the wrong side of the boundary is left out",
        "It is the last token of a document that has nothing to predict. The first one is followed "
        "by the second of the same document: compare doc_ids[t] with doc_ids[t + 1].",
        PACKING,
    ),
    "padding-scored": Words(
        "padding is scored: two of its positions share the doc_id −1, but are no document",
        "−1 equals −1, so “same document” alone lets padding through. Leave out every position "
        "whose doc_id is −1.",
        PACKING,
    ),
    "one-too-many": Words(
        "one target too many: the last token before the padding predicts padding",
        "A document of n tokens has n − 1 targets.",
        PACKING,
    ),
    "one-too-few": Words(
        "the last token of each document is never predicted",
        "A document of n tokens has n − 1 targets. The last one is usually <eos>, and a model that "
        "is never scored on it never learns to stop.",
        PACKING,
    ),
    "first-dropped": Words(
        "the first position of each document is not scored",
        "A boundary takes away one target, that of the last token before it. The first token of a "
        "document has a next token in the same document.",
        PACKING,
    ),
    "document-0-lost": Words(
        "document 0 is taken for padding",
        "Padding has the doc_id −1, and 0 is the number of a document like any other.",
        PACKING,
    ),
    "first-row": Words(
        "all rows are given the first row's documents",
        "Each row of doc_ids describes its own row of the batch.",
        PACKING,
    ),
    "masked-by-id": Words(
        "targets are left out by their id, so real tokens are lost",
        "<eos> and <pad> may be real tokens of a document. Only doc_ids says what is scored.",
        PACKING,
    ),
}


def same_document(d: list[int], t: int, s: int) -> bool:
    """Whether two positions are of one document; padding is of none."""
    return d[t] == d[s] != -1


def _is_next_within(d: list[int], t: int, s: int) -> bool:
    """Position t has a target, wherever the code then reads it."""
    return t + 1 < len(d) and same_document(d, t, t + 1)


def _same_as_before(d: list[int], t: int) -> bool:
    return t == 0 or d[t - 1] == d[t]


PACKED_RULES: Rules = (
    ("crosses-documents", {"scored": lambda d, t, s: d[t] != -1 and d[s] != -1}),
    ("crosses-documents", {"scored": lambda d, t, s: d[t] != -1}),
    ("crosses-documents", {"scored": lambda d, t, s: True}),
    ("documents-ordered", {"scored": lambda d, t, s: d[s] >= d[t] != -1}),
    ("documents-ordered", {"scored": lambda d, t, s: d[t] >= d[s] != -1}),
    ("wrong-side", {"scored": lambda d, t, s: d[t] != -1 and _same_as_before(d, t)}),
    ("wrong-side", {"scored": lambda d, t, s: -1 not in (d[t], d[s]) and _same_as_before(d, t)}),
    ("padding-scored", {"scored": lambda d, t, s: d[t] == d[s]}),
    ("one-too-many", {"scored": lambda d, t, s: d[t] != -1 and d[s] in (d[t], -1)}),
    (
        "one-too-few",
        {"scored": lambda d, t, s: same_document(d, t, s) and _is_next_within(d, s, s + 1)},
    ),
    (
        "first-dropped",
        {"scored": lambda d, t, s: same_document(d, t, s) and t > 0 and _same_as_before(d, t)},
    ),
    ("no-shift", {"shift": 0}),
    ("no-shift", {"shift": 0, "scored": _is_next_within}),
    ("shifted-twice", {"shift": 2}),
    ("shifted-twice", {"shift": 2, "scored": lambda d, t, s: same_document(d, t + 1, s)}),
    ("shifted-twice", {"shift": 2, "wrap": True, "scored": _is_next_within}),
    ("shifted-twice", {"shift": 2, "scored": _is_next_within}),
    ("shifted-back", {"shift": -1}),
    ("shifted-back", {"shift": -1, "wrap": True, "scored": _is_next_within}),
    ("shifted-back", {"shift": -1, "scored": _is_next_within}),
    ("shifted-back", {"shift": -1, "scored": lambda d, t, s: d[t] == d[s]}),
    ("shifted-back", {"shift": -1, "scored": lambda d, t, s: d[t] != -1}),
    ("shifted-back", {"shift": -1, "scored": lambda d, t, s: d[s] != -1}),
    ("shifted-back", {"shift": -1, "scored": lambda d, t, s: True}),
    ("wraps-round", {"wrap": True}),
    ("document-0-lost", {"scored": lambda d, t, s: d[t] == d[s] > 0}),
    *(
        ("masked-by-id", {"keep": keep})
        for special in (pad_id, eos_id)
        for keep in (
            lambda ids, t, s, x=special: ids[s] != x,
            lambda ids, t, s, x=special: ids[t] != x,
        )
    ),
    ("first-row", {"read": lambda doc_ids: doc_ids[:1].expand_as(doc_ids)}),
    ("wrong-ignore-index", {"ignore": 0}),
    ("wrong-ignore-index", {"ignore": -1}),
)


PACKED_TARGETS = Spec(
    "packed_targets",
    ("input_ids", "doc_ids"),
    PACKING,
    _oracle_packed,
    _packed_cases,
    mistakes(PACKED_WORDS, _packed_with, PACKED_RULES),
)
