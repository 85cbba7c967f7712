"""The command line, and nbgrader's own commands on the same course."""

import datetime
import re
import shutil

import pytest
from conftest import run
from gradebook_dump import dump
from sample_class import EXPECTED, hand_in

from labtools.commands import main

STUDENTS = (
    "right", "wrong", "blank", "stderr", "damaged", "no_notebook", "other_name", "repeated_cell",
    "helper", "syntax_error",
)  # fmt: skip


def test_nbgrader_s_own_commands_give_the_same_gradebook(course, tmp_path):
    hand_in(course / "exercises" / "ex" / "ex.ipynb", tmp_path)
    submitted = course / "submitted"
    for student in STUDENTS:
        shutil.copytree(tmp_path / student, submitted / student)
    (submitted / "right" / "ex" / "timestamp.txt").write_text("2001-01-01 00:00:00 UTC")
    (submitted / "wrong" / "ex" / "timestamp.txt").write_text("yesterday")
    (submitted / "link" / "ex").mkdir(parents=True)
    (submitted / "link" / "ex" / "ex.ipynb").symlink_to(course / "solutions" / "ex" / "ex.ipynb")
    (submitted / "blank" / "ex" / "secret.txt").symlink_to("/etc/passwd")
    for step in ("autograde", "generate_feedback"):
        done = run(["nbgrader", step, "ex"], course)
        assert done.returncode == 0, done.stderr
    done = run(["labtools.grading", "ex", "--output", tmp_path / "out"], course)
    assert done.returncode == 0, done.stderr

    stock = dump(f"sqlite:///{course / 'gradebook.db'}")
    assert stock == dump(f"sqlite:///{tmp_path / 'out' / 'gradebook.db'}")
    rows = {row[0]: row for row in stock}
    for student in STUDENTS:
        assert rows[student][2] == sum(points for points, _ in EXPECTED[student].values())
    assert rows["link"][2] == 0
    assert any("is a link to another file" in comment for _, comment, _ in rows["link"][-1])
    now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
    assert now - rows["right"][1] < datetime.timedelta(hours=1)
    for where in (course, tmp_path / "out"):
        assert not list(where.glob("[!s]*/blank/ex/secret.txt"))  # but in submitted/
        page = (where / "feedback" / "damaged" / "ex" / "ex.html").read_text()
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


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nix"], "no assignment 'nix' in .*solutions; there are: ex"),
        (["ex"], "no submissions: expected .*submitted/<student>/ex/ex.ipynb"),
        (["ex", "--submitted", "nowhere"], "no folder of submissions: nowhere is not there"),
    ],
)
def test_bad_arguments_are_named(shared_course, quick, capsys, arguments, said):
    assert main(["grade", "--course", str(shared_course), *arguments]) == 2
    assert re.search(said, capsys.readouterr().err)


def test_no_course(tmp_path, capsys):
    assert main(["grade", "ex", "--course", str(tmp_path)]) == 2
    assert "nbgrader_config.py is not there" in capsys.readouterr().err
