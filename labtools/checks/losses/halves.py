"""The result in half precision."""

from collections.abc import Callable

import torch
from torch import Tensor

from labtools.checks.calling import Outcome
from labtools.checks.drawing import compare
from labtools.checks.report import describe_args
from labtools.checks.spec import Property, Words
from labtools.checks.values import agree


def right_in_half(
    words: Words,
    arguments: tuple[str, ...],
    expected: Callable,
    calls: Callable[[], list[tuple]],
) -> Property:
    """In half precision the result is the oracle's, in the same dtype or in float32.

    ``mask.float()`` on the way makes a float32 of it, which is as right and more exact.

    Args:
        arguments: The names of the arguments, for the report.
        expected: The oracle, whose result is a tensor in half precision.
        calls: Makes the arguments of each call, whose floats are in half precision.
    """

    def holds(answer: Callable[..., Outcome]) -> str | None:
        for args in calls():
            got, wanted = answer(*args).value, expected(*args)
            if not agree(_narrowed(got, wanted.dtype), wanted):
                return f"{describe_args(arguments, args)}\n{compare(got, wanted)}"
        return None

    return Property("half-precision", words, holds)


def _narrowed(value: object, dtype: torch.dtype) -> object:
    """A float32 tensor in half precision, whose tolerance then counts; others as they are."""
    return value.to(dtype) if type(value) is Tensor and value.dtype == torch.float32 else value
