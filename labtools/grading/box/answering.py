"""Call a learner's function in the box, as it is or as a check calls it."""

import contextlib
import importlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType
from typing import Any

from labtools.checks import calling
from labtools.checks.isolation import Printed
from labtools.checks.limits import OutOfTime, limited


@dataclass(frozen=True)
class Answered:
    """What a call did; ``file`` and ``line`` are where in the learner's code ``error`` arose."""

    value: Any = None
    error: BaseException | None = None
    file: str = ""
    line: str = ""
    printed: str = ""
    refused: tuple[str, str] | None = None


def answered(
    function: Callable,
    args: tuple,
    kwargs: dict[str, Any],
    seconds: float,
    refused: list | None = None,
) -> Answered:
    """Call it: as a check does if ``refused`` is a list, and else as anybody does."""
    file = calling.written_in(function)
    if refused is None:
        return _plain(function, args, kwargs, seconds, file)
    calls = frozenset(call for call in map(_refusal, refused) if call is not None)
    found = calling.made(function, args, kwargs, seconds, calls)
    return Answered(found.value, found.error, file, found.line, found.printed, found.refused)


def _plain(
    function: Callable, args: tuple, kwargs: dict[str, Any], seconds: float, file: str
) -> Answered:
    printed, value = Printed(), None
    error: BaseException | None = None
    with contextlib.redirect_stdout(printed):
        try:
            value = limited(function, args, kwargs, seconds)
        except OutOfTime as caught:
            error = TimeoutError(str(caught) or "it was stopped")
        except KeyboardInterrupt as caught:
            error = RuntimeError(f"KeyboardInterrupt: {caught}")
        except BaseException as caught:
            error = caught
    line = calling.raised_at(error, file)
    return Answered(value, error, file, line, printed.getvalue())


@lru_cache
def _code(module: str, qualname: str) -> CodeType | None:
    found: Any = importlib.import_module(module)
    for name in qualname.split("."):
        found = getattr(found, name)
    return found.__code__


def _refusal(told: str | list) -> str | CodeType | None:
    """A name of torch's, or code: what cannot be imported here cannot be called either."""
    if isinstance(told, str):
        return told
    try:
        return _code(*told)
    except (ImportError, AttributeError):
        return None
