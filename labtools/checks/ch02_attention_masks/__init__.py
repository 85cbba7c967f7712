"""Checks of the exercises of chapter 2, attention and its masks.

Each module holds the definitions with knobs: turned one way they are right, turned another they
are one of the known mistakes.
"""

from collections.abc import Callable

from labtools.checks.ch02_attention_masks.attention import MASKED_ATTENTION
from labtools.checks.ch02_attention_masks.bias import ATTENTION_BIAS
from labtools.checks.ch02_attention_masks.causal import CAUSAL_MASK
from labtools.checks.ch02_attention_masks.combining import COMBINE_MASKS
from labtools.checks.ch02_attention_masks.heads import MHA_MASK
from labtools.checks.ch02_attention_masks.keys import KEY_MASK
from labtools.checks.ch02_attention_masks.window import SLIDING_WINDOW_MASK
from labtools.checks.engine import check


def causal_mask(function: Callable, *, seed: int = 0) -> None:
    """Check ``causal_mask(T, S, device)``; raises ``CheckFailed`` when it is wrong."""
    check(CAUSAL_MASK, function, seed)


def key_mask(function: Callable, *, seed: int = 0) -> None:
    """Check ``key_mask(lengths, S)``; raises ``CheckFailed`` when it is wrong."""
    check(KEY_MASK, function, seed)


def sliding_window_mask(function: Callable, *, seed: int = 0) -> None:
    """Check ``sliding_window_mask(T, window)``; raises ``CheckFailed`` when it is wrong."""
    check(SLIDING_WINDOW_MASK, function, seed)


def combine_masks(function: Callable, *, seed: int = 0) -> None:
    """Check ``combine_masks(*masks)``; raises ``CheckFailed`` when it is wrong."""
    check(COMBINE_MASKS, function, seed)


def attention_bias(function: Callable, *, seed: int = 0) -> None:
    """Check ``attention_bias(mask, dtype)``; raises ``CheckFailed`` when it is wrong."""
    check(ATTENTION_BIAS, function, seed)


def masked_attention(function: Callable, *, seed: int = 0) -> None:
    """Check ``masked_attention(q, k, v, mask)``; raises ``CheckFailed`` when it is wrong."""
    check(MASKED_ATTENTION, function, seed)


def mha_mask(function: Callable, *, seed: int = 0) -> None:
    """Check ``mha_mask(mask)``; raises ``CheckFailed`` when it is wrong."""
    check(MHA_MASK, function, seed)
