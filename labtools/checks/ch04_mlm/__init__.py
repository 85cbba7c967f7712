"""Checks of the exercises of chapter 4, masked language modelling."""

from collections.abc import Callable

from labtools.checks.ch04_mlm import corrupting, selecting
from labtools.checks.ch04_mlm.loss import MLM_LOSS
from labtools.checks.ch04_mlm.scoring import PSEUDO_LOG_LIKELIHOOD, in_float32
from labtools.checks.ch04_mlm.targets import MLM_TARGETS
from labtools.checks.engine import check


def select_positions(function: Callable, *, seed: int = 0) -> None:
    """Check ``select_positions(maskable, rate, generator)``; raises ``CheckFailed`` when wrong."""
    check(selecting.specification(seed), function, seed)


def mlm_targets(function: Callable, *, seed: int = 0) -> None:
    """Check ``mlm_targets(input_ids, selected)``; raises ``CheckFailed`` when it is wrong."""
    check(MLM_TARGETS, function, seed)


def mlm_loss(function: Callable, *, seed: int = 0) -> None:
    """Check ``mlm_loss(logits, input_ids, selected)``; raises ``CheckFailed`` when it is wrong."""
    check(MLM_LOSS, function, seed)


def pseudo_log_likelihood(function: Callable, *, seed: int = 0) -> None:
    """Check ``pseudo_log_likelihood(model, …)``; raises ``CheckFailed`` when it is wrong."""
    check(PSEUDO_LOG_LIKELIHOOD, in_float32(function), seed)


def corrupt(function: Callable, *, seed: int = 0) -> None:
    """Check ``corrupt(input_ids, selected, …, generator)``; raises ``CheckFailed`` when wrong."""
    check(corrupting.specification(seed), function, seed)
