"""Wrong answers to chapter 5, as learners write them: every one must fail, for its own reason."""

from ch05_seq2seq.mutants import (
    cross_mask,
    decoder_mask,
    encoder_mask,
    greedy_asking,
    greedy_decode,
    label_smoothing,
    seq2seq_loss,
    shift_right,
)
from ch05_seq2seq.mutants.parts import MUTANTS

__all__ = [
    "MUTANTS",
    "cross_mask",
    "decoder_mask",
    "encoder_mask",
    "greedy_asking",
    "greedy_decode",
    "label_smoothing",
    "seq2seq_loss",
    "shift_right",
]
