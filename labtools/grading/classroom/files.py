"""Graded notebooks and feedback, where nbgrader's own commands look for them."""

import os
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory

from ..preflight import short_text, stated_time

SECRET = re.compile(r"[0-9a-f]{1,256}")
READ_ONLY, READABLE, SHARED = 0o444, 0o644, 0o664
"""nbgrader's modes of graded notebooks, of feedback, and of both where a group shares them."""


def write_graded(coursedir: CourseDirectory, student: str, name: str, nb: NotebookNode) -> None:
    """Write the notebook that was run."""
    text = nbformat.v4.writes(nb)
    place(coursedir, coursedir.autograded_directory, student, f"{name}.ipynb", text, READ_ONLY)


def write_feedback(coursedir: CourseDirectory, student: str, name: str, page: str) -> None:
    """Write the page that is handed back."""
    place(coursedir, coursedir.feedback_directory, student, f"{name}.html", page, READABLE)


def write_slips(coursedir: CourseDirectory, student: str, steps: Iterable[str]) -> None:
    """Write what nbgrader's release_feedback asks for, if the submission came by its exchange.

    Its time and its secret are read and written anew: nothing else of the learner's comes along.
    """
    where = coursedir.submitted_directory, student, coursedir.assignment_id
    folder = Path(coursedir.format_path(*where))
    slips = {"submission_secret.txt": short_text(folder / "submission_secret.txt")}
    slips = {name: text for name, text in slips.items() if SECRET.fullmatch(text)}
    if (stated := stated_time(folder / "timestamp.txt")) is not None:
        slips["timestamp.txt"] = f"{stated:%Y-%m-%d %H:%M:%S.%f} UTC"
    for step in steps:
        for name, text in slips.items():
            place(coursedir, step, student, name, text, READABLE)


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
