"""Notice calls that would answer an exercise that is to be written from scratch."""

import contextlib
import importlib.util
import re
import sys
from collections.abc import Callable, Iterator
from types import CodeType, FrameType, ModuleType
from typing import Any

import torch
import torch.nn.functional as F
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

# how torch calls the work inside, where it is not the name outside with a prefix
INSIDE = {"safe_softmax": "softmax", "cross_entropy_loss": "cross_entropy"}


class Noticed:
    """The first refused call: ``name``, and ``line`` of the code that made it.

    What is refused are names of torch's functions, and the code of functions of Python.
    """

    def __init__(self, refused: frozenset[str | CodeType], filename: str) -> None:
        self.names = frozenset(x for x in refused if isinstance(x, str))
        self.codes = [x for x in refused if isinstance(x, CodeType)]
        self.filename = filename
        self.name, self.line = "", 0

    def see(self, name: str) -> None:
        """Note the call of a function of torch by its name, outside or inside."""
        self._note(_refused(name, self.names), sys._getframe())

    def see_code(self, frame: FrameType) -> None:
        """Note the call of a function of Python by its code, whatever name it goes by."""
        # is, and not ==: a copy that somebody has typed is an answer of their own
        found = next((x.co_name for x in self.codes if x is frame.f_code), "")
        self._note(found, frame.f_back)

    def _note(self, found: str, frame: FrameType | None) -> None:
        if found and not self.name:
            self.name, self.line = found, _line(self.filename, frame)


@contextlib.contextmanager
def noticing(noticed: Noticed | None) -> Iterator[None]:
    """Look at every function that is called, and at every one that those call."""
    if noticed is None:
        yield
        return
    try:
        with contextlib.ExitStack() as stack:
            if noticed.codes:
                stack.enter_context(_calls_seen(noticed))
            if noticed.names:
                stack.enter_context(_Functions(noticed))
                stack.enter_context(_Dispatched(noticed))
            yield
    except NotImplementedError as error:  # flex_attention and its like cannot be looked into
        operator = re.search(r"registered for HigherOrderOperator (\w+)", str(error))
        if operator:
            noticed.see(operator[1])
        raise


@contextlib.contextmanager
def _calls_seen(noticed: Noticed) -> Iterator[None]:
    """See functions of Python as they are called."""

    def see(frame: FrameType, event: str, arg: Any) -> None:
        if event == "call":
            noticed.see_code(frame)

    before = sys.getprofile()
    sys.setprofile(see)
    try:
        yield
    finally:
        sys.setprofile(before)


class _Functions(TorchFunctionMode):
    """Sees functions, methods and modules as they are called in Python."""

    def __init__(self, noticed: Noticed) -> None:
        super().__init__()
        self.noticed = noticed

    def __torch_function__(
        self, func: Callable, types: Any, args: tuple = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        self.noticed.see(getattr(func, "__name__", ""))
        return func(*args, **(kwargs or {}))


class _Dispatched(TorchDispatchMode):
    """Sees what they do inside, whatever other function of torch they are called by."""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Else torch would import its compiler first, for seconds; nothing is compiled here."""
        return False

    def __init__(self, noticed: Noticed) -> None:
        super().__init__()
        self.noticed = noticed

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        self.noticed.see(func._schema.name.rpartition(":")[2])
        return func(*args, **(kwargs or {}))


def can_be_seen(name: str) -> bool:
    """Whether some function of torch, outside or inside, is noticed by this name."""
    if not name.isidentifier() or _refused(name, frozenset([name])) != name:
        return False
    homes = torch, torch.Tensor, F, torch.special, torch.ops.aten
    found = (getattr(home, name, None) for home in homes)
    if any(callable(x) and not isinstance(x, type | ModuleType) for x in found):
        return True
    return importlib.util.find_spec(f"torch._higher_order_ops.{name}") is not None


def _refused(name: str, names: frozenset[str]) -> str:
    """The refused name that a call of torch stands for, or ""."""
    outside = name.partition(".")[0].strip("_").removeprefix("special_")
    outside = INSIDE.get(outside, outside)
    if outside.startswith("scaled_dot_product"):
        outside = "scaled_dot_product_attention"
    return outside if outside in names else ""


def _line(filename: str, frame: FrameType | None) -> int:
    """The line of the learner's file that is being run; 0 if none is."""
    while frame and frame.f_code.co_filename != filename:
        frame = frame.f_back
    return frame.f_lineno if frame else 0
