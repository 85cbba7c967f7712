"""Graded notebooks and feedback, where nbgrader's own commands look for them."""

import os
import tempfile
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory

READ_ONLY, READABLE, SHARED = 0o444, 0o644, 0o664
"""nbgrader's modes of graded notebooks, of feedback, and of both where a group shares them."""


def write_graded(coursedir: CourseDirectory, student: str, name: str, nb: NotebookNode) -> None:
    """Write the notebook that was run."""
    text = nbformat.v4.writes(nb)
    place(coursedir, coursedir.autograded_directory, student, f"{name}.ipynb", text, READ_ONLY)


def write_feedback(coursedir: CourseDirectory, student: str, name: str, page: str) -> None:
    """Write the page that is handed back."""
    place(coursedir, coursedir.feedback_directory, student, f"{name}.html", page, READABLE)


def place(
    coursedir: CourseDirectory, step: str, student: str, name: str, text: str, mode: int
) -> None:
    """Put a file into a student's folder of a step; it is there as a whole or not at all."""
    folder = Path(coursedir.format_path(step, student, coursedir.assignment_id))
    folder.mkdir(parents=True, exist_ok=True)
    if coursedir.groupshared:
        mode = SHARED
        folder.chmod(0o2775)
        folder.parent.chmod(0o2775)
    descriptor, new = tempfile.mkstemp(dir=folder, prefix=f".{name}.")
    try:
        with open(descriptor, "w", encoding="utf-8", errors="replace") as file:
            file.write(text)
        os.chmod(new, mode)
        os.replace(new, folder / name)
    except BaseException:
        os.unlink(new)
        raise


def forget(coursedir: CourseDirectory, student: str) -> None:
    """Delete what an earlier submission left, for one that cannot be opened."""
    for step in (coursedir.autograded_directory, coursedir.feedback_directory):
        folder = Path(coursedir.format_path(step, student, coursedir.assignment_id))
        for path in (*folder.glob("*.ipynb"), *folder.glob("*.html")):
            path.unlink()


def complete(coursedir: CourseDirectory, student: str, name: str) -> bool:
    """Whether the graded notebook and its feedback are there."""
    steps = {coursedir.autograded_directory: ".ipynb", coursedir.feedback_directory: ".html"}
    return all(
        Path(coursedir.format_path(step, student, coursedir.assignment_id), name + suffix).exists()
        for step, suffix in steps.items()
    )
