"""A learner's function that lives in a box."""

import inspect
from typing import Any

from labtools.checks.calling import Elsewhere, Outcome, Refusals
from labtools.grading.remote.calls import Calls
from labtools.grading.remote.losing import Overrun


class RemoteFunction(Elsewhere):
    """Called here, it runs there: nothing of it but plain data comes back.

    What it changes in place is changed here; a result that is a view of an argument is one here;
    its errors are raised, and what it prints is printed, here.

    Attributes:
        number: By which the box knows it.
        file: The file or cell in which it was written.
    """

    def __init__(
        self, calls: Calls, number: int, name: str, file: str, signature: inspect.Signature | None
    ) -> None:
        self.number, self.file = number, file
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
        seconds = self._calls.connection.limits.cell_seconds
        try:
            found = self._calls.call(self.number, args, kwargs, seconds)
        except Overrun as overrun:
            raise TimeoutError(overrun.reason) from None
        if found.printed:
            print(found.printed, end="")
        if found.error is not None:
            raise found.error
        return found.value

    def outcome(
        self, args: tuple, kwargs: dict[str, Any], cpu_seconds: float, refused: Refusals
    ) -> Outcome:
        """As a check calls it: see ``labtools.checks.calling.made``."""
        try:
            return self._calls.call(self.number, args, kwargs, cpu_seconds, refused)
        except Overrun as overrun:
            return Outcome(error=TimeoutError(overrun.reason), args=args, kwargs=kwargs)
