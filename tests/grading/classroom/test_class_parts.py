"""Parts of a run, one by one."""

import csv
import datetime
import io
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from classes import grade, hand_in
from nbgrader.api import Gradebook
from nbgrader.plugins import CsvExportPlugin
from rich.console import Console
from traitlets.config import Config

from labtools.grading.classroom import summary, working
from labtools.grading.classroom.course import GradingError, limits_of
from labtools.grading.classroom.csv_file import write_csv
from labtools.grading.classroom.grading import Graded
from labtools.grading.classroom.jobs import encoded, fingerprint
from labtools.grading.classroom.progress import Bar, Lines
from labtools.grading.classroom.summary import COLD_RUN, UNSAFE_RUN, class_lines, tell
from labtools.grading.execute import limits_of as limits_of_execute
from labtools.grading.limits import Limits
from labtools.grading.preflight import Preflight, Refused
from labtools.grading.reporting import Answer, Question, Results, Student


@pytest.mark.parametrize(
    "execute", [{}, {"timeout": 7}, {"memory": 300, "limits": {"processes": 9}, "seed": 3}]
)
def test_limits_are_those_of_nbgrader_s_commands(execute):
    config = Config({"Execute": execute})
    assert limits_of(config) == limits_of_execute(config)


@pytest.mark.parametrize("limits", [{"procesess": 9}, {"processes": 0}])
def test_a_limit_that_is_none_is_named(limits):
    with pytest.raises(GradingError, match="proce"):
        limits_of(Config({"Execute": {"limits": limits}}))


def test_what_a_worker_imports_is_light():
    code = "import sys, labtools.grading.classroom.scheduling as _; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "IPython", "nbgrader", "nbformat"} & set(done.stdout.split())


def test_the_configuration_is_light_but_for_nbgrader():
    code = """if True:
        import sys
        from pathlib import Path
        from labtools.grading.classroom.course import Class, load_config
        load_config(Class(Path(sys.argv[1])))
        print("nbgrader" in sys.modules)
        from nbgrader.apps import NbGraderAPI
        load_config(Class(Path(sys.argv[1])))
        print(NbGraderAPI.get_submitted_timestamp.__name__)
    """
    command = [sys.executable, "-c", code, Path(__file__).parents[3]]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "time_of_receipt"]


def test_a_worker_with_another_version_is_refused(monkeypatch):
    setting = working.setting(Limits(), unsafe=True)
    monkeypatch.setattr(working, "version", lambda: "other")
    with pytest.raises(working.OtherVersion, match="another version of labtools or torch"):
        working.perform(setting, b"")


def test_a_fingerprint_changes_with_every_part():
    parts = [b"one", b"two"]
    others = [[b"onet", b"wo"], [b"two", b"one"], [b"one"], [b"one", b"two", b""]]
    assert len({fingerprint(each) for each in [parts, *others]}) == 5
    assert fingerprint([encoded({"a": 1, "b": 2})]) == fingerprint([encoded({"b": 2, "a": 1})])


class TestPreflight:
    def test_a_file_is_read(self, tmp_path):
        (tmp_path / "a").write_bytes(b"12345")
        assert Preflight(max_mb=5e-6).read(tmp_path / "a") == b"12345"

    @pytest.mark.parametrize(
        ("make", "why"),
        [
            (lambda path: path.symlink_to("/etc/passwd"), "a is a link to another file"),
            (os.mkfifo, "a is not a file"),
            (lambda path: path.mkdir(), "a is not a file"),
            (lambda path: path.write_bytes(b"123456"), "a has 0 MB"),
            (lambda path: None, r"a cannot be opened \(No such file or directory\)"),
        ],
    )
    def test_what_is_not_opened(self, tmp_path, make, why):
        make(tmp_path / "a")
        with pytest.raises(Refused, match=why):
            Preflight(max_mb=5e-6).read(tmp_path / "a")

    @pytest.mark.parametrize(
        ("received", "stamp", "year"),
        [
            ("file", "2001-02-03 04:05:06 UTC", 2024),
            ("timestamp.txt", "2001-02-03 04:05:06 UTC", 2001),
            ("timestamp.txt", "yesterday", 2024),
            ("timestamp.txt", "\x00" * 1000, 2024),
            ("timestamp.txt", None, 2024),
        ],
    )
    def test_when_it_came(self, tmp_path, received, stamp, year):
        seconds = datetime.datetime(2024, 5, 6, tzinfo=datetime.UTC).timestamp()
        (tmp_path / "a.ipynb").touch()
        os.utime(tmp_path / "a.ipynb", (seconds, seconds))
        if stamp:
            (tmp_path / "timestamp.txt").write_text(stamp)
        time = Preflight(received=received).time_of(tmp_path)
        assert (time.year, time.tzinfo) == (year, None)

    def test_nothing_came(self, tmp_path):
        assert Preflight().time_of(tmp_path) is None

    def test_a_folder_that_we_may_not_look_into(self, tmp_path, monkeypatch):
        (tmp_path / "a.ipynb").touch()
        monkeypatch.setattr(Path, "lstat", forbidden)
        assert Preflight().time_of(tmp_path) is None


def forbidden(path):
    """What the system says to who is not root."""
    raise PermissionError(13, "Permission denied")


def test_the_csv_is_nbgrader_s(course, tmp_path):
    hand_in(course, {"bob": "half", "ada": "right"})
    assert grade(course) == 0
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        gradebook.update_or_create_student("cleo", last_name="Curie")
        gradebook.update_or_create_assignment("ex", duedate="2026-01-01 00:00 UTC")
        gradebook.find_submission_notebook("ex", "ex", "bob").late_submission_penalty = 0.5
        gradebook.db.commit()
        plugin = CsvExportPlugin()
        plugin.to = str(tmp_path / "stock.csv")
        plugin.export(gradebook)
        write_csv(gradebook, tmp_path / "ours.csv")
        gradebook.update_or_create_student("=1+1", first_name='a "quoted", name')
        write_csv(gradebook, tmp_path / "odd.csv")
    stock, ours = ((tmp_path / name).read_text() for name in ("stock.csv", "ours.csv"))
    assert sorted(stock.splitlines()) == sorted(ours.splitlines())
    with (tmp_path / "odd.csv").open() as file:
        first = next(csv.DictReader(file))
    assert (first["student_id"], first["first_name"]) == ("'=1+1", 'a "quoted", name')


def test_lines_of_progress(capsys):
    with Lines() as lines:
        lines.begin("ch03_clm", 2)
        lines.graded("ch03_clm", "ada\x1b[2J", "5 of 5")
        lines.graded("ch03_clm", "bob", "no grade", failed=True)
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("   1/2    ch03_clm  ada\N{REPLACEMENT CHARACTER}[2J")
    assert said[1].split()[:5] == ["2/2", "ch03_clm", "bob", "no", "grade"]


def test_a_bar_of_progress():
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    with Bar(console) as bar:
        bar.begin("ch03_clm", 3)
        bar.graded("ch03_clm", "ada", "5 of 5")
        bar.graded("ch03_clm", "[bold]bob", "no grade", failed=True)
        bar.refresh()
        said = console.file.getvalue()
    assert "ch03_clm" in said
    assert "2/3" in said
    assert "1 failed" in said
    assert "[bold]bob: no grade" in said
    assert "a minute" in said


def student(number, points, **words):
    return Student(f"s{number}", answers={"f": Answer(points, **words)})


def test_the_class_in_a_few_lines():
    wrong = {"mistake": "shift", "title": "nothing is shifted", "section": "Targets"}
    students = [student(0, 4), student(1, 0, **wrong), student(2, 0, **wrong), student(3, 1)]
    lines = list(class_lines(Results("ex", (Question("f", 4),), tuple(students))))
    assert lines[0] == "4 graded, mean 1.2 of 4, median 0.5"
    assert any(line.split() == ["f", "4", "1", "31%"] for line in lines)
    assert "   2  nothing is shifted (see Targets)" in lines
    assert not any("broken" in line for line in lines)


def test_a_broken_question_and_nobody():
    students = tuple(student(number, 0) for number in range(5))
    lines = list(class_lines(Results("ex", (Question("f", 4),), students)))
    assert any("the question seems to be broken" in line for line in lines)
    assert list(class_lines(Results("ex", (Question("f", 4),), ()))) == ["nobody has a grade"]


def test_what_is_not_as_it_should_be_is_said_once_for_all_assignments(monkeypatch, capsys):
    results = Results("", (), (), unsafe=True, cold=True)
    monkeypatch.setattr(summary, "tell_results", lambda *args: results)
    why = "the scheduler went away"
    done = [
        Graded(SimpleNamespace(assignment_id="ex"), {"ada": "it broke"}, 0, None),
        Graded(SimpleNamespace(assignment_id="ey"), {"ada": "it broke"}, 0, why),
    ]
    assert tell(None, done, [], unsafe=False) == 1
    assert capsys.readouterr().err.splitlines() == [
        f"labtools grade: {text}"
        for text in (
            "ex: no grade for ada: it broke",
            "ey: no grade for ada: it broke",
            f"{why}; what is done is kept, and the same command goes on from there",
            UNSAFE_RUN,
            COLD_RUN,
        )
    ]


def test_an_exercise_without_questions():
    results = Results("ex", (), (Student("ada"),))
    assert next(class_lines(results)) == "1 graded, mean 0.0 of 0, median 0"
    assert len(list(class_lines(results))) == 3
