"""Which cells of a notebook to run for its checks, and what became of each function."""

import enum
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from labtools.commands.notebooks import Cell, may_define, same_code
from labtools.commands.opening import Opened
from labtools.commands.releases import Release
from labtools.commands.running import Step, run_all
from labtools.commands.shell import Failure

CELL_SECONDS = 60.0
HUNT = "bug_"  # the answer bug_x is looked at by the cell reveal_x, for no points
TOO_OFTEN = Failure("Ended", "its check was not reached: other cells ended Python too often")


class Status(enum.Enum):
    """What became of a function."""

    DONE = "done"
    BLANK = "not attempted"
    WRONG = "wrong"
    NOT_RUN = "not run"


@dataclass(frozen=True)
class Result:
    """What became of one function.

    Attributes:
        name: the function.
        points: what its check is worth; None for the example of a bug, which is not graded.
        status: Status.
        failure: why it is wrong or was not run.
    """

    name: str
    points: float | None
    status: Status
    failure: Failure | None = None

    @property
    def earned(self) -> float:
        """Points of the visible check."""
        return self.points if self.points and self.status is Status.DONE else 0.0


def check(
    notebook: Opened,
    wanted: Collection[str] = (),
    seconds: float = CELL_SECONDS,
    say: Callable[[str], object] = lambda name: None,
) -> tuple[list[Result], list[Failure]]:
    """Run the visible checks of a notebook, in a new process and the notebook's folder.

    Args:
        notebook: Opened.
        wanted: names of functions; none for all.
        seconds: how long a cell of the learner's, or a check, may run.
        say: called with the name of each function before its check.

    Returns:
        list of Result, in the notebook's order, and the failures of cells that the learner added.
    """
    points = functions(notebook.cells)
    asked = [name for name in points if not wanted or name in wanted]
    blank = {name for name in asked if is_blank(name, notebook.cells, notebook.release)}
    cells = needed(notebook.cells, set(asked) - blank)
    steps = [Step(cell.source, checked_by(cell), *times(cell, seconds)) for cell in cells]
    failures = run_all(steps, notebook.path.resolve().parent, say)
    ran = [(cells[index], failure) for index, failure in sorted(failures.items())]
    verdicts = {
        name: (Status.BLANK, None) if name in blank else verdict(name, ran) for name in asked
    }
    added = [failure for cell, failure in ran if failure and not cell.name]
    return [Result(name, points[name], *verdicts[name]) for name in asked], added


def functions(cells: list[Cell]) -> dict[str, float | None]:
    """dict of each function that is checked to its points, None for the example of a bug."""
    found = {checked_by(cell): cell.points if cell.check else None for cell in cells}
    return {name: points for name, points in found.items() if name}


def checked_by(cell: Cell) -> str | None:
    """The function that a cell checks; None if it checks none."""
    if cell.name and cell.check:
        return cell.name.removeprefix("test_")
    if cell.name and cell.name.startswith("reveal_"):
        return HUNT + cell.name.removeprefix("reveal_")
    return None


def is_blank(name: str, cells: list[Cell], release: Release | None) -> bool:
    """Whether a function is as it was released, and no cell of the learner's defines it."""
    released = release.cells if release else []
    stubs = [cell.source for cell in released if cell.answer and cell.name == name]
    own = [cell for cell in cells if cell.name == name]
    others = [cell for cell in cells if not (cell.locked or cell.name == name)]
    return (
        bool(stubs)
        and all(same_code(cell.source, stubs[0]) for cell in own)
        and not any(may_define(cell.source, name) for cell in others)
    )


def needed(cells: list[Cell], asked: Collection[str]) -> list[Cell]:
    """The cells to run for the checks of some functions: all but demos, up to the last check."""
    found = [
        cell for cell in cells if (checked_by(cell) in asked if checked_by(cell) else not cell.demo)
    ]
    last = max((i for i, cell in enumerate(found) if checked_by(cell)), default=-1)
    return found[: last + 1]


def times(cell: Cell, seconds: float) -> tuple[float, ...]:
    """How long a cell may run; the course's own import torch, and take as long as they take."""
    return () if cell.locked and not checked_by(cell) else (seconds,)


Ran = list[tuple[Cell, Failure | None]]


def verdict(name: str, ran: Ran) -> tuple[Status, Failure | None]:
    """What became of a function, from the cells that were run."""
    failures = [failure for cell, failure in ran if checked_by(cell) == name]
    if not failures:
        return Status.NOT_RUN, TOO_OFTEN
    failure = failures[-1]  # of a check that is there twice, the last
    if failure is None:
        return Status.DONE, None
    if failure.mistake == "not-written" and not name.startswith(HUNT):
        return Status.BLANK, None
    cause = None if failure.mistake else first_cause(name, ran)
    if cause or failure.mistake in ("not-written", "unchecked", "broken-check"):
        return Status.NOT_RUN, cause or failure
    return Status.WRONG, failure


def first_cause(name: str, ran: Ran) -> Failure | None:
    """Why a check had nothing to look at: the function's own cell failed, or the course's first."""
    failed = [(cell, failure) for cell, failure in ran if failure and not checked_by(cell)]
    for cell, failure in failed:
        if cell.name == name:
            return replace(failure, title=f"its cell failed: {failure.title}")
    for cell, failure in failed:
        if cell.locked:
            return replace(failure, title=f"the cell {cell.name} failed: {failure.title}")
    return None
