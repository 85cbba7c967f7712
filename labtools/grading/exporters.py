"""Grades as the CSV files that learning platforms take: `nbgrader export --exporter ...`."""

import csv
from collections.abc import Iterable
from pathlib import Path

from nbgrader.api import Assignment, Gradebook, MissingEntry, Student, SubmittedAssignment
from nbgrader.plugins import ExportPlugin
from traitlets import Unicode

from labtools.grading.feedback.marks import Marks
from labtools.grading.plain import plain
from labtools.grading.reporting.spreadsheet import cell

MAX_FEEDBACK = 1_000  # characters


class PlatformExport(ExportPlugin):
    """A line for each student, a column for each assignment.

    A grade that is not there stays empty, so that the platform's is left alone. `--student`,
    `--assignment` and `--to` are nbgrader's.
    """

    file = ""  # written unless --to names another

    def export(self, gradebook: Gradebook) -> None:
        """Write the file."""
        assignments = [it for it in gradebook.assignments if wanted(it.name, self.assignment)]
        students = [it for it in gradebook.students if wanted(it.id, self.student)]
        path = Path(self.to or self.file)
        self.log.info("Exporting grades to %s", path)
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(self.lines(gradebook, students, assignments))

    def lines(
        self, gradebook: Gradebook, students: list[Student], assignments: list[Assignment]
    ) -> Iterable[list[str]]:
        """The lines of the file, the header first."""
        raise NotImplementedError


class CanvasExportPlugin(PlatformExport):
    """For Canvas: Grades › Import. Students are found by their Canvas id or by `login_column`.

    The points that can be reached stand in the second line, as in what Canvas exports.
    """

    file = "canvas.csv"

    login_column = Unicode(
        "SIS Login ID",
        help="The column that holds nbgrader's student id: SIS Login ID or SIS User ID.",
    ).tag(config=True)

    def lines(
        self, gradebook: Gradebook, students: list[Student], assignments: list[Assignment]
    ) -> Iterable[list[str]]:
        """Columns: Student, ID, SIS User ID, SIS Login ID, Section, and the assignments."""
        fixed = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
        if self.login_column not in fixed:
            raise ValueError(f"login_column: expected one of {fixed}, got {self.login_column!r}")
        yield [*fixed, *(it.name for it in assignments)]
        yield ["    Points Possible", "", "", "", "", *(f"{it.max_score:g}" for it in assignments)]
        for student in students:
            known = {"Student": sorted_name(student), "ID": student.lms_user_id or ""}
            known[self.login_column] = known.get(self.login_column) or student.id
            scores = [score(find(gradebook, it, student)) for it in assignments]
            yield [*(cell(known.get(column, "")) for column in fixed), *scores]


class MoodleExportPlugin(PlatformExport):
    """For Moodle: Grades › Import › CSV file, mapped by username, id number or email address.

    Beside each assignment stands a column of feedback, the reasons in a line each.
    """

    file = "moodle.csv"

    def lines(
        self, gradebook: Gradebook, students: list[Student], assignments: list[Assignment]
    ) -> Iterable[list[str]]:
        """Columns: Username, ID number, First name, ..., and two for each assignment."""
        fixed = ["Username", "ID number", "First name", "Last name", "Email address"]
        columns = [name for it in assignments for name in (it.name, f"{it.name} (feedback)")]
        yield [*fixed, *columns]
        for student in students:
            known = student.lms_user_id, student.first_name, student.last_name, student.email
            found = [find(gradebook, it, student) for it in assignments]
            grades = [text for it in found for text in (score(it), cell(feedback(it)))]
            yield [cell(student.id), *(cell(it or "") for it in known), *grades]


def wanted(name: str, asked: list[str]) -> bool:
    """Whether `name` is among those asked for; all are if none is."""
    return not asked or name in map(str, asked)


def find(
    gradebook: Gradebook, assignment: Assignment, student: Student
) -> SubmittedAssignment | None:
    """What a student handed in for an assignment; None if nothing."""
    try:
        return gradebook.find_submission(assignment.name, student.id)
    except MissingEntry:
        return None


def score(submission: SubmittedAssignment | None) -> str:
    """The points, what was late taken off; "" if there is no grade."""
    if submission is None:
        return ""
    return f"{sum(Marks.of(it).total for it in submission.notebooks):g}"


def feedback(submission: SubmittedAssignment | None) -> str:
    """Why points were lost, a line for each reason."""
    notebooks = submission.notebooks if submission else []
    found = [comment for it in notebooks for comment in sorted(Marks.of(it).comments.items())]
    return plain("\n".join(dict.fromkeys(comment.text for _, comment in found)), MAX_FEEDBACK)


def sorted_name(student: Student) -> str:
    """`Lovelace, Ada`, or what there is of it."""
    names = [name for name in (student.last_name, student.first_name) if name]
    return ", ".join(names) or student.id
