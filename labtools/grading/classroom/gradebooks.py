"""Write grades into nbgrader's gradebook, as nbgrader's preprocessors do, one session for all.

Stock: SaveAutoGrades and AssignLatePenalties open the gradebook anew for every notebook and commit
after every cell.
"""

from collections.abc import Callable
from datetime import datetime
from types import TracebackType

from nbformat import NotebookNode
from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    GradeCell,
    Notebook,
    SolutionCell,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import determine_grade, is_grade
from sqlalchemy import ColumnElement, Engine, Select, delete, insert, select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session, selectinload, undefer
from traitlets.config.loader import Config

from ..reasons import reasons
from ..release import grade_id
from ..report import Result
from .opening import GRADED

ATTEMPTS = 3  # of a transaction that met another coordinator's


class Grades:
    """The grades of one assignment; use it as a context manager.

    Args:
        engine: from `opening.open_gradebook`.
        assignment: its name.
        config: the course's; says what a late submission loses.
    """

    def __init__(self, engine: Engine, assignment: str, config: Config) -> None:
        self.db = Session(engine, expire_on_commit=False)
        self.penalties = AssignLatePenalties(config=config)
        self.penalties.init_plugin()
        self.name = assignment
        with self.db.begin():
            self.id = self.db.scalar(select(Assignment.id).where(Assignment.name == assignment))
            found = select(Notebook.name, Notebook.id).where(Notebook.assignment_id == self.id)
            self.notebooks = {row.name: row.id for row in self.db.execute(found)}
            # held here, so that the session finds them without asking again
            self.cells = self.db.scalars(
                select(BaseCell).where(BaseCell.notebook_id.in_(self.notebooks.values()))
            ).all()

    def __enter__(self) -> "Grades":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.db.close()

    def fingerprint(self, student: str, notebook: str) -> str | None:
        """What the grade in the gradebook was made from; None if we made none."""
        graded = self._graded(student, notebook).with_only_columns(SubmittedNotebook.id)
        with self.db.begin():
            found = self.db.scalar(
                select(GRADED.c.fingerprint).where(*self._row(student, notebook))
            )
            return found if found and self.db.scalar(graded) else None

    def save(
        self,
        student: str,
        notebook: str,
        nb: NotebookNode,
        *,
        fingerprint: str,
        received: datetime | None,
        before_commit: Callable[[SubmittedNotebook], object] = lambda graded: None,
    ) -> None:
        """Record the scores and reasons of a notebook that has been run.

        Args:
            student: id; made if there is none.
            notebook: name.
            nb: NotebookNode, run.
            fingerprint: what it was made from.
            received: naive datetime in UTC, when the submission came.
            before_commit: called with the rows as they will be; if it raises, nothing is saved.
        """
        scores = {grade_id(cell): determine_grade(cell)[0] for cell in nb.cells if is_grade(cell)}
        said = reasons(nb)

        def write() -> None:
            self._submission(student).timestamp = received
            graded = self._read(student, notebook)
            for grade in graded.grades:
                grade.auto_score = scores.get(grade.cell.name)
                by_hand = grade.manual_score is not None
                grade.needs_manual_grade = by_hand or grade.auto_score is None
            for comment in graded.comments:
                comment.auto_comment = said.get(comment.cell.name)
            self._penalize(student, self._read(student, notebook))
            self.db.execute(delete(GRADED).where(*self._row(student, notebook)))
            self.db.execute(insert(GRADED).values(self._key(student, notebook, fingerprint)))
            before_commit(self._read(student, notebook))

        self._transaction(write)

    def save_zero(self, student: str, reason: str) -> None:
        """Record 0 and the reason for a submission that cannot be opened."""

        def write() -> None:
            self._submission(student)
            for notebook in self.notebooks:
                graded = self._read(student, notebook)
                graded.late_submission_penalty = None  # of what was handed in before
                for grade in graded.grades:
                    grade.auto_score = 0
                    grade.needs_manual_grade = grade.manual_score is not None
                for comment in graded.comments:
                    comment.auto_comment = reason
                self.db.execute(delete(GRADED).where(*self._row(student, notebook)))

        self._transaction(write)

    def result(self, student: str) -> Result:
        """The student's result."""
        with self.db.begin():
            return Result.of(self._submission(student))

    def _transaction(self, write: Callable[[], None]) -> None:
        """Call `write` and commit its changes; again if another writer was in the way."""
        for attempt in range(ATTEMPTS):
            try:
                with self.db.begin():
                    return write()
            except (IntegrityError, OperationalError):
                if attempt + 1 == ATTEMPTS:
                    raise

    def _submission(self, student: str) -> SubmittedAssignment:
        """The student's submission; made with all its empty grades and comments if need be."""
        here = {"assignment_id": self.id, "student_id": student}
        found = self.db.scalars(select(SubmittedAssignment).filter_by(**here)).one_or_none()
        if found is None:
            if self.db.get(Student, student) is None:
                self.db.add(Student(id=student))
            found = SubmittedAssignment(**here)
            self.db.add(found)
            self.db.add_all(self._empty(found, notebook) for notebook in self.notebooks.values())
            self.db.flush()
        return found

    def _empty(self, submission: SubmittedAssignment, notebook_id: str) -> SubmittedNotebook:
        graded = SubmittedNotebook(assignment=submission, notebook_id=notebook_id)
        for cell in self.cells:
            if cell.notebook_id == notebook_id and isinstance(cell, GradeCell | TaskCell):
                graded.grades.append(Grade(cell_id=cell.id))
            if cell.notebook_id == notebook_id and isinstance(cell, SolutionCell | TaskCell):
                graded.comments.append(Comment(cell_id=cell.id))
        return graded

    def _graded(self, student: str, notebook: str) -> Select[tuple[SubmittedNotebook]]:
        return (
            select(SubmittedNotebook)
            .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(Notebook, SubmittedNotebook.notebook_id == Notebook.id)
            .where(
                SubmittedAssignment.assignment_id == self.id,
                SubmittedAssignment.student_id == student,
                Notebook.name == notebook,
            )
        )

    def _read(self, student: str, notebook: str) -> SubmittedNotebook:
        """The rows as they are now, with the scores that the database makes of them."""
        everything = (
            selectinload(SubmittedNotebook.grades),
            selectinload(SubmittedNotebook.comments),
            undefer(SubmittedNotebook.score),
            undefer(SubmittedNotebook.max_score),
        )
        query = self._graded(student, notebook).options(*everything)
        return self.db.scalars(query.execution_options(populate_existing=True)).one()

    def _penalize(self, student: str, graded: SubmittedNotebook) -> None:
        """What nbgrader's AssignLatePenalties does."""
        graded.late_submission_penalty = None
        late = graded.assignment.total_seconds_late
        if late > 0:
            lost = self.penalties.plugin_inst.late_submission_penalty(student, graded.score, late)
            if lost is not None:
                lost = self.penalties._check_late_penalty(graded, lost)
            graded.late_submission_penalty = lost

    def _key(self, student: str, notebook: str, fingerprint: str) -> dict[str, str]:
        names = {"assignment": self.name, "notebook": notebook, "student": student}
        return {**names, "fingerprint": fingerprint}

    def _row(self, student: str, notebook: str) -> list[ColumnElement[bool]]:
        key = self._key(student, notebook, "")
        return [GRADED.c[name] == key[name] for name in ("assignment", "notebook", "student")]
