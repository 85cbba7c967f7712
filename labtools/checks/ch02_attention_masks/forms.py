"""A mask from a rule, and the forms in which it is handed over: bool, numbers, additive."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from labtools.checks.ch02_attention_masks.sections import ADDITIVE
from labtools.checks.spec import Words

Dress = Callable[[Tensor], Tensor]


def relation(T: int, S: int, see: Callable[[int, int], bool]) -> Tensor:
    """(T, S): query i sees key j where ``see(i, j)``."""
    rows = [[see(i, j) for j in range(S)] for i in range(T)]
    return torch.tensor(rows, dtype=torch.bool).reshape(T, S)


def as_it_is(mask: Tensor) -> Tensor:
    """No other form."""
    return mask


def additive(blocked: float, allowed: float = 0.0) -> Dress:
    """Floats: ``allowed`` where attention is allowed, ``blocked`` where it is not."""
    return lambda mask: torch.where(mask, allowed, blocked)


FORM_WORDS = {
    "number-mask": Words(
        "a mask of numbers 0 and 1, not of booleans",
        "Added to the scores, as a float mask is, 1 is a small bias and blocks nothing. Return a "
        "bool tensor: True = may attend.",
        ADDITIVE,
    ),
    "additive-mask": Words(
        "an additive mask; a bool mask was asked for",
        "Return True where attention is allowed and False where it is not. The form with 0 and −∞ "
        "is made from it later, in the dtype of the scores.",
        ADDITIVE,
    ),
    "zero-times-infinity": Words(
        "0 · ∞ is NaN: every allowed place is lost",
        "(1 − mask) * −inf multiplies 0 by −∞ where attention is allowed, and that is NaN. Choose "
        "instead of multiplying: here, return the bool mask itself.",
        ADDITIVE,
    ),
}

NUMBERS: tuple[Dress, ...] = (
    Tensor.float,
    Tensor.long,
    Tensor.int,
    Tensor.double,
    Tensor.half,
    Tensor.byte,
)
ADDED = -math.inf, -1e9, torch.finfo(torch.float32).min
FORMS: tuple[tuple[str, dict[str, Dress]], ...] = (
    *(("number-mask", {"dress": dress}) for dress in NUMBERS),
    *(("additive-mask", {"dress": additive(blocked)}) for blocked in ADDED),
    ("zero-times-infinity", {"dress": additive(-math.inf, math.nan)}),
)
