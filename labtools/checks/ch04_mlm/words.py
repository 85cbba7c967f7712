"""What is said of several of the chapter's functions."""

from labtools.checks.ch04_mlm.sections import LOSS
from labtools.checks.spec import Words

DEVICE = Words(
    "the result is not on the device of the input",
    "Make new tensors where the input is: device=x.device, or torch.full_like(x, …).",
    LOSS,
)
