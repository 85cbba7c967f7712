"""The memory of a call's arguments: lent by one process, held by the other.

Both count its pieces alike. So a result that is a view of an argument is one again where the
argument came from, and what was changed in place is changed there too.
"""

import ctypes
import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Generator, Tensor

from labtools.grading.wire.channel import ALIGNED, Malformed, Message
from labtools.grading.wire.generators import OfTorch
from labtools.grading.wire.states import Following, Leading
from labtools.grading.wire.tensors import NAMES, dtype_of, extent, shape_of, span


@dataclass
class _Bytes:
    """The bytes from ``start`` to ``end`` of a storage."""

    storage: torch.UntypedStorage
    start: int
    end: int

    def read(self) -> bytes:
        return ctypes.string_at(self.storage.data_ptr() + self.start, self.end - self.start)

    def write(self, data: bytes) -> None:
        ctypes.memmove(self.storage.data_ptr() + self.start, data, len(data))


@dataclass
class _State:
    """A generator, whose state is its memory."""

    generator: Generator

    def read(self) -> bytes:
        return OfTorch(self.generator).state()


class Memory:
    """The pieces of memory that the arguments of one call lie in.

    The process that calls begins with none and lends them one by one; the other one makes its own
    ``of`` what was sent.
    """

    def __init__(self) -> None:
        self._pieces: list[Any] = []
        self._sent: list[bytes] = []
        self._numbers: dict[int, int] = {}
        self._nodes: list[tuple[list, int]] = []
        self._follows = False

    @property
    def n_pieces(self) -> int:
        """How many there are."""
        return len(self._pieces)

    # where the arguments are

    def lend(self, tensor: Tensor, flag: int) -> list:
        """The tree of a tensor with numbers; its place in it is filled in by ``sent``."""
        storage = tensor.untyped_storage()
        start, end = extent(tensor)
        number = self._numbers.setdefault(storage.data_ptr(), len(self._pieces))
        if number == len(self._pieces):
            self._pieces.append(_Bytes(storage, start, end))
        piece = self._pieces[number]
        piece.start, piece.end = min(piece.start, start), max(piece.end, end)
        node = _node(tensor, number, 0, flag)
        self._nodes.append((node, start))
        return node

    def lend_generator(self, generator: Generator) -> list:
        """The tree of a generator on the CPU."""
        number = self._numbers.setdefault(-id(generator), len(self._pieces))
        if number == len(self._pieces):
            self._pieces.append(_State(generator))
        return ["G", number]

    def sent(self) -> list[bytes]:
        """The bytes of all pieces; to be called once, when all arguments are lent."""
        for piece in self._pieces:
            if isinstance(piece, _Bytes):
                piece.start -= piece.start % ALIGNED
        for node, start in self._nodes:
            node[5] = start - self._pieces[node[4]].start
        self._sent = [piece.read() for piece in self._pieces]
        return self._sent

    def change(self, number: object, told: object, states: Leading) -> None:
        """Let piece ``number`` hold these bytes, or a generator go so far; Malformed if not."""
        piece = self._piece(number)
        if isinstance(piece, _State):
            kind = OfTorch(piece.generator)
            kind.put(states.gone(kind, kind.state(), told))
        elif type(told) is not bytes or len(told) != len(self._sent[self._checked(number)]):
            raise Malformed("expected as many bytes as there were")
        else:
            piece.write(told)

    # where they are held

    @classmethod
    def of(cls, message: Message, n: int) -> "Memory":
        """The pieces that are the first n buffers of a call."""
        memory = cls()
        memory._follows = True
        memory._sent = [message.bytes(i) for i in range(n)]
        memory._pieces = [_copied(data) for data in memory._sent]
        return memory

    def find(self, tensor: Tensor, flag: int) -> list | None:
        """The tree of a tensor that lies in a piece, or None if it lies elsewhere."""
        storage = tensor.untyped_storage()
        number = self._numbers.get(storage.data_ptr())
        if number is None:
            return None
        start, end = extent(tensor)
        return _node(tensor, number, start, flag) if end <= self._pieces[number].end else None

    def find_generator(self, generator: Generator) -> list | None:
        """The tree of a generator that was an argument, or None."""
        number = self._numbers.get(-id(generator))
        return None if number is None else ["G", number]

    def changed(self, states: Following) -> dict[int, Any]:
        """What became of the pieces that were changed; only after it can one ``find``.

        The bytes of a piece, or how far a generator went. A tensor may have been given other
        memory since it was sent.
        """
        now: dict[int, Any] = {}
        for number, (piece, before) in enumerate(zip(self._pieces, self._sent, strict=True)):
            if isinstance(piece, _Bytes) and piece.storage.nbytes() < piece.end:
                continue  # it was made smaller: nothing of it is where it was
            is_state = isinstance(piece, _State)
            key = -id(piece.generator) if is_state else piece.storage.data_ptr()
            self._numbers[key] = number
            if (data := piece.read()) != before:
                far = is_state and states.far(OfTorch(piece.generator), before, data)
                now[number] = far if is_state else data
        return now

    # both

    def view(
        self, name: object, sizes: object, steps: object, number: object, at: object
    ) -> Tensor:
        """The tensor of these strides that lies in piece ``number``, from byte ``at`` on.

        Raises:
            Malformed: It would lie outside.
        """
        dtype, shape, stride, piece = (
            dtype_of(name),
            shape_of(sizes),
            shape_of(steps),
            self._piece(number),
        )
        if not isinstance(piece, _Bytes) or len(stride) != len(shape) or not math.prod(shape):
            raise Malformed("expected a tensor with numbers, and a stride for each dimension")
        if type(at) is not int or at < 0 or at % dtype.itemsize:
            raise Malformed("expected the place of a tensor")
        offset = (piece.start + at) // dtype.itemsize
        inside = span(offset, shape, stride, dtype.itemsize)[1] <= piece.end
        if not inside or math.prod(shape) > max(piece.end - piece.start, MOST_REPEATED):
            raise Malformed("expected a tensor that lies in the memory of an argument")
        empty = torch.empty(0, dtype=dtype, device="cpu")
        return empty.set_(piece.storage, offset, shape, stride)

    def generator(self, number: object) -> Generator:
        """The generator whose state is piece ``number``."""
        piece = self._piece(number)
        if isinstance(piece, _Bytes) and self._follows:
            generator = Generator()
            OfTorch(generator).put(piece.read())
            piece = self._pieces[self._checked(number)] = _State(generator)
        if not isinstance(piece, _State):
            raise Malformed("expected a generator")
        return piece.generator

    def _piece(self, number: object) -> Any:
        return self._pieces[self._checked(number)]

    def _checked(self, number: object) -> int:
        if type(number) is not int or not 0 <= number < len(self._pieces):
            raise Malformed(
                f"expected the number of one of {len(self._pieces)} arguments' memories"
            )
        return number


MOST_REPEATED = 1 << 24  # numbers of a tensor that repeats a few, as ``expand`` makes it


def _node(tensor: Tensor, number: int, at: int, flag: int) -> list:
    shape, stride = list(tensor.shape), list(tensor.stride())
    return ["K", NAMES[tensor.dtype], shape, stride, number, at, flag]


def _copied(data: bytes) -> _Bytes:
    """In memory of its own, which torch may make larger as that of any tensor."""
    tensor = torch.empty(len(data), dtype=torch.uint8, device="cpu")
    ctypes.memmove(tensor.data_ptr(), data, len(data))
    return _Bytes(tensor.untyped_storage(), 0, len(data))
