"""Wrong answers to chapter 3, as learners write them: every one must fail, for its own reason."""

from ch03_clm.mutants import (
    accumulated_loss,
    clm_loss,
    document_mask,
    generate_choice,
    generate_loop,
    next_token_targets,
    packed_targets,
)
from ch03_clm.mutants.parts import MUTANTS

__all__ = [
    "MUTANTS",
    "accumulated_loss",
    "clm_loss",
    "document_mask",
    "generate_choice",
    "generate_loop",
    "next_token_targets",
    "packed_targets",
]
