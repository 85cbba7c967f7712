"""Right answers to chapter 6, each written in another way: the checks must pass all of them."""

from ch06_denoising import (
    variants_corrupting,
    variants_infilling,
    variants_middle,
    variants_restoring,
    variants_spans,
)
from ch06_denoising.parts import VARIANTS

__all__ = [
    "VARIANTS",
    "variants_corrupting",
    "variants_infilling",
    "variants_middle",
    "variants_restoring",
    "variants_spans",
]
