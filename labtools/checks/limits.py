"""Stop a learner's code when its time is up."""

import ctypes
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

WALL_SECONDS = 10.0  # for code that waits instead of working
AGAIN = 0.01  # seconds to the next attempt, should the code swallow the first


class OutOfTime(BaseException):
    """Not an Exception, so that a learner's ``except Exception`` lets it through."""


def limited(function: Callable, args: tuple, kwargs: dict[str, Any], cpu_seconds: float) -> Any:
    """Call ``function``; raise OutOfTime in it after so much computing.

    It is the computing that counts, of this process alone: a busy machine makes the code wait, and
    that is no fault of its own. Code that only waits is stopped after ``WALL_SECONDS``. One call
    into C, such as a very large product of matrices, runs to its end first.
    """
    # timers work in the main thread alone, and not on Windows
    main = threading.current_thread() is threading.main_thread()
    run = _timed if main and hasattr(signal, "setitimer") else _watched
    return run(function, args, kwargs, cpu_seconds)


def _timed(function: Callable, args: tuple, kwargs: dict[str, Any], cpu_seconds: float) -> Any:
    armed, interrupted = True, False

    def stop(signum: int, frame: FrameType | None) -> None:
        if _importing(frame):  # torch imports much of itself when it is first needed
            signal.setitimer(signal.ITIMER_PROF, cpu_seconds, AGAIN)
        elif armed:
            raise OutOfTime

    def interrupt(signum: int, frame: FrameType | None) -> None:
        nonlocal interrupted
        interrupted = True
        raise KeyboardInterrupt

    timers = (
        (signal.SIGPROF, signal.ITIMER_PROF, cpu_seconds),
        (signal.SIGALRM, signal.ITIMER_REAL, WALL_SECONDS),
    )
    handlers = ((signal.SIGPROF, stop), (signal.SIGALRM, stop), (signal.SIGINT, interrupt))
    before = [(number, signal.signal(number, handler)) for number, handler in handlers]
    try:
        for _, timer, seconds in timers:
            signal.setitimer(timer, seconds, AGAIN)
        return function(*args, **kwargs)
    except KeyboardInterrupt as error:
        if not interrupted:
            raise RuntimeError("KeyboardInterrupt, raised by the code itself") from error
    finally:
        armed = False  # at once: a timer that fires now must not keep the rest from being done
        for _, timer, _ in timers:
            signal.setitimer(timer, 0)
        for number, handler in before:
            signal.signal(number, handler)
        if interrupted:  # also when the learner's code swallowed it
            raise KeyboardInterrupt


def _importing(frame: FrameType | None) -> bool:
    while frame and frame.f_code is not _timed.__code__:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


def _watched(function: Callable, args: tuple, kwargs: dict[str, Any], cpu_seconds: float) -> Any:
    """The same by a thread that looks at the clocks; it cannot end a sleep."""
    done, thread = threading.Event(), ctypes.c_ulong(threading.get_ident())
    cpu, wall = time.process_time() + cpu_seconds, time.monotonic() + WALL_SECONDS

    def watch() -> None:
        while not done.wait(0.02):
            if time.process_time() > cpu or time.monotonic() > wall:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, ctypes.py_object(OutOfTime))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        return function(*args, **kwargs)
    finally:
        done.set()
        watcher.join()
