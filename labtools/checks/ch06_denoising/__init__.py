"""Checks of the exercises of chapter 6, denoising."""

from collections.abc import Callable

from labtools.checks.ch06_denoising import corrupting, middle, spans
from labtools.checks.ch06_denoising.infilling import TEXT_INFILL
from labtools.checks.ch06_denoising.restoring import INVERT_SPAN_CORRUPTION
from labtools.checks.ch06_denoising.spans_draws import repeatable
from labtools.checks.engine import check


def random_spans(function: Callable, *, seed: int = 0) -> None:
    """Check ``random_spans(length, rate, …)``; raises ``CheckFailed`` when it is wrong."""
    check(spans.specification(seed), repeatable(function), seed)


def span_corrupt(function: Callable, *, seed: int = 0) -> None:
    """Check ``span_corrupt(ids, noise, …)``; raises ``CheckFailed`` when it is wrong."""
    corrupting.check(function, seed)


def invert_span_corruption(function: Callable, *, seed: int = 0) -> None:
    """Check ``invert_span_corruption(source, target, …)``; raises ``CheckFailed`` when wrong."""
    check(INVERT_SPAN_CORRUPTION, function, seed)


def text_infill(function: Callable, *, seed: int = 0) -> None:
    """Check ``text_infill(ids, spans, mask_id)``; raises ``CheckFailed`` when it is wrong."""
    check(TEXT_INFILL, function, seed)


def fill_in_middle(function: Callable, *, seed: int = 0) -> None:
    """Check ``fill_in_middle(ids, start, end, …)``; raises ``CheckFailed`` when it is wrong."""
    middle.check(function, seed)
