"""`nbgrader autograde` runs a submission with the machinery of `labtools grade`."""

import json

import nbformat
import pytest
from conftest import run
from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook
from sample_class import RIGHT, fill
from traitlets.config import Config

from labtools.grading.execute import Execute, limits_of
from labtools.grading.limits import Limits

HOSTILE = """\
import os
os.environ["LABTOOLS_SEED"] = "0"
os.kill(os.getppid(), 9) if os.getppid() else None
open("/tmp/was_here", "w").close()
"""


@pytest.fixture
def autograded(course, release):
    """The notebooks of a class of three, after `nbgrader autograde`, and the course."""
    class_of = {
        "ada": fill(release, RIGHT),
        "eve": fill(release, {**RIGHT, "double": "def double(a):\n    import os\n    os._exit(3)"}),
        "zoe": fill(release, {**RIGHT, "add": "def add(a, b):\n    return a - b"}),
    }
    class_of["eve"].cells.insert(1, new_code_cell(HOSTILE))
    for student, nb in class_of.items():
        folder = course / "submitted" / student / "ex"
        folder.mkdir(parents=True)
        nbformat.write(nb, folder / "ex.ipynb")
    done = run(["nbgrader", "autograde", "ex"], course)
    assert done.returncode == 0, done.stderr
    return course


def test_autograde(autograded):
    with Gradebook(f"sqlite:///{autograded / 'gradebook.db'}") as gradebook:
        scores = {s.student_id: s.score for s in gradebook.assignment_submissions("ex")}
        eve = gradebook.find_submission_notebook("ex", "ex", "eve")
        told = {comment.name: comment.comment for comment in eve.comments}
    assert scores == {"ada": 5, "eve": 2, "zoe": 3}
    assert "it ended its own process (exit status 3)" in told["double"]
    path = autograded / "autograded" / "ada" / "ex" / "ex.ipynb"
    found = nbformat.read(path, as_version=4).metadata.labtools
    assert found.usage.cpu_seconds > 0
    assert found.seed > 0
    assert "unsafe" not in found


def test_limits_of_a_course():
    config = Config()
    assert limits_of(config) == Limits()
    config.Execute.timeout = 3
    config.Execute.memory = 500
    config.Execute.limits = {"processes": 7}
    assert limits_of(config) == Limits(cell_seconds=3, memory_mb=500, processes=7)
    config.Execute.limits = {"cores": 7}
    with pytest.raises(ValueError, match="got 'cores'"):
        limits_of(config)


@pytest.mark.parametrize(("said", "unsafe"), [("1", True), ("0", False), ("", False)])
def test_unsafe_by_the_environment(monkeypatch, said, unsafe):
    monkeypatch.setenv("LABTOOLS_UNSAFE", said)
    assert Execute().unsafe is unsafe
    assert Execute(unsafe=not unsafe).unsafe is not unsafe


def test_a_seed_that_is_given_needs_no_gradebook():
    assert Execute(seed=5).run_seed({}) == 5
    assert json.dumps(Execute(seed=0).run_seed({})) == "0"
