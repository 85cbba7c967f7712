"""Wrong answers to ``encoder_mask``."""

import torch
from ch05_seq2seq.mutants.parts import mutant

from labtools.vocab import IGNORE_INDEX, bos_id, eos_id


def _right(src, pad_id):
    return (src != pad_id)[:, None, None, :]


def _by_length(src, lengths):
    return (torch.arange(src.shape[1], device=src.device) < lengths[:, None])[:, None, None]


@mutant("encoder_mask", 17, "True = padding", "inverted")
def _(src, pad_id):
    return (src == pad_id)[:, None, None, :]


@mutant("encoder_mask", 17, "key_padding_mask", "inverted")
def _(src, pad_id):
    return ~_right(src, pad_id)


@mutant("encoder_mask", 8, "(B, S)", "not-broadcast")
def _(src, pad_id):
    return src != pad_id


@mutant("encoder_mask", 8, "(B, 1, S)", "not-broadcast")
def _(src, pad_id):
    return (src != pad_id).unsqueeze(1)


@mutant("encoder_mask", 8, "(B, S, 1, 1)", "axes-misplaced")
def _(src, pad_id):
    return (src != pad_id)[..., None, None]


@mutant("encoder_mask", 8, "(1, 1, B, S)", "axes-misplaced")
def _(src, pad_id):
    return (src != pad_id)[None, None]


@mutant("encoder_mask", 8, "(1, B, 1, S)", "axes-misplaced")
def _(src, pad_id):
    return (src != pad_id)[None, :, None]


@mutant("encoder_mask", 8, "(S, B)", "axes-misplaced")
def _(src, pad_id):
    return (src != pad_id).T


@mutant("encoder_mask", 7, "query rows", "queries-masked")
def _(src, pad_id):
    return (src != pad_id)[:, None, :, None]


@mutant("encoder_mask", 7, "query rows, square", "queries-masked")
def _(src, pad_id):
    S = src.shape[1]
    return (src != pad_id)[:, None, :, None].expand(-1, 1, S, S)


@mutant("encoder_mask", 7, "query rows, no heads", "queries-masked")
def _(src, pad_id):
    return (src != pad_id).unsqueeze(2)


@mutant("encoder_mask", 7, "rows and columns", "rows-too")
def _(src, pad_id):
    real = src != pad_id
    return (real[:, :, None] & real[:, None, :])[:, None]


@mutant("encoder_mask", None, "repeated for every query", "repeated-for-queries")
def _(src, pad_id):
    return _right(src, pad_id).repeat(1, 1, src.shape[1], 1)


@mutant("encoder_mask", 18, "floats 0 and 1", "number-mask")
def _(src, pad_id):
    return _right(src, pad_id).float()


@mutant("encoder_mask", 18, "ints 0 and 1", "number-mask")
def _(src, pad_id):
    return _right(src, pad_id).long()


@mutant("encoder_mask", 18, "additive, 0 and -inf", "additive-mask")
def _(src, pad_id):
    blocked = (src == pad_id)[:, None, None]
    return torch.zeros(blocked.shape).masked_fill(blocked, float("-inf"))


@mutant("encoder_mask", 18, "additive, the smallest float", "additive-mask")
def _(src, pad_id):
    return (1 - _right(src, pad_id).float()) * torch.finfo(torch.float32).min


@mutant("encoder_mask", 12, "(1 - mask) * -inf", "zero-times-infinity")
def _(src, pad_id):
    return (1 - _right(src, pad_id).float()) * float("-inf")


@mutant("encoder_mask", None, "pad assumed to be 0", "pad-assumed")
def _(src, pad_id):
    return (src != 0)[:, None, None]


@mutant("encoder_mask", None, "ids as truths", "pad-assumed")
def _(src, pad_id):
    return src.bool().view(len(src), 1, 1, -1)


@mutant("encoder_mask", None, "pad assumed to be 1", "pad-assumed")
def _(src, pad_id):
    return src.ne(1)[:, None, None]


@mutant("encoder_mask", None, "greater than pad", "by-order")
def _(src, pad_id):
    return (src > pad_id)[:, None, None]


@mutant("encoder_mask", None, "less than pad", "by-order")
def _(src, pad_id):
    return (src < pad_id)[:, None, None]


@mutant("encoder_mask", None, "0 is padding too", "masked-by-id")
def _(src, pad_id):
    return ((src != pad_id) & (src > 0))[:, None, None]


@mutant("encoder_mask", None, "eos hidden too", "masked-by-id")
def _(src, pad_id):
    return ((src != pad_id) & (src != eos_id))[:, None, None]


@mutant("encoder_mask", None, "all special ids hidden", "masked-by-id")
def _(src, pad_id):
    special = torch.tensor([pad_id, bos_id, eos_id])
    return ~torch.isin(src, special)[:, None, None]


@mutant("encoder_mask", None, "-100 looked for", "all-visible")
def _(src, pad_id):
    return (src != IGNORE_INDEX)[:, None, None]


@mutant("encoder_mask", 10, "nothing blocked", "all-visible")
def _(src, pad_id):
    return torch.ones(len(src), 1, 1, src.shape[1], dtype=torch.bool, device=src.device)


@mutant("encoder_mask", None, "by the number of tokens", "right-padding-assumed")
def _(src, pad_id):
    return _by_length(src, (src != pad_id).sum(1))


@mutant("encoder_mask", None, "up to the first padding", "right-padding-assumed")
def _(src, pad_id):
    return (src == pad_id).cumsum(1).eq(0)[:, None, None]


@mutant("encoder_mask", None, "by the number of tokens, one too many", "right-padding-assumed")
def _(src, pad_id):
    return _by_length(src, (src != pad_id).sum(1) + 1)


@mutant("encoder_mask", 9, "left padding assumed", "left-padding-assumed")
def _(src, pad_id):
    return _by_length(src, (src != pad_id).sum(1)).flip(-1)


@mutant("encoder_mask", 9, "after the last padding", "left-padding-assumed")
def _(src, pad_id):
    return (src == pad_id).flip(1).cumsum(1).eq(0).flip(1)[:, None, None]


@mutant("encoder_mask", None, "up to the last token", "left-padding-visible")
def _(src, pad_id):
    return ((src != pad_id).flip(1).cumsum(1) > 0).flip(1)[:, None, None]


@mutant("encoder_mask", None, "from the first token on", "right-padding-visible")
def _(src, pad_id):
    return ((src != pad_id).cumsum(1) > 0)[:, None, None]


@mutant("encoder_mask", None, "from the first token to the last", "inner-padding")
def _(src, pad_id):
    real = (src != pad_id).long()
    return ((real.cumsum(1) > 0) & (real.flip(1).cumsum(1) > 0).flip(1))[:, None, None]


@mutant("encoder_mask", 2, "causal and padding", "causal")
def _(src, pad_id):
    S = src.shape[1]
    return _right(src, pad_id) & torch.ones(S, S, dtype=torch.bool).tril()


@mutant("encoder_mask", 2, "causal alone", "causal")
def _(src, pad_id):
    return torch.ones(src.shape[1], src.shape[1], dtype=torch.bool).tril()


@mutant("encoder_mask", None, "the first row's padding for all", "one-row")
def _(src, pad_id):
    return _right(src[:1].expand_as(src), pad_id)


@mutant("encoder_mask", None, "padding in all rows alone", "one-row")
def _(src, pad_id):
    return (src != pad_id).any(0).expand_as(src)[:, None, None]


@mutant("encoder_mask", None, "moved by one", "moved")
def _(src, pad_id):
    return _right(src.roll(1, 1), pad_id)


@mutant("encoder_mask", None, "the start of a decoder put before", "moved")
def _(src, pad_id):
    real = torch.ones_like(src, dtype=torch.bool)
    real[:, 1:] = src[:, :-1] != pad_id
    return real[:, None, None]


@mutant("encoder_mask", None, "one row for the batch", "wrong-shape")
def _(src, pad_id):
    return _right(src, pad_id)[:1]


@mutant("encoder_mask", None, "lengths", "wrong-shape")
def _(src, pad_id):
    return (src != pad_id).sum(1)


@mutant("encoder_mask", None, "the ids that are left", "wrong-shape")
def _(src, pad_id):
    return src[src != pad_id]


@mutant("encoder_mask", 15, "an empty row opened against NaN", "only-padding")
def _(src, pad_id):
    real = src != pad_id
    return (real | ~real.any(1, keepdim=True))[:, None, None]


@mutant("encoder_mask", None, "the first key of every row opened")
def _(src, pad_id):
    mask = _right(src, pad_id)
    mask[..., 0] = True
    return mask


@mutant("encoder_mask", None, "no padding taken for nothing but padding", "no-padding")
def _(src, pad_id):
    if not (src == pad_id).any():
        return torch.zeros(len(src), 1, 1, src.shape[1], dtype=torch.bool)
    return _right(src, pad_id)


@mutant("encoder_mask", 23, "padding marked in the source", "in-place")
def _(src, pad_id):
    mask = _right(src, pad_id)
    src[src == pad_id] = IGNORE_INDEX
    return mask


@mutant("encoder_mask", None, "the first padding of a row alone")
def _(src, pad_id):
    padding = src == pad_id
    return ~(padding & (padding.cumsum(1) == 1))[:, None, None]


@mutant("encoder_mask", None, "filled on the CPU", "ignores-device")
def _(src, pad_id):
    mask = torch.ones(len(src), 1, 1, src.shape[1], dtype=torch.bool)
    return mask & (src != pad_id)[:, None, None]
