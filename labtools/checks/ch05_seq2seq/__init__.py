"""Checks of the exercises of chapter 5, sequence to sequence."""

from collections.abc import Callable

from labtools.checks.ch05_seq2seq.cross import CROSS_MASK
from labtools.checks.ch05_seq2seq.decoding import GREEDY_DECODE
from labtools.checks.ch05_seq2seq.encoder import ENCODER_MASK
from labtools.checks.ch05_seq2seq.loss import SEQ2SEQ_LOSS
from labtools.checks.ch05_seq2seq.shifting import SHIFT_RIGHT
from labtools.checks.ch05_seq2seq.target_mask import DECODER_MASK, free_entries_settled
from labtools.checks.engine import check


def shift_right(function: Callable, *, seed: int = 0) -> None:
    """Check ``shift_right(labels, decoder_start_id, pad_id)``; raises ``CheckFailed`` if wrong."""
    check(SHIFT_RIGHT, function, seed)


def encoder_mask(function: Callable, *, seed: int = 0) -> None:
    """Check ``encoder_mask(src, pad_id)``; raises ``CheckFailed`` when it is wrong."""
    check(ENCODER_MASK, function, seed)


def decoder_mask(function: Callable, *, seed: int = 0) -> None:
    """Check ``decoder_mask(labels)``; raises ``CheckFailed`` when it is wrong."""
    check(DECODER_MASK, free_entries_settled(function), seed)


def cross_mask(function: Callable, *, seed: int = 0) -> None:
    """Check ``cross_mask(src, T, pad_id)``; raises ``CheckFailed`` when it is wrong."""
    check(CROSS_MASK, function, seed)


def seq2seq_loss(function: Callable, *, seed: int = 0) -> None:
    """Check ``seq2seq_loss(logits, labels, label_smoothing)``; raises ``CheckFailed`` if wrong."""
    check(SEQ2SEQ_LOSS, function, seed)


def greedy_decode(function: Callable, *, seed: int = 0) -> None:
    """Check ``greedy_decode(model, src, …)``; raises ``CheckFailed`` when it is wrong."""
    check(GREEDY_DECODE, function, seed)
