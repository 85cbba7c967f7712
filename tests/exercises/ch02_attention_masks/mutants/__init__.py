"""Wrong answers to chapter 2, as learners write them: every one must fail, for its own reason."""

from ch02_attention_masks.mutants import (
    causal_mask,
    combine_masks,
    key_mask,
    sliding_window_mask,
)
from ch02_attention_masks.mutants.parts import MUTANTS

__all__ = [
    "MUTANTS",
    "causal_mask",
    "combine_masks",
    "key_mask",
    "sliding_window_mask",
]
