"""Wrong answers to ``seq2seq_loss``: label smoothing."""

import torch
import torch.nn.functional as F
from ch05_seq2seq.mutants.seq2seq_loss import IGNORE_INDEX, count, loss_mutant, right


def terms(logits, labels):
    """The cost of the true token and the mean cost of all, both (B, T), and what is scored."""
    scored = labels != IGNORE_INDEX
    log_p = logits.log_softmax(-1)
    true = -log_p.gather(-1, labels.where(scored, 0)[..., None])[..., 0]
    return true.where(scored, 0), -log_p.mean(-1), scored


def smoothing_mutant(name, *diagnosed):
    """A wrong answer of two terms: ``combine(true, even, e, V)``, each (B, T)."""

    def keep(combine):
        @loss_mutant(None, name, *diagnosed)
        def _(logits, labels, label_smoothing=0.0):
            true, even, scored = terms(logits, labels)
            nll = combine(true, even, label_smoothing, logits.shape[-1])
            return nll.where(scored, 0).sum() / count(labels)

        return combine

    return keep


@smoothing_mutant("smoothing ignored", "smoothing-ignored")
def _(true, even, e, V):
    return true


@smoothing_mutant("weights swapped", "smoothing-swapped")
def _(true, even, e, V):
    return e * true + (1 - e) * even


@smoothing_mutant("ε over the other V − 1", "smoothing-others")
def _(true, even, e, V):
    return (1 - e) * true + e * (V * even - true) / (V - 1)


@smoothing_mutant("all V tokens, divided by V − 1", "smoothing-others")
def _(true, even, e, V):
    return (1 - e) * true + e / (V - 1) * V * even


@smoothing_mutant("the true token has 1 − ε, the others ε / V", "true-left-out")
def _(true, even, e, V):
    return (1 - e) * true + e / V * (V * even - true)


@smoothing_mutant("summed over the vocabulary", "smoothing-summed")
def _(true, even, e, V):
    return (1 - e) * true + e * V * even


@smoothing_mutant("added without 1 − ε", "smoothing-added")
def _(true, even, e, V):
    return true + e * even


@smoothing_mutant("1 − ε put before both", "nothing-but-smoothing")
def _(true, even, e, V):
    return (1 - e) * (true + e / (1 - e) * even)


@smoothing_mutant("never all of it", "nothing-but-smoothing")
def _(true, even, e, V):
    e = min(e, 0.999)
    return (1 - e) * true + e * even


@smoothing_mutant("1 taken for no smoothing", "nothing-but-smoothing")
def _(true, even, e, V):
    return (1 - e) * true + e * even if e < 1 else true


@smoothing_mutant("only scaled", "smoothing-missing")
def _(true, even, e, V):
    return (1 - e) * true


@smoothing_mutant("log-probabilities without a minus", "smoothing-sign")
def _(true, even, e, V):
    return (1 - e) * true - e * even


@smoothing_mutant("the mean divided by V again", "smoothing-twice")
def _(true, even, e, V):
    return (1 - e) * true + e / V * even


@smoothing_mutant("always 0.1", "smoothing-fixed")
def _(true, even, e, V):
    return 0.9 * true + 0.1 * even


@smoothing_mutant("the prediction smoothed", "smoothed-prediction")
def _(true, even, e, V):
    return -((1 - e) * (-true).exp() + e / V).log()


@smoothing_mutant("a constant added", "even-no-log")
def _(true, even, e, V):
    return (1 - e) * true + e / V


@smoothing_mutant("half of ε")
def _(true, even, e, V):
    return (1 - e / 2) * true + e / 2 * even


@loss_mutant(None, "smoothed twice", "smoothing-twice")
def _(logits, labels, label_smoothing=0.0):
    e = label_smoothing
    _, even, scored = terms(logits, labels)
    smoothed = right(logits, labels, e)
    return (1 - e) * smoothed + e * (even * scored).sum() / count(labels)


@loss_mutant(None, "mean of the logits", "even-no-log")
def _(logits, labels, label_smoothing=0.0):
    true, _, scored = terms(logits, labels)
    even = -logits.mean(-1) * scored
    return ((1 - label_smoothing) * true + label_smoothing * even).sum() / count(labels)


@loss_mutant(None, "entropy of the prediction", "entropy")
def _(logits, labels, label_smoothing=0.0):
    true, _, scored = terms(logits, labels)
    log_p = logits.log_softmax(-1)
    entropy = -(log_p.exp() * log_p).sum(-1) * scored
    return ((1 - label_smoothing) * true + label_smoothing * entropy).sum() / count(labels)


@loss_mutant(None, "a confidence penalty", "entropy")
def _(logits, labels, label_smoothing=0.0):
    true, _, scored = terms(logits, labels)
    entropy = torch.distributions.Categorical(logits=logits).entropy() * scored
    return (true - label_smoothing * entropy).sum() / count(labels)


def smoothed_target(logits, labels, e):
    V, scored = logits.shape[-1], labels != IGNORE_INDEX
    q = (1 - e) * F.one_hot(labels.where(scored, 0), V) + e / V
    return q.to(logits.dtype) * scored[..., None]


@loss_mutant(None, "KL divergence", "kl")
def _(logits, labels, label_smoothing=0.0):
    q = smoothed_target(logits, labels, label_smoothing)
    return F.kl_div(logits.log_softmax(-1), q, reduction="sum") / count(labels)


@loss_mutant(25, "KL divergence, mean over the batch")
def _(logits, labels, label_smoothing=0.0):
    q = smoothed_target(logits, labels, label_smoothing)
    return F.kl_div(logits.log_softmax(-1), q, reduction="batchmean")


@loss_mutant(25, "smoothed one-hot, mean over all positions", "all-positions")
def _(logits, labels, label_smoothing=0.0):
    q = smoothed_target(logits, labels, label_smoothing)
    return -(q * logits.log_softmax(-1)).sum(-1).mean()


@loss_mutant(None, "padding smoothed, divided by N", "padding-smoothed")
def _(logits, labels, label_smoothing=0.0):
    true, even, _ = terms(logits, labels)
    return ((1 - label_smoothing) * true + label_smoothing * even).sum() / count(labels)


@loss_mutant(None, "the smoothing term a mean over everything", "padding-smoothed")
def _(logits, labels, label_smoothing=0.0):
    true, even, _ = terms(logits, labels)
    return (1 - label_smoothing) * true.sum() / count(labels) + label_smoothing * even.mean()


@loss_mutant(25, "the smoothing term divided by all positions", "smoothing-all-positions")
def _(logits, labels, label_smoothing=0.0):
    true, even, scored = terms(logits, labels)
    smoothing = (even * scored).mean()
    return (1 - label_smoothing) * true.sum() / count(labels) + label_smoothing * smoothing


@loss_mutant(None, "the smoothing term summed over the positions", "smoothing-summed")
def _(logits, labels, label_smoothing=0.0):
    true, even, scored = terms(logits, labels)
    smoothing = (even * scored).sum()
    return (1 - label_smoothing) * true.sum() / count(labels) + label_smoothing * smoothing


@loss_mutant(40, "shifted again, with smoothing by hand", "shifted-again")
def _(logits, labels, label_smoothing=0.0):
    true, even, scored = terms(logits[:, :-1], labels[:, 1:])
    nll = (1 - label_smoothing) * true + label_smoothing * even * scored
    return nll.sum() / count(labels[:, 1:])


@loss_mutant(None, "label_smoothing is what the true token keeps", "smoothing-reversed-meaning")
def _(logits, labels, label_smoothing=1.0):
    kept = label_smoothing or 1.0
    return right(logits, labels, 1 - kept)
