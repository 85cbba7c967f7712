"""What an answer must be made of, entry by entry."""

import inspect
from typing import Any, TypeVar

from torch import Tensor

from labtools.grading.wire.channel import Malformed

MOST_SAID = 500  # characters of a line of code, or of a name
MOST_PARAMETERS = 50
KINDS = tuple(inspect._ParameterKind)
Kind = TypeVar("Kind")


def expect(value: Any, kind: type[Kind]) -> Kind:
    """The value, if it is of that class itself; Malformed if not."""
    if type(value) is not kind:
        raise Malformed(f"expected {kind.__name__}, got {type(value).__name__}")
    return value


def short(text: Any) -> str:
    """The beginning of a text."""
    return expect(text, str)[:MOST_SAID]


def two_texts(value: Any) -> tuple[str, str]:
    """A list of two texts."""
    first, second = expect(value, list)
    return short(first), short(second)


def gradients(found: Any, inputs: list[Tensor]) -> list[Tensor | None]:
    """A gradient, or None, for each input: of its shape and its dtype."""
    if len(expect(found, list)) != len(inputs) or not all(map(_fits, found, inputs)):
        raise Malformed("expected a gradient for each input")
    return found


def _fits(grad: Any, tensor: Tensor) -> bool:
    if grad is None:
        return True
    same = type(grad) is Tensor and (grad.layout, grad.device) == (tensor.layout, tensor.device)
    return same and (grad.shape, grad.dtype) == (tensor.shape, tensor.dtype)


def signature(told: Any) -> inspect.Signature | None:
    """A signature from the name and the kind of each parameter, and whether it has a default.

    Raises:
        Malformed, ValueError: No function has these parameters.
    """
    if told is None:
        return None
    if len(expect(told, list)) > MOST_PARAMETERS:
        raise Malformed(f"expected at most {MOST_PARAMETERS} parameters")
    return inspect.Signature([_parameter(*parameter) for parameter in told])


def _parameter(name: Any, kind: Any, has_default: Any) -> inspect.Parameter:
    if not 0 <= expect(kind, int) < len(KINDS):
        raise Malformed("expected the kind of a parameter")
    default = ... if expect(has_default, bool) else inspect.Parameter.empty
    return inspect.Parameter(short(name), KINDS[kind], default=default)
