"""What a process and those that it started use, read from /proc."""

import os
from collections.abc import Iterator

TICKS = os.sysconf("SC_CLK_TCK")  # per second


class Family:
    """A process and all that descend from it.

    Args:
        pid: int, as it is called in ``proc``.
        proc: directory descriptor of a proc file system, so that it can be read where /proc is
            covered; None for /proc.
    """

    def __init__(self, pid: int, proc: int | None = None) -> None:
        self.pid, self.proc = pid, proc

    def members(self) -> Iterator[int]:
        """The pids, the first one first."""
        waiting = [self.pid]
        while waiting:
            pid = waiting.pop()
            yield pid
            for thread in self._list(f"{pid}/task"):
                waiting += map(int, self._read(f"{pid}/task/{thread}/children").split())

    def parent(self) -> int:
        """The pid of the process that the first one descends from; itself if it has gone."""
        fields = self._fields(self.pid)
        return int(fields[1]) if fields else self.pid

    def cpu_seconds(self) -> float:
        """CPU seconds of all, and of those that have ended and were waited for."""
        return sum(self._ticks(pid) for pid in self.members()) / TICKS

    def memory_mb(self) -> float:
        """MB in use by all. A page that several share counts as a part of one for each of them."""
        return sum(self._memory(pid) for pid in self.members())

    def peak_mb(self) -> float:
        """MB that the first process used at most, shared ones among them."""
        return self._table(self.pid, "status").get("VmHWM", 0.0)

    def count(self) -> int:
        """How many processes and threads there are."""
        return sum(len(self._list(f"{pid}/task")) for pid in self.members())

    def _memory(self, pid: int) -> float:
        # not pages of files: those of libraries, which the machine has once
        shares = self._table(pid, "smaps_rollup")
        if "Pss_Anon" in shares:
            return shares["Pss_Anon"] + shares["Pss_Shmem"]
        status = self._table(pid, "status")
        return status.get("RssAnon", 0.0) + status.get("RssShmem", 0.0)

    def _table(self, pid: int, name: str) -> dict[str, float]:
        """What a file of /proc says in kB, in MB."""
        lines = (line.split() for line in self._read(f"{pid}/{name}").splitlines())
        return {x[0].rstrip(":"): int(x[1]) / 1024 for x in lines if x[2:] == ["kB"]}

    def _ticks(self, pid: int) -> int:
        # user, system, and those of children waited for
        return sum(map(int, self._fields(pid)[11:15]))

    def _fields(self, pid: int) -> list[str]:
        """What /proc says in one line, from after the name, which may hold spaces."""
        return self._read(f"{pid}/stat").rpartition(")")[2].split()

    def _read(self, path: str) -> str:
        """The text of a file of /proc; "" when the process has gone."""
        try:
            descriptor = os.open(self._at(path), os.O_RDONLY, dir_fd=self.proc)
            with open(descriptor, encoding="utf-8", errors="replace") as file:
                return file.read()
        except OSError:
            return ""

    def _list(self, path: str) -> list[str]:
        try:
            descriptor = os.open(self._at(path), os.O_RDONLY | os.O_DIRECTORY, dir_fd=self.proc)
        except OSError:
            return []
        try:
            return os.listdir(descriptor)
        except OSError:
            return []
        finally:
            os.close(descriptor)

    def _at(self, path: str) -> str:
        return path if self.proc is not None else f"/proc/{path}"
