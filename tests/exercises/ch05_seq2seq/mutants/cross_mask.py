"""Wrong answers to ``cross_mask``."""

import torch
from ch05_seq2seq.mutants.parts import mutant

from labtools.vocab import IGNORE_INDEX, eos_id


def _keys(src, pad_id):
    return (src != pad_id)[:, None, None, :]


def _right(src, T, pad_id):
    return _keys(src, pad_id).expand(-1, -1, T, -1)


def _stairs(T, S, diagonal=0):
    return torch.ones(T, S, dtype=torch.bool).tril(diagonal)


@mutant("cross_mask", 41, "the decoder's causal mask", "target-square")
def _(src, T, pad_id):
    return _stairs(T, T)


@mutant("cross_mask", 41, "the decoder's causal mask, (B, 1, T, T)", "target-square")
def _(src, T, pad_id):
    return _stairs(T, T).expand(len(src), 1, T, T)


@mutant("cross_mask", 41, "all-true (T, T)", "target-square")
def _(src, T, pad_id):
    return torch.ones(len(src), 1, T, T, dtype=torch.bool)


@mutant("cross_mask", 41, "the encoder's mask for every source token", "source-square")
def _(src, T, pad_id):
    return _right(src, src.shape[1], pad_id)


@mutant("cross_mask", 41, "the source's rows and columns", "source-square")
def _(src, T, pad_id):
    real = src != pad_id
    return (real[:, None, :] & real[:, :, None])[:, None]


@mutant("cross_mask", 41, "causal over the source, square", "source-square")
def _(src, T, pad_id):
    S = src.shape[1]
    return _keys(src, pad_id) & _stairs(S, S)


@mutant("cross_mask", None, "(B, 1, 1, S)", "not-repeated")
def _(src, T, pad_id):
    return _keys(src, pad_id)


@mutant("cross_mask", 8, "(B, S)", "not-broadcast")
def _(src, T, pad_id):
    return src != pad_id


@mutant("cross_mask", 8, "(B, 1, S)", "not-broadcast")
def _(src, T, pad_id):
    return (src != pad_id).unsqueeze(1)


@mutant("cross_mask", 8, "(B, T, S)", "no-head-dimension")
def _(src, T, pad_id):
    return (src != pad_id)[:, None, :].expand(-1, T, -1)


@mutant("cross_mask", 8, "(1, B, T, S)", "axes-misplaced")
def _(src, T, pad_id):
    return (src != pad_id)[:, None, :].repeat(1, T, 1)[None]


@mutant("cross_mask", 8, "(B, T, 1, S)", "axes-misplaced")
def _(src, T, pad_id):
    return (src != pad_id)[:, None, None].repeat(1, T, 1, 1)


@mutant("cross_mask", 8, "(T, 1, B, S)", "axes-misplaced")
def _(src, T, pad_id):
    return _right(src, T, pad_id).transpose(0, 2)


@mutant("cross_mask", None, "(B, 1, S, T)", "transposed")
def _(src, T, pad_id):
    return (src != pad_id)[:, None, :, None].expand(-1, -1, -1, T)


@mutant("cross_mask", None, "(B, S, T)", "transposed")
def _(src, T, pad_id):
    return (src != pad_id)[:, :, None].repeat(1, 1, T)


@mutant("cross_mask", None, "transposed and viewed back")
def _(src, T, pad_id):
    return _right(src, T, pad_id).mT.reshape(len(src), 1, T, -1)


@mutant("cross_mask", 27, "repeated and viewed as other rows")
def _(src, T, pad_id):
    return (src != pad_id).repeat(T, 1).view(len(src), 1, T, -1)


@mutant("cross_mask", 2, "causal over the source", "causal")
def _(src, T, pad_id):
    return _keys(src, pad_id) & _stairs(T, src.shape[1])


@mutant("cross_mask", 2, "causal over the source, padding forgotten", "causal")
def _(src, T, pad_id):
    return _stairs(T, src.shape[1]).repeat(len(src), 1, 1, 1)


@mutant("cross_mask", 6, "causal, aligned bottom-right", "causal")
def _(src, T, pad_id):
    S = src.shape[1]
    return _right(src, T, pad_id) & _stairs(T, S, S - T)


@mutant("cross_mask", 2, "one diagonal more", "causal")
def _(src, T, pad_id):
    return _right(src, T, pad_id) & _stairs(T, src.shape[1], 1)


@mutant("cross_mask", None, "monotonic: nothing before its own place", "causal")
def _(src, T, pad_id):
    return _right(src, T, pad_id) & torch.ones(T, src.shape[1], dtype=torch.bool).triu()


@mutant("cross_mask", None, "word for word", "side-by-side")
def _(src, T, pad_id):
    return _right(src, T, pad_id) & torch.eye(T, src.shape[1], dtype=torch.bool)


@mutant("cross_mask", 7, "target positions hidden where the source is padding", "queries-masked")
def _(src, T, pad_id):
    mask = torch.zeros(len(src), 1, T, src.shape[1], dtype=torch.bool)
    for i in range(min(T, src.shape[1])):
        mask[:, 0, i] = (src[:, i] != pad_id)[:, None]
    return mask


@mutant("cross_mask", 7, "rows and columns", "queries-masked")
def _(src, T, pad_id):
    mask = _right(src, T, pad_id).clone()
    for i in range(T):
        mask[:, 0, i] &= (src[:, i] != pad_id)[:, None] if i < src.shape[1] else False
    return mask


@mutant("cross_mask", 17, "True = padding", "inverted")
def _(src, T, pad_id):
    return (src == pad_id)[:, None, None].expand(-1, -1, T, -1)


@mutant("cross_mask", 17, "turned round", "inverted")
def _(src, T, pad_id):
    return ~_right(src, T, pad_id)


@mutant("cross_mask", 10, "nothing blocked", "all-visible")
def _(src, T, pad_id):
    return torch.ones(len(src), 1, T, src.shape[1], dtype=torch.bool)


@mutant("cross_mask", None, "-100 looked for", "all-visible")
def _(src, T, pad_id):
    return _right(src, T, IGNORE_INDEX)


@mutant("cross_mask", None, "pad assumed to be 0", "pad-assumed")
def _(src, T, pad_id):
    return _right(src, T, 0)


@mutant("cross_mask", None, "ids as truths", "pad-assumed")
def _(src, T, pad_id):
    return src.bool()[:, None, None].repeat(1, 1, T, 1)


@mutant("cross_mask", None, "pad assumed to be 1", "pad-assumed")
def _(src, T, pad_id):
    return _right(src, T, 1)


@mutant("cross_mask", None, "greater than pad", "by-order")
def _(src, T, pad_id):
    return (src > pad_id)[:, None, None].expand(-1, -1, T, -1)


@mutant("cross_mask", None, "eos hidden too", "masked-by-id")
def _(src, T, pad_id):
    return _right(src, T, pad_id) & _right(src, T, eos_id)


@mutant("cross_mask", None, "0 is padding too", "masked-by-id")
def _(src, T, pad_id):
    return _right(src, T, pad_id) & (src > 0)[:, None, None]


@mutant("cross_mask", None, "by the number of tokens", "right-padding-assumed")
def _(src, T, pad_id):
    n = (src != pad_id).sum(1).view(-1, 1, 1, 1)
    return (torch.arange(src.shape[1], device=src.device) < n).expand(-1, 1, T, -1)


@mutant("cross_mask", None, "up to the first padding", "right-padding-assumed")
def _(src, T, pad_id):
    return ((src == pad_id).cumsum(1) == 0)[:, None, None].expand(-1, 1, T, -1)


@mutant("cross_mask", 9, "left padding assumed", "left-padding-assumed")
def _(src, T, pad_id):
    S = src.shape[1]
    n = (src == pad_id).sum(1).view(-1, 1, 1, 1)
    return (torch.arange(S, device=src.device) >= n).expand(-1, 1, T, S)


@mutant("cross_mask", None, "from the first token on", "right-padding-visible")
def _(src, T, pad_id):
    begun = (src != pad_id).cummax(1).values
    return begun[:, None, None].expand(-1, 1, T, -1)


@mutant("cross_mask", None, "from the first token to the last", "inner-padding")
def _(src, T, pad_id):
    real = (src != pad_id).long()
    inside = (real.cumsum(1) > 0) & (real.flip(1).cumsum(1) > 0).flip(1)
    return inside[:, None, None].expand(-1, 1, T, -1)


@mutant("cross_mask", None, "the first row's padding for all", "one-row")
def _(src, T, pad_id):
    return _right(src, T, pad_id)[:1].expand(len(src), -1, -1, -1)


@mutant("cross_mask", None, "padding in any row", "one-row")
def _(src, T, pad_id):
    real = (src != pad_id).all(0)
    return real.expand(len(src), 1, T, -1)


@mutant("cross_mask", None, "moved by one", "moved")
def _(src, T, pad_id):
    return _right(src.roll(1, 1), T, pad_id)


@mutant("cross_mask", 18, "floats 0 and 1", "number-mask")
def _(src, T, pad_id):
    return _right(src, T, pad_id).float()


@mutant("cross_mask", 18, "a product with ones", "number-mask")
def _(src, T, pad_id):
    return torch.ones(len(src), 1, T, 1) * _keys(src, pad_id)


@mutant("cross_mask", 18, "additive, 0 and -inf", "additive-mask")
def _(src, T, pad_id):
    return torch.zeros(()).where(_right(src, T, pad_id), float("-inf"))


@mutant("cross_mask", 18, "additive, the smallest float", "additive-mask")
def _(src, T, pad_id):
    return (1.0 - _right(src, T, pad_id).float()) * torch.finfo(torch.float32).min


@mutant("cross_mask", 12, "(1 - mask) * -inf", "zero-times-infinity")
def _(src, T, pad_id):
    return (1 - _right(src, T, pad_id).float()) * float("-inf")


@mutant("cross_mask", None, "the first target position alone")
def _(src, T, pad_id):
    mask = _right(src, T, pad_id).clone()
    mask[:, :, 1:] = False
    return mask


@mutant("cross_mask", None, "T - 1 rows", "wrong-shape")
def _(src, T, pad_id):
    return _right(src, T - 1, pad_id)


@mutant("cross_mask", None, "T + 1 rows", "wrong-shape")
def _(src, T, pad_id):
    return _right(src, T + 1, pad_id)


@mutant("cross_mask", None, "T for the heads too", "wrong-shape")
def _(src, T, pad_id):
    return _keys(src, pad_id).expand(-1, T, T, -1)


@mutant("cross_mask", 15, "an empty row opened against NaN", "only-padding")
def _(src, T, pad_id):
    real = src != pad_id
    return (real | ~real.any(1, keepdim=True))[:, None, None].expand(-1, 1, T, -1)


@mutant("cross_mask", None, "no padding taken for nothing but padding", "no-padding")
def _(src, T, pad_id):
    padding = src == pad_id
    return (~padding & padding.any())[:, None, None].expand(-1, 1, T, -1)


@mutant("cross_mask", 23, "padding marked in the source", "in-place")
def _(src, T, pad_id):
    mask = _right(src, T, pad_id)
    src[src == pad_id] = IGNORE_INDEX
    return mask


@mutant("cross_mask", None, "ones on the CPU", "ignores-device")
def _(src, T, pad_id):
    return torch.ones(T, 1, dtype=torch.bool) & _keys(src, pad_id)
