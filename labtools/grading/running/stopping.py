"""Stop a cell that has computed for too long."""

import contextlib
import math
import resource
import signal
import time
from collections.abc import Iterator
from types import FrameType


class CellTimeoutError(BaseException):
    """A cell was stopped. No Exception, so that a learner's ``except Exception`` lets it pass."""


@contextlib.contextmanager
def at_most(cpu_seconds: float | None) -> Iterator[None]:
    """Raise CellTimeoutError in what computes for so many seconds (None: no limit).

    The system's own limit is used, in whole seconds, because the checks need the timers. It is
    raised anew after each further second, should the code swallow the first.
    """
    if cpu_seconds is None:
        yield
        return

    def stop(signum: int, frame: FrameType | None) -> None:
        # the system counts ticks: in a process that has computed for minutes it is seconds ahead
        if active and time.process_time() >= began + cpu_seconds:
            raise CellTimeoutError(
                f"the cell was stopped after {cpu_seconds:g} s of computing: an endless loop?"
            )

    active = True
    soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    began = time.process_time()
    allowed = math.ceil(began + cpu_seconds)
    before = signal.signal(signal.SIGXCPU, stop)
    try:
        limit = allowed if hard == resource.RLIM_INFINITY else min(allowed, hard)
        resource.setrlimit(resource.RLIMIT_CPU, (limit, hard))
        yield
    finally:
        active = False  # at once: a signal that comes now must not keep the rest from being done
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))
        signal.signal(signal.SIGXCPU, before)
