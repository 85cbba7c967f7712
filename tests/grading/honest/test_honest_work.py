"""On honest work the scores are stock nbgrader's, cell by cell, however the class is graded.

`compare_with_stock.py` does the same with a class of any size.
"""

import json
from dataclasses import asdict

import pytest
from comparing import Cell, cells, grade_with_labtools, grade_with_stock, labtools_grade
from filelock import FileLock
from honest_class import EXERCISES, ROOT, honest_class
from nbgrader.api import Gradebook

EACH = 1  # stock nbgrader takes about ten seconds a submission
FIRST = 100  # not those that compare_with_stock.py begins with


@pytest.fixture(scope="session")
def graded(shared_dir):
    """list of Cell: a small class, graded by both."""
    path = shared_dir / "honest.json"
    with FileLock(shared_dir / "honest.lock"):
        if not path.exists():
            found = grade(shared_dir / "honest")
            path.write_text(json.dumps([asdict(cell) for cell in found]))
    return [Cell(**fields) for fields in json.loads(path.read_text())]


def grade(folder):
    submissions = [it for name in EXERCISES for it in honest_class(name, EACH, first=FIRST)]
    theirs = grade_with_stock(folder / "stock", submissions)
    return cells(submissions, theirs, grade_with_labtools(folder / "labtools", submissions))


@pytest.mark.parametrize("exercise", EXERCISES)
def test_every_score_is_that_of_stock(graded, exercise):
    found = [cell for cell in graded if cell.exercise == exercise]
    assert len(found) >= 5 * EACH
    assert [cell for cell in found if not cell.same] == []


@pytest.mark.parametrize("exercise", EXERCISES)
def test_every_score_is_that_for_which_the_answer_was_drawn(graded, exercise):
    assert [c for c in graded if c.exercise == exercise and not c.as_drawn] == []


def test_there_are_right_and_wrong_answers(graded):
    assert {bool(cell.stock) for cell in graded} == {True, False}


@pytest.fixture(scope="module")
def in_order(tmp_path_factory):
    """The folder of a class graded by one worker."""
    folder = tmp_path_factory.mktemp("in_order")
    grade_with_labtools(folder, work(), "--seed", "5", "--workers", "1")
    return folder


def work():
    return list(honest_class("ch02_attention_masks", 3))


def gradebook_of(folder):
    """All that the gradebook says: {student: ({cell: score}, {cell: comment})}."""
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        found = gradebook.assignment_submissions("ch02_attention_masks")
        notebooks = [(it.student_id, it.notebooks[0]) for it in found]
        return {
            student: (
                {grade.name: grade.score for grade in notebook.grades},
                {comment.name: comment.comment for comment in notebook.comments},
            )
            for student, notebook in notebooks
        }


def test_another_order_and_more_workers_give_the_same_gradebook(in_order, tmp_path):
    submissions = work()
    for it in submissions:
        it.write(tmp_path / "submitted")
    students = [it.student for it in submissions]
    for several in (students[2:], students[:2]):
        options = ("--student", *several, "--seed", "5", "--workers", "3")
        labtools_grade(tmp_path, "ch02_attention_masks", *options)
    assert gradebook_of(tmp_path) == gradebook_of(in_order)


def test_a_class_graded_again_has_the_same_gradebook(in_order):
    before = gradebook_of(in_order)
    labtools_grade(in_order, "ch02_attention_masks", "--regrade")
    assert gradebook_of(in_order) == before
    assert len(before) == 3


def test_the_course_is_left_as_it_was(in_order):
    for name in ("autograded", "feedback", "grades.csv"):
        assert (in_order / name).exists()
        assert not (ROOT / name).exists()
