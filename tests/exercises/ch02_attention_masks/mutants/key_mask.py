"""Wrong answers to ``key_mask``."""

import torch
import torch.nn.functional as F
from ch02_attention_masks.mutants.parts import mutant


def _real(lengths, S):
    return torch.arange(S, device=lengths.device) < lengths[:, None]


def _right(lengths, S):
    return _real(lengths, S)[:, None, None]


@mutant("key_mask", 7, "query rows", "queries-masked")
def _(lengths, S):
    return _real(lengths, S)[:, None, :, None]


@mutant("key_mask", 7, "query rows, square", "queries-masked")
def _(lengths, S):
    return _real(lengths, S)[:, None, :, None].expand(-1, 1, S, S)


@mutant("key_mask", 7, "query rows, no heads", "queries-masked")
def _(lengths, S):
    return _real(lengths, S).unsqueeze(-1)


@mutant("key_mask", 7, "rows and columns", "rows-too")
def _(lengths, S):
    real = _real(lengths, S)
    return (real[:, :, None] & real[:, None, :]).unsqueeze(1)


@mutant("key_mask", 7, "outer product of numbers", "rows-too")
def _(lengths, S):
    real = _real(lengths, S).float()
    return torch.einsum("bi,bj->bij", real, real)[:, None] > 0


@mutant("key_mask", None, "repeated for every query", "repeated-for-queries")
def _(lengths, S):
    return _right(lengths, S).repeat(1, 1, S, 1)


@mutant("key_mask", 8, "(B, S)", "not-broadcast")
def _(lengths, S):
    return torch.arange(S, device=lengths.device)[None, :] < lengths[:, None]


@mutant("key_mask", 8, "(B, 1, S)", "not-broadcast")
def _(lengths, S):
    return _real(lengths, S).unsqueeze(1)


@mutant("key_mask", 8, "(B, S, 1, 1)", "axes-misplaced")
def _(lengths, S):
    return _real(lengths, S)[:, :, None, None]


@mutant("key_mask", 8, "(1, 1, B, S)", "axes-misplaced")
def _(lengths, S):
    return _real(lengths, S)[None, None]


@mutant("key_mask", 8, "(1, B, 1, S)", "axes-misplaced")
def _(lengths, S):
    return _real(lengths, S)[None, :, None, :]


@mutant("key_mask", 8, "(S, B)", "axes-misplaced")
def _(lengths, S):
    return torch.arange(S, device=lengths.device)[:, None] < lengths


@mutant("key_mask", 8, "(1, 1, S, B)", "axes-misplaced")
def _(lengths, S):
    return (torch.arange(S, device=lengths.device)[:, None] < lengths)[None, None]


@mutant("key_mask", None, "<= for <", "one-too-many")
def _(lengths, S):
    return (torch.arange(S, device=lengths.device) <= lengths[:, None])[:, None, None, :]


@mutant("key_mask", None, "< length - 1", "one-too-few")
def _(lengths, S):
    return (torch.arange(S, device=lengths.device) < lengths[:, None] - 1)[:, None, None, :]


@mutant("key_mask", None, "positions from 1", "one-too-few")
def _(lengths, S):
    positions = torch.arange(1, S + 1, device=lengths.device)
    return (positions < lengths.unsqueeze(1)).view(-1, 1, 1, S)


@mutant("key_mask", 9, "left padding", "left-padding")
def _(lengths, S):
    return (torch.arange(S, device=lengths.device) >= S - lengths[:, None])[:, None, None]


@mutant("key_mask", 9, "left padding, off by one", "left-padding")
def _(lengths, S):
    return (torch.arange(S, device=lengths.device) > S - lengths[:, None])[:, None, None]


@mutant("key_mask", 9, "right padding turned round", "left-padding")
def _(lengths, S):
    return _right(lengths, S).flip(-1)


@mutant("key_mask", None, "lengths count the padding", "padding-counted")
def _(lengths, S):
    return _right(S - lengths, S)


@mutant("key_mask", 17, "True = padding", "inverted")
def _(lengths, S):
    return (torch.arange(S, device=lengths.device) >= lengths[:, None])[:, None, None]


@mutant("key_mask", 17, "key_padding_mask, off by one", "inverted")
def _(lengths, S):
    return (torch.arange(S, device=lengths.device) > lengths[:, None])[:, None, None]


@mutant("key_mask", 18, "float 0 and 1", "number-mask")
def _(lengths, S):
    mask = torch.zeros(len(lengths), 1, 1, S, device=lengths.device)
    for b, n in enumerate(lengths):
        mask[b, ..., :n] = 1
    return mask


@mutant("key_mask", 18, "int 0 and 1", "number-mask")
def _(lengths, S):
    return _right(lengths, S).long()


@mutant("key_mask", 18, "additive, 0 and -inf", "additive-mask")
def _(lengths, S):
    mask = _right(lengths, S)
    return torch.zeros(mask.shape, device=lengths.device).masked_fill(~mask, float("-inf"))


@mutant("key_mask", 18, "additive, -1e9", "additive-mask")
def _(lengths, S):
    return (~_right(lengths, S)).float() * -1e9


@mutant("key_mask", 12, "(1 - mask) * -inf", "zero-times-infinity")
def _(lengths, S):
    return (1 - _right(lengths, S).float()) * -torch.inf


@mutant("key_mask", None, "the longest length for all", "longest-for-all")
def _(lengths, S):
    mask = torch.arange(S, device=lengths.device) < lengths.max()
    return mask.expand(len(lengths), 1, 1, S)


@mutant("key_mask", None, "the first row's length for all", "first-for-all")
def _(lengths, S):
    mask = torch.zeros(len(lengths), 1, 1, S, dtype=torch.bool, device=lengths.device)
    mask[..., : lengths[0]] = True
    return mask


@mutant("key_mask", 10, "nothing is blocked", "all-visible")
def _(lengths, S):
    return lengths.new_ones(len(lengths), 1, 1, S, dtype=torch.bool)


@mutant("key_mask", None, "S taken from the lengths", "S-ignored")
def _(lengths, S):
    return _right(lengths, int(lengths.max()))


@mutant("key_mask", None, "the last key alone", "last-key-alone")
def _(lengths, S):
    return torch.arange(S, device=lengths.device) == (lengths - 1).view(-1, 1, 1, 1)


@mutant("key_mask", None, "== for <", "last-key-alone")
def _(lengths, S):
    return (torch.arange(S, device=lengths.device) == lengths[:, None])[:, None, None, :]


@mutant("key_mask", None, "rows of a triangle, an empty row gets the last", "empty-row")
def _(lengths, S):
    triangle = torch.ones(S, S, dtype=torch.bool, device=lengths.device).tril()
    return triangle[lengths - 1][:, None, None]


@mutant("key_mask", 15, "one key at least, against NaN", "empty-row")
def _(lengths, S):
    return _right(lengths.clamp(min=1), S)


@mutant("key_mask", 15, "an empty row sees everything, against NaN", "empty-row")
def _(lengths, S):
    mask = _right(lengths, S)
    return mask | ~mask.any(-1, keepdim=True)


@mutant("key_mask", None, "an index that a full row does not have", "full-row")
def _(lengths, S):
    ends = torch.zeros(len(lengths), S, device=lengths.device)
    ends[torch.arange(len(lengths)), lengths] = 1
    return (ends.cumsum(1) == 0)[:, None, None]


@mutant("key_mask", None, "one-hot ends that a full row does not have", "full-row")
def _(lengths, S):
    ends = F.one_hot(lengths, S)
    return (ends.cumsum(1) == 0)[:, None, None, :]


@mutant("key_mask", None, "one mask for the batch", "wrong-shape")
def _(lengths, S):
    return _right(lengths, S)[:1]


@mutant("key_mask", None, "the lengths are not given their own dimension", "raised")
def _(lengths, S):
    return (torch.arange(S, device=lengths.device) < lengths)[:, None, None, :]


@mutant("key_mask", None, "lengths changed in place", "in-place")
def _(lengths, S):
    mask = _right(lengths, S)
    lengths -= 1
    return mask


@mutant("key_mask", None, "positions on the CPU", "ignores-device")
def _(lengths, S):
    return (torch.arange(S) < lengths[:, None])[:, None, None]


@mutant("key_mask", None, "lists made a tensor without a device", "ignores-device")
def _(lengths, S):
    return torch.tensor([[[[j < n for j in range(S)]]] for n in lengths.tolist()])


@mutant("key_mask", None, "triangle on the CPU", "ignores-device")
def _(lengths, S):
    return torch.ones(S + 1, S, dtype=torch.bool).tril(-1)[lengths][:, None, None]


@mutant("key_mask", None, "the first key is blocked")
def _(lengths, S):
    return _right(lengths, S) & (torch.arange(S, device=lengths.device) > 0)


@mutant("key_mask", None, "causal as well")
def _(lengths, S):
    n = lengths.cummax(0).values
    return _right(n, S)


@mutant("key_mask", None, "a list of masks", "wrong-type")
def _(lengths, S):
    return [torch.arange(S) < n for n in lengths]
