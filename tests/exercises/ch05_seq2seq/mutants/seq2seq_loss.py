"""Wrong answers to ``seq2seq_loss``: what is scored, and how the costs become one number."""

import math

import torch
import torch.nn.functional as F
from ch05_seq2seq.mutants.parts import mutant
from torch import nn

IGNORE_INDEX = -100


def loss_mutant(number, name, *diagnosed):
    """A wrong answer to ``seq2seq_loss``."""
    return mutant("seq2seq_loss", number, name, *diagnosed)


def token_nll(logits, labels, label_smoothing=0.0):
    """(B, T), 0 where ignored."""
    return F.cross_entropy(logits.mT, labels, reduction="none", label_smoothing=label_smoothing)


def count(labels):
    return (labels != IGNORE_INDEX).sum().clamp(min=1)


def right(logits, labels, label_smoothing=0.0):
    return token_nll(logits, labels, label_smoothing).sum() / count(labels)


@loss_mutant(40, "shifted again: slices", "shifted-again")
def _(logits, labels, label_smoothing=0.0):
    return right(logits[:, :-1], labels[:, 1:], label_smoothing)


@loss_mutant(40, "shifted again, divided by all labels", "shifted-again")
def _(logits, labels, label_smoothing=0.0):
    nll = token_nll(logits[:, :-1], labels[:, 1:], label_smoothing)
    return nll.sum() / count(labels)


@loss_mutant(40, "shifted again: rolled", "shifted-again")
def _(logits, labels, label_smoothing=0.0):
    return right(logits, labels.roll(-1, 1), label_smoothing)


@loss_mutant(21, "shifted the other way", "shifted-back")
def _(logits, labels, label_smoothing=0.0):
    return right(logits[:, 1:], labels[:, :-1], label_smoothing)


@loss_mutant(21, "scored against what the decoder reads", "shifted-back")
def _(logits, labels, label_smoothing=0.0):
    read = F.pad(labels[:, :-1], (1, 0), value=IGNORE_INDEX)
    return right(logits, read, label_smoothing)


@loss_mutant(40, "the first label taken for a start token", "first-dropped")
def _(logits, labels, label_smoothing=0.0):
    return right(logits[:, 1:], labels[:, 1:], label_smoothing)


@loss_mutant(None, "the last position dropped", "last-dropped", "end-dropped")
def _(logits, labels, label_smoothing=0.0):
    return right(logits[:, :-1], labels[:, :-1], label_smoothing)


@loss_mutant(None, "the last label of each row dropped", "end-dropped")
def _(logits, labels, label_smoothing=0.0):
    n = (labels != IGNORE_INDEX).sum(1, keepdim=True)
    last = torch.arange(labels.shape[1]) == n - 1
    return right(logits, labels.masked_fill(last, IGNORE_INDEX), label_smoothing)


@loss_mutant(22, "token 0 taken for padding", "masked-by-id")
def _(logits, labels, label_smoothing=0.0):
    return right(logits, labels.masked_fill(labels <= 0, IGNORE_INDEX), label_smoothing)


@loss_mutant(22, "token 0 left out of the sum alone", "masked-by-id")
def _(logits, labels, label_smoothing=0.0):
    nll = token_nll(logits, labels, label_smoothing) * (labels > 0)
    return nll.sum() / count(labels)


@loss_mutant(22, "eos is not scored", "masked-by-id")
def _(logits, labels, label_smoothing=0.0):
    return right(logits, labels.masked_fill(labels == 2, IGNORE_INDEX), label_smoothing)


@loss_mutant(38, "ignore_index of 0", "ignored-as-index")
def _(logits, labels, label_smoothing=0.0):
    return F.cross_entropy(logits.mT, labels, ignore_index=0, label_smoothing=label_smoothing)


@loss_mutant(38, "−100 gathered", "ignored-as-index")
def _(logits, labels, label_smoothing=0.0):
    log_p = logits.log_softmax(-1)
    true = -log_p.gather(-1, labels[..., None])[..., 0]
    nll = (1 - label_smoothing) * true - label_smoothing * log_p.mean(-1)
    return (nll * (labels != IGNORE_INDEX)).sum() / count(labels)


@loss_mutant(38, "−100 made one-hot", "ignored-as-index")
def _(logits, labels, label_smoothing=0.0):
    q = F.one_hot(labels, logits.shape[-1])
    q = (1 - label_smoothing) * q + label_smoothing / logits.shape[-1]
    return -(q * logits.log_softmax(-1)).sum() / count(labels)


@loss_mutant(38, "−100 as an index of Python", "raised")
def _(logits, labels, label_smoothing=0.0):
    total = logits.sum() * 0
    for b in range(labels.shape[0]):
        for t in range(labels.shape[1]):
            log_p = logits[b, t].log_softmax(0)
            total = total - (1 - label_smoothing) * log_p[labels[b, t]]
            total = total - label_smoothing * log_p.mean()
    return total / count(labels)


@loss_mutant(None, "−100 clamped to 0 and scored", "padding-scored")
def _(logits, labels, label_smoothing=0.0):
    return F.cross_entropy(logits.mT, labels.clamp(min=0), label_smoothing=label_smoothing)


@loss_mutant(None, "−100 clamped to 0, divided by the scored", "padding-scored")
def _(logits, labels, label_smoothing=0.0):
    nll = token_nll(logits, labels.clamp(min=0), label_smoothing)
    return nll.sum() / count(labels)


@loss_mutant(None, "−100 scored as token 1", "padding-scored")
def _(logits, labels, label_smoothing=0.0):
    filled = labels.masked_fill(labels == IGNORE_INDEX, 1)
    return right(logits, filled, label_smoothing)


@loss_mutant(24, "cross_entropy without a guard", "nan-when-empty")
def _(logits, labels, label_smoothing=0.0):
    return F.cross_entropy(logits.flatten(0, 1), labels.flatten(), label_smoothing=label_smoothing)


@loss_mutant(24, "sum over count without a guard", "nan-when-empty")
def _(logits, labels, label_smoothing=0.0):
    nll = token_nll(logits, labels, label_smoothing)
    return nll.sum() / (labels != IGNORE_INDEX).sum()


@loss_mutant(24, "nothing scored gives a constant", "nothing-scored")
def _(logits, labels, label_smoothing=0.0):
    if (labels == IGNORE_INDEX).all():
        return logits.new_zeros(())
    return F.cross_entropy(logits.mT, labels, label_smoothing=label_smoothing)


@loss_mutant(24, "nothing scored gives the number 0", "nothing-scored")
def _(logits, labels, label_smoothing=0.0):
    if (labels == IGNORE_INDEX).all():
        return 0.0
    return right(logits, labels, label_smoothing)


@loss_mutant(24, "0 in value, NaN in gradient", "nothing-scored")
def _(logits, labels, label_smoothing=0.0):
    scored = labels != IGNORE_INDEX
    nll = token_nll(logits, labels.where(scored, 0), label_smoothing) * scored
    mean = nll.sum() / scored.sum()
    return torch.where((labels == IGNORE_INDEX).all(), torch.zeros_like(mean), mean)


@loss_mutant(24, "NaN made 0", "nan-hidden", "nothing-scored")
def _(logits, labels, label_smoothing=0.0):
    return F.cross_entropy(logits.mT, labels, label_smoothing=label_smoothing).nan_to_num()


@loss_mutant(24, "guarded without smoothing only", "nothing-scored")
def _(logits, labels, label_smoothing=0.0):
    if label_smoothing:
        return F.cross_entropy(logits.mT, labels, label_smoothing=label_smoothing)
    return right(logits, labels)


@loss_mutant(None, "NaN logits left out", "nan-hidden")
def _(logits, labels, label_smoothing=0.0):
    return token_nll(logits, labels, label_smoothing).nansum() / count(labels)


@loss_mutant(25, "mean over all positions", "all-positions")
def _(logits, labels, label_smoothing=0.0):
    return token_nll(logits, labels, label_smoothing).mean()


@loss_mutant(25, "divided by the batch size", "divided-by-rows")
def _(logits, labels, label_smoothing=0.0):
    return token_nll(logits, labels, label_smoothing).sum(1).mean()


@loss_mutant(25, "divided by T", "divided-by-length")
def _(logits, labels, label_smoothing=0.0):
    return token_nll(logits, labels, label_smoothing).sum() / labels.shape[1]


@loss_mutant(25, "one more than N", "count-off")
def _(logits, labels, label_smoothing=0.0):
    nll = token_nll(logits, labels, label_smoothing)
    return nll.sum() / ((labels != IGNORE_INDEX).sum() + 1)


@loss_mutant(25, "the mean divided by N again", "divided-twice")
def _(logits, labels, label_smoothing=0.0):
    return right(logits, labels, label_smoothing) / count(labels)


@loss_mutant(25, "averaged over the vocabulary too", "divided-by-vocabulary")
def _(logits, labels, label_smoothing=0.0):
    return right(logits, labels, label_smoothing) / logits.shape[-1]


@loss_mutant(26, "mean of the rows' means", "mean-of-rows")
def _(logits, labels, label_smoothing=0.0):
    nll = token_nll(logits, labels, label_smoothing)
    return (nll.sum(1) / (labels != IGNORE_INDEX).sum(1).clamp(min=1)).mean()


@loss_mutant(26, "mean of the means of rows that have one", "mean-of-rows")
def _(logits, labels, label_smoothing=0.0):
    means = [
        F.cross_entropy(z, y, label_smoothing=label_smoothing)
        for z, y in zip(logits, labels, strict=True)
        if (y != IGNORE_INDEX).any()
    ]
    return torch.stack(means).mean() if means else logits.sum() * 0


@loss_mutant(27, "view where transpose was meant", "view")
def _(logits, labels, label_smoothing=0.0):
    B, T, V = logits.shape
    total = F.cross_entropy(
        logits.reshape(B, V, T), labels, reduction="sum", label_smoothing=label_smoothing
    )
    return total / count(labels)


@loss_mutant(27, "labels flattened after a transpose", "orders-differ")
def _(logits, labels, label_smoothing=0.0):
    total = F.cross_entropy(
        logits.flatten(0, 1), labels.T.flatten(), reduction="sum", label_smoothing=label_smoothing
    )
    return total / count(labels)


@loss_mutant(27, "neither transposed nor flattened", "class-dimension")
def _(logits, labels, label_smoothing=0.0):
    return F.cross_entropy(logits, labels, label_smoothing=label_smoothing)


@loss_mutant(28, "softmax before cross-entropy", "softmax-twice")
def _(logits, labels, label_smoothing=0.0):
    return right(logits.softmax(-1), labels, label_smoothing)


@loss_mutant(28, "no logarithm", "no-log")
def _(logits, labels, label_smoothing=0.0):
    p = logits.softmax(-1)
    true = F.nll_loss(p.mT, labels, reduction="sum") / count(labels)
    even = -(p.mean(-1) * (labels != IGNORE_INDEX)).sum() / count(labels)
    return (1 - label_smoothing) * true + label_smoothing * even


@loss_mutant(None, "softmax over time", "wrong-axis")
def _(logits, labels, label_smoothing=0.0):
    log_p = logits.log_softmax(1)
    true = F.nll_loss(log_p.mT, labels, reduction="none")
    even = -log_p.mean(-1) * (labels != IGNORE_INDEX)
    return ((1 - label_smoothing) * true + label_smoothing * even).sum() / count(labels)


@loss_mutant(None, "labels reversed", "reversed")
def _(logits, labels, label_smoothing=0.0):
    return right(logits, labels.flip(1), label_smoothing)


@loss_mutant(None, "the logits of padding zeroed", "logits-times-mask")
def _(logits, labels, label_smoothing=0.0):
    z = logits * (labels != IGNORE_INDEX)[..., None]
    return F.cross_entropy(z.mT, labels.clamp(min=0), label_smoothing=label_smoothing)


@loss_mutant(29, "perplexity", "perplexity")
def _(logits, labels, label_smoothing=0.0):
    return right(logits, labels, label_smoothing).exp()


@loss_mutant(None, "bits", "bits")
def _(logits, labels, label_smoothing=0.0):
    return right(logits, labels, label_smoothing) / math.log(2)


@loss_mutant(None, "the sum", "sum")
def _(logits, labels, label_smoothing=0.0):
    loss = nn.CrossEntropyLoss(reduction="sum", label_smoothing=label_smoothing)
    return loss(logits.mT, labels)


@loss_mutant(None, "sign forgotten", "negative")
def _(logits, labels, label_smoothing=0.0):
    return -right(logits, labels, label_smoothing)


@loss_mutant(None, "a cost per position", "not-reduced")
def _(logits, labels, label_smoothing=0.0):
    return token_nll(logits, labels, label_smoothing)


@loss_mutant(None, "a mean per row", "not-reduced")
def _(logits, labels, label_smoothing=0.0):
    nll = token_nll(logits, labels, label_smoothing)
    return nll.sum(1) / (labels != IGNORE_INDEX).sum(1).clamp(min=1)


@loss_mutant(None, "the largest cost")
def _(logits, labels, label_smoothing=0.0):
    return token_nll(logits, labels, label_smoothing).max()


@loss_mutant(None, "log of an underflowing softmax", "unstable")
def _(logits, labels, label_smoothing=0.0):
    log_p = (logits.softmax(-1) + 1e-9).log()
    true = F.nll_loss(log_p.mT, labels, reduction="none")
    even = -log_p.mean(-1) * (labels != IGNORE_INDEX)
    return ((1 - label_smoothing) * true + label_smoothing * even).sum() / count(labels)


@loss_mutant(None, "always float32", "double-precision")
def _(logits, labels, label_smoothing=0.0):
    return right(logits.float(), labels, label_smoothing)


@loss_mutant(None, "a float", "wrong-type")
def _(logits, labels, label_smoothing=0.0):
    return right(logits, labels, label_smoothing).item()


@loss_mutant(None, "detached", "wrong-gradient")
def _(logits, labels, label_smoothing=0.0):
    return right(logits, labels, label_smoothing).detach()


@loss_mutant(None, "the smoothing term detached", "wrong-gradient")
def _(logits, labels, label_smoothing=0.0):
    smoothed = right(logits, labels, label_smoothing).detach()
    plain = right(logits, labels)
    return smoothed + (1 - label_smoothing) * (plain - plain.detach())


@loss_mutant(23, "−100 overwritten in the labels", "in-place")
def _(logits, labels, label_smoothing=0.0):
    scored = labels != IGNORE_INDEX
    labels[~scored] = 0
    nll = token_nll(logits, labels, label_smoothing) * scored
    return nll.sum() / scored.sum().clamp(min=1)


@loss_mutant(24, "1e-8 added in half precision", "half-precision")
def _(logits, labels, label_smoothing=0.0):
    scored = (labels != IGNORE_INDEX).to(logits.dtype)
    nll = token_nll(logits, labels, label_smoothing)
    return nll.sum() / (scored.sum() + 1e-8)
