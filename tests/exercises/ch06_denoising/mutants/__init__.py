"""Wrong answers to chapter 6, as learners write them: every one must fail, for its own reason."""

from ch06_denoising.mutants import random_spans, text_infill
from ch06_denoising.mutants.parts import MUTANTS

__all__ = ["MUTANTS", "random_spans", "text_infill"]
