"""From the cost of each token to one number, rightly and wrongly."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from labtools.checks.spec import Rules
from labtools.vocab import IGNORE_INDEX


@dataclass(frozen=True)
class Losses:
    """One batch before it is averaged: ``nll`` (B, T), 0 where not ``scored`` (B, T)."""

    nll: Tensor
    scored: Tensor

    @property
    def rows(self) -> Tensor:
        """(B,) the mean of every row, 0 where it has nothing scored."""
        return self.nll.sum(1) / self.scored.sum(1).clamp(min=1)

    @property
    def mean(self) -> Tensor:
        return self.nll.sum() / self.scored.sum().clamp(min=1)


# a chapter's batches may know more than Losses do, as their lengths
Reduce = Callable[[list], Tensor]


def losses(log_probs: Tensor, targets: Tensor) -> Losses:
    """Of log-probabilities (B, T, V) and targets (B, T), some of them ignored."""
    scored = targets != IGNORE_INDEX
    picked = log_probs.gather(-1, targets.where(scored, 0)[..., None]).squeeze(-1)
    return Losses((-picked).where(scored, 0.0), scored)


def total(batches: list[Losses]) -> Tensor:
    """The sum of all costs."""
    return torch.stack([batch.nll.sum() for batch in batches]).sum()


def per(count: Callable[[Any], Tensor | int]) -> Reduce:
    """The sum divided by a count, 1 at least: of scored tokens if it is to be right."""
    return lambda batches: total(batches) / max(1, sum(int(count(batch)) for batch in batches))


by_tokens = per(lambda batch: batch.scored.sum())


def _of_scored_rows(batches: list[Losses]) -> Tensor:
    means = torch.cat([batch.rows[batch.scored.any(1)] for batch in batches])
    return means.sum() / max(1, len(means))


def _perplexities(batches: list[Losses]) -> Tensor:
    return by_tokens([Losses(b.nll.exp() * b.scored, b.scored) for b in batches])


REDUCTIONS: Rules = (
    ("all-positions", {"reduce": per(lambda batch: batch.nll.numel())}),
    ("mean-of-rows", {"reduce": lambda batches: torch.cat([b.rows for b in batches]).mean()}),
    ("mean-of-rows", {"reduce": _of_scored_rows}),
    ("divided-by-rows", {"reduce": per(lambda batch: len(batch.nll))}),
    ("sum", {"reduce": total}),
    (
        "nan-when-empty",
        {"reduce": lambda batches: total(batches) / sum(b.scored.sum() for b in batches)},
    ),
    ("negative", {"reduce": lambda batches: -by_tokens(batches)}),
    ("bits", {"reduce": lambda batches: by_tokens(batches) / math.log(2)}),
    ("perplexity", {"reduce": lambda batches: by_tokens(batches).exp()}),
    ("perplexity", {"reduce": _perplexities}),
)


def of_one(read: Callable[[Any], Tensor]) -> Reduce:
    """Of the only batch there is, whatever ``read`` makes of it."""
    return lambda batches: read(batches[0])


def _n(batch: Losses) -> Tensor:
    return batch.scored.sum().clamp(min=1)


def _mean_probability(batch: Losses) -> Tensor:
    return -batch.nll[batch.scored].neg().exp().mean().log()


NOT_REDUCED: tuple[Reduce, ...] = tuple(
    map(
        of_one,
        (
            lambda batch: batch.nll,
            lambda batch: batch.nll.flatten(),
            lambda batch: batch.nll[batch.scored],
            lambda batch: batch.nll.sum(1),
            lambda batch: batch.rows,
            lambda batch: batch.nll.sum(1) / batch.scored.sum(1),
            lambda batch: batch.nll.mean(1),
            lambda batch: batch.nll / _n(batch),
            lambda batch: batch.nll.sum(1) / _n(batch),
        ),
    )
)
ONE_BATCH: Rules = (  # where only one is given
    ("divided-by-length", {"reduce": per(lambda batch: batch.nll.shape[1])}),
    ("count-off", {"reduce": per(lambda batch: batch.scored.sum() + 1)}),
    ("count-off", {"reduce": per(lambda batch: batch.scored.sum() - 1)}),
    ("divided-twice", {"reduce": of_one(lambda batch: batch.mean / _n(batch))}),
    ("mean-of-probabilities", {"reduce": of_one(_mean_probability)}),
    *(("not-reduced", {"reduce": reduce}) for reduce in NOT_REDUCED),
)


def _viewed(logits: Tensor) -> Tensor:
    """(B, T, V) read as if it were (B, V, T)."""
    B, T, V = logits.shape
    return logits.reshape(B, V, T).transpose(1, 2).log_softmax(-1)


def _time_first(logits: Tensor) -> Tensor:
    return logits.transpose(0, 1).reshape(logits.shape).log_softmax(-1)


def _cross_entropy_as_is(logits: Tensor) -> Tensor:
    """(B, T, V) and targets (B, T) as they are: it raises an error, as the learner's does."""
    return F.cross_entropy(logits, torch.zeros(logits.shape[:2], dtype=torch.int64))


LOG_PROBS: Rules = (
    ("softmax-twice", {"log_probs": lambda z: z.softmax(-1).log_softmax(-1)}),
    ("no-log", {"log_probs": lambda z: z.softmax(-1)}),
    ("no-log", {"log_probs": lambda z: z}),
    ("wrong-axis", {"log_probs": lambda z: z.log_softmax(1)}),
    ("wrong-axis", {"log_probs": lambda z: z.log_softmax(0)}),
    ("class-dimension", {"log_probs": _cross_entropy_as_is}),
    ("view", {"log_probs": _viewed}),
    ("view", {"log_probs": _time_first}),
)
