"""When a box has taken too long: its computing counts, as on a busy machine it waits for others."""

import time
from collections.abc import Callable

from labtools.grading.remote.losing import Overrun

WORKING = 0.05  # of the time is what a box gets at least that does not wait itself
HELP = 1.0  # seconds of help after which the clocks are looked at, even if nobody waits


class Clock:
    """Looks at one question from outside, where the learner's code cannot stop it.

    Args:
        cpu_seconds: What the box has computed until now, in seconds.
        allowed: How long it may compute.
        idle: How long it may do next to nothing.
        own: How long it may compute by its own limit, if that is another one.

    Attributes:
        helped: Seconds that this process has computed for it.
    """

    def __init__(
        self,
        cpu_seconds: Callable[[], float],
        allowed: float,
        idle: float,
        own: float | None = None,
    ) -> None:
        self._cpu_seconds, self._allowed, self._idle = cpu_seconds, allowed, idle
        self._own = allowed if own is None else own
        self._begun = time.monotonic()
        self._before: float | None = None
        self.helped = 0.0

    @property
    def left(self) -> float:
        """The seconds that this process may still compute for it."""
        return max(self._own - self.helped, 0.1)

    @property
    def stopped(self) -> str | None:
        """What is to be said once there was more help than the box itself may compute."""
        if self.helped <= self._own:
            return None
        return f"it was stopped after {self._own:.1g} seconds of computing"

    def look(self) -> None:
        """Raise Overrun if it has computed, or waited, for too long."""
        computed = self._cpu_seconds()
        if self._before is None:  # the first look comes soon
            self._before = computed
        used, passed = computed - self._before + self.helped, time.monotonic() - self._begun
        if used > self._allowed:
            raise Overrun(f"it was stopped after {used:.1g} seconds of computing")
        if passed > self._idle and used < WORKING * passed:
            raise Overrun(f"it was stopped after {passed:.1g} seconds of waiting")

    def look_at_times(self) -> None:
        """Look, if there was so much help that it may never wait."""
        if self.helped > HELP:
            self.look()
