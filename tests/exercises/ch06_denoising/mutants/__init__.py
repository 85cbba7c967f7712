"""Wrong answers to chapter 6, as learners write them: every one must fail, for its own reason."""

from ch06_denoising.mutants import (
    fill_in_middle,
    invert_span_corruption,
    random_spans,
    span_corrupt,
    text_infill,
)
from ch06_denoising.mutants.parts import MUTANTS

__all__ = [
    "MUTANTS",
    "fill_in_middle",
    "invert_span_corruption",
    "random_spans",
    "span_corrupt",
    "text_infill",
]
