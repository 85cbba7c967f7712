"""The learner's process; when it dies, a new one in which the cells before are run again."""

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar

from labtools.grading.limits import Limits
from labtools.grading.remote import BoxLost, Peer
from labtools.grading.sandbox import Box, Boxes

from .recording import Output
from .watching import watched

MOST_BOXES = 12  # of one notebook: each answer may cost one, a notebook has about ten
PATIENCE = 60  # times cell_seconds after which no more boxes are opened for a notebook
Answer = TypeVar("Answer")


class Stopped(Exception):
    """The learner's process did not live to the end of what it was asked for; says why."""


class Cell(NamedTuple):
    """A cell to run: its code, and what it is called."""

    source: str
    name: str


class Session:
    """Runs cells of a notebook in a box, and hands out what they define; a context manager.

    A box that dies costs what it died of. With the next thing that is asked for, a new one is
    opened, and the cells that ran to their end are run again.

    Args:
        boxes: Boxes, ready.
        limits: Limits of each box.
    """

    def __init__(self, boxes: Boxes, limits: Limits) -> None:
        self._boxes, self._limits = boxes, limits
        self._box: Box | None = None
        self._peer: Peer | None = None
        self._done: list[Cell] = []
        self._n_opened = 0
        self._deadline = time.monotonic() + PATIENCE * limits.cell_seconds
        self._blamed: str | None = None
        self._cpu_seconds, self._peak_mb = 0.0, 0.0  # of the boxes before this one

    def run(self, source: str, name: str) -> list[Output]:
        """The outputs of one cell. Raises Stopped if the box died of it."""
        self._ready()
        cell = Cell(source, name)
        try:
            outputs = self._ask(lambda peer: peer.run_cell(*cell))
        except BoxLost as lost:
            raise Stopped(self.buried(lost)) from None
        self._done.append(cell)
        return outputs

    def bind(self, names: Iterable[str]) -> dict[str, Any]:
        """Stand-ins for those of ``names`` that are defined. Raises Stopped if none can be had."""
        wanted = list(names)
        self._ready()
        try:
            return self._ask(lambda peer: peer.bind(wanted))
        except BoxLost as lost:
            raise Stopped(self.buried(lost)) from None

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Within the block, the box is ended if it takes far too long; Stopped if there is none."""
        if self._peer is None:
            self._ready()
        assert self._box is not None
        with watched(self._box, self._limits, self._blame):
            yield

    def usage(self) -> dict[str, float]:
        """``cpu_seconds`` of all boxes so far and ``peak_mb`` of the largest."""
        cpu, peak = self._cpu_seconds, self._peak_mb
        if self._box is not None:
            cpu, peak = cpu + self._box.cpu_seconds(), max(peak, self._box.peak_mb())
        return {"cpu_seconds": cpu, "peak_mb": peak}

    def _ready(self) -> None:
        """Have a box that is alive, with all earlier cells run in it; Stopped if there is none."""
        if self._peer is not None:
            try:
                self._ask(lambda peer: peer.bind([]))  # it may have died since, or been lost
            except BoxLost as lost:
                self.buried(lost)
        while self._peer is None:
            self._open()
            for number, cell in enumerate(self._done):
                if not self._again(cell):
                    del self._done[number]  # it ran to its end before, and then did harm
                    break

    def _again(self, cell: Cell) -> bool:
        """Run a cell once more; False if the box died of it."""
        try:
            self._ask(lambda peer: peer.run_cell(*cell))
        except BoxLost as lost:
            self.buried(lost)
            return False
        return True

    def _open(self) -> None:
        if self._n_opened == MOST_BOXES:
            raise Stopped(f"{MOST_BOXES} others were, and no more are tried")
        if time.monotonic() > self._deadline:
            raise Stopped("the notebook had taken far too long")
        self._n_opened += 1
        self._box = self._boxes.open(self._limits)
        self._peer = Peer(self._box, self._limits)

    def _ask(self, question: Callable[[Peer], Answer]) -> Answer:
        """The answer of the box that is open. Raises BoxLost, whatever goes wrong."""
        assert self._peer is not None
        assert self._box is not None
        with watched(self._box, self._limits, self._blame):
            try:
                return question(self._peer)
            except Exception as problem:
                kind = type(problem).__name__
                raise BoxLost(f"it gave no answer that can be used ({kind})") from problem

    def buried(self, lost: BoxLost) -> str:
        """Close what is left of a box that died; why it died, a sentence about "it"."""
        why = self._blamed or (in_words(self._box.why(), self._limits) if self._box else None)
        self._blamed = None
        self._close()
        return why or lost.reason

    def _blame(self, why: str) -> None:
        """Note why the box is ended, which it does not know itself."""
        self._blamed = why

    def _close(self) -> None:
        if self._box is not None:
            box, self._box, self._peer = self._box, None, None
            box.kill()
            self._cpu_seconds += box.cpu_seconds()
            self._peak_mb = max(self._peak_mb, box.peak_mb())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()


def in_words(why: str | None, limits: Limits) -> str | None:
    """What a box says of its end (``Box.why``), a sentence about "it"."""
    numbers = {
        "out of memory": f"it used more than {limits.memory_mb} MB of memory",
        "too many processes": f"it started more than {limits.processes} processes",
        "out of computing time": f"it computed for more than {limits.box_seconds} s",
    }
    return numbers.get(why, f"it {why}") if why else None
