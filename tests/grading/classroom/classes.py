"""Classes of the tiny course, graded with the stand-in."""

from unittest import mock

import nbformat
from build_class import fill
from nbgrader.api import Gradebook
from stand_in import StandIn

from labtools.commands import main
from labtools.grading.classroom import working

ADD = "def add(a, b):\n    return a + b"
DOUBLE = "def double(a):\n    return 2 * a"
WRONG = "def double(a):\n    return a + 1"
KINDS = {
    "right": {"add": ADD, "double": DOUBLE},
    "half": {"add": ADD, "double": WRONG},
    "blank": {},
}
POINTS = {"right": 5, "half": 2, "blank": 0}


def hand_in(course, students, folder="submitted", assignment="ex"):
    """Write the submissions of `students`, dict of name to kind."""
    release = nbformat.read(course / "exercises" / "ex" / "ex.ipynb", as_version=4)
    for student, kind in students.items():
        path = course / folder / student / assignment
        path.mkdir(parents=True, exist_ok=True)
        nbformat.write(fill(release, KINDS[kind]), path / f"{assignment}.ipynb")


def many(number):
    """So many students, of all kinds."""
    kinds = list(KINDS)
    return {f"s{index:03}": kinds[index % len(kinds)] for index in range(number)}


def points(students):
    """What they must get."""
    return {student: POINTS[kind] for student, kind in students.items()}


def scores(url, assignment="ex"):
    """What the gradebook has."""
    with Gradebook(url) as gradebook:
        return {it.student.id: it.score for it in gradebook.assignment_submissions(assignment)}


def grade(course, *arguments, grader=StandIn):
    """The exit status of `labtools grade` in this process."""
    words = ["grade", "ex", "--course", course, *arguments]
    with mock.patch.object(working, "Grader", grader):
        try:
            return main(list(map(str, words)))
        finally:
            working.close()
