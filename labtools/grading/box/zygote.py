"""The process that boxes are forked from: ``python -m labtools.grading.box.zygote``.

It imports everything once, never runs a learner's code, and has one thread. For each message on
its control socket it forks a keeper, and does not answer. It ends when the other side hangs up.
"""

import argparse
import contextlib
import importlib
import json
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from typing import Any

from ..limits import Limits
from . import filtering, kernel
from .counting import Family
from .enclosing import Mode, Used, confine, separate
from .keeping import LONGEST, Request, Serve, Warm, keep
from .pages import settle

HIDDEN = "LABTOOLS_WITHOUT says so"
MOST_FILES = 1024  # a keeper closes all below


def main(argv: Sequence[str] | None = None) -> None:
    """Get warm, say so, and fork until the other side hangs up."""
    args = _arguments(argv)
    sys.path += args.path
    control = _low(args.control)
    with contextlib.suppress(AttributeError, OSError):
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    wall, lacking = _wall(args.mode, args.seccomp)
    if args.mode is Mode.COLD:  # the box will see this process and its keeper
        kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
    if args.mode is Mode.WARM and (problem := _trial(wall, args.in_tmp, args.nested)):
        _send(control, error=problem, lacking=lacking)
        return
    serve = _load(args.serve)()
    if args.mode is not Mode.COLD:  # which forks but once
        settle()
    shared_mb = Family(os.getpid()).memory_mb()
    warm = Warm(args.mode, serve, wall, args.in_tmp, Used.now(), shared_mb)
    _send(control, lacking=lacking)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the keepers
    while (request := _receive(control)) is not None:
        _fork(control, request, warm)


def course_cells() -> Serve:
    """Imports what the course's cells need, and returns what serves them in a box."""
    return _cells(warmth=True)


def unwarmed_cells() -> Serve:
    """The same, but for what a box then imports when it needs it: quick to start."""
    return _cells(warmth=False)


def _cells(warmth: bool) -> Serve:
    from .warming import keep_oracles_out, warm_up

    keep_oracles_out()  # before anything of the checks is imported
    if warmth:
        warm_up()
    from ..running.cells import Cells
    from .serving import serve

    cells = Cells()
    return lambda sock: serve(sock, cells)


def nothing() -> Serve:
    """Serves nothing, and needs nothing: to try whether boxes can be opened."""
    return lambda sock: None


def _fork(control: socket.socket, request: Request, warm: Warm) -> None:
    # without a keeper the other side sees both hang up
    with request.sock, request.life, contextlib.suppress(OSError):
        if os.fork() == 0:
            try:
                control.close()
                keep(request, warm)
            finally:
                os._exit(0)


def _receive(control: socket.socket) -> Request | None:
    """The next request; None when nobody will ask any more."""
    message, descriptors, _, _ = socket.recv_fds(control, LONGEST, 2)
    if not message:
        return None
    words: dict[str, Any] = json.loads(message)
    sock, life = (socket.socket(fileno=number) for number in descriptors)
    return Request(sock, life, Limits(**words["limits"]), words["counted"])


def _trial(wall: Any, in_tmp: Sequence[str], wanted: bool) -> str:
    """Why boxes cannot be forked here; "" if they can. Tried in a child, before it is large."""
    if not wanted:
        return HIDDEN
    read, write = os.pipe()
    if (pid := os.fork()) == 0:
        try:
            limits = Limits()
            separate(limits, in_tmp)
            if (inner := os.fork()) == 0:
                confine(Mode.WARM, limits, None, os.getpid() + (1 << 30), wall)
                os._exit(0)
            if status := os.waitpid(inner, 0)[1]:
                os.write(write, f"a trial box ended with {status}".encode())
        except OSError as problem:
            os.write(write, str(problem).encode())
        finally:
            os._exit(0)
    os.close(write)
    with open(read, encoding="utf-8") as answer:
        said = answer.read()
    os.waitpid(pid, 0)
    return said


def _wall(mode: Mode, wanted: bool) -> tuple[Any, str]:
    """A seccomp filter, or why there is none."""
    if mode is Mode.UNSAFE or not wanted:
        return None, HIDDEN
    try:
        return filtering.make_filter(), ""
    except (ImportError, OSError) as problem:
        return None, str(problem)


def _low(descriptor: int) -> socket.socket:
    """The control socket by a low number, and no number above MOST_FILES from now on."""
    control = socket.socket(fileno=os.dup(descriptor))
    os.close(descriptor)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(MOST_FILES, hard), hard))
    return control


def _load(name: str) -> Callable[[], Serve]:
    module, _, function = name.partition(":")
    return getattr(importlib.import_module(module), function)


def _send(control: socket.socket, **words: Any) -> None:
    control.send(json.dumps(words).encode())


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--control", type=int, required=True, help="descriptor of the socket")
    parser.add_argument("--mode", type=Mode, required=True)
    parser.add_argument("--serve", required=True, help="module:function that returns what serves")
    parser.add_argument("--path", action="append", default=[], help="a folder of modules")
    parser.add_argument("--in-tmp", action="append", default=[], help="a folder that boxes see")
    parser.add_argument("--no-seccomp", dest="seccomp", action="store_false")
    parser.add_argument("--no-nested", dest="nested", action="store_false")
    return parser.parse_args(argv)


if __name__ == "__main__":
    main()
