"""The loss and how it is normalised: ``clm_loss`` and ``accumulated_loss``."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from labtools import definitions
from labtools.checks.calling import Outcome
from labtools.checks.ch03_clm import targets
from labtools.checks.ch03_clm.sections import NORMALISE, OBJECTIVE
from labtools.checks.losses import (
    LOG_PROBS,
    REDUCTIONS,
    Losses,
    Reduce,
    by_tokens,
    gradient_differs,
    gradient_is_not_0,
    half_precision,
    large_logits,
    loss_words,
    losses,
    nan_hidden,
    nothing_scored,
    per,
    right_in_half,
)
from labtools.checks.spec import Case, Property, Rules, Spec, Special, Words, mistakes


@dataclass(frozen=True)
class Ragged(Losses):
    """And the ``lengths`` (B,) of its rows."""

    lengths: Tensor


def _accumulated(
    micro_batches: list,
    *,
    reduce: Reduce = by_tokens,
    log_probs: Callable[[Tensor], Tensor] = lambda z: z.log_softmax(-1),
    **knobs: Any,
) -> Tensor:
    """The loss of all micro-batches; right when no knob is turned."""
    batches = [
        _losses(log_probs(z.double()), targets.targets_with(ids, n, **knobs), n)
        for z, ids, n in micro_batches
    ]
    return reduce(batches).to(micro_batches[0][0].dtype)


def _losses(log_probs: Tensor, target_ids: Tensor, lengths: Tensor) -> Ragged:
    return Ragged(**vars(losses(log_probs, target_ids)), lengths=lengths)


def _loss(logits: Tensor, input_ids: Tensor, lengths: Tensor, **knobs: Any) -> Tensor:
    return _accumulated([(logits, input_ids, lengths)], **knobs)


def _oracle_accumulated(micro_batches: list) -> Tensor:
    nll = []
    for logits, input_ids, lengths in micro_batches:
        for z, ids, n in zip(logits.tolist(), input_ids.tolist(), lengths.tolist(), strict=True):
            nll += definitions.nll(z, definitions.next_token_targets(ids[:n]))
    return torch.tensor(definitions.mean(nll), dtype=micro_batches[0][0].dtype)


def _oracle_loss(logits: Tensor, input_ids: Tensor, lengths: Tensor) -> Tensor:
    return _oracle_accumulated([(logits, input_ids, lengths)])


NOTHING_SCORED = nothing_scored(NORMALISE)
NOTHING = Special("nothing-scored", NOTHING_SCORED)
LARGE_LOGITS = large_logits(OBJECTIVE)
NAN_HIDDEN = nan_hidden(NORMALISE)


def _batch(
    generator: torch.Generator,
    lengths: list[int],
    T: int,
    V: int,
    *,
    scale: float = 2.0,
    dtype: torch.dtype = torch.float32,
) -> tuple:
    ids, n = targets.ragged_ids(generator, lengths, T, V)
    logits = scale * torch.randn(len(lengths), T, V, generator=generator, dtype=torch.float64)
    return logits.to(dtype), ids, n


def _loss_cases(generator: torch.Generator) -> list[Case]:
    make = partial(_batch, generator)
    return [
        Case(make([2], 2, 3)),
        Case(make([3], 5, 7)),
        Case(make([5, 3], 5, 7)),
        Case(make([4, 2, 6], 6, 13, dtype=torch.float64)),
        Case(make([7, 1, 0, 4], 7, 11), special=targets.SHORT_ROWS),
        Case(make([1, 0], 3, 5), special=NOTHING),
        Case(make([1], 1, 6), special=NOTHING),
        Case(make([4, 6], 6, 9, scale=1000.0), special=LARGE_LOGITS),
        Case(_broken_down(make([3, 2], 4, 5)), special=NAN_HIDDEN, raises=ValueError),
    ]


def _half_batches() -> list[tuple]:
    make = partial(_batch, torch.Generator().manual_seed(9), scale=0.5, dtype=torch.bfloat16)
    return [make([4, 3], 5, 6)]


def _half_micro_batches() -> list[tuple]:
    make = partial(_batch, torch.Generator().manual_seed(9), scale=0.5, dtype=torch.bfloat16)
    return [([make([2], 4, 6), make([4], 4, 6)],)]


def _broken_down(batch: tuple) -> tuple:
    """What a model says whose weights have become NaN, at a position that is scored."""
    batch[0][0, 0] = math.nan
    return batch


def _wrong_loss_gradient(answer: Callable) -> str | None:
    generator = torch.Generator().manual_seed(7)
    batch = _batch(generator, [5, 3, 0], 6, 7, dtype=torch.float64)
    batch[0].requires_grad_()
    outcome = answer(*batch)
    return _gradient_differs(outcome, [outcome.args[0]], [batch])


def _wrong_accumulated_gradient(answer: Callable) -> str | None:
    generator = torch.Generator().manual_seed(8)
    shapes = (([5, 3], 6), ([1, 0], 3), ([2, 4], 4))
    batches = [_batch(generator, n, T, 7, dtype=torch.float64) for n, T in shapes]
    for logits, _, _ in batches:
        logits.requires_grad_()
    outcome = answer(batches)
    return _gradient_differs(outcome, [logits for logits, _, _ in outcome.args[0]], batches)


def _gradient_differs(outcome: Outcome, logits: list[Tensor], batches: list) -> str | None:
    wanted = [targets.oracle_targets(ids, lengths) for _, ids, lengths in batches]
    return gradient_differs(outcome.value, logits, [z for z, _, _ in batches], wanted)


def _wrong_when_nothing_is_scored(answer: Callable) -> str | None:
    outcome = answer(*_nothing_to_score())
    return gradient_is_not_0(outcome.value, [outcome.args[0]])


def _wrong_when_no_batch_is_scored(answer: Callable) -> str | None:
    outcome = answer([_nothing_to_score(), _nothing_to_score()])
    return gradient_is_not_0(outcome.value, [logits for logits, _, _ in outcome.args[0]])


def _nothing_to_score() -> tuple:
    ids = torch.tensor([[1, 3, 4], [2, 0, 4]])
    return torch.ones(2, 3, 5, requires_grad=True), ids, torch.tensor([1, 0])


ALL_POSITIONS = (
    "Padding and last tokens are not scored, so they must not be counted: otherwise the same "
    "sentence has a smaller loss, and a smaller gradient, in a longer batch. Divide by N, the "
    "number of scored tokens."
)
LOSS_WORDS = targets.WORDS | loss_words(OBJECTIVE, NORMALISE)
LOSS_WORDS |= {
    "all-positions": Words(
        "the sum is divided by the number of all positions, not of the scored ones",
        ALL_POSITIONS,
        NORMALISE,
    ),
    "real-tokens": Words(
        "the sum is divided by the number of real tokens, not of scored ones",
        "A row of n real tokens has n − 1 scored positions: its last token has no successor. "
        "Divide by N, the number of scored tokens.",
        NORMALISE,
    ),
    "short-rows": Words(
        "a row of length 0 is counted as −1 token",
        "lengths − 1 is −1 for an empty row, which makes the count too small. Count the targets "
        "that are scored, or (lengths − 1).clamp(min=0).",
        NORMALISE,
    ),
}


def _after_shift(log_probs: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    """Of the logits without the last position, which is filled up with zeros."""
    return lambda logits: F.pad(log_probs(logits[:, :-1]), (0, 0, 0, 1))


_by_successors = per(lambda batch: (batch.lengths - 1).clamp(min=0).sum())

LOSS_RULES: Rules = (
    *targets.RULES,
    ("no-shift", {"shift": 0, "scored": lambda ids, t, s, n: t < n, "reduce": _by_successors}),
    ("shifted-twice", {"shift": 2, "scored": lambda ids, t, s, n: s < n, "reduce": _by_successors}),
    ("padding-scored", {"scored": lambda ids, t, s, n: True, "reduce": _by_successors}),
    ("padding-scored", {"ignore": 0}),
    ("padding-scored", {"ignore": 0, "reduce": _by_successors}),
    *REDUCTIONS,
    ("all-positions", {"reduce": per(lambda batch: batch.nll[:, 1:].numel())}),
    ("real-tokens", {"reduce": per(lambda batch: batch.lengths.sum())}),
    ("short-rows", {"reduce": per(lambda batch: (batch.lengths - 1).sum())}),
    *LOG_PROBS,
    *(
        (name, {"log_probs": _after_shift(knobs["log_probs"])})
        for name, knobs in LOG_PROBS
        if name in ("class-dimension", "view")
    ),
)
WRONG_GRADIENT = Words(
    "the value is right, its gradient is not",
    "Training uses the gradient alone. For the logits of a scored position it is "
    "(softmax − one-hot) / N, with N the scored tokens of the whole batch, and exactly 0 at a "
    "position that is not scored.",
    NORMALISE,
)

HALF = half_precision(NORMALISE)
ARGUMENTS = "logits", "input_ids", "lengths"
CLM_LOSS = Spec(
    "clm_loss",
    ARGUMENTS,
    NORMALISE,
    _oracle_loss,
    _loss_cases,
    mistakes(LOSS_WORDS, _loss, LOSS_RULES),
    (
        Property("wrong-gradient", WRONG_GRADIENT, _wrong_loss_gradient),
        Property("nothing-scored", NOTHING_SCORED, _wrong_when_nothing_is_scored),
        right_in_half(HALF, ARGUMENTS, _oracle_loss, _half_batches),
    ),
)

EMPTY_BATCH = Special(
    "empty-micro-batch",
    Words(
        "a micro-batch with nothing to score goes wrong",
        "It adds 0 to the sum and 0 to the count, and must not make the whole batch NaN.",
        NORMALISE,
    ),
)
RAGGED = Special(
    "ragged-micro-batches",
    Words(
        "micro-batches of different lengths T go wrong",
        "Each is padded to its own longest row only, so they cannot simply be stacked. Sum over "
        "each of them instead.",
        NORMALISE,
    ),
)


def _accumulated_cases(generator: torch.Generator) -> list[Case]:
    make = partial(_batch, generator)
    double = partial(make, dtype=torch.float64)
    return [
        Case(([make([2], 3, 5)],)),
        Case(([make([2], 3, 5), make([3], 3, 5)],)),
        Case(([double([3, 2], 8, 9), double([8], 8, 9)],)),
        Case(([make([2], 3, 5), make([4], 4, 5)],), special=RAGGED),
        Case(([make([5, 3], 5, 7), make([2, 2, 1], 4, 7), make([6], 6, 7)],), special=RAGGED),
        Case(
            ([make([4, 2], 7, 11), make([1, 0], 7, 11), make([7] * 3, 7, 11)],), special=EMPTY_BATCH
        ),
        Case(([make([1, 0], 3, 5), make([1], 3, 5)],), special=NOTHING),
    ]


def _mean_of_means(batches: list[Losses]) -> Tensor:
    return torch.stack([batch.mean for batch in batches]).mean()


def _mean_of_scored_means(batches: list[Losses]) -> Tensor:
    means = [batch.mean for batch in batches if batch.scored.any()]
    return torch.stack([torch.zeros(()), *means]).sum() / max(1, len(means))


def _weighted(weigh: Callable[[Ragged], int]) -> Reduce:
    def reduce(batches: list[Ragged]) -> Tensor:
        weights = [weigh(batch) for batch in batches]
        weighted = [w * b.mean for w, b in zip(weights, batches, strict=True)]
        return torch.stack(weighted).sum() / sum(weights)

    return reduce


def _unguarded_mean(batches: list[Losses]) -> Tensor:
    return torch.stack([b.nll.sum() / b.scored.sum() for b in batches]).mean()


def _unguarded_weighted(batches: list[Losses]) -> Tensor:
    """N · mean, with a mean of 0/0."""
    parts = [b.scored.sum() * (b.nll.sum() / b.scored.sum()) for b in batches]
    return torch.stack(parts).sum() / max(1, sum(int(b.scored.sum()) for b in batches))


MEAN_OF_MEANS = (
    "A micro-batch with few scored tokens gets as much weight as one with many, so the gradient is "
    "not that of the whole batch. Sum the losses of all tokens, divide once by the number of all "
    "scored tokens."
)
ACCUMULATED_WORDS = LOSS_WORDS | {
    "mean-of-means": Words("the micro-batches' means are averaged", MEAN_OF_MEANS, NORMALISE),
    "sum-of-means": Words("the micro-batches' means are summed", MEAN_OF_MEANS, NORMALISE),
    "divided-by-batches": Words(
        "the sum is divided by the number of micro-batches",
        "So the loss grows with the size of a micro-batch. Divide by N, the scored tokens of all.",
        NORMALISE,
    ),
    "one-batch-only": Words(
        "only one of the micro-batches counts",
        "The loss is that of all of them together. Is a sum overwritten (=) instead of added "
        "to (+=), or does the loop return too early?",
        NORMALISE,
    ),
    "weighted-by-rows": Words(
        "the micro-batches are weighted by their number of rows",
        "Rows differ in length. What counts is the number of scored tokens.",
        NORMALISE,
    ),
    "real-tokens": Words(
        "real tokens are counted, not scored ones",
        "A row of n real tokens has n − 1 scored positions: its last token has no successor. "
        "Sum the losses of all tokens, divide once by N, the number of scored tokens.",
        NORMALISE,
    ),
    "weighted-by-positions": Words(
        "the micro-batches are weighted by their number of positions, padding included",
        "Padding is not scored. What counts is the number of scored tokens.",
        NORMALISE,
    ),
}
ACCUMULATED_RULES: Rules = (
    ("mean-of-means", {"reduce": _mean_of_means}),
    ("mean-of-means", {"reduce": _mean_of_scored_means}),
    ("mean-of-means", {"reduce": _unguarded_mean}),
    ("nan-when-empty", {"reduce": _unguarded_weighted}),
    ("sum-of-means", {"reduce": lambda batches: sum(b.mean for b in batches)}),
    ("divided-by-batches", {"reduce": per(lambda batch: 1)}),
    ("one-batch-only", {"reduce": lambda batches: batches[-1].mean}),
    ("one-batch-only", {"reduce": lambda batches: batches[0].mean}),
    ("weighted-by-rows", {"reduce": _weighted(lambda batch: len(batch.nll))}),
    ("real-tokens", {"reduce": _weighted(lambda batch: int(batch.lengths.sum()))}),
    ("weighted-by-positions", {"reduce": _weighted(lambda batch: batch.nll.numel())}),
    *LOSS_RULES,
)

ACCUMULATED_LOSS = Spec(
    "accumulated_loss",
    ("micro_batches",),
    NORMALISE,
    _oracle_accumulated,
    _accumulated_cases,
    mistakes(ACCUMULATED_WORDS, _accumulated, ACCUMULATED_RULES),
    (
        Property("wrong-gradient", WRONG_GRADIENT, _wrong_accumulated_gradient),
        Property("nothing-scored", NOTHING_SCORED, _wrong_when_no_batch_is_scored),
        right_in_half(HALF, ("micro_batches",), _oracle_accumulated, _half_micro_batches),
    ),
)
