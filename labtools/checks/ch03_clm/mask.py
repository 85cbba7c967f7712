"""Who may see whom in a packed row: ``document_mask``."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from labtools import definitions
from labtools.checks.ch03_clm.sections import MASK, PACKING
from labtools.checks.ch03_clm.targets import (
    ONE_POSITION,
    ONLY_PADDING,
    documents,
    same_document,
)
from labtools.checks.spec import Case, Rules, Spec, Words, mistakes

Rule = Callable[[list[int], int, int], bool]


def _allowed(d: list[int], i: int, j: int) -> bool:
    return definitions.document_causal(d, i, j)


def _mask(
    doc_ids: Tensor,
    *,
    see: Rule = _allowed,
    read: Callable[[Tensor], Tensor] = lambda doc_ids: doc_ids,
    dress: Callable[[Tensor], Tensor] = lambda mask: mask,
) -> Tensor:
    """Query i sees key j where ``see(documents, i, j)``; right when no knob is turned."""
    B, T = doc_ids.shape
    rows = [[[see(d, i, j) for j in range(T)] for i in range(T)] for d in read(doc_ids).tolist()]
    return dress(torch.tensor(rows, dtype=torch.bool).reshape(B, 1, T, T))


def _document_cases(generator: torch.Generator) -> list[Case]:
    docs = [
        torch.tensor([[0, 0, 1]]),
        torch.tensor([[0, 0, 1, 1, -1]]),
        torch.tensor([[3, 3, 1, 1, 1, -1], [2, 2, 2, 2, 2, 2]]),
        documents(generator, [3, 2, 1], 7, [0, 1, 0]),
        documents(generator, [3, 1], 8, [2, 4]),
    ]
    return [
        *(Case((doc,)) for doc in docs),
        Case((torch.tensor([[4]]),), special=ONE_POSITION),
        Case((torch.full((2, 4), -1),), special=ONLY_PADDING),
    ]


WORDS = {
    "documents-ignored": Words(
        "it is causal, but a document sees the documents before it",
        "Packed documents must not read each other. Restarting the positions is not enough: "
        "attention still reaches across. Add “same document” to the mask.",
        PACKING,
    ),
    "documents-ordered": Words(
        "the numbers of documents are compared by their order",
        "They are names and stand in no order. Two positions are of the same document when their "
        "numbers are equal: ==, and not >=.",
        PACKING,
    ),
    "not-causal": Words(
        "it looks ahead: the mask is not causal",
        "A query that sees a later key reads its own answer, and the loss falls under the floor. "
        "Query i may see key j only when j ≤ i.",
        MASK,
    ),
    "diagonal-too-many": Words(
        "one diagonal too many: each query sees the next token",
        "The next token is the answer, so the loss falls under the floor. The diagonal itself is "
        "the last that is allowed: tril(diagonal=0).",
        MASK,
    ),
    "diagonal-blocked": Words(
        "the diagonal is blocked: a position does not see itself",
        "Position i must read its own token: it predicts the next one, so there is no leak. "
        "Without it the first row is empty: there is nothing to average (NaN in a plain softmax, "
        "zeros in PyTorch's attention).",
        MASK,
    ),
    "transposed": Words(
        "the mask is transposed: queries see the future and not the past",
        "Queries are rows and keys are columns: the allowed part is the lower triangle, tril().",
        MASK,
    ),
    "or-instead-of-and": Words(
        "the conditions were joined with |, but all of them must hold",
        "With True = may attend, masks are joined with &. With | each one opens what the other "
        "closes.",
        PACKING,
    ),
    "inverted": Words(
        "the mask is upside down: True where attention is blocked",
        "Here, and in scaled_dot_product_attention, True = may attend. (nn.MultiheadAttention "
        "reads it the other way round.)",
        MASK,
    ),
    "padding-visible": Words(
        "padding takes part, but it is in no document",
        "It sees nothing and nothing sees it: rows and columns whose doc_id is −1 are False "
        "throughout. −1 equals −1, so “same document” alone lets padding see padding.",
        PACKING,
    ),
    "document-0-lost": Words(
        "document 0 is taken for padding",
        "Padding has the doc_id −1, and 0 is the number of a document like any other.",
        PACKING,
    ),
    "boundary-off-by-one": Words(
        "the boundaries between documents are off by one",
        "A document begins at the position that has its number. Compare doc_ids[i] with "
        "doc_ids[j], with no shift.",
        PACKING,
    ),
    "first-row": Words(
        "all rows are given the first row's documents",
        "Each row of doc_ids needs a mask of its own: the result is (B, 1, T, T).",
        PACKING,
    ),
    "no-head-dimension": Words(
        "the head dimension is missing: (B, T, T) instead of (B, 1, T, T)",
        "A (B, T, T) mask does not broadcast to (B, H, T, T), or, when B equals H, broadcasts "
        "wrongly and silently: each head gets another batch item's mask.",
        PACKING,
    ),
    "number-mask": Words(
        "a mask of numbers 0 and 1, not of booleans",
        "Added to the scores, as a float mask is, 1 is a small bias and blocks nothing. Return a "
        "bool tensor: True = may attend.",
        MASK,
    ),
    "additive-mask": Words(
        "an additive mask (0 and −∞); a bool mask was asked for",
        "Return True where attention is allowed and False where it is not.",
        MASK,
    ),
}


def _both_real(d: list[int], i: int, j: int) -> bool:
    return d[i] != -1 and d[j] != -1


def _additive(mask: Tensor) -> Tensor:
    return torch.zeros(()).where(mask, -math.inf)


RULES: Rules = (
    ("documents-ignored", {"see": lambda d, i, j: j <= i and _both_real(d, i, j)}),
    ("documents-ignored", {"see": lambda d, i, j: j <= i and d[j] != -1}),
    ("documents-ignored", {"see": lambda d, i, j: j <= i}),
    ("documents-ordered", {"see": lambda d, i, j: j <= i and d[j] <= d[i] and d[j] != -1}),
    ("documents-ordered", {"see": lambda d, i, j: j <= i and d[i] <= d[j] and d[i] != -1}),
    ("not-causal", {"see": same_document}),
    ("not-causal", {"see": lambda d, i, j: d[i] == d[j]}),
    ("diagonal-too-many", {"see": lambda d, i, j: same_document(d, i, j) and j <= i + 1}),
    ("diagonal-too-many", {"see": lambda d, i, j: d[i] == d[j] and j <= i + 1}),
    ("diagonal-blocked", {"see": lambda d, i, j: same_document(d, i, j) and j < i}),
    ("diagonal-blocked", {"see": lambda d, i, j: d[i] == d[j] and j < i}),
    ("transposed", {"see": lambda d, i, j: same_document(d, i, j) and j >= i}),
    ("transposed", {"see": lambda d, i, j: same_document(d, i, j) and j > i}),
    ("transposed", {"see": lambda d, i, j: d[i] == d[j] and j >= i}),
    ("or-instead-of-and", {"see": lambda d, i, j: same_document(d, i, j) or j <= i}),
    ("or-instead-of-and", {"see": lambda d, i, j: d[i] == d[j] or j <= i}),
    ("or-instead-of-and", {"see": lambda d, i, j: d[i] == d[j] or j <= i or _both_real(d, i, j)}),
    (
        "or-instead-of-and",
        {"see": lambda d, i, j: (d[i] == d[j] or j <= i) and _both_real(d, i, j)},
    ),
    ("inverted", {"see": lambda d, i, j: not _allowed(d, i, j)}),
    ("inverted", {"see": lambda d, i, j: not (d[i] == d[j] and j <= i)}),
    ("padding-visible", {"see": lambda d, i, j: d[i] == d[j] and j <= i}),
    ("padding-visible", {"see": lambda d, i, j: _allowed(d, i, j) or i == j}),
    ("padding-visible", {"see": lambda d, i, j: _allowed(d, i, j) or (d[i] == -1 and j <= i)}),
    ("padding-visible", {"see": lambda d, i, j: _allowed(d, i, j) or d[i] == -1}),
    (
        "padding-visible",
        {"see": lambda d, i, j: _allowed(d, i, j) or (d[i] == -1 != d[j] and j <= i)},
    ),
    ("document-0-lost", {"see": lambda d, i, j: _allowed(d, i, j) and d[i] > 0}),
    ("document-0-lost", {"see": lambda d, i, j: d[i] == d[j] != 0 and j <= i}),
    (
        "boundary-off-by-one",
        {"see": lambda d, i, j: d[max(i - 1, 0)] == d[max(j - 1, 0)] and _causal_real(d, i, j)},
    ),
    (
        "boundary-off-by-one",
        {
            "see": lambda d, i, j: (
                (d + d[-1:])[i + 1] == (d + d[-1:])[j + 1] and _causal_real(d, i, j)
            )
        },
    ),
    ("first-row", {"read": lambda doc_ids: doc_ids[:1].expand_as(doc_ids)}),
    ("no-head-dimension", {"dress": lambda mask: mask.squeeze(1)}),
    ("number-mask", {"dress": Tensor.float}),
    ("number-mask", {"dress": Tensor.long}),
    ("number-mask", {"dress": Tensor.int}),
    ("additive-mask", {"dress": _additive}),
)


def _causal_real(d: list[int], i: int, j: int) -> bool:
    return j <= i and _both_real(d, i, j)


DOCUMENT_MASK = Spec(
    "document_mask",
    ("doc_ids",),
    PACKING,
    _mask,
    _document_cases,
    mistakes(WORDS, _mask, RULES),
    axes=("query", "key"),
)
