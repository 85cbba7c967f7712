"""Torch's, Python's and NumPy's generators: their states as bytes, and how far they went.

A state is the twister's, and behind it what is kept of the last normal number.
"""

import ctypes
import random
import struct
from abc import ABC, abstractmethod
from typing import Any

import numpy
import torch
from torch import Generator

from labtools.grading.wire import twister
from labtools.grading.wire.channel import Malformed
from labtools.grading.wire.twister import MOST, SIZE, N

# torch's: seed; left, seeded; next; words; normal numbers kept; whether they are; one more of each
TORCH = struct.Struct(f"<Q ii Q {8 * N}s 24s i 4x 4s B 3x")
WORDS = struct.Struct(f"<{N + 1}I")
KEPT = struct.Struct("<B 7x d")  # behind Python's and NumPy's
NORMALS = {"": 0, "float32": 2, "float64": 4}  # numbers that a normal one is made of


class OfTorch:
    """A torch.Generator on the CPU; by default the one that belongs to no function."""

    def __init__(self, generator: Generator | None = None) -> None:
        self._generator = generator or torch.default_generator

    def state(self) -> bytes:
        """Its state, as torch has it."""
        state = self._generator.get_state()
        return ctypes.string_at(state.data_ptr(), state.numel())

    def put(self, state: bytes) -> None:
        """Set its state, which must be one that it can be in."""
        self._generator.set_state(torch.frombuffer(bytearray(state), dtype=torch.uint8))

    def seeded(self, seed: int) -> bytes:
        """The state of one that is seeded."""
        return OfTorch(Generator().manual_seed(seed)).state()

    def far(self, before: bytes, after: bytes, most: int) -> list | None:
        """Numbers drawn, which kept normal numbers are still the same, and whether one is new."""
        was, now = TORCH.unpack(before), TORCH.unpack(after)
        if was[0] != now[0] or now[2] != 1:
            return None
        n = twister.distance(_twister_of(was), _twister_of(now), most)
        if n is None:
            return None
        kept = [was[5:7] == now[5:7] and now[6] == 1, was[7:] == now[7:] and now[8] == 1]
        for last in NORMALS:
            told = [n, *kept, last]
            if n >= NORMALS[last] and self.gone(before, told) == after:
                return told
        return [n, *kept, ""]

    def gone(self, state: bytes, far: Any) -> bytes:
        """The state after so many numbers.

        Raises:
            Malformed: That is no way to go.
        """
        if type(far) is not list or [type(x) for x in far] != [int, bool, bool, str]:
            raise Malformed("expected how far torch's generator went")
        n, doubles, floats, last = far
        if last not in NORMALS or not NORMALS[last] <= n <= MOST:
            raise Malformed("expected how many numbers were drawn")
        fields = list(TORCH.unpack(state))
        moved = twister.advanced(_twister_of(fields), n - NORMALS[last])
        if n > NORMALS[last]:
            at = twister.place(moved)
            words = numpy.frombuffer(moved, "<u4", N).astype("<u8").tobytes()
            fields[1:5] = [N + 1 - at, 1, at, words]
        fields[5:7] = fields[5:7] if doubles else [bytes(24), 0]
        fields[7:] = fields[7:] if floats else [bytes(4), 0]
        return self._with_normal(TORCH.pack(*fields), last)

    def _with_normal(self, state: bytes, dtype: str) -> bytes:
        """The state after one more normal number, which another is made with and kept."""
        if not dtype:
            return state
        drawing = Generator()
        OfTorch(drawing).put(state)
        torch.randn((), generator=drawing, dtype=getattr(torch, dtype), device="cpu")
        return OfTorch(drawing).state()


def _twister_of(fields: Any) -> bytes:
    """The twister's own state, where a state that is used up may be told in two ways."""
    words = numpy.frombuffer(fields[4], "<u8").astype("<u4").tobytes()
    at = N if fields[1] == 1 else N + 1 - fields[1]
    return words + at.to_bytes(4, "little")


class _Plain(ABC):
    """A twister, and a normal number that is kept or not."""

    @abstractmethod
    def state(self) -> bytes:
        """Its state."""

    def far(self, before: bytes, after: bytes, most: int) -> list | None:
        """Numbers drawn, and whether the kept normal number is still the same."""
        n = twister.distance(before[:SIZE], after[:SIZE], most)
        return None if n is None else [n, before[SIZE:] == after[SIZE:]]

    def gone(self, state: bytes, far: Any) -> bytes:
        """The state after so many numbers; Malformed if that is no way to go."""
        if (
            type(far) is not list
            or [type(x) for x in far] != [int, bool]
            or not 0 <= far[0] <= MOST
        ):
            raise Malformed("expected how many numbers were drawn")
        n, kept = far
        return twister.advanced(state[:SIZE], n) + (state[SIZE:] if kept else KEPT.pack(0, 0.0))


class OfPython(_Plain):
    """Python's own."""

    def state(self) -> bytes:
        """Its state."""
        return _python(random.getstate())

    def put(self, state: bytes) -> None:
        """Set its state."""
        has_kept, kept = KEPT.unpack(state[SIZE:])
        random.setstate((3, WORDS.unpack(state[:SIZE]), kept if has_kept else None))

    def seeded(self, seed: int) -> bytes:
        """The state of one that is seeded."""
        return _python(random.Random(seed).getstate())


def _python(state: tuple) -> bytes:
    _, words, kept = state
    return WORDS.pack(*words) + KEPT.pack(kept is not None, kept or 0.0)


class OfNumPy(_Plain):
    """NumPy's own."""

    def __init__(self) -> None:
        self._generator: Any = None
        self._address = 0
        self._seen = self._state = b""

    def state(self) -> bytes:
        """Its state.

        Its memory is looked at first, for a state takes long to be had; of a normal number that
        is kept, the memory shows only that it was made.
        """
        if self._generator is None:
            self._generator = getattr(numpy.random, "get_bit_generator")()  # noqa: B009 - untyped
            self._address = self._generator.ctypes.state_address
        if (seen := ctypes.string_at(self._address, SIZE)) != self._seen:
            self._seen, self._state = seen, _numpy(numpy.random.get_state())
        return self._state

    def put(self, state: bytes) -> None:
        """Set its state."""
        has_kept, kept = KEPT.unpack(state[SIZE:])
        key, at = numpy.frombuffer(state, "<u4", N), twister.place(state[:SIZE])
        numpy.random.set_state(("MT19937", key, at, has_kept, kept))

    def seeded(self, seed: int) -> bytes:
        """The state of one that is seeded."""
        return _numpy(numpy.random.RandomState(seed).get_state())


def _numpy(state: Any) -> bytes:
    _, key, at, has_kept, kept = state
    return key.astype("<u4").tobytes() + at.to_bytes(4, "little") + KEPT.pack(has_kept, kept)


ALL: tuple[Any, ...] = (OfTorch(), OfPython(), OfNumPy())
