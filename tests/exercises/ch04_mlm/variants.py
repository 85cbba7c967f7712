"""Right answers to chapter 4, each written in another way: the checks must pass all of them."""

from ch04_mlm import variants_drawing, variants_scoring
from ch04_mlm.parts import VARIANTS

__all__ = ["VARIANTS", "variants_drawing", "variants_scoring"]
