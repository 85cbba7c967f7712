"""The notebook that submissions are graded in: the release, with the hidden tests in it."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Course, Gradebook, MissingEntry, Notebook
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import SaveCells
from nbgrader.utils import capture_log, is_grade, is_locked, is_solution, is_task, temp_attrs
from traitlets.config.loader import Config

from .course import GradingError

CANNOT_BUILD = (
    "the release of {assignment} cannot be built ({why}). If its cells have changed since this "
    "gradebook was begun, grade into a new output folder"
)


def course_directory(config: Config, assignment: str) -> CourseDirectory:
    """nbgrader's CourseDirectory; GradingError, with the names there are, if it is not there."""
    coursedir = CourseDirectory(config=config)
    source = Path(coursedir.format_path(coursedir.source_directory, ".", "."))
    names = sorted(path.name for path in source.glob("*/") if any(path.glob("*.ipynb")))
    if assignment not in names:
        there = ", ".join(names) or "none"
        raise GradingError(
            f"no assignment {assignment!r} in {source.resolve()}; there are: {there}"
        )
    coursedir.assignment_id = assignment
    return coursedir


def templates(coursedir: CourseDirectory, config: Config) -> dict[str, NotebookNode]:
    """The released notebooks of the assignment, built from its source, with the hidden tests.

    Args:
        coursedir: its `assignment_id` says which assignment.
        config: the course's.

    Returns:
        dict of notebook name to NotebookNode.

    Raises:
        GradingError: nbgrader cannot build them.
    """
    converter = GenerateAssignment(coursedir=coursedir, config=config)
    converter.no_database = True
    # nbgrader saves the cells, then takes the hidden tests out of what it releases
    names = [getattr(it, "__name__", str(it)).rpartition(".")[2] for it in converter.preprocessors]
    converter.preprocessors = converter.preprocessors[: names.index("SaveCells")]
    with build(converter, coursedir) as folder:
        return {
            path.stem: nbformat.read(path, as_version=4) for path in sorted(folder.glob("*.ipynb"))
        }


def record_release(
    coursedir: CourseDirectory, config: Config, built: dict[str, NotebookNode]
) -> None:
    """Put the assignment's cells into the gradebook, unless it holds them as they are.

    nbgrader makes a notebook that nobody has submitted anew, so this must not run while another
    coordinator grades: see `database.exclusive`.

    Raises:
        GradingError: nbgrader refuses, for cells were added or removed after work was graded.
    """
    with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
        # nbgrader makes no course without a name, and PostgreSQL no assignment without a course
        gradebook.db.merge(Course(id=coursedir.course_id))
        gradebook.db.commit()
        if recorded(gradebook, coursedir.assignment_id) == {
            name: cells_of(nb) for name, nb in built.items()
        }:
            return
    converter = GenerateAssignment(coursedir=coursedir, config=config)
    converter.preprocessors = [SaveCells]  # those before it have made what was built
    with as_source(coursedir, built), build(converter, coursedir):
        pass  # the committed release stays as it is


@contextmanager
def as_source(coursedir: CourseDirectory, built: dict[str, NotebookNode]) -> Iterator[None]:
    """Within the block, the assignment's source is what was built of it."""
    with (
        tempfile.TemporaryDirectory(prefix="built-") as folder,
        temp_attrs(coursedir, source_directory=folder),
    ):
        place = Path(coursedir.format_path(folder, ".", coursedir.assignment_id))
        place.mkdir(parents=True)
        for name, nb in built.items():
            nbformat.write(nb, place / f"{name}.ipynb")
        yield


@contextmanager
def build(converter: GenerateAssignment, coursedir: CourseDirectory) -> Iterator[Path]:
    """The folder with what `converter` makes; GradingError if it fails."""
    converter.force = True
    assignment = coursedir.assignment_id
    with (
        tempfile.TemporaryDirectory(prefix="release-") as folder,
        temp_attrs(coursedir, release_directory=folder),
    ):
        outcome = capture_log(converter)
        if not outcome["success"]:
            why = outcome["error"].strip().rpartition("\n")[2]
            if why.startswith("KeyboardInterrupt"):
                raise KeyboardInterrupt
            raise GradingError(CANNOT_BUILD.format(assignment=assignment, why=why))
        yield Path(coursedir.format_path(folder, ".", assignment))


def recorded(gradebook: Gradebook, assignment: str) -> dict[str, Any]:
    """`cells_of` each notebook of the assignment, as the gradebook has them."""
    try:
        return {it.name: saved_cells(it) for it in gradebook.find_assignment(assignment).notebooks}
    except MissingEntry:
        return {}


def saved_cells(notebook: Notebook) -> dict[str, Any]:
    """`cells_of` a notebook that is in the gradebook."""
    points = {cell.name: cell.max_score for cell in notebook.grade_cells + notebook.task_cells}
    answers = {cell.name for cell in notebook.solution_cells}
    cells = {
        cell.name: [cell.cell_type, cell.locked, cell.source, cell.checksum]
        for cell in notebook.source_cells
    }
    for name, cell in cells.items():
        cell += [points.get(name), name in answers]
    return {"kernelspec": json.loads(notebook.kernelspec or "{}"), "cells": cells}


def cells_of(nb: NotebookNode) -> dict[str, Any]:
    """What the gradebook records of a notebook: its kernel and its cells by `grade_id`."""
    cells = {}
    for cell in nb.cells:
        meta = cell.metadata.get("nbgrader", {})
        if is_grade(cell) or is_solution(cell) or is_locked(cell) or is_task(cell):
            cells[meta["grade_id"]] = [
                cell.cell_type, is_locked(cell), cell.source, meta.get("checksum"),
                float(meta["points"]) if is_grade(cell) or is_task(cell) else None,
                is_solution(cell),
            ]  # fmt: skip
    return {"kernelspec": nb.metadata.get("kernelspec", {}), "cells": cells}
