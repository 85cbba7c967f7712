"""Checks of the exercises of chapter 1, predicting a token.

Each module holds the definitions with knobs: turned one way they are right, turned another they
are one of the known mistakes.
"""

from collections.abc import Callable

from labtools.checks.ch01_prediction.bits import BITS_PER_BYTE
from labtools.checks.ch01_prediction.cost import TOKEN_NLL
from labtools.checks.ch01_prediction.log_probs import LOG_SOFTMAX
from labtools.checks.ch01_prediction.mean import MEAN_NLL
from labtools.checks.ch01_prediction.perplexity import CORPUS_PERPLEXITY
from labtools.checks.engine import check


def log_softmax(function: Callable, *, seed: int = 0) -> None:
    """Check ``log_softmax(logits)``; raises ``CheckFailed`` when it is wrong."""
    check(LOG_SOFTMAX, function, seed)


def token_nll(function: Callable, *, seed: int = 0) -> None:
    """Check ``token_nll(logits, targets)``; raises ``CheckFailed`` when it is wrong."""
    check(TOKEN_NLL, function, seed)


def mean_nll(function: Callable, *, seed: int = 0) -> None:
    """Check ``mean_nll(nll, targets)``; raises ``CheckFailed`` when it is wrong."""
    check(MEAN_NLL, function, seed)


def corpus_perplexity(function: Callable, *, seed: int = 0) -> None:
    """Check ``corpus_perplexity(nlls, targets)``; raises ``CheckFailed`` when it is wrong."""
    check(CORPUS_PERPLEXITY, function, seed)


def bits_per_byte(function: Callable, *, seed: int = 0) -> None:
    """Check ``bits_per_byte(nll, targets, n_bytes)``; raises ``CheckFailed`` when it is wrong."""
    check(BITS_PER_BYTE, function, seed)
