"""The learner's process; when it dies, a new one in which the cells before are run again."""

from collections.abc import Iterable
from types import TracebackType
from typing import Any, NamedTuple, Self

from labtools.grading.limits import Limits
from labtools.grading.remote import BoxLost, Peer
from labtools.grading.sandbox import Box, Boxes

from .recording import Output

MOST_BOXES = 12  # of one notebook: each answer may cost one, a notebook has about ten


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
        self._blamed: str | None = None
        self._cpu_seconds, self._peak_mb = 0.0, 0.0  # of the boxes before this one

    def run(self, source: str, name: str) -> list[Output]:
        """The outputs of one cell. Raises Stopped if the box died of it."""
        try:
            outputs = self._ready().run_cell(source, name)
        except BoxLost as lost:
            raise Stopped(self.buried(lost)) from None
        self._done.append(Cell(source, name))
        return outputs

    def bind(self, names: Iterable[str]) -> dict[str, Any]:
        """Stand-ins for those of ``names`` that are defined. Raises Stopped if none can be had."""
        wanted = list(names)
        for _ in range(2):
            try:
                return self._ready().bind(wanted)
            except BoxLost as lost:  # it died between two cells: of a thread, perhaps
                why = self.buried(lost)
        raise Stopped(why)

    @property
    def box(self) -> Box:
        """The box that is open now. Raises Stopped if none can be had."""
        self._ready()
        assert self._box is not None
        return self._box

    def usage(self) -> dict[str, float]:
        """``cpu_seconds`` of all boxes so far and ``peak_mb`` of the largest."""
        cpu, peak = self._cpu_seconds, self._peak_mb
        if self._box is not None:
            cpu, peak = cpu + self._box.cpu_seconds(), max(peak, self._box.peak_mb())
        return {"cpu_seconds": cpu, "peak_mb": peak}

    def _ready(self) -> Peer:
        """The other side of a box that is alive, with all earlier cells run in it."""
        while self._peer is None:
            peer = self._opened()
            for number, cell in enumerate(self._done):
                try:
                    peer.run_cell(*cell)
                except BoxLost as lost:
                    self.buried(lost)
                    del self._done[number]  # it ran to its end before, and then did harm
                    break
        return self._peer

    def _opened(self) -> Peer:
        if self._n_opened == MOST_BOXES:
            raise Stopped(f"{MOST_BOXES} others were, and no more are tried")
        self._n_opened += 1
        self._box = self._boxes.open(self._limits)
        self._peer = Peer(self._box, self._limits)
        return self._peer

    def buried(self, lost: BoxLost) -> str:
        """Close what is left of a box that died; why it died, a sentence about "it"."""
        why = self._blamed or (in_words(self._box.why(), self._limits) if self._box else None)
        self._close()
        return why or lost.reason

    def blame(self, why: str | None) -> None:
        """Note why the box was ended, which it does not know itself."""
        self._blamed = why or self._blamed

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
