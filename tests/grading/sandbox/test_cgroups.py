"""Control groups: where they can be made, what they are told, what they tell."""

import os
import subprocess
import sys

import pytest
from box_talk import SMALL

from labtools.grading.sandbox import cgroups
from labtools.grading.sandbox.cgroups import Group, Mount, Parent

MOST = str((SMALL.memory_mb + SMALL.tmp_mb) << 20)
V2 = "35 24 0:29 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"
V1 = "35 24 0:31 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory\n"


def test_a_mount_is_read_from_mountinfo():
    mount, kind, options = Mount.parse(V1)
    assert (str(mount.point), kind, options) == ("/sys/fs/cgroup/memory", "cgroup", "rw,memory")
    assert str(mount.below("/a/b")) == "/sys/fs/cgroup/memory/a/b"
    assert Mount.parse(V2)[1] == "cgroup2"


def test_a_container_sees_its_own_group_as_the_root():
    mount = Mount.parse(V1.replace(" / ", " /docker/abc ", 1))[0]
    assert str(mount.below("/docker/abc/x")) == "/sys/fs/cgroup/memory/x"
    assert str(mount.below("/elsewhere")) == "/sys/fs/cgroup/memory"


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A version 2 hierarchy in which this process is in the group /user/session."""
    own = tmp_path / "user" / "session"
    own.mkdir(parents=True)
    for folder in (tmp_path, own.parent, own):
        (folder / "cgroup.controllers").write_text("cpu memory pids\n")
        (folder / "cgroup.subtree_control").write_text("\n")
        (folder / "cgroup.procs").write_text("")
    monkeypatch.setattr(cgroups, "_memberships", lambda: iter([(set(), "/user/session")]))
    mounts = {"cgroup2": [Mount(cgroups.Path("/"), tmp_path)]}
    monkeypatch.setattr(cgroups, "_mounted", lambda kind, name=None: iter(mounts.get(kind, [])))
    monkeypatch.setattr(cgroups.Group, "remove", lambda group: None)  # no folder of files goes
    return tmp_path


def test_version_2_is_made_where_memory_is_shared_out(tree):
    (tree / "user" / "cgroup.subtree_control").write_text("memory pids\n")
    parent = cgroups.find_parent()
    assert parent == Parent("v2", dict.fromkeys(("memory", "pids"), tree / "user"))


def test_version_2_a_delegated_group_shares_out_and_is_left(tree, monkeypatch):
    own = tree / "user" / "session"
    monkeypatch.setattr(os, "geteuid", lambda: 1001)
    os.chown(own, 1001, -1) if os.getuid() == 0 else monkeypatch.setattr(os, "geteuid", os.getuid)
    (own / "cgroup.procs").write_text("41\n42\n")
    parent = cgroups.find_parent()
    assert parent.folders["memory"] == own
    assert (own / "labtools-outside" / "cgroup.procs").read_text() == "42"
    assert (own / "cgroup.subtree_control").read_text() == "+memory +pids"


def test_version_2_is_not_there_without_its_controllers(tree):
    for file in tree.rglob("cgroup.controllers"):
        file.write_text("cpu\n")
    assert cgroups.find_parent() is None


def test_version_2_limits_and_counts(tree):
    group = Parent("v2", dict.fromkeys(("memory", "pids"), tree)).new(SMALL)
    (folder,) = group.places()
    told = {file.name: file.read_text() for file in folder.iterdir()}
    assert told["memory.max"] == MOST
    assert told["pids.max"] == str(SMALL.processes)
    assert (told["memory.swap.max"], told["memory.oom.group"]) == ("0", "1")
    group.join(17)
    group.kill()
    assert (folder / "cgroup.procs").read_text() == "17"
    assert (folder / "cgroup.kill").read_text() == "1"
    assert (group.cpu_seconds(), group.peak_mb(), group.why()) == (None, None, None)
    (folder / "cpu.stat").write_text("usage_usec 2500000\nuser_usec 1\n")
    (folder / "memory.peak").write_text(str(7 << 20))
    (folder / "pids.events").write_text("max 1\n")
    assert (group.cpu_seconds(), group.peak_mb(), group.why()) == (2.5, 7, "too many processes")
    (folder / "memory.events").write_text("low 0\noom 2\noom_kill 1\n")
    assert group.why() == "out of memory"


def test_version_1_limits_and_counts(tmp_path):
    folders = {name: tmp_path / name for name in ("memory", "pids", "cpuacct")}
    for folder in folders.values():
        folder.mkdir()
    group = Parent("v1", folders).new(SMALL)
    assert (group.folders["memory"] / "memory.limit_in_bytes").read_text() == MOST
    assert (group.folders["pids"] / "pids.max").read_text() == str(SMALL.processes)
    group.join(17)
    assert {(path / "cgroup.procs").read_text() for path in group.places()} == {"17"}
    (group.folders["cpuacct"] / "cpuacct.usage").write_text("2500000000\n")
    (group.folders["memory"] / "memory.max_usage_in_bytes").write_text(str(7 << 20))
    (group.folders["memory"] / "memory.oom_control").write_text("under_oom 0\noom_kill 1\n")
    assert (group.cpu_seconds(), group.peak_mb(), group.why()) == (2.5, 7, "out of memory")


def test_groups_of_processes_that_have_ended_are_swept(tmp_path):
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    for pid in (ended.pid, os.getpid()):
        (tmp_path / f"labtools-{pid}-0-abc").mkdir()
    (tmp_path / "somebody-else").mkdir()
    Parent("v1", {"memory": tmp_path, "pids": tmp_path}).sweep()
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {f"labtools-{os.getpid()}-0-abc", "somebody-else"}


def test_a_group_that_cannot_be_limited_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(Group, "set_limits", lambda group, limits: (_ for _ in ()).throw(OSError()))
    with pytest.raises(OSError):  # noqa: PT011  (any will do)
        Parent("v2", {"memory": tmp_path, "pids": tmp_path}).new(SMALL)
    assert not list(tmp_path.iterdir())
