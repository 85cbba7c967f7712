"""Students' files become submissions."""

import json
from pathlib import Path

import nbformat
import pytest
from build_class import build_class, fill, read_student
from sample_class import RIGHT, find

RELEASE = Path("exercises", "ex", "ex.ipynb")

STUDENT = '''\
"""Repeats a cell.

handed in: {how}
"""

# %% helper
one = 1

# %% add
def add(a, b):
    return 0

# %% add
def add(a, b):
    return a + b
'''


@pytest.fixture
def build(tmp_path, shared_course):
    """Build a class of one; returns the folder of the submission."""

    def build_one(text):
        (tmp_path / "students").mkdir()
        (tmp_path / "students" / "ada.py").write_text(text)
        release = shared_course / RELEASE
        assert build_class(tmp_path / "students", release, tmp_path / "out") == ["ada"]
        return tmp_path / "out" / "ada" / "ex"

    return build_one


def test_a_student_s_file():
    docstring, sections = read_student(STUDENT)
    assert docstring.startswith('"""Repeats a cell.')
    assert [name for name, _ in sections] == ["helper", "add", "add"]
    assert sections[0][1] == "one = 1"


def test_answers_repeats_and_helpers(build, release):
    nb = nbformat.read(build(STUDENT.replace("handed in: {how}", "")) / "ex.ipynb", as_version=4)
    sources = [cell.source for cell in nb.cells]
    at = sources.index("one = 1")
    assert sources[at + 1 : at + 3] == [
        "def add(a, b):\n    return 0",
        "def add(a, b):\n    return a + b",
    ]
    assert nb.cells[at + 1].metadata == nb.cells[at + 2].metadata == find(release, "add").metadata
    assert find(nb, "double").source == find(release, "double").source


def test_damaged(build):
    with pytest.raises(json.JSONDecodeError):
        json.loads((build(STUDENT.format(how="damaged")) / "ex.ipynb").read_text())


def test_nothing(build):
    folder = build(STUDENT.format(how="nothing"))
    assert [path.name for path in folder.iterdir()] == ["report.pdf"]


def test_another_name(build):
    folder = build(STUDENT.format(how="as mine.ipynb"))
    assert [path.name for path in folder.iterdir()] == ["mine.ipynb"]


def test_bad_input_is_named(build, release, tmp_path, shared_course):
    with pytest.raises(ValueError, match="expected damaged, nothing or as FILE, got 'late'"):
        build(STUDENT.format(how="late"))
    with pytest.raises(ValueError, match="expected helper or one of add, double, got 'sub'"):
        fill(release, {**RIGHT, "sub": "pass"})
    with pytest.raises(ValueError, match="found none"):
        build_class(tmp_path / "out", shared_course / RELEASE, tmp_path / "other")
