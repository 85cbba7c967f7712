"""No cell keeps a box busy, or waiting, for ever: not by many calls that are each within limits."""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator

from labtools.grading.limits import Limits
from labtools.grading.sandbox import Box

LOOK = 0.2  # seconds between two looks
CALLS = 3  # times cell_seconds that the calls of one cell may compute in all
PATIENCE = 10  # times that by the clock on the wall, for a machine that is busy


@contextlib.contextmanager
def watched(box: Box, limits: Limits, blame: Callable[[str], None]) -> Iterator[None]:
    """End ``box`` if the block lets it compute, or takes itself, far too long.

    ``blame`` is told why before it is ended.
    """
    done, before, began = threading.Event(), box.cpu_seconds(), time.monotonic()
    allowed, deadline = CALLS * limits.cell_seconds, PATIENCE * CALLS * limits.cell_seconds

    def look() -> None:
        while not done.wait(LOOK):
            if box.cpu_seconds() - before > allowed:
                blame(f"it was stopped after {allowed} s of computing in all")
            elif time.monotonic() - began > deadline:
                blame(f"it was stopped after {deadline} s")
            else:
                continue
            with contextlib.suppress(ProcessLookupError):
                os.kill(box.pid, signal.SIGKILL)
            return

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
