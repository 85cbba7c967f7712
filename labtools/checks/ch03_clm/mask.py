"""Who may see whom in a packed row: ``document_mask``."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from labtools import definitions
from labtools.checks.ch03_clm.sections import PACKING
from labtools.checks.ch03_clm.targets import documents
from labtools.checks.engine import Case, Mistake, Spec


def _same(doc: list[int], i: int, j: int) -> bool:
    return doc[i] == doc[j] != -1


def _mask(doc_ids: Tensor, may_see: Callable[[list[int], int, int], bool]) -> Tensor:
    T = doc_ids.shape[1]
    rows = [[[may_see(doc, i, j) for j in range(T)] for i in range(T)] for doc in doc_ids.tolist()]
    return torch.tensor(rows, dtype=torch.bool).reshape(len(doc_ids), 1, T, T)


def _document_cases(generator: torch.Generator) -> list[Case]:
    docs = [
        torch.tensor([[0, 0, 1]]),
        torch.tensor([[0, 0, 1, 1, -1]]),
        torch.tensor([[3, 3, 1, 1, 1, -1], [2, 2, 2, 2, 2, 2]]),
        documents(generator, [[3, 2, 2], [1, 5], [7]], 7),
        documents(generator, [[2, 1, 3], [4]], 8),
        torch.full((2, 4), -1),
    ]
    return [Case((doc,)) for doc in docs]


def _mask_mistakes() -> tuple[Mistake, ...]:
    leak = (
        "A query that sees a later key reads its own answer: the loss falls under the floor. "
        "Query i may see key j only when j ≤ i."
    )
    rules: tuple[tuple[str, str, str, Callable], ...] = (
        (
            "documents-ignored",
            "it is causal, but a document sees the documents before it",
            "Packed documents must not read each other. Restarting the positions is not enough: "
            "attention still reaches across. Add “same document” to the mask.",
            lambda d, i, j: j <= i and d[i] != -1 and d[j] != -1,
        ),
        (
            "documents-ignored",
            "it is causal, but a document sees the documents before it",
            "Packed documents must not read each other: add “same document” to the mask, and leave "
            "out padding.",
            lambda d, i, j: j <= i,
        ),
        (
            "documents-ignored",
            "a document sees the documents before it",
            "Document numbers have no order. Compare them with ==.",
            lambda d, i, j: j <= i and d[j] <= d[i] and d[i] != -1 and d[j] != -1,
        ),
        ("not-causal", "it looks ahead: the mask is not causal", leak, _same),
        (
            "not-causal",
            "it looks ahead: the mask is not causal",
            leak,
            lambda d, i, j: d[i] == d[j],
        ),
        (
            "diagonal-too-many",
            "one diagonal too many: each query sees the next token",
            leak + " The diagonal itself is the last that is allowed: tril(diagonal=0).",
            lambda d, i, j: _same(d, i, j) and j <= i + 1,
        ),
        (
            "diagonal-blocked",
            "the diagonal is blocked: a position does not see itself",
            "Position i must read its own token: it predicts the next one, so there is no leak. "
            "Without it the first row is empty, and softmax over nothing is NaN.",
            lambda d, i, j: _same(d, i, j) and j < i,
        ),
        (
            "transposed",
            "the mask is transposed: queries see the future and not the past",
            "Queries are rows and keys are columns: the allowed part is the lower triangle, tril.",
            lambda d, i, j: _same(d, i, j) and j >= i,
        ),
        (
            "diagonal-blocked",
            "triu was taken with its diagonal and inverted, or the triangle is strict and upper",
            "Queries are rows and keys are columns, and the diagonal is allowed: tril().",
            lambda d, i, j: _same(d, i, j) and j > i,
        ),
        (
            "or-instead-of-and",
            "“same document” and “causal” were joined with |; both must hold",
            "With True = may attend, masks are joined with &. With | each one opens what the other "
            "closes.",
            lambda d, i, j: _same(d, i, j) or j <= i,
        ),
        (
            "or-instead-of-and",
            "“same document” and “causal” were joined with |; both must hold",
            "With True = may attend, masks are joined with &.",
            lambda d, i, j: d[i] == d[j] or j <= i,
        ),
        (
            "or-instead-of-and",
            "“same document” and “causal” were joined with |; both must hold",
            "With True = may attend, masks are joined with &.",
            lambda d, i, j: (d[i] == d[j] or j <= i) and d[i] != -1 and d[j] != -1,
        ),
        (
            "inverted",
            "the mask is upside down: True where attention is blocked",
            "Here, and in scaled_dot_product_attention, True = may attend.",
            lambda d, i, j: not (_same(d, i, j) and j <= i),
        ),
        (
            "inverted",
            "the mask is upside down: True where attention is blocked",
            "Here, and in scaled_dot_product_attention, True = may attend.",
            lambda d, i, j: not (d[i] == d[j] and j <= i),
        ),
        (
            "padding-visible",
            "padding sees padding: −1 equals −1, but padding is no document",
            "Leave out the rows and columns whose doc_id is −1.",
            lambda d, i, j: d[i] == d[j] and j <= i,
        ),
    )
    boolean = tuple(
        Mistake(name, title, explain, PACKING, lambda doc, r=rule: _mask(doc, r))
        for name, title, explain, rule in rules
    )
    shape = Mistake(
        "no-head-dimension",
        "the head dimension is missing: (B, T, T) instead of (B, 1, T, T)",
        "A (B, T, T) mask does not broadcast to (B, H, T, T), or, when B equals H, broadcasts "
        "wrongly and silently: each head gets another batch item's mask.",
        PACKING,
        lambda doc: _causal_documents(doc).squeeze(1),
    )
    return (*boolean, shape, *_float_mistakes())


def _causal_documents(doc_ids: Tensor) -> Tensor:
    return _mask(doc_ids, lambda d, i, j: _same(d, i, j) and j <= i)


def _float_mistakes() -> tuple[Mistake, ...]:
    """The right relation in the wrong dress."""
    return (
        Mistake(
            "float-mask",
            "a mask of numbers 0 and 1, not of booleans",
            "Added to the scores, as a float mask is, 1 is a small bias and blocks nothing. Return "
            "a bool tensor.",
            PACKING,
            lambda doc: _causal_documents(doc).float(),
        ),
        Mistake(
            "float-mask",
            "a mask of numbers 0 and 1, not of booleans",
            "Return a bool tensor: True = may attend.",
            PACKING,
            lambda doc: _causal_documents(doc).long(),
        ),
        Mistake(
            "additive-mask",
            "an additive mask (0 and −∞); a bool mask was asked for",
            "Return True where attention is allowed.",
            PACKING,
            lambda doc: torch.zeros(()).where(_causal_documents(doc), -math.inf),
        ),
    )


DOCUMENT_MASK = Spec(
    "document_mask",
    ("doc_ids",),
    PACKING,
    lambda doc_ids: _mask(doc_ids, definitions.document_causal),
    _document_cases,
    _mask_mistakes(),
)
