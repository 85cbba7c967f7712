"""Right answers to chapter 2, each written in another way: the checks must pass all of them."""

from ch02_attention_masks import variants_attention, variants_masks
from ch02_attention_masks.parts import VARIANTS

__all__ = ["VARIANTS", "variants_attention", "variants_masks"]
