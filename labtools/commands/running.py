"""Run a notebook's cells in a process of their own, whatever they do to it."""

import contextlib
import importlib.util
import multiprocessing
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from labtools.commands.main import CommandError
from labtools.commands.shell import Failure, serve

STARTING = 300.0  # seconds: imports come from a slow disk perhaps
RESTARTS = 5  # then the notebook ends Python too often to wait for the rest

# on Linux what is slow to import is so once, in a process of which the others are copies
CONTEXT: Any = multiprocessing.get_context("forkserver" if sys.platform == "linux" else "spawn")
SLOW = ["labtools.checks", "labtools.commands.shell", "IPython.core.interactiveshell"]
if sys.platform == "linux":
    CONTEXT.set_forkserver_preload(SLOW)


@dataclass(frozen=True)
class Step:
    """A cell to run.

    Attributes:
        source: its text.
        checks: the function that it checks; None for a cell that is no check.
        seconds: how long it may run.
    """

    source: str
    checks: str | None = None
    seconds: float = STARTING


class Ended(Exception):
    """The process did not survive a cell; the message says what happened."""


def run_all(
    steps: list[Step], folder: Path, say: Callable[[str], object]
) -> dict[int, Failure | None]:
    """Run cells in order; where one ends the process, the others run again without it.

    Args:
        steps: the cells.
        folder: where they run.
        say: called with the name of each function before its check.

    Returns:
        dict of a step's index to its failure, or to None if it ran to its end. A check that did
        not come to be run is not in it.
    """
    results: dict[int, Failure | None] = {}
    fatal: set[int] = set()
    for _ in range(RESTARTS + 1):
        if all(index in results for index, step in enumerate(steps) if step.checks):
            break
        with python(folder) as process:
            fatal |= set(_until_it_ends(process, steps, fatal, say, results))
    return results


def _until_it_ends(
    process: "Python",
    steps: list[Step],
    fatal: set[int],
    say: Callable[[str], object],
    results: dict[int, Failure | None],
) -> Iterator[int]:
    """Fill ``results``; gives the index of the step that ended the process, if one did."""
    for index, step in enumerate(steps):
        if index in fatal or (step.checks and index in results):
            continue
        if step.checks:
            say(step.checks)
        try:
            results[index] = process.run(step.source, step.seconds)
        except Ended as why:
            results[index] = Failure("Ended", str(why))
            yield index
            return


@contextlib.contextmanager
def python(folder: Path) -> Iterator["Python"]:
    """A new process that runs cells in ``folder``; CommandError if it cannot be had."""
    if importlib.util.find_spec("IPython") is None:
        raise CommandError("running a notebook needs IPython: pip install ipython")
    ours, theirs = CONTEXT.Pipe()
    process = CONTEXT.Process(target=serve, args=(theirs, folder))
    process.start()
    theirs.close()
    started = Python(process, ours)
    try:
        with refusing():
            started.answer(STARTING)
        yield started
    finally:
        started.kill()
        ours.close()


@contextlib.contextmanager
def refusing() -> Iterator[None]:
    """Say that it is no cell's fault."""
    try:
        yield
    except Ended as why:
        raise CommandError(f"Python cannot be started for the notebook: {why}") from None


@dataclass(frozen=True)
class Python:
    """A process with a shell in it, and the pipe to it."""

    process: BaseProcess
    pipe: Connection

    def run(self, source: str, seconds: float) -> Failure | None:
        """What became of a cell, None if all is well; Ended if the process did not survive it."""
        with contextlib.suppress(OSError):  # it has ended: so says the answer
            self.pipe.send(source)
        return self.answer(seconds)

    def answer(self, seconds: float) -> Failure | None:
        """Wait for what became of the cell that was sent."""
        # a child that the cell has started may keep the pipe open: look at the process too
        if not wait([self.pipe, self.process.sentinel], seconds):
            self.kill()
            raise Ended(f"it was stopped after {seconds:g} seconds: an endless loop?")
        with contextlib.suppress(EOFError, OSError):
            if self.pipe.poll():
                received: Failure | None = self.pipe.recv()
                return received
        self.process.join(5)
        raise Ended(why_ended(self.process.exitcode or 0))

    def kill(self) -> None:
        """End the process, whatever it does."""
        self.process.kill()
        self.process.join()


def why_ended(status: int) -> str:
    """An exit status in words; those below 0 are signals."""
    if status >= 0:
        return f"it ended Python, with exit status {status}"
    name = signal.Signals(-status).name
    return f"it ended Python by {name}" + (": too much memory?" if name == "SIGKILL" else "")
