"""What learners get: generated from the solutions, without any solution or hidden test."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
NAMES = sorted(path.name for path in (ROOT / "solutions").iterdir() if path.is_dir())
SOLUTION = re.compile(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", re.DOTALL)
HIDDEN = re.compile(r"### BEGIN HIDDEN TESTS\n(.*?)### END HIDDEN TESTS", re.DOTALL)


def read(folder, name):
    return nbformat.read(ROOT / folder / name / f"{name}.ipynb", as_version=4)


def sources(nb):
    return "\n".join(cell.source for cell in nb.cells)


def lines(parts):
    """Lines that say enough to be told from any other."""
    return {line.strip() for part in parts for line in part.splitlines() if len(line.strip()) > 20}


@pytest.mark.parametrize("name", NAMES)
def test_the_release_is_what_nbgrader_generates(name, tmp_path):
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    subprocess.run(
        [
            *(sys.executable, "-m", "nbgrader", "generate_assignment", name),
            f"--CourseDirectory.release_directory={tmp_path}",
            f"--CourseDirectory.db_url=sqlite:///{tmp_path}/gradebook.db",
        ],
        cwd=ROOT,
        check=True,
        capture_output=True,
        env={**os.environ, "PATH": path},
    )
    generated = tmp_path / name / f"{name}.ipynb"
    committed = ROOT / "exercises" / name / f"{name}.ipynb"
    assert generated.read_text() == committed.read_text(), f"run make release: {name} is stale"


@pytest.mark.parametrize("name", NAMES)
def test_nothing_leaks(name):
    solution, release = sources(read("solutions", name)), sources(read("exercises", name))
    secret = lines(SOLUTION.findall(solution)) | lines(HIDDEN.findall(solution))
    public = lines([HIDDEN.sub("", SOLUTION.sub("", solution))])
    assert len(secret) > 20
    leaked = [line for line in secret - public if line in release]
    assert not leaked
    assert not re.search("BEGIN|END|_hidden", release)


@pytest.mark.parametrize("name", NAMES)
def test_a_release_is_one_notebook_without_outputs(name):
    files = [p.name for p in (ROOT / "exercises" / name).iterdir() if not p.name.startswith(".")]
    assert files == [f"{name}.ipynb"]
    assert not any(cell.get("outputs") for cell in read("exercises", name).cells)


@pytest.mark.parametrize("name", NAMES)
def test_every_code_cell_has_its_role(name):
    for cell in read("solutions", name).cells:
        if cell.cell_type == "code":
            assert cell.metadata.nbgrader.grade_id
            assert cell.metadata.nbgrader.locked != cell.metadata.nbgrader.solution


def code_cells(name):
    cells = [cell for cell in read("solutions", name).cells if cell.cell_type == "code"]
    return {cell.metadata.nbgrader.grade_id: cell for cell in cells}


@pytest.mark.parametrize("name", NAMES)
def test_each_function_has_a_solution_a_check_and_hidden_tests(name):
    cells = code_cells(name)
    answers = [i for i, c in cells.items() if c.metadata.nbgrader.solution]
    functions = [i for i in answers if not i.startswith("bug_")]  # found bugs are not graded
    graded = [i for i, c in cells.items() if c.metadata.nbgrader.grade]
    assert graded == [f"test_{function}" for function in functions]
    for function in functions:
        test = cells[f"test_{function}"].source
        assert test.split()[:4] == [f"check.{function}({function})", "###", "BEGIN", "HIDDEN"]
        assert f"def {function}(" in cells[function].source
        again = rf"check.{function}\({function}, seed=\d+\)"
        assert re.search(rf"    if inputs_are_known\(\):.*\n        {again}\n", test)


@pytest.mark.parametrize("name", NAMES)
def test_each_bug_is_shown_then_searched_then_revealed(name):
    cells = code_cells(name)
    order = list(cells)
    for place, bug in enumerate(order):
        if bug.startswith("bug_"):
            what = bug.removeprefix("bug_")
            assert order[place - 1] == f"shipped_{what}"
            assert order[place + 1] == f"reveal_{what}"
            assert f"def shipped_{what}(" in cells[f"shipped_{what}"].source
            assert f"def bug_{what}():" in cells[bug].source
            revealing = cells[f"reveal_{what}"]
            assert f"reveals(bug_{what}, shipped_{what}, " in " ".join(revealing.source.split())
            assert "demo" in revealing.metadata.tags  # a grade does not need it


@pytest.mark.parametrize("name", NAMES)
def test_hidden_tests_touch_no_name_of_the_learner(name):
    for hidden in HIDDEN.findall(sources(read("solutions", name))):
        define, call = ast.parse(hidden).body
        assert isinstance(define, ast.FunctionDef)
        assert define.name == ast.unparse(call).removesuffix("()") == "_hidden"


@pytest.mark.parametrize("name", NAMES)
def test_only_marked_outputs_are_committed(name):
    for cell in read("solutions", name).cells:
        if cell.cell_type == "code":
            assert bool(cell.outputs) == ("# NBVAL_CHECK_OUTPUT" in cell.source)
