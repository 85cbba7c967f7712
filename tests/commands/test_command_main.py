"""Which command was asked for, and what a process that runs cells leaves behind."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest
from small_exercise import RIGHT, answered, cell, course, handed_out, save

from labtools.commands import main, running
from labtools.commands.main import COMMANDS, CommandError

COMMAND = [sys.executable, "-m", "labtools.commands"]


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["chekc"],
        ["check"],
        ["check", "x", "--timeout", "0"],
        ["check", "x", "--timeout", "inf"],
        ["grade", "x", "--seed", "-1"],
        ["grade", "x", "--seed", "2147483648"],
    ],
)
def test_wrong_use_exits_with_2(words, capsys):
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert "usage: labtools" in capsys.readouterr().err


def test_help_names_every_command(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    out = capsys.readouterr().out
    assert all(name in out for name in ("check", "progress", "reset", "grade", "doctor"))


@pytest.mark.parametrize("command", ["check", "progress", "reset", "grade", "doctor"])
def test_each_command_has_help_of_its_own(command, capsys):
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: labtools {command}")


@pytest.mark.parametrize(
    "source",
    [
        "import nothing_of_this_name.part",
        "def add_arguments(it): ...\ndef run(args): import nothing_of_this_name",
    ],
)
def test_a_package_that_is_missing_is_told(tmp_path, monkeypatch, capsys, source):
    (tmp_path / "needy.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "needy", raising=False)
    monkeypatch.setitem(COMMANDS, "grade", ("needy", ""))
    assert main(["grade"]) == 2
    told = "labtools: this needs nothing_of_this_name, which is not installed: pip install -r req"
    assert capsys.readouterr().err.startswith(told)


def test_a_module_of_ours_that_is_missing_is_a_fault(monkeypatch):
    monkeypatch.setitem(COMMANDS, "grade", ("labtools.nothing_of_this_name", ""))
    with pytest.raises(ModuleNotFoundError):
        main(["grade"])


REFUSING = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("nbgrader", "nbformat", "torch", "IPython", "distributed"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Refuse())
from labtools.commands import main
sys.exit(main(sys.argv[1:]))
"""


def test_a_learner_needs_neither_nbgrader_nor_torch_to_see_what_is_left(tmp_path):
    command = [sys.executable, "-c", REFUSING, "check", str(course(tmp_path))]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("sums: 0 of 2 functions done")


@pytest.mark.parametrize("buffered", [True, False])
def test_a_reader_that_goes_away_is_no_fault(tmp_path, buffered):
    """As `head` does once it has its lines."""
    course(tmp_path)
    save(handed_out(), tmp_path / "sums.ipynb")
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as unread:
        streams = {"stdout": unread, "stderr": subprocess.PIPE, "text": True}
        env = os.environ | {"PYTHONUNBUFFERED": "" if buffered else "1"}
        command = [*COMMAND, "check", "sums.ipynb"]
        done = subprocess.run(command, cwd=tmp_path, timeout=60, env=env, **streams)
    assert (done.returncode, done.stderr) == (141, "")


def waiting(folder):
    """A check of a notebook that does not end, begun in a session of its own."""
    course(folder)
    notebook = answered(**RIGHT)
    notebook["cells"].insert(4, cell("open('begun', 'w').close()\nwhile True:\n    pass"))
    path = save(notebook, folder / "mywork" / "sums.ipynb")
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    process = subprocess.Popen(
        [*COMMAND, "check", str(path)], cwd=folder, start_new_session=True, **streams
    )
    until(lambda: (folder / "mywork" / "begun").exists())
    return process


def until(true):
    """Wait until ``true()`` is."""
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def session(number):
    """The live processes of a session."""
    there = []
    for process in psutil.process_iter(["status"]):
        try:
            if os.getsid(process.pid) == number and process.info["status"] != "zombie":
                there.append(process.pid)
        except ProcessLookupError:
            pass
    return there


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_no_process_outlives_the_command(tmp_path, number):
    with waiting(tmp_path) as process:
        assert len(session(process.pid)) > 1
        os.killpg(process.pid, number) if number == signal.SIGINT else process.kill()
        out, err = process.communicate(timeout=60)
        if number == signal.SIGINT:
            assert (process.returncode, out, err) == (130, "", "\nlabtools: interrupted\n")
        until(lambda: not session(process.pid))


def test_a_process_can_be_started_in_every_way(tmp_path, monkeypatch):
    steps = [running.Step("a = 2"), running.Step("assert a == 3", "a")]
    monkeypatch.setattr(running, "CONTEXT", multiprocessing.get_context("spawn"))
    results = running.run_all(steps, tmp_path, lambda name: None)
    assert (results[0], results[1].title) == (None, "AssertionError")


def test_a_python_that_does_not_start_is_no_cells_fault(tmp_path):
    with pytest.raises(CommandError, match="Python cannot be started for the notebook: it ended"):
        running.run_all([running.Step("1", "a")], tmp_path / "not there", lambda name: None)
