"""Whether two results are equal, and where they first differ."""

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from labtools.closeness import differs

DEEPEST = 8  # of containers in containers


@dataclass(frozen=True)
class Difference:
    """The first place where a result is not what was expected.

    ``place`` is how to get there from the result, as ``[1]['labels']``; "" is the result itself.
    ``kind`` is "none", "type", "layout", "device", "shape", "dtype", "length", "keys" or "value".
    """

    place: str
    kind: str
    yours: Any
    expected: Any


def agree(value: Any, target: Any) -> bool:
    """Whether two results are equal: kind, shape, dtype, device; floats up to rounding.

    Two numbers a and b of a tensor are equal when ``|a − b| ≤ atol + rtol · |b|``: rtol = 2e-2 and
    atol = 2e-2 in float16, bfloat16 and smaller dtypes, rtol = 1e-4 and atol = 1e-5 in float32,
    float64 and complex dtypes; for Python's floats the larger of the two. All other dtypes are
    compared exactly. NaN equals NaN. A subclass counts as what it stands for, in what a function
    returns: a namedtuple as a tuple, an OrderedDict as a dict. A list equals no tuple, an int no
    float, and a number no tensor.
    """
    return difference(value, target) is None


def difference(yours: Any, expected: Any, place: str = "") -> Difference | None:
    """The first difference of two results, which may be lists, tuples and dicts of results."""
    kind = _kind(yours, expected)
    if kind:
        return Difference(place, kind, yours, expected)
    keys: Any = range(len(expected)) if type(expected) in (list, tuple) else ()
    if type(expected) is dict:
        keys = expected
    found = (difference(yours[key], expected[key], f"{place}[{key!r}]") for key in keys)
    return next((f for f in found if f), None)


def _kind(yours: Any, expected: Any) -> str:
    """What differs between two results, their entries aside."""
    # not isinstance, which believes whatever an object says its __class__ is
    if type(yours) is not type(expected):
        return "none" if yours is None and not isinstance(expected, Exception) else "type"
    if type(expected) is Tensor:
        return _tensor_kind(yours, expected)
    if type(expected) in (list, tuple):
        return "" if len(yours) == len(expected) else "length"
    if type(expected) is dict:
        return "" if yours.keys() == expected.keys() else "keys"
    if type(expected) is float:
        both_nan = math.isnan(yours) and math.isnan(expected)
        close = math.isclose(yours, expected, rel_tol=1e-4, abs_tol=1e-5)
        return "" if close or both_nan else "value"
    return "" if yours == expected else "value"


def _tensor_kind(yours: Tensor, expected: Tensor) -> str:
    if yours.is_nested or yours.layout != expected.layout:
        return "layout"
    if yours.device != expected.device:
        return "device"
    if yours.shape != expected.shape:
        return "shape"
    if yours.dtype != expected.dtype:
        return "dtype"
    return "value" if differs(yours, expected).any() else ""


def plain(value: Any, depth: int = DEEPEST) -> Any:
    """The value with subclasses of tensors, lists, tuples and dicts made what they stand for.

    So that no method that a class redefines is called by the engine. What cannot be converted is
    left as it is, and is then of a wrong type.
    """
    kind = next((k for k in (Tensor, list, tuple, dict) if issubclass(type(value), k)), None)
    try:
        if kind is Tensor and type(value) is not Tensor:
            with torch._C.DisableTorchFunctionSubclass():
                return value.as_subclass(Tensor)
        if kind in (list, tuple) and depth:
            # the base class's own way through it, for a subclass may go on for ever
            return kind(plain(item, depth - 1) for item in kind.__iter__(value))
        if kind is dict and depth:
            return {key: plain(item, depth - 1) for key, item in dict.items(value)}
    except Exception:
        return value
    return value
