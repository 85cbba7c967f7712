"""Wrong answers to ``token_nll``."""

import math

import torch
import torch.nn.functional as F
from ch01_prediction.mutants.parts import (
    IGNORE_INDEX,
    count,
    log_softmax,
    mutant,
    token_nll,
)
from torch import nn


def _pick(log_probs, targets):
    return log_probs.gather(-1, targets.clamp(min=0)[..., None])[..., 0]


def _zero(nll, targets):
    return nll.masked_fill(targets == IGNORE_INDEX, 0.0)


@mutant("token_nll", None, "the sign", "negative")
def _(logits, targets):
    return _zero(_pick(log_softmax(logits), targets), targets)


@mutant("token_nll", None, "the sign of the library's", "negative")
def _(logits, targets):
    return -F.cross_entropy(logits.mT, targets, reduction="none")


@mutant("token_nll", None, "the probability", "probability")
def _(logits, targets):
    return _zero(_pick(logits.softmax(-1), targets), targets)


@mutant("token_nll", None, "one less the probability", "probability")
def _(logits, targets):
    return _zero(1 - _pick(logits.softmax(-1), targets), targets)


@mutant("token_nll", 28, "nll_loss of softmax", "probability")
def _(logits, targets):
    return F.nll_loss(logits.softmax(-1).mT, targets, reduction="none")


@mutant("token_nll", 28, "softmax, then cross-entropy", "softmax-twice")
def _(logits, targets):
    return F.cross_entropy(logits.softmax(-1).mT, targets, reduction="none")


@mutant("token_nll", 28, "nll_loss of logits", "no-log")
def _(logits, targets):
    return F.nll_loss(logits.mT, targets, reduction="none")


@mutant("token_nll", 28, "the logit itself", "no-log")
def _(logits, targets):
    return _zero(_pick(logits, targets), targets)


@mutant("token_nll", None, "log of the logit", "no-log")
def _(logits, targets):
    return _zero(-_pick(logits, targets).log(), targets)


@mutant("token_nll", None, "softmax over the positions", "wrong-axis")
def _(logits, targets):
    return _zero(-_pick(logits.log_softmax(1), targets), targets)


@mutant("token_nll", None, "softmax over the batch", "wrong-axis")
def _(logits, targets):
    return _zero(-_pick(logits.log_softmax(0), targets), targets)


@mutant("token_nll", None, "softmax of each row of the batch at once", "all-at-once")
def _(logits, targets):
    log_probs = logits.flatten(1).log_softmax(1).view_as(logits)
    return _zero(-_pick(log_probs, targets), targets)


@mutant("token_nll", None, "clamped but not zeroed", "ignored-scored")
def _(logits, targets):
    return -_pick(log_softmax(logits), targets)


@mutant("token_nll", None, "ignored replaced by 0, then all scored", "ignored-scored")
def _(logits, targets):
    return F.cross_entropy(logits.mT, targets.masked_fill(targets == -100, 0), reduction="none")


@mutant("token_nll", None, "ignored wrapped around by a remainder", "ignored-scored")
def _(logits, targets):
    ids = targets % logits.shape[-1]
    return -log_softmax(logits).gather(-1, ids[..., None])[..., 0]


@mutant("token_nll", None, "gather of −100", "ignored-as-index")
def _(logits, targets):
    return _zero(-log_softmax(logits).gather(-1, targets[..., None])[..., 0], targets)


@mutant("token_nll", None, "−100 as an index", "ignored-as-index")
def _(logits, targets):
    B, T = targets.shape
    log_probs = log_softmax(logits)
    return -log_probs[torch.arange(B)[:, None], torch.arange(T)[None], targets]


@mutant("token_nll", None, "−100 as an index, one by one", "ignored-as-index")
def _(logits, targets):
    nll = torch.zeros(targets.shape, dtype=logits.dtype)
    for b in range(targets.shape[0]):
        for t in range(targets.shape[1]):
            nll[b, t] = -log_softmax(logits[b, t])[targets[b, t]]
    return nll


@mutant("token_nll", None, "one_hot of −100", "ignored-as-index")
def _(logits, targets):
    one_hot = F.one_hot(targets, logits.shape[-1])
    return -(one_hot * log_softmax(logits)).sum(-1)


@mutant("token_nll", None, "another ignore_index", "ignored-as-index")
def _(logits, targets):
    return F.cross_entropy(logits.mT, targets, ignore_index=-1, reduction="none")


@mutant("token_nll", None, "pad as ignore_index", "ignored-as-index", "masked-by-id")
def _(logits, targets):
    return F.cross_entropy(logits.mT, targets, ignore_index=0, reduction="none")


@mutant("token_nll", None, "NaN where ignored", "ignored-not-0")
def _(logits, targets):
    return token_nll(logits, targets).masked_fill(targets == -100, float("nan"))


@mutant("token_nll", None, "IGNORE_INDEX where ignored", "ignored-not-0")
def _(logits, targets):
    return token_nll(logits, targets).masked_fill(targets == -100, IGNORE_INDEX)


@mutant("token_nll", None, "infinity where ignored", "ignored-not-0")
def _(logits, targets):
    return -_pick(log_softmax(logits), targets).masked_fill(targets == -100, float("-inf"))


@mutant("token_nll", None, "the mask upside down", "ignored-alone")
def _(logits, targets):
    nll = -_pick(log_softmax(logits), targets)
    return nll.masked_fill(targets != IGNORE_INDEX, 0.0)


@mutant("token_nll", None, "the mask upside down, in where", "ignored-alone")
def _(logits, targets):
    nll = -_pick(log_softmax(logits), targets)
    return torch.where(targets == -100, nll, torch.zeros_like(nll))


@mutant("token_nll", 22, "scored if greater than 0", "masked-by-id")
def _(logits, targets):
    nll = -_pick(log_softmax(logits), targets)
    return torch.where(targets > 0, nll, 0.0)


@mutant("token_nll", 22, "0 ignored as well", "masked-by-id")
def _(logits, targets):
    labels = targets.masked_fill(targets == 0, IGNORE_INDEX)
    return F.cross_entropy(logits.mT, labels, reduction="none")


@mutant("token_nll", 22, "0 ignored instead", "masked-by-id")
def _(logits, targets):
    nll = -_pick(log_softmax(logits), targets)
    return nll.masked_fill(targets == 0, 0.0)


@mutant("token_nll", None, "naive softmax", "unstable")
def _(logits, targets):
    p = logits.exp() / logits.exp().sum(-1, keepdim=True)
    return _zero(-_pick(p, targets).log(), targets)


@mutant("token_nll", None, "naive log of the sum", "unstable")
def _(logits, targets):
    nll = logits.exp().sum(-1).log() - _pick(logits, targets)
    return _zero(nll, targets)


@mutant("token_nll", None, "log of softmax", "unstable")
def _(logits, targets):
    return _zero(-_pick(logits.softmax(-1), targets).log(), targets)


@mutant("token_nll", None, "eps in the log", "eps-in-log")
def _(logits, targets):
    return _zero(-torch.log(_pick(logits.softmax(-1), targets) + 1e-9), targets)


@mutant("token_nll", None, "probabilities clamped", "eps-in-log")
def _(logits, targets):
    return _zero(-_pick(logits.softmax(-1).clamp(min=1e-8), targets).log(), targets)


@mutant("token_nll", 25, "averaged by the library", "averaged")
def _(logits, targets):
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten())


@mutant("token_nll", None, "summed by the library", "averaged")
def _(logits, targets):
    return F.cross_entropy(logits.mT, targets, reduction="sum")


@mutant("token_nll", None, "averaged over each row", "averaged")
def _(logits, targets):
    return token_nll(logits, targets).mean(dim=1)


@mutant("token_nll", None, "the mean of the scored ones", "averaged")
def _(logits, targets):
    return token_nll(logits, targets).sum() / count(targets).clamp(min=1)


@mutant("token_nll", None, "divided by the number of scored tokens", "divided")
def _(logits, targets):
    return token_nll(logits, targets) / count(targets).clamp(min=1)


@mutant("token_nll", None, "divided by the number of positions", "divided")
def _(logits, targets):
    return token_nll(logits, targets) / targets.numel()


@mutant("token_nll", 30, "in bits", "bits")
def _(logits, targets):
    return token_nll(logits, targets) / math.log(2)


@mutant("token_nll", 30, "log2 of softmax", "bits", "unstable")
def _(logits, targets):
    return _zero(-_pick(logits.softmax(-1), targets).log2(), targets)


@mutant("token_nll", None, "log10", "bits")
def _(logits, targets):
    return _zero(-_pick(log_softmax(logits).exp(), targets).log10(), targets)


@mutant("token_nll", 29, "perplexity of each token", "exponential")
def _(logits, targets):
    return token_nll(logits, targets).exp()


@mutant("token_nll", 29, "perplexity of each scored token", "exponential")
def _(logits, targets):
    return _zero(token_nll(logits, targets).exp(), targets)


@mutant("token_nll", None, "the likeliest token", "likeliest")
def _(logits, targets):
    return _zero(-log_softmax(logits).max(-1).values, targets)


@mutant("token_nll", None, "the likeliest token, by argmax", "likeliest")
def _(logits, targets):
    return _zero(token_nll(logits, logits.argmax(-1)), targets)


@mutant("token_nll", None, "the entropy", "entropy")
def _(logits, targets):
    return _zero(-(logits.softmax(-1) * logits.log_softmax(-1)).sum(-1), targets)


@mutant("token_nll", 20, "shifted once more", "shifted")
def _(logits, targets):
    return token_nll(logits[:, :-1], targets[:, 1:])


@mutant("token_nll", 20, "shifted once more, padded", "shifted")
def _(logits, targets):
    return F.pad(token_nll(logits[:, :-1], targets[:, 1:]), (0, 1))


@mutant("token_nll", 21, "shifted the other way", "shifted")
def _(logits, targets):
    return F.pad(token_nll(logits[:, 1:], targets[:, :-1]), (1, 0))


@mutant("token_nll", 27, "view for transpose", "view")
def _(logits, targets):
    B, T, V = logits.shape
    return F.cross_entropy(logits.view(B, V, T), targets, reduction="none")


@mutant("token_nll", 27, "time first, flattened against batch first", "view")
def _(logits, targets):
    flat = logits.transpose(0, 1).reshape(-1, logits.shape[-1])
    return F.cross_entropy(flat, targets.reshape(-1), reduction="none").view(targets.shape)


@mutant("token_nll", 27, "both time first, and viewed as batch first", "scrambled")
def _(logits, targets):
    flat = logits.transpose(0, 1).reshape(-1, logits.shape[-1])
    nll = F.cross_entropy(flat, targets.T.reshape(-1), reduction="none")
    return nll.view(targets.shape)


@mutant("token_nll", 27, "the result transposed", "scrambled", "wrong-shape")
def _(logits, targets):
    return token_nll(logits, targets).T.contiguous()


@mutant("token_nll", 27, "shape given back the wrong way round", "scrambled")
def _(logits, targets):
    B, T = targets.shape
    nll = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")
    return nll.view(T, B).T


@mutant("token_nll", 27, "neither transposed nor flattened", "class-dimension")
def _(logits, targets):
    return F.cross_entropy(logits, targets, reduction="none")


@mutant("token_nll", 27, "nll_loss, neither transposed nor flattened", "class-dimension")
def _(logits, targets):
    return nn.NLLLoss(reduction="none")(logits.log_softmax(-1), targets)


@mutant("token_nll", None, "left flat", "scrambled", "wrong-shape")
def _(logits, targets):
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")


@mutant("token_nll", None, "the scored ones only", "ignored-dropped")
def _(logits, targets):
    scored = targets != IGNORE_INDEX
    return F.cross_entropy(logits[scored], targets[scored], reduction="none")


@mutant("token_nll", None, "a dimension too many", "wrong-shape")
def _(logits, targets):
    nll = -log_softmax(logits).gather(-1, targets.clamp(min=0)[..., None])
    return nll.masked_fill((targets == -100)[..., None], 0.0)


@mutant("token_nll", None, "always float32", "wrong-dtype")
def _(logits, targets):
    return token_nll(logits.float(), targets)


@mutant("token_nll", None, "half precision returned as float64", "half-precision")
def _(logits, targets):
    return token_nll(logits.double() if logits.dtype.itemsize == 2 else logits, targets)


@mutant("token_nll", None, "targets clamped in place", "in-place")
def _(logits, targets):
    scored = targets != IGNORE_INDEX
    targets[~scored] = 0
    return torch.where(scored, token_nll(logits, targets), 0.0)


@mutant("token_nll", None, "logits zeroed in place where ignored", "in-place")
def _(logits, targets):
    logits[targets == IGNORE_INDEX] = 0.0
    return token_nll(logits, targets)


@mutant("token_nll", None, "detached", "wrong-gradient")
def _(logits, targets):
    return token_nll(logits, targets).detach()


@mutant("token_nll", None, "numbers put into a new tensor", "wrong-gradient")
def _(logits, targets):
    nll = torch.zeros(targets.shape, dtype=logits.dtype)
    for b, t in (targets != IGNORE_INDEX).nonzero().tolist():
        nll[b, t] = -log_softmax(logits[b, t])[targets[b, t]].item()
    return nll


@mutant("token_nll", None, "the normaliser detached", "wrong-gradient")
def _(logits, targets):
    nll = logits.detach().logsumexp(-1) - _pick(logits, targets)
    return _zero(nll, targets)


@mutant("token_nll", None, "a list of lists", "wrong-type")
def _(logits, targets):
    return token_nll(logits, targets).tolist()


@mutant("token_nll", 24, "shape lost when nothing is scored", "nothing-scored")
def _(logits, targets):
    if not (targets != IGNORE_INDEX).any():
        return logits.sum() * 0
    return token_nll(logits, targets)


@mutant("token_nll", None, "smoothed labels")
def _(logits, targets):
    return F.cross_entropy(logits.mT, targets, reduction="none", label_smoothing=0.1)
