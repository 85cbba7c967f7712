"""`labtools doctor`: what there is, what is missing, and how to mend it."""

import re

import pytest

from labtools.commands import main, releases
from labtools.grading import doctor


@pytest.fixture
def course(tmp_path):
    """A folder with what the doctor looks for in a course."""
    (tmp_path / "nbgrader_config.py").touch()
    (tmp_path / "solutions" / "sums").mkdir(parents=True)
    (tmp_path / "solutions" / "sums" / "sums.ipynb").touch()
    return tmp_path


@pytest.fixture
def look(course, monkeypatch, capsys):
    """Call the doctor in a course; returns (exit status, text as one line)."""

    def run():
        status = main(["doctor", "--course", str(course)])
        return status, " ".join(capsys.readouterr().out.split())

    monkeypatch.delenv("LABTOOLS_WITHOUT", raising=False)
    return run


def test_here_all_is_well(look, course):
    status, text = look()
    assert status == 0
    assert "✗" not in text
    assert f"✓ {course}: 1 exercises" in text
    assert re.search(r"✓ bubblewrap [\d.]+, as ", text)
    assert text.endswith("a class can be graded with students' code in a sandbox.")


def test_without_a_sandbox_it_says_what_to_install(look, monkeypatch):
    monkeypatch.setenv("LABTOOLS_WITHOUT", "bwrap")
    status, text = look()
    assert status == 1
    assert "✗ no sandbox" in text
    assert "apt install bubblewrap" in text
    assert "no class can be graded" in text


def test_what_can_be_done_without_is_told_and_is_no_failure(look, monkeypatch):
    monkeypatch.setenv("LABTOOLS_WITHOUT", "nested,seccomp,cgroup")
    status, text = look()
    assert status == 0
    assert "started anew for each submission" in text
    assert text.count("! no ") == 3
    assert "→ `pip install pyseccomp`" in text


def test_unsafe_is_never_well(look, monkeypatch):
    monkeypatch.setenv("LABTOOLS_UNSAFE", "1")
    status, text = look()
    assert status == 1
    assert "LABTOOLS_UNSAFE is set: students' code runs as you" in text


def test_no_sandbox_elsewhere_than_on_linux(monkeypatch):
    monkeypatch.setattr(doctor.sys, "platform", "darwin")
    (finding,) = doctor.sandbox(None)
    assert (finding.good, finding.needed) == (False, "grade")


@pytest.mark.parametrize(
    ("missing", "status", "says"),
    [
        ("torch", 1, "Neither exercises nor grading work here yet."),
        ("nbgrader", 1, "no class can be graded"),
        ("ruff", 0, "a class can be graded"),
    ],
)
def test_a_package_that_is_missing(look, monkeypatch, missing, status, says):
    there = doctor.installed
    monkeypatch.setattr(doctor, "installed", lambda name: None if name == missing else there(name))
    monkeypatch.setitem(doctor.LOOKS, "Sandbox", lambda folder: [])
    ended, text = look()
    assert ended == status
    assert f"{missing} is not installed → pip install -r requirements.txt" in text
    assert says in text


def test_other_versions_than_were_tried(look, course, monkeypatch):
    (course / "requirements.txt").write_text("torch==1.0  # old\npytest==0.1\n# rich==2\n")
    monkeypatch.setitem(doctor.LOOKS, "Sandbox", lambda folder: [])
    status, text = look()
    assert status == 0
    assert re.search(
        r"! other versions than the course was tried with: torch [\d.]+, not 1.0;", text
    )
    assert "rich 2" not in text


def test_local_versions_are_the_same_version(monkeypatch):
    monkeypatch.setattr(doctor, "version", lambda name: "2.13.0+cpu")
    assert doctor.installed("torch") == "2.13.0"


def test_an_old_python(monkeypatch, tmp_path):
    monkeypatch.setattr(doctor.sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(releases, "HERE", tmp_path)
    finding = next(doctor.python(tmp_path))
    assert (finding.good, finding.needed) == (False, "check")
    assert "install Python 3.11 or later" in finding.mend


def test_little_memory_and_little_disk(monkeypatch, tmp_path):
    import psutil

    found = psutil.virtual_memory()._replace(available=3 * 2**30)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: found)
    monkeypatch.setattr(doctor, "cores", lambda: 8)
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda folder: type("", (), {"free": 2**20}))
    _, memory, disk = doctor.machine(tmp_path)
    assert (memory.good, disk.good) == (False, False)
    assert "labtools grade --workers 2" in memory.mend
    assert "0.0 GB of disk free" in disk.text


def test_a_folder_that_is_no_course(tmp_path):
    (finding,) = doctor.course(tmp_path)
    assert not finding.good
    assert "labtools doctor --course DIR" in finding.mend


def test_a_folder_that_is_not_there(tmp_path, capsys):
    assert main(["doctor", "--course", str(tmp_path / "nowhere")]) == 2
    assert "nowhere: there is no such folder" in capsys.readouterr().err
