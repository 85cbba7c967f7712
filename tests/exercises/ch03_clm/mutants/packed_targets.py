"""Wrong answers to ``packed_targets``."""

import torch
import torch.nn.functional as F
from ch03_clm.mutants.parts import (
    IGNORE_INDEX,
    mutant,
)


def _inside(doc_ids):
    """Position t and the one after it are in the same document."""
    same = (doc_ids[:, 1:] == doc_ids[:, :-1]) & (doc_ids[:, 1:] != -1)
    return F.pad(same, (0, 1), value=False)


def _packed(input_ids, doc_ids):
    return input_ids.roll(-1, 1).masked_fill(~_inside(doc_ids), IGNORE_INDEX)


@mutant("packed_targets", 44, "predicted across boundaries", "crosses-documents")
def _(input_ids, doc_ids):
    targets = F.pad(input_ids[:, 1:], (0, 1), value=IGNORE_INDEX)
    into_padding = F.pad(doc_ids[:, 1:] == -1, (0, 1), value=True)
    return targets.masked_fill(into_padding, IGNORE_INDEX)


@mutant("packed_targets", 44, "by the length of the row only", "crosses-documents")
def _(input_ids, doc_ids):
    lengths = (doc_ids != -1).sum(1)
    targets = torch.full_like(input_ids, -100)
    for b, n in enumerate(lengths.tolist()):
        if n:
            targets[b, : n - 1] = input_ids[b, 1:n]
    return targets


@mutant("packed_targets", 44, "across boundaries where the numbers grow", "documents-ordered")
def _(input_ids, doc_ids):
    following = doc_ids.roll(-1, 1)
    keep = (following >= doc_ids) & (following != -1) & (doc_ids != -1)
    keep[:, -1] = False
    return input_ids.roll(-1, 1).masked_fill(~keep, IGNORE_INDEX)


@mutant("packed_targets", 44, "the wrong side of the boundary is ignored", "wrong-side")
def _(input_ids, doc_ids):
    targets = F.pad(input_ids[:, 1:], (0, 1), value=IGNORE_INDEX)
    first = F.pad(doc_ids[:, 1:] != doc_ids[:, :-1], (1, 0), value=False)
    return targets.masked_fill(first | (doc_ids == -1), IGNORE_INDEX)


@mutant("packed_targets", 19, "no shift", "no-shift")
def _(input_ids, doc_ids):
    return input_ids.masked_fill(doc_ids == -1, IGNORE_INDEX)


@mutant("packed_targets", 19, "no shift, boundaries ignored", "no-shift")
def _(input_ids, doc_ids):
    return torch.where(_inside(doc_ids), input_ids, -100)


@mutant("packed_targets", 20, "shifted twice", "shifted-twice")
def _(input_ids, doc_ids):
    targets = _packed(input_ids, doc_ids)
    return F.pad(targets[:, 1:], (0, 1), value=IGNORE_INDEX)


@mutant("packed_targets", 20, "two ahead within the document", "shifted-twice")
def _(input_ids, doc_ids):
    same = F.pad((doc_ids[:, 2:] == doc_ids[:, :-2]) & (doc_ids[:, 2:] != -1), (0, 2))
    return input_ids.roll(-2, 1).masked_fill(~same, IGNORE_INDEX)


@mutant("packed_targets", 21, "shifted the wrong way", "shifted-back")
def _(input_ids, doc_ids):
    same = F.pad((doc_ids[:, 1:] == doc_ids[:, :-1]) & (doc_ids[:, 1:] != -1), (1, 0))
    return input_ids.roll(1, 1).masked_fill(~same, IGNORE_INDEX)


@mutant("packed_targets", 21, "rolled the wrong way under the right mask", "shifted-back")
def _(input_ids, doc_ids):
    return input_ids.roll(1, 1).masked_fill(~_inside(doc_ids), IGNORE_INDEX)


@mutant(
    "packed_targets", 22, "a boundary is an id, the last one of the first document", "masked-by-id"
)
def _(input_ids, doc_ids):
    targets = _packed(input_ids, doc_ids)
    return targets.masked_fill(targets == 0, IGNORE_INDEX)


@mutant("packed_targets", 21, "slices the wrong way round", "shifted-back")
def _(input_ids, doc_ids):
    targets = torch.full_like(input_ids, IGNORE_INDEX)
    keep = (doc_ids[:, 1:] == doc_ids[:, :-1]) & (doc_ids[:, 1:] != -1)
    targets[:, 1:] = torch.where(keep, input_ids[:, :-1], IGNORE_INDEX)
    return targets


@mutant("packed_targets", 21, "slices the wrong way round, then the right mask", "shifted-back")
def _(input_ids, doc_ids):
    targets = torch.full_like(input_ids, IGNORE_INDEX)
    targets[:, 1:] = input_ids[:, :-1]
    return targets.masked_fill(~_inside(doc_ids), IGNORE_INDEX)


@mutant("packed_targets", 21, "slices the wrong way round, padding a document", "shifted-back")
def _(input_ids, doc_ids):
    targets = torch.full_like(input_ids, IGNORE_INDEX)
    keep = doc_ids[:, 1:] == doc_ids[:, :-1]
    targets[:, 1:] = torch.where(keep, input_ids[:, :-1], IGNORE_INDEX)
    return targets


@mutant("packed_targets", 23, "written into the inputs", "in-place")
def _(input_ids, doc_ids):
    input_ids[:, :-1] = input_ids[:, 1:].clone()
    input_ids[~_inside(doc_ids)] = IGNORE_INDEX
    return input_ids


@mutant("packed_targets", 23, "inputs changed on the way", "in-place")
def _(input_ids, doc_ids):
    targets = _packed(input_ids, doc_ids)
    input_ids[doc_ids == -1] = IGNORE_INDEX
    return targets


@mutant("packed_targets", None, "padding is a document", "padding-scored")
def _(input_ids, doc_ids):
    same = F.pad(doc_ids[:, 1:] == doc_ids[:, :-1], (0, 1), value=False)
    return input_ids.roll(-1, 1).masked_fill(~same, IGNORE_INDEX)


@mutant("packed_targets", None, "the last token before padding predicts it", "one-too-many")
def _(input_ids, doc_ids):
    targets = F.pad(input_ids[:, 1:], (0, 1), value=IGNORE_INDEX)
    following = F.pad(doc_ids[:, 1:], (0, 1), value=-2)
    keep = ((following == doc_ids) | (following == -1)) & (doc_ids != -1)
    return targets.masked_fill(~keep, IGNORE_INDEX)


@mutant("packed_targets", None, "roll wraps around", "wraps-round")
def _(input_ids, doc_ids):
    keep = (doc_ids.roll(-1, 1) == doc_ids) & (doc_ids != -1)
    return torch.where(keep, input_ids.roll(-1, 1), IGNORE_INDEX)


@mutant("packed_targets", None, "document 0 taken for padding", "document-0-lost")
def _(input_ids, doc_ids):
    return _packed(input_ids, doc_ids).masked_fill(doc_ids <= 0, IGNORE_INDEX)


@mutant("packed_targets", None, "the last token of every document is not a target", "one-too-few")
def _(input_ids, doc_ids):
    last = F.pad(~_inside(doc_ids)[:, 1:], (0, 1), value=True)
    return _packed(input_ids, doc_ids).masked_fill(last, IGNORE_INDEX)


@mutant(
    "packed_targets", None, "the first token of every document is dropped as well", "first-dropped"
)
def _(input_ids, doc_ids):
    first = F.pad(doc_ids[:, 1:] != doc_ids[:, :-1], (1, 0), value=True)
    return _packed(input_ids, doc_ids).masked_fill(first, IGNORE_INDEX)


@mutant("packed_targets", None, "zeros where not scored", "wrong-ignore-index")
def _(input_ids, doc_ids):
    return input_ids.roll(-1, 1) * _inside(doc_ids)


@mutant("packed_targets", None, "-1 where not scored", "wrong-ignore-index")
def _(input_ids, doc_ids):
    return input_ids.roll(-1, 1).masked_fill(~_inside(doc_ids), -1)


@mutant("packed_targets", None, "one column too few", "wrong-shape")
def _(input_ids, doc_ids):
    return _packed(input_ids, doc_ids)[:, :-1]


@mutant("packed_targets", None, "int32 ids", "wrong-dtype")
def _(input_ids, doc_ids):
    return _packed(input_ids, doc_ids).int()


@mutant("packed_targets", None, "the first row's boundaries for all", "first-row")
def _(input_ids, doc_ids):
    return input_ids.roll(-1, 1).masked_fill(~_inside(doc_ids[:1]), IGNORE_INDEX)


@mutant("packed_targets", None, "everything ignored")
def _(input_ids, doc_ids):
    return torch.full_like(input_ids, IGNORE_INDEX)


@mutant("packed_targets", None, "the document numbers shifted too")
def _(input_ids, doc_ids):
    return torch.where(_inside(doc_ids), doc_ids.roll(-1, 1), IGNORE_INDEX)


@mutant("packed_targets", None, "boundaries one too late", "wrong-side")
def _(input_ids, doc_ids):
    late = F.pad(doc_ids[:, :-1], (1, 0), mode="replicate")
    keep = F.pad(late[:, 1:] == late[:, :-1], (0, 1), value=False) & (doc_ids != -1)
    return input_ids.roll(-1, 1).masked_fill(~keep, IGNORE_INDEX)
