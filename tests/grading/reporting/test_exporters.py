"""CSV files for learning platforms, made from a gradebook."""

import csv
import shutil

import pytest
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from small_class import CLASS, make_class

from labtools.grading.exporters import CanvasExportPlugin, MoodleExportPlugin


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    return make_class(tmp_path_factory.mktemp("class")).root


@pytest.fixture
def gradebook(shared, tmp_path):
    folder = shutil.copytree(shared, tmp_path / "class")
    with Gradebook(CourseDirectory(root=str(folder)).db_url) as gradebook:
        yield gradebook


def exported(plugin, gradebook, folder, **options):
    """The lines as dicts, by the first column."""
    path = folder / "out.csv"
    plugin(to=str(path), **options).export(gradebook)
    with path.open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    return {next(iter(line.values())): line for line in lines}


def test_canvas(gradebook, tmp_path):
    lines = exported(CanvasExportPlugin, gradebook, tmp_path)
    ada = {"Student": "Lovelace, Ada", "ID": "77", "SIS User ID": "", "SIS Login ID": "ada",
           "Section": "", "ex": "10"}  # fmt: skip
    assert lines["Lovelace, Ada"] == ada
    assert lines["    Points Possible"]["ex"] == "10"
    assert {name: lines[name]["ex"] for name in lines if name in CLASS} == {
        name: str(sum(points)) for name, (points, _, _) in CLASS.items() if name != "ada"
    }
    assert lines["Zoe"]["ex"] == ""  # nothing handed in: Canvas leaves its own alone


def test_canvas_by_another_column(gradebook, tmp_path):
    lines = exported(CanvasExportPlugin, gradebook, tmp_path, login_column="SIS User ID")
    assert (lines["ben"]["SIS User ID"], lines["ben"]["SIS Login ID"]) == ("ben", "")
    by_id = exported(CanvasExportPlugin, gradebook, tmp_path, login_column="ID")
    assert (by_id["Lovelace, Ada"]["ID"], by_id["ben"]["ID"]) == ("77", "ben")
    with pytest.raises(ValueError, match=r"login_column: expected one of .*, got 'Name'"):
        exported(CanvasExportPlugin, gradebook, tmp_path, login_column="Name")


def test_moodle(gradebook, tmp_path):
    lines = exported(MoodleExportPlugin, gradebook, tmp_path)
    assert lines["ada"]["First name"] == "Ada"
    assert (lines["ada"]["ex"], lines["ada"]["ex (feedback)"]) == ("10", "")
    assert lines["cem"]["ex (feedback)"].splitlines() == ["double: shifted by 1", "not attempted"]
    assert lines["dia"]["ex (feedback)"] == "not attempted"  # said once, not three times
    assert lines["zoe"]["ex"] == ""


def test_a_spreadsheet_computes_no_feedback(gradebook, tmp_path):
    for grade in gradebook.find_submission("ex", "eva").notebooks[0].comments:
        grade.auto_comment = "=HYPERLINK(1)"
    gradebook.db.commit()
    lines = exported(MoodleExportPlugin, gradebook, tmp_path)
    assert lines["eva"]["ex (feedback)"] == "'=HYPERLINK(1)"


def test_a_penalty_is_taken_off_and_a_person_s_points_count(gradebook, tmp_path):
    notebook = gradebook.find_submission_notebook("ex", "ex", "ada")
    notebook.late_submission_penalty = 1.5
    gradebook.find_grade("test_add", "ex", "ex", "ada").manual_score = 1
    gradebook.db.commit()
    assert exported(CanvasExportPlugin, gradebook, tmp_path)["Lovelace, Ada"]["ex"] == "7.5"


def test_only_those_asked_for(gradebook, tmp_path):
    assert list(exported(MoodleExportPlugin, gradebook, tmp_path, student=["ben"])) == ["ben"]
    lines = exported(MoodleExportPlugin, gradebook, tmp_path, assignment=["other"])
    assert "ex" not in lines["ben"]


def test_the_default_file(gradebook, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for plugin, name in ((CanvasExportPlugin, "canvas.csv"), (MoodleExportPlugin, "moodle.csv")):
        plugin().export(gradebook)
        assert (tmp_path / name).exists()
