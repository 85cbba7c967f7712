"""Wrong answers to ``document_mask``."""

import torch
import torch.nn.functional as F
from ch03_clm.mutants.parts import (
    causal_mask,
    mutant,
    positions_of,
)


def _same(doc_ids):
    return (doc_ids[:, :, None] == doc_ids[:, None, :])[:, None]


def _real(doc_ids):
    real = doc_ids != -1
    return (real[:, :, None] & real[:, None, :])[:, None]


def _documents(doc_ids):
    return _same(doc_ids) & _real(doc_ids) & causal_mask(doc_ids.shape[1])


@mutant("document_mask", 43, "only causal", "documents-ignored")
def _(doc_ids):
    B, T = doc_ids.shape
    return causal_mask(T).expand(B, 1, T, T) & _real(doc_ids)


@mutant("document_mask", 43, "only causal, padding and all", "documents-ignored")
def _(doc_ids):
    B, T = doc_ids.shape
    return torch.ones(B, 1, T, T, dtype=torch.bool).tril()


@mutant("document_mask", 43, "documents known by a larger number", "documents-ordered")
def _(doc_ids):
    later = doc_ids[:, None, :, None] >= doc_ids[:, None, None, :]
    return later & _real(doc_ids) & causal_mask(doc_ids.shape[1])


@mutant("document_mask", 1, "the diagonal is blocked", "diagonal-blocked")
def _(doc_ids):
    T = doc_ids.shape[1]
    return _documents(doc_ids) & ~torch.eye(T, dtype=torch.bool)


@mutant("document_mask", 1, "tril with diagonal -1", "diagonal-blocked")
def _(doc_ids):
    B, T = doc_ids.shape
    strict = torch.ones(T, T).tril(diagonal=-1).bool()
    real = (doc_ids >= 0).view(B, 1, T, 1)
    return _same(doc_ids) & strict & real


@mutant("document_mask", 2, "one diagonal too many", "diagonal-too-many")
def _(doc_ids):
    T = doc_ids.shape[1]
    return _same(doc_ids) & _real(doc_ids) & torch.ones(T, T, dtype=torch.bool).tril(1)


@mutant("document_mask", 2, "not causal", "not-causal")
def _(doc_ids):
    return _same(doc_ids) & _real(doc_ids)


@mutant("document_mask", 2, "anti-causal: queries and keys swapped", "transposed")
def _(doc_ids):
    return _documents(doc_ids).mT


@mutant("document_mask", 2, "triu for tril", "transposed")
def _(doc_ids):
    T = doc_ids.shape[1]
    return _same(doc_ids) & _real(doc_ids) & torch.ones(T, T, dtype=torch.bool).triu()


@mutant("document_mask", 11, "same document or causal", "or-instead-of-and")
def _(doc_ids):
    return (_same(doc_ids) | causal_mask(doc_ids.shape[1])) & _real(doc_ids)


@mutant("document_mask", 11, "everything joined with or", "or-instead-of-and")
def _(doc_ids):
    T = doc_ids.shape[1]
    return _same(doc_ids) | _real(doc_ids) | causal_mask(T)


@mutant("document_mask", 17, "True = blocked", "inverted")
def _(doc_ids):
    return ~_documents(doc_ids)


@mutant("document_mask", 17, "True = blocked, for the documents only", "inverted")
def _(doc_ids):
    B, T = doc_ids.shape
    other = doc_ids.view(B, 1, T, 1) != doc_ids.view(B, 1, 1, T)
    return other | ~causal_mask(T) | ~_real(doc_ids)


@mutant("document_mask", 18, "additive, 0 and -inf", "additive-mask")
def _(doc_ids):
    return torch.zeros(()).where(_documents(doc_ids), torch.tensor(float("-inf")))


@mutant("document_mask", 18, "float 0 and 1", "number-mask")
def _(doc_ids):
    return _documents(doc_ids).float()


@mutant("document_mask", None, "int 0 and 1", "number-mask")
def _(doc_ids):
    return _documents(doc_ids).long()


@mutant("document_mask", None, "padding is a document", "padding-visible")
def _(doc_ids):
    return _same(doc_ids) & causal_mask(doc_ids.shape[1])


@mutant("document_mask", None, "padding sees itself", "padding-visible")
def _(doc_ids):
    pad = (doc_ids == -1)[:, None, :, None]
    return _documents(doc_ids) | (pad & torch.eye(doc_ids.shape[1], dtype=torch.bool))


@mutant(
    "document_mask", None, "padding rows may see everything before, against NaN", "padding-visible"
)
def _(doc_ids):
    pad = (doc_ids == -1)[:, None, :, None]
    return _documents(doc_ids) | (pad & causal_mask(doc_ids.shape[1]))


@mutant("document_mask", None, "document 0 taken for padding", "document-0-lost")
def _(doc_ids):
    return _documents(doc_ids) & (doc_ids > 0)[:, None, None, :]


@mutant("document_mask", None, "multiplied numbers: document 0 is lost", "document-0-lost")
def _(doc_ids):
    real = (doc_ids[:, :, None] * doc_ids[:, None, :] > 0)[:, None]
    return _same(doc_ids) & real & causal_mask(doc_ids.shape[1])


@mutant("document_mask", 8, "no head dimension", "no-head-dimension")
def _(doc_ids):
    return _documents(doc_ids)[:, 0]


@mutant("document_mask", 8, "the first row's documents for all", "first-row")
def _(doc_ids):
    return _documents(doc_ids)[:1].expand(len(doc_ids), -1, -1, -1)


@mutant("document_mask", 8, "one mask for the batch", "wrong-shape")
def _(doc_ids):
    return _documents(doc_ids)[:1]


@mutant("document_mask", None, "head dimension first", "wrong-shape")
def _(doc_ids):
    return _documents(doc_ids).transpose(0, 1)


@mutant(
    "document_mask",
    None,
    "ids taken as booleans: -1 is a document and 0 is none",
    "document-0-lost",
)
def _(doc_ids):
    real = doc_ids.bool()[:, None, :, None] & doc_ids.bool()[:, None, None, :]
    return _same(doc_ids) & real & causal_mask(doc_ids.shape[1])


@mutant("document_mask", 8, "(B, 1, 1, T): keys only", "wrong-shape")
def _(doc_ids):
    return (doc_ids != -1)[:, None, None, :]


@mutant("document_mask", None, "the previous token only")
def _(doc_ids):
    return _documents(doc_ids) & torch.ones(doc_ids.shape[1], doc_ids.shape[1]).triu(-1).bool()


@mutant("document_mask", None, "the last document left out")
def _(doc_ids):
    mask = torch.zeros_like(_documents(doc_ids))
    for d in range(int(doc_ids.max())):
        inside = doc_ids == d
        mask |= (inside[:, None, :, None] & inside[:, None, None, :]) & causal_mask(mask.shape[-1])
    return mask


@mutant("document_mask", None, "numbers taken to be 0, 1, 2 and at most the batch size")
def _(doc_ids):
    B, T = doc_ids.shape
    mask = torch.zeros(B, 1, T, T, dtype=torch.bool)
    for d in range(3):
        inside = doc_ids == d
        mask |= inside[:, None, :, None] & inside[:, None, None, :]
    return mask & causal_mask(T)


@mutant("document_mask", None, "boundaries one too late", "boundary-off-by-one")
def _(doc_ids):
    late = F.pad(doc_ids[:, :-1], (1, 0), mode="replicate")
    return _same(late) & _real(doc_ids) & causal_mask(doc_ids.shape[1])


@mutant("document_mask", None, "boundaries one too early", "boundary-off-by-one")
def _(doc_ids):
    early = F.pad(doc_ids[:, 1:], (0, 1), mode="replicate")
    return _same(early) & _real(doc_ids) & causal_mask(doc_ids.shape[1])


@mutant("document_mask", None, "doc_ids changed in place", "in-place")
def _(doc_ids):
    mask = _documents(doc_ids)
    doc_ids[doc_ids == -1] = doc_ids.max() + 1
    return mask


@mutant("document_mask", None, "bidirectional within the neighbouring documents")
def _(doc_ids):
    near = (doc_ids[:, None, :, None] - doc_ids[:, None, None, :]).abs() <= 1
    return near & _real(doc_ids) & causal_mask(doc_ids.shape[1])


@mutant("document_mask", None, "neighbouring numbers are one document")
def _(doc_ids):
    mask = _documents(doc_ids)
    before = (doc_ids[:, None, :, None] - doc_ids[:, None, None, :]) == 1
    return mask | (before & _real(doc_ids) & causal_mask(doc_ids.shape[1]))


@mutant("document_mask", None, "the first token of a document is seen by all after it")
def _(doc_ids):
    return _documents(doc_ids) | (
        (positions_of(doc_ids) == 0) & _real(doc_ids) & causal_mask(doc_ids.shape[1])
    )


@mutant("document_mask", 7, "only padding keys are hidden, queries see", "padding-visible")
def _(doc_ids):
    B, T = doc_ids.shape
    pad = (doc_ids == -1).view(B, 1, T, 1)
    key = (doc_ids != -1).view(B, 1, 1, T)
    return (_same(doc_ids) | pad) & key & causal_mask(T)


@mutant(
    "document_mask",
    43,
    "a window from the start of the document, padding forgotten",
    "padding-visible",
)
def _(doc_ids):
    T = doc_ids.shape[1]
    starts = F.pad(doc_ids[:, 1:] != doc_ids[:, :-1], (1, 0), value=True)
    number = starts.cumsum(1)
    return (number[:, None, :, None] == number[:, None, None, :]) & causal_mask(T)
