"""A learner's function that lives in a box."""

import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from labtools.checks.calling import Outcome
from labtools.checks.limits import OutOfTime
from labtools.checks.watching import Elsewhere, Refusals, Watch
from labtools.grading.remote.calls import Calls
from labtools.grading.remote.losing import Overrun
from labtools.grading.remote.telling import How


class RemoteFunction(Elsewhere):
    """Called here, it runs there: nothing of it but plain data comes back.

    What it changes in place is changed here; a result that is a view of an argument is one here;
    its errors are raised, and what it prints is printed, here.

    Attributes:
        number: By which the box knows it.
        asked_as: The name by which it was asked for, whatever it calls itself.
        file: The file or cell in which it was written.
    """

    def __init__(
        self, calls: Calls, number: int, name: str, file: str, signature: inspect.Signature | None
    ) -> None:
        self.number, self.file, self.asked_as = number, file, name
        self.__name__ = self.__qualname__ = name
        self._calls, self._signature = calls, signature

    @property
    def __signature__(self) -> inspect.Signature:
        """Of its parameters; ValueError if nobody knows them, as of some functions of C."""
        if self._signature is None:
            raise ValueError(f"no signature found for {self.__name__}")
        return self._signature

    def __repr__(self) -> str:
        return f"<function {self.__name__}>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What it returns, or raises, of these arguments.

        Raises:
            TimeoutError: It was stopped.
            BoxLost: The box is gone.
        """
        return _result(self._made(args, kwargs))

    def several(
        self, n: int, args: tuple, kwargs: dict[str, Any]
    ) -> tuple[list[Any], Exception | None]:
        """So many calls in one message: see ``labtools.checks.repeating.several``.

        Raises:
            TimeoutError: They were stopped.
            BoxLost: The box is gone.
        """
        outcome = self._made(args, kwargs, n)
        made, error = outcome.value, outcome.error
        _print(outcome)
        if error is not None and (made is None or not isinstance(error, Exception)):
            raise error  # not of one of the calls, but of them all
        if type(made) is not list or (len(made) >= n if error is not None else len(made) != n):
            raise self._calls.connection.lose(f"it did not give the results of {n} calls")
        return made, error

    def _made(self, args: tuple, kwargs: dict[str, Any], times: int | None = None) -> Outcome:
        if self._calls.watch:
            return self._calls.watch.made(self.number, args, kwargs, times)
        how = How(self._calls.connection.limits.cell_seconds, times=times)
        try:
            return self._calls.call(self.number, args, kwargs, how).outcome
        except Overrun as overrun:
            raise TimeoutError(overrun.reason) from None

    def outcome(
        self, args: tuple, kwargs: dict[str, Any], cpu_seconds: float, refused: Refusals
    ) -> Outcome:
        """As a check calls it: see ``labtools.checks.calling.made``."""
        how = How(cpu_seconds, refused, checked=True)
        try:
            outcome = self._calls.call(self.number, args, kwargs, how).outcome
            return replace(outcome, refused=outcome.refused or self._calls_refused(refused))
        except Overrun as overrun:
            return Outcome(error=TimeoutError(overrun.reason), args=args, kwargs=kwargs)

    def watch(self, cpu_seconds: float, refused: Refusals) -> Watch:
        """Watches its calls by a function of this process, as if they were one."""
        watch = RemoteWatch(self._calls, cpu_seconds, refused)
        watch.found = self._calls_refused(refused)
        return watch

    def _calls_refused(self, refused: Refusals) -> tuple[str, str] | None:
        """The refused call that its source makes, whatever the box has noticed."""
        return self._calls.sources.refused(self.asked_as, refused) if refused else None


class RemoteWatch(Watch):
    """Many calls that have the time of one; see ``labtools.checks.watching.Watch``."""

    def __init__(self, calls: Calls, cpu_seconds: float, refused: Refusals) -> None:
        super().__init__(cpu_seconds, frozenset(), "")
        self._calls, self._refusals = calls, refused
        self._clock = calls.clock(cpu_seconds)
        self._seconds = 0.0
        self.found: tuple[str, str] | None = None

    def call(self, function: Callable, args: tuple, kwargs: dict[str, Any]) -> Any:
        """What ``function`` returns; raises OutOfTime when a call of the box's has none left."""
        outer, self._calls.watch = self._calls.watch, self
        try:
            return function(*args, **kwargs)
        finally:
            self._calls.watch = outer

    def made(self, number: int, args: tuple, kwargs: dict[str, Any], times: int | None) -> Outcome:
        """One of the calls; raises OutOfTime, which no ``except Exception`` catches."""
        left = max(self._cpu_seconds - self._seconds, 0.01)
        how = How(left, self._refusals, times=times, clock=self._clock)
        try:
            found = self._calls.call(number, args, kwargs, how)
        except Overrun as overrun:
            raise OutOfTime(overrun.reason) from None
        self._seconds += found.seconds
        self.found = self.found or found.outcome.refused
        if found.stopped:
            raise OutOfTime(self._told(str(found.outcome.error)))
        return found.outcome

    def _told(self, said: str) -> str:
        """What one of them says that computed for too long, as if it were all of them."""
        computed = f"it was stopped after {self._cpu_seconds:.1g} seconds of computing"
        return said if said.endswith("waiting") else computed

    @property
    def refused(self) -> tuple[str, str] | None:
        """The first call that was to be noticed, and its line."""
        return self.found


def _result(outcome: Outcome) -> Any:
    """What it returned, or raised."""
    _print(outcome)
    if isinstance(outcome.error, StopIteration):  # a test's loop would take it for its own end
        raise RuntimeError("StopIteration, raised by the code itself") from outcome.error
    if outcome.error is not None:
        raise outcome.error
    return outcome.value


def _print(outcome: Outcome) -> None:
    if outcome.printed:
        print(outcome.printed, end="")
