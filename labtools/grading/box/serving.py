"""The box's side of the wire: run cells, call the learner's functions, ask for models.

What is done here is done among the learner's own code, which may change all of it. So nothing that
is sent from here is believed; it is checked where it arrives.
"""

import contextlib
import inspect
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Protocol

import torch
from torch import Tensor

from labtools.checks import calling
from labtools.checks.limits import OutOfTime
from labtools.grading.box.answering import Answered, answered
from labtools.grading.box.settings import as_there
from labtools.grading.box.stand_ins import StandIn, stand_in
from labtools.grading.wire.channel import Channel, Closed, Message
from labtools.grading.wire.leaves import Leaves
from labtools.grading.wire.memory import Memory
from labtools.grading.wire.opaque import LONGEST_NAME
from labtools.grading.wire.reading import Reader
from labtools.grading.wire.states import Following
from labtools.grading.wire.writing import TooMuch, Writer

LONGEST_FILE = 1000  # characters
MOST_SENT = 1 << 20  # bytes, until told otherwise
TIMERS = [getattr(signal, name) for name in ("SIGPROF", "SIGALRM") if hasattr(signal, name)]


class Cells(Protocol):
    """What runs cells: ``labtools.grading.running.cells.Cells``."""

    namespace: dict[str, Any]

    def run(self, source: str, cpu_seconds: float | None = None) -> tuple[list, Any]:
        """The outputs of a cell, and the error that ended it."""


def serve(sock: socket.socket, cells: Cells) -> None:
    """Do what is asked for over ``sock``, until nobody is there to ask."""
    torch.set_num_threads(1)  # threads do not survive a fork
    server = _Server(Channel(sock, MOST_SENT), cells)
    with contextlib.suppress(Closed):
        while True:
            server.handle(server.channel.receive())


class _Server:
    def __init__(self, channel: Channel, cells: Cells) -> None:
        self.channel, self.cells = channel, cells
        self.states = Following()
        self.functions: list[Callable] = []
        self.graphs: dict[int, Any] = {}  # results, leaves, and the file of the function
        self.n_graphs = 0
        self.calls: list[tuple[Leaves, dict]] = []  # being made, the innermost last
        self.asking = threading.RLock()

    def handle(self, message: Message) -> None:
        """Do what a message asks for, and answer it."""
        kind, *entries = message.content
        getattr(self, f"do_{kind}")(message, *entries)

    def do_most(self, message: Message, most: int) -> None:
        """No message may have more bytes of tensors; there is nothing to answer."""
        self.channel.most = most

    def do_cell(self, message: Message, source: str, seconds: float, states: list) -> None:
        """Run a cell."""
        self.states.take(message, states)
        outputs, _ = self.cells.run(source, seconds)
        writer = Writer()
        self._send("done", writer, writer.write(list(outputs)))

    def do_bind(self, message: Message, names: list[str]) -> None:
        """Tell what those names stand for that are defined."""
        writer = Writer(thing=self.thing)
        space = self.cells.namespace
        found = [[name, *self._told(writer, space[name])] for name in names if name in space]
        self._send("done", writer, found)

    def _told(self, writer: Writer, value: Any) -> list:
        if not callable(value):
            return ["data", writer.write(value)]
        self.functions.append(value)
        name = getattr(value, "__name__", None)
        shown = name[:LONGEST_NAME] if type(name) is str else None
        told = [shown, calling.written_in(value)[:LONGEST_FILE], _parameters(value)]
        return ["function", len(self.functions) - 1, *told]

    def do_call(
        self,
        message: Message,
        number: int,
        n_pieces: int,
        args: list,
        kwargs: list,
        settings: list,
        states: list,
        how: list,
        released: list[int],
    ) -> None:
        """Call a function; ``how`` is as ``remote.telling.How`` tells it."""
        self._release(released)
        memory, leaves = Memory.of(message, n_pieces), Leaves()
        things: dict[int, StandIn] = {}
        reader = Reader(message, memory, leaves.enter, partial(self._thing_of, things))
        given, named = reader.read(args), reader.read(kwargs)
        self.states.take(message, states)
        self.calls.append((leaves, things))
        try:
            with as_there(*settings):
                found = answered(self.functions[number], given, named, *how)
        finally:
            self.calls.pop()
        self._answer(found, memory, leaves, [args, kwargs], [given, named])

    def _answer(
        self, found: Answered, memory: Memory, leaves: Leaves, sent: list, now: list
    ) -> None:
        changed = memory.changed(self.states)
        writer = Writer(memory.find, memory.find_generator, self.thing)
        after = [writer.write(value) for value in now]
        n = len(writer.flagged)
        try:
            value, error = writer.write(found.value), writer.write(found.error)
        except TooMuch as problem:
            value, error = None, writer.write(ValueError(f"its result: {problem}"))
        outputs = writer.flagged[n:]
        graph = self._kept(outputs, leaves.entered, found.file) if outputs else None
        pieces = []
        for number, now_is in changed.items():
            pieces.append([number, len(writer.buffers) if type(now_is) is bytes else now_is])
            writer.buffers += [now_is] if type(now_is) is bytes else []
        places = None if after == sent else after
        told = [value, error, found.file, found.line, found.printed, found.refused]
        told += [found.stopped, found.seconds]
        self._send("done", writer, *told, pieces, places, graph)

    def _kept(self, *graph: Any) -> int:
        """The number by which the gradients of these results can be asked for."""
        self.n_graphs += 1
        self.graphs[self.n_graphs] = graph
        return self.n_graphs

    def do_vjp(self, message: Message, number: int, grads: list, released: list[int]) -> None:
        """The vector–Jacobian product of a call's results, for what it was given."""
        writer = Writer()
        error: Exception | None = None
        found: tuple[Tensor | None, ...] = ()
        outputs, leaves, file = self.graphs[number]
        given = [Reader(message).read(grad) for grad in grads]
        pairs = [(y, grad) for y, grad in zip(outputs, given, strict=True) if grad is not None]
        try:
            if pairs and leaves:
                ys, by = zip(*pairs, strict=True)
                found = torch.autograd.grad(ys, leaves, by, retain_graph=True, allow_unused=True)
        except Exception as caught:
            error = caught
        self._release(released)
        line = calling.raised_at(error, file)
        trees = [writer.write(g) for g in found]
        self._send("done", writer, trees, writer.write(error), file, line)

    def _release(self, numbers: list[int]) -> None:
        for number in numbers:
            self.graphs.pop(number, None)

    def _send(self, kind: str, writer: Writer, *told: Any) -> None:
        states = self.states.report()
        try:
            self.channel.send([kind, *told, states], writer.buffers)
        except ValueError as problem:
            self.channel.send(["failed", str(problem)])

    # what lives on the other side

    def ask(self, number: int, name: str, args: tuple, kwargs: dict[str, Any]) -> Any:
        """Use an object of the other side: an attribute, or with the name "" a call."""
        with self.asking, _undisturbed_by_timers():
            writer = Writer(thing=self.thing)
            told = [number, name, writer.write(args), writer.write(kwargs)]
            self._send("ask", writer, *told, torch.is_grad_enabled())
            while (message := self.channel.receive()).content[0] != "back":
                self.handle(message)
        _, value, error, stopped, states = message.content
        self.states.take(message, states)
        if stopped is not None:  # by the time that the other side has computed for this one
            raise OutOfTime(stopped)
        leaves, things = self.calls[-1] if self.calls else (Leaves(), {})
        reader = Reader(message, None, leaves.enter, partial(self._thing_of, things))
        if error is not None:
            raise reader.read(error)
        return reader.read(value)

    def thing(self, value: Any) -> list | None:
        """The tree of what the other side knows."""
        if type(value).__mro__[-2] is StandIn:
            return object.__getattribute__(value, "_node")
        found = next((i for i, f in enumerate(self.functions) if f is value), None)
        return None if found is None else ["F", found]

    def _thing_of(self, things: dict, tag: str, number: int, *entries: Any) -> Any:
        if tag == "F":
            return self.functions[number]
        if number not in things:  # or ``model.eval()`` would be another one
            things[number] = stand_in(self.ask, [tag, number, *entries])
        return things[number]


@contextlib.contextmanager
def _undisturbed_by_timers() -> Iterator[None]:
    """A message that is cut in two by an error would be the end of all others."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = [(number, signal.getsignal(number)) for number in TIMERS]
    try:
        for number in TIMERS:
            signal.signal(number, signal.SIG_IGN)
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def _parameters(function: Callable) -> list | None:
    """Name, kind and whether there is a default, of each parameter; None if nobody knows."""
    try:
        found = inspect.signature(function).parameters.values()
        return [[str(p.name), int(p.kind), p.default is not p.empty] for p in found]
    except Exception:
        return None
