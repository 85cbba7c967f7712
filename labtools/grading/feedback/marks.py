"""What the gradebook says of one notebook."""

from dataclasses import dataclass

from nbgrader.api import Grade, SubmittedNotebook


@dataclass(frozen=True, order=True)
class Comment:
    """Words about an answer: text of the grader's, or markdown of a person's."""

    text: str
    by_person: bool


@dataclass(frozen=True)
class Marks:
    """Points and comments.

    Attributes:
        points: dict of grade cell to (points, maximum).
        comments: dict of solution cell to Comment.
        penalty: points taken off because it was late.
    """

    points: dict[str, tuple[float, float]]
    comments: dict[str, Comment]
    penalty: float = 0

    @classmethod
    def of(cls, graded: SubmittedNotebook) -> "Marks":
        """From nbgrader's SubmittedNotebook."""
        written = [(it.name, it.manual_comment, it.auto_comment) for it in graded.comments]
        return cls(
            points={it.name: (points(it), it.cell.max_score) for it in graded.grades},
            comments={
                name: Comment(by_hand or found, by_hand is not None)
                for name, by_hand, found in written
                if by_hand or (by_hand is None and found)
            },
            penalty=graded.late_submission_penalty or 0,
        )

    @property
    def total(self) -> float:
        """Points in all, the penalty taken off; not under 0."""
        return max(0.0, sum(points for points, _ in self.points.values()) - self.penalty)

    @property
    def maximum(self) -> float:
        """What could be reached."""
        return sum(maximum for _, maximum in self.points.values())


def points(grade: Grade) -> float:
    """A person's points or else the grader's; nbgrader's own `score` is stale until reloaded."""
    own = grade.auto_score if grade.manual_score is None else grade.manual_score
    return (own or 0.0) + (grade.extra_credit or 0.0)
