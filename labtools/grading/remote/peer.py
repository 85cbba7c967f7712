"""Everything that is asked of one box, and the answers, of which none is believed unseen."""

import contextlib
import inspect
import sys
import time
from collections.abc import Iterator, Sequence
from functools import lru_cache
from types import CodeType
from typing import Any, Protocol, TypeVar

import torch
from torch import Tensor

from labtools.checks.calling import RAISED_ELSEWHERE, Outcome, Refusals
from labtools.checks.isolation import MOST_PRINTED
from labtools.checks.limits import OutOfTime, limited
from labtools.grading.limits import MB, Limits
from labtools.grading.remote import lending
from labtools.grading.remote.clock import Clock
from labtools.grading.remote.displayed import displayed
from labtools.grading.remote.function import RemoteFunction
from labtools.grading.remote.gradients import Graph, joined
from labtools.grading.remote.losing import BoxLost
from labtools.grading.remote.restoring import restored
from labtools.grading.wire.channel import Channel, Closed, Malformed, Message
from labtools.grading.wire.memory import Memory
from labtools.grading.wire.reading import Reader
from labtools.grading.wire.states import States
from labtools.grading.wire.tensors import NAMES
from labtools.grading.wire.writing import Writer

LATER = 5.0  # seconds of computing that a cell has beyond its own limit, which is looked at inside
MOST_SAID = 500  # characters of a line of code, or of a name
MOST_PARAMETERS = 50
Kind = TypeVar("Kind")


class Box(Protocol):
    """What a box is known by: ``labtools.grading.sandbox``'s."""

    sock: Any

    def cpu_seconds(self) -> float:
        """What it has computed, in seconds."""

    def why(self) -> str | None:
        """Why it ended, if that is known."""

    def kill(self) -> None:
        """End it."""


class _Failed(Exception):
    """What a function returned cannot be sent: the text says why."""


class Peer:
    """A box in which cells are run and functions are called.

    Attributes:
        limits: Of the box.
        lost: Why the box cannot be asked any more, or None.
    """

    def __init__(self, box: Box, limits: Limits) -> None:
        self.box, self.limits = box, limits
        self.lost: str | None = None
        self._channel = Channel(box.sock, limits.message_mb * MB, self._wait)
        self._states = States()
        self._lent = lending.Lent()
        self._functions: dict[int, RemoteFunction] = {}
        self._inputs: list[list[Tensor]] = []  # of the calls that are being made
        self._released: list[int] = []
        self._clock: Clock | None = None

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
        seconds = self.limits.cell_seconds
        with self._during(seconds + LATER):
            buffers: list[bytes] = []
            states = self._states.news(buffers)
            answer = self._ask(["cell", source, seconds, states], buffers)
            with self._judged():
                (outputs,) = self._entries(answer, 1)
                return displayed(Reader(answer).read(outputs), self.limits.output_kb << 10)

    def bind(self, names: Sequence[str]) -> dict[str, Any]:
        """What these names stand for in the box, as far as they are defined there.

        Returns:
            A RemoteFunction for what can be called, the data for what is data.

        Raises:
            BoxLost: The box is gone.
        """
        with self._during(self.limits.cell_seconds):
            answer = self._ask(["bind", list(names)])
            with self._judged():
                (told,) = self._entries(answer, 1)
                reader = Reader(answer, thing=self._thing)
                return dict(self._bound(reader, names, *entry) for entry in told)

    def _bound(
        self, reader: Reader, names: Sequence[str], name: Any, kind: Any, *told: Any
    ) -> tuple[str, Any]:
        if name not in names:
            raise Malformed("expected the names that were asked for")
        if kind == "data":
            (tree,) = told
            return name, reader.read(tree)
        number, called, file, parameters = told
        _expect(number, int), _expect(file, str)
        signature = _signature(parameters) if parameters is not None else None
        named = called if type(called) is str and called.isprintable() and called else name
        function = RemoteFunction(self, number, named[:100], file, signature)
        self._functions[number] = function
        return name, function

    def called(
        self,
        number: int,
        args: tuple,
        kwargs: dict[str, Any],
        cpu_seconds: float,
        refused: Refusals | None = None,
    ) -> Outcome:
        """Call function ``number`` of the box, as a check does if ``refused`` is given.

        Raises:
            Overrun: It took so long that the box was killed.
            BoxLost: The box is gone.
        """
        memory, n = Memory(), len(self._lent)
        writer = Writer(memory.lend, memory.lend_generator, self._tree)
        told = [writer.write(args), writer.write(kwargs)]
        buffers = memory.sent()
        pieces, how = len(buffers), _how(cpu_seconds, refused)
        states = self._states.news(buffers)
        request = ["call", number, pieces, *told, _settings(), states, how, self._no_more()]
        self._inputs.append(writer.flagged)
        try:
            with self._during(3 * cpu_seconds + 2):
                answer = self._ask(request, buffers)
                with self._judged():
                    return self._outcome(answer, memory, args, kwargs)
        except _Failed as failed:
            return Outcome(error=ValueError(str(failed)), args=args, kwargs=kwargs)
        finally:
            self._inputs.pop()
            self._lent.forget(n)

    def _outcome(
        self, answer: Message, memory: Memory, args: tuple, kwargs: dict[str, Any]
    ) -> Outcome:
        value, error, file, line, printed, refused, pieces, places, graph = self._entries(answer, 9)
        for number, buffer in _pairs(pieces):
            memory.change(number, answer.bytes(buffer))
        outputs: list[Tensor] = []
        plain = Reader(answer, memory, thing=self._thing)
        if places is not None:
            now_args, now_kwargs = map(plain.read, _expect(places, list))
            restored(args, _expect(now_args, tuple))
            restored(kwargs, _expect(now_kwargs, dict))
        reader = Reader(answer, memory, lambda x, flag: _kept(outputs, x), self._thing)
        found = reader.read(value)
        return Outcome(
            value=self._with_gradients(found, outputs, graph) if outputs else found,
            error=self._raised(reader.read(error), _expect(file, str), _short(line)),
            line=_short(line),
            printed=_expect(printed, str)[:MOST_PRINTED],
            args=args,
            kwargs=kwargs,
            refused=None if refused is None else _two_texts(refused),
        )

    def _raised(self, error: Any, file: str, line: str) -> BaseException | None:
        if error is None:
            return None
        if not isinstance(error, BaseException):
            raise Malformed("expected an error")
        if isinstance(error, KeyboardInterrupt):  # which only a person may make here
            error = RuntimeError("KeyboardInterrupt, raised by the code itself")
        error.__dict__[RAISED_ELSEWHERE] = file, line
        return error

    # gradients

    def _with_gradients(self, value: Any, outputs: list[Tensor], number: Any) -> Any:
        _expect(number, int)
        inputs = list(self._inputs[-1])

        def product(grads: list[Tensor | None]) -> list[Tensor | None]:
            return self._product(number, grads, inputs)

        released = self._released
        graph = Graph(product, lambda: released.append(number))
        made = joined(graph, outputs, inputs)
        return _replaced(value, {id(x): y for x, y in zip(outputs, made, strict=True)})

    def _product(
        self, number: int, grads: list[Tensor | None], inputs: list[Tensor]
    ) -> list[Tensor | None]:
        writer = Writer()
        told = [writer.write(grad) for grad in grads]
        with self._during(3 * self.limits.cell_seconds + 2):
            request = ["vjp", number, told, self._no_more()]
            answer = self._ask(request, writer.buffers)
            with self._judged():
                trees, error, file, line = self._entries(answer, 4)
                reader = Reader(answer)
                if error is not None:
                    raised = self._raised(reader.read(error), _expect(file, str), _short(line))
                else:
                    raised, found = None, [reader.read(tree) for tree in _expect(trees, list)]
                    found = found or [None] * len(inputs)
                    if not all(map(_fits, found, inputs)) or len(found) != len(inputs):
                        raise Malformed("expected a gradient for each input")
        if raised is not None:
            raise raised
        return found

    def _no_more(self) -> list[int]:
        """The graphs that nobody needs any more, told once."""
        told, self._released[:] = self._released[:], []
        return told

    # what is lent

    def _tree(self, value: Any) -> list | None:
        if isinstance(value, RemoteFunction) and value.peer is self:
            return ["F", value.number]
        return self._lent.tree(value)

    def _thing(self, tag: str, number: Any = None, *_: Any) -> Any:
        if tag == "C":
            return self._lent.of(number)
        if type(number) is not int or number not in self._functions:
            raise Malformed("expected a function that was bound")
        return self._functions[number]

    def _lend(self, message: Message) -> None:
        """Answer the box, which asks an object that was lent to it."""
        number, name, args, kwargs, grad = self._entries(message, 5, "ask")
        reader = Reader(message, thing=self._thing)
        thing, _ = self._lent.of(number), _expect(name, str)
        given, named = _expect(reader.read(args), tuple), _expect(reader.read(kwargs), dict)
        if not all(type(key) is str for key in named):
            raise Malformed("expected arguments by name")
        value, error = self._asked(thing, name, given, named, _expect(grad, bool))
        writer = Writer(thing=self._tree)
        told = [_written(writer, value), writer.write(error)]
        if self._inputs:
            self._inputs[-1] += writer.flagged
        states = self._states.news(writer.buffers)
        self._channel.send(["back", *told, states], writer.buffers)

    def _asked(
        self, thing: Any, name: str, args: tuple, kwargs: dict[str, Any], grad: bool
    ) -> tuple[Any, BaseException | None]:
        begun, clock = time.process_time(), self._clock
        left = clock.left if clock else self.limits.cell_seconds
        try:
            with torch.set_grad_enabled(grad):
                return limited(lending.asked, (thing, name, args, kwargs), {}, left), None
        except OutOfTime as error:
            return None, TimeoutError(str(error))
        except Exception as error:
            return None, error
        finally:
            if clock:
                clock.helped += time.process_time() - begun

    # asking

    @contextlib.contextmanager
    def _during(self, seconds: float) -> Iterator[None]:
        """The box may compute for so long."""
        outer = self._clock
        self._clock = Clock(self.box.cpu_seconds, seconds, self.limits.idle_seconds)
        try:
            yield
        finally:
            self._clock = outer

    def _wait(self) -> None:
        if self._clock:
            self._clock.look()

    def _ask(self, request: list, buffers: Sequence[bytes] = ()) -> Message:
        """The answer to a request."""
        if self.lost is not None:
            raise BoxLost(self.lost)
        with self._judged():
            self._channel.send(request, buffers)
            while (answer := self._channel.receive()).content[0] == "ask":
                self._lend(answer)
                self._wait_for_help()
        return answer

    def _wait_for_help(self) -> None:
        if self._clock and self._clock.helped > 1:
            self._clock.look()

    def _entries(self, message: Message, n: int, kind: str = "done") -> list:
        """What a message tells, after the random numbers were set to what they are there."""
        found, *entries = message.content
        if found == "failed":
            raise _Failed(_expect(entries[0], str)[:MOST_SAID])
        if found != kind or len(entries) != n + 1:
            raise Malformed(f"expected {kind!r} and {n} entries")
        self._states.take(message, entries.pop())
        return entries

    @contextlib.contextmanager
    def _judged(self) -> Iterator[None]:
        """Lose the box if it is gone, or does not keep to the rules, or if this is interrupted."""
        try:
            yield
        except BoxLost as lost:
            self._lose(lost.reason)
            raise
        except Closed:
            raise self._lose(self.box.why() or "its process ended") from None
        except Malformed as error:
            raise self._lose(f"it gave no answer that can be used: {error}") from error
        except (TypeError, ValueError, OverflowError) as error:  # too few entries, for one
            raise self._lose(f"it gave no answer that can be used: {error}") from error
        except _Failed:
            raise
        except BaseException:
            self._lose("it was interrupted")
            raise

    def _lose(self, reason: str) -> BoxLost:
        if self.lost is None:
            self.lost = reason
            self.box.kill()
        return BoxLost(self.lost)


def _written(writer: Writer, value: Any) -> Any:
    """The tree of what was asked for; of an iterator, as of parameters, that of all it gives."""
    if isinstance(value, Iterator):
        return ["i", *map(writer.write, value)]
    return writer.write(value)


def _settings() -> list:
    grad = torch.is_grad_enabled() and not torch.is_inference_mode_enabled()
    device = torch.empty(0).device  # the quickest way to know the default
    return [NAMES[torch.get_default_dtype()], device.type, grad]


def _how(cpu_seconds: float, refused: Refusals | None) -> list:
    if refused is None:
        return [cpu_seconds]
    told = [x if isinstance(x, str) else _place(x) for x in refused]
    return [cpu_seconds, [x for x in told if x]]


@lru_cache
def _place(code: CodeType) -> list[str] | None:
    """The module and the qualified name of a function by its code."""
    for name, module in list(sys.modules.items()):
        if getattr(module, "__file__", None) == code.co_filename:
            return [name, code.co_qualname]
    return None


def _expect(value: Any, kind: type[Kind]) -> Kind:
    if type(value) is not kind:
        raise Malformed(f"expected {kind.__name__}, got {type(value).__name__}")
    return value


def _pairs(value: Any) -> list:
    if not all(len(_expect(pair, list)) == 2 for pair in _expect(value, list)):
        raise Malformed("expected pairs")
    return value


def _two_texts(value: Any) -> tuple[str, str]:
    first, second = _expect(value, list)
    return _short(first), _short(second)


def _short(text: Any) -> str:
    return _expect(text, str)[:MOST_SAID]


def _kept(outputs: list[Tensor], tensor: Tensor) -> Tensor:
    outputs.append(tensor)
    return tensor


def _replaced(value: Any, others: dict[int, Tensor]) -> Any:
    if isinstance(value, Tensor):
        return others.get(id(value), value)
    if type(value) in (list, tuple):
        return type(value)(_replaced(item, others) for item in value)
    if type(value) is dict:
        return {key: _replaced(item, others) for key, item in value.items()}
    return value


def _fits(grad: Any, tensor: Tensor) -> bool:
    return grad is None or (
        isinstance(grad, Tensor) and grad.shape == tensor.shape and grad.dtype == tensor.dtype
    )


def _signature(told: Any) -> inspect.Signature | None:
    if len(_expect(told, list)) > MOST_PARAMETERS:
        raise Malformed(f"expected at most {MOST_PARAMETERS} parameters")
    parameters = []
    for name, kind, has_default in told:
        default = ... if _expect(has_default, bool) else inspect.Parameter.empty
        kinds = list(inspect._ParameterKind)
        if type(kind) is not int or not 0 <= kind < len(kinds):
            raise Malformed("expected the kind of a parameter")
        parameters.append(inspect.Parameter(_short(name), kinds[kind], default=default))
    return inspect.Signature(parameters)
