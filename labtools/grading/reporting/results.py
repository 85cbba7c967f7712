"""A class's results as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Question:
    """A function that was asked for, and its points."""

    name: str
    maximum: float


@dataclass(frozen=True)
class Answer:
    """One student's answer to one question.

    Attributes:
        points: points, a person's before the grader's.
        attempted: False if the cell was handed back as it was.
        reason: why points were lost, in a line; None if there is nothing to say.
        mistake: the diagnosed mistake's name, as in `labtools.checks.Diagnosis`; None if unknown.
        title: the diagnosis in a line.
        section: where the book explains it.
    """

    points: float
    attempted: bool = True
    reason: str | None = None
    mistake: str | None = None
    title: str | None = None
    section: str | None = None


@dataclass(frozen=True)
class Student:
    """One student.

    Attributes:
        id: nbgrader's student id.
        first_name, last_name, email, lms_user_id: as the gradebook has them, or "".
        answers: dict of question to Answer; empty if there is no grade.
        penalty: points taken off because it was late.
        fault: why there is no grade; None if there is one.
        by_hand: whether a person still has to look at it.
        cpu_seconds: what running the notebook took; None if unknown.
        feedback: the page handed back; None if there is none.
    """

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_user_id: str = ""
    answers: Mapping[str, Answer] = field(default_factory=dict)
    penalty: float = 0
    fault: str | None = None
    by_hand: bool = False
    cpu_seconds: float | None = None
    feedback: Path | None = None

    @property
    def score(self) -> float:
        """Points in all, the penalty taken off; not under 0."""
        return max(0.0, sum(it.points for it in self.answers.values()) - self.penalty)

    @property
    def name(self) -> str:
        """First and last name, or else the id."""
        return " ".join(part for part in (self.first_name, self.last_name) if part) or self.id


@dataclass(frozen=True)
class Results:
    """A class's results in one assignment.

    Attributes:
        assignment: its name.
        questions: in the assignment's order.
        students: those who handed in, by id.
        absent: ids of those in the gradebook who handed nothing in.
        unsafe: whether anyone's code ran without a sandbox.
        cold: whether anyone's sandbox was not forked from a warm process.
    """

    assignment: str
    questions: tuple[Question, ...]
    students: tuple[Student, ...]
    absent: tuple[str, ...] = ()
    unsafe: bool = False
    cold: bool = False

    @property
    def maximum(self) -> float:
        """Points that could be reached."""
        return sum(question.maximum for question in self.questions)

    @property
    def graded(self) -> tuple[Student, ...]:
        """The students who have a grade."""
        return tuple(student for student in self.students if student.fault is None)
