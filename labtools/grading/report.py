"""The results of a class, from the gradebook."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nbgrader.api import Gradebook, SubmittedAssignment

from .printing import printable

WIDTH = 110  # characters of a reason that are shown


@dataclass(frozen=True)
class Result:
    """One student's result.

    Attributes:
        student: id.
        points: dict of function to (points, maximum).
        reasons: dict of function to the comment on it, a person's if there is one.
        penalty: points taken off because it was late.
    """

    student: str
    points: dict[str, tuple[float, float]]
    reasons: dict[str, str]
    penalty: float = 0

    @classmethod
    def of(cls, submission: SubmittedAssignment) -> "Result":
        """From nbgrader's SubmittedAssignment."""
        grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
        comments = [comment for notebook in submission.notebooks for comment in notebook.comments]
        return cls(
            student=submission.student.id,
            points={
                grade.name.removeprefix("test_"): (grade.score, grade.max_score) for grade in grades
            },
            reasons={comment.name: comment.comment for comment in comments if comment.comment},
            penalty=sum(it.late_submission_penalty or 0 for it in submission.notebooks),
        )

    @property
    def score(self) -> float:
        """Points in all, the penalty taken off; not under 0."""
        return max(0.0, sum(points for points, _ in self.points.values()) - self.penalty)

    @property
    def score_text(self) -> str:
        """`7 of 12`."""
        return f"{self.score:g} of {sum(maximum for _, maximum in self.points.values()):g}"


def results(gradebook: Gradebook, assignment: str) -> list[Result]:
    """list of Result, by student."""
    found = [Result.of(submission) for submission in gradebook.assignment_submissions(assignment)]
    return sorted(found, key=lambda result: result.student)


def table(results: Sequence[Result]) -> str:
    """The results as text: points in columns, each student's reasons below them.

    The score is what counts: what being late has cost is taken off, and stands among the reasons.
    """
    functions = list(dict.fromkeys(name for result in results for name in result.points))
    width = max([len("student"), *(len(result.student) for result in results)])
    lines = ["  ".join([f"{'student':<{width}}", f"{'score':>10}", *functions])]
    for result in results:
        points = [f"{points_text(result, name):>{len(name)}}" for name in functions]
        student = printable(result.student)
        lines.append("  ".join([f"{student:<{width}}", f"{result.score_text:>10}", *points]))
        lines += [f"    {line}" for line in reason_lines(result)]
    return "\n".join(lines)


def points_text(result: Result, name: str) -> str:
    """`2/3`."""
    points, maximum = result.points[name]
    return f"{points:g}/{maximum:g}"


def reason_lines(result: Result) -> Iterator[str]:
    """What being late has cost; then each reason once, after the functions that it is about."""
    if result.penalty:
        yield f"late: {result.penalty:g} taken off"
    about: dict[str, list[str]] = {}
    for name, reason in result.reasons.items():
        about.setdefault(reason.removeprefix(f"{name}: "), []).append(name)
    everything = len(result.points)
    for reason, names in about.items():
        text = reason if len(names) == everything > 1 else f"{', '.join(names)}: {reason}"
        text = printable(text)
        yield text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"
