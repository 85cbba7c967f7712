"""Command line: grade a class and print its results."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from .classroom import Class, GradingError, grade
from .report import table


def main(argv: Sequence[str] | None = None) -> int:
    """Grade; the exit status is 0 unless something other than a submission is at fault."""
    args = parser().parse_args(argv)
    klass = Class(args.course, args.submitted, args.output)
    try:
        results = grade(klass, args.assignment)
    except GradingError as error:
        print(f"labtools.grading: {error}", file=sys.stderr)
        return 2
    print(f"\n{table(results)}\n")
    for name in ("gradebook.db", "feedback", "grades.csv", "grading.log"):
        print(f"{name:<13} {klass.path(name)}")
    for student, why in klass.faults.items():
        print(f"labtools.grading: no grade for {student}: {why}", file=sys.stderr)
    return 1 if klass.faults else 0


def parser() -> argparse.ArgumentParser:
    """The arguments."""
    it = argparse.ArgumentParser(
        prog="python -m labtools.grading",
        description="Grade a class: scores and reasons into nbgrader's gradebook, feedback, CSV.",
    )
    it.add_argument("assignment", help="name of the exercise, such as ch03_clm")
    it.add_argument(
        "--submitted",
        type=Path,
        metavar="DIR",
        help="folder of <student>/<assignment>/<assignment>.ipynb (default: submitted)",
    )
    it.add_argument(
        "--output",
        type=Path,
        metavar="DIR",
        help="folder for gradebook, graded notebooks, feedback, CSV and log (default: the course)",
    )
    it.add_argument(
        "--course",
        type=Path,
        metavar="DIR",
        default=Path(),
        help="folder of nbgrader_config.py (default: this one)",
    )
    return it


if __name__ == "__main__":
    sys.exit(main())
