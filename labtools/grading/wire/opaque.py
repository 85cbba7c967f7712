"""What stands for a value that is no plain data: it has the name of its class, and no more."""

from functools import lru_cache
from typing import Any

LONGEST_NAME = 100


class Opaque:
    """An object that only its own process knows."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} object>"


class OpaqueFunction(Opaque):
    """A function, or a class, that only its own process knows."""

    __slots__ = ("__name__",)

    def __call__(self, *args: object, **kwargs: object) -> Any:
        """Raise TypeError: it was returned, not asked for."""
        raise TypeError("a function that another one returned cannot be called here")


def opaque(kind: str, name: str | None = None) -> Opaque:
    """What stands for an object of a class called ``kind``, and for a function ``name``."""
    made: Opaque = _class(plain_name(kind), Opaque if name is None else OpaqueFunction)()
    if name is not None:
        made.__name__ = name  # type: ignore[attr-defined]
    return made


def of_subclass(kind: str, value: float | str) -> Any:
    """The number or text as one of a class ``kind``, which does nothing of its own."""
    base: Any = type(value)
    return _class(plain_name(kind), base)(value)


@lru_cache(maxsize=512)
def _class(kind: str, base: Any) -> Any:
    return type(kind, (base,), {"__slots__": ()})


def plain_name(name: str) -> str:
    """The name, or ``object`` where it would not be fit to be one."""
    fit = len(name) <= LONGEST_NAME and name.isprintable() and name
    return name if fit else "object"


def class_name(value: object) -> str:
    """The name of a value's class, whatever its class says."""
    try:
        name: object = type.__dict__["__name__"].__get__(type(value))
    except Exception:
        return "object"
    return plain_name(name) if type(name) is str else "object"
