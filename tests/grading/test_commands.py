"""The command line, and nbgrader's own commands on the same course."""

import re
import shutil

import pytest
from conftest import run
from nbgrader.api import Gradebook
from sample_class import EXPECTED, hand_in

from labtools.grading.__main__ import main


def test_nbgrader_s_own_commands_give_the_same_grades(course, tmp_path):
    hand_in(course / "exercises" / "ex" / "ex.ipynb", tmp_path)
    for student in ("stderr", "damaged", "no_notebook", "other_name", "repeated_cell"):
        shutil.copytree(tmp_path / student, course / "submitted" / student)
    for step in ("autograde", "generate_feedback"):
        done = run(["nbgrader", step, "ex"], course)
        assert done.returncode == 0, done.stderr
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        submissions = gradebook.assignment_submissions("ex")
        scores = {submission.student.id: submission.score for submission in submissions}
        comment = gradebook.find_comment("add", "ex", "ex", "no_notebook").comment
    assert scores == {
        student: sum(points for points, _ in EXPECTED[student].values()) for student in scores
    }
    assert len(scores) == 5
    assert comment.startswith("No notebook was handed in")
    page = (course / "feedback" / "damaged" / "ex" / "ex.html").read_text()
    assert "not a readable notebook" in page
    assert "secret_of" not in page


def test_a_later_submission_counts(course, tmp_path):
    hand_in(course / "exercises" / "ex" / "ex.ipynb", tmp_path)
    before = {path.name: path.read_bytes() for path in (course / "exercises" / "ex").iterdir()}
    for student, score in (("blank", "0 of 5"), ("right", "5 of 5"), ("no_notebook", "0 of 5")):
        shutil.rmtree(course / "submitted", ignore_errors=True)
        shutil.copytree(tmp_path / student, course / "submitted" / "ada")
        done = run(["labtools.grading", "ex"], course)
        assert done.returncode == 0, done.stderr
        assert f"ada {score}" in " ".join(done.stdout.split())
    after = {path.name: path.read_bytes() for path in (course / "exercises" / "ex").iterdir()}
    assert before == after


def test_a_fault_of_the_grader_is_no_zero(course, tmp_path):
    hand_in(course / "exercises" / "ex" / "ex.ipynb", tmp_path)
    for student in ("right", "wrong"):
        shutil.copytree(tmp_path / student, course / "submitted" / student)
    (course / "submitted" / "right" / "ex" / "timestamp.txt").write_text("yesterday")
    done = run(["labtools.grading", "ex"], course)
    assert done.returncode == 1
    assert "no grade for right" in done.stderr
    assert "wrong 2 of 5" in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nix"], "no assignment 'nix' in .*solutions; there are: ex"),
        (["ex"], "no submissions: expected .*submitted/<student>/ex/ex.ipynb"),
        (["ex", "--submitted", "nowhere"], "no folder of submissions: nowhere is not there"),
    ],
)
def test_bad_arguments_are_named(shared_course, capsys, arguments, said):
    assert main(["--course", str(shared_course), *arguments]) == 2
    assert re.search(said, capsys.readouterr().err)


def test_no_course(tmp_path, capsys):
    assert main(["ex", "--course", str(tmp_path)]) == 2
    assert "nbgrader_config.py is not there" in capsys.readouterr().err
