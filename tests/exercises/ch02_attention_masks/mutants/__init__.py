"""Wrong answers to chapter 2, as learners write them: every one must fail, for its own reason."""

from ch02_attention_masks.mutants import (
    attention_bias,
    causal_mask,
    combine_masks,
    key_mask,
    masked_attention,
    mha_mask,
    sliding_window_mask,
)
from ch02_attention_masks.mutants.parts import MUTANTS

__all__ = [
    "MUTANTS",
    "attention_bias",
    "causal_mask",
    "combine_masks",
    "key_mask",
    "masked_attention",
    "mha_mask",
    "sliding_window_mask",
]
