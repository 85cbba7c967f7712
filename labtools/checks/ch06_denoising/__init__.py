"""Checks of the exercises of chapter 6, denoising."""

from collections.abc import Callable

from labtools.checks.ch06_denoising import spans
from labtools.checks.ch06_denoising.infilling import TEXT_INFILL
from labtools.checks.ch06_denoising.spans_draws import repeatable
from labtools.checks.engine import check


def random_spans(function: Callable, *, seed: int = 0) -> None:
    """Check ``random_spans(length, rate, …)``; raises ``CheckFailed`` when it is wrong."""
    check(spans.specification(seed), repeatable(function), seed)


def text_infill(function: Callable, *, seed: int = 0) -> None:
    """Check ``text_infill(ids, spans, mask_id)``; raises ``CheckFailed`` when it is wrong."""
    check(TEXT_INFILL, function, seed)
