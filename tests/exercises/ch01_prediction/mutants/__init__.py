"""Wrong answers to chapter 1, as learners write them: every one must fail, for its own reason."""

from ch01_prediction.mutants import (
    bits_per_byte,
    corpus_perplexity,
    log_softmax,
    mean_nll,
    token_nll,
)
from ch01_prediction.mutants.parts import MUTANTS

__all__ = [
    "MUTANTS",
    "bits_per_byte",
    "corpus_perplexity",
    "log_softmax",
    "mean_nll",
    "token_nll",
]
