"""The slips after which stock nbgrader's score is another than ours: all of them are here.

What we give, and why, stands beside each slip in sample_class.py, and test_grading.py holds us to
it. Here stock nbgrader grades the same submissions. Two are left out: it takes a minute to give up
`ignored_interrupt`, and whether `kernel_left` gets full marks or no grade is chance.
"""

import json
from pathlib import Path

import nbformat
import pytest
import stock
from filelock import FileLock
from sample_class import EXPECTED, hand_in

NO_GRADE = {"add": None, "double": None}

# what stock nbgrader gives for add (of 2) and double (of 3)
WRONG = {
    "stderr": {"add": 0, "double": 3},  # a byte on stderr is an error
    "number_as_last_expression": {"add": 0.5, "double": 3},  # what is displayed is the score
    "answer_in_a_cell_of_its_own": {"add": 0, "double": 3},  # the stub below it is run
    "repeated_cell": NO_GRADE,  # taken for an old format
    "repeated_cell_as_helper": NO_GRADE,
    "unknown_schema": NO_GRADE,
    "damaged": NO_GRADE,
    "other_name": NO_GRADE,
    "no_notebook": {},  # not even a record of the student
    "kernel_killed": NO_GRADE,
    "grade_cell_deleted": {"add": None, "double": 3},
    "grade_cell_tagged_to_be_skipped": {"add": 2, "double": 3},
}
AS_OURS = ("right", "grade_cell_edited")
STOPS_THE_BATCH = {"repeated_cell", "repeated_cell_as_helper", "unknown_schema"}


@pytest.fixture(scope="session")
def stock_graded(shared_dir, shared_course):
    """The last line of stock nbgrader's error by student, and the scores by student."""
    folder = shared_dir / "stock"
    with FileLock(shared_dir / "stock.lock"):
        if not folder.exists():
            errors = grade(folder, shared_course)
            (folder / "errors.json").write_text(json.dumps(errors))
    errors = json.loads((folder / "errors.json").read_text())
    return errors, stock.scores(f"sqlite:///{folder / 'gradebook.db'}")["ex"]


def grade(folder: Path, course: Path):
    """The sample class, every student alone."""
    (folder / "source" / "ex").mkdir(parents=True)
    limits = "c.Execute.timeout = 3\nc.Execute.iopub_timeout = 2\n"
    (folder / "nbgrader_config.py").write_text(stock.CONFIG + limits)
    nb = nbformat.read(course / "solutions" / "ex" / "ex.ipynb", as_version=4)
    nbformat.write(nb, folder / "source" / "ex" / "ex.ipynb")
    stock.call(folder, ("generate_assignment", "ex"))
    hand_in(folder / "release" / "ex" / "ex.ipynb", folder / "submitted")
    students = [*WRONG, *AS_OURS]
    errors = stock.call(folder, *(("autograde", "ex", student) for student in students))
    return dict(zip(students, errors, strict=True))


@pytest.mark.parametrize("student", [*WRONG, *AS_OURS])
def test_scores(stock_graded, student):
    ours = {name: points for name, (points, _) in EXPECTED[student].items()}
    scores = stock_graded[1].get(student, {})
    theirs = {cell.removeprefix("test_"): points for cell, points in scores.items()}
    assert theirs == WRONG.get(student, ours)


@pytest.mark.parametrize("student", WRONG)
def test_only_what_differs_is_listed(student):
    assert WRONG[student] != {name: points for name, (points, _) in EXPECTED[student].items()}


@pytest.mark.parametrize("student", sorted(STOPS_THE_BATCH))
def test_nobody_is_graded_beside_one_of_these(stock_graded, student):
    """`nbgrader autograde` ends there and then, and names nobody."""
    error = stock_graded[0][student]
    assert error is not None
    assert student not in error
