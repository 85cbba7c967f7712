"""Wrong answers to ``decoder_mask``."""

import torch
import torch.nn.functional as F
from ch05_seq2seq.mutants.parts import mutant

from labtools.vocab import IGNORE_INDEX, eos_id, pad_id


def _causal(labels, diagonal=0):
    T = labels.shape[1]
    return torch.ones(T, T, dtype=torch.bool, device=labels.device).tril(diagonal)


def _keys(labels):
    """(B, 1, 1, T): the start token and the labels before."""
    return F.pad(labels[:, :-1] != IGNORE_INDEX, (1, 0), value=True)[:, None, None]


def _right(labels):
    return _keys(labels) & _causal(labels)


def _t5_inputs(labels, start=pad_id):
    ids = F.pad(labels[:, :-1], (1, 0), value=start)
    return ids.masked_fill(ids == IGNORE_INDEX, pad_id)


@mutant("decoder_mask", 39, "what is read is not pad, in T5", "start-blocked")
def _(labels):
    return (_t5_inputs(labels) != pad_id)[:, None, None] & _causal(labels)


@mutant("decoder_mask", 39, "what is read is not -100, the start put in as such", "start-blocked")
def _(labels):
    read = F.pad(labels[:, :-1], (1, 0), value=IGNORE_INDEX)
    return (read != IGNORE_INDEX)[:, None, None] & _causal(labels)


@mutant("decoder_mask", 39, "rolled labels: the start is real if the last is", "start-blocked")
def _(labels):
    return (labels.roll(1, 1) != IGNORE_INDEX)[:, None, None] & _causal(labels)


@mutant("decoder_mask", 39, "causal without the first key", "start-blocked")
def _(labels):
    mask = _right(labels)
    mask[..., 0] = False
    return mask


@mutant("decoder_mask", None, "the start seen by the first queries alone")
def _(labels):
    mask = _right(labels)
    mask[:, :, 13:, 0] = False
    return mask


@mutant("decoder_mask", None, "what is read is not pad, with another start", "masked-by-id")
def _(labels):
    return (_t5_inputs(labels, start=9) != pad_id)[:, None, None] & _causal(labels)


@mutant("decoder_mask", 10, "causal alone, of every row", "padding-visible")
def _(labels):
    return _causal(labels).expand(len(labels), 1, -1, -1)


@mutant("decoder_mask", None, "one padding key may be seen", "padding-visible")
def _(labels):
    real = F.pad(labels[:, :-2] != IGNORE_INDEX, (2, 0), value=True)[:, : labels.shape[1]]
    return real[:, None, None] & _causal(labels)


@mutant("decoder_mask", None, "padding sees itself, against NaN", "padding-visible")
def _(labels):
    return _right(labels) | torch.eye(labels.shape[1], dtype=torch.bool)


@mutant("decoder_mask", 8, "causal alone, (T, T)", "one-for-the-batch")
def _(labels):
    return _causal(labels)


@mutant("decoder_mask", 8, "causal alone, (1, 1, T, T)", "one-for-the-batch")
def _(labels):
    return _causal(labels)[None, None]


@mutant("decoder_mask", 2, "padding alone, repeated", "not-causal")
def _(labels):
    return _keys(labels).expand(-1, 1, labels.shape[1], -1)


@mutant("decoder_mask", 2, "padding in rows and columns, not causal", "not-causal")
def _(labels):
    real = labels != IGNORE_INDEX
    return (real[:, :, None] & real[:, None, :])[:, None]


@mutant("decoder_mask", 2, "nothing blocked", "not-causal")
def _(labels):
    B, T = labels.shape
    return torch.ones(B, 1, T, T, dtype=torch.bool, device=labels.device)


@mutant("decoder_mask", None, "padding alone, one row", "keys-only")
def _(labels):
    return _keys(labels)


@mutant("decoder_mask", None, "scored labels alone, (B, T)", "keys-only")
def _(labels):
    return labels != IGNORE_INDEX


@mutant("decoder_mask", 7, "scored labels as a column", "queries-only")
def _(labels):
    return (labels != IGNORE_INDEX)[:, None, :, None]


@mutant("decoder_mask", 1, "the diagonal is blocked", "diagonal-blocked")
def _(labels):
    return _keys(labels) & _causal(labels, -1)


@mutant("decoder_mask", 1, "not triu", "diagonal-blocked")
def _(labels):
    T = labels.shape[1]
    return _keys(labels) & ~torch.ones(T, T, dtype=torch.bool).triu()


@mutant("decoder_mask", 1, "strictly causal, padding forgotten", "diagonal-blocked")
def _(labels):
    return _causal(labels, -1).repeat(len(labels), 1, 1, 1)


@mutant("decoder_mask", 2, "one diagonal too many", "diagonal-too-many")
def _(labels):
    return _keys(labels) & _causal(labels, 1)


@mutant("decoder_mask", 2, "one diagonal too many, padding forgotten", "diagonal-too-many")
def _(labels):
    return _causal(labels, 1).repeat(len(labels), 1, 1, 1)


@mutant("decoder_mask", 2, "one diagonal too many of scored labels", "diagonal-too-many")
def _(labels):
    return (labels != IGNORE_INDEX)[:, None, None] & _causal(labels, 1)


@mutant("decoder_mask", None, "triu for tril", "transposed")
def _(labels):
    return _keys(labels) & _causal(labels).T


@mutant("decoder_mask", None, "triu for tril, padding forgotten", "transposed")
def _(labels):
    T = labels.shape[1]
    return torch.ones(len(labels), 1, T, T).triu().bool()


@mutant("decoder_mask", 11, "causal or real", "or-instead-of-and")
def _(labels):
    return _keys(labels) | _causal(labels)


@mutant("decoder_mask", 11, "causal or scored", "or-instead-of-and")
def _(labels):
    return (labels != IGNORE_INDEX)[:, None, None] | _causal(labels)


@mutant("decoder_mask", 17, "True = blocked", "inverted")
def _(labels):
    return ~_right(labels)


@mutant("decoder_mask", 17, "the future and padding", "inverted")
def _(labels):
    T = labels.shape[1]
    future = torch.ones(T, T, dtype=torch.bool).triu(1)
    return future | (labels == IGNORE_INDEX)[:, None, None]


@mutant("decoder_mask", 17, "the future alone", "inverted")
def _(labels):
    T = labels.shape[1]
    return torch.ones(len(labels), 1, T, T, dtype=torch.bool).triu(1)


@mutant("decoder_mask", 8, "(B, T, T)", "no-head-dimension")
def _(labels):
    return _right(labels)[:, 0]


@mutant("decoder_mask", 8, "(B, T, T) of scored labels", "no-head-dimension")
def _(labels):
    return (labels != IGNORE_INDEX)[:, None] & _causal(labels)


@mutant("decoder_mask", 8, "(1, B, T, T)", "axes-misplaced")
def _(labels):
    return _right(labels).transpose(0, 1)


@mutant("decoder_mask", 8, "(B, T, 1, T)", "axes-misplaced")
def _(labels):
    return _right(labels).transpose(1, 2)


@mutant("decoder_mask", 18, "floats 0 and 1", "number-mask")
def _(labels):
    return _right(labels).float()


@mutant("decoder_mask", 18, "floats 0 and 1 of scored labels", "number-mask")
def _(labels):
    return (labels != IGNORE_INDEX)[:, None, None].float() * _causal(labels).float()


@mutant("decoder_mask", 18, "additive, 0 and -inf", "additive-mask")
def _(labels):
    return torch.zeros(()).where(_right(labels), float("-inf"))


@mutant("decoder_mask", 18, "additive, -1e9, of scored labels", "additive-mask")
def _(labels):
    keep = (labels != IGNORE_INDEX)[:, None, None] & _causal(labels)
    return (~keep).float() * -1e9


@mutant("decoder_mask", 12, "(1 - mask) * -inf", "zero-times-infinity")
def _(labels):
    return (1 - _right(labels).float()) * float("-inf")


@mutant("decoder_mask", None, "0 taken for padding", "padding-by-id")
def _(labels):
    return (labels != 0)[:, None, None] & _causal(labels)


@mutant("decoder_mask", None, "0 taken for padding, shifted", "padding-by-id")
def _(labels):
    real = F.pad(labels[:, :-1] != 0, (1, 0), value=True)
    return real[:, None, None] & _causal(labels)


@mutant("decoder_mask", None, "labels above 0", "masked-by-id")
def _(labels):
    return (labels > 0)[:, None, None] & _causal(labels)


@mutant("decoder_mask", None, "eos may not be seen", "masked-by-id")
def _(labels):
    ends = F.pad(labels[:, :-1] == eos_id, (1, 0))[:, None, None]
    return _right(labels) & ~ends


@mutant("decoder_mask", None, "shifted the wrong way", "last-keys-blocked")
def _(labels):
    real = F.pad(labels[:, 1:] != IGNORE_INDEX, (0, 1), value=False)
    return real[:, None, None] & _causal(labels)


@mutant("decoder_mask", None, "rolled the wrong way", "last-keys-blocked")
def _(labels):
    return (labels.roll(-1, 1) != IGNORE_INDEX)[:, None, None] & _causal(labels)


@mutant("decoder_mask", None, "one length too few", "last-keys-blocked")
def _(labels):
    n = (labels != IGNORE_INDEX).sum(1).view(-1, 1, 1, 1)
    return (torch.arange(labels.shape[1]) < n - 1) & _causal(labels)


@mutant("decoder_mask", None, "the first row's padding for all", "one-row")
def _(labels):
    return _right(labels[:1].expand_as(labels))


@mutant("decoder_mask", None, "the longest row's padding for all", "one-row", "padding-visible")
def _(labels):
    real = _keys(labels).any(0, keepdim=True).expand(len(labels), 1, 1, -1)
    return real & _causal(labels)


@mutant("decoder_mask", None, "T + 1 positions", "too-large")
def _(labels):
    real = F.pad(labels != IGNORE_INDEX, (1, 0), value=True)[:, None, None]
    return real & _causal(F.pad(labels, (1, 0)))


@mutant("decoder_mask", None, "each query its own key", "own-key-only")
def _(labels):
    return _keys(labels) & torch.eye(labels.shape[1], dtype=torch.bool)


@mutant("decoder_mask", 45, "a window of two keys")
def _(labels):
    T = labels.shape[1]
    return _right(labels) & torch.ones(T, T, dtype=torch.bool).triu(-1)


@mutant("decoder_mask", None, "the start seen by the first query alone")
def _(labels):
    mask = _right(labels)
    mask[..., 1:, 0] = False
    return mask


@mutant("decoder_mask", 2, "queries that are not scored see the future")
def _(labels):
    return _right(labels) | (labels == IGNORE_INDEX)[:, None, :, None]


@mutant("decoder_mask", 23, "padding replaced in the labels", "in-place")
def _(labels):
    mask = _right(labels)
    labels[labels == IGNORE_INDEX] = pad_id
    return mask


@mutant("decoder_mask", None, "fails for one position", "one-position")
def _(labels):
    mask = _right(labels)
    mask[:, :, 1] &= _keys(labels)[:, :, 0]
    return mask


@mutant("decoder_mask", None, "a row of padding sees padding", "only-padding")
def _(labels):
    nothing = (labels == IGNORE_INDEX).all(1).view(-1, 1, 1, 1)
    return (_keys(labels) | nothing) & _causal(labels)


@mutant("decoder_mask", None, "a triangle on the CPU", "ignores-device")
def _(labels):
    T = labels.shape[1]
    return _keys(labels) & torch.ones(T, T, dtype=torch.bool).tril()
