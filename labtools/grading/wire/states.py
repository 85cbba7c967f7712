"""The random numbers of a process, so that two processes draw as if they were one."""

import ctypes
import random
import struct
import sys
from collections.abc import Callable
from typing import Any

import torch
from torch import Generator

from labtools.grading.wire.channel import Malformed, Message

N = 624  # numbers of a Mersenne twister
WORDS = struct.Struct(f"<{N + 1}I")
KEY = struct.Struct(f"<{N}I")
# torch's: seed; left, seeded; next; words; normal numbers kept; whether they are; one more of each
TWISTER = struct.Struct(f"<Q ii Q {N}Q ddd i 4x f B 3x")


class States:
    """The states of the generators that belong to no function, as both processes last knew them.

    Torch's, Python's and, where it is imported, NumPy's.
    """

    def __init__(self) -> None:
        self._known: list[Any] = [None, None, None]
        self._numpy = _NumPy()

    def begin(self) -> None:
        """What is here now is nothing that the other process is to be told."""
        self.news([])

    def news(self, buffers: list[bytes]) -> list:
        """What has changed since the two last agreed; its bytes are put among the buffers."""
        now = _torch(), random.getstate(), self._numpy.state()
        return [self._new(i, found, buffers) for i, found in enumerate(now)]

    def _new(self, i: int, found: Any, buffers: list[bytes]) -> list | None:
        if found is None or found == self._known[i]:
            return None
        self._known[i] = found
        if i == 0:
            buffers.append(found)
            return [len(buffers) - 1]
        if i == 1:
            buffers.append(WORDS.pack(*found[1]))
            return [len(buffers) - 1, found[2]]
        buffers.append(found[0])
        return [len(buffers) - 1, *found[1:]]

    def take(self, message: Message, told: object) -> None:
        """Set this process's generators to what the other told.

        Raises:
            Malformed: No generator could be in such a state.
        """
        if type(told) is not list or len(told) != 3:
            raise Malformed("expected three states")
        for i, (state, put) in enumerate(zip(told, PUT, strict=True)):
            if state is not None:
                if type(state) is not list:
                    raise Malformed("expected the state of a generator")
                self._known[i] = put(message, *state[:4])


def generator_state(data: bytes) -> torch.Tensor:
    """The state of a torch.Generator, uint8.

    Raises:
        Malformed: It could be in no such state: torch would read beyond its numbers.
    """
    if len(data) != TWISTER.size:
        raise Malformed(f"expected a state of {TWISTER.size} bytes, got {len(data)}")
    _, left, seeded, place, *others = TWISTER.unpack(data)
    begun = 1 <= left <= N and left + place == N + 1
    if seeded != 1 or not (begun or (left, place) == (1, 0)) or others[-1] not in (0, 1):
        raise Malformed("expected a state that a generator can be in")
    return torch.frombuffer(bytearray(data), dtype=torch.uint8)


def state_bytes(generator: Generator) -> bytes:
    """The state of a torch.Generator on the CPU."""
    state = generator.get_state()
    return ctypes.string_at(state.data_ptr(), state.numel())


def _torch() -> bytes:
    return state_bytes(torch.default_generator)


def _put_torch(message: Message, number: object = None, *_: object) -> bytes:
    data = message.bytes(number)
    torch.default_generator.set_state(generator_state(data))
    return data


def _put_python(message: Message, number: object = None, kept: object = None, *_: object) -> tuple:
    data = message.bytes(number)
    if len(data) != WORDS.size or (kept is not None and type(kept) is not float):
        raise Malformed("expected the state of Python's generator")
    words = WORDS.unpack(data)
    if words[-1] > N:
        raise Malformed("expected a state that Python's generator can be in")
    random.setstate((3, words, kept))
    return 3, words, kept


class _NumPy:
    """NumPy's generator: its memory is looked at first, for its state takes long to be had.

    Of a normal number that is kept for the next call, the memory shows only that it was made.
    """

    def __init__(self) -> None:
        self._generator: Any = None
        self._address = 0
        self._seen: bytes = b""
        self._state: tuple | None = None

    def state(self) -> tuple | None:
        """Its state, or None where it is not imported or is another kind of generator."""
        if (numpy := sys.modules.get("numpy")) is None:
            return None
        if self._generator is None:
            self._generator = numpy.random.get_bit_generator()
            self._address = self._generator.ctypes.state_address
        seen = ctypes.string_at(self._address, WORDS.size)
        if seen != self._seen:
            self._seen = seen
            name, key, *rest = numpy.random.get_state()
            self._state = (key.tobytes(), *rest) if name == "MT19937" else None
        return self._state


def _put_numpy(message: Message, *state: Any) -> tuple:
    if len(state) != 4 or [type(x) for x in state] != [int, int, int, float]:
        raise Malformed("expected the state of NumPy's generator")
    number, place, has_kept, kept = state
    data = message.bytes(number)
    if len(data) != KEY.size or not 0 <= place <= N or has_kept not in (0, 1):
        raise Malformed("expected a state that NumPy's generator can be in")
    if numpy := sys.modules.get("numpy"):
        key = numpy.frombuffer(data, dtype=numpy.uint32)
        numpy.random.set_state(("MT19937", key, place, has_kept, kept))
    return data, place, has_kept, kept


PUT: tuple[Callable[..., Any], ...] = _put_torch, _put_python, _put_numpy
