"""What is written into the gradebook is what nbgrader's own preprocessors write."""

import datetime
import shutil
import threading
import warnings
from types import SimpleNamespace

import nbformat
import pytest
from classes import KINDS, hand_in, scores
from gradebook_dump import dump
from nbgrader.api import Gradebook
from nbgrader.plugins import LateSubmissionPlugin
from nbgrader.preprocessors import AssignLatePenalties, SaveAutoGrades
from stand_in import run
from traitlets.config import Config

from labtools.grading.classroom.course import Class, load_config
from labtools.grading.classroom.database import connect, exclusive
from labtools.grading.classroom.gradebooks import Grades
from labtools.grading.classroom.opening import open_gradebook, run_seed
from labtools.grading.classroom.template import course_directory, templates
from labtools.grading.missing import record_zero
from labtools.grading.reading import parse_submission
from labtools.grading.reasons import SaveReasons
from labtools.grading.rebuild import rebuild

RECEIVED = datetime.datetime(2026, 3, 1, 12, 0)


class Half(LateSubmissionPlugin):
    """Half the points are lost."""

    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return score / 2


@pytest.fixture
def opened(course):
    """The course, its gradebook and the notebooks of three students, run."""
    return opened_at(course, f"sqlite:///{course / 'gradebook.db'}")


def opened_at(course, url):
    config = load_config(Class(course, db_url=url))
    config.merge(Config({"AssignLatePenalties": {"plugin_class": Half}}))
    coursedir = course_directory(config, "ex")
    built = templates(coursedir, config)
    gradebook = open_gradebook(coursedir, config, built, 5)
    hand_in(course, {kind: kind for kind in KINDS})
    return SimpleNamespace(
        url=url, config=config, engine=gradebook.engine, seed=gradebook.seed,
        nbs={kind: graded(course, kind, built["ex"]) for kind in KINDS},
    )  # fmt: skip


def graded(course, student, template):
    raw = (course / "submitted" / student / "ex" / "ex.ipynb").read_bytes()
    nb = rebuild(parse_submission(raw), template)
    for cell in nb.cells:
        cell.metadata["tags"] = []  # no demonstration here
    nb.cells = [cell for cell in nb.cells if "demonstration" not in cell.source]
    run(nb)
    return nb


def stock(opened, url, student):
    """What `nbgrader autograde` does with a notebook that has been run."""
    with Gradebook(url) as gradebook, warnings.catch_warnings(action="ignore"):
        gradebook.update_or_create_student(student)
        gradebook.update_or_create_submission("ex", student, timestamp=RECEIVED)
    ids = {"notebook": "ex", "assignment": "ex", "student": student, "db_url": url}
    for step in (SaveAutoGrades, SaveReasons, AssignLatePenalties):
        nb = nbformat.from_dict(opened.nbs[student])
        step(config=opened.config).preprocess(nb, {"nbgrader": ids})


def by_hand(url, student):
    """What a person adds."""
    with Gradebook(url) as gradebook:
        gradebook.find_grade("test_add", "ex", "ex", student).manual_score = 1.5
        gradebook.find_grade("test_double", "ex", "ex", student).extra_credit = 0.5
        gradebook.find_comment("add", "ex", "ex", student).manual_comment = "well done"
        gradebook.db.commit()


def due(url, when):
    with Gradebook(url) as gradebook:
        gradebook.update_or_create_assignment("ex", duedate=when)


@pytest.mark.parametrize("late", [False, True])
def test_the_same_as_nbgrader(opened, tmp_path, late):
    due(opened.url, RECEIVED + datetime.timedelta(hours=-2 if late else 2))
    other = f"sqlite:///{shutil.copy(opened.engine.url.database, tmp_path / 'stock.db')}"
    for _ in range(2):  # the second time over what a person has changed
        with Grades(opened.engine, "ex", opened.config) as grades:
            for student, nb in opened.nbs.items():
                grades.save(student, "ex", nb, fingerprint="1", received=RECEIVED)
        for student in opened.nbs:
            stock(opened, other, student)
        ours = dump(opened.url)
        assert len(ours) == 3
        assert ours == dump(other)
        assert any(row[5] for row in ours) is late
        for url in (opened.url, other):
            by_hand(url, "half")


def test_a_fingerprint_lives_as_long_as_the_grade(opened):
    with Grades(opened.engine, "ex", opened.config) as grades:
        assert grades.fingerprint("right", "ex") is None
        grades.save("right", "ex", opened.nbs["right"], fingerprint="1", received=RECEIVED)
        assert grades.fingerprint("right", "ex") == "1"
        assert grades.fingerprint("half", "ex") is None
    with Gradebook(opened.url) as gradebook:
        gradebook.remove_submission("ex", "right")
    with Grades(opened.engine, "ex", opened.config) as grades:
        assert grades.fingerprint("right", "ex") is None
        grades.save("right", "ex", opened.nbs["right"], fingerprint="2", received=None)
        grades.save_zero("right", "gone")
        assert grades.fingerprint("right", "ex") is None


@pytest.mark.parametrize("by", ["labtools grade", "nbgrader autograde"])
def test_a_penalty_goes_with_the_points_that_it_was_taken_off(opened, by):
    """A late submission, and then none that can be opened."""
    due(opened.url, RECEIVED + datetime.timedelta(hours=-2))
    with Grades(opened.engine, "ex", opened.config) as grades:
        grades.save("half", "ex", opened.nbs["half"], fingerprint="1", received=RECEIVED)
        assert grades.result("half").score_text == "1 of 5"
        if by == "labtools grade":
            grades.save_zero("half", "gone")
    if by == "nbgrader autograde":
        with Gradebook(opened.url) as gradebook:
            record_zero(gradebook, "ex", "half", "gone")
    ((_, _, score, _, _, penalty, *_),) = dump(opened.url)
    assert (score, penalty) == (0, 0)


def test_what_fails_before_the_commit_leaves_no_trace(opened):
    def fail(graded):
        assert graded.score == 5  # the rows as they will be
        raise ZeroDivisionError

    with Grades(opened.engine, "ex", opened.config) as grades:
        for student in ("right", "half"):
            grades.save(student, "ex", opened.nbs[student], fingerprint="1", received=RECEIVED)
        before = dump(opened.url)
        with pytest.raises(ZeroDivisionError):
            grades.save(
                "half", "ex", opened.nbs["right"],
                fingerprint="2", received=None, before_commit=fail,
            )  # fmt: skip
        assert dump(opened.url) == before
        assert grades.fingerprint("half", "ex") == "1"
        grades.save("half", "ex", opened.nbs["blank"], fingerprint="3", received=RECEIVED)
    assert scores(opened.url) == {"right": 5, "half": 0}


def test_two_writers_wait_for_one_another(opened):
    def write(number):
        with Grades(connect(opened.url), "ex", opened.config) as grades:
            for _ in range(5):
                for student, nb in opened.nbs.items():
                    grades.save(student, "ex", nb, fingerprint=str(number), received=RECEIVED)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert scores(opened.url) == {"right": 5, "half": 2, "blank": 0}


def test_a_seed_is_drawn_once_and_can_be_set(course, tmp_path):
    url = f"sqlite:///{tmp_path / 'one.db'}"
    first = run_seed(url, "ex")
    assert run_seed(url, "ex") == first
    assert run_seed(url, "ey") != first
    assert run_seed(f"sqlite:///{tmp_path / 'other.db'}", "ex") != first
    at_course = f"sqlite:///{course / 'gradebook.db'}"
    assert opened_at(course, at_course).seed == run_seed(at_course, "ex") == 5


def test_only_one_is_exclusive(tmp_path):
    url, order = f"sqlite:///{tmp_path / 'one.db'}", []

    def enter():
        with exclusive(url):
            order.append("in")
            order.append("out")

    with exclusive(url):
        thread = threading.Thread(target=enter)
        thread.start()
        thread.join(0.1)
        order.append("mine")
    thread.join(10)
    assert order == ["mine", "in", "out"]
