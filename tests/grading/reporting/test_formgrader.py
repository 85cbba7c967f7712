"""Formgrader knows which submissions are graded."""

import importlib.util
import os
import shutil
from datetime import UTC, datetime

import pytest
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from small_class import CLASS, make_class
from traitlets.config import Config

from labtools.grading.formgrader import agree_on_times

RECEIVED = 1_700_000_000.25  # seconds


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    coursedir = make_class(tmp_path_factory.mktemp("class"))
    with Gradebook(coursedir.db_url) as gradebook:
        for submission in gradebook.assignment_submissions("ex"):
            submission.timestamp = datetime.fromtimestamp(RECEIVED, UTC).replace(tzinfo=None)
        gradebook.db.commit()
    return coursedir.root


@pytest.fixture
def api(shared, tmp_path, monkeypatch):
    """Formgrader's view of a class that handed in at RECEIVED."""
    monkeypatch.setattr(NbGraderAPI, "get_submitted_timestamp", stock())
    root = shutil.copytree(shared, tmp_path / "class")
    for student in CLASS:
        hand_in(root, student, RECEIVED)
    return NbGraderAPI(config=Config(CourseDirectory={"root": str(root)}))


def stock():
    """nbgrader's own method; in this process a course may have been configured already."""
    spec = importlib.util.find_spec("nbgrader.apps.api")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.NbGraderAPI.get_submitted_timestamp


def hand_in(root, student, when):
    folder = root / "submitted" / student / "ex"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ex.ipynb").touch()
    os.utime(folder / "ex.ipynb", (when, when))
    (folder / "timestamp.txt").write_text("2001-01-01 00:00:00")


def test_a_graded_submission_is_graded(api):
    assert api.get_autograded_students("ex") == set()  # stock: all of them need autograding
    agree_on_times()
    assert api.get_autograded_students("ex") == set(CLASS) - {"fay"}  # who has no notebook


def test_a_later_submission_is_not(api, tmp_path):
    agree_on_times()
    hand_in(tmp_path / "class", "ben", RECEIVED + 60)
    assert api.get_autograded_students("ex") == set(CLASS) - {"fay", "ben"}
