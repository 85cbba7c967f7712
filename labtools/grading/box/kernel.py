"""The few calls to Linux that Python 3.11 has no name for."""

import ctypes
import os

NEW_NAMESPACE = {
    "time": 0x80,
    "mount": 0x20000,
    "cgroup": 0x2000000,
    "uts": 0x4000000,
    "ipc": 0x8000000,
    "user": 0x10000000,
    "pid": 0x20000000,
    "net": 0x40000000,
}

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_BIND, MS_REC, MS_PRIVATE = 1 << 12, 1 << 14, 1 << 18

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP = 1, 4, 24
PR_SET_NO_NEW_PRIVS, PR_SET_CHILD_SUBREAPER = 38, 36
SYS_PRCTL_CAPABILITY_VERSION_3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)


def unshare(*kinds: str) -> None:
    """Leave the namespaces of these kinds for new ones. Raises OSError."""
    flags = sum(NEW_NAMESPACE[kind] for kind in kinds)
    _check(_libc.unshare(ctypes.c_int(flags)), f"unshare {', '.join(kinds)}")


def mount(kind: str, target: str, flags: int, options: str = "") -> None:
    """Mount a file system of this kind. Raises OSError."""
    done = _libc.mount(
        kind.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), options.encode()
    )
    _check(done, f"mount {kind} on {target}")


def bind(source: str, target: str) -> None:
    """Let a folder and what is mounted in it be seen in another place. Raises OSError."""
    flags = ctypes.c_ulong(MS_BIND | MS_REC)
    _check(_libc.mount(source.encode(), target.encode(), None, flags, None), f"bind {target}")


def keep_mounts_private() -> None:
    """Let no mount that is made here be seen elsewhere. Raises OSError."""
    done = _libc.mount(None, b"/", None, ctypes.c_ulong(MS_REC | MS_PRIVATE), None)
    _check(done, "make mounts private")


def prctl(option: int, value: int) -> None:
    """Change something about this process. Raises OSError."""
    numbers = (ctypes.c_ulong(x) for x in (value, 0, 0, 0))
    _check(_libc.prctl(ctypes.c_int(option), *numbers), f"prctl {option}")


def drop_capabilities() -> None:
    """Give up every privilege that root is made of, for ever. Raises OSError."""
    for capability in range(64):
        try:
            prctl(PR_CAPBSET_DROP, capability)
        except OSError:  # past the last one, or without the privilege to give up this one
            break
    header = (ctypes.c_uint32 * 2)(SYS_PRCTL_CAPABILITY_VERSION_3, 0)
    _check(_libc.capset(header, (ctypes.c_uint32 * 6)()), "capset")


def _check(result: int, doing: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{doing}: {os.strerror(number)}")
