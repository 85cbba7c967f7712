"""Values as trees of JSON: what is no plain data becomes the name of its class.

None, bool, int, float and str stand for themselves; anything else is a list whose first entry says
what it is.
"""

import base64
from collections.abc import Callable
from typing import Any, ClassVar

import torch
from torch import Generator, Tensor

from labtools.grading.wire.errors import error_parts
from labtools.grading.wire.opaque import class_name
from labtools.grading.wire.tensors import NAMES, content, odd_kind

DEEPEST = 32  # of containers in containers
MOST = 500_000  # values in one message
LARGEST = 1 << 4096
BARE: tuple[tuple[type, Callable], ...] = (
    (int, int.__pos__),
    (float, float.__pos__),
    (str, str.__str__),
)
PLAIN = frozenset((type(None), bool, float, str))
NO_GRADIENT, LEAF, INNER = range(3)  # what a tensor is to autograd

Put = Callable[[Any], list | None]
Way = Callable[["Writer", Any, int], list | None]


class TooMuch(ValueError):
    """There is more in a value than a message may hold."""


class Writer:
    """Writes the values of one message.

    Args:
        tensor: The tree of a tensor with numbers that the other process need not be sent, from it
            and one of NO_GRADIENT, LEAF, INNER; None for one that it must.
        generator: The same of a generator.
        thing: The tree of anything else that the other process can ask for.

    Attributes:
        buffers: What the trees refer to by number.
        flagged: The tensors that require a gradient, in the order in which they were written.
    """

    def __init__(
        self,
        tensor: Callable[[Tensor, int], list | None] | None = None,
        generator: Put | None = None,
        thing: Put | None = None,
    ) -> None:
        self._tensor_elsewhere, self._generator, self._thing = tensor, generator, thing
        self.buffers: list[bytes] = []
        self.flagged: list[Tensor] = []
        self._written = 0

    def write(self, value: Any) -> Any:
        """The tree of a value.

        Raises:
            TooMuch: It holds more than ``MOST`` values.
        """
        # or a setting of torch, as a default device, would change what is made here
        with torch._C.DisableTorchFunction():
            return self._any(value, DEEPEST)

    def _any(self, value: Any, depth: int) -> Any:
        kind = type(value)
        if kind in PLAIN:
            return value
        self._written += 1
        if self._written > MOST:
            raise TooMuch(f"expected at most {MOST} values")
        if kind is int:
            return value if -LARGEST < value < LARGEST else ["O", "int", None]
        try:
            found = self._of_class(value, kind, depth)
        except (TooMuch, RecursionError):
            raise
        except Exception:  # an odd object may raise anything
            found = None
        return ["O", class_name(value), None] if found is None else found

    def _of_class(self, value: Any, kind: type, depth: int) -> list | None:
        """The tree of what is no plain number; subclasses count as what they stand for."""
        way = self._exact.get(kind)
        if way is None:
            way = next((way for base, way in self._ways if issubclass(kind, base)), Writer._other)
        return way(self, value, depth)

    def _tensor(self, value: Tensor, depth: int) -> list:
        if type(value) is not Tensor:
            value = value.as_subclass(Tensor)
        if kind := odd_kind(value):
            dtype = value.dtype if value.dtype in NAMES else torch.float32
            return ["X", kind, NAMES[dtype], [] if kind == "nested" else list(value.shape)]
        flag = (LEAF if value.is_leaf else INNER) if value.requires_grad else NO_GRADIENT
        if flag:
            self.flagged.append(value)
        return self._numbers(value, NAMES[value.dtype], list(value.shape), flag)

    def _numbers(self, value: Tensor, name: str, shape: list[int], flag: int) -> list:
        if value.is_meta:
            return ["M", name, shape, flag]
        if 0 in shape:
            return ["Z", name, shape, flag]
        if self._tensor_elsewhere:
            found = self._tensor_elsewhere(value.resolve_conj().resolve_neg(), flag)
            if found:
                return found
        self.buffers.append(content(value))
        return ["T", name, shape, len(self.buffers) - 1, flag]

    def _list(self, value: list, depth: int) -> list | None:
        return self._items("l", list.__iter__(value), depth)

    def _tuple(self, value: tuple, depth: int) -> list | None:
        tag = "s" if type(value) is torch.Size else "t"
        return self._items(tag, tuple.__iter__(value), depth)

    def _items(self, tag: str, items: Any, depth: int) -> list | None:
        return [tag, *(self._any(item, depth - 1) for item in items)] if depth else None

    def _dict(self, value: dict, depth: int) -> list | None:
        pairs = dict.items(value)
        return self._items("d", (item for pair in pairs for item in pair), depth)

    def _bytes(self, value: bytes, depth: int) -> list:
        return ["b", base64.b64encode(value).decode()]

    def _dtype(self, value: torch.dtype, depth: int) -> list | None:
        return ["D", NAMES[value]]

    def _device(self, value: torch.device, depth: int) -> list:
        return ["V", str(value)]

    def _random(self, value: Generator, depth: int) -> list | None:
        return self._generator(value) if self._generator else None

    def _complex(self, value: complex, depth: int) -> list:
        return ["c", value.real, value.imag]

    def _range(self, value: range, depth: int) -> list:
        return ["r", value.start, value.stop, value.step]

    def _error(self, value: BaseException, depth: int) -> list:
        args = (
            self._any(BaseException.__getattribute__(value, "args"), depth - 1)
            if depth > 2
            else None
        )
        return ["E", *error_parts(value), args]

    def _number(self, value: Any, depth: int) -> list:
        """An int, float or str of a subclass, as what it is without its class."""
        bare = next(way(value) for base, way in BARE if issubclass(type(value), base))
        return ["U", class_name(value), bare]

    def _other(self, value: Any, depth: int) -> list | None:
        if self._thing and (found := self._thing(value)):
            return found
        name = getattr(value, "__name__", None) if callable(value) else None
        return ["O", class_name(value), name if type(name) is str else None]

    _ways: tuple[tuple[type, Way], ...] = (
        (Tensor, _tensor),
        (list, _list),
        (tuple, _tuple),
        (dict, _dict),
        (int, _number),
        (float, _number),
        (str, _number),
        (Generator, _random),
        (torch.dtype, _dtype),
        (torch.device, _device),
        (bytes, _bytes),
        (complex, _complex),
        (range, _range),
        (BaseException, _error),
    )
    _exact: ClassVar[dict[type, Way]] = dict(_ways)
