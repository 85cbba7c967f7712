"""What the checks of every loss share that is a mean over scored tokens.

``aligned`` says what each position is scored against, ``reducing`` how costs become one number,
rightly and wrongly; ``words`` what is said of it; ``gradients`` what the gradient must be;
``halves`` what is right in half precision.
"""

from labtools.checks.losses.aligned import aligned
from labtools.checks.losses.gradients import gradient_differs, gradient_is_not_0
from labtools.checks.losses.halves import right_in_half
from labtools.checks.losses.reducing import (
    LOG_PROBS,
    NOT_REDUCED,
    ONE_BATCH,
    REDUCTIONS,
    Losses,
    Reduce,
    by_tokens,
    losses,
    of_one,
    per,
    total,
)
from labtools.checks.losses.words import (
    double_precision,
    half_precision,
    large_logits,
    loss_words,
    nan_hidden,
    nothing_scored,
)

__all__ = [
    "LOG_PROBS",
    "NOT_REDUCED",
    "ONE_BATCH",
    "REDUCTIONS",
    "Losses",
    "Reduce",
    "aligned",
    "by_tokens",
    "double_precision",
    "gradient_differs",
    "gradient_is_not_0",
    "half_precision",
    "large_logits",
    "loss_words",
    "losses",
    "nan_hidden",
    "nothing_scored",
    "of_one",
    "per",
    "right_in_half",
    "total",
]
