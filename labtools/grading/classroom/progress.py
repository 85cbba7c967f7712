"""Progress: a bar on a terminal, a line for each student elsewhere."""

import sys
import time
from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from ..printing import printable


class Lines:
    """A line for each notebook, as it is done; use it as a context manager."""

    def __init__(self) -> None:
        self.number = self.total = self.width = 0
        self.began = time.monotonic()

    def __enter__(self) -> "Lines":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        pass

    def begin(self, assignment: str, total: int) -> None:
        """Grading begins, of so many notebooks of an assignment."""
        self.total += total
        self.width = max(self.width, len(assignment))

    def graded(self, assignment: str, student: str, verdict: str, *, failed: bool = False) -> None:
        """One notebook is done."""
        self.number += 1
        took = time.monotonic() - self.began
        where = f"{self.number:>4}/{self.total:<4} {assignment:<{self.width}}"
        print(f"{where}  {printable(student):<12} {verdict:>12}  {took:6.1f} s", flush=True)


class Rate(ProgressColumn):
    """Notebooks a minute."""

    def render(self, task: Task) -> Text:
        """`31 a minute`."""
        return Text(f"{60 * task.speed:.0f} a minute" if task.speed else "")


class Bar(Progress):
    """Done, failed, rate and time left; use it as a context manager."""

    def __init__(self, console: Console | None = None) -> None:
        super().__init__(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[failed]} failed"),
            Rate(),
            TimeRemainingColumn(compact=True),
            console=console,
            speed_estimate_period=60,
        )
        self.bars: dict[str, TaskID] = {}

    def begin(self, assignment: str, total: int) -> None:
        """Grading begins, of so many notebooks of an assignment."""
        self.bars[assignment] = self.add_task(assignment, total=total, failed=0)

    def graded(self, assignment: str, student: str, verdict: str, *, failed: bool = False) -> None:
        """One notebook is done."""
        if failed:
            said = f"{assignment}: {printable(student)}: {verdict}"
            self.console.print(said, markup=False, highlight=False)
        bar = self.bars[assignment]
        self.update(bar, advance=1, failed=self.tasks[bar].fields["failed"] + failed)


def display() -> Lines | Bar:
    """What suits standard output."""
    return Bar() if sys.stdout.isatty() else Lines()
