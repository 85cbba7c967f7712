"""Grade a class that works honestly with stock nbgrader and with `labtools grade`, and compare.

    python tests/grading/honest/compare_with_stock.py [--each N] [--seed N] [--keep DIR]

Prints, for each exercise, how many grade cells got the same score, then every cell that did not.
The exit status is 0 if all did. Stock nbgrader takes about ten seconds a submission; with --keep
its grades are used again for those submissions that are the same in the next run. (Only for
these: if a solution or a check has changed, begin with a new folder.)
"""

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

from comparing import Cell, cells, grade_with_labtools, grade_with_stock
from honest_class import EXERCISES, honest_class


def main() -> int:
    """Compare; 0 if every grade cell has the same score, 1 if not."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--each", type=int, default=34, help="submissions to each exercise")
    parser.add_argument("--seed", type=int, default=0, help="another seed is another class")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="folder for both gradebooks")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        found = compare(args.keep or Path(temporary), args.each, args.seed)
    report(found)
    return 0 if all(cell.same and cell.as_drawn for cell in found) else 1


def compare(folder: Path, each: int, seed: int) -> list[Cell]:
    """The grade cells of a class with `each` submissions to each exercise."""
    submissions = [it for name in EXERCISES for it in honest_class(name, each, seed)]
    theirs = grade_with_stock(folder / "stock", submissions)
    ours = grade_with_labtools(folder / "labtools", submissions)
    return cells(submissions, theirs, ours)


def report(found: list[Cell]) -> None:
    """A table, then what is different."""
    print(f"{'exercise':<24}" + "".join(f"{it:>13}" for it in COLUMNS))
    for name in [*EXERCISES, "all"]:
        chosen = [cell for cell in found if name in (cell.exercise, "all")]
        print(f"{name:<24}" + "".join(f"{count(chosen):>13}" for count in COLUMNS.values()))
    for cell in found:
        if not (cell.same and cell.as_drawn):
            who = f"{cell.exercise} {cell.student} {cell.function} ({cell.answer})"
            print(f"{who}: stock {cell.stock}, labtools {cell.ours}, drawn {cell.expected}")


COLUMNS = {
    "submissions": lambda found: len({(cell.exercise, cell.student) for cell in found}),
    "grade cells": len,
    "with points": lambda found: sum(bool(cell.ours) for cell in found),
    "same": lambda found: sum(cell.same for cell in found),
    "different": lambda found: sum(not cell.same for cell in found),
    "not as drawn": lambda found: sum(not cell.as_drawn for cell in found),
}


if __name__ == "__main__":
    sys.exit(main())
