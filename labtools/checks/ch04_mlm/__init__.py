"""Checks of the exercises of chapter 4, masked language modelling."""

from collections.abc import Callable

from labtools.checks.ch04_mlm import selecting
from labtools.checks.engine import check


def select_positions(function: Callable, *, seed: int = 0) -> None:
    """Check ``select_positions(maskable, rate, generator)``; raises ``CheckFailed`` when wrong."""
    check(selecting.specification(seed), function, seed)
