"""A gradebook and graded notebooks of a class of six, made without grading anything.

The assignment `ex` has `add` (2 points), `double` (3) and `halve` (5), in that order.
"""

import warnings
from pathlib import Path
from unittest import mock

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory

POINTS = {"add": 2, "double": 3, "halve": 5}
SHIFT = "“The shift” in the chapter “Sums” (sums.html#shift)"

ABSENT = "zoe"
CLASS = {
    # points of add, double, halve; reasons; what the grader told
    "ada": ([2, 3, 5], {}, {"usage": {"cpu_seconds": 1.5}}),
    "ben": ([2, 0, 5], {"double": "double: shifted by 2"}, {"diagnoses": {
        "double": {"mistake": "shift", "title": "shifted by 2", "section": SHIFT}}}),
    "cem": ([2, 0, 0], {"double": "double: shifted by 1", "halve": "not attempted"}, {
        "blank": ["halve"],
        "diagnoses": {"double": {"mistake": "shift", "title": "shifted by 1", "section": SHIFT}}}),
    "dia": ([0, 0, 0], dict.fromkeys(POINTS, "not attempted"), {"blank": [*POINTS]}),
    "eva": ([0, 3, 0], {"add": "=1+1: <b>", "halve": "Stopped: too much memory"}, {}),
    "fay": ([0, 0, 0], dict.fromkeys(POINTS, "No notebook was handed in."), None),
}  # fmt: skip


def make_class(folder):
    """Write the class into `folder`; returns nbgrader's CourseDirectory of it."""
    coursedir = CourseDirectory(root=str(folder))
    with (
        warnings.catch_warnings(action="ignore"),  # nbgrader's own, on every new submission
        mock.patch("nbgrader.api.get_alembic_version", return_value="any"),  # slow to ask
        Gradebook(coursedir.db_url) as gradebook,
    ):
        fill(gradebook)
    for student, (_, _, told) in CLASS.items():
        if told is not None:
            write_notebook(folder, student, told)
    return coursedir


def fill(gradebook):
    """Assignment, students and grades."""
    gradebook.add_assignment("ex")
    gradebook.add_notebook("ex", "ex")
    for name in ("halve", "add", "double"):  # the gradebook keeps no order
        points = {"max_score": POINTS[name], "cell_type": "code"}
        gradebook.add_grade_cell(f"test_{name}", "ex", "ex", **points)
        gradebook.add_solution_cell(name, "ex", "ex")
    gradebook.add_student(ABSENT, first_name="Zoe")
    gradebook.add_student("ada", first_name="Ada", last_name="Lovelace", lms_user_id="77")
    for student, (points, reasons, _) in CLASS.items():
        gradebook.update_or_create_student(student)
        (notebook,) = gradebook.add_submission("ex", student).notebooks
        given = dict(zip(POINTS, points, strict=True))
        for grade in notebook.grades:
            grade.auto_score = given[grade.name.removeprefix("test_")]
            grade.needs_manual_grade = False
        for comment in notebook.comments:
            comment.auto_comment = reasons.get(comment.name)
    gradebook.db.commit()


def write_notebook(folder, student, told):
    """A graded notebook with a cell for each answer and each check."""
    nb = new_notebook(metadata={"labtools": told})
    nb.cells = [
        new_code_cell(f"# {name}", metadata={"nbgrader": {"grade_id": name}})
        for function in POINTS
        for name in (function, f"test_{function}")
    ]
    path = Path(folder, "autograded", student, "ex", "ex.ipynb")
    path.parent.mkdir(parents=True)
    nbformat.write(nb, path)
