"""Whether the code that notices refused calls is still what it was when it was imported."""

from types import FunctionType
from typing import Any

from labtools.checks import calling, limits, refusing, values, watching

CHANGED = "changed code of the check"  # as if it were the name of a refused call


def _functions() -> list[tuple[Any, str, Any, Any]]:
    """Where each function and class of the checks is, what it is, and its code."""
    found = []
    for module in (calling, limits, refusing, values, watching):
        inner = [x for x in vars(module).values() if isinstance(x, type)]
        for owner in [module, *(x for x in inner if x.__module__ == module.__name__)]:
            for name, value in vars(owner).items():
                if isinstance(value, FunctionType | type | property):
                    found.append((owner, name, value, _code(value)))
    return found


def _code(value: Any) -> Any:
    """Of what a decorator made, that of the function inside."""
    return getattr(getattr(value, "__wrapped__", value), "__code__", None)


_BEFORE = _functions()


def tampered() -> bool:
    """Something was replaced, or its code was."""
    return any(
        vars(owner).get(name) is not value or _code(value) is not code
        for owner, name, value, code in _BEFORE
    )
