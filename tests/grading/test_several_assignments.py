"""A class has one gradebook for all its assignments, and each can be graded anew."""

import csv
import shutil

import nbformat
from build_class import fill, forget
from nbgrader.api import Gradebook
from sample_class import RIGHT, find

from labtools.commands import main


def hand_in(course, name, answers):
    """Ada's work on the assignment `name`."""
    release = nbformat.read(course / "exercises" / "ex" / "ex.ipynb", as_version=4)
    folder = course / "class" / "submitted" / "ada" / name
    folder.mkdir(parents=True)
    nbformat.write(fill(release, answers), folder / f"{name}.ipynb")


def grade(course, *names):
    where = ["--submitted", str(course / "class/submitted"), "--output", str(course / "class")]
    return main(["grade", "--course", str(course), *where, *names])


def there(klass):
    """The points in the gradebook, those in the CSV, and the pages of feedback."""
    with Gradebook(f"sqlite:///{klass / 'gradebook.db'}") as gradebook:
        scores = {it.name: [s.score for s in it.submissions] for it in gradebook.assignments}
    with open(klass / "grades.csv") as file:
        table = {row["assignment"]: [float(row["score"])] for row in csv.DictReader(file)}
    return scores, table, {page.stem for page in (klass / "feedback").glob("ada/*/*.html")}


def test_a_second_assignment_leaves_the_first_which_can_be_graded_anew(course):
    klass, source = course / "class", course / "solutions"
    (source / "ey").mkdir()
    shutil.copy(source / "ex" / "ex.ipynb", source / "ey" / "ey.ipynb")
    for name, answers in (("ex", RIGHT), ("ey", {})):
        hand_in(course, name, answers)
        assert grade(course, name) == 0
    points = {"ex": [5], "ey": [0]}
    assert there(klass) == (points, points, {"ex", "ey"})

    nb = nbformat.read(source / "ex" / "ex.ipynb", as_version=4)
    nb.cells.remove(find(nb, "test_double"))  # nbgrader refuses while there are grades for it
    nbformat.write(nb, source / "ex" / "ex.ipynb")
    forget("ex", klass)
    assert there(klass)[::2] == ({"ey": [0]}, {"ey"})
    assert [path.name for path in (klass / "submitted" / "ada").iterdir()] == ["ey"]
    hand_in(course, "ex", RIGHT)
    assert grade(course, "ex") == 0
    points = {"ex": [2], "ey": [0]}
    assert there(klass) == (points, points, {"ex", "ey"})


def test_several_in_one_run_and_one_that_cannot_be_graded(course, capsys):
    source = course / "solutions"
    (source / "ey").mkdir()
    shutil.copy(source / "ex" / "ex.ipynb", source / "ey" / "ey.ipynb")
    for name, answers in (("ex", RIGHT), ("ey", {})):
        hand_in(course, name, answers)
    assert grade(course, "ex", "nix", "ey", "nix", "ex") == 2
    points = {"ex": [5], "ey": [0]}
    assert there(course / "class") == (points, points, {"ex", "ey"})
    said = capsys.readouterr()
    assert said.err.count("no assignment 'nix'") == 1
    tables = [text.splitlines() for text in said.out.split("\n\n")]
    assert [rows[0] for rows in tables if rows[0] in points] == ["ex", "ey"]
    assert sorted(line.split()[1:3] for line in tables[0]) == [["ex", "ada"], ["ey", "ada"]]


def test_a_preview_of_several_says_which_cannot_be_graded(course, capsys):
    hand_in(course, "ex", RIGHT)
    assert grade(course, "--dry-run", "nix", "ex") == 2
    said = capsys.readouterr()
    assert "no assignment 'nix'" in said.err
    assert said.out == "ex\n  ada: would be graded\n"
