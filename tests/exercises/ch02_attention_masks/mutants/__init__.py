"""Wrong answers to chapter 2, as learners write them: every one must fail, for its own reason."""

from ch02_attention_masks.mutants.parts import MUTANTS

__all__ = ["MUTANTS"]
