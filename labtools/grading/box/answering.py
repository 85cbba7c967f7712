"""Call a learner's function in the box, as it is or as a check calls it."""

import contextlib
import importlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType
from typing import Any

from labtools.checks import calling
from labtools.checks.isolation import Printed
from labtools.checks.limits import OutOfTime
from labtools.checks.repeating import several
from labtools.checks.watching import Refusals, Watch
from labtools.grading.box.tampering import CHANGED, tampered


@dataclass
class Answered:
    """What a call did.

    ``file`` and ``line`` are where in the learner's code ``error`` arose, ``stopped`` tells whether
    it arose because the time was up, and ``seconds`` how long it computed.
    """

    value: Any = None
    error: BaseException | None = None
    file: str = ""
    line: str = ""
    printed: str = ""
    refused: tuple[str, str] | None = None
    stopped: bool = False
    seconds: float = 0.0


def answered(
    function: Callable,
    args: tuple,
    kwargs: dict[str, Any],
    seconds: float,
    refused: list,
    checked: bool,
    times: int | None,
) -> Answered:
    """Call it: as a check does if ``checked``, and else as anybody does, once or so many times."""
    calls = frozenset(call for call in map(_refusal, refused) if call is not None)
    begun = time.process_time()
    found = (
        _checked(function, args, kwargs, seconds, calls)
        if checked
        else _plain(function, args, kwargs, seconds, calls, times)
    )
    if calls and found.refused is None and tampered():
        found.refused = CHANGED, ""
    found.seconds = time.process_time() - begun
    return found


def _checked(function: Callable, *told: Any) -> Answered:
    found = calling.made(function, *told)
    file = calling.written_in(function)
    return Answered(found.value, found.error, file, found.line, found.printed, found.refused)


def _plain(
    function: Callable,
    args: tuple,
    kwargs: dict[str, Any],
    seconds: float,
    refused: Refusals,
    times: int | None,
) -> Answered:
    file, printed = calling.written_in(function), Printed()
    found, watch = Answered(file=file), Watch(seconds, refused, file)
    with contextlib.redirect_stdout(printed):
        try:
            if times is None:
                found.value = watch.call(function, args, kwargs)
            else:
                row = function, times, args, kwargs
                found.value, found.error = watch.call(several, row, {})
        except OutOfTime as caught:
            found.error, found.stopped = TimeoutError(str(caught) or "it was stopped"), True
        except BaseException as caught:
            found.error = caught
    found.line, found.printed = calling.raised_at(found.error, file), printed.getvalue()
    found.refused = watch.refused
    return found


def _refusal(told: str | list) -> str | CodeType | None:
    """A name of torch's, or code: what cannot be imported here cannot be called either."""
    return told if isinstance(told, str) else _code(*told)


@lru_cache
def _code(module: str, qualname: str) -> CodeType | None:
    try:
        found: Any = importlib.import_module(module)
        for name in qualname.split("."):
            found = getattr(found, name)
    except (ImportError, AttributeError):
        return None
    code: CodeType = found.__code__
    return code
