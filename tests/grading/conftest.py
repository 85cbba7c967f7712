"""A tiny course, a class full of slips, and the class graded once."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from filelock import FileLock
from nbformat.v4 import new_markdown_cell
from sample_class import SUBMISSIONS, hand_in
from source_cells import cell, notebook

ROOT = Path(__file__).parents[2]

SETUP = """\
class CheckFailed(AssertionError):
    pass"""

DEMO = 'raise RuntimeError("a demonstration was run")'

ADD = '''\
def add(a, b):
    """The sum."""
    ### BEGIN SOLUTION
    return a + b
    ### END SOLUTION'''

TEST_ADD = """\
if add(1, 2) != 3:
    raise CheckFailed("add: 1 + 2 is 3, got " + str(add(1, 2)) + "\\na picture")
### BEGIN HIDDEN TESTS
secret_of_add = 40 + 2
assert add(2, 40) == secret_of_add, "add: wrong for larger numbers"
### END HIDDEN TESTS"""

DOUBLE = '''\
def double(a):
    """Twice a."""
    ### BEGIN SOLUTION
    return 2 * a
    ### END SOLUTION'''

TEST_DOUBLE = """\
if double(2) != 4:
    raise CheckFailed("double: twice 2 is 4, got " + str(double(2)))
### BEGIN HIDDEN TESTS
secret_of_double = 14
assert double(7) == secret_of_double
### END HIDDEN TESTS"""


def exercise():
    """The source notebook: two functions, 2 and 3 points."""
    cells = [
        new_markdown_cell("# Sums"),
        cell(SETUP, "setup"),
        cell(DEMO, "demo_sums", tags=["demo"]),
        cell(ADD, "add", solution=True),
        cell(TEST_ADD, "test_add", points=2),
        new_markdown_cell("And twice:"),
        cell(DOUBLE, "double", solution=True),
        cell(TEST_DOUBLE, "test_double", points=3),
    ]
    return notebook(cells)


QUICK = {"LABTOOLS_WITHOUT": "warmth"}  # the tiny course imports nothing: nothing need be warm


def run(command, folder):
    """Run python -m `command` in `folder`; returns the finished process."""
    command = [sys.executable, "-m", *command]
    env = os.environ | QUICK
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, env=env)


def make_course(folder):
    """A course in `folder`, with its release made by nbgrader; returns the folder."""
    source = folder / "solutions" / "ex"
    source.mkdir(parents=True)
    nbformat.write(exercise(), source / "ex.ipynb")
    config = (ROOT / "nbgrader_config.py").read_text()
    config += "\nc.Execute.timeout = 3\nc.Execute.iopub_timeout = 2\n"
    (folder / "nbgrader_config.py").write_text(config)
    done = run(["nbgrader", "generate_assignment", "ex"], folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def quick(monkeypatch):
    """What starts a grader starts a quick one."""
    for name, value in QUICK.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def course(tmp_path, shared_course, quick):
    """A course of one's own."""
    return shutil.copytree(shared_course, tmp_path / "course")


@pytest.fixture
def release(shared_course):
    """The released notebook."""
    return nbformat.read(shared_course / "exercises" / "ex" / "ex.ipynb", as_version=4)


@pytest.fixture(scope="session")
def shared_dir(tmp_path_factory):
    """A folder that all workers of one test run share."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if base.name.startswith("popen-") else base
    (base / "grading").mkdir(exist_ok=True)
    return base / "grading"


@pytest.fixture(scope="session")
def shared_course(shared_dir):
    """A course that tests only read."""
    with FileLock(shared_dir / "course.lock"):
        if not (shared_dir / "course").exists():
            make_course(shared_dir / "course")
    return shared_dir / "course"


@pytest.fixture(scope="session")
def graded(shared_dir, shared_course):
    """The sample class, graded by `python -m labtools.grading`."""
    out = shared_dir / "graded"
    with FileLock(shared_dir / "graded.lock"):
        if not out.exists():
            hand_in(shared_course / "exercises" / "ex" / "ex.ipynb", shared_dir / "handed_in")
            arguments = ["ex", "--submitted", shared_dir / "handed_in", "--output", out]
            done = run(["labtools.grading", *arguments], shared_course)
            (shared_dir / "stdout").write_text(done.stdout)
            (shared_dir / "stderr").write_text(done.stderr)
            (shared_dir / "status").write_text(str(done.returncode))
    return SimpleNamespace(
        out=out,
        students=list(SUBMISSIONS),
        stdout=(shared_dir / "stdout").read_text(),
        stderr=(shared_dir / "stderr").read_text(),
        status=int((shared_dir / "status").read_text()),
    )
