"""Languages with a known distribution: sample from them, and compute the best possible loss."""

from labtools.sources.corruption import Corruption
from labtools.sources.entropy import EntropyRate, entropy_rate
from labtools.sources.hidden_markov import HiddenMarkovSource
from labtools.sources.leaks import receptive_field, visible_after_shift
from labtools.sources.named import EASY_PAIRS_SYMBOLS, EASY_SYMBOLS, easy, easy_pairs
from labtools.sources.orders import reverse_order, same_order, swapped_blocks
from labtools.sources.paired import PairedSource

__all__ = [
    "EASY_PAIRS_SYMBOLS",
    "EASY_SYMBOLS",
    "Corruption",
    "EntropyRate",
    "HiddenMarkovSource",
    "PairedSource",
    "easy",
    "easy_pairs",
    "entropy_rate",
    "receptive_field",
    "reverse_order",
    "same_order",
    "swapped_blocks",
    "visible_after_shift",
]
