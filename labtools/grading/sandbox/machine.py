"""What this machine can do of a sandbox, found out by trying."""

import os
from dataclasses import dataclass

from ..box.enclosing import Mode
from ..limits import MB, Limits
from . import abilities, cgroups
from .starting import NestedMissing, Zygote

NOTHING = "labtools.grading.box.zygote:nothing"

MEND_NESTED = (
    "each box starts a Python of its own, some seconds slower: allow user namespaces inside of"
    " others (user.max_user_namespaces; on Ubuntu kernel.apparmor_restrict_unprivileged_userns=0)"
)
MEND_SECCOMP = "`pip install pyseccomp`, and the system's package libseccomp2"
MEND_CGROUP = (
    "memory is counted from time to time instead: grade as root, or with systemd and version 2 as"
    " `systemd-run --user --scope -p Delegate=yes labtools grade …`"
)


@dataclass(frozen=True)
class Lack:
    """Something that the machine does not have, and what to do about it."""

    what: str
    mend: str


@dataclass(frozen=True)
class Machine:
    """What was found.

    ``mode`` is how boxes are made: "warm", "cold", or None where there is no sandbox.
    """

    uid: int
    cores: int
    memory_mb: int
    linux: str
    bubblewrap: str | None  # its version
    mode: str | None
    seccomp: bool
    cgroup: str  # "v1", "v2" or "none"
    lacks: tuple[Lack, ...]


def probe() -> Machine:
    """Try everything once; a fraction of a second."""
    version, mode, seccomp, lacks = None, None, False, []
    try:
        version = abilities.find_bubblewrap().version
        mode, why, lacking = _mode()
        seccomp = not lacking
        if mode is Mode.COLD:
            lacks.append(Lack(f"no namespaces inside of bubblewrap ({why})", MEND_NESTED))
        if lacking:
            lacks.append(Lack(f"no filter of system calls ({lacking})", MEND_SECCOMP))
    except abilities.SandboxMissing as missing:
        lacks.append(Lack(f"no sandbox: {missing.why}", missing.mend))
    parent = cgroups.find_parent()
    if parent is None:
        lacks.append(Lack("no control groups that this user may make", MEND_CGROUP))
    return Machine(
        uid=os.geteuid(),
        cores=_cores(),
        memory_mb=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // MB,
        linux=os.uname().release,
        bubblewrap=version,
        mode=mode.value if mode else None,
        seccomp=seccomp,
        cgroup=parent.version if parent else "none",
        lacks=tuple(lacks),
    )


def _cores() -> int:
    """The cores that this process may use, where the system tells; else all."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _mode() -> tuple[Mode, str, str]:
    """How boxes are made here, why not warm, and why without seccomp. Raises SandboxMissing."""
    zygote = Zygote(Mode.WARM, Limits(), NOTHING, [])
    try:
        zygote.ready()
    except NestedMissing as problem:
        return Mode.COLD, str(problem), zygote.lacking
    finally:
        zygote.close()
    return Mode.WARM, "", zygote.lacking
