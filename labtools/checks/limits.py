"""Stop a learner's code when its time is up."""

import ctypes
import signal
import threading
import time
import weakref
from collections.abc import Callable
from types import FrameType
from typing import Any

WALL_SECONDS = 3.0  # for code that waits instead of working
WORKING = 0.02  # of the time is what code gets at least that does not wait, on a busy machine
AGAIN = 0.01  # seconds to the next attempt, should the code swallow the first


class OutOfTime(BaseException):
    """Not an Exception, so that a learner's ``except Exception`` lets it through."""


class _Clock:
    """Knows when a call is out of time."""

    def __init__(self, cpu_seconds: float) -> None:
        self.cpu_seconds = cpu_seconds
        self.restart()

    def restart(self) -> None:
        self.cpu, self.wall = time.process_time(), time.monotonic()

    def stop(self) -> None:
        """Raise OutOfTime if the call has computed for too long, or does nothing but wait."""
        computed, passed = time.process_time() - self.cpu, time.monotonic() - self.wall
        if computed >= 0.99 * self.cpu_seconds:
            raise OutOfTime(f"it was stopped after {self.cpu_seconds:.1g} seconds of computing")
        if passed >= 0.99 * WALL_SECONDS and computed < WORKING * passed:
            raise OutOfTime(f"it was stopped after {WALL_SECONDS:.1g} seconds of waiting")


def limited(function: Callable, args: tuple, kwargs: dict[str, Any], cpu_seconds: float) -> Any:
    """Call ``function``; raise OutOfTime in it after so much computing.

    It is the computing that counts, of this process alone: a busy machine makes the code wait, and
    that is no fault of its own. Code that only waits is stopped after ``WALL_SECONDS``. An import
    takes as long as it takes, for torch imports much of itself when it is first needed. One call
    into C, such as a very large product of matrices, runs to its end first.
    """
    # timers work in the main thread alone, and not on Windows
    main = threading.current_thread() is threading.main_thread()
    run = _timed if main and hasattr(signal, "setitimer") else _watched
    return run(function, args, kwargs, cpu_seconds)


def _timed(function: Callable, args: tuple, kwargs: dict[str, Any], cpu_seconds: float) -> Any:
    armed, interrupted, clock = True, False, _Clock(cpu_seconds)

    def stop(signum: int, frame: FrameType | None) -> None:
        if _importing(frame):
            clock.restart()
        if armed and not _unheard(frame):
            clock.stop()

    def interrupt(signum: int, frame: FrameType | None) -> None:
        nonlocal interrupted
        interrupted = True
        raise KeyboardInterrupt

    timers = (signal.ITIMER_PROF, cpu_seconds), (signal.ITIMER_REAL, WALL_SECONDS)
    handlers = ((signal.SIGPROF, stop), (signal.SIGALRM, stop), (signal.SIGINT, interrupt))
    before = [(number, signal.signal(number, handler)) for number, handler in handlers]
    try:
        for timer, seconds in timers:
            signal.setitimer(timer, seconds, AGAIN)
        return function(*args, **kwargs)
    except KeyboardInterrupt as error:
        if not interrupted:
            raise RuntimeError("KeyboardInterrupt, raised by the code itself") from error
    finally:
        armed = False  # at once: a timer that fires now must not keep the rest from being done
        for timer, _ in timers:
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


def _unheard(frame: FrameType | None) -> bool:
    """Whether Python would only print what is raised here: soon after, it asks again."""
    return frame is not None and frame.f_code.co_filename == weakref.__file__


def _watched(function: Callable, args: tuple, kwargs: dict[str, Any], cpu_seconds: float) -> Any:
    """The same by a thread that looks at the clocks; it cannot end a sleep."""
    done, clock = threading.Event(), _Clock(cpu_seconds)
    thread = ctypes.c_ulong(threading.get_ident())

    def watch() -> None:
        while not done.wait(2 * AGAIN):
            try:
                clock.stop()
            except OutOfTime:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, ctypes.py_object(OutOfTime))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        return function(*args, **kwargs)
    finally:
        done.set()
        watcher.join()
