"""Languages with a known distribution: sample from them, and compute the best possible loss."""

from labtools.sources.corruption import Corruption
from labtools.sources.entropy import EntropyRate, entropy_rate
from labtools.sources.hidden_markov import HiddenMarkovSource
from labtools.sources.leaks import receptive_field, visible_after_shift
from labtools.sources.likeliest import likeliest_target, next_token_log_probs
from labtools.sources.named import (
    AMBIGUOUS_SYMBOLS,
    EASY_PAIRS_SYMBOLS,
    EASY_SYMBOLS,
    LONG_MEMORY_SYMBOLS,
    UNCERTAIN_PAIRS_SYMBOLS,
    ambiguous,
    easy,
    easy_pairs,
    long_memory,
    memoryless,
    uncertain_pairs,
)
from labtools.sources.orders import reverse_order, same_order, swapped_blocks
from labtools.sources.paired import PairedSource

__all__ = [
    "AMBIGUOUS_SYMBOLS",
    "EASY_PAIRS_SYMBOLS",
    "EASY_SYMBOLS",
    "LONG_MEMORY_SYMBOLS",
    "UNCERTAIN_PAIRS_SYMBOLS",
    "Corruption",
    "EntropyRate",
    "HiddenMarkovSource",
    "PairedSource",
    "ambiguous",
    "easy",
    "easy_pairs",
    "entropy_rate",
    "likeliest_target",
    "long_memory",
    "memoryless",
    "next_token_log_probs",
    "receptive_field",
    "reverse_order",
    "same_order",
    "swapped_blocks",
    "uncertain_pairs",
    "visible_after_shift",
]
