"""A box, seen from the process that is trusted: its cells, its names and its functions."""

from collections.abc import Sequence
from typing import Any

from labtools.grading.limits import Limits
from labtools.grading.remote.asking import Box, CannotBeSent
from labtools.grading.remote.calls import Calls
from labtools.grading.remote.displayed import displayed
from labtools.grading.remote.expecting import expect, short, signature
from labtools.grading.remote.function import RemoteFunction
from labtools.grading.wire.channel import Malformed
from labtools.grading.wire.reading import Reader

LATER = 5.0  # seconds that a cell may compute beyond its own limit, which is kept to inside


class Peer:
    """A box in which cells are run and functions are called; nothing that it says is believed.

    Args:
        box: Something serves its socket: ``labtools.grading.box.serving.serve``.
        limits: What it may use.
    """

    def __init__(self, box: Box, limits: Limits) -> None:
        self.box, self.limits = box, limits
        self._calls = Calls(box, limits)

    @property
    def lost(self) -> str | None:
        """Why the box cannot be asked any more, or None."""
        return self._calls.connection.lost

    def run_cell(self, source: str, cell_name: str = "") -> list[dict[str, Any]]:
        """Run a cell in the box.

        Args:
            source: Of the cell.
            cell_name: For the reason, should the box be lost.

        Returns:
            Its outputs as nbformat has them: streams, errors, and of what was displayed the text
            and pictures.

        Raises:
            BoxLost: The box is gone.
        """
        self._calls.sources.add(source)
        connection, seconds = self._calls.connection, self.limits.cell_seconds
        buffers: list[bytes] = []
        states = connection.states.news(buffers)
        try:
            clock = connection.new_clock(seconds + LATER)
            answer = connection.ask(["cell", source, seconds, states], buffers, clock)
            with connection.judged():
                (outputs,) = connection.entries(answer, 1)
                return displayed(Reader(answer).read(outputs), self.limits.output_kb << 10)
        except CannotBeSent as problem:
            raise connection.lose(f"{cell_name} showed too much: {problem}".lstrip()) from None

    def bind(self, names: Sequence[str]) -> dict[str, Any]:
        """What these names stand for in the box, as far as they are defined there.

        Returns:
            A RemoteFunction for what can be called, the data for what is data.

        Raises:
            BoxLost: The box is gone.
        """
        connection = self._calls.connection
        answer = connection.ask(["bind", list(names)])
        try:
            with connection.judged():
                (told,) = connection.entries(answer, 1)
                reader = Reader(answer, thing=self._calls.thing)
                return dict(self._bound(reader, names, *entry) for entry in expect(told, list))
        except CannotBeSent as problem:
            raise connection.lose(f"a name stands for too much: {problem}") from None

    def _bound(
        self, reader: Reader, names: Sequence[str], name: Any, kind: Any, *told: Any
    ) -> tuple[str, Any]:
        if expect(name, str) not in names:
            raise Malformed("expected the names that were asked for")
        if kind == "data":
            (tree,) = told
            return name, reader.read(tree)
        number, called, file, parameters = told
        shown = name if called is None else short(called)
        function = RemoteFunction(
            self._calls, expect(number, int), shown, expect(file, str), signature(parameters)
        )
        function.asked_as = name
        self._calls.functions[number] = function
        return name, function
