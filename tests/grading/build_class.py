"""Build the submissions of a sample class from files that hold only the answers.

    python tests/grading/build_class.py STUDENTS SOLUTIONS EXERCISES CLASS ASSIGNMENT...

writes, into these folders, CLASS/submitted/<student>/<assignment>/<assignment>.ipynb for each
STUDENTS/<assignment>/<student>.py, and for two students who have no file: `blank`, who hands back
what is in EXERCISES as it was, and `reference`, who answers as in SOLUTIONS. What an earlier class
left in CLASS of the same assignment is deleted first, so that it can be graded anew.

A student's file is in jupytext's percent style. `# %% clm_loss` begins an answer to `clm_loss`;
the same mark a second time makes a repeated cell, as copy and paste does. `# %% helper` begins a
cell of the student's own, put before the next answer. What is not answered stays blank. The text
before the first mark is a docstring; test_students.py says how it tells what the grader must find,
and a line in it may say how the work was handed in:

    handed in: damaged             the file is cut off in the middle
    handed in: nothing             a report.pdf and no notebook
    handed in: as other.ipynb      under another file name
"""

import re
import shutil
import sys
from copy import deepcopy
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook

MARK = re.compile(r"^# %%[ \t]+(\w+)[ \t]*\n", re.MULTILINE)
HANDED_IN = re.compile(r"^handed in:\s*(.+?)\s*$", re.MULTILINE)


def build_class(students, solution_path, release_path, out):
    """Write one submission for each file in folder `students`, and two more.

    Returns:
        list of student ids: `blank`, `reference`, and those of the files.
    """
    release = nbformat.read(release_path, as_version=4)
    solution = nbformat.read(solution_path, as_version=4)
    assignment = Path(release_path).stem
    files = sorted(Path(students).glob("*.py"))

    def folder(student):
        path = Path(out, student, assignment)
        path.mkdir(parents=True, exist_ok=True)
        return path

    answers = {name: cell.source for name, cell in solution_cells(solution).items()}
    for student, sections in (("blank", {}), ("reference", answers)):
        nbformat.write(fill(release, sections), folder(student) / f"{assignment}.ipynb")
    for path in files:
        hand_in(path.read_text(), release, folder(path.stem))
    return ["blank", "reference", *(path.stem for path in files)]


def forget(assignment, klass):
    """Delete what the folder of a class, its gradebook included, holds of `assignment`."""
    for kind in ("submitted", "autograded", "feedback"):
        for folder in Path(klass, kind).glob(f"*/{assignment}"):
            shutil.rmtree(folder)
    path = Path(klass, "gradebook.db").resolve()
    if path.exists():
        with Gradebook(f"sqlite:///{path}") as gradebook:
            if assignment in [it.name for it in gradebook.assignments]:
                gradebook.remove_assignment(assignment)


def hand_in(text, release, folder):
    """Write the submission that a student's file describes into `folder`."""
    docstring, sections = read_student(text)
    how = HANDED_IN.search(docstring)
    how = how[1] if how else f"as {folder.name}.ipynb"
    if how == "nothing":
        (folder / "report.pdf").write_text("a report\n")
        return
    notebook = nbformat.writes(fill(release, sections)) + "\n"
    if how == "damaged":
        (folder / f"{folder.name}.ipynb").write_text(notebook[: len(notebook) // 2])
    elif how.startswith("as "):
        (folder / how.removeprefix("as ")).write_text(notebook)
    else:
        raise ValueError(f"handed in: expected damaged, nothing or as FILE, got {how!r}")


def read_student(text):
    """The docstring and the list of (name, source) of a student's file."""
    docstring, *parts = MARK.split(text)
    sources = [source.strip("\n") for source in parts[1::2]]
    return docstring, list(zip(parts[::2], sources, strict=True))


def fill(release, sections):
    """The released notebook with answers in it.

    Args:
        release: NotebookNode, not changed.
        sections: list of (name, source) in order, or dict of name to source; a name is that of a
            function or "helper".

    Returns:
        NotebookNode, as a student would hand it in.

    Raises:
        ValueError: a name is not that of a solution cell.
    """
    nb = deepcopy(release)
    answered, helpers = {}, []
    for name, source in sections.items() if isinstance(sections, dict) else sections:
        if name == "helper":
            helpers.append(new_code_cell(source))
            continue
        cell = place_answer(nb, name, source, answered.get(name))
        position = nb.cells.index(cell)
        nb.cells[position:position] = helpers
        answered[name], helpers = cell, []
    nb.cells += helpers
    return nb


def place_answer(nb, name, source, before):
    """Write `source` into the solution cell, or into a copy after the answer `before`."""
    solutions = solution_cells(nb)
    if name not in solutions:
        raise ValueError(f"expected helper or one of {', '.join(solutions)}, got {name!r}")
    cell = solutions[name]
    if before is not None:
        cell = new_code_cell(metadata=deepcopy(before.metadata))
        nb.cells.insert(nb.cells.index(before) + 1, cell)
    cell.source = source
    return cell


def solution_cells(nb):
    """dict of function name to the cell for its answer; of repeated cells the last."""
    return {
        cell.metadata.nbgrader.grade_id: cell
        for cell in nb.cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }


if __name__ == "__main__":
    if len(sys.argv) < 6:
        sys.exit(__doc__)
    students, solutions, exercises, klass, *assignments = sys.argv[1:]
    for name in assignments:
        solution, release = (
            Path(folder, name, f"{name}.ipynb") for folder in (solutions, exercises)
        )
        forget(name, klass)
        build_class(Path(students, name), solution, release, Path(klass, "submitted"))
