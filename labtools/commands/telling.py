"""Results in words, as wide as the terminal."""

import os
import shutil
import sys
import textwrap
from collections.abc import Iterator

from labtools.commands.checking import Result, Status
from labtools.commands.shell import Failure

SIGNS = {Status.DONE: "✓", Status.BLANK: "·", Status.WRONG: "✗", Status.NOT_RUN: "!"}
COLOURS = {Status.DONE: 32, Status.BLANK: 90, Status.WRONG: 31, Status.NOT_RUN: 33}


def width() -> int:
    """Characters of a line: those of the terminal, but no more than are easy to read."""
    return min(100, max(40, shutil.get_terminal_size().columns))


def painted(text: str, status: Status) -> str:
    """``text`` in the colour of a status, where it can be seen and is wanted."""
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
        return text
    return f"\x1b[{COLOURS[status]}m{text}\x1b[0m"


def counted(results: list[Result]) -> str:
    """`2 of 6 functions done, 6 of 20 points; 1 of 5 bugs found`."""
    graded = [result for result in results if result.points is not None]
    hunts = [result for result in results if result.points is None]
    parts = []
    if graded:
        worth = sum(result.points or 0 for result in graded)
        earned = sum(result.earned for result in graded)
        functions = "function" if len(graded) == 1 else "functions"
        parts.append(f"{done(graded)} {functions} done, {earned:g} of {worth:g} points")
    if hunts:
        parts.append(f"{done(hunts)} {'bug' if len(hunts) == 1 else 'bugs'} found")
    return "; ".join(parts)


def done(results: list[Result]) -> str:
    """`2 of 6`."""
    return f"{sum(result.status is Status.DONE for result in results)} of {len(results)}"


def table(results: list[Result]) -> Iterator[str]:
    """A line for each function: its name, its points, what became of it."""
    longest = max(len(result.name) for result in results)
    for result in results:
        points = "" if result.points is None else f"{result.earned:g}/{result.points:g}"
        start = f"  {SIGNS[result.status]} {result.name:<{longest}}  {points:>5}  "
        line = shortened(start + in_a_line(result), width())
        yield painted(line, result.status)


def in_a_line(result: Result) -> str:
    """What became of a function, and why."""
    why = f": {result.failure.title}" if result.failure else ""
    return result.status.value + why


def shortened(text: str, most: int) -> str:
    """``text``, cut to a number of characters."""
    return text if len(text) <= most else text[: most - 1] + "…"


def details(results: list[Result]) -> Iterator[str]:
    """The whole of what there is to say, once for all functions that it is about."""
    about: dict[Failure, list[Result]] = {}
    for result in results:
        if result.failure:
            about.setdefault(result.failure, []).append(result)
    for failure, its in about.items():
        names = ", ".join(result.name for result in its)
        yield painted(wrapped(f"{names}: {failure.title}"), its[0].status)
        section = f"Look up: {failure.section}" if failure.section else ""
        parts = (wrapped(failure.explain), failure.where, wrapped(section))
        yield from (part for part in parts if part)


def wrapped(text: str, first: str = "") -> str:
    """``text`` in lines, the first after ``first``; addresses stay whole, to be clicked."""
    return textwrap.fill(
        text,
        width(),
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_on_hyphens=False,
        break_long_words=False,
    )
