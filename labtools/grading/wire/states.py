"""The random numbers of two processes, so that they draw as if they were one.

The one that leads tells its states, the one that follows only how far it went from there.
"""

import hashlib
import os
import time
from typing import Any

from labtools.grading.wire import twister
from labtools.grading.wire.channel import Malformed, Message
from labtools.grading.wire.generators import ALL

ANEW = "anew"  # it was seeded, or set to a state of its own
PER_SECOND = 2e9  # numbers that no process draws more of
AT_LEAST = 200_000  # numbers that may always have been drawn


class Leading:
    """The generators of the process that is trusted: torch's, Python's and NumPy's own."""

    def __init__(self) -> None:
        self._known: list[Any] = [None] * len(ALL)
        self._anew = 0

    def news(self, buffers: list[bytes]) -> list:
        """The states that have changed since they were told; they are put among the buffers."""
        told: list[Any] = []
        for i, kind in enumerate(ALL):
            now = kind.state()
            told.append(None if now == self._known[i] else len(buffers))
            buffers += [] if now == self._known[i] else [now]
            self._known[i] = now
        return told

    def hear(self, told: object) -> None:
        """Go as far as the other process went.

        Raises:
            Malformed: It could not go there.
        """
        if type(told) is not list or len(told) != len(ALL):
            raise Malformed("expected how far each generator went")
        for i, (kind, far) in enumerate(zip(ALL, told, strict=True)):
            if far is not None:
                kind.put(self.gone(kind, kind.state(), far))
                self._known[i] = kind.state()

    def gone(self, kind: Any, state: bytes, far: object) -> bytes:
        """The state of a generator that went so far.

        One that was seeded anew comes into a state that nobody could choose, and that is the same
        when all is repeated.
        """
        if far != ANEW:
            found: bytes = kind.gone(state, far)
            return found
        self._anew += 1
        run = os.environ.get("LABTOOLS_SEED", "0")
        secret = hashlib.sha256(f"{run} {self._anew}".encode() + state).digest()
        return bytes(kind.seeded(int.from_bytes(secret[:4], "little")))


class Following:
    """The generators of the process that is not trusted."""

    def __init__(self) -> None:
        self._known = [kind.state() for kind in ALL]
        self.since = time.process_time()

    def take(self, message: Message, told: list) -> None:
        """Set this process's generators to the states that were told."""
        for i, (kind, number) in enumerate(zip(ALL, told, strict=True)):
            if number is not None:
                kind.put(message.bytes(number))
                self._known[i] = kind.state()
        self.since = time.process_time()

    def report(self) -> list:
        """How far each has gone since the two last agreed."""
        now = [kind.state() for kind in ALL]
        told = [
            None if before == after else self.far(kind, before, after)
            for kind, before, after in zip(ALL, self._known, now, strict=True)
        ]
        self._known, self.since = now, time.process_time()
        return told

    def far(self, kind: Any, before: bytes, after: bytes) -> Any:
        """How far a generator has gone, in as much time as there was."""
        seconds = time.process_time() - self.since
        far = kind.far(before, after, int(min(AT_LEAST + PER_SECOND * seconds, twister.MOST)))
        return ANEW if far is None else far
