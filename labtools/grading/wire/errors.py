"""Exceptions as their name, the nearest builtin class and what they say."""

import builtins
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from labtools.grading.wire.channel import Malformed
from labtools.grading.wire.opaque import class_name, plain_name

LONGEST = 10_000  # characters of what an error says


def error_parts(error: BaseException) -> tuple[str, str, str]:
    """Name, builtin base and text; its own code may be the learner's, and fail."""
    bases = [k for k in type(error).__mro__ if getattr(builtins, k.__name__, None) is k]
    try:
        text = str(error)[:LONGEST]
    except BaseException:
        text = ""
    return class_name(error), bases[0].__name__, text


def rebuilt(name: object, base: object, text: object, args: object) -> BaseException:
    """An exception that is called ``name``, derives from ``base`` and says ``text``.

    Of the builtin class itself, if that is its name.

    Raises:
        Malformed: These are not what makes an exception.
    """
    if not (type(name) is type(base) is type(text) is str):
        raise Malformed("expected the name, the base and the text of an error")
    kind, shown = _builtin(base), plain_name(name)
    named, said = kind if name == base else _derived(shown, kind), text[:LONGEST]
    ways: list[Callable[[], BaseException]] = [
        *([lambda: named(*args)] if type(args) is tuple and _harmless(kind, args) else []),
        lambda: named(said),
        lambda: _said(shown, kind, said),
        lambda: _said(shown, kind.__base__, said),  # some want five arguments
        lambda: _said(shown, Exception, said),
    ]
    return next(made for made in map(_tried, ways) if made is not None and _says(made, said))


def _builtin(name: str) -> Any:
    kind = getattr(builtins, name, None)
    if not (isinstance(kind, type) and issubclass(kind, BaseException)):
        raise Malformed("expected the name of a builtin error")
    return kind


def _harmless(kind: type[BaseException], args: tuple) -> bool:
    """Whether an error made of these can be shown.

    Python reads the byte at the place that a UnicodeDecodeError tells, even before the first; and
    IPython, from the file that a SyntaxError names, a line.
    """
    if issubclass(kind, SyntaxError):
        return len(args) < 2
    return not issubclass(kind, UnicodeError) or not any(
        isinstance(arg, int) and arg < 0 for arg in args
    )


def _tried(way: Callable[[], BaseException]) -> BaseException | None:
    try:
        return way()
    except Exception:  # some want other arguments than one text
        return None


def _says(error: BaseException, text: object) -> bool:
    try:
        return str(error)[:LONGEST] == text
    except Exception:
        return False


@lru_cache(maxsize=256)
def _derived(name: str, base: Any) -> Any:
    return type(name, (base,), {})


@lru_cache(maxsize=256)
def _telling(name: str, base: Any) -> Any:
    return type(name, (base,), {"__str__": lambda self: self.text})


def _said(name: str, base: Any, text: str) -> BaseException:
    """Of a class whose own text does not come from one argument."""
    made: Any = _telling(name, base)(text)
    made.text = text
    return made
