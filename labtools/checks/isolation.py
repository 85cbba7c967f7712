"""Leave the process as it was, whatever a learner's function changes in it.

Put back are the settings of torch and Python listed here, the random numbers of the CPU, the
output, the warnings and the environment. Not put back: functions of a library that were replaced,
objects that are handed over uncopied (a model), files, threads and processes that were started.
"""

import contextlib
import io
import os
import random
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import torch

MOST_PRINTED = 10_000  # characters that are kept


def _set_environment(before: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(before)


def _deterministic() -> tuple[bool, bool]:
    warn_only = torch.is_deterministic_algorithms_warn_only_enabled()
    return torch.are_deterministic_algorithms_enabled(), warn_only


def _set_deterministic(before: tuple[bool, bool]) -> None:
    torch.use_deterministic_algorithms(before[0], warn_only=before[1])


def _set_device(before: torch.device) -> None:
    # "cpu" is what it says when none was set
    torch.set_default_device(None if before.type == "cpu" else before)


SETTINGS: tuple[tuple[Callable[[], Any], Callable[[Any], Any]], ...] = (
    (torch.get_default_dtype, torch.set_default_dtype),
    (torch.get_default_device, _set_device),
    (torch.get_num_threads, torch.set_num_threads),
    (torch.get_float32_matmul_precision, torch.set_float32_matmul_precision),
    (torch.is_anomaly_enabled, torch.autograd.set_detect_anomaly),
    (_deterministic, _set_deterministic),
    (sys.getrecursionlimit, sys.setrecursionlimit),
    (os.environ.copy, _set_environment),
    (os.getcwd, os.chdir),
)


@contextlib.contextmanager
def settings_kept() -> Iterator[None]:
    """Put back the settings of torch and Python."""
    before = [(now, put, now()) for now, put in SETTINGS]
    try:
        yield
    finally:
        for now, put, value in before:
            with contextlib.suppress(Exception):
                if now() != value:
                    put(value)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Keep random numbers and output as they were; one thread, faster for small tensors."""
    python, numpy = random.getstate(), sys.modules.get("numpy")
    drawn = numpy.random.get_state() if numpy else None
    with settings_kept(), torch.random.fork_rng(devices=[]), _descriptors_closed():
        torch.set_num_threads(1)
        try:
            yield
        finally:
            random.setstate(python)
            if numpy:
                numpy.random.set_state(drawn)


class Printed(io.StringIO):
    """Keeps the beginning of what is printed, and cannot be closed."""

    def write(self, text: str) -> int:
        if self.tell() < MOST_PRINTED:
            super().write(text[:MOST_PRINTED])
        return len(text)

    def close(self) -> None:
        pass


@contextlib.contextmanager
def quiet(out: io.StringIO) -> Iterator[None]:
    """Print into ``out``; no errors, no warnings; gradients are recorded, as they mostly are."""
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(Printed()),
        warnings.catch_warnings(),
        torch.enable_grad(),  # and back to what it was, whatever the function sets
        settings_kept(),
    ):
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def _descriptors_closed() -> Iterator[None]:
    """What C code, os.write and child processes print goes nowhere."""
    _flush()
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):  # a process may have neither
            nowhere = os.open(os.devnull, os.O_WRONLY)
            stack.callback(os.close, nowhere)
            for number in (1, 2):
                kept = os.dup(number)
                stack.callback(os.close, kept)
                stack.callback(os.dup2, kept, number)
                os.dup2(nowhere, number)
        stack.callback(_flush)
        yield


def _flush() -> None:
    for stream in (sys.__stdout__, sys.__stderr__):
        with contextlib.suppress(Exception):
            if stream:
                stream.flush()
