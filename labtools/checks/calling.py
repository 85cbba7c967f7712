"""Run a learner's function so that nothing it does escapes: errors, output, endless loops."""

import contextlib
import copy
import inspect
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from types import CoroutineType, GeneratorType
from typing import Any

import torch
from torch import Tensor

from labtools.checks.isolation import Printed, quiet
from labtools.checks.limits import OutOfTime
from labtools.checks.values import DEEPEST, plain
from labtools.checks.watching import (
    RAISED_ELSEWHERE,
    Gone,
    Refusals,
    Watch,
    elsewhere,
    source,
    wraps_elsewhere,
)

CPU_SECONDS = 0.8  # a right answer to any case takes milliseconds
SHOWN = 500  # characters of what was printed


@dataclass(frozen=True)
class Outcome:
    """What one call did.

    ``value`` is what it returned, ``error`` what it raised; ``line`` is where in the learner's
    code. ``args`` and ``kwargs`` are the copies it was given. ``changed`` is the position or name
    of the argument that was changed in place, ``shared`` of the one whose memory the result uses.
    ``refused`` is the first call that was to be noticed, and its line.
    """

    value: Any = None
    error: BaseException | None = None
    line: str = ""
    printed: str = ""
    args: tuple = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    changed: int | str | None = None
    shared: int | str | None = None
    refused: tuple[str, str] | None = None


def call(
    function: Callable,
    args: tuple,
    kwargs: dict[str, Any] | None = None,
    *,
    cpu_seconds: float | None = None,
    refused: Refusals = frozenset(),
) -> Outcome:
    """Call ``function`` on copies of its arguments; never raises, except for Ctrl-C and ``Gone``.

    Args:
        function: Whatever it does, the process is left as it was, see ``isolation``.
        args, kwargs: Tensors, generators and containers are copied; what is callable, such as a
            model, is handed over as it is.
        cpu_seconds: How long it may compute, ``CPU_SECONDS`` if not given.
        refused: What to look out for: names of torch's functions, code of others.
    """
    given, named = copied(args), copied(kwargs or {})
    there = elsewhere(function)
    make = there.outcome if there else partial(made, function)
    outcome = make(given, named, cpu_seconds or CPU_SECONDS, refused)
    before = dict(enumerate(args)) | (kwargs or {})
    after = dict(enumerate(given)) | named
    return replace(
        outcome,
        changed=next((i for i in before if not _same(before[i], after[i])), None),
        shared=next((i for i in after if _shares(outcome.value, after[i])), None),
    )


def made(
    function: Callable, args: tuple, kwargs: dict[str, Any], cpu_seconds: float, refused: Refusals
) -> Outcome:
    """As ``call``, on the arguments themselves; what became of them is not told."""
    file, printed, there = written_in(function), Printed(), wraps_elsewhere(function)
    watch = there.watch(cpu_seconds, refused) if there else Watch(cpu_seconds, refused, file)
    value, error = _run(partial(watch.call, function, args, kwargs), printed)
    return Outcome(
        value=value,
        error=error,
        line=raised_at(error, file),
        printed=printed.getvalue()[:SHOWN],
        args=args,
        kwargs=kwargs,
        refused=watch.refused,
    )


def _run(watched: Callable[[], Any], printed: Printed) -> tuple[Any, BaseException | None]:
    """What it returned and what it raised."""
    try:
        with quiet(printed):
            value = watched()
            if type(value) in (CoroutineType, GeneratorType):
                value.close()  # or Python complains later that it was never awaited
        return plain(value), None
    except (KeyboardInterrupt, Gone):
        raise
    except OutOfTime as caught:
        return None, TimeoutError(str(caught) or "it was stopped")
    except BaseException as caught:  # SystemExit too: exit() must not end the notebook
        return None, caught


def copied(arg: Any) -> Any:
    """A copy of an argument, so that whoever is given it cannot change the case."""
    if isinstance(arg, Tensor):
        return arg.detach().clone().requires_grad_(arg.requires_grad)
    if isinstance(arg, torch.Generator):
        return arg.clone_state()
    if isinstance(arg, list | tuple):
        return type(arg)(copied(item) for item in arg)
    if isinstance(arg, dict):
        return {key: copied(item) for key, item in arg.items()}
    return arg if callable(arg) else copy.deepcopy(arg)


def _same(before: Any, after: Any) -> bool:
    """Whether an argument is still what it was; a generator is there to be used."""
    if isinstance(before, Tensor):
        if type(after) is not Tensor or before.shape != after.shape or before.dtype != after.dtype:
            return False
        return before.is_meta or bool(((before == after) | (before != before)).all())
    if isinstance(before, list | tuple):
        same = type(before) is type(after) and len(before) == len(after)
        return same and all(map(_same, before, after))
    if isinstance(before, dict):
        return before.keys() == after.keys() and all(_same(before[k], after[k]) for k in before)
    if type(before) in (bool, int, float, str):
        return type(after) is type(before) and (before == after or before != before)
    return True


def _shares(value: Any, arg: Any) -> bool:
    try:
        used = {x.untyped_storage().data_ptr() for x in _tensors(arg) if x.numel()}
        return any(x.untyped_storage().data_ptr() in used for x in _tensors(value) if x.numel())
    except (RuntimeError, NotImplementedError):  # a sparse tensor, for one, has no such memory
        return False


def _tensors(value: Any, depth: int = DEEPEST) -> Iterator[Tensor]:
    """Every tensor in a value; a list may hold itself."""
    if issubclass(type(value), Tensor):
        yield value
    elif depth and type(value) in (list, tuple, dict):
        for item in value.values() if type(value) is dict else value:
            yield from _tensors(item, depth - 1)


def written_in(function: Callable) -> str:
    """The file or cell in which ``function`` was written, or ""."""
    if there := elsewhere(function) or wraps_elsewhere(function):
        return there.file
    try:
        function = inspect.unwrap(function)  # torch.no_grad() wraps
        if not hasattr(function, "__code__"):  # a partial, or an object that can be called
            function = getattr(function, "func", None) or type(function).__call__
        return str(function.__code__.co_filename)
    except Exception:  # a function of C has none; an odd object may raise anything
        return ""


def raised_at(error: BaseException | None, file: str) -> str:
    """Where in the learner's file the error arose: the innermost such frame."""
    if error is None:
        return ""
    with contextlib.suppress(Exception):  # an odd error may raise another one
        if found := error.__dict__.get(RAISED_ELSEWHERE):
            return str(found[1]) if found[0] == file else ""
    frames = traceback.walk_tb(error.__traceback__)
    lines = [number for frame, number in frames if frame.f_code.co_filename == file]
    return source(file, lines[-1]) if lines else ""
