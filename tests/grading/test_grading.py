"""The whole pipeline over a class full of slips."""

import csv
import html
import re

import nbformat
import pytest
from nbgrader.api import Gradebook
from sample_class import EXPECTED

# nothing was run for the others
GRADED = [student for student in EXPECTED if student not in ("no_notebook", "other_name")]


@pytest.fixture(scope="module")
def gradebook(graded):
    with Gradebook(f"sqlite:///{graded.out / 'gradebook.db'}") as gradebook:
        yield gradebook


def page(graded, student):
    return (graded.out / "feedback" / student / "ex" / "ex.html").read_text()


def test_the_grader_is_at_fault_for_nobody(graded):
    assert graded.status == 0, graded.stderr
    assert graded.stderr == ""


@pytest.mark.parametrize("student", EXPECTED)
def test_points(gradebook, student):
    notebook = gradebook.find_submission_notebook("ex", "ex", student)
    points = {grade.name: grade.score for grade in notebook.grades}
    assert points == {f"test_{name}": points for name, (points, _) in EXPECTED[student].items()}
    assert not notebook.needs_manual_grade


@pytest.mark.parametrize("student", EXPECTED)
def test_reasons(gradebook, student):
    notebook = gradebook.find_submission_notebook("ex", "ex", student)
    comments = {comment.name: comment.comment for comment in notebook.comments}
    for name, (_, reason) in EXPECTED[student].items():
        if reason is None:
            assert comments[name] is None
        else:
            assert reason in comments[name]
            assert "\n" not in comments[name]


@pytest.mark.parametrize("student", GRADED)
def test_feedback_hides_the_hidden_tests(graded, student):
    assert "secret_of" not in page(graded, student)
    assert "HIDDEN TESTS" not in page(graded, student)


def test_feedback_says_what_was_wrong(graded):
    assert "twice 2 is 4, got 3" in page(graded, "wrong")
    assert "a picture" in page(graded, "grade_cell_tagged_to_be_skipped")
    assert "not a readable notebook" in page(graded, "damaged")


def test_feedback_shows_a_reason_as_it_is(graded):
    text = page(graded, "markup_in_the_reason")
    assert "'<b>' and" not in text
    assert "for |: '<b>' and __x__" in html.unescape(text)


def test_feedback_needs_no_network(graded):
    fetched = re.findall(
        r"<(?:script|link|img|iframe)[^>]*http|url\(.?http|@import|import .* from",
        page(graded, "wrong"),
    )
    assert fetched == []


def test_helper_cells_stay_in_place(graded):
    nb = nbformat.read(graded.out / "autograded" / "helper" / "ex" / "ex.ipynb", as_version=4)
    sources = [cell.source for cell in nb.cells]
    helper = next(i for i, source in enumerate(sources) if "def total" in source)
    assert sources[helper + 1].startswith("def add")


def test_demonstrations_do_not_run(graded):
    nb = nbformat.read(graded.out / "autograded" / "right" / "ex" / "ex.ipynb", as_version=4)
    (demo,) = [cell for cell in nb.cells if "demo" in cell.metadata.get("tags", [])]
    assert demo.execution_count is None
    assert demo.outputs == []


def test_csv(graded):
    with open(graded.out / "grades.csv") as file:
        scores = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert scores == {
        student: sum(points for points, _ in expected.values())
        for student, expected in EXPECTED.items()
    }


def test_table(graded):
    lines = [line.split() for line in graded.stdout.splitlines()]
    assert ["student", "score", "add", "double"] in lines
    assert ["wrong", "2", "of", "5", "2/2", "0/3"] in lines
    assert ["double:", "twice", "2", "is", "4,", "got", "3"] in lines
    assert "blank" in graded.stdout
    assert "    not attempted" in graded.stdout.splitlines()


def test_the_release_is_left_alone(graded, shared_course):
    assert {path.name for path in shared_course.iterdir()} == {
        "solutions",
        "exercises",
        "nbgrader_config.py",
        "gradebook.db",  # from making the release
    }
