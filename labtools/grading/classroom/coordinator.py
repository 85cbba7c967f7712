"""Grade the submissions of one assignment, and write what comes of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import nbformat
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SQLAlchemyError

from ..feedback import make
from ..missing import submissions, why_missing
from ..preflight import Preflight, Refused
from . import files
from .course import GradingError
from .gradebooks import Grades
from .jobs import Exercise
from .scheduling import Done, Job, Stopped


class Display(Protocol):
    """Where progress is shown."""

    def begin(self, assignment: str, total: int) -> None:
        """Grading begins, of so many notebooks of an assignment."""

    def graded(self, assignment: str, student: str, verdict: str, *, failed: bool = False) -> None:
        """One notebook is done."""


@dataclass
class Coordinator:
    """Grades one assignment.

    Attributes:
        coursedir: nbgrader's.
        exercise: what all submissions share.
        preflight: which files are opened.
        grades: the gradebook.
        display: shows progress.
        regrade: whether what has a grade is graded again.
        faults: dict of student to why there is no grade; filled here.
        kept: notebooks that had their grade already; counted here.
    """

    coursedir: CourseDirectory
    exercise: Exercise
    preflight: Preflight
    grades: Grades
    display: Display
    regrade: bool = False
    faults: dict[str, str] = field(default_factory=dict)
    kept: int = 0

    def jobs(self, folders: dict[str, str]) -> Iterator[Job]:
        """The jobs that are to be done for the submissions in `folders`, of folder to student.

        What cannot be opened is recorded on the way. Raises Stopped: the gradebook went away.
        """
        total = len(folders) * len(self.exercise.templates)
        self.display.begin(self.exercise.assignment, total)
        for folder, student in folders.items():
            try:
                yield from self._jobs(Path(folder), student)
            except SQLAlchemyError as error:
                raise stopped(error) from error

    def take(self, done: Done) -> None:
        """Write down what came of a job. Raises Stopped: the gradebook went away."""
        if done.fault is None:
            self._save(done)
        else:
            self._fault(done.job.student, done.fault)

    def _jobs(self, folder: Path, student: str) -> Iterator[Job]:
        reason, jobs = self.look(folder, student)
        if reason:
            self._zero(student, reason)
        for job in jobs:
            if self.regrade or not self.is_graded(job):
                yield job
            else:
                self.kept += 1
                self._graded(student, self._score(student))

    def look(self, folder: Path, student: str) -> tuple[str | None, list[Job]]:
        """Why a submission cannot be graded, or None, and the jobs that it makes."""
        names = [f"{name}.ipynb" for name in self.exercise.templates]
        if reason := why_missing(folder, names, self.preflight):
            return reason, []
        try:
            return None, list(self.exercise.jobs(student, folder, self.preflight))
        except Refused as refused:  # it has changed since
            return str(refused), []

    def is_graded(self, job: Job) -> bool:
        """Whether the gradebook has the grade that this job would give."""
        made_from = self.grades.fingerprint(job.student, job.notebook)
        return made_from == job.fingerprint and files.complete(
            self.coursedir, job.student, job.notebook
        )

    def _zero(self, student: str, reason: str) -> None:
        files.forget(self.coursedir, student)
        self.grades.save_zero(student, reason)
        self._graded(student, self._score(student))

    def _save(self, done: Done) -> None:
        student, name = done.job.student, done.job.notebook
        nb = nbformat.from_dict(done.result["notebook"])
        try:
            # first the files: a grade in the gradebook says that they are there
            files.write_graded(self.coursedir, student, name, nb)
            steps = self.coursedir.autograded_directory, self.coursedir.feedback_directory
            files.write_slips(self.coursedir, student, steps)
            self.grades.save(
                student,
                name,
                nb,
                fingerprint=done.job.fingerprint,
                received=done.job.received,
                before_commit=lambda graded: files.write_feedback(
                    self.coursedir, student, name, make(nb, graded)
                ),
            )
            score = self._score(student)
        except SQLAlchemyError as error:
            raise stopped(error) from error
        except Exception as error:
            self._fault(student, f"{type(error).__name__}: {error}")
        else:
            self._graded(student, score)

    def _score(self, student: str) -> str:
        return self.grades.result(student).score_text

    def _fault(self, student: str, why: str) -> None:
        self.faults[student] = why
        self._graded(student, "no grade", failed=True)

    def _graded(self, student: str, verdict: str, *, failed: bool = False) -> None:
        self.display.graded(self.exercise.assignment, student, verdict, failed=failed)


def stopped(error: SQLAlchemyError) -> Stopped:
    """What to say of a gradebook that cannot be written."""
    return Stopped(f"the gradebook cannot be read or written ({first_line(error)})")


def first_line(error: Exception) -> str:
    """What the database said, without the statement."""
    return str(error).partition("\n")[0]


def chosen(coursedir: CourseDirectory, students: list[str]) -> dict[str, str]:
    """The submissions to grade, dict of folder to student.

    Args:
        coursedir: its `assignment_id` says which assignment.
        students: ids; empty for all.

    Raises:
        GradingError: there is none, or not of each of `students`.
    """
    found = submissions(coursedir)
    if unknown := sorted(set(students) - set(found.values())):
        names = ", ".join(unknown)
        raise GradingError(f"no submission of {names} for {coursedir.assignment_id}")
    if students:
        found = {folder: student for folder, student in found.items() if student in students}
    if not found:
        place = coursedir.format_path(
            coursedir.submitted_directory, "<student>", coursedir.assignment_id
        )
        raise GradingError(f"no submissions: expected {place}/{coursedir.assignment_id}.ipynb")
    return found
