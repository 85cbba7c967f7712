"""One open box, seen from outside."""

import contextlib
import os
import select
import signal
import socket
import struct
import time
from dataclasses import asdict
from types import TracebackType
from typing import Any, Self

from ..box.counting import Family
from ..box.enclosing import FIRST_UID
from ..box.keeping import LONGEST, hear, read, say
from ..limits import Limits
from .cgroups import Group, Parent
from .starting import BoxFailed, Zygote

OPEN_SECONDS = 60  # for a fork, on a machine that is busy
END_SECONDS = 5  # for all processes of a box to be gone
CREDENTIALS = struct.Struct("3i")  # pid, uid, gid


class Box:
    """A box. ``sock`` leads into it: a stream socket whose other end is served inside.

    A context manager: the box ends with the block, and everything in it.
    """

    def __init__(
        self,
        sock: socket.socket,
        life: socket.socket,
        pid: int,
        group: Group | None,
        zygote: Zygote | None,
    ) -> None:
        self.sock, self.pid = sock, pid
        self._life, self._group, self._zygote = life, group, zygote
        self._ended: int | None = os.pidfd_open(pid)
        self._first, self._family = Family(pid), Family(Family(pid).parent())
        self._cpu, self._peak, self._before = 0.0, 0.0, self._first.peak_mb()
        self._why: str | None = None

    def cpu_seconds(self) -> float:
        """CPU seconds that all its processes have computed, seen from outside."""
        counted = self._group.cpu_seconds() if self._group else None
        self._cpu = max(self._cpu, self._family.cpu_seconds() if counted is None else counted)
        return self._cpu

    def peak_mb(self) -> float:
        """MB that it used at most, beyond what it shares with the process it was forked from.

        Where no cgroup counts, it is the peak of the first process when last asked.
        """
        counted = self._group.peak_mb() if self._group else None
        if counted is None:
            counted = self._first.peak_mb() - self._before
        self._peak = max(self._peak, counted)
        return self._peak

    def alive(self) -> bool:
        """Whether its first process still runs."""
        return self._ended is not None and not _ready(self._ended, 0)

    def why(self) -> str | None:
        """What it had too little of, or how it ended by itself; None if neither.

        "out of memory", "too many processes", "out of computing time", "crashed (SIGSEGV)",
        "ended its own process (exit status 3)". A box that is alive may have lacked something too.
        """
        if self._ended is not None and self._why is None:
            self._why = self._group.why() if self._group else None
            # the socket hangs up a moment before the process has gone
            if self._why is None and _ready(self._ended, 1 if _hung_up(self.sock) else 0):
                self._why = self._group.why() if self._group else None
                self._why = self._why or self._told()
        return self._why

    def kill(self) -> None:
        """End it now, and every process in it. May be called again."""
        if self._ended is None:
            return
        self.cpu_seconds(), self.peak_mb(), self.why()
        if self._group:
            self._group.kill()
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._ended, signal.SIGKILL)
        self._life.close()
        self.sock.close()
        if self._zygote:
            self._zygote.close()
        _ready(self._ended, END_SECONDS)
        os.close(self._ended)
        self._ended = None
        if self._group:
            _remove(self._group)

    def _told(self) -> str | None:
        """What the keeper says of the end."""
        self._life.settimeout(1)
        try:
            words = hear(self._life)
            return words["why"] or _ending(words["status"])
        except (OSError, EOFError, ValueError, KeyError, TypeError):
            return None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()


def open_box(zygote: Zygote, limits: Limits, parent: Parent | None, owned: bool) -> Box:
    """Have a box made; it is counted before a learner's code can run in it.

    Args:
        zygote: Zygote that is ready.
        limits: Limits.
        parent: where its control group is made; None for no group.
        owned: bool, the zygote ends with the box.

    Raises:
        BoxFailed: it could not be made.
    """
    with contextlib.ExitStack() as made:
        sock, theirs = map(made.enter_context, socket.socketpair())
        life, their_life = map(made.enter_context, socket.socketpair())
        life.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        life.settimeout(OPEN_SECONDS)
        group = None
        try:
            words = {"limits": asdict(limits), "counted": parent is not None}
            zygote.ask(words, theirs, their_life)
            theirs.close()
            their_life.close()
            pid = _first_words(life)
            if parent:
                group = parent.new(limits)
                made.callback(_remove, group)
                group.join(pid)
            say(life, uid=FIRST_UID + pid)
            _hear_well(life)
            box = Box(sock, life, pid, group, zygote if owned else None)
        except (OSError, EOFError, ValueError) as problem:
            raise BoxFailed(f"a box could not be opened: {problem}") from problem
        life.settimeout(None)
        made.pop_all()
        return box


def _first_words(life: socket.socket) -> int:
    """The number by which the process that will be the box goes here, as the kernel says."""
    message, extra, _, _ = life.recvmsg(LONGEST, socket.CMSG_SPACE(CREDENTIALS.size))
    _well(read(message))
    for level, kind, content in extra:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS):
            return CREDENTIALS.unpack(content)[0]
    raise ValueError("no process number came with its first message")


def _hear_well(life: socket.socket) -> None:
    _well(hear(life))


def _well(words: dict[str, Any]) -> None:
    if "error" in words or "status" in words:
        raise BoxFailed(f"a box could not be opened: {words.get('error', words)}")


def _ending(status: int) -> str | None:
    """How a process ended by itself, from what waitpid says."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number == signal.SIGXCPU:
            return "out of computing time"
        return f"crashed ({signal.Signals(number).name})"
    code = os.waitstatus_to_exitcode(status)
    return f"ended its own process (exit status {code})" if code else None


def _ready(descriptor: int, seconds: float) -> bool:
    looking = select.poll()  # not select, which knows descriptors below 1024 only
    looking.register(descriptor, select.POLLIN)
    return bool(looking.poll(1000 * seconds))


def _hung_up(sock: socket.socket) -> bool:
    if sock.fileno() < 0:  # closed on this side
        return True
    looking = select.poll()
    looking.register(sock, 0)
    return any(event & select.POLLHUP for _, event in looking.poll(0))


def _remove(group: Group) -> None:
    """Remove a control group once its processes have gone."""
    deadline = time.monotonic() + END_SECONDS
    group.remove()
    while any(folder.exists() for folder in group.places()) and time.monotonic() < deadline:
        time.sleep(0.005)
        group.remove()
