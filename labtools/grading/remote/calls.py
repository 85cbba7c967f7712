"""Calls of a box's functions, and what the box asks about their arguments meanwhile."""

import contextlib
import math
import time
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from labtools.checks.calling import Outcome
from labtools.checks.isolation import MOST_PRINTED
from labtools.checks.limits import OutOfTime, limited
from labtools.checks.watching import RAISED_ELSEWHERE
from labtools.grading.limits import Limits
from labtools.grading.remote import expecting, lending
from labtools.grading.remote.asking import Box, CannotBeSent, Connection
from labtools.grading.remote.clock import Clock
from labtools.grading.remote.expecting import expect, short
from labtools.grading.remote.gradients import Graph, joined, replaced
from labtools.grading.remote.restoring import restored
from labtools.grading.remote.second_look import Sources
from labtools.grading.remote.telling import Called, How, settings
from labtools.grading.wire.channel import Malformed, Message
from labtools.grading.wire.memory import Memory
from labtools.grading.wire.reading import Reader
from labtools.grading.wire.writing import Writer

BEYOND, LATER = 3, 10.0  # times its own limit, and seconds, before a call is ended from outside


class Calls:
    """The functions of one box.

    Attributes:
        connection: To the box.
        functions: What stands here for its functions, by their numbers.
        sources: Of the cells that it ran.
        watch: Watches several calls as if they were one, or None.
    """

    def __init__(self, box: Box, limits: Limits) -> None:
        self.connection = Connection(box, limits, self._help)
        self.functions: dict[int, Any] = {}
        self.sources = Sources()
        self.watch: Any = None
        self._lent = lending.Lent()
        self._inputs: list[list[Tensor]] = []  # of the calls that are being made
        self._released: list[int] = []

    def call(
        self,
        number: int,
        args: tuple,
        kwargs: dict[str, Any],
        how: How,
    ) -> Called:
        """Call a function.

        Raises:
            Overrun: It took so long that the box was killed.
            BoxLost: The box is gone.
        """
        memory = Memory()
        writer = Writer(memory.lend, memory.lend_generator, self.tree)
        with self._made(writer.flagged):
            told = [writer.write(args), writer.write(kwargs)]
            buffers = memory.sent()
            question = ["call", number, len(buffers), *told, settings()]
            question += [self.connection.states.news(buffers), how.told(), self._no_more()]
            clock = how.clock or self.clock(how.cpu_seconds)
            answer = self.connection.ask(question, buffers, clock)
            try:
                with self.connection.judged():
                    return self._outcome(answer, memory, args, kwargs)
            except CannotBeSent as problem:
                error = ValueError(str(problem))
                return Called(Outcome(error=error, args=args, kwargs=kwargs))

    def clock(self, cpu_seconds: float) -> Clock:
        """A clock for a call that has so many seconds by the box's own limit."""
        return self.connection.new_clock(BEYOND * cpu_seconds + LATER, cpu_seconds)

    @contextlib.contextmanager
    def _made(self, inputs: list[Tensor]) -> Iterator[None]:
        """While a call is made that has these inputs, its arguments are lent to the box."""
        n = len(self._lent)
        self._inputs.append(inputs)
        try:
            yield
        finally:
            self._inputs.pop()
            self._lent.forget(n)

    def _outcome(
        self, answer: Message, memory: Memory, args: tuple, kwargs: dict[str, Any]
    ) -> Called:
        entries = self.connection.entries(answer, 11)
        value, error, file, line, printed, refused, stopped, seconds, pieces, now, graph = entries
        if len(expect(pieces, list)) > memory.n_pieces:
            raise Malformed("expected each memory once")
        for piece, what in pieces:
            told = answer.bytes(what) if type(what) is int else what
            memory.change(piece, told, self.connection.states)
        if now is not None:
            plain = Reader(answer, memory, thing=self.thing)
            for given, tree in zip((args, kwargs), expect(now, list), strict=True):
                restored(given, plain.read(tree))
        outputs: list[Tensor] = []
        reader = Reader(answer, memory, lambda x, _: _kept(outputs, x), self.thing)
        found = reader.read(value)
        outcome = Outcome(
            value=self._with_gradients(found, outputs, graph) if outputs else found,
            error=_raised(reader.read(error), file, line),
            line=short(line),
            printed=expect(printed, str)[:MOST_PRINTED],
            args=args,
            kwargs=kwargs,
            refused=None if refused is None else expecting.two_texts(refused),
        )
        took = expect(seconds, float)
        return Called(outcome, expect(stopped, bool), took if 0 < took < math.inf else 0.0)

    # gradients

    def _with_gradients(self, value: Any, outputs: list[Tensor], number: Any) -> Any:
        expect(number, int)
        inputs, released = list(self._inputs[-1]), self._released

        def product(grads: list[Tensor | None]) -> list[Tensor | None]:
            return self._product(number, grads, inputs)

        graph = Graph(product, lambda: released.append(number))
        made = joined(graph, outputs, inputs)
        return replaced(value, {id(x): y for x, y in zip(outputs, made, strict=True)})

    def _product(
        self, number: int, grads: list[Tensor | None], inputs: list[Tensor]
    ) -> list[Tensor | None]:
        writer = Writer()
        told = [writer.write(grad) for grad in grads]
        question = ["vjp", number, told, self._no_more()]
        answer = self.connection.ask(question, writer.buffers)
        with self.connection.judged():
            if answer.content[0] == "failed":
                raise Malformed("expected gradients that can be sent")
            trees, error, file, line = self.connection.entries(answer, 4)
            reader = Reader(answer)
            raised = _raised(reader.read(error), file, line)
            found = [reader.read(tree) for tree in expect(trees, list)] or [None] * len(inputs)
            found = expecting.gradients(found, inputs)
        if raised is not None:
            raise raised
        return found

    def _no_more(self) -> list[int]:
        """The graphs that nobody needs any more, told once."""
        told, self._released[:] = self._released[:], []
        return told

    # what the box is lent

    def tree(self, value: Any) -> list | None:
        """The tree of what is no plain data: a function of the box, or anything it may ask."""
        number = getattr(value, "number", None)
        if type(number) is int and self.functions.get(number) is value:
            return ["F", number]
        return self._lent.tree(value)

    def thing(self, tag: str, number: Any = None, *_: Any) -> Any:
        """What such a tree stands for; Malformed if for nothing."""
        if tag == "C":
            return self._lent.of(number)
        if type(number) is not int or number not in self.functions:
            raise Malformed("expected a function that was bound")
        return self.functions[number]

    def _help(self, message: Message) -> None:
        """Answer the box, which asks an object that was lent to it."""
        number, name, args, kwargs, grad = self.connection.entries(message, 5)
        reader, thing = Reader(message, thing=self.thing), self._lent.of(number)
        given, named = expect(reader.read(args), tuple), expect(reader.read(kwargs), dict)
        if not all(type(key) is str for key in named):
            raise Malformed("expected arguments by name")
        with torch.set_grad_enabled(expect(grad, bool)):
            value, error = self._asked((thing, expect(name, str), given, named))
            writer = Writer(thing=self.tree)
            told = [lending.written(writer, value), writer.write(error)]
        if self._inputs:
            self._inputs[-1] += writer.flagged
        states = self.connection.states.news(writer.buffers)
        told.append(self.connection.clock.stopped)
        self.connection.tell(["back", *told, states], writer.buffers)

    def _asked(self, asked: tuple) -> tuple[Any, BaseException | None]:
        begun, clock = time.process_time(), self.connection.clock
        try:
            return limited(lending.asked, asked, {}, clock.left), None
        except OutOfTime as error:
            return None, TimeoutError(str(error))
        except Exception as error:
            return None, error
        finally:
            clock.helped += time.process_time() - begun


def _raised(error: Any, file: Any, line: Any) -> BaseException | None:
    """The error, which knows in which line of the learner's it arose."""
    if error is None:
        return None
    if not isinstance(error, BaseException):
        raise Malformed("expected an error")
    if isinstance(error, KeyboardInterrupt):  # which only a person may make here
        error = RuntimeError("KeyboardInterrupt, raised by the code itself")
    error.__dict__[RAISED_ELSEWHERE] = expect(file, str), short(line)
    return error


def _kept(outputs: list[Tensor], tensor: Tensor) -> Tensor:
    outputs.append(tensor)
    return tensor
