"""Wrong answers to ``log_softmax``."""

import functools
import math

import torch
import torch.nn.functional as F
from ch01_prediction.mutants.parts import log_softmax, mutant
from torch import nn


@mutant("log_softmax", None, "naive: exp, divide, log", "overflow")
def _(logits):
    weights = torch.exp(logits)
    return torch.log(weights / weights.sum(-1, keepdim=True))


@mutant("log_softmax", None, "naive: minus log of the sum of exps", "overflow")
def _(logits):
    return logits - logits.exp().sum(-1, keepdim=True).log()


@mutant("log_softmax", None, "naive, in float64 and back", "overflow", "unstable")
def _(logits):
    z = logits.double()
    return (z - z.exp().sum(-1, keepdim=True).log()).to(logits.dtype)


@mutant("log_softmax", None, "naive, NaN made a number", "unstable")
def _(logits):
    return (logits - logits.exp().sum(-1, keepdim=True).log()).nan_to_num()


@mutant("log_softmax", None, "logits clamped before exp", "unstable")
def _(logits):
    z = logits.clamp(-50, 50)
    return z - z.exp().sum(-1, keepdim=True).log()


@mutant("log_softmax", None, "only exp is given clamped logits", "unstable")
def _(logits):
    return logits - logits.clamp(max=80).exp().sum(-1, keepdim=True).log()


@mutant("log_softmax", None, "the mean subtracted instead of the maximum", "unstable")
def _(logits):
    z = logits - logits.mean(-1, keepdim=True)
    return z - z.exp().sum(-1, keepdim=True).log()


@mutant("log_softmax", None, "the minimum subtracted", "unstable")
def _(logits):
    z = logits - logits.min(-1, keepdim=True).values
    return z - z.exp().sum(-1, keepdim=True).log()


@mutant("log_softmax", None, "the largest absolute value subtracted", "unstable")
def _(logits):
    z = logits - logits.abs().amax(-1, keepdim=True)
    return z - z.exp().sum(-1, keepdim=True).log()


@mutant("log_softmax", None, "the maximum of the whole tensor", "one-shift")
def _(logits):
    z = logits - logits.max()
    return z - z.exp().sum(-1, keepdim=True).log()


@mutant("log_softmax", None, "the maximum of the whole tensor, put back", "one-shift")
def _(logits):
    m = logits.max()
    return logits - (m + (logits - m).exp().sum(-1, keepdim=True).log())


@mutant("log_softmax", None, "the maximum over the first dimension", "wrong-axis")
def _(logits):
    z = logits - logits.amax(0, keepdim=True)
    return z - z.exp().sum(-1, keepdim=True).log()


@mutant("log_softmax", None, "log of a stable softmax", "underflow")
def _(logits):
    weights = (logits - logits.amax(-1, keepdim=True)).exp()
    return (weights / weights.sum(-1, keepdim=True)).log()


@mutant("log_softmax", None, "eps in the log of a stable softmax", "eps-in-log")
def _(logits):
    weights = (logits - logits.amax(-1, keepdim=True)).exp()
    return torch.log(weights / weights.sum(-1, keepdim=True) + 1e-9)


@mutant("log_softmax", None, "eps in the denominator too", "eps-in-log")
def _(logits):
    weights = (logits - logits.amax(-1, keepdim=True)).exp()
    return torch.log(weights / (weights.sum(-1, keepdim=True) + 1e-12) + 1e-12)


@mutant("log_softmax", None, "probabilities clamped before the log", "eps-in-log")
def _(logits):
    weights = (logits - logits.amax(-1, keepdim=True)).exp()
    return (weights / weights.sum(-1, keepdim=True)).clamp(min=1e-10).log()


@mutant("log_softmax", None, "naive, with eps", "unstable")
def _(logits):
    return torch.log(logits.exp() / (logits.exp().sum(-1, keepdim=True) + 1e-8) + 1e-8)


@mutant("log_softmax", 28, "softmax instead of its logarithm", "no-log")
def _(logits):
    return log_softmax(logits).exp()


@mutant("log_softmax", 28, "unnormalised weights", "no-log")
def _(logits):
    return (logits - logits.amax(-1, keepdim=True)).exp()


@mutant("log_softmax", 28, "log_softmax of softmax", "softmax-twice")
def _(logits):
    return log_softmax(log_softmax(logits).exp())


@mutant("log_softmax", None, "over the first dimension", "wrong-axis")
def _(logits):
    z = logits - logits.amax(0, keepdim=True)
    return z - z.exp().sum(0, keepdim=True).log()


@mutant("log_softmax", None, "over dimension 1, as for (B, V)", "wrong-axis")
def _(logits):
    z = logits - logits.max(dim=1, keepdim=True).values
    return z - z.exp().sum(dim=1, keepdim=True).log()


@mutant("log_softmax", None, "over dimension 2, as for (B, T, V)", "wrong-axis")
def _(logits):
    z = logits - logits.amax(dim=2, keepdim=True)
    return z - z.exp().sum(dim=2, keepdim=True).log()


@mutant("log_softmax", None, "over the positions", "wrong-axis")
def _(logits):
    z = logits - logits.amax(-2, keepdim=True)
    return z - z.exp().sum(-2, keepdim=True).log()


@mutant("log_softmax", None, "maximum over the last, sum over the first", "wrong-axis")
def _(logits):
    z = logits - logits.amax(-1, keepdim=True)
    return z - z.exp().sum(0, keepdim=True).log()


@mutant("log_softmax", None, "everything at once", "all-at-once")
def _(logits):
    z = logits - logits.max()
    return z - z.exp().sum().log()


@mutant("log_softmax", None, "keepdim forgotten", "row-mixed")
def _(logits):
    m = logits.amax(-1, keepdim=True)
    return logits - (m.squeeze(-1) + (logits - m).exp().sum(-1).log())


@mutant("log_softmax", None, "keepdim forgotten in the maximum too", "row-mixed")
def _(logits):
    z = logits - logits.max(-1).values
    return z - z.exp().sum(-1).log()


@mutant("log_softmax", None, "the sign: a cost", "negative")
def _(logits):
    return -log_softmax(logits)


@mutant("log_softmax", None, "the normaliser added", "negative")
def _(logits):
    m = logits.amax(-1, keepdim=True)
    return logits + (m + (logits - m).exp().sum(-1, keepdim=True).log())


@mutant("log_softmax", None, "the maximum not put back", "shift-lost")
def _(logits):
    m = logits.amax(-1, keepdim=True)
    return logits - (logits - m).exp().sum(-1, keepdim=True).log()


@mutant("log_softmax", None, "the maximum put back after it was subtracted", "shift-twice")
def _(logits):
    m = logits.amax(-1, keepdim=True)
    z = logits - m
    return z - (m + z.exp().sum(-1, keepdim=True).log())


@mutant("log_softmax", None, "only the maximum subtracted", "no-normaliser")
def _(logits):
    return logits - logits.amax(-1, keepdim=True)


@mutant("log_softmax", None, "the log of the sum forgotten", "sum-of-logits")
def _(logits):
    z = logits - logits.amax(-1, keepdim=True)
    return z - z.exp().sum(-1, keepdim=True)


@mutant("log_softmax", None, "the exp forgotten", "sum-of-logits")
def _(logits):
    return logits - logits.sum(-1, keepdim=True).log()


@mutant("log_softmax", None, "logits divided by their sum", "sum-of-logits")
def _(logits):
    return torch.log(logits / logits.sum(-1, keepdim=True))


@mutant("log_softmax", None, "mean instead of sum", "sum-of-logits")
def _(logits):
    z = logits - logits.amax(-1, keepdim=True)
    return z - z.exp().mean(-1, keepdim=True).log()


@mutant("log_softmax", None, "log2", "wrong-base")
def _(logits):
    z = logits - logits.amax(-1, keepdim=True)
    return z - z.exp().sum(-1, keepdim=True).log2()


@mutant("log_softmax", None, "in bits", "wrong-base")
def _(logits):
    return log_softmax(logits) / math.log(2)


@mutant("log_softmax", None, "log10", "wrong-base")
def _(logits):
    z = logits - logits.amax(-1, keepdim=True)
    return z - z.exp().sum(-1, keepdim=True).log10()


@mutant("log_softmax", None, "−∞ replaced by a large number", "blocked-token")
def _(logits):
    return log_softmax(logits.masked_fill(logits == float("-inf"), -1e9).double()).to(logits.dtype)


@mutant("log_softmax", None, "−∞ in the result made the smallest number", "blocked-token")
def _(logits):
    return log_softmax(logits).nan_to_num(nan=float("nan"), neginf=torch.finfo(logits.dtype).min)


@mutant("log_softmax", None, "shifted by the mean of the row's ends", "blocked-token", "unstable")
def _(logits):
    m = (logits.amax(-1, keepdim=True) + logits.amin(-1, keepdim=True)) / 2
    z = (logits - m).double()
    return (z - z.exp().sum(-1, keepdim=True).log()).to(logits.dtype)


@mutant("log_softmax", None, "−∞ zeroed by a product", "blocked-token")
def _(logits):
    return log_softmax(logits) * (logits > float("-inf"))


@mutant("log_softmax", None, "NaN made 0", "nan-hidden")
def _(logits):
    blocked = logits == float("-inf")
    return log_softmax(logits).nan_to_num(neginf=float("-inf")).masked_fill(blocked, -torch.inf)


@mutant("log_softmax", None, "half precision returned as float32", "half-precision")
def _(logits):
    return log_softmax(logits.float() if logits.dtype.itemsize == 2 else logits)


@mutant("log_softmax", None, "always float32", "wrong-dtype")
def _(logits):
    return log_softmax(logits.float())


@mutant("log_softmax", None, "always float64", "wrong-dtype")
def _(logits):
    return log_softmax(logits.double())


@mutant("log_softmax", None, "two dimensions only", "wrong-axis", "raised")
def _(logits):
    B, V = logits.shape
    return logits - log_softmax(logits).neg().add(logits).view(B, V)


@mutant("log_softmax", None, "a leading dimension at least", "one-row")
def _(logits):
    z = logits - logits.amax(-1, keepdim=True)
    normaliser = torch.stack([row.exp().sum(-1).log() for row in z])
    return z - normaliser[..., None]


@mutant("log_softmax", None, "flattened and left so", "wrong-shape")
def _(logits):
    return log_softmax(logits.flatten(0, -2) if logits.ndim > 1 else logits)


@mutant("log_softmax", None, "subtracted in place", "in-place")
def _(logits):
    logits -= logits.amax(-1, keepdim=True)
    return logits - logits.exp().sum(-1, keepdim=True).log()


@mutant("log_softmax", None, "everything in place", "in-place")
def _(logits):
    logits.sub_(logits.amax(-1, keepdim=True))
    return logits.sub_(logits.exp().sum(-1, keepdim=True).log())


@mutant("log_softmax", None, "no gradient at all", "wrong-gradient")
@torch.no_grad()
def _(logits):
    return log_softmax(logits)


@mutant("log_softmax", None, "the normaliser detached", "wrong-gradient")
def _(logits):
    z = logits - logits.amax(-1, keepdim=True)
    return z - z.exp().sum(-1, keepdim=True).log().detach()


@mutant("log_softmax", None, "through .data", "wrong-gradient")
def _(logits):
    z = logits.data - logits.data.amax(-1, keepdim=True)
    return z - z.exp().sum(-1, keepdim=True).log()


@mutant("log_softmax", None, "a detour through NumPy", "wrong-gradient", "raised")
def _(logits):
    z = logits.detach().double().numpy()
    z = torch.from_numpy(z - z.max(-1, keepdims=True))
    return (z - z.exp().sum(-1, keepdim=True).log()).to(logits.dtype)


@mutant("log_softmax", None, "a gradient of NaN beside −∞", "nan-gradient")
def _(logits):
    z = logits - logits.amax(-1, keepdim=True)
    total = z.exp().sum(-1, keepdim=True)
    small = (z.exp() / total).log()
    return torch.where(small.isfinite(), small, z - total.log())


@mutant("log_softmax", None, "very large logits clamped", "shift")
def _(logits):
    return log_softmax(logits.clamp(max=5e4))


@mutant("log_softmax", None, "the library's function", "refused")
def _(logits):
    return F.log_softmax(logits, dim=-1)


@mutant("log_softmax", None, "the library's method", "refused")
def _(logits):
    return logits.log_softmax(-1)


@mutant("log_softmax", None, "the library's module", "refused")
def _(logits):
    return nn.LogSoftmax(dim=-1)(logits)


@mutant("log_softmax", None, "log of the library's softmax", "refused", "underflow")
def _(logits):
    return torch.softmax(logits, -1).log()


@mutant("log_softmax", None, "the library's logsumexp", "refused")
def _(logits):
    return logits - logits.logsumexp(-1, keepdim=True)


@mutant("log_softmax", None, "the library's logaddexp, pair by pair", "refused")
def _(logits):
    return logits - functools.reduce(torch.logaddexp, logits.unbind(-1))[..., None]


@mutant("log_softmax", None, "the library's logcumsumexp", "refused")
def _(logits):
    return logits - logits.logcumsumexp(-1)[..., -1:]


@mutant("log_softmax", None, "the library's cross_entropy of every token", "refused")
def _(logits):
    V = logits.shape[-1]
    rows = logits.reshape(-1, 1, V).expand(-1, V, V).reshape(-1, V)
    ids = torch.arange(V).repeat(len(rows) // V)
    return -F.cross_entropy(rows, ids, reduction="none").reshape(logits.shape)


@mutant("log_softmax", None, "the library's distribution", "refused")
def _(logits):
    return torch.distributions.Categorical(logits=logits, validate_args=False).logits


@mutant("log_softmax", None, "the normaliser alone", "wrong-shape")
def _(logits):
    m = logits.amax(-1, keepdim=True)
    return (m + (logits - m).exp().sum(-1, keepdim=True).log()).squeeze(-1)


@mutant("log_softmax", None, "a list", "wrong-type")
def _(logits):
    return log_softmax(logits).tolist()
