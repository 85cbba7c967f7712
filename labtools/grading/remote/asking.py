"""Questions to a box, and the time it has to answer them."""

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from labtools.grading.limits import MB, Limits
from labtools.grading.remote.clock import Clock
from labtools.grading.remote.expecting import short
from labtools.grading.remote.losing import BoxLost
from labtools.grading.wire.channel import Channel, Closed, Malformed, Message
from labtools.grading.wire.states import Leading


class Box(Protocol):
    """What a box is known by: ``labtools.grading.sandbox``'s."""

    sock: Any

    def cpu_seconds(self) -> float:
        """What it has computed, in seconds."""

    def why(self) -> str | None:
        """Why it ended, if that is known."""

    def kill(self) -> None:
        """End it."""


class CannotBeSent(Exception):
    """What a function returned is too large to be sent: the text says how large it is."""


class Connection:
    """One question after the other, to one box.

    Args:
        box, limits: The box, and what it may use.
        help: Answers the box, should it have a question before it can answer one.

    Attributes:
        lost: Why the box cannot be asked any more, or None.
        clock: Of the question that is being asked.
        states: The random numbers of both sides.
    """

    def __init__(self, box: Box, limits: Limits, help: Callable[[Message], None]) -> None:
        self.limits, self.states = limits, Leading()
        self.lost: str | None = None
        self.clock = Clock(box.cpu_seconds, limits.cell_seconds, limits.idle_seconds)
        self._box, self._help = box, help
        most = limits.message_mb * MB
        self._channel = Channel(box.sock, most, lambda: self.clock.look())
        with contextlib.suppress(Closed):  # which the first question will tell
            self._channel.send(["most", most])

    def new_clock(self, cpu_seconds: float, own: float | None = None) -> Clock:
        """A clock for what the box may compute so long for, and so long by its ``own`` limit."""
        return Clock(self._box.cpu_seconds, cpu_seconds, self.limits.idle_seconds, own)

    def ask(
        self, question: list, buffers: Sequence[bytes] = (), clock: Clock | None = None
    ) -> Message:
        """The answer to a question.

        Args:
            question, buffers: What is sent.
            clock: Knows how long the box may compute: as long as for a cell if not given.

        Raises:
            ValueError: The question is too large.
            Overrun: It took so long that the box was killed.
            BoxLost: The box is gone, or was killed because it did not keep to the rules.
        """
        if self.lost is not None:
            raise BoxLost(self.lost)
        message = self._channel.packed(question, buffers)
        outer, self.clock = self.clock, clock or self.new_clock(self.limits.cell_seconds)
        try:
            with self._kept_in_step():
                self._channel.send_packed(message)
                while (answer := self._channel.receive()).content[0] == "ask":
                    self._help(answer)
                    self.clock.look_at_times()
            return answer
        finally:
            self.clock = outer

    def tell(self, answer: list, buffers: Sequence[bytes]) -> None:
        """Answer a question of the box's own."""
        self._channel.send(answer, buffers)

    def entries(self, message: Message, n: int) -> list:
        """The n entries of an answer, once the random numbers are here what they are there.

        Raises:
            CannotBeSent: The box had an answer, and could not send it.
            Malformed: It is none.
        """
        kind, *entries = message.content
        if kind == "failed" and len(entries) == 1:
            raise CannotBeSent(short(entries[0]))
        if kind not in ("done", "ask") or len(entries) != n + 1:
            raise Malformed(f"expected an answer of {n} entries")
        begun = time.process_time()
        self.states.hear(entries.pop())
        self.clock.helped += time.process_time() - begun
        return entries

    @contextlib.contextmanager
    def judged(self) -> Iterator[None]:
        """While an answer is read: lose the box if it is not what an answer must be."""
        try:
            yield
        except CannotBeSent:
            raise
        except Exception as error:  # too few entries, for one
            raise self.lose(f"it gave no answer that can be used: {short(str(error))}") from error

    @contextlib.contextmanager
    def _kept_in_step(self) -> Iterator[None]:
        """A message that is not sent or read to its end is the end of all others."""
        try:
            yield
        except Closed:
            raise self.lose(self._box.why() or "its process ended") from None
        except Exception as error:
            raise self.lose(f"it gave no answer that can be used: {short(str(error))}") from error
        except BoxLost as lost:
            self.lose(lost.reason)
            raise
        except BaseException:
            self.lose("it was interrupted")
            raise

    def lose(self, reason: str) -> BoxLost:
        """Kill the box, and say why with an error to be raised."""
        if self.lost is None:
            self.lost = reason
            self._box.kill()
        return BoxLost(self.lost)
