"""Mistakes in the loss of the labels, with label smoothing and without: of ``seq2seq_loss``."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from labtools.checks.ch05_seq2seq.loss_words import WORDS
from labtools.checks.losses import (
    LOG_PROBS,
    ONE_BATCH,
    REDUCTIONS,
    Losses,
    Reduce,
    by_tokens,
    of_one,
    per,
    total,
)
from labtools.checks.spec import Mistake, Rules, mistakes
from labtools.vocab import IGNORE_INDEX


@dataclass(frozen=True)
class Costs:
    """Of every position, scored or not: of the ``true`` token, and the mean ``even`` of all V.

    ``logits`` and ``log_probs`` are (B, T, V), the others (B, T). ``true`` is of token 0 where
    nothing is scored.
    """

    logits: Tensor
    log_probs: Tensor
    targets: Tensor

    @property
    def true(self) -> Tensor:
        tokens = self.targets.where(self.targets != IGNORE_INDEX, 0)
        return -self.log_probs.gather(-1, tokens[..., None])[..., 0]

    @property
    def even(self) -> Tensor:
        return -self.log_probs.mean(-1)

    @property
    def V(self) -> int:
        return self.logits.shape[-1]


Cost = Callable[[Costs, float], Tensor]


@dataclass(frozen=True)
class Smoothed(Losses):
    """And what it is made of, with the ``labels`` as they were given."""

    costs: Costs
    epsilon: float
    labels: Tensor


def _smoothed(c: Costs, e: float) -> Tensor:
    return (1 - e) * c.true + e * c.even


def _loss(
    logits: Tensor,
    labels: Tensor,
    label_smoothing: float = 0.0,
    *,
    read: Callable[[Tensor], Tensor] = lambda labels: labels,
    log_probs: Callable[[Tensor], Tensor] = lambda z: z.log_softmax(-1),
    given: Callable[[Tensor, Tensor], Tensor] = lambda z, labels: z,
    cost: Cost = _smoothed,
    reduce: Reduce = by_tokens,
) -> Tensor:
    """Right when no knob is turned."""
    z = given(logits.double(), labels)
    costs = Costs(z, log_probs(z), read(labels))
    scored = costs.targets != IGNORE_INDEX
    nll = cost(costs, label_smoothing).where(scored, 0.0)
    batch = Smoothed(nll, scored, costs, label_smoothing, labels)
    return reduce([batch]).to(logits.dtype)


def _left(labels: Tensor) -> Tensor:
    return F.pad(labels[:, 1:], (0, 1), value=IGNORE_INDEX)


def _right(labels: Tensor) -> Tensor:
    return F.pad(labels[:, :-1], (1, 0), value=IGNORE_INDEX)


def _without_first(labels: Tensor) -> Tensor:
    return _right(_left(labels))


def _without_last_position(labels: Tensor) -> Tensor:
    return _left(_right(labels))


def _without_end(labels: Tensor) -> Tensor:
    """The last label of every row is left out, where the row's padding begins or it ends."""
    return labels.masked_fill(_left(labels) == IGNORE_INDEX, IGNORE_INDEX)


def _as_token(token: int) -> Callable[[Tensor], Tensor]:
    return lambda labels: labels.masked_fill(labels == IGNORE_INDEX, token)


def _without(*tokens: int) -> Callable[[Tensor], Tensor]:
    return lambda labels: labels.masked_fill(torch.isin(labels, torch.tensor(tokens)), IGNORE_INDEX)


def _by_position(labels: Tensor) -> Tensor:
    return labels.T.reshape(labels.shape)


def _flipped(labels: Tensor) -> Tensor:
    return labels.flip(1)


_by_labels = per(lambda batch: (batch.labels != IGNORE_INDEX).sum())
_by_positions = per(lambda batch: batch.nll.numel())
READ: Rules = (
    *(("shifted-again", {"read": read}) for read in (_left, lambda x: x.roll(-1, 1))),
    *(("shifted-back", {"read": read}) for read in (_right, lambda x: x.roll(1, 1))),
    ("first-dropped", {"read": _without_first}),
    ("end-dropped", {"read": _without_end}),
    ("last-dropped", {"read": _without_last_position}),
    *(("padding-scored", {"read": _as_token(token)}) for token in (0, 1, 2)),
    *(("masked-by-id", {"read": _without(token)}) for token in (0, 1, 2, 3)),
    ("masked-by-id", {"read": _without(0, 1)}),
    ("masked-by-id", {"read": _without(0, 1, 2)}),
    ("reversed", {"read": _flipped}),
    ("orders-differ", {"read": _by_position}),
)


def _entropy(c: Costs) -> Tensor:
    return -(c.log_probs.exp() * c.log_probs).sum(-1)


def _of_target(e: float, V: int) -> float:
    """The entropy of the smoothed target, which KL divergence leaves out."""
    q = torch.full((V,), e / V, dtype=torch.float64)
    q[0] += 1 - e
    return float(torch.special.entr(q).sum())


SMOOTHING: Rules = (
    ("smoothing-ignored", {"cost": lambda c, e: c.true}),
    ("smoothing-swapped", {"cost": lambda c, e: e * c.true + (1 - e) * c.even}),
    ("smoothing-others", {"cost": lambda c, e: (1 - e) * c.true + e * _others(c) / (c.V - 1)}),
    ("smoothing-others", {"cost": lambda c, e: (1 - e) * c.true + e * c.V * c.even / (c.V - 1)}),
    ("true-left-out", {"cost": lambda c, e: (1 - e) * c.true + e * _others(c) / c.V}),
    ("smoothing-summed", {"cost": lambda c, e: (1 - e) * c.true + e * c.V * c.even}),
    ("smoothing-summed", {"cost": lambda c, e: (1 - e) * c.true + e * _others(c)}),
    ("smoothing-added", {"cost": lambda c, e: c.true + e * c.even}),
    ("smoothing-added", {"cost": lambda c, e: c.true + e * c.V * c.even}),
    ("smoothing-missing", {"cost": lambda c, e: (1 - e) * c.true}),
    ("smoothing-sign", {"cost": lambda c, e: (1 - e) * c.true - e * c.even}),
    ("smoothing-sign", {"cost": lambda c, e: c.true - e * c.even}),
    ("smoothing-twice", {"cost": lambda c, e: (1 - e) * c.true + e / c.V * c.even}),
    ("smoothing-twice", {"cost": lambda c, e: _smoothed(c, e) * (1 - e) + e * c.even}),
    ("entropy", {"cost": lambda c, e: (1 - e) * c.true + e * _entropy(c)}),
    ("entropy", {"cost": lambda c, e: (1 - e) * c.true - e * _entropy(c)}),
    ("entropy", {"cost": lambda c, e: c.true - e * _entropy(c)}),
    ("kl", {"cost": lambda c, e: _smoothed(c, e) - _of_target(e, c.V)}),
    ("smoothed-prediction", {"cost": lambda c, e: _of_smoothed_prediction(c, e)}),
    ("even-no-log", {"cost": lambda c, e: (1 - e) * c.true - e * c.logits.mean(-1)}),
    ("even-no-log", {"cost": lambda c, e: (1 - e) * c.true - e * c.log_probs.exp().mean(-1)}),
    ("even-no-log", {"cost": lambda c, e: (1 - e) * c.true + e / c.V}),
    ("even-no-log", {"cost": lambda c, e: (1 - e) * c.true + e}),
    *(
        ("smoothing-fixed", {"cost": lambda c, _, always=e: _smoothed(c, always)})
        for e in (0.1, 0.2)
    ),
    (
        "smoothing-reversed-meaning",
        {"cost": lambda c, e: (e or 1) * c.true + (1 - (e or 1)) * c.even},
    ),
)


def _others(c: Costs) -> Tensor:
    """The costs of all tokens but the true one, summed."""
    return c.V * c.even - c.true


def _of_smoothed_prediction(c: Costs, e: float) -> Tensor:
    return -torch.log((1 - e) * (-c.true).exp() + e / c.V)


def _even_of(read: Callable[[Smoothed], Tensor]) -> Reduce:
    """The true tokens' share is right; ``read`` says how the even one is averaged."""

    def reduce(batches: list[Smoothed]) -> Tensor:
        (b,) = batches
        true = Losses(b.costs.true.where(b.scored, 0.0), b.scored).mean
        return (1 - b.epsilon) * true + b.epsilon * read(b)

    return reduce


def _n(batch: Losses) -> Tensor:
    return batch.scored.sum().clamp(min=1)


EVEN: Rules = (
    ("padding-smoothed", {"reduce": _even_of(lambda b: b.costs.even.sum() / _n(b))}),
    ("padding-smoothed", {"reduce": _even_of(lambda b: b.costs.even.mean())}),
    ("smoothing-all-positions", {"reduce": _even_of(lambda b: (b.costs.even * b.scored).mean())}),
    ("smoothing-summed", {"reduce": _even_of(lambda b: (b.costs.even * b.scored).sum())}),
    ("smoothing-summed", {"reduce": _even_of(lambda b: b.costs.even.sum())}),
)
REDUCED: Rules = (
    *REDUCTIONS,
    *ONE_BATCH,
    ("divided-by-vocabulary", {"reduce": of_one(lambda batch: batch.mean / batch.costs.V)}),
)


def _gathered(c: Costs, e: float) -> Tensor:
    """−100 taken for an index: it raises an error, as the learner's does."""
    return -c.log_probs.gather(-1, c.targets[..., None])[..., 0]


def _one_hot(c: Costs, e: float) -> Tensor:
    F.one_hot(c.targets, c.V)
    return c.true


def _ignored_instead(index: int) -> Cost:
    def cost(c: Costs, e: float) -> Tensor:
        return F.cross_entropy(c.logits.mT, c.targets, ignore_index=index, label_smoothing=e)

    return cost


def _zeroed(logits: Tensor, labels: Tensor) -> Tensor:
    return logits * (labels != IGNORE_INDEX)[..., None]


RULES: Rules = (
    *READ,
    *((name, {**knobs, "reduce": _by_labels}) for name, knobs in READ),
    *((name, {**knobs, "reduce": _by_positions}) for name, knobs in READ),
    *SMOOTHING,
    *EVEN,
    *REDUCED,
    ("ignored-as-index", {"cost": _gathered}),
    ("ignored-as-index", {"cost": _one_hot}),
    *(("ignored-as-index", {"cost": _ignored_instead(index)}) for index in (0, -1)),
    *(
        ("logits-times-mask", {"given": _zeroed, "read": _as_token(0), "reduce": reduce})
        for reduce in (_by_labels, _by_positions, total)
    ),
    *LOG_PROBS,
)
MISTAKES: tuple[Mistake, ...] = mistakes(WORDS, _loss, RULES)
