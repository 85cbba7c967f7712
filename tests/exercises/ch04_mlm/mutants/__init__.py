"""Wrong answers to chapter 4, as learners write them: every one must fail, for its own reason."""

from ch04_mlm.mutants import (
    corrupt,
    mlm_loss,
    mlm_targets,
    pseudo_log_likelihood,
    select_positions,
)
from ch04_mlm.mutants.parts import MUTANTS

__all__ = [
    "MUTANTS",
    "corrupt",
    "mlm_loss",
    "mlm_targets",
    "pseudo_log_likelihood",
    "select_positions",
]
