"""Checks of the exercises of chapter 3, causal language modelling.

Each module holds the definitions with knobs: turned one way they are right, turned another they
are one of the known mistakes.
"""

from collections.abc import Callable

from labtools.checks.ch03_clm.generation import GENERATE
from labtools.checks.ch03_clm.loss import ACCUMULATED_LOSS, CLM_LOSS
from labtools.checks.ch03_clm.mask import DOCUMENT_MASK
from labtools.checks.ch03_clm.targets import NEXT_TOKEN_TARGETS, PACKED_TARGETS
from labtools.checks.engine import check


def next_token_targets(function: Callable, *, seed: int = 0) -> None:
    """Check ``next_token_targets(input_ids, lengths)``; raises ``CheckFailed`` when it is wrong."""
    check(NEXT_TOKEN_TARGETS, function, seed)


def clm_loss(function: Callable, *, seed: int = 0) -> None:
    """Check ``clm_loss(logits, input_ids, lengths)``; raises ``CheckFailed`` when it is wrong."""
    check(CLM_LOSS, function, seed)


def document_mask(function: Callable, *, seed: int = 0) -> None:
    """Check ``document_mask(doc_ids)``; raises ``CheckFailed`` when it is wrong."""
    check(DOCUMENT_MASK, function, seed)


def packed_targets(function: Callable, *, seed: int = 0) -> None:
    """Check ``packed_targets(input_ids, doc_ids)``; raises ``CheckFailed`` when it is wrong."""
    check(PACKED_TARGETS, function, seed)


def accumulated_loss(function: Callable, *, seed: int = 0) -> None:
    """Check ``accumulated_loss(micro_batches)``; raises ``CheckFailed`` when it is wrong."""
    check(ACCUMULATED_LOSS, function, seed)


def generate(function: Callable, *, seed: int = 0) -> None:
    """Check ``generate(model, prompt_ids, …)``; raises ``CheckFailed`` when it is wrong."""
    check(GENERATE, function, seed)
