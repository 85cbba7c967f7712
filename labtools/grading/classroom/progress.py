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
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from ..printing import printable


class Lines:
    """A line for each notebook, as it is done; use it as a context manager."""

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
        print(f"grading {assignment}", flush=True)
        self.total, self.number, self.began = total, 0, time.monotonic()

    def graded(self, student: str, verdict: str, *, failed: bool = False) -> None:
        """One notebook is done."""
        self.number += 1
        took = time.monotonic() - self.began
        place = f"{self.number:>4}/{self.total}"
        print(f"{place}  {printable(student):<12} {verdict:>12}  {took:6.1f} s", flush=True)


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

    def begin(self, assignment: str, total: int) -> None:
        """Grading begins, of so many notebooks of an assignment."""
        self.failed, self.bar = 0, self.add_task(assignment, total=total, failed=0)

    def graded(self, student: str, verdict: str, *, failed: bool = False) -> None:
        """One notebook is done."""
        self.failed += failed
        if failed:
            said = f"{printable(student)}: {verdict}"
            self.console.print(said, markup=False, highlight=False)
        self.update(self.bar, advance=1, failed=self.failed)


def display() -> Lines | Bar:
    """What suits standard output."""
    return Bar() if sys.stdout.isatty() else Lines()
