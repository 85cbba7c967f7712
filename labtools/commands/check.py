"""Run the visible checks of a notebook and say what is done, what is not, and why.

The notebook runs from its first cell in a new Python, without its demonstrations. Nothing in the
file is changed; cells that you have not saved are not seen. The exit status is 0 if all is done,
1 if something is not, 2 if the notebook cannot be checked.
"""

import argparse
import difflib
import os
import sys
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from labtools.commands.checking import CELL_SECONDS, Status, check, functions
from labtools.commands.main import CommandError
from labtools.commands.opening import Opened, opened
from labtools.commands.shell import Failure
from labtools.commands.telling import counted, details, table, wrapped

DAY = 86_400.0  # seconds
BOOK = "LABTOOLS_BOOK"  # see labtools.checks.sections, which is slow to import
NO_RELEASE = (
    "the exercise as handed out was not found (--release names its folder), so the notebook's own "
    "copies of the checks were run"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `labtools check` takes."""
    parser.add_argument("notebook", type=Path, metavar="NOTEBOOK")
    parser.add_argument("functions", nargs="*", metavar="FUNCTION", help="these alone")
    add_release(parser)
    add_timeout(parser)


def add_release(parser: argparse.ArgumentParser) -> None:
    """Where the exercises are as they were handed out."""
    parser.add_argument(
        "--release",
        type=Path,
        metavar="DIR",
        help="folder of the exercises as handed out (default: exercises/, here or above)",
    )


def add_timeout(parser: argparse.ArgumentParser) -> None:
    """How long a cell may run."""
    parser.add_argument(
        "--timeout",
        type=positive,
        default=CELL_SECONDS,
        metavar="SECONDS",
        help="how long a cell or a check may run (default: %(default)g)",
    )


def positive(text: str) -> float:
    """A number above 0, of seconds in a day at most, for argparse."""
    number = float(text)
    if not 0 < number <= DAY:
        expected = f"expected a number above 0, at most {DAY:g}"
        raise argparse.ArgumentTypeError(f"{expected}, got {text}")
    return number


def run(args: argparse.Namespace) -> int:
    """Check; 0 if everything that was asked for is done."""
    notebook = opened(args.notebook, args.release)
    known = functions(notebook.cells)
    if not known:
        raise CommandError(f"{args.notebook}: this notebook has no checks")
    refuse_unknown(args.functions, known, notebook.name)
    link_book(notebook)
    results, added = check(notebook, args.functions, args.timeout, running)
    running("")
    print(f"{notebook.name}: {counted(results)}\n", *table(results), sep="\n")
    for paragraph in details(results):
        print(f"\n{paragraph}")
    for note in notes(notebook, added):
        print(f"\n{wrapped(f'Note: {note}.')}")
    # the example of a bug is not graded: it counts if it is asked for
    counting = [r for r in results if args.functions or r.points is not None]
    finished = all(result.status is Status.DONE for result in counting)
    if finished and not args.functions:
        print("\nEvery visible check passes. Grading tries further inputs.")
    return 0 if finished else 1


def notes(notebook: Opened, added: Iterable[Failure]) -> Iterator[str]:
    """What else there is to say; ``added`` are the failures of cells that the learner added."""
    yield from notebook.notes if notebook.release else [NO_RELEASE]
    for failure in added:
        yield "; ".join(
            filter(None, [f"a cell that you added failed: {failure.title}", failure.where.strip()])
        )


def refuse_unknown(asked: Iterable[str], known: Collection[str], exercise: str) -> None:
    """CommandError, with the names there are, if one that was asked for is not among them."""
    for name in asked:
        if name not in known:
            close = difflib.get_close_matches(name, known, 1)
            meant = f"; did you mean {close[0]}?" if close else ""
            there = ", ".join(known)
            raise CommandError(f"{exercise} has no function {name!r}{meant}\nIt has: {there}")


def link_book(notebook: Opened) -> None:
    """Let the checks link to the book, if it was built beside the exercises."""
    if notebook.release:
        pages = notebook.release.path.resolve().parents[2] / "_build" / "html" / "book"
        if pages.is_dir():
            os.environ.setdefault(BOOK, pages.as_uri())


def running(name: str) -> None:
    """Say on a terminal what is being checked; "" takes it away again."""
    if sys.stderr.isatty():
        text = f"checking {name} …" if name else ""
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
