"""Many calls in a row: those of a function that lives in another process go there as one."""

from collections.abc import Callable
from typing import Any

from labtools.checks.watching import elsewhere


def several(
    function: Callable, n: int, args: tuple, kwargs: dict[str, Any]
) -> tuple[list[Any], Exception | None]:
    """What n calls return, all with the same objects; an error ends them, and comes second."""
    if there := elsewhere(function):
        return there.several(n, args, kwargs)
    made: list[Any] = []
    for _ in range(n):
        try:
            made.append(function(*args, **kwargs))
        except Exception as error:
            return made, error
    return made, None


def repeated(function: Callable, n: int, *args: Any, **kwargs: Any) -> list[Any]:
    """What ``function`` returns in n calls, all with the same arguments; raises what it raises."""
    made, error = several(function, n, args, kwargs)
    if error is not None:
        raise error
    return made
