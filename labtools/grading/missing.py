"""Submissions without a notebook that can be opened: 0 points and the reason.

nbgrader passes over them.
"""

import glob
import re
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory

from .preflight import Preflight
from .printing import printable

NOT_OPENED = "The folder handed in cannot be opened ({why})."
NOTHING = "No notebook was handed in{found}. Hand in {expected}."
OTHER_NAME = (
    "The notebook was handed in as {found}, so it was not graded. Hand it in as {expected}."
)


def record_missing(coursedir: CourseDirectory, preflight: Preflight) -> dict[str, str]:
    """Record 0 and the reason for each submission that holds no notebook that can be graded.

    Grades again from the files that lie there now, so it can run any number of times.

    Args:
        coursedir: nbgrader's CourseDirectory; its `assignment_id` and `student_id` (a glob)
            say which submissions.
        preflight: says which files are not opened.

    Returns:
        dict of folder (str) to the reason.
    """
    with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
        try:
            assignment = gradebook.find_assignment(coursedir.assignment_id)
        except MissingEntry:
            return {}  # nbgrader says so itself
        expected = [f"{notebook.name}.ipynb" for notebook in assignment.notebooks]
        missing = {}
        for folder, student in submissions(coursedir).items():
            reason = why_missing(Path(folder), expected, preflight)
            if reason:
                missing[folder] = reason
                record_zero(gradebook, assignment.name, student, reason)
    return missing


def submissions(coursedir: CourseDirectory) -> dict[str, str]:
    """dict of folder (str) to student id, for the submissions that `coursedir` asks for."""

    def path(student: str, *, escape: bool = False) -> str:
        directory = coursedir.submitted_directory
        return coursedir.format_path(directory, student, coursedir.assignment_id, escape=escape)

    pattern = re.compile(path("(?P<student>.*)", escape=True))
    folders = sorted(folder for folder in glob.glob(path(coursedir.student_id)))
    found = ((folder, pattern.fullmatch(folder)) for folder in folders if Path(folder).is_dir())
    return {folder: match["student"] for folder, match in found if match}


def why_missing(folder: Path, expected: list[str], preflight: Preflight) -> str | None:
    """Why none of the notebooks `expected` in `folder` is graded; None if there is one to grade."""
    if refusal := preflight.refusal(folder, expected):
        return refusal
    try:
        files = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        return NOT_OPENED.format(why=error.strerror)
    if not expected or set(expected) & set(files):
        return None
    names = " and ".join(expected)
    notebooks = [name for name in files if name.endswith(".ipynb")]
    if notebooks:
        return OTHER_NAME.format(found=listed(notebooks, " and "), expected=names)
    files = [name for name in files if name != "timestamp.txt"]  # nbgrader's own
    return NOTHING.format(found=f", only {listed(files, ', ')}" if files else "", expected=names)


def listed(names: list[str], separator: str, most: int = 5) -> str:
    """The first names, in characters that can be stored and shown anywhere."""
    shown = [name.encode("utf-8", "replace").decode()[:100] for name in names[:most]]
    text = printable(separator.join(shown))
    return text if len(names) <= most else f"{text}{separator}{len(names) - most} more"


def record_zero(gradebook: Gradebook, assignment: str, student: str, reason: str) -> None:
    """Give `student` 0 for every grade cell of `assignment`, and `reason` as every comment."""
    gradebook.update_or_create_student(student)
    submission = gradebook.update_or_create_submission(assignment, student)
    for notebook in submission.notebooks:
        notebook.late_submission_penalty = None  # of what was handed in before
        for grade in notebook.grades:
            grade.auto_score = 0
            grade.needs_manual_grade = grade.manual_score is not None
        for comment in notebook.comments:
            comment.auto_comment = reason
    gradebook.db.commit()
