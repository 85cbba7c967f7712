"""The mean cost of the labels, smoothed or not: ``seq2seq_loss``."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from labtools import definitions
from labtools.checks.ch05_seq2seq.loss_mistakes import MISTAKES
from labtools.checks.ch05_seq2seq.loss_words import (
    DEVICE,
    DOUBLE,
    IGNORED_GRADIENT,
    IGNORED_MATTER,
    NOTHING,
    NOTHING_BUT_SMOOTHING,
    NOTHING_SCORED,
    WRONG_GRADIENT,
)
from labtools.checks.ch05_seq2seq.sections import LOSS, OBJECTIVE
from labtools.checks.losses import (
    gradient_differs,
    gradient_is_not_0,
    half_precision,
    large_logits,
    nan_hidden,
    right_in_half,
)
from labtools.checks.properties import follows_device, no_gradient_where, unaffected
from labtools.checks.spec import Case, Property, Spec
from labtools.vocab import IGNORE_INDEX

Batch = tuple[Tensor, Tensor]


def _oracle(logits: Tensor, labels: Tensor, label_smoothing: float = 0.0) -> Tensor:
    costs = [
        definitions.smoothed_nll(z, label, label_smoothing)
        for row, targets in zip(logits.tolist(), labels.tolist(), strict=True)
        for z, label in zip(row, targets, strict=True)
        if label != IGNORE_INDEX
    ]
    return torch.tensor(definitions.mean(costs), dtype=logits.dtype)


def _batch(
    generator: torch.Generator,
    lengths: list[int],
    T: int,
    V: int,
    *,
    scale: float = 2.0,
    dtype: torch.dtype = torch.float32,
) -> Batch:
    """Rows of so many labels, then −100; every id occurs anywhere, special ones too."""
    labels = torch.randint(0, V, (len(lengths), T), generator=generator)
    labels[torch.arange(T) >= torch.tensor(lengths)[:, None]] = IGNORE_INDEX
    places = (labels != IGNORE_INDEX).nonzero()
    some = torch.randperm(len(places), generator=generator)[: min(4, V)]
    labels[tuple(places[some].T)] = torch.arange(len(some))
    logits = scale * torch.randn(len(lengths), T, V, generator=generator, dtype=torch.float64)
    return logits.to(dtype), labels


def _cases(generator: torch.Generator) -> list[Case]:
    make = partial(_batch, generator)
    double = partial(make, dtype=torch.float64)
    return [
        Case(make([1], 2, 3)),
        Case(make([2], 3, 5)),
        Case((*make([2], 3, 4), 0.2)),
        Case(make([5, 2], 5, 7)),
        Case((*make([3, 5], 7, 6), 0.1)),
        Case((*make([4, 0, 6], 8, 13), 0.0)),
        Case(make([5, 6, 3], 6, 9), {"label_smoothing": 0.3}),
        Case(double([3, 2], 4, 9), special=DOUBLE),
        Case((*double([2, 4], 5, 8), 0.1), special=DOUBLE),
        Case((*make([3, 4], 6, 5), 1.0), special=NOTHING_BUT_SMOOTHING),
        Case(make([0, 0], 3, 5), special=NOTHING),
        Case((*make([0], 1, 6), 0.1), special=NOTHING),
        Case(make([3, 5], 6, 9, scale=1000.0), special=large_logits(OBJECTIVE)),
        Case((*make([4, 2], 5, 7, scale=1000.0), 0.1), special=large_logits(OBJECTIVE)),
        Case(_broken_down(make([3, 2], 4, 5)), special=nan_hidden(LOSS), raises=ValueError),
    ]


def _broken_down(batch: Batch) -> Batch:
    """What a model says whose weights have become NaN."""
    return torch.full_like(batch[0], math.nan), batch[1]


def _halves() -> list[tuple]:
    return [
        _batch(_generator(), [4, 2], 5, 6, scale=0.5, dtype=torch.bfloat16),
        _batch(_generator(), [2, 3], 4, 7, dtype=torch.float16),
        (*_batch(_generator(), [3, 1], 4, 6, dtype=torch.float16), 0.1),
        (*_batch(_generator(), [0], 2, 5, dtype=torch.float16), 0.1),
    ]


def _wrong_gradient(answer: Callable) -> str | None:
    for epsilon in (0.0, 0.2):
        logits, labels = _batch(_generator(), [5, 3, 0], 6, 7, dtype=torch.float64)
        outcome = answer(logits.requires_grad_(), labels, epsilon)
        where = gradient_differs(outcome.value, [outcome.args[0]], [logits], [labels], epsilon)
        if where:
            return f"  label_smoothing = {epsilon}\n{where}"
    return None


def _wrong_when_nothing_is_scored(answer: Callable) -> str | None:
    labels = torch.full((2, 3), IGNORE_INDEX)
    for epsilon in (0.0, 0.1):
        logits = torch.ones(2, 3, 5, requires_grad=True)
        outcome = answer(logits, labels, epsilon)
        if where := gradient_is_not_0(outcome.value, [outcome.args[0]]):
            return f"  label_smoothing = {epsilon}\n{where}"
    return None


def _generator() -> torch.Generator:
    return torch.Generator().manual_seed(7)


EPSILON = 0.1


def _args() -> tuple[Any, ...]:
    return *_batch(_generator(), [4, 2, 0], 5, 7), EPSILON


def _other_logits() -> tuple[Any, ...]:
    logits, labels, epsilon = _args()
    return (
        logits.where((labels != IGNORE_INDEX)[..., None], 30.0 - logits.flip(-1)),
        labels,
        epsilon,
    )


def _more_padding() -> tuple[Any, ...]:
    logits, labels, epsilon = _args()
    longer = F.pad(logits, (0, 0, 0, 4), value=2.0)
    return longer, F.pad(labels, (0, 4), value=IGNORE_INDEX), epsilon


def _another_row() -> tuple[Any, ...]:
    logits, labels, epsilon = _args()
    return torch.cat([logits, logits[:1]]), torch.cat([labels, labels[2:]]), epsilon


def _is_ignored(logits: Tensor, labels: Tensor, epsilon: float) -> Tensor:
    return (labels == IGNORE_INDEX)[..., None]


ARGUMENTS = "logits", "labels", "label_smoothing"
SEQ2SEQ_LOSS = Spec(
    "seq2seq_loss",
    ARGUMENTS,
    LOSS,
    _oracle,
    _cases,
    MISTAKES,
    (
        Property("wrong-gradient", WRONG_GRADIENT, _wrong_gradient),
        no_gradient_where(IGNORED_GRADIENT, _args, _is_ignored),
        Property("nothing-scored", NOTHING_SCORED, _wrong_when_nothing_is_scored),
        *(
            unaffected("ignored-matter", IGNORED_MATTER, _args, other, lambda loss: loss)
            for other in (_other_logits, _more_padding, _another_row)
        ),
        follows_device(DEVICE, _args),
        right_in_half(half_precision(LOSS), ARGUMENTS, _oracle, _halves),
    ),
)
