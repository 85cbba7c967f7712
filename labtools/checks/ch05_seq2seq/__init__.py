"""Checks of the exercises of chapter 5, sequence to sequence."""

from collections.abc import Callable

from labtools.checks.ch05_seq2seq.loss import SEQ2SEQ_LOSS
from labtools.checks.engine import check


def seq2seq_loss(function: Callable, *, seed: int = 0) -> None:
    """Check ``seq2seq_loss(logits, labels, label_smoothing)``; raises ``CheckFailed`` if wrong."""
    check(SEQ2SEQ_LOSS, function, seed)
