"""Students' files become submissions."""

import json
from pathlib import Path

import nbformat
import pytest
from build_class import build_class, fill, read_student, solution_cells
from sample_class import RIGHT, find

EX = Path("ex", "ex.ipynb")

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
        sources = (shared_course / folder / EX for folder in ("solutions", "exercises"))
        students = build_class(tmp_path / "students", *sources, tmp_path / "out")
        assert students == ["blank", "reference", "ada"]
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


def test_the_reference_and_the_blank_need_no_file(build, release, tmp_path, shared_course):
    build(STUDENT.format(how="nothing"))
    blank, reference = (
        nbformat.read(tmp_path / "out" / student / EX, as_version=4)
        for student in ("blank", "reference")
    )
    solution = nbformat.read(shared_course / "solutions" / EX, as_version=4)
    assert blank == release
    assert [cell.metadata for cell in reference.cells] == [cell.metadata for cell in release.cells]
    for name, cell in solution_cells(reference).items():
        assert cell.source == find(solution, name).source
    assert find(reference, "test_add").source == find(release, "test_add").source


def test_bad_input_is_named(build, release):
    with pytest.raises(ValueError, match="expected damaged, nothing or as FILE, got 'late'"):
        build(STUDENT.format(how="late"))
    with pytest.raises(ValueError, match="expected helper or one of add, double, got 'sub'"):
        fill(release, {**RIGHT, "sub": "pass"})
