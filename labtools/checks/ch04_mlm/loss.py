"""The mean cost of the selected tokens: ``mlm_loss``."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from labtools import definitions
from labtools.checks.ch04_mlm import targets
from labtools.checks.ch04_mlm.loss_words import (
    DOUBLE,
    NOTHING,
    NOTHING_SCORED,
    UNSELECTED_GRADIENT,
    UNSELECTED_MATTER,
    WORDS,
    WRONG_GRADIENT,
)
from labtools.checks.ch04_mlm.sections import LOSS, OBJECTIVE
from labtools.checks.ch04_mlm.words import DEVICE
from labtools.checks.losses import (
    LOG_PROBS,
    NOT_REDUCED,
    ONE_BATCH,
    REDUCTIONS,
    Losses,
    Reduce,
    by_tokens,
    gradient_differs,
    gradient_is_not_0,
    half_precision,
    large_logits,
    losses,
    nan_hidden,
    per,
    right_in_half,
    total,
)
from labtools.checks.properties import follows_device, no_gradient_where, unaffected
from labtools.checks.spec import Case, Property, Rules, Spec, mistakes

Batch = tuple[Tensor, Tensor, Tensor]


@dataclass(frozen=True)
class Chosen(Losses):
    """And which were ``selected`` (B, T), whoever is scored."""

    selected: Tensor


def _loss(
    logits: Tensor,
    input_ids: Tensor,
    selected: Tensor,
    *,
    reduce: Reduce = by_tokens,
    log_probs: Callable[[Tensor], Tensor] = lambda z: z.log_softmax(-1),
    given: Callable[[Tensor, Tensor], Tensor] = lambda z, selected: z,
    order: Callable[[Tensor], Tensor] = lambda targets: targets,
    **knobs: Any,
) -> Tensor:
    """Right when no knob is turned."""
    target_ids = order(targets.targets_with(input_ids, selected, **knobs))
    batch = losses(log_probs(given(logits.double(), selected)), target_ids)
    return reduce([Chosen(**vars(batch), selected=selected)]).to(logits.dtype)


def _oracle(logits: Tensor, input_ids: Tensor, selected: Tensor) -> Tensor:
    nll = []
    for z, ids, chosen in zip(logits.tolist(), input_ids.tolist(), selected.tolist(), strict=True):
        nll += definitions.nll(z, definitions.mlm_targets(ids, chosen))
    return torch.tensor(definitions.mean(nll), dtype=logits.dtype)


def _batch(
    generator: torch.Generator,
    counts: list[int],
    T: int,
    V: int,
    *,
    scale: float = 2.0,
    dtype: torch.dtype = torch.float32,
) -> Batch:
    ids, selected = targets.selected_ids(generator, counts, T, V)
    logits = scale * torch.randn(len(counts), T, V, generator=generator, dtype=torch.float64)
    return logits.to(dtype), ids, selected


def _cases(generator: torch.Generator) -> list[Case]:
    make = partial(_batch, generator)
    return [
        Case(make([1], 2, 3)),
        Case(make([2], 5, 7)),
        Case(make([4, 2], 7, 11)),
        Case(make([4, 0, 6], 8, 13)),
        Case(make([3, 1], 4, 9, dtype=torch.float64), special=DOUBLE),
        Case(make([0, 0], 3, 5), special=NOTHING),
        Case(make([0], 1, 6), special=NOTHING),
        Case(make([3, 5], 6, 9, scale=1000.0), special=large_logits(OBJECTIVE)),
        Case(_broken_down(make([3, 2], 4, 5)), special=nan_hidden(LOSS), raises=ValueError),
    ]


def _halves() -> list[tuple]:
    return [
        _batch(_generator(), [4, 2], 5, 6, scale=0.5, dtype=torch.bfloat16),
        _batch(_generator(), [2, 3], 4, 7, dtype=torch.float16),
        _batch(_generator(), [0], 2, 5, dtype=torch.float16),
    ]


def _broken_down(batch: Batch) -> Batch:
    """What a model says whose weights have become NaN."""
    return torch.full_like(batch[0], math.nan), *batch[1:]


def _smoothed(logits: Tensor) -> Tensor:
    """label_smoothing=0.1: the other tokens get a tenth of the weight."""
    log_probs = logits.log_softmax(-1)
    return 0.9 * log_probs + 0.1 * log_probs.mean(-1, keepdim=True)


_by_selected = per(lambda batch: batch.selected.sum())
_by_positions = per(lambda batch: batch.nll.numel())
WHO: Rules = (*targets.RULES, *(("wrong-ignore-index", {"ignore": i}) for i in (0, 1, 2, 3)))
RULES: Rules = (
    *WHO,
    *((name, {**knobs, "reduce": _by_selected}) for name, knobs in WHO if name != "inverted"),
    *((name, {**knobs, "reduce": _by_positions}) for name, knobs in WHO if name != "all-scored"),
    *REDUCTIONS,
    ("unselected-counted", {"reduce": per(lambda batch: (~batch.selected).sum())}),
    *ONE_BATCH,
    ("smoothed", {"log_probs": _smoothed}),
    *(
        ("not-reduced", {"scored": lambda ids, chosen, t: True, "reduce": reduce})
        for reduce in NOT_REDUCED[:2]
    ),
    ("orders-differ", {"order": lambda targets: targets.T.reshape(targets.shape)}),
    *(
        (
            "logits-times-selected",
            {
                "given": lambda z, selected: z * selected[..., None],
                "scored": lambda ids, chosen, t: True,
                "reduce": reduce,
            },
        )
        for reduce in (_by_selected, _by_positions, total)
    ),
    *LOG_PROBS,
)


def _wrong_gradient(answer: Callable) -> str | None:
    batch = _batch(_generator(), [5, 3, 0], 6, 7, dtype=torch.float64)
    outcome = answer(batch[0].requires_grad_(), *batch[1:])
    wanted = [targets.oracle_targets(*batch[1:])]
    return gradient_differs(outcome.value, [outcome.args[0]], [batch[0]], wanted)


def _wrong_when_nothing_is_selected(answer: Callable) -> str | None:
    ids = torch.tensor([[1, 3, 4], [2, 0, 4]])
    logits = torch.ones(2, 3, 5, requires_grad=True)
    outcome = answer(logits, ids, torch.zeros_like(ids, dtype=torch.bool))
    return gradient_is_not_0(outcome.value, [outcome.args[0]])


def _generator() -> torch.Generator:
    return torch.Generator().manual_seed(7)


def _args() -> Batch:
    return _batch(_generator(), [4, 2, 0], 5, 7)


def _other_logits() -> Batch:
    logits, ids, selected = _args()
    return logits.where(selected[..., None], 30.0 - logits.flip(-1)), ids, selected


def _other_ids() -> Batch:
    logits, ids, selected = _args()
    return logits, ids.where(selected, (ids + 3) % 7), selected


def _more_padding() -> Batch:
    logits, ids, selected = _args()
    return F.pad(logits, (0, 0, 0, 4), value=2.0), F.pad(ids, (0, 4)), F.pad(selected, (0, 4))


def _another_row() -> Batch:
    return tuple(torch.cat([x, x[2:]]) for x in _args())  # type: ignore[return-value]


ARGUMENTS = "logits", "input_ids", "selected"
MLM_LOSS = Spec(
    "mlm_loss",
    ARGUMENTS,
    LOSS,
    _oracle,
    _cases,
    mistakes(WORDS, _loss, RULES),
    (
        Property("wrong-gradient", WRONG_GRADIENT, _wrong_gradient),
        no_gradient_where(UNSELECTED_GRADIENT, _args, lambda z, ids, chosen: ~chosen[..., None]),
        Property("nothing-scored", NOTHING_SCORED, _wrong_when_nothing_is_selected),
        *(
            unaffected("unselected-matter", UNSELECTED_MATTER, _args, other, lambda loss: loss)
            for other in (_other_logits, _other_ids, _more_padding, _another_row)
        ),
        follows_device(DEVICE, _args),
        right_in_half(half_precision(LOSS), ARGUMENTS, _oracle, _halves),
    ),
)
