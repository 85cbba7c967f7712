"""Wrong answers to ``masked_attention``."""

import math

import torch
import torch.nn.functional as F
from ch02_attention_masks.mutants.parts import mutant
from torch import nn

INF = float("inf")


def _scores(q, k):
    return (q * q.shape[-1] ** -0.5) @ k.transpose(-2, -1)


def _visible(q, k, mask):
    everybody = torch.ones(q.shape[-2], k.shape[-2], dtype=torch.bool, device=q.device)
    return everybody if mask is None else mask


def _weights(scores, mask):
    return scores.masked_fill(~mask, -INF).softmax(-1).masked_fill(~mask, 0)


# scores


@mutant("masked_attention", None, "not scaled", "not-scaled")
def _(q, k, v, mask=None):
    weights = _weights(q @ k.mT, _visible(q, k, mask))
    return weights @ v, weights


@mutant("masked_attention", None, "not scaled, and NaN in empty rows", "not-scaled")
def _(q, k, v, mask=None):
    scores = torch.einsum("bhtk,bhsk->bhts", q, k)
    if mask is not None:
        scores = scores.masked_fill(mask == 0, -INF)
    weights = F.softmax(scores, dim=-1)
    return weights @ v, weights


@mutant("masked_attention", None, "divided by K", "wrong-scale")
def _(q, k, v, mask=None):
    weights = _weights(q @ k.mT / q.shape[-1], _visible(q, k, mask))
    return weights @ v, weights


@mutant("masked_attention", None, "multiplied by the root of K", "wrong-scale")
def _(q, k, v, mask=None):
    weights = _weights(q @ k.mT * math.sqrt(q.shape[-1]), _visible(q, k, mask))
    return weights @ v, weights


@mutant("masked_attention", None, "the root of the number of queries", "wrong-scale")
def _(q, k, v, mask=None):
    weights = _weights(q @ k.mT / q.size(2) ** 0.5, _visible(q, k, mask))
    return weights @ v, weights


@mutant("masked_attention", None, "the root of the number of keys", "wrong-scale")
def _(q, k, v, mask=None):
    weights = _weights(q @ k.mT / k.size(2) ** 0.5, _visible(q, k, mask))
    return weights @ v, weights


@mutant("masked_attention", None, "the root of the model's width", "wrong-scale")
def _(q, k, v, mask=None):
    d_model = q.shape[1] * q.shape[-1]
    weights = _weights(q @ k.mT / math.sqrt(d_model), _visible(q, k, mask))
    return weights @ v, weights


@mutant("masked_attention", None, "scaled after the softmax")
def _(q, k, v, mask=None):
    weights = _weights(q @ k.mT, _visible(q, k, mask)) / math.sqrt(q.shape[-1])
    return weights @ v, weights


@mutant("masked_attention", 27, "keys viewed where transposed was meant", "torn")
def _(q, k, v, mask=None):
    B, H, S, K = k.shape
    scores = q @ k.view(B, H, K, S) / math.sqrt(K)
    weights = _weights(scores, _visible(q, k, mask))
    return weights @ v, weights


@mutant("masked_attention", 27, "heads mixed by a view of q and k", "torn")
def _(q, k, v, mask=None):
    B, H, T, K = q.shape
    q = q.reshape(B, T, H, K).transpose(1, 2)
    k = k.reshape(B, -1, H, K).transpose(1, 2)
    weights = _weights(_scores(q, k), _visible(q, k, mask))
    return weights @ v, weights


@mutant("masked_attention", 27, "heads mixed in the output", "torn")
def _(q, k, v, mask=None):
    weights = _weights(_scores(q, k), _visible(q, k, mask))
    output = weights @ v
    return output.transpose(1, 2).contiguous().view(q.shape), weights


@mutant("masked_attention", None, "heads merged in the output", "wrong-shape")
def _(q, k, v, mask=None):
    weights = _weights(_scores(q, k), _visible(q, k, mask))
    return (weights @ v).transpose(1, 2).flatten(2), weights


@mutant("masked_attention", None, "keys times queries", "raised", "wrong-shape")
def _(q, k, v, mask=None):
    weights = _weights(k @ q.mT / math.sqrt(q.shape[-1]), _visible(q, k, mask))
    return weights @ v, weights


@mutant("masked_attention", None, "keys not transposed", "raised")
def _(q, k, v, mask=None):
    weights = _weights(q @ k / math.sqrt(q.shape[-1]), _visible(q, k, mask))
    return weights @ v, weights


@mutant("masked_attention", None, "q scaled in place", "in-place")
def _(q, k, v, mask=None):
    q *= q.shape[-1] ** -0.5
    weights = _weights(q @ k.mT, _visible(q, k, mask))
    return weights @ v, weights


# hiding


@mutant("masked_attention", None, "mask never used", "mask-ignored")
def _(q, k, v, mask=None):
    weights = _scores(q, k).softmax(-1)
    return weights @ v, weights


@mutant("masked_attention", None, "masked_fill without its result kept", "mask-ignored")
def _(q, k, v, mask=None):
    scores = _scores(q, k)
    if mask is not None:
        scores.masked_fill(~mask, -INF)
    weights = scores.softmax(dim=-1)
    return torch.matmul(weights, v), weights


@mutant("masked_attention", None, "causal, whatever mask is given", "always-causal")
def _(q, k, v, mask=None):
    T, S = q.shape[2], k.shape[2]
    allowed = torch.tril(torch.ones(T, S, device=q.device))
    weights = _scores(q, k).masked_fill(allowed == 0, -INF).softmax(-1)
    return weights @ v, weights


@mutant("masked_attention", 3, "zeros of the masked scores hidden", "mask-by-value")
def _(q, k, v, mask=None):
    scores = _scores(q, k) * _visible(q, k, mask)
    scores = scores.masked_fill(scores == 0, -INF)
    weights = scores.softmax(-1).nan_to_num(0.0)
    return weights @ v, weights


@mutant("masked_attention", 3, "zeros of the masked scores hidden, empty rows NaN", "mask-by-value")
def _(q, k, v, mask=None):
    shown = _scores(q, k)
    if mask is not None:
        shown = shown * mask.to(q.dtype)
    shown = torch.where(shown != 0, shown, -INF)
    weights = shown.softmax(-1)
    return weights @ v, weights


@mutant("masked_attention", 4, "scores times the mask", "multiplied")
def _(q, k, v, mask=None):
    weights = (_scores(q, k) * _visible(q, k, mask)).softmax(-1)
    return weights @ v, weights


@mutant("masked_attention", 4, "blocked scores set to 0", "multiplied")
def _(q, k, v, mask=None):
    scores = _scores(q, k)
    if mask is not None:
        scores = scores.masked_fill(~mask, 0)
    weights = F.softmax(scores, dim=-1)
    return weights @ v, weights


@mutant("masked_attention", 4, "blocked scores set to 1e-9, the sign forgotten", "multiplied")
def _(q, k, v, mask=None):
    scores = _scores(q, k)
    if mask is not None:
        scores = scores.masked_fill(~mask, 1e-9)
    weights = scores.softmax(-1)
    return weights @ v, weights


@mutant("masked_attention", 5, "weights times the mask", "after-softmax")
def _(q, k, v, mask=None):
    weights = _scores(q, k).softmax(-1)
    if mask is not None:
        weights = weights * mask
    return weights @ v, weights


@mutant("masked_attention", 5, "weights filled with 0", "after-softmax")
def _(q, k, v, mask=None):
    weights = F.softmax(_scores(q, k), -1).masked_fill(~_visible(q, k, mask), 0.0)
    return weights @ v, weights


@mutant("masked_attention", 5, "renormalised, 0/0 in empty rows", "renormalised")
def _(q, k, v, mask=None):
    weights = _scores(q, k).softmax(-1) * _visible(q, k, mask)
    weights = weights / weights.sum(-1, keepdim=True)
    return weights @ v, weights


@mutant("masked_attention", 5, "renormalised with a clamp", "renormalised")
def _(q, k, v, mask=None):
    weights = _scores(q, k).softmax(-1) * _visible(q, k, mask)
    weights = weights / weights.sum(-1, keepdim=True).clamp(min=1e-9)
    return weights @ v, weights


@mutant("masked_attention", 5, "renormalised with 1e-8 added", "renormalised", "blocked-outweighs")
def _(q, k, v, mask=None):
    kept = torch.where(_visible(q, k, mask), _scores(q, k).softmax(-1), 0.0)
    weights = (kept.float() / (kept.float().sum(-1, keepdim=True) + 1e-8)).to(q.dtype)
    return weights @ v, weights


@mutant("masked_attention", 5, "exponentials of all, the largest of all", "renormalised")
def _(q, k, v, mask=None):
    scores = _scores(q, k)
    e = (scores - scores.amax(-1, keepdim=True)).exp() * _visible(q, k, mask)
    total = e.sum(-1, keepdim=True)
    weights = torch.where(total > 0, e / total.where(total > 0, 1), 0)
    return weights @ v, weights


@mutant("masked_attention", 7, "queries masked", "queries-masked", "raised")
def _(q, k, v, mask=None):
    visible = _visible(q, k, mask).transpose(-1, -2)
    weights = _weights(_scores(q, k), visible)
    return weights @ v, weights


@mutant("masked_attention", 8, "the first item's mask for all", "first-item")
def _(q, k, v, mask=None):
    visible = _visible(q, k, mask)
    weights = _weights(_scores(q, k), visible[:1] if visible.ndim == 4 else visible)
    return weights @ v, weights


@mutant("masked_attention", 8, "the first head's mask for all", "first-head")
def _(q, k, v, mask=None):
    visible = _visible(q, k, mask)
    weights = _weights(_scores(q, k), visible[:, :1] if visible.ndim == 4 else visible)
    return weights @ v, weights


@mutant("masked_attention", 8, "a head dimension added", "wrong-shape", "raised", None)
def _(q, k, v, mask=None):
    visible = _visible(q, k, mask)
    weights = _weights(_scores(q, k), visible.unsqueeze(1))
    return weights @ v, weights


@mutant("masked_attention", 12, "(1 - mask) * -inf", "zero-times-infinity")
def _(q, k, v, mask=None):
    scores = _scores(q, k) + (1 - _visible(q, k, mask).to(q.dtype)) * -INF
    weights = scores.softmax(-1)
    return weights @ v, weights


@mutant("masked_attention", 12, "~mask * -inf", "zero-times-infinity")
def _(q, k, v, mask=None):
    scores = _scores(q, k) + (~_visible(q, k, mask)) * -torch.inf
    weights = F.softmax(scores, dim=-1)
    return weights @ v, weights


@mutant("masked_attention", None, "+inf", "plus-infinity")
def _(q, k, v, mask=None):
    weights = _scores(q, k).masked_fill(~_visible(q, k, mask), INF).softmax(-1)
    return weights @ v, weights


@mutant("masked_attention", 13, "finfo.min, uniform in empty rows", "blocked-uniform")
def _(q, k, v, mask=None):
    scores = _scores(q, k)
    if mask is not None:
        scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
    weights = scores.softmax(-1)
    return weights @ v, weights


@mutant("masked_attention", 13, "finfo.min added", "blocked-uniform", "empty-row")
def _(q, k, v, mask=None):
    bias = torch.zeros(_visible(q, k, mask).shape, dtype=q.dtype, device=q.device)
    bias = bias.masked_fill(~_visible(q, k, mask), torch.finfo(q.dtype).min)
    weights = (_scores(q, k) + bias).softmax(-1)
    return weights @ v, weights


@mutant("masked_attention", 14, "-1e9 filled in", "blocked-uniform")
def _(q, k, v, mask=None):
    scores = _scores(q, k)
    if mask is not None:
        scores = scores.masked_fill(mask == 0, -1e9)
    weights = F.softmax(scores, dim=-1)
    return torch.matmul(weights, v), weights


@mutant("masked_attention", 14, "-1e9 filled in, empty rows set to 0", "fill-overflows")
def _(q, k, v, mask=None):
    visible = _visible(q, k, mask)
    scores = _scores(q, k).masked_fill(~visible, -1e9)
    weights = scores.softmax(-1) * visible
    return weights @ v, weights


@mutant("masked_attention", 14, "(1 - mask) * -1e9 added", "blocked-uniform", "empty-row")
def _(q, k, v, mask=None):
    scores = _scores(q, k)
    if mask is not None:
        scores = scores + (1.0 - mask.to(scores.dtype)) * -1e9
    weights = scores.softmax(-1)
    return weights @ v, weights


@mutant("masked_attention", 14, "-1e4, empty rows set to 0", "not-low-enough")
def _(q, k, v, mask=None):
    visible = _visible(q, k, mask)
    weights = _scores(q, k).masked_fill(~visible, -1e4).softmax(-1).masked_fill(~visible, 0)
    return weights @ v, weights


@mutant("masked_attention", 14, "-10000 added", "blocked-uniform", "empty-row")
def _(q, k, v, mask=None):
    bias = (1 - _visible(q, k, mask).to(q.dtype)) * -10000.0
    weights = (_scores(q, k) + bias).softmax(-1)
    return weights @ v, weights


@mutant("masked_attention", 15, "NaN in empty rows", "blocked-nan")
def _(q, k, v, mask=None):
    scores = _scores(q, k)
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = F.softmax(scores, dim=-1)
    return weights @ v, weights


@mutant("masked_attention", 15, "NaN in empty rows, divided late", "blocked-nan")
def _(q, k, v, mask=None):
    scores = torch.matmul(q, k.transpose(-2, -1)) / math.sqrt(q.size(-1))
    if mask is not None:
        scores = scores.masked_fill(mask == 0, float("-inf"))
    weights = F.softmax(scores, dim=-1)
    return torch.matmul(weights, v), weights


@mutant("masked_attention", 14, "-1e9, divided late", "blocked-uniform")
def _(q, k, v, mask=None):
    d_k = q.size(-1)
    scores = torch.matmul(q, k.transpose(-2, -1)) / math.sqrt(d_k)
    if mask is not None:
        scores = scores.masked_fill(mask == 0, -1e9)
    p_attn = scores.softmax(dim=-1)
    return torch.matmul(p_attn, v), p_attn


@mutant("masked_attention", 15, "NaN in empty rows, by a bias", "blocked-nan")
def _(q, k, v, mask=None):
    bias = torch.zeros(q.shape[-2], k.shape[-2], dtype=q.dtype, device=q.device)
    if mask is not None:
        bias = torch.zeros_like(mask, dtype=q.dtype).masked_fill(~mask, -INF)
    weights = (_scores(q, k) + bias).softmax(-1)
    return weights @ v, weights


@mutant("masked_attention", 15, "empty rows opened, against NaN", "empty-row")
def _(q, k, v, mask=None):
    visible = _visible(q, k, mask)
    visible = visible | ~visible.any(-1, keepdim=True)
    weights = _scores(q, k).masked_fill(~visible, -INF).softmax(-1)
    return weights @ v, weights


@mutant("masked_attention", 15, "the output repaired, the weights NaN", "empty-row")
def _(q, k, v, mask=None):
    visible = _visible(q, k, mask)
    weights = _scores(q, k).masked_fill(~visible, -INF).softmax(-1)
    output = (weights @ v).masked_fill(~visible.any(-1, keepdim=True), 0)
    return output, weights


@mutant("masked_attention", 15, "the output made with uniform weights, then repaired", "empty-row")
def _(q, k, v, mask=None):
    visible = _visible(q, k, mask)
    scores = _scores(q, k).masked_fill(~visible, torch.finfo(q.dtype).min)
    weights = scores.softmax(-1)
    return weights @ v, weights * visible


@mutant("masked_attention", 15, "a bias, then nan_to_num: NaN in the gradient", "nan-gradient")
def _(q, k, v, mask=None):
    visible = _visible(q, k, mask)
    bias = torch.zeros_like(visible, dtype=q.dtype).masked_fill(~visible, -INF)
    weights = (_scores(q, k) + bias).softmax(-1).nan_to_num(0.0)
    return weights @ v, weights


@mutant("masked_attention", 15, "a bias, then zeros by where", "nan-gradient")
def _(q, k, v, mask=None):
    visible = _visible(q, k, mask)
    bias = torch.where(visible, 0.0, -INF).to(q.dtype)
    weights = F.softmax(_scores(q, k) + bias, dim=-1)
    weights = torch.where(visible, weights, 0.0)
    return weights @ v, weights


@mutant("masked_attention", 15, "output and weights repaired at the end", "nan-gradient")
def _(q, k, v, mask=None):
    weights = _scores(q, k).masked_fill(~_visible(q, k, mask), -INF).softmax(-1)
    return (weights @ v).nan_to_num(0.0), weights.nan_to_num(0.0)


@mutant("masked_attention", 17, "masked_fill of the mask", "inverted")
def _(q, k, v, mask=None):
    scores = _scores(q, k)
    if mask is not None:
        scores = scores.masked_fill(mask, -INF)
    weights = scores.softmax(-1)
    return weights @ v, weights


@mutant("masked_attention", 17, "upside down, empty rows set to 0", "inverted", "no-mask")
def _(q, k, v, mask=None):
    blocked = mask if mask is not None else torch.zeros_like(_scores(q, k)).bool()
    weights = _weights(_scores(q, k), ~blocked)
    return weights @ v, weights


@mutant("masked_attention", 17, "upside down when two-dimensional")
def _(q, k, v, mask=None):
    visible = _visible(q, k, mask)
    if mask is not None and mask.ndim == 2:
        visible = ~visible
    weights = _weights(_scores(q, k), visible)
    return weights @ v, weights


@mutant("masked_attention", 18, "the mask added", "number-mask")
def _(q, k, v, mask=None):
    weights = (_scores(q, k) + _visible(q, k, mask)).softmax(-1)
    return weights @ v, weights


@mutant("masked_attention", 18, "the mask added if there is one", "number-mask")
def _(q, k, v, mask=None):
    scores = _scores(q, k)
    if mask is not None:
        scores = scores + mask.to(q.dtype)
    weights = scores.softmax(-1)
    return weights @ v, weights


@mutant("masked_attention", None, "None not thought of", "no-mask")
def _(q, k, v, mask=None):
    weights = _weights(_scores(q, k), mask)
    return weights @ v, weights


@mutant("masked_attention", None, "None taken for causal", "no-mask")
def _(q, k, v, mask=None):
    if mask is None:
        mask = torch.ones(q.shape[2], k.shape[2], dtype=torch.bool, device=q.device).tril()
    weights = _weights(_scores(q, k), mask)
    return weights @ v, weights


# the average


@mutant("masked_attention", None, "softmax over the queries", "wrong-axis")
def _(q, k, v, mask=None):
    scores = _scores(q, k).masked_fill(~_visible(q, k, mask), -INF)
    weights = scores.softmax(dim=-2)
    return weights @ v, weights


@mutant("masked_attention", None, "softmax over the queries, -1e9", "wrong-axis")
def _(q, k, v, mask=None):
    scores = _scores(q, k)
    if mask is not None:
        scores = scores.masked_fill(mask == 0, -1e9)
    weights = nn.Softmax(dim=2)(scores)
    return weights @ v, weights


@mutant("masked_attention", None, "softmax over the heads", "wrong-axis")
def _(q, k, v, mask=None):
    visible = _visible(q, k, mask)
    scores = _scores(q, k).masked_fill(~visible, -INF)
    weights = scores.softmax(dim=1).masked_fill(~visible, 0)
    return weights @ v, weights


@mutant("masked_attention", None, "raw scores as weights", "no-softmax")
def _(q, k, v, mask=None):
    weights = _scores(q, k) * _visible(q, k, mask)
    return weights @ v, weights


@mutant("masked_attention", None, "the average with raw scores", "no-softmax")
def _(q, k, v, mask=None):
    scores = _scores(q, k)
    return scores @ v, _weights(scores, _visible(q, k, mask))


@mutant("masked_attention", None, "log_softmax")
def _(q, k, v, mask=None):
    visible = _visible(q, k, mask)
    weights = _scores(q, k).masked_fill(~visible, -INF).log_softmax(-1).masked_fill(~visible, 0)
    return weights @ v, weights


@mutant("masked_attention", None, "exp without taking out the largest", "unstable")
def _(q, k, v, mask=None):
    e = _scores(q, k).exp() * _visible(q, k, mask)
    weights = e / e.sum(-1, keepdim=True).clamp(min=1e-6)
    return weights @ v, weights


@mutant("masked_attention", None, "the largest of the whole batch taken out", "unstable")
def _(q, k, v, mask=None):
    visible = _visible(q, k, mask)
    scores = _scores(q, k).masked_fill(~visible, torch.finfo(q.dtype).min)
    e = (scores - scores.max()).exp() * visible
    weights = e / e.sum(-1, keepdim=True).clamp(min=1e-7)
    return weights @ v, weights


@mutant("masked_attention", None, "keys averaged", "values-forgotten")
def _(q, k, v, mask=None):
    weights = _weights(_scores(q, k), _visible(q, k, mask))
    return weights @ k, weights


@mutant("masked_attention", None, "scored by the values")
def _(q, k, v, mask=None):
    weights = _weights(_scores(q, v), _visible(q, k, mask))
    return weights @ k, weights


@mutant("masked_attention", None, "weights transposed", "raised")
def _(q, k, v, mask=None):
    weights = _weights(_scores(q, k), _visible(q, k, mask))
    return weights.mT @ v, weights


@mutant("masked_attention", None, "weights first", "swapped")
def _(q, k, v, mask=None):
    weights = _weights(_scores(q, k), _visible(q, k, mask))
    return weights, weights @ v


@mutant("masked_attention", None, "the output alone", "wrong-type")
def _(q, k, v, mask=None):
    return _weights(_scores(q, k), _visible(q, k, mask)) @ v


@mutant("masked_attention", None, "a list", "wrong-type")
def _(q, k, v, mask=None):
    weights = _weights(_scores(q, k), _visible(q, k, mask))
    return [weights @ v, weights]


@mutant("masked_attention", None, "the scores returned", "scores-returned")
def _(q, k, v, mask=None):
    scores = _scores(q, k)
    return _weights(scores, _visible(q, k, mask)) @ v, scores


@mutant("masked_attention", None, "the masked scores returned", "scores-returned")
def _(q, k, v, mask=None):
    visible = _visible(q, k, mask)
    scores = _scores(q, k).masked_fill(~visible, -INF)
    weights = scores.softmax(-1).masked_fill(~visible, 0)
    return weights @ v, scores


@mutant("masked_attention", None, "weights averaged over the heads", "wrong-shape")
def _(q, k, v, mask=None):
    weights = _weights(_scores(q, k), _visible(q, k, mask))
    return weights @ v, weights.mean(1)


@mutant("masked_attention", None, "float32 inside and outside", "wrong-dtype")
def _(q, k, v, mask=None):
    weights = _weights(_scores(q.float(), k.float()), _visible(q, k, mask))
    return weights @ v.float(), weights


@mutant("masked_attention", None, "float32 for the halves", "promoted")
def _(q, k, v, mask=None):
    if q.dtype in (torch.float16, torch.bfloat16):
        q, k, v = q.float(), k.float(), v.float()
    weights = _weights(_scores(q, k), _visible(q, k, mask))
    return weights @ v, weights


@mutant("masked_attention", None, "weights left in float32", "promoted")
def _(q, k, v, mask=None):
    scores = _scores(q, k)
    dtype = torch.promote_types(q.dtype, torch.float32)
    visible = _visible(q, k, mask)
    weights = scores.masked_fill(~visible, -INF).softmax(-1, dtype=dtype).masked_fill(~visible, 0)
    return weights.to(v.dtype) @ v, weights


@mutant("masked_attention", None, "a float32 bias and v in half", "half-precision")
def _(q, k, v, mask=None):
    visible = _visible(q, k, mask)
    sees = visible.any(-1, keepdim=True)
    bias = torch.zeros(visible.shape, device=q.device).masked_fill(~visible & sees, -INF)
    weights = (_scores(q, k) + bias).softmax(-1) * sees
    return weights @ v, weights


@mutant("masked_attention", None, "dropout left on", "not-deterministic", None)
def _(q, k, v, mask=None):
    weights = F.dropout(_weights(_scores(q, k), _visible(q, k, mask)), 0.1)
    return weights @ v, weights


@mutant("masked_attention", None, "the weights detached", "wrong-gradient")
def _(q, k, v, mask=None):
    weights = _weights(_scores(q, k), _visible(q, k, mask)).detach()
    return weights @ v, weights


@mutant("masked_attention", None, "under no_grad", "wrong-gradient")
@torch.no_grad()
def _(q, k, v, mask=None):
    weights = _weights(_scores(q, k), _visible(q, k, mask))
    return weights @ v, weights


@mutant("masked_attention", None, "a little weight for everybody", "gradient-where-blocked")
def _(q, k, v, mask=None):
    visible = _visible(q, k, mask)
    weights = _weights(_scores(q, k), visible)
    return (weights + 1e-12 * visible.any(-1, keepdim=True).to(q.dtype)) @ v, weights


@mutant("masked_attention", None, "a mask of the scores made on the CPU", "ignores-device")
def _(q, k, v, mask=None):
    bias = torch.zeros(q.shape[2], k.shape[2], dtype=q.dtype)
    visible = _visible(q, k, mask)
    weights = _weights(_scores(q, k) + bias, visible)
    return weights @ v, weights


# refused


@mutant("masked_attention", None, "the library's attention", "refused")
def _(q, k, v, mask=None):
    weights = _weights(_scores(q, k), _visible(q, k, mask))
    return F.scaled_dot_product_attention(q, k, v, attn_mask=mask), weights


@mutant("masked_attention", None, "the library's attention with v = identity", "refused")
def _(q, k, v, mask=None):
    identity = torch.eye(k.shape[2], dtype=q.dtype).expand(*k.shape[:2], -1, -1)
    weights = F.scaled_dot_product_attention(q, k, identity, mask)
    return weights @ v, weights


@mutant("masked_attention", None, "the library's attention by its inner name", "refused")
def _(q, k, v, mask=None):
    return torch.ops.aten._scaled_dot_product_attention_math(q, k, v, mask)


@mutant("masked_attention", None, "nn.MultiheadAttention", "refused")
def _(q, k, v, mask=None):
    B, H, T, K = q.shape
    layer = nn.MultiheadAttention(K, 1, batch_first=True).to(q.dtype)
    output, weights = layer(q.flatten(0, 1), k.flatten(0, 1), v.flatten(0, 1))
    return output.view(q.shape), weights.view(B, H, T, -1)


@mutant("masked_attention", None, "flex_attention", "refused")
def _(q, k, v, mask=None):
    from torch.nn.attention.flex_attention import flex_attention

    weights = _weights(_scores(q, k), _visible(q, k, mask))
    return flex_attention(q, k, v), weights
