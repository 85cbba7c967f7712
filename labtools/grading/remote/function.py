"""A learner's function that lives in a box."""

import inspect
from typing import TYPE_CHECKING, Any

from labtools.checks.calling import SHOWN, Elsewhere, Outcome, Refusals
from labtools.grading.remote.losing import Overrun

if TYPE_CHECKING:
    from labtools.grading.remote.peer import Peer


class RemoteFunction(Elsewhere):
    """Called here, it runs there: nothing of it but plain data comes back.

    What it changes in place is changed here; a result that is a view of an argument is one here;
    its errors are raised, and what it prints is printed, here.

    Attributes:
        file: The file or cell in which it was written.
    """

    def __init__(
        self, peer: "Peer", number: int, name: str, file: str, signature: inspect.Signature | None
    ) -> None:
        self.peer, self.number, self.file = peer, number, file
        self.__name__ = self.__qualname__ = name
        self._signature = signature

    @property
    def __signature__(self) -> inspect.Signature:
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
        try:
            outcome = self.peer.called(self.number, args, kwargs, self.peer.limits.cell_seconds)
        except Overrun as overrun:
            raise TimeoutError(overrun.reason) from None
        if outcome.printed:
            print(outcome.printed, end="")
        if outcome.error is not None:
            raise outcome.error
        return outcome.value

    def outcome(
        self, args: tuple, kwargs: dict[str, Any], cpu_seconds: float, refused: Refusals
    ) -> Outcome:
        """As a check calls it: see ``labtools.checks.calling.made``."""
        try:
            found = self.peer.called(self.number, args, kwargs, cpu_seconds, refused)
        except Overrun as overrun:
            return Outcome(error=TimeoutError(overrun.reason), args=args, kwargs=kwargs)
        return found


__all__ = ["SHOWN", "RemoteFunction"]
