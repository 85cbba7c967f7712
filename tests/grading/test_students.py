"""The sample class, graded end to end: every student gets the right points, and a reason.

What the grader must find stands in the docstring of a student's file:

    right: clm_loss, document_mask     the functions that get their points, or `all`
    generate: does not end             a part of what must be said about a function, or about `all`

A function that is neither right nor mentioned was not attempted. Two students have no file, and so
an exercise needs none: `reference` is right in everything, `blank` attempts nothing.
"""

import fcntl
import html
import re
import subprocess
from pathlib import Path

import nbformat
import pytest
from build_class import HANDED_IN, read_student
from nbgrader.api import Gradebook

ROOT = Path(__file__).parents[2]
CLASS = ROOT / "_build" / "class"
STUDENTS = ROOT / "tests" / "grading" / "students"
HIDDEN = re.compile(r"### BEGIN HIDDEN TESTS\n(.*?)### END HIDDEN TESTS", re.DOTALL)
LINE = re.compile(r"^(\w+): (.+)$", re.MULTILINE)
BLANK = "not attempted"


def solution(exercise):
    return nbformat.read(ROOT / "solutions" / exercise / f"{exercise}.ipynb", as_version=4)


def points_of(exercise):
    """{function: points}, in the order of the notebook."""
    cells = (cell.metadata.get("nbgrader", {}) for cell in solution(exercise).cells)
    return {it.grade_id.removeprefix("test_"): it.points for it in cells if it.get("grade")}


def docstrings(exercise):
    names = [path.stem for path in (STUDENTS / exercise).glob("*.py")]
    found = {name: read_student(text_of(exercise, name))[0] for name in sorted(names)}
    return {"blank": "", "reference": "right: all", **found}


def text_of(exercise, student):
    """The student's file; "" for the two who have none."""
    path = STUDENTS / exercise / f"{student}.py"
    return path.read_text() if path.exists() else ""


def expected(exercise, docstring):
    """The points by function, and for each function a part of its reason, "" where there is none.

    Raises:
        ValueError: the docstring names something that is no function of the exercise.
    """
    points = POINTS[exercise]
    said = dict(LINE.findall(docstring))
    right = re.findall(r"\w+", said.pop("right", ""))
    if unknown := {*said, *right} - {"all", *points}:
        raise ValueError(f"expected all or one of {', '.join(points)}, got {', '.join(unknown)}")
    right = [name for name in points if {"all", name} & set(right)]
    otherwise = said.get("all", BLANK)
    return (
        {name: points[name] * (name in right) for name in points},
        {name: said.get(name, "" if name in right else otherwise) for name in points},
    )


EXERCISES = sorted(path.name for path in (ROOT / "solutions").glob("*/"))
POINTS = {exercise: points_of(exercise) for exercise in EXERCISES}
DOCSTRINGS = {exercise: docstrings(exercise) for exercise in EXERCISES}
every_exercise = pytest.mark.parametrize("exercise", EXERCISES)
every_student = pytest.mark.parametrize(
    ("exercise", "student"), [(e, student) for e in EXERCISES for student in DOCSTRINGS[e]]
)


@pytest.fixture(scope="module")
def graded():
    """{exercise: {student: (points, reasons)}}, both by function, from the class's gradebook."""
    (ROOT / "_build").mkdir(exist_ok=True)
    with (ROOT / "_build" / "class.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the workers of pytest-xdist share the folder
        subprocess.run(["make", "class"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    with Gradebook(f"sqlite:///{CLASS / 'gradebook.db'}") as gradebook:
        return {
            exercise: {s.student_id: read(s) for s in gradebook.assignment_submissions(exercise)}
            for exercise in EXERCISES
        }


def read(submission):
    notebook = submission.notebooks[0]
    points = {g.name.removeprefix("test_"): g.score for g in notebook.grades}
    return points, {c.name: c.comment or "" for c in notebook.comments}


def test_students_are_of_exercises_and_one_class_has_every_slip():
    assert {path.name for path in STUDENTS.iterdir()} <= set(EXERCISES)
    assert all(points for points in POINTS.values())
    assert len(DOCSTRINGS["ch03_clm"]) >= 14


def test_what_is_expected_of_a_student():
    docstring = '"""Half done.\n\nright: clm_loss\nclm_loss: 2 times\ngenerate: no end\n"""'
    points, reasons = expected("ch03_clm", docstring)
    assert [name for name in points if points[name]] == ["clm_loss"]
    told = {name: reason for name, reason in reasons.items() if reason != BLANK}
    assert told == {"clm_loss": "2 times", "generate": "no end"}
    assert set(reasons) == set(POINTS["ch03_clm"])
    with pytest.raises(ValueError, match="got generation"):
        expected("ch03_clm", "generation: no end")


@every_exercise
def test_the_class_is_the_folder_of_students(graded, exercise):
    assert set(graded[exercise]) == set(DOCSTRINGS[exercise])


@every_student
def test_points(graded, exercise, student):
    assert graded[exercise][student][0] == expected(exercise, DOCSTRINGS[exercise][student])[0]


@every_student
def test_reasons(graded, exercise, student):
    said = graded[exercise][student][1]
    for name, reason in expected(exercise, DOCSTRINGS[exercise][student])[1].items():
        assert reason in said[name]
        assert bool(reason) == bool(said[name])


@every_exercise
def test_everyone_is_in_the_table_and_in_the_csv(graded, exercise):
    tables = (CLASS / "table.txt").read_text().split("\n\n")
    (table,) = [text.splitlines() for text in tables if text.startswith(f"{exercise}\n")]
    csv = (CLASS / "grades.csv").read_text()
    maximum = sum(POINTS[exercise].values())
    for student in DOCSTRINGS[exercise]:
        total = sum(graded[exercise][student][0].values())
        wanted = [student, f"{total:g}", "of", f"{maximum:g}"]
        assert any(line.split()[:4] == wanted for line in table)
        assert re.search(f"^{exercise},.*,{student},", csv, re.MULTILINE)


@every_exercise
def test_feedback_shows_checks_and_reasons_and_no_hidden_test(graded, exercise):
    pages = {page.parts[-3]: page for page in (CLASS / "feedback").glob(f"*/{exercise}/*.html")}
    docstrings = DOCSTRINGS[exercise]
    assert set(pages) == {name for name, doc in docstrings.items() if has_notebook(doc, exercise)}
    source = "\n".join(cell.source for cell in solution(exercise).cells)
    hidden, public = lines("\n".join(HIDDEN.findall(source))), lines(HIDDEN.sub("", source))
    for student, page in pages.items():
        text = html.unescape(re.sub("<[^>]*>", "", page.read_text()))
        assert all(f"check.{name}({name})" in text for name in POINTS[exercise])
        assert not re.search("HIDDEN TESTS|_hidden", text)
        own = text_of(exercise, student)  # may happen to have a line of a hidden test
        assert not [line for line in hidden - public if line in text and line not in own]
        for reason in expected(exercise, docstrings[student])[1].values():
            assert reason in text


def has_notebook(docstring, exercise):
    """Whether the student hands in a file that the grader looks for."""
    how = HANDED_IN.search(docstring)
    return how is None or how[1] in ("damaged", f"as {exercise}.ipynb")


def lines(text):
    """Lines that say enough to be told from any other."""
    return {line.strip() for line in text.splitlines() if len(line.strip()) > 20}
