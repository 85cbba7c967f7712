"""Right answers to chapter 5, each written in another way: the checks must pass all of them."""

from ch05_seq2seq import variants_decoding, variants_loss, variants_masks
from ch05_seq2seq.parts import VARIANTS

__all__ = ["VARIANTS", "variants_decoding", "variants_loss", "variants_masks"]
