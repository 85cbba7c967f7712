"""Read a class's results: a few queries to the gradebook, and once through the graded notebooks."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbgrader.api import (
    Comment,
    Grade,
    Gradebook,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.api import Student as Enrolled
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import Row, select

from labtools.grading.feedback.marks import points
from labtools.grading.reporting.results import Answer, Question, Results, Student

Key = tuple[str, str]
"""A notebook and a function in it."""


@dataclass
class Work:
    """What there is of one student's work.

    Attributes:
        points: dict of Key to points.
        reasons: dict of Key to the comment.
        told: dict of notebook to what the grader wrote into its `metadata.labtools`.
        penalty: points taken off because it was late.
        by_hand: whether a person still has to look at it.
    """

    points: dict[Key, float] = field(default_factory=dict)
    reasons: dict[Key, str] = field(default_factory=dict)
    told: dict[str, dict[str, Any]] = field(default_factory=dict)
    penalty: float = 0
    by_hand: bool = False


def collect(
    gradebook: Gradebook,
    assignment: str,
    coursedir: CourseDirectory,
    faults: Mapping[str, str] | None = None,
    unsafe: bool = False,
) -> Results:
    """The results of a class.

    Args:
        gradebook: nbgrader's, open.
        assignment: its name.
        coursedir: where the graded notebooks and the pages of feedback are.
        faults: dict of student to why there is no grade.
        unsafe: whether this class was graded without a sandbox; what the notebooks say counts too.

    Returns:
        Results.

    Raises:
        nbgrader.api.MissingEntry: the gradebook has no such assignment.
    """
    faults = faults or {}
    maxima, works = asked(gradebook, assignment), handed_in(gradebook, assignment)
    order = read_notebooks(coursedir, assignment, maxima, works)
    names = named(sorted(maxima, key=lambda key: (key[0], order.get(key, len(order)), key[1])))
    enrolled = {it.id: it for it in gradebook.students}
    students = []
    for student in sorted(works.keys() | faults.keys()):
        its = who(enrolled.get(student))
        if student in faults:
            its["fault"] = faults[student]
        else:
            its |= result(works[student], names, maxima)
            its["feedback"] = feedback_page(coursedir, assignment, student, maxima)
        students.append(Student(student, **its))
    told = [told for work in works.values() for told in work.told.values()]
    return Results(
        assignment=assignment,
        questions=tuple(Question(name, maxima[key]) for key, name in names.items()),
        students=tuple(students),
        absent=tuple(sorted(enrolled.keys() - works.keys() - faults.keys())),
        unsafe=unsafe or any(it.get("unsafe") for it in told),
        cold=any(it.get("cold") for it in told),
    )


def asked(gradebook: Gradebook, assignment: str) -> dict[Key, float]:
    """dict of Key to the points that can be reached."""
    return {
        key(notebook.name, cell.name): cell.max_score
        for notebook in gradebook.find_assignment(assignment).notebooks
        for cell in (*notebook.grade_cells, *notebook.task_cells)
    }


def key(notebook: str, cell: str) -> Key:
    """The function that a cell is about: its own name, or what its name tests."""
    return notebook, cell.removeprefix("test_")


def named(keys: list[Key]) -> dict[Key, str]:
    """What the questions are called: by notebook too if there are several."""
    several = len({notebook for notebook, _ in keys}) > 1
    return {it: "/".join(it) if several else it[1] for it in keys}


def handed_in(gradebook: Gradebook, assignment: str) -> dict[str, Work]:
    """dict of student to Work, without what the notebooks tell."""
    works: dict[str, Work] = defaultdict(Work)
    for student, _, submitted in rows(gradebook, assignment):
        works[student].penalty += submitted.late_submission_penalty or 0
    for student, notebook, grade in rows(gradebook, assignment, Grade):
        works[student].points[key(notebook, grade.cell.name)] = points(grade)
        works[student].by_hand |= grade.needs_manual_grade
    for student, notebook, comment in rows(gradebook, assignment, Comment):
        text = comment.auto_comment if comment.manual_comment is None else comment.manual_comment
        if text:
            works[student].reasons[key(notebook, comment.cell.name)] = text
    return dict(works)


def rows(gradebook: Gradebook, assignment: str, what: Any = None) -> Iterable[Row]:
    """(student, notebook's name, record) of all submitted notebooks, or of their grades."""
    query = (
        select(SubmittedAssignment.student_id, Notebook.name, what or SubmittedNotebook)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
        .where(SubmittedAssignment.assignment_id == gradebook.find_assignment(assignment).id)
    )
    if what is not None:
        query = query.join(what, what.notebook_id == SubmittedNotebook.id)
    return gradebook.db.execute(query)


def read_notebooks(
    coursedir: CourseDirectory, assignment: str, maxima: Iterable[Key], works: Mapping[str, Work]
) -> dict[Key, int]:
    """Fill in what the notebooks tell; returns the place of each question in its notebook."""
    order: dict[Key, int] = {}
    for student, work in works.items():
        for notebook in {notebook for notebook, _ in maxima}:
            path = place(coursedir, coursedir.autograded_directory, student, assignment)
            told, cells = read(path / f"{notebook}.ipynb")
            if told is not None:
                work.told[notebook] = told
            for number, cell in enumerate(cells):
                order.setdefault(key(notebook, cell), number)
    return order


def read(path: Path) -> tuple[dict[str, Any] | None, list[str]]:
    """What a graded notebook tells, and its cells' names; None if it is missing or damaged."""
    try:
        nb = json.loads(path.read_bytes())
        cells = [cell["metadata"].get("nbgrader", {}) for cell in nb["cells"]]
        told = nb["metadata"].get("labtools", {})
        return told, [cell["grade_id"] for cell in cells if "grade_id" in cell]
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None, []


def place(coursedir: CourseDirectory, step: str, student: str, assignment: str) -> Path:
    """The folder of a student's work at one of nbgrader's steps."""
    return Path(coursedir.format_path(step, student, assignment))


def who(person: Enrolled | None) -> dict[str, Any]:
    """What the gradebook knows about a student."""
    parts = ("first_name", "last_name", "email", "lms_user_id")
    return {part: getattr(person, part, None) or "" for part in parts}


def result(work: Work, names: Mapping[Key, str], maxima: Mapping[Key, float]) -> dict[str, Any]:
    """What Student holds of a graded student's work."""
    seconds = [told["usage"]["cpu_seconds"] for told in work.told.values() if "usage" in told]
    return {
        "answers": {name: answer(it, work, maxima[it]) for it, name in names.items()},
        "penalty": work.penalty,
        "by_hand": work.by_hand,
        "cpu_seconds": sum(seconds) if seconds else None,
    }


def answer(it: Key, work: Work, maximum: float) -> Answer:
    """The answer to a question; of a lost point's diagnosis what the check found, if it did."""
    notebook, function = it
    told, reason, got = work.told.get(notebook), work.reasons.get(it), work.points.get(it, 0.0)
    attempted = told is not None and function not in told.get("blank", [])
    if told is None or not attempted or got >= maximum:
        return Answer(got, attempted, reason)
    found = told.get("diagnoses", {}).get(function, {})
    title = found.get("title") or (reason or "").removeprefix(f"{function}: ")
    return Answer(got, True, reason, found.get("mistake"), title or None, found.get("section"))


def feedback_page(
    coursedir: CourseDirectory, assignment: str, student: str, maxima: Iterable[Key]
) -> Path | None:
    """The page that was handed back; the first if there are several."""
    folder = place(coursedir, coursedir.feedback_directory, student, assignment)
    pages = sorted({folder / f"{notebook}.html" for notebook, _ in maxima})
    return next((page for page in pages if page.exists()), None)
