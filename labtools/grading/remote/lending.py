"""Models and other objects that are lent to a box: it may ask them, and is told plain data."""

from collections.abc import Iterator
from typing import Any

import torch

from labtools.grading.wire.channel import Malformed
from labtools.grading.wire.writing import Writer

LONGEST_TEXT = 200
ALLOWED = frozenset(
    (
        *("eval", "train", "training", "forward", "encode", "decode", "parameters"),
        *("config", "device", "dtype", "vocab_size", "context_len"),
        *("n_layers", "n_heads", "d_model", "d_head", "d_ff"),
    )
)


class Lent:
    """The objects that were handed to a function, for as long as it runs."""

    def __init__(self) -> None:
        self._things: list[Any] = []

    def tree(self, value: Any) -> list | None:
        """The tree of an object that the box may ask."""
        number = next((i for i, x in enumerate(self._things) if x is value), len(self._things))
        if number == len(self._things):
            self._things.append(value)
        name = getattr(value, "__name__", None)
        text = _text(value)
        return ["C", number, callable(value), text, name if type(name) is str else None]

    def of(self, number: object) -> Any:
        """The object of that number; Malformed if there is none."""
        if type(number) is not int or not 0 <= number < len(self._things):
            raise Malformed("expected an object that was lent")
        return self._things[number]

    def forget(self, n: int) -> None:
        """Only the first n are lent any more."""
        del self._things[n:]

    def __len__(self) -> int:
        return len(self._things)


def _text(value: Any) -> str:
    owner = getattr(value, "__self__", value)
    if isinstance(owner, torch.nn.Module):
        return f"{type(owner).__name__}(…)"  # all its layers would take a page
    return repr(value)[:LONGEST_TEXT]


def asked(thing: Any, name: str, args: tuple, kwargs: dict[str, Any]) -> Any:
    """An attribute of an object that was lent, or with the name "" what a call of it returns.

    Raises:
        AttributeError: It has none of that name, or none that may be asked for.
    """
    if name == "":
        return thing(*args, **kwargs)
    if name not in ALLOWED:
        raise AttributeError(f"{type(thing).__name__!r} object has no attribute {name!r}")
    return getattr(thing, name)


def written(writer: Writer, value: Any) -> Any:
    """The tree of what was asked for; of an iterator, as of parameters, that of all it gives."""
    if isinstance(value, Iterator):
        return ["i", *map(writer.write, value)]
    return writer.write(value)
