"""Languages with a known distribution: sample from them, and compute the best possible loss."""

from labtools.sources.hidden_markov import HiddenMarkovSource
from labtools.sources.named import EASY_SYMBOLS, easy

__all__ = ["EASY_SYMBOLS", "HiddenMarkovSource", "easy"]
