"""The same class graded by stock nbgrader and by `labtools grade`, cell by cell."""

import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import stock
from honest_class import ROOT, Submission


@dataclass(frozen=True)
class Cell:
    """One grade cell of one submission.

    Args:
        exercise, student, function: Which.
        answer: What was drawn for the function.
        expected: Whether it is to get its points; None where that was not drawn.
        stock, ours: The scores; None where there is none.
    """

    exercise: str
    student: str
    function: str
    answer: str
    expected: bool | None
    stock: float | None
    ours: float | None

    @property
    def same(self) -> bool:
        """Whether both gave it the same score."""
        return self.stock is not None and self.stock == self.ours

    @property
    def as_drawn(self) -> bool:
        """Whether our score is the one that the answer was drawn for."""
        return self.expected is None or bool(self.ours) == self.expected


def cells(
    submissions: Iterable[Submission], theirs: stock.Scores, ours: stock.Scores
) -> list[Cell]:
    """Every grade cell of the submissions, of which both gradebooks must hold a record."""
    found = []
    for it in submissions:
        left, right = (scores[it.exercise][it.student] for scores in (theirs, ours))
        assert left.keys() == right.keys()
        for cell in left:
            function = cell.removeprefix("test_")
            answer, expected = it.answers.get(function, "blank"), it.expected.get(function)
            about = (it.exercise, it.student, function, answer, expected)
            found.append(Cell(*about, left[cell], right[cell]))
    return found


def grade_with_stock(folder: Path, submissions: Sequence[Submission]) -> stock.Scores:
    """Stock nbgrader's scores; what `folder` holds of an earlier run is not graded again.

    Each exercise has a course of its own, so that as many as there are cores are graded at once.
    """
    exercises = sorted({it.exercise for it in submissions})
    work = ([it for it in submissions if it.exercise == name] for name in exercises)
    courses = (folder / name for name in exercises)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        graded = list(pool.map(grade_one_exercise, courses, work))
    return {name: scores for found in graded for name, scores in found.items()}


def grade_one_exercise(course: Path, submissions: Sequence[Submission]) -> stock.Scores:
    """Stock nbgrader's scores for submissions to one exercise, in a course that has no other."""
    exercise = submissions[0].exercise
    calls = [("autograde", exercise, "*", False)]
    if not (course / "gradebook.db").exists():
        stock.write_course(course, [exercise])
        calls.insert(0, ("generate_assignment", exercise))
    stock.hand_in(course, submissions)
    stock.call(course, *calls)
    return {exercise: stock.scores(f"sqlite:///{course / 'gradebook.db'}")[exercise]}


def grade_with_labtools(
    folder: Path, submissions: Sequence[Submission], *options: str
) -> stock.Scores:
    """The scores of `labtools grade` in a gradebook in `folder`, with these options."""
    for it in submissions:
        it.write(folder / "submitted")
    for exercise in sorted({it.exercise for it in submissions}):
        labtools_grade(folder, exercise, *options)
    return stock.scores(f"sqlite:///{folder / 'gradebook.db'}")


def labtools_grade(folder: Path, exercise: str, *options: str) -> str:
    """Run `labtools grade`; what it printed. RuntimeError if somebody is left without a grade."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "labtools.commands", "grade", exercise, "--course", ROOT),
            *("--submitted", folder / "submitted", "--output", folder, *options),
        ],
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"labtools grade {exercise} failed:\n{done.stdout}\n{done.stderr}")
    return done.stdout
