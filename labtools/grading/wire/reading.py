"""Values from trees: nothing is made of what is not exactly as ``writing`` makes it."""

import base64
import binascii
from collections.abc import Callable
from typing import Any, ClassVar

import torch
from torch import Generator, Tensor

from labtools.grading.wire.channel import Malformed, Message
from labtools.grading.wire.errors import rebuilt
from labtools.grading.wire.memory import Memory
from labtools.grading.wire.opaque import LONGEST_NAME, of_subclass, opaque
from labtools.grading.wire.tensors import dense, dtype_of, numberless, odd, shape_of
from labtools.grading.wire.writing import DEEPEST, INNER, LEAF, MOST, NO_GRADIENT

SCALARS = frozenset((type(None), bool, int, float, str))
DEVICES = "cpu", "meta"
MOST_ALIKE = 100  # keys of one hash: what makes a dict of many takes hours, and cannot be stopped


class Reader:
    """Reads the values of one message.

    Args:
        message: What came.
        memory: Of the arguments, if the message is about a call.
        flagged: Takes a tensor that requires a gradient, and LEAF or INNER; returns what stands
            for it.
        thing: What the entries behind "C" or "F" stand for; raises Malformed if for nothing.
    """

    def __init__(
        self,
        message: Message,
        memory: Memory | None = None,
        flagged: Callable[[Tensor, int], Tensor] | None = None,
        thing: Callable[..., Any] | None = None,
    ) -> None:
        self._message, self._memory = message, memory or Memory()
        self._flagged, self._thing = flagged, thing
        self._read = 0

    def read(self, node: Any) -> Any:
        """The value of a tree.

        Raises:
            Malformed: It is none that a value has.
        """
        try:
            with torch._C.DisableTorchFunction():
                return self._any(node, DEEPEST + 2)
        except Malformed:
            raise
        except Exception as error:  # too few or too many entries, or of wrong kinds
            raise Malformed(f"expected a value: {type(error).__name__}") from error

    def _any(self, node: Any, depth: int) -> Any:
        if type(node) in SCALARS:
            return node
        self._read += 1
        if type(node) is not list or not node or not depth or self._read > MOST:
            raise Malformed("expected the tree of a value, neither too deep nor too large")
        way = self._ways.get(node[0]) if type(node[0]) is str else None
        if way is None:
            raise Malformed("expected the kind of a value")
        return way(self, depth - 1, *node[1:])

    def _all(self, depth: int, *nodes: Any) -> list:
        return [self._any(node, depth) for node in nodes]

    def _tuple(self, depth: int, *nodes: Any) -> tuple:
        return tuple(self._all(depth, *nodes))

    def _size(self, depth: int, *sizes: Any) -> torch.Size:
        return torch.Size(shape_of([*sizes]))

    def _dict(self, depth: int, *nodes: Any) -> dict:
        items = self._all(depth, *nodes)
        keys = items[::2]
        if len(keys) - len(set(map(hash, keys))) > MOST_ALIKE:
            raise Malformed("expected keys that differ")
        return dict(zip(keys, items[1::2], strict=True))

    def _bytes(self, depth: int, text: str) -> bytes:
        try:
            return base64.b64decode(text, validate=True)
        except binascii.Error as error:
            raise Malformed("expected bytes") from error

    def _dtype(self, depth: int, name: Any) -> torch.dtype:
        return dtype_of(name)

    def _device(self, depth: int, name: Any) -> torch.device:
        if name not in DEVICES:
            raise Malformed("expected a device")
        return torch.device(name)

    def _complex(self, depth: int, real: Any, imag: Any) -> complex:
        if type(real) is not float or type(imag) is not float:
            raise Malformed("expected a complex number")
        return complex(real, imag)

    def _range(self, depth: int, *ends: Any) -> range:
        if [type(end) for end in ends] != [int] * 3:
            raise Malformed("expected a range")
        return range(*ends)

    def _dense(self, depth: int, name: Any, sizes: Any, number: Any, flag: Any) -> Tensor:
        return self._graph(dense(self._message, number, name, sizes), flag)

    def _empty(self, depth: int, name: Any, sizes: Any, flag: Any) -> Tensor:
        shape = shape_of(sizes)
        if 0 not in shape:
            raise Malformed("expected the shape of a tensor without numbers")
        return self._graph(torch.empty(shape, dtype=dtype_of(name), device="cpu"), flag)

    def _meta(self, depth: int, name: Any, sizes: Any, flag: Any) -> Tensor:
        return self._graph(numberless(name, sizes), flag)

    def _view(self, depth: int, *place: Any) -> Tensor:
        *where, flag = place
        return self._graph(self._memory.view(*where), flag)

    def _graph(self, tensor: Tensor, flag: Any) -> Tensor:
        if flag == NO_GRADIENT and type(flag) is int:
            return tensor
        if type(flag) is not int or flag not in (LEAF, INNER):
            raise Malformed("expected what a tensor is to autograd")
        if not (tensor.is_floating_point() or tensor.is_complex()):
            raise Malformed("expected a gradient of floats alone")
        return self._flagged(tensor, flag) if self._flagged else tensor

    def _odd(self, depth: int, kind: Any, name: Any, sizes: Any) -> Tensor:
        return odd(kind, name, sizes)

    def _generator(self, depth: int, number: Any) -> Generator:
        return self._memory.generator(number)

    def _error(self, depth: int, name: Any, base: Any, text: Any, args: Any) -> BaseException:
        return rebuilt(name, base, text, self._any(args, depth))

    def _subclass(self, depth: int, kind: Any, value: Any) -> Any:
        if type(kind) is not str or type(value) not in (int, float, str):
            raise Malformed("expected a number or a text, and its class")
        return of_subclass(kind, value)

    def _opaque(self, depth: int, kind: Any, name: Any) -> Any:
        named = name is None or (type(name) is str and len(name) <= 10 * LONGEST_NAME)
        if type(kind) is not str or not named:
            raise Malformed("expected the name of a class")
        return opaque(kind, name)

    def _callback(self, depth: int, *entries: Any) -> Any:
        return self._of_thing("C", *entries)

    def _function(self, depth: int, *entries: Any) -> Any:
        return self._of_thing("F", *entries)

    def _of_thing(self, tag: str, *entries: Any) -> Any:
        if self._thing is None:
            raise Malformed("expected plain data")
        return self._thing(tag, *entries)

    def _iterator(self, depth: int, *nodes: Any) -> Any:
        return iter(self._all(depth, *nodes))

    _ways: ClassVar[dict[str, Callable[..., Any]]] = {
        "l": _all,
        "t": _tuple,
        "s": _size,
        "d": _dict,
        "i": _iterator,
        "b": _bytes,
        "c": _complex,
        "r": _range,
        "T": _dense,
        "Z": _empty,
        "M": _meta,
        "K": _view,
        "X": _odd,
        "G": _generator,
        "D": _dtype,
        "V": _device,
        "E": _error,
        "U": _subclass,
        "O": _opaque,
        "C": _callback,
        "F": _function,
    }
