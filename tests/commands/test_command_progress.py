"""`labtools progress`: a row for each exercise."""

import json

import pytest
from small_exercise import RIGHT, answered, course, handed_out, save

from labtools.commands import main, releases


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The folder of a course with two exercises, in which the command is called."""
    release = course(tmp_path)
    save(json.loads(release.read_text()), tmp_path / "exercises" / "more" / "more.ipynb")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path


def rows(capsys):
    """The rows that were printed, by exercise, white space as one blank."""
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == "exercise functions points bugs next"
    return dict(line.replace("in all", "in-all").split(" ", 1) for line in lines[1:])


def test_a_row_for_each_exercise_and_one_for_all(here, capsys):
    save(answered(**RIGHT), here / "mywork" / "sums" / "sums.ipynb")
    wrong = answered(add="def add(a, b):\n    return a - b", twice=RIGHT["twice"])
    save(wrong, here / "mywork" / "more" / "more.ipynb")
    assert main(["progress"]) == 0
    assert rows(capsys) == {
        "more": "1 of 2 3/5 0/1 add: it subtracts",
        "sums": "2 of 2 5/5 1/1 all done",
        "in-all": "3 of 4 8/10 1/2",
    }


def test_what_carries_points_comes_next(here, capsys):
    save(answered(add=RIGHT["add"]), here / "mywork" / "sums.ipynb")
    assert main(["progress", "mywork"]) == 0
    assert rows(capsys)["sums"] == "1 of 2 2/5 0/1 twice"


def test_what_is_not_there_or_cannot_be_read(here, capsys):
    (here / "mywork").mkdir()
    (here / "mywork" / "sums.ipynb").write_text(json.dumps(handed_out())[:200])
    save(handed_out(), here / "mywork" / "sums-Copy1.ipynb")  # no second row
    assert main(["progress"]) == 0
    table = rows(capsys)
    assert table["more"] == "there is no notebook"
    assert table["sums"].startswith("not a notebook: damaged or cut off at line 1")
    assert set(table) == {"more", "sums"}


def test_the_exercises_themselves_if_there_are_no_copies(here, capsys):
    assert main(["progress"]) == 0
    assert rows(capsys)["in-all"] == "0 of 4 0/10 0/2"


def test_without_releases_the_notebooks_that_are_there(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(releases, "HERE", tmp_path)
    save(answered(**RIGHT), tmp_path / "mine" / "sums.ipynb")
    assert main(["progress", "mine"]) == 0
    assert rows(capsys)["sums"] == "2 of 2 5/5 1/1 all done"


def test_no_folder(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["progress"]) == 2
    assert "no folder mywork and no folder exercises here" in capsys.readouterr().err
    assert main(["progress", "mine"]) == 2
    assert "no folder mine here" in capsys.readouterr().err
    (tmp_path / "mine").mkdir()
    monkeypatch.setattr(releases, "HERE", tmp_path)
    assert main(["progress", "mine"]) == 2
    assert "mine: no notebooks of exercises in it" in capsys.readouterr().err
