"""Stand by a box from its first moment to its end: the keeper, a process outside of it.

The keeper forks the process that a learner's code will run in, ends it when nobody wants it any
more, and tells how it ended. It talks with whoever opened the box over a socket, a line of JSON
at a time:

    box      {}                   here I am; the kernel adds the number that the process goes by
    opener   {"uid": …}           counted in; be this user, if you are root
    box      {"ready": true}      shut in; from now on the learner's code may run
    keeper   {"status": …, "why": …}   at the end: as of os.waitpid, and a reason if it knows one
    either   {"error": …}         what could not be had
    opener   hangs up             end the box
"""

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..limits import Limits
from . import kernel
from .counting import Family
from .enclosing import Mode, Used, confine, keep_only, separate

LOOK = 0.05  # seconds between two looks at what a box uses
LONGEST = 4096  # bytes of a message
MOST_SAID = 500  # characters of an error
Serve = Callable[[socket.socket], None]


@dataclass(frozen=True)
class Request:
    """What is asked of a keeper."""

    sock: socket.socket  # where the learner's code is served
    life: socket.socket  # where the keeper talks
    limits: Limits
    counted: bool  # by a cgroup; otherwise the keeper counts


@dataclass(frozen=True)
class Warm:
    """What a box is forked from."""

    mode: Mode
    serve: Serve
    wall: Any  # a seccomp filter, or None
    in_tmp: Sequence[str]  # folders under /tmp that every box sees
    used: Used | None
    shared_mb: float  # that the boxes share with it


def keep(request: Request, warm: Warm) -> None:
    """Open a box, and return when it has ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with contextlib.suppress(AttributeError, OSError):  # no such thing outside of Linux
        kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
    proc = os.open("/proc", os.O_RDONLY) if os.path.isdir("/proc/self") else None
    folder = tempfile.mkdtemp(prefix="box-") if warm.mode is Mode.UNSAFE else "/tmp"
    try:
        if warm.mode is Mode.WARM:
            separate(request.limits, warm.in_tmp)
        pid = os.fork()
    except OSError as problem:
        say(request.life, error=str(problem)[:MOST_SAID])
        return
    if pid == 0:
        _inside(request, warm, folder)
    request.sock.close()
    family = None if proc is None or request.counted else Family(pid, proc)
    status, why = _wait(pid, request, family, warm.shared_mb)
    if warm.mode is not Mode.WARM:  # no namespace of processes ended with its first one
        _end(Family(os.getpid()))
    if warm.mode is Mode.UNSAFE:
        shutil.rmtree(folder, ignore_errors=True)
    with contextlib.suppress(OSError):
        say(request.life, status=status, why=why)


def _inside(request: Request, warm: Warm, folder: str) -> None:
    """Be the box; never returns."""
    status = 1
    try:
        os.setsid()
        life = request.life
        say(life)
        uid = hear(life)["uid"]
        os.chdir(folder)
        keep_only([request.sock.fileno(), life.fileno()])
        confine(warm.mode, request.limits, warm.used, uid, warm.wall)
        say(life, ready=True)
        life.close()
        warm.serve(request.sock)
        status = 0
    except BaseException as problem:
        with contextlib.suppress(OSError):
            say(request.life, error=f"{type(problem).__name__}: {problem}"[:MOST_SAID])
    finally:
        os._exit(status)  # whatever the learner's code left to be done at the end


def _wait(pid: int, request: Request, family: Family | None, shared_mb: float) -> tuple[int, str]:
    """Wait for the end of the box, or bring it about."""
    why, ended = "", os.pidfd_open(pid)
    looking = select.poll()
    looking.register(ended, select.POLLIN)
    looking.register(request.life, 0)  # tells when the other side hangs up, and nothing else
    pause = None if family is None else LOOK
    while not (events := looking.poll(pause and 1000 * pause)):
        assert family is not None
        start = time.process_time()
        if why := too_much(family, request.limits, shared_mb):
            break
        pause = LOOK + 4 * (time.process_time() - start)  # many processes are looked at longer
    if ended not in dict(events):
        os.kill(pid, signal.SIGKILL)
    return os.waitpid(pid, 0)[1], why


def too_much(family: Family, limits: Limits, shared_mb: float) -> str:
    """What a box uses too much of, where no cgroup counts; "" if nothing."""
    if family.count() > limits.processes + 1:  # one more than may be had
        return "too many processes"
    if family.memory_mb() > shared_mb + limits.memory_mb + limits.tmp_mb:
        return "out of memory"
    return ""


def _end(family: Family) -> None:
    """Kill all that descend from this process."""
    while others := [pid for pid in family.members() if pid != family.pid]:
        for pid in others:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(-1, 0)


def say(life: socket.socket, **words: Any) -> None:
    """Send one message."""
    life.sendall(json.dumps(words).encode() + b"\n")


def hear(life: socket.socket) -> dict[str, Any]:
    """Receive one message; EOFError when the other side has gone."""
    line = b""
    while not line.endswith(b"\n"):
        part = life.recv(1)  # no more than this message
        line += part
        if not part:
            break
    return read(line)


def read(line: bytes) -> dict[str, Any]:
    """The words of a message; EOFError if there is none."""
    if not line:
        raise EOFError("the other side has gone")
    return json.loads(line)
