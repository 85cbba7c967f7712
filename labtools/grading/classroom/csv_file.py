"""All grades of a gradebook as nbgrader's CSV, sorted, with two queries for each assignment."""

import csv
from collections.abc import Iterator
from pathlib import Path

from nbgrader.api import Assignment, Gradebook, Student, SubmittedAssignment
from sqlalchemy import select
from sqlalchemy.orm import undefer

from ..reporting.spreadsheet import cell

COLUMNS = (
    "assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email",
    "raw_score", "late_submission_penalty", "score", "max_score",
)  # fmt: skip


def write_csv(gradebook: Gradebook, path: Path) -> None:
    """Write what `nbgrader export` does; whoever handed nothing in has 0 points.

    Stock: a query for each student and assignment, in the order in which students came.
    """
    students = sorted(gradebook.students, key=lambda student: student.id)
    with path.open("w", newline="", encoding="utf-8") as file:
        lines = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\n")
        lines.writeheader()
        for assignment in gradebook.assignments:
            lines.writerows(rows(gradebook, assignment, students))


def rows(
    gradebook: Gradebook, assignment: Assignment, students: list[Student]
) -> Iterator[dict[str, str]]:
    """A row for each student, by column."""
    query = select(SubmittedAssignment).where(SubmittedAssignment.assignment_id == assignment.id)
    totals = SubmittedAssignment.score, SubmittedAssignment.late_submission_penalty
    found = gradebook.db.scalars(query.options(*map(undefer, totals)))
    submissions = {submission.student_id: submission for submission in found}
    for student in students:
        values = {
            "assignment": assignment.name,
            "duedate": assignment.duedate,
            "student_id": student.id,
            "last_name": student.last_name,
            "first_name": student.first_name,
            "email": student.email,
            "max_score": assignment.max_score,
            **result(submissions.get(student.id)),
        }
        yield {name: cell(str(value)) for name, value in values.items() if value is not None}


def result(submission: SubmittedAssignment | None) -> dict[str, object]:
    """The columns that say what came of a submission."""
    points = submission.score if submission else 0.0
    late = submission.late_submission_penalty if submission else 0.0
    return {
        "timestamp": submission.timestamp if submission else None,
        "raw_score": points,
        "late_submission_penalty": late,
        "score": max(0.0, points - late),
    }
