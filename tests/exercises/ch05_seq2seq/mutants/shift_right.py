"""Wrong answers to ``shift_right``."""

import torch
import torch.nn.functional as F
from ch05_seq2seq.mutants.parts import mutant

from labtools.vocab import IGNORE_INDEX, bos_id, eos_id


def _filled(labels, pad_id):
    return labels.masked_fill(labels == IGNORE_INDEX, pad_id)


def _right(labels, decoder_start_id, pad_id):
    return _filled(F.pad(labels[:, :-1], (1, 0), value=decoder_start_id), pad_id)


@mutant("shift_right", 37, "the labels themselves", "not-shifted")
def _(labels, decoder_start_id, pad_id):
    return labels.masked_fill(labels == IGNORE_INDEX, pad_id)


@mutant("shift_right", 37, "the labels, -100 and all", "not-shifted")
def _(labels, decoder_start_id, pad_id):
    return labels.clone()


@mutant("shift_right", 37, "the start token over the first label", "first-label-lost")
def _(labels, decoder_start_id, pad_id):
    ids = _filled(labels, pad_id)
    ids[:, 0] = decoder_start_id
    return ids


@mutant("shift_right", 38, "-100 left", "ignore-index-left")
def _(labels, decoder_start_id, pad_id):
    return torch.cat([torch.full_like(labels[:, :1], decoder_start_id), labels[:, :-1]], dim=1)


@mutant("shift_right", 38, "masked_fill without the _", "ignore-index-left")
def _(labels, decoder_start_id, pad_id):
    ids = labels.new_zeros(labels.shape)
    ids[:, 1:] = labels[:, :-1]
    ids[:, 0] = decoder_start_id
    ids.masked_fill(ids == IGNORE_INDEX, pad_id)
    return ids


@mutant("shift_right", 38, "-1 taken for the ignored id", "ignore-index-left")
def _(labels, decoder_start_id, pad_id):
    ids = F.pad(labels[:, :-1], (1, 0), value=decoder_start_id)
    return ids.masked_fill(ids == -1, pad_id)


@mutant("shift_right", 21, "left, pad at the end", "shifted-left")
def _(labels, decoder_start_id, pad_id):
    return F.pad(_filled(labels, pad_id)[:, 1:], (0, 1), value=pad_id)


@mutant("shift_right", 21, "left, the start token at the end", "start-at-the-end")
def _(labels, decoder_start_id, pad_id):
    return F.pad(_filled(labels, pad_id)[:, 1:], (0, 1), value=decoder_start_id)


@mutant("shift_right", 21, "rolled by -1", "shifted-left")
def _(labels, decoder_start_id, pad_id):
    return _filled(labels, pad_id).roll(-1, dims=1)


@mutant("shift_right", 21, "rolled by -1 and begun", "shifted-left")
def _(labels, decoder_start_id, pad_id):
    ids = _filled(labels, pad_id).roll(-1, dims=1)
    ids[:, 0] = decoder_start_id
    return ids


@mutant("shift_right", 21, "the last token kept twice", "shifted-left")
def _(labels, decoder_start_id, pad_id):
    return _filled(torch.cat([labels[:, 1:], labels[:, -1:]], dim=1), pad_id)


@mutant("shift_right", 20, "shifted twice", "shifted-twice")
def _(labels, decoder_start_id, pad_id):
    return _right(_right(labels, decoder_start_id, pad_id), decoder_start_id, pad_id)


@mutant("shift_right", 20, "padding between start and labels", "shifted-twice")
def _(labels, decoder_start_id, pad_id):
    ids = torch.full_like(labels, pad_id)
    ids[:, 0] = decoder_start_id
    ids[:, 2:] = _filled(labels, pad_id)[:, :-2]
    return ids


@mutant("shift_right", 39, "bos assumed", "start-assumed")
def _(labels, decoder_start_id, pad_id):
    return _right(labels, bos_id, pad_id)


@mutant("shift_right", 39, "eos assumed, as in BART", "start-assumed")
def _(labels, decoder_start_id, pad_id):
    return _right(labels, eos_id, pad_id)


@mutant("shift_right", 39, "pad assumed, as in T5", "start-assumed")
def _(labels, decoder_start_id, pad_id):
    return _right(labels, pad_id, pad_id)


@mutant("shift_right", 39, "zeros in the first column", "start-assumed")
def _(labels, decoder_start_id, pad_id):
    ids = torch.zeros_like(labels)
    ids[:, 1:] = labels[:, :-1]
    return _filled(ids, pad_id)


@mutant("shift_right", 39, "zeros in the first column, -100 left", "start-assumed")
def _(labels, decoder_start_id, pad_id):
    return F.pad(labels[:, :-1], (1, 0))


@mutant("shift_right", 39, "-100 put first and filled", "start-assumed")
def _(labels, decoder_start_id, pad_id):
    ids = F.pad(labels[:, :-1], (1, 0), value=IGNORE_INDEX)
    return ids.masked_fill(ids == IGNORE_INDEX, pad_id)


@mutant("shift_right", 39, "the first label twice", "start-from-labels")
def _(labels, decoder_start_id, pad_id):
    return _filled(torch.cat([labels[:, :1], labels[:, :-1]], dim=1), pad_id)


@mutant("shift_right", 39, "BART's old way: the last label goes first", "start-from-labels")
def _(labels, decoder_start_id, pad_id):
    ids = _filled(labels, pad_id)
    last = (labels != IGNORE_INDEX).sum(1, keepdim=True) - 1
    ids[:, 1:] = ids[:, :-1].clone()
    ids[:, :1] = labels.gather(1, last % labels.shape[1]).clamp(min=0)
    return ids


@mutant("shift_right", None, "rolled, the first column left", "rolled")
def _(labels, decoder_start_id, pad_id):
    return _filled(labels, pad_id).roll(1, dims=1)


@mutant("shift_right", None, "rolled, -100 and all", "rolled")
def _(labels, decoder_start_id, pad_id):
    return labels.roll(1, dims=-1)


@mutant("shift_right", None, "start and pad swapped", "arguments-swapped")
def _(labels, decoder_start_id, pad_id):
    return _right(labels, pad_id, decoder_start_id)


@mutant("shift_right", None, "the last label kept", "too-long")
def _(labels, decoder_start_id, pad_id):
    return F.pad(_filled(labels, pad_id), (1, 0), value=decoder_start_id)


@mutant("shift_right", None, "the last label kept, -100 and all", "too-long")
def _(labels, decoder_start_id, pad_id):
    return torch.cat([labels.new_full((len(labels), 1), decoder_start_id), labels], dim=1)


@mutant("shift_right", None, "the last label cut and no start put", "too-short")
def _(labels, decoder_start_id, pad_id):
    return _filled(labels[:, :-1], pad_id)


@mutant("shift_right", None, "one column too many cut", "too-short")
def _(labels, decoder_start_id, pad_id):
    return F.pad(_filled(labels[:, :-2], pad_id), (1, 0), value=decoder_start_id)


@mutant("shift_right", None, "the start token at the end of all labels", "start-at-the-end")
def _(labels, decoder_start_id, pad_id):
    return F.pad(_filled(labels, pad_id), (0, 1), value=decoder_start_id)


@mutant("shift_right", None, "the start token over the last label", "start-at-the-end")
def _(labels, decoder_start_id, pad_id):
    ids = _filled(labels, pad_id)
    ids[:, -1] = decoder_start_id
    return ids


@mutant("shift_right", None, "-100 becomes the start token", "wrong-padding")
def _(labels, decoder_start_id, pad_id):
    return _right(labels, decoder_start_id, decoder_start_id)


@mutant("shift_right", None, "-100 becomes 0", "wrong-padding")
def _(labels, decoder_start_id, pad_id):
    return F.pad(labels.clamp(min=0)[:, :-1], (1, 0), value=decoder_start_id)


@mutant("shift_right", None, "-100 becomes eos", "wrong-padding")
def _(labels, decoder_start_id, pad_id):
    return _right(labels, decoder_start_id, eos_id)


@mutant("shift_right", None, "clamped at pad: ids below it are lost", "token-lost")
def _(labels, decoder_start_id, pad_id):
    return F.pad(labels.clamp(min=pad_id)[:, :-1], (1, 0), value=decoder_start_id)


@mutant("shift_right", None, "0 taken for padding too", "token-lost")
def _(labels, decoder_start_id, pad_id):
    ids = labels.masked_fill(labels <= 0, pad_id)
    return F.pad(ids[:, :-1], (1, 0), value=decoder_start_id)


@mutant("shift_right", None, "eos left out", "token-lost")
def _(labels, decoder_start_id, pad_id):
    ids = labels.masked_fill((labels == IGNORE_INDEX) | (labels == eos_id), pad_id)
    return F.pad(ids[:, :-1], (1, 0), value=decoder_start_id)


@mutant("shift_right", None, "each row's last label left out", "last-label-lost")
def _(labels, decoder_start_id, pad_id):
    ids = torch.full_like(labels, pad_id)
    ids[:, 0] = decoder_start_id
    for b, row in enumerate(labels):
        real = row[row != IGNORE_INDEX][:-1]
        ids[b, 1 : 1 + len(real)] = real
    return ids


@mutant("shift_right", None, "the start token in the first row alone", "one-row-started")
def _(labels, decoder_start_id, pad_id):
    ids = _filled(labels, pad_id).roll(1, dims=1)
    ids[0, 0] = decoder_start_id
    return ids


@mutant("shift_right", None, "one long row", "one-row-started")
def _(labels, decoder_start_id, pad_id):
    flat = _filled(labels, pad_id).flatten()
    return F.pad(flat[:-1], (1, 0), value=decoder_start_id).view_as(labels)


@mutant("shift_right", None, "rolled along the batch", "rows-moved")
def _(labels, decoder_start_id, pad_id):
    return _filled(labels, pad_id).roll(1, dims=0)


@mutant("shift_right", None, "the first row replaced instead of the column", "rows-moved")
def _(labels, decoder_start_id, pad_id):
    ids = torch.zeros_like(labels)
    ids[1:] = labels[:-1]
    ids[0] = decoder_start_id
    return _filled(ids, pad_id)


@mutant("shift_right", 23, "-100 replaced in the labels", "in-place")
def _(labels, decoder_start_id, pad_id):
    labels[labels == IGNORE_INDEX] = pad_id
    return F.pad(labels[:, :-1], (1, 0), value=decoder_start_id)


@mutant("shift_right", 23, "shifted in the labels", "in-place")
def _(labels, decoder_start_id, pad_id):
    labels.copy_(_right(labels, decoder_start_id, pad_id))
    return labels.clone()


@mutant("shift_right", 23, "written over the labels, returned", "in-place")
def _(labels, decoder_start_id, pad_id):
    labels[:, 1:] = labels[:, :-1].clone()
    labels[:, 0] = decoder_start_id
    return labels.masked_fill_(labels == IGNORE_INDEX, pad_id)


@mutant("shift_right", 23, "an alias written as it is read", "in-place")
def _(labels, decoder_start_id, pad_id):
    ids = labels
    for t in range(1, labels.shape[1]):
        ids[:, t] = labels[:, t - 1]  # what was written a step ago
    ids[:, 0] = decoder_start_id
    return _filled(ids, pad_id)


@mutant("shift_right", None, "the last label read as well, if nothing is padded")
def _(labels, decoder_start_id, pad_id):
    ids = _right(labels, decoder_start_id, pad_id)
    if labels.shape[1] > 5 and (labels != IGNORE_INDEX).all():
        ids[:, -1] = labels[:, -1]
    return ids


@mutant("shift_right", 23, "the labels themselves, if they are right", "view")
def _(labels, decoder_start_id, pad_id):
    ids = _right(labels, decoder_start_id, pad_id)
    return labels if torch.equal(ids, labels) else ids


@mutant("shift_right", None, "floats", "number-type")
def _(labels, decoder_start_id, pad_id):
    start = torch.full((len(labels), 1), float(decoder_start_id))
    return torch.cat([start, _filled(labels, pad_id)[:, :-1]], dim=1)


@mutant("shift_right", None, "int32", "number-type")
def _(labels, decoder_start_id, pad_id):
    return _right(labels, decoder_start_id, pad_id).int()


@mutant("shift_right", None, "lists", "wrong-type")
def _(labels, decoder_start_id, pad_id):
    return _right(labels, decoder_start_id, pad_id).tolist()


@mutant("shift_right", None, "turned round")
def _(labels, decoder_start_id, pad_id):
    return _right(labels.flip(1), decoder_start_id, pad_id)


@mutant("shift_right", None, "the start token only where there is no padding")
def _(labels, decoder_start_id, pad_id):
    ids = _right(labels, decoder_start_id, pad_id)
    ids[(labels == IGNORE_INDEX).any(1), 0] = pad_id
    return ids


@mutant("shift_right", None, "fails for one position", "one-position")
def _(labels, decoder_start_id, pad_id):
    ids = _right(labels, decoder_start_id, pad_id)
    ids[:, 1] = labels[:, 0].where(labels[:, 0] != IGNORE_INDEX, pad_id)
    return ids


@mutant("shift_right", None, "a row of padding keeps no start", "only-padding", "one-position")
def _(labels, decoder_start_id, pad_id):
    ids = _right(labels, decoder_start_id, pad_id)
    return ids.where((labels != IGNORE_INDEX).any(1, keepdim=True), pad_id)


@mutant("shift_right", None, "a start made on the CPU", "ignores-device")
def _(labels, decoder_start_id, pad_id):
    start = torch.full((len(labels), 1), decoder_start_id)
    return _filled(torch.cat([start, labels[:, :-1]], dim=1), pad_id)
