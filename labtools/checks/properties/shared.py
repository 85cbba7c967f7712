"""What the properties have in common."""

import textwrap
from collections.abc import Callable
from typing import Any

from torch import Tensor

from labtools.checks.calling import Outcome
from labtools.checks.drawing import show
from labtools.checks.report import Diagnosis

Answer = Callable[..., Outcome]
Args = Callable[[], tuple]  # makes the arguments
Part = Callable[[Any], Tensor]

MANY = 60  # numbers of an argument; of more, the shape is shown


def part_of(outcome: Outcome, part: Part | None) -> Tensor:
    """The part of the result that is meant, all of it where none is named."""
    return part(outcome.value) if part else outcome.value


def shown(*args: object) -> str:
    """Arguments, one below the other."""
    return textwrap.indent("\n".join(map(_value, args)), "    ")


def _value(arg: object) -> str:
    """As ``show``, but more numbers: a property has no smaller input that it could show."""
    if isinstance(arg, Tensor) and arg.is_floating_point() and 8 < arg.numel() <= MANY:
        return str(arg.detach())
    return show(arg)


def diagnosed(error: Exception) -> Diagnosis | None:
    """The engine's own, of a call that raised: it shows small arguments without their dtype."""
    found = error.args[0] if error.args else None
    return found if isinstance(found, Diagnosis) else None
