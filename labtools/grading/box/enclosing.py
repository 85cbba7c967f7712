"""Shut a process in, so that what it does concerns nobody else.

``separate`` gives the processes that are forked next a world of their own: no other processes, no
network, a /tmp that nobody else sees. ``confine`` takes from the calling process what it does not
need, for ever. Both run in a process that bubblewrap has shut in already.
"""

import contextlib
import os
import resource
import signal
import stat
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from ..limits import MB, Limits
from . import kernel

FIRST_UID = 1 << 30  # beyond every user that a machine has, and below the largest number, 2**31
OWN_PROCESS_COUNT = (5, 14)  # from this Linux on, processes are counted by user namespace
MANY = 4096
MOST_FILES = 10_000  # inodes of a /tmp
COVER = kernel.MS_RDONLY | kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC


class Mode(StrEnum):
    """How a box is made."""

    WARM = "warm"  # forked from a process that has imported everything, into new namespaces
    COLD = "cold"  # a bubblewrap of its own
    UNSAFE = "unsafe"  # forked, with limits but without walls


def is_root() -> bool:
    """Whether this process may do everything."""
    return os.geteuid() == 0


def separate(limits: Limits, in_tmp: Sequence[str] = ()) -> None:
    """New namespaces for the calling process and those that it forks. Raises OSError.

    The calling process itself keeps its number and sees the processes that it saw. Root needs no
    user namespace, and keeps its privileges until ``confine``; another user becomes the only one
    of a new user namespace.

    Args:
        limits: Limits, of which ``tmp_mb`` is used.
        in_tmp: folders and files under /tmp that are to be seen in the new /tmp as well.
    """
    uid, gid = os.geteuid(), os.getegid()
    kinds = ["pid", "mount", "ipc", "uts", "net"]
    kernel.unshare(*kinds if is_root() else ["user", *kinds])
    if uid != 0:
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", f"{uid} {uid} 1")
        _write("/proc/self/gid_map", f"{gid} {gid} 1")
    kernel.keep_mounts_private()
    kept = [(path, os.open(path, os.O_PATH)) for path in in_tmp]
    for folder in ("/tmp", "/dev/shm"):
        options = f"mode=1777,size={limits.tmp_mb * MB},nr_inodes={MOST_FILES}"
        kernel.mount("tmpfs", folder, kernel.MS_NOSUID | kernel.MS_NODEV, options)
    for path, descriptor in kept:
        _make_place(path, descriptor)
        kernel.bind(f"/proc/self/fd/{descriptor}", path)
        os.close(descriptor)
    for folder in ("/dev/pts", "/proc"):  # other boxes' terminals and processes
        kernel.mount("tmpfs", folder, COVER, "size=4k,mode=555")


def confine(mode: Mode, limits: Limits, used: "Used | None", uid: int, wall: Any = None) -> None:
    """Limits, an own user, no privileges, fewer system calls; ``keep_only`` goes before.

    Args:
        mode: Mode.
        limits: Limits.
        used: Used, by the process that this one was forked from.
        uid: int, the user that root becomes; others stay who they are.
        wall: a seccomp filter; None for none.

    Raises:
        OSError: something of it could not be had; the process is not to be used.
    """
    set_limits(mode, limits, used)
    if mode is not Mode.UNSAFE:
        if is_root():
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
        kernel.drop_capabilities()
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        kernel.prctl(kernel.PR_SET_DUMPABLE, 1)  # its keeper may see what it uses
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)  # a new user clears it
    os.umask(0o022)
    if wall is not None:
        wall.load()


class Used(NamedTuple):
    """Bytes that a process has before a learner's code runs in it."""

    addresses: int
    data: int

    @classmethod
    def now(cls) -> "Used | None":
        """Of this process; None where no /proc says it."""
        with contextlib.suppress(OSError), open("/proc/self/status", encoding="utf-8") as file:
            status = dict(line.split(":", 1) for line in file if ":" in line)
            return cls(*(int(status[name].split()[0]) << 10 for name in ("VmSize", "VmData")))
        return None


def set_limits(mode: Mode, limits: Limits, used: Used | None) -> None:
    """What one process may use, whether or not a cgroup counts for all of them."""
    most = {
        resource.RLIMIT_CPU: limits.box_seconds,
        resource.RLIMIT_FSIZE: limits.file_mb * MB,
        resource.RLIMIT_NOFILE: limits.open_files,
        resource.RLIMIT_CORE: 1,  # 0 would still start a program that collects cores
    }
    if mode is not Mode.UNSAFE:  # there the user's other programs would count too
        most[resource.RLIMIT_NPROC] = limits.processes if _counts_own_processes() else MANY
        most[resource.RLIMIT_MEMLOCK] = most[resource.RLIMIT_MSGQUEUE] = 0
    if used:
        most[resource.RLIMIT_DATA] = used.data + limits.memory_mb * MB
        # also those that stay empty, of which threads and libraries take many
        most[resource.RLIMIT_AS] = used.addresses + 2 * limits.memory_mb * MB
    for kind, value in most.items():
        hard = resource.getrlimit(kind)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (value, value))


def keep_only(descriptors: Iterable[int]) -> None:
    """Close every file but these; 0, 1 and 2 read nothing and write nowhere."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    lowest = 3
    for number in sorted(descriptors):
        os.closerange(lowest, number)
        lowest = number + 1
    os.closerange(lowest, os.sysconf("SC_OPEN_MAX"))


def _counts_own_processes() -> bool:
    version = tuple(int(x) for x in os.uname().release.split(".")[:2] if x.isdigit())
    return is_root() or version >= OWN_PROCESS_COUNT


def _make_place(path: str, descriptor: int) -> None:
    """An empty folder or file, for another to be bound over."""
    if stat.S_ISDIR(os.fstat(descriptor).st_mode):
        os.makedirs(path)
    else:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        _write(path, "")


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
