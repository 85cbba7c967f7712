"""Calls are watched: how long they compute, and what they call that is refused.

A function may live in another process. Then it is watched there.
"""

import inspect
import linecache
from abc import ABC, abstractmethod
from collections.abc import Callable
from types import CodeType
from typing import TYPE_CHECKING, Any

from labtools.checks.limits import limited
from labtools.checks.refusing import Noticed, noticing

if TYPE_CHECKING:
    from labtools.checks.calling import Outcome

Refusals = frozenset[str | CodeType]

# where an error keeps the file and the line of another process that it arose in
RAISED_ELSEWHERE = "raised_elsewhere"


class Gone(BaseException):
    """The process that a function lives in cannot be asked any more: no error of the function's."""


class Watch:
    """Watches one call.

    Args:
        cpu_seconds: How long it may compute.
        refused: What to look out for: names of torch's functions, code of others.
        file: In which the function was written.
    """

    def __init__(self, cpu_seconds: float, refused: Refusals, file: str) -> None:
        self._cpu_seconds, self._file = cpu_seconds, file
        self._noticed = Noticed(refused, file) if refused else None

    def call(self, function: Callable, args: tuple, kwargs: dict[str, Any]) -> Any:
        """What ``function`` returns; raises OutOfTime in it when its time is up."""
        with noticing(self._noticed):
            return limited(function, args, kwargs, self._cpu_seconds)

    @property
    def refused(self) -> tuple[str, str] | None:
        """The first call that was to be noticed, and its line."""
        found = self._noticed
        return (found.name, source(self._file, found.line)) if found and found.name else None


class Elsewhere(ABC):
    """A function that lives in another process, where nothing it does can reach this one.

    Attributes:
        file: In which it was written.
    """

    file = ""

    @abstractmethod
    def outcome(
        self, args: tuple, kwargs: dict[str, Any], cpu_seconds: float, refused: Refusals
    ) -> "Outcome":
        """As ``labtools.checks.calling.made``."""

    @abstractmethod
    def several(
        self, n: int, args: tuple, kwargs: dict[str, Any]
    ) -> tuple[list[Any], Exception | None]:
        """As ``labtools.checks.repeating.several``."""

    @abstractmethod
    def watch(self, cpu_seconds: float, refused: Refusals) -> Watch:
        """Watches all its calls by a function of this process, as if they were one."""


def elsewhere(function: Any) -> Elsewhere | None:
    """The function, if it lives in another process."""
    # not isinstance, which believes whatever an object says its __class__ is
    return function if issubclass(type(function), Elsewhere) else None


def wraps_elsewhere(function: Any) -> Elsewhere | None:
    """The function of another process that one of this process wraps."""
    try:
        return elsewhere(inspect.unwrap(function))
    except Exception:  # an odd object may raise anything
        return None


def source(file: str, number: int) -> str:
    """A line of a file or a cell, with its number."""
    text = linecache.getline(file, number).strip()
    return f"line {number}: {text}" if text else (f"line {number}" if number else "")
