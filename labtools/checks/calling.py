"""Run a learner's function so that nothing it does escapes: errors, output, endless loops."""

import contextlib
import copy
import inspect
import io
import signal
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

CPU_SECONDS = 5.0  # a right answer to any case takes milliseconds
WALL_SECONDS = 60.0  # for code that waits instead of working


class _OutOfTime(BaseException):
    """Not an Exception, so that a learner's ``except Exception`` lets it through."""


@dataclass(frozen=True)
class Outcome:
    """What one call did.

    ``value`` is what it returned, ``error`` what it raised; ``line`` is where in the learner's
    code. ``args`` are the copies it was given. ``changed`` is the position of the argument that
    was changed in place, ``shared`` of the one whose memory the result uses.
    """

    value: Any = None
    error: BaseException | None = None
    line: str = ""
    printed: str = ""
    args: tuple = ()
    changed: int | None = None
    shared: int | None = None


def call(function: Callable, args: tuple, kwargs: dict[str, Any] | None = None) -> Outcome:
    """Call ``function`` on copies of ``args``; never raises, except for Ctrl-C."""
    given = tuple(_copy(arg) for arg in args)
    out, value, error = io.StringIO(), None, None
    with _quiet(out):
        try:
            with _limited():
                value = function(*given, **(kwargs or {}))
        except KeyboardInterrupt:
            raise
        except _OutOfTime:
            error = TimeoutError(f"it was stopped after {CPU_SECONDS:g} seconds")
        except BaseException as caught:  # SystemExit too: exit() must not end the notebook
            error = caught
    return Outcome(
        value=value,
        error=error,
        line=_line(error, function),
        printed=out.getvalue()[:500],
        args=given,
        changed=next(
            (i for i, (a, b) in enumerate(zip(args, given, strict=True)) if not _same(a, b)), None
        ),
        shared=next((i for i, b in enumerate(given) if _shares(value, b)), None),
    )


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Leave torch as it was; one thread, which is faster for small tensors and easier to time."""
    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            yield
    finally:
        torch.set_num_threads(n_threads)


@contextlib.contextmanager
def _quiet(out: io.StringIO) -> Iterator[None]:
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(io.StringIO()),
        warnings.catch_warnings(),
        torch.enable_grad(),  # and back to what it was, whatever the function sets
    ):
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def _limited() -> Iterator[None]:
    """Raise in the learner's code when its time is up; timers work in the main thread alone."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(signum: int, frame: Any) -> None:
        raise _OutOfTime

    timers = (
        (signal.SIGPROF, signal.ITIMER_PROF, CPU_SECONDS),
        (signal.SIGALRM, signal.ITIMER_REAL, WALL_SECONDS),
    )
    before = [signal.signal(number, stop) for number, _, _ in timers]
    try:
        for _, timer, seconds in timers:
            signal.setitimer(timer, seconds, 1.0)  # again each second, should it be swallowed
        yield
    finally:
        for (number, timer, _), handler in zip(timers, before, strict=True):
            signal.setitimer(timer, 0)
            signal.signal(number, handler)


def _copy(arg: Any) -> Any:
    if isinstance(arg, Tensor):
        return arg.detach().clone().requires_grad_(arg.requires_grad)
    if isinstance(arg, list | tuple):
        return type(arg)(_copy(item) for item in arg)
    if isinstance(arg, dict):
        return {key: _copy(item) for key, item in arg.items()}
    return arg if callable(arg) else copy.deepcopy(arg)


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, Tensor):
        return a.shape == b.shape and a.dtype == b.dtype and bool(((a == b) | (a != a)).all())
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(_same(x, y) for x, y in zip(a, b, strict=True))
    return True


def _shares(value: Any, arg: Any) -> bool:
    if isinstance(arg, list | tuple):
        return any(_shares(value, item) for item in arg)
    if not (isinstance(value, Tensor) and isinstance(arg, Tensor) and value.numel()):
        return False
    return value.untyped_storage().data_ptr() == arg.untyped_storage().data_ptr()


def _line(error: BaseException | None, function: Callable) -> str:
    """Where in the file or cell of ``function`` the error arose: the innermost such frame."""
    code = getattr(inspect.unwrap(function), "__code__", None)  # torch.no_grad() wraps
    if error is None or code is None:
        return ""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename == code.co_filename]
    return f"line {own[-1].lineno}: {own[-1].line}" if own else ""
