"""What stands in the box for a model that lives outside."""

from collections.abc import Callable
from typing import Any

Ask = Callable[[int, str, tuple, dict[str, Any]], Any]


class StandIn:
    """An object of the other process: what is asked of it is asked there."""

    def __init__(self, ask: Ask, node: list) -> None:
        self._ask, self._node = ask, node

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._ask(self._node[1], name, (), {})

    def __repr__(self) -> str:
        return str(self._node[3])


class CallableStandIn(StandIn):
    """The same of what can be called."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask(self._node[1], "", args, kwargs)


def stand_in(ask: Ask, node: list) -> StandIn:
    """What stands for the object that ``node`` tells of: number, what it is, and its text."""
    _, _, can_be_called, _, name = node
    made = (CallableStandIn if can_be_called else StandIn)(ask, node)
    if name is not None:
        made.__dict__["__name__"] = name
    return made
