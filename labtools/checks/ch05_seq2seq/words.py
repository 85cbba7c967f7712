"""What is said of several of the chapter's functions."""

from labtools.checks.ch05_seq2seq.sections import MASKS
from labtools.checks.spec import Words

MASK_DEVICE = Words(
    "the mask is not made on the device of the ids",
    "On an accelerator it could not be applied to the scores there. Make new tensors where the ids "
    "are: torch.ones(T, T, device=ids.device). (It is tried with “meta”, a device that every "
    "machine has.)",
    MASKS,
)
