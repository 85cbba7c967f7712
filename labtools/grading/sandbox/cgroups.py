"""Count and limit what all processes of a box use together: control groups, version 1 and 2.

Every box gets a group of its own, below the group that this process is in, so that limits from
further up go on holding. A process joins before a learner's code runs in it; what it forks is in
the same group.
"""

import contextlib
import itertools
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from ..limits import MB, Limits
from .abilities import hidden

NAME = re.compile(r"labtools-(\d+)-")  # the number of the process that made the group
NEEDED = "memory", "pids"
_numbers = itertools.count()


@dataclass(frozen=True)
class Parent:
    """Where groups can be made."""

    version: Literal["v1", "v2"]
    folders: Mapping[str, Path]  # by controller; the same folder for all in version 2

    def new(self, limits: Limits) -> "Group":
        """A group with these limits. Raises OSError."""
        name = f"labtools-{os.getpid()}-{next(_numbers)}-{secrets.token_hex(4)}"
        group = Group(self.version, {c: path / name for c, path in self.folders.items()})
        try:
            for folder in group.places():
                folder.mkdir()
            group.set_limits(limits)
        except OSError:
            group.remove()
            raise
        return group

    def sweep(self) -> None:
        """Remove groups whose makers have ended without doing so."""
        for folder in set(self.folders.values()):
            for group in folder.glob("labtools-*"):
                maker = NAME.match(group.name)
                if maker and not os.path.exists(f"/proc/{maker[1]}"):
                    with contextlib.suppress(OSError):  # still in use
                        group.rmdir()


@dataclass(frozen=True)
class Group:
    """The group of one box."""

    version: Literal["v1", "v2"]
    folders: Mapping[str, Path]

    def places(self) -> list[Path]:
        """Its folders, each once."""
        return list(dict.fromkeys(self.folders.values()))

    def set_limits(self, limits: Limits) -> None:
        """Limit memory, with what lies in /tmp, and processes. Raises OSError."""
        memory, pids = self.folders["memory"], self.folders["pids"]
        most = str((limits.memory_mb + limits.tmp_mb) * MB)
        if self.version == "v2":
            _write(memory / "memory.max", most)
            optional = {"memory.swap.max": "0", "memory.oom.group": "1"}
        else:
            _write(memory / "memory.limit_in_bytes", most)
            optional = {"memory.memsw.limit_in_bytes": most}
        for name, value in optional.items():
            with contextlib.suppress(OSError):  # a machine without swap has no such file
                _write(memory / name, value)
        _write(pids / "pids.max", str(limits.processes))

    def join(self, pid: int) -> None:
        """Count a process, and those that it forks from now on. Raises OSError."""
        for folder in self.places():
            _write(folder / "cgroup.procs", str(pid))

    def cpu_seconds(self) -> float | None:
        """CPU seconds of all; None if nothing counts them."""
        with contextlib.suppress(OSError, KeyError, ValueError):
            if self.version == "v2":
                return _table(self.folders["pids"] / "cpu.stat")["usage_usec"] / 1e6
            return int((self.folders["cpuacct"] / "cpuacct.usage").read_text()) / 1e9
        return None

    def peak_mb(self) -> float | None:
        """MB used at most; None if nothing counts them."""
        names = {"v1": ["memory.max_usage_in_bytes"], "v2": ["memory.peak", "memory.current"]}
        for name in names[self.version]:
            with contextlib.suppress(OSError, ValueError):
                return int((self.folders["memory"] / name).read_text()) / MB
        return None

    def why(self) -> str | None:
        """Which limit was met: "out of memory", "too many processes", or None."""
        name = "memory.events" if self.version == "v2" else "memory.oom_control"
        if _table(self.folders["memory"] / name).get("oom_kill"):
            return "out of memory"
        if _table(self.folders["pids"] / "pids.events").get("max"):
            return "too many processes"
        return None

    def kill(self) -> None:
        """Kill all of it at once, where that is possible (version 2)."""
        with contextlib.suppress(OSError):
            _write(self.folders["pids"] / "cgroup.kill", "1")

    def remove(self) -> None:
        """Remove the group, unless something in it still runs."""
        for folder in self.places():
            with contextlib.suppress(OSError):
                folder.rmdir()


def find_parent() -> Parent | None:
    """Where groups for boxes can be made; None if nowhere."""
    if hidden("cgroup"):
        return None
    for parent in itertools.chain(_version_2(), _version_1()):
        if _works(parent):
            return parent
    return None


def _works(parent: Parent) -> bool:
    try:
        group = parent.new(Limits())
    except OSError:
        return False
    group.remove()
    return True


def _version_1() -> Iterator[Parent]:
    folders = {}
    for controllers, path in _memberships():
        for name in controllers & {*NEEDED, "cpuacct"}:
            with contextlib.suppress(StopIteration):
                folders[name] = next(_mounted("cgroup", name)).below(path)
    if set(NEEDED) <= set(folders):
        yield Parent("v1", folders)


def _version_2() -> Iterator[Parent]:
    """This process's own group, or the nearest above it that shares out memory and processes."""
    for controllers, path in _memberships():
        if controllers:
            continue
        for mount in _mounted("cgroup2"):
            own = mount.below(path)
            for folder in (own, *own.parents):
                if folder.is_relative_to(mount.point) and _shares(
                    folder / "cgroup.subtree_control"
                ):
                    yield Parent("v2", dict.fromkeys(NEEDED, folder))
            if _share(own):
                yield Parent("v2", dict.fromkeys(NEEDED, own))


def _shares(file: Path) -> bool:
    try:
        return set(NEEDED) <= set(file.read_text().split())
    except OSError:
        return False


def _share(own: Path) -> bool:
    """Let a group that was delegated to this user have groups below; processes move out of it."""
    delegated = 0 != os.geteuid() == own.stat().st_uid
    if not delegated or not _shares(own / "cgroup.controllers"):
        return False
    try:
        aside = own / "labtools-outside"
        aside.mkdir(exist_ok=True)
        for pid in (own / "cgroup.procs").read_text().split():
            with contextlib.suppress(ProcessLookupError):
                _write(aside / "cgroup.procs", pid)
        _write(own / "cgroup.subtree_control", " ".join(f"+{name}" for name in NEEDED))
    except OSError:
        return False
    return True


@dataclass(frozen=True)
class Mount:
    """A mounted hierarchy of groups."""

    root: Path  # which of its groups is seen at the mount point
    point: Path

    @classmethod
    def parse(cls, line: str) -> tuple[Self, str, str]:
        """A line of mountinfo: the mount, its kind of file system, and its options."""
        left, _, right = line.partition(" - ")
        fields, (kind, _, options) = left.split(), right.split(" ", 2)
        return cls(Path(fields[3]), Path(fields[4])), kind, options.strip()

    def below(self, path: str) -> Path:
        """The folder of a group that /proc/self/cgroup names."""
        group = Path(path)
        inside = group.relative_to(self.root) if group.is_relative_to(self.root) else Path()
        return self.point / inside


def _mounted(kind: str, controller: str | None = None) -> Iterator[Mount]:
    with contextlib.suppress(OSError), open("/proc/self/mountinfo", encoding="utf-8") as file:
        for line in file:
            mount, found, options = Mount.parse(line)
            if found == kind and (controller is None or controller in options.split(",")):
                yield mount


def _memberships() -> Iterator[tuple[set[str], str]]:
    """Of this process: controllers, none for version 2, and the path of its group."""
    with contextlib.suppress(OSError), open("/proc/self/cgroup", encoding="utf-8") as file:
        for line in file:
            _, controllers, path = line.rstrip("\n").split(":", 2)
            yield set(filter(None, controllers.split(","))), path


def _table(file: Path) -> dict[str, int]:
    """A file of lines of a name and a number; empty if it cannot be read."""
    with contextlib.suppress(OSError, ValueError):
        return {k: int(v) for k, v in (line.split() for line in file.read_text().splitlines())}
    return {}


def _write(file: Path, text: str) -> None:
    file.write_text(text, encoding="ascii")
