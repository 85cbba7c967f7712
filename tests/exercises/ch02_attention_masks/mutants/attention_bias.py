"""Wrong answers to ``attention_bias``."""

import torch
import torch.nn.functional as F
from ch02_attention_masks.mutants.parts import mutant

INF = float("inf")


def _bias(mask, dtype):
    return torch.zeros_like(mask, dtype=dtype).masked_fill(~mask, -INF)


@mutant("attention_bias", 12, "(1 - mask) * -inf", "zero-times-infinity")
def _(mask, dtype):
    return (1 - mask.to(dtype)) * float("-inf")


@mutant("attention_bias", 12, "~mask * -inf", "zero-times-infinity")
def _(mask, dtype):
    return (~mask * -INF).to(dtype)


@mutant("attention_bias", 12, "(mask - 1) * inf", "zero-times-infinity")
def _(mask, dtype):
    return (mask.to(dtype) - 1.0) * torch.inf


@mutant("attention_bias", 12, "infinity taken away again", "zero-times-infinity")
def _(mask, dtype):
    return (mask.float() * INF - INF).to(dtype)


@mutant("attention_bias", 12, "the subtraction of a bool", "raised")
def _(mask, dtype):
    return ((1 - mask) * -1e9).to(dtype)


@mutant("attention_bias", 13, "finfo.min", "finite-fill")
def _(mask, dtype):
    return torch.zeros(mask.shape, dtype=dtype).masked_fill(~mask, torch.finfo(dtype).min)


@mutant("attention_bias", 13, "(1 - mask) * finfo.min", "finite-fill")
def _(mask, dtype):
    inverted = 1.0 - mask.to(dtype)
    return inverted.masked_fill(inverted.to(torch.bool), torch.finfo(dtype).min)


@mutant("attention_bias", 13, "half of finfo.min, so that two may be added", "finite-fill")
def _(mask, dtype):
    return torch.zeros_like(mask, dtype=dtype).masked_fill(~mask, torch.finfo(dtype).min / 2)


@mutant("attention_bias", 13, "finfo.min of float32 for all", "finite-fill")
def _(mask, dtype):
    bias = torch.zeros_like(mask, dtype=torch.float32)
    return bias.masked_fill(~mask, torch.finfo(torch.float32).min).to(dtype)


@mutant("attention_bias", 14, "-1e9 filled in, an error in float16", "finite-fill")
def _(mask, dtype):
    return torch.zeros_like(mask, dtype=dtype).masked_fill(mask == 0, -1e9)


@mutant("attention_bias", 14, "-1e9 in float32, then cast", "finite-fill")
def _(mask, dtype):
    return torch.where(mask, 0.0, -1e9).to(dtype)


@mutant("attention_bias", 14, "(1 - mask) * -1e9", "finite-fill")
def _(mask, dtype):
    return (1 - mask.to(dtype)) * -1e9


@mutant("attention_bias", 14, "(1 - mask) * -10000, as BERT had it", "finite-fill")
def _(mask, dtype):
    extended = mask.to(dtype=dtype)
    return (1.0 - extended) * -10000.0


@mutant("attention_bias", 14, "-1e4 because it fits into float16", "finite-fill")
def _(mask, dtype):
    return torch.zeros(mask.shape, dtype=dtype, device=mask.device).masked_fill_(~mask, -1e4)


@mutant("attention_bias", 14, "-65504, the lowest float16", "finite-fill")
def _(mask, dtype):
    return torch.where(mask, 0.0, -65504.0).to(dtype)


@mutant("attention_bias", 14, "-inf in the halves only", "finite-fill", None)
def _(mask, dtype):
    low = -INF if dtype in (torch.float16, torch.bfloat16) else -1e9
    return torch.zeros_like(mask, dtype=dtype).masked_fill(~mask, low)


@mutant("attention_bias", 14, "the logarithm of the mask and a little more", "finite-fill")
def _(mask, dtype):
    return torch.log(mask.to(dtype) + 1e-9)


@mutant("attention_bias", None, "0 and -1", "finite-fill")
def _(mask, dtype):
    return mask.to(dtype) - 1


@mutant("attention_bias", 17, "upside down", "inverted")
def _(mask, dtype):
    return torch.zeros_like(mask, dtype=dtype).masked_fill(mask, -INF)


@mutant("attention_bias", 17, "where with its arguments swapped", "inverted")
def _(mask, dtype):
    return torch.where(mask, -INF, 0.0).to(dtype)


@mutant("attention_bias", 17, "filled where not blocked, in place", "inverted")
def _(mask, dtype):
    bias = torch.full(mask.shape, -INF, dtype=dtype)
    bias[~mask] = 0
    return bias


@mutant("attention_bias", 18, "the mask as numbers", "number-mask")
def _(mask, dtype):
    return mask.to(dtype)


@mutant("attention_bias", 18, "1 where it is blocked", "number-mask")
def _(mask, dtype):
    return 1 - mask.type(dtype)


@mutant("attention_bias", 18, "the mask as float32", "number-mask")
def _(mask, dtype):
    return mask.float()


@mutant("attention_bias", 18, "1 and -inf", "multiplicative")
def _(mask, dtype):
    return mask.to(dtype).masked_fill(~mask, -INF)


@mutant("attention_bias", None, "the mask inverted, still bool", "bool-mask")
def _(mask, dtype):
    return ~mask


@mutant("attention_bias", None, "a copy of the mask", "bool-mask")
def _(mask, dtype):
    return mask.clone()


@mutant("attention_bias", None, "the mask itself", "bool-mask")
def _(mask, dtype):
    return mask


@mutant("attention_bias", None, "+inf", "plus-infinity")
def _(mask, dtype):
    return torch.zeros(mask.shape, dtype=dtype).masked_fill(~mask, INF)


@mutant("attention_bias", None, "-inf with the sign lost on the way", "plus-infinity")
def _(mask, dtype):
    return -mask.to(dtype).log()


@mutant("attention_bias", 15, "empty rows opened, against NaN", "row-opened")
def _(mask, dtype):
    bias = _bias(mask, dtype)
    return bias.masked_fill((bias == -INF).all(-1, keepdim=True), 0.0)


@mutant("attention_bias", 15, "empty rows unmasked by multiplication", "row-opened")
def _(mask, dtype):
    return _bias(mask | ~mask.any(dim=-1, keepdim=True), dtype)


@mutant("attention_bias", None, "always float32", "wrong-dtype")
def _(mask, dtype):
    return torch.where(mask, 0.0, float("-inf"))


@mutant("attention_bias", None, "dtype given to the wrong tensor", "wrong-dtype")
def _(mask, dtype):
    zeros = torch.zeros(mask.shape, dtype=dtype)
    return torch.where(mask, zeros, torch.full(mask.shape, -INF))


@mutant("attention_bias", None, "float64 for safety", "wrong-dtype")
def _(mask, dtype):
    return _bias(mask, torch.float64)


@mutant("attention_bias", None, "heads added in front", "wrong-shape", "raised")
def _(mask, dtype):
    return _bias(mask, dtype)[None, None]


@mutant("attention_bias", None, "two dimensions taken for granted", "raised")
def _(mask, dtype):
    T, S = mask.shape
    bias = torch.zeros(T, S, dtype=dtype)
    for i in range(T):
        bias[i, ~mask[i]] = -INF
    return bias


@mutant("attention_bias", None, "four dimensions taken for granted", "raised")
def _(mask, dtype):
    B, H, T, S = mask.shape
    return _bias(mask.view(B, H, T, S), dtype)


@mutant("attention_bias", None, "transposed", "transposed", "wrong-shape")
def _(mask, dtype):
    return _bias(mask.transpose(-2, -1) if mask.dim() > 1 else mask, dtype)


@mutant("attention_bias", None, "causal besides", None)
def _(mask, dtype):
    bias = _bias(mask, dtype)
    return bias if mask.ndim < 2 else bias.masked_fill(torch.ones_like(mask).triu(1), -INF)


@mutant("attention_bias", None, "the mask inverted in place", "in-place")
def _(mask, dtype):
    bias = torch.zeros(mask.shape, dtype=dtype)
    return bias.masked_fill(mask.logical_not_(), -INF)


@mutant("attention_bias", None, "zeros on another device than the mask", "ignores-device")
def _(mask, dtype):
    bias = torch.zeros(mask.shape, dtype=dtype)
    bias[~mask] = -INF
    return bias


@mutant("attention_bias", None, "filled on the CPU", "ignores-device")
def _(mask, dtype):
    return torch.full(mask.shape, -INF, dtype=dtype).where(~mask, torch.zeros(1, dtype=dtype))


@mutant("attention_bias", None, "the dtype forgotten in the call of log_softmax")
def _(mask, dtype):
    return F.log_softmax(_bias(mask, dtype), dim=-1)
