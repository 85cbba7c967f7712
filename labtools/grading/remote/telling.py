"""What a box is told with a call, besides its arguments, and what comes of it."""

import sys
from functools import lru_cache
from types import CodeType
from typing import NamedTuple

import torch

from labtools.checks.calling import Outcome
from labtools.checks.watching import Refusals
from labtools.grading.remote.clock import Clock
from labtools.grading.wire.tensors import NAMES


class How(NamedTuple):
    """How a function is called: as a check does if ``checked``, and else as anybody does.

    With a number of ``times`` it is called as by ``labtools.checks.repeating.several``.
    """

    cpu_seconds: float
    refused: Refusals = frozenset()
    checked: bool = False
    times: int | None = None
    clock: Clock | None = None

    def told(self) -> list:
        """It as a box is told."""
        told = [x if isinstance(x, str) else _place(x) for x in self.refused]
        return [self.cpu_seconds, [x for x in told if x], self.checked, self.times]


class Called(NamedTuple):
    """What a call did; whether it was stopped, and how long it computed, by what the box says."""

    outcome: Outcome
    stopped: bool = False
    seconds: float = 0.0


def settings() -> list:
    """Default dtype and device, and whether gradients are recorded."""
    grad = torch.is_grad_enabled() and not torch.is_inference_mode_enabled()
    device = torch.empty(0).device  # the quickest way to know the default
    return [NAMES[torch.get_default_dtype()], device.type, grad]


@lru_cache
def _place(code: CodeType) -> list[str] | None:
    """The module and the qualified name of a function by its code."""
    for name, module in list(sys.modules.items()):
        if getattr(module, "__file__", None) == code.co_filename:
            return [name, code.co_qualname]
    return None
