"""Grade a class: scores and reasons into nbgrader's gradebook, feedback pages, CSV.

What is graded already, and has not changed since, is not graded again; so an interrupted run goes
on where it stopped. The exit status is 0 if everyone has a grade, 1 if someone has none for a
reason that is not theirs, 2 if an assignment cannot be graded at all, 130 if you interrupt it.
"""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from traitlets.config.loader import Config

from .classroom import working
from .classroom.course import Class, GradingError, limits_of, load_config
from .classroom.progress import display
from .classroom.scheduling import Workers
from .printing import printable
from .unsafe import asked_unsafe

KINDS = ("html", "csv", "json")
MOST_SEED = 2**31 - 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `labtools grade` takes."""
    parser.add_argument(
        "assignments", nargs="+", metavar="ASSIGNMENT", help="such as ch03_clm; one after the other"
    )
    add_places(parser.add_argument_group("where things are"))
    add_choices(parser.add_argument_group("what is graded"))
    add_machines(parser.add_argument_group("on what"))
    parser.add_argument(
        "--report",
        action="append",
        default=[],
        choices=KINDS,
        help="also write the class's results as report-ASSIGNMENT.html, .csv or .json",
    )


def add_places(group: argparse._ArgumentGroup) -> None:
    """Folders and gradebook."""
    group.add_argument(
        "--course",
        type=Path,
        metavar="DIR",
        default=Path(),
        help="folder of nbgrader_config.py (default: this one)",
    )
    group.add_argument(
        "--submitted",
        type=Path,
        metavar="DIR",
        help="folder of <student>/<assignment>/<assignment>.ipynb (default: submitted)",
    )
    group.add_argument(
        "--output",
        type=Path,
        metavar="DIR",
        help="folder for gradebook, graded notebooks, feedback and CSV (default: the course)",
    )
    group.add_argument(
        "--db-url",
        metavar="URL",
        help="the gradebook, such as postgresql://user@host/name (default: gradebook.db)",
    )


def add_choices(group: argparse._ArgumentGroup) -> None:
    """Which submissions, and how."""
    group.add_argument(
        "--student", nargs="+", action="extend", default=[], metavar="NAME", help="these alone"
    )
    group.add_argument(
        "--regrade", action="store_true", help="also what is graded already and has not changed"
    )
    group.add_argument(
        "--dry-run", action="store_true", help="say what would be graded, and change nothing"
    )
    group.add_argument(
        "--seed",
        type=seed,
        metavar="N",
        help="what the checks draw their inputs from (default: drawn once for each gradebook)",
    )


def add_machines(group: argparse._ArgumentGroup) -> None:
    """Where the notebooks run."""
    group.add_argument(
        "--workers",
        type=positive,
        metavar="N",
        help="submissions at once on this machine (default: one for each core)",
    )
    group.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="of a dask scheduler, such as tcp://host:8786, whose workers grade",
    )
    group.add_argument(
        "--unsafe",
        action="store_true",
        default=asked_unsafe(),
        help="run learners' code without a sandbox, as yourself: it can read your files, the "
        "hidden tests too, and decide its own grade",
    )


def positive(text: str) -> int:
    """A whole number above 0, for argparse."""
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number above 0, got {text}")
    return int(text)


def seed(text: str) -> int:
    """A seed that all generators take, for argparse."""
    if not text.isascii() or not text.isdigit() or int(text) > MOST_SEED:
        expected = f"expected a whole number from 0 to {MOST_SEED}"
        raise argparse.ArgumentTypeError(f"{expected}, got {text}")
    return int(text)


def run(args: argparse.Namespace) -> int:
    """Grade; the exit status is 0 unless something other than a submission is at fault."""
    klass = Class(args.course, args.submitted, args.output, args.db_url)
    args.assignments = list(dict.fromkeys(args.assignments))
    try:
        config = load_config(klass)
        setting = working.setting(limits_of(config), args.unsafe)
        return (preview if args.dry_run else grade)(klass, config, setting, args)
    except GradingError as error:
        print(f"labtools grade: {error}", file=sys.stderr)
        return 2


def grade(klass: Class, config: Config, setting: bytes, args: argparse.Namespace) -> int:
    """Grade, and say what came of it."""
    with Workers(setting, args.scheduler, args.workers) as workers, display() as shown:
        # imports nbgrader, which takes seconds: the workers start meanwhile
        from .classroom.grading import Order, grade_all
        from .classroom.summary import tell

        order = Order(args.student, args.regrade, args.seed)
        done, problems = grade_all(klass, config, args.assignments, order, workers, shown)
    status = tell(klass, done, args.report, args.unsafe)
    return complain(problems) or status


def preview(klass: Class, config: Config, setting: bytes, args: argparse.Namespace) -> int:
    """Say what would be graded; 2 if an assignment cannot be."""
    from .classroom.grading import Order
    from .classroom.preview import verdicts

    order = Order(args.student, args.regrade, args.seed)
    problems: dict[str, None] = {}
    for assignment in args.assignments:
        try:
            found = list(verdicts(config, assignment, order, setting))
        except GradingError as error:
            problems[str(error)] = None
            continue
        print(assignment)
        for student, verdict in found:
            print(f"  {printable(student)}: {verdict}")
    return complain(problems)


def complain(problems: Iterable[str]) -> int:
    """Say why assignments cannot be graded; the exit status, 2 if there are any such."""
    status = 0
    for problem in problems:
        print(f"labtools grade: {problem}", file=sys.stderr)
        status = 2
    return status
