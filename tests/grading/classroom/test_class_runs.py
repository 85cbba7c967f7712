"""Runs over a class on this machine, with the stand-in."""

import os
import re

import nbformat
import pytest
from classes import grade, hand_in, many, points, scores
from gradebook_dump import dump
from nbgrader.api import Gradebook
from sqlalchemy.exc import OperationalError
from stand_in import LOG, StandIn

from labtools.grading.classroom.gradebooks import Grades
from labtools.grading.classroom.jobs import Exercise
from labtools.grading.sandbox import SandboxMissing


@pytest.fixture
def url(course):
    """The gradebook."""
    return f"sqlite:///{course / 'gradebook.db'}"


@pytest.fixture
def log(tmp_path, monkeypatch):
    """Who was run: a function that tells, and forgets."""
    path = tmp_path / "log"
    monkeypatch.setenv(LOG, str(path))

    def read():
        names = [line.split()[0] for line in path.read_text().split("\n") if line]
        path.write_text("")
        return sorted(names)

    path.touch()
    return read


def test_a_class_is_graded_and_a_second_run_has_nothing_to_do(course, url, log, capsys):
    students = many(7)
    hand_in(course, students)
    assert grade(course) == 0
    assert scores(url) == points(students)
    assert log() == sorted(students)
    first = capsys.readouterr().out
    assert re.search(r"7 graded, mean 2\.\d of 5, median 2", first)
    assert re.search(r"double +5 +3 ", first)
    assert re.search(r"^ +2  .*twice 2 is 4, got 3", first, re.M)
    assert grade(course) == 0
    assert log() == []
    second = capsys.readouterr().out
    assert "7 had their grade already" in second
    assert table_of(first) == table_of(second)


def table_of(text):
    """The table of results in what a run prints."""
    return text.split("\n\n")[1]


def test_what_changes_is_graded_again(course, url, log):
    students = many(5)
    hand_in(course, students)
    assert grade(course) == 0
    log()
    hand_in(course, {"s001": "right"})
    assert grade(course) == 0
    assert log() == ["s001"]
    assert scores(url) == points({**students, "s001": "right"})
    (course / "feedback/s002/ex/ex.html").unlink()
    assert grade(course) == 0
    assert log() == ["s002"]
    assert grade(course, "--seed", 7) == 0
    assert log() == sorted(students)
    assert grade(course) == 0  # the seed is kept
    assert log() == []
    assert grade(course, "--student", "s003", "s004", "--regrade") == 0
    assert log() == ["s003", "s004"]


def test_a_changed_test_is_graded_again(course, url, log):
    hand_in(course, {"ada": "half", "bob": "right"})
    assert grade(course) == 0
    log()
    source = course / "solutions/ex/ex.ipynb"
    nb = nbformat.read(source, as_version=4)
    check = next(cell for cell in nb.cells if "twice 2 is 4" in cell.source)
    check.source = check.source.replace("!= 4", "!= 3").replace("double(7) ==", "1 or")
    nbformat.write(nb, source)
    assert grade(course) == 0
    assert log() == ["ada", "bob"]
    assert scores(url) == {"ada": 5, "bob": 2}


def test_the_order_and_the_number_of_threads_do_not_matter(course, url, tmp_path):
    students = many(6)
    hand_in(course, students)
    results = [tmp_path / "one", tmp_path / "other"]
    for out, workers, first in zip(results, (1, 4), ("s000", "s005"), strict=True):
        options = ["--output", out, "--workers", workers, "--seed", 3]
        assert grade(course, *options, "--student", first) == 0
        assert grade(course, *options) == 0
    one, other = (dump(f"sqlite:///{out / 'gradebook.db'}") for out in results)
    assert one == other
    assert (results[0] / "grades.csv").read_text() == (results[1] / "grades.csv").read_text()
    for name in ("autograded/s001/ex/ex.ipynb", "feedback/s001/ex/ex.html"):
        assert (results[0] / name).read_bytes() == (results[1] / name).read_bytes()


def test_a_fault_is_tried_twice_and_is_no_zero(course, url, log, capsys):
    hand_in(course, {"ada": "right", "bob-fault": "right"})
    assert grade(course) == 1
    said = capsys.readouterr()
    assert log() == ["ada", "bob-fault", "bob-fault"]
    assert scores(url) == {"ada": 5}
    assert "no grade for bob-fault: it is broken" in said.err
    assert grade(course) == 1  # and again in the next run
    assert log() == ["bob-fault", "bob-fault"]


def test_a_grade_that_cannot_be_written_is_a_fault_of_one(course, url, capsys, monkeypatch):
    hand_in(course, {"ada": "right", "bob": "right"})
    (course / "feedback" / "bob").mkdir(parents=True)
    (course / "feedback" / "bob" / "ex").write_text("in the way")
    assert grade(course) == 1
    assert "no grade for bob: FileExistsError" in capsys.readouterr().err
    assert scores(url) == {"ada": 5}


def test_without_a_sandbox_nothing_is_graded(course, capsys):
    class Missing(StandIn):
        def grade(self, task):
            raise SandboxMissing("bwrap is not installed; --unsafe grades without")

    hand_in(course, many(3))
    assert grade(course, grader=Missing) == 2
    assert "bwrap is not installed" in capsys.readouterr().err


@pytest.mark.parametrize("by", ["--unsafe", "LABTOOLS_UNSAFE"])
def test_unsafe_is_asked_for_and_told(course, capsys, monkeypatch, by):
    asked = []

    class Asked(StandIn):
        def __init__(self, limits, unsafe=False):
            asked.append((limits.cell_seconds, unsafe))

    hand_in(course, {"ada": "right"})
    if by.startswith("--"):
        assert grade(course, by, grader=Asked) == 0
    else:
        monkeypatch.setenv(by, "1")
        assert grade(course, grader=Asked) == 0
    assert asked == [(3, True)]  # seconds: the course's configuration
    assert "graded without a sandbox" in capsys.readouterr().err


def test_files_that_are_not_opened_get_0_and_a_reason(course, url, log, capsys):
    hand_in(course, dict.fromkeys(("ada", "link", "pipe", "large", "folder", "gone"), "right"))
    submitted = course / "submitted"
    for name in ("link", "pipe", "large", "folder", "gone"):
        (submitted / name / "ex" / "ex.ipynb").unlink()
    (submitted / "link" / "ex" / "ex.ipynb").symlink_to(submitted / "ada" / "ex" / "ex.ipynb")
    os.mkfifo(submitted / "pipe" / "ex" / "ex.ipynb")
    with (submitted / "large" / "ex" / "ex.ipynb").open("wb") as file:
        file.truncate(10_000_001)
    (submitted / "folder" / "ex" / "ex.ipynb").mkdir()
    (submitted / "gone" / "ex" / "re\x1b[2Jport.pdf").touch()
    (submitted / "whole").mkdir()
    (submitted / "whole" / "ex").symlink_to(submitted / "ada" / "ex")
    for _ in range(2):
        assert grade(course) == 0
        assert scores(url) == {"ada": 5} | dict.fromkeys(
            ("link", "pipe", "large", "folder", "gone", "whole"), 0
        )
    assert log() == ["ada"]
    said = capsys.readouterr().out
    for reason in (
        "ex.ipynb is a link to another file",
        "ex.ipynb is not a file",
        "ex.ipynb has 10 MB",
        "The folder handed in is a link",
        "only re\N{REPLACEMENT CHARACTER}[2Jport.pdf",
    ):
        assert reason in said
    assert "\x1b" not in said


def test_a_submission_that_becomes_unreadable_loses_its_old_grade(course, url, log):
    hand_in(course, {"ada": "right"})
    assert grade(course) == 0
    notebook = course / "submitted/ada/ex/ex.ipynb"
    notebook.rename(notebook.with_name("other.ipynb"))
    assert grade(course) == 0
    assert scores(url) == {"ada": 0}
    assert not list(course.glob("*/ada/ex/ex.*"))
    notebook.with_name("other.ipynb").rename(notebook)
    assert grade(course) == 0
    assert scores(url) == {"ada": 5}


def test_a_dry_run_changes_nothing(course, log, capsys):
    hand_in(course, {"ada": "right", "bob": "half"})
    before = sorted(course.rglob("*"))
    assert grade(course, "--dry-run") == 0
    assert capsys.readouterr().out == "ex\n  ada: would be graded\n  bob: would be graded\n"
    assert [path for path in sorted(course.rglob("*")) if path.suffix != ".lock"] == before
    assert grade(course) == 0
    hand_in(course, {"bob": "right"})
    (course / "submitted/cleo/ex").mkdir(parents=True)
    capsys.readouterr()
    books = course / "gradebook.db"
    before = books.read_bytes()
    assert grade(course, "--dry-run") == 0
    assert capsys.readouterr().out == (
        "ex\n  ada: has its grade\n  bob: would be graded\n"
        "  cleo: would get 0: No notebook was handed in. Hand in ex.ipynb.\n"
    )
    assert grade(course, "--dry-run", "--regrade", "--student", "ada") == 0
    assert capsys.readouterr().out == "ex\n  ada: would be graded again\n"
    assert books.read_bytes() == before
    assert log() == ["ada", "bob"]


def test_an_unknown_student_is_named(course, capsys):
    hand_in(course, {"ada": "right"})
    assert grade(course, "--student", "ada", "eve") == 2
    assert "no submission of eve for ex" in capsys.readouterr().err


def test_a_folder_that_cannot_be_made(course, capsys):
    hand_in(course, {"ada": "right"})
    (course / "taken").touch()
    assert grade(course, "--output", course / "taken") == 2
    assert "nothing can be written to" in capsys.readouterr().err


def test_a_gradebook_that_goes_away_stops_the_run(course, capsys, monkeypatch):
    def gone(*args):
        raise OperationalError("select", {}, Exception("disk I/O error"))

    hand_in(course, many(3))
    monkeypatch.setattr(Grades, "result", gone)
    assert grade(course) == 1
    assert "the gradebook cannot be read or written" in capsys.readouterr().err


def test_a_reader_that_goes_away_ends_the_run(course, url, monkeypatch, capsys):
    hand_in(course, many(3))
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w") as unread, monkeypatch.context() as patch:
        patch.setattr("sys.stdout", unread)
        assert grade(course) == 141
    assert capsys.readouterr().err == ""
    assert grade(course) == 0
    assert scores(url) == points(many(3))


def test_a_late_submission_has_the_same_score_everywhere(course, url, capsys):
    with (course / "nbgrader_config.py").open("a") as config:
        config.write('c.LateSubmissionPlugin.penalty_method = "zero"\n')
    hand_in(course, {"ada": "right"})
    assert grade(course) == 0
    with Gradebook(url) as gradebook:
        gradebook.update_or_create_assignment("ex", duedate="2001-01-01 00:00:00 UTC")
    capsys.readouterr()
    assert grade(course, "--regrade") == 0
    said = capsys.readouterr().out
    assert re.search(r"1/1 +ex +ada +0 of 5 ", said)
    assert re.search(r"^ada +0 of 5 .*\n    late: 5 taken off$", said, re.M)
    assert "mean 0.0 of 5" in said


def test_reports(course, capsys):
    hand_in(course, many(3))
    assert grade(course, "--report", "html", "--report", "json") == 0
    assert (course / "report-ex.html").read_text().startswith("<!")
    assert (course / "report-ex.json").read_text().startswith("{")
    assert "report-ex.html" in capsys.readouterr().out


def test_an_interrupted_run_goes_on(course, url, log, monkeypatch, capsys):
    students = many(8)
    hand_in(course, students)
    seen = []

    def interrupt(display, assignment, student, verdict, **kwargs):
        seen.append(student)
        if len(seen) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr("labtools.grading.classroom.progress.Lines.graded", interrupt)
    assert grade(course) == 130
    done = set(scores(url))
    assert 3 <= len(done) < 8
    monkeypatch.undo()
    assert grade(course) == 0
    assert scores(url) == points(students)
    assert f"{len(done)} had their grade already" in capsys.readouterr().out


def test_few_jobs_are_in_memory_at_once(course, monkeypatch):
    hand_in(course, many(12))
    read, held, jobs = [], [], Exercise.jobs

    def counted(self, *args):
        read.append(args)
        return jobs(self, *args)

    def graded(display, *args, **kwargs):
        held.append(len(read) - len(held))

    monkeypatch.setattr(Exercise, "jobs", counted)
    monkeypatch.setattr("labtools.grading.classroom.progress.Lines.graded", graded)
    assert grade(course, "--workers", 1) == 0
    assert len(held) == 12
    assert max(held) <= 4
