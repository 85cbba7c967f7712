"""What the machine can do is found out, and what it lacks comes with a way to mend it."""

import os

import pytest
from box_talk import USERS, output

from labtools.grading.sandbox import Boxes, SandboxMissing, abilities, bubblewrap, probe

TELL = "from labtools.grading.sandbox import probe; m = probe(); print(m.mode, m.seccomp, m.uid)"


@pytest.fixture
def bin_folder(tmp_path, monkeypatch):
    """A folder that is searched for programs before all others."""
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    def add(name, script):
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)

    return add


def test_this_machine_has_a_sandbox():
    machine = probe()
    assert machine.mode == "warm"
    assert machine.seccomp
    assert machine.bubblewrap
    assert machine.cores >= 1
    assert machine.memory_mb > 100
    assert all("control groups" in lack.what for lack in machine.lacks)
    assert (machine.cgroup == "none") == bool(machine.lacks)


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize(
    ("without", "told"), [("", "warm True"), ("nested", "cold True"), ("seccomp", "warm False")]
)
def test_each_user_finds_what_there_is(user, without, told):
    assert output(user, "-c", TELL, without=without).startswith(told)


@pytest.mark.parametrize(
    ("ability", "what", "mend"),
    [
        ("bwrap", "no sandbox", "apt install bubblewrap"),
        ("cgroup", "no control groups", "systemd-run"),
        ("nested", "no namespaces inside", "user.max_user_namespaces"),
        ("seccomp", "no filter of system calls", "pip install pyseccomp"),
    ],
)
def test_what_is_missing_is_named_and_can_be_mended(monkeypatch, ability, what, mend):
    monkeypatch.setenv("LABTOOLS_WITHOUT", ability)
    (lack,) = [lack for lack in probe().lacks if what in lack.what]
    assert mend in lack.mend


def test_an_ability_that_does_not_exist_is_refused(monkeypatch):
    monkeypatch.setenv("LABTOOLS_WITHOUT", "brwap")
    with pytest.raises(ValueError, match=r"expected some of bwrap, cgroup.*got 'brwap'"):
        abilities.hidden("bwrap")


def test_another_program_of_that_name_is_not_taken(bin_folder):
    bin_folder("bwrap", "echo bubble wrap 1.0")
    with pytest.raises(SandboxMissing, match="is not bubblewrap"):
        abilities.find_bubblewrap()


def test_bubblewrap_that_does_not_work_is_explained(bin_folder):
    version = 'if [ "$1" = --version ]; then echo bubblewrap 0.8.0; exit; fi'
    bin_folder(
        "bwrap", f"{version}; echo 'bwrap: setting up uid map: Permission denied' >&2; exit 1"
    )
    with pytest.raises(SandboxMissing, match="uid map: Permission denied") as refused:
        Boxes().ready()
    assert "--unsafe" in str(refused.value)
    assert probe().mode is None


def test_other_systems_are_told_so(monkeypatch):
    monkeypatch.setattr(abilities.sys, "platform", "darwin")
    with pytest.raises(SandboxMissing, match="works on Linux, and this is darwin"):
        abilities.find_bubblewrap()


def test_packages_that_only_root_can_read_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    tmp_path.chmod(0o700)
    assert bubblewrap.unreadable([tmp_path]) == tmp_path
    tmp_path.chmod(0o755)
    assert bubblewrap.unreadable([tmp_path]) is None


def test_what_is_seen_lies_nowhere_inside_of_another_and_is_not_the_course():
    seen = bubblewrap.seen()
    assert not [path for path in seen if set(seen) & set(path.parents)]
    assert bubblewrap.LABTOOLS in seen
    assert bubblewrap.LABTOOLS.parent not in seen


def test_no_configuration_is_seen_which_may_hold_a_password(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.prefix", str(tmp_path))
    for name in ("etc/fonts", "etc/jupyter"):
        (tmp_path / name).mkdir(parents=True)
    inside = [path for path in bubblewrap.seen() if path.is_relative_to(tmp_path)]
    assert inside == [tmp_path / "etc/fonts"]
    assert "/usr/local/etc/jupyter" in bubblewrap.COVERED


def test_the_environment_of_the_box_is_not_ours():
    assert not {"HOME", "PATH", "USER"} & {
        name for name, value in bubblewrap.ENVIRONMENT.items() if value == os.environ.get(name)
    } - {"PATH"}
