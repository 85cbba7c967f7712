"""Run a submission to its end, also when its kernel does not live that long."""

import sys
import tempfile
from pathlib import Path
from typing import Any

from jupyter_client.manager import KernelManager
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.preprocessors import Execute as NbGraderExecute
from nbgrader.utils import is_grade, is_locked
from traitlets import Dict, Integer, default

from .release import Resources, grade_id

TIMEOUT = "CellTimeoutError"
KILLED = "KernelDied"


class Execute(NbGraderExecute):
    """nbgrader's Execute; a grade cell that did not run to its end gets an error that says why.

    Stock nbgrader gives up the whole submission when its kernel dies or ignores an interrupt,
    and full marks to a grade cell without output.
    """

    timeout = Integer(60, allow_none=True, help="Seconds that a cell may run.").tag(config=True)
    error_on_timeout = Dict(help="The error of a cell that ran too long.").tag(config=True)

    @default("error_on_timeout")
    def _error_on_timeout(self) -> dict[str, Any]:
        return error(TIMEOUT, f"the cell was stopped after {self.timeout} s: an endless loop?")

    @default("shutdown_kernel")
    def _shutdown_kernel(self) -> str:
        return "immediate"  # nothing in it is needed any more

    @default("iopub_timeout")
    def _iopub_timeout(self) -> int:
        return 10  # seconds; a loaded machine may be slow to show a cell's output

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Run the cells in order; the kernel's end is not the end of the grade cells' records."""
        self.stopped_by: str | None = (
            None  # a description of the cell with which the kernel stopped
        )
        self.finished: set[str | None] = set()
        with tempfile.TemporaryDirectory(prefix="kernel-") as self.sockets:
            nb, resources = super().preprocess(nb, resources)
        refuse_broken_set_up(nb)
        for cell in nb.cells:
            if is_grade(cell) and grade_id(cell) not in self.finished:
                cell.outputs.append(new_output("error", **error(KILLED, self.why_not_run())))
        return nb, resources

    def create_kernel_manager(self) -> KernelManager:
        """A manager that talks to its kernel through files, not ports; called by nbclient."""
        manager = super().create_kernel_manager()
        if sys.platform != "win32":
            manager.transport = "ipc"
            # absolute: the kernel starts in another folder
            manager.ip = str(Path(self.sockets, "ipc"))
        return manager

    def preprocess_cell(
        self, cell: NotebookNode, resources: Resources, index: int
    ) -> tuple[NotebookNode, Resources]:
        """Run one cell, unless the kernel has stopped."""
        if self.stopped_by is None:
            try:
                return super().preprocess_cell(cell, resources, index)
            except (DeadKernelError, TimeoutError) as problem:
                self.log.warning("The kernel stopped in cell %s: %s", index, problem)
                self.stopped_by = describe(cell)
        return cell, resources

    def on_cell_executed(self, **kwargs: Any) -> None:
        """Note that a reply came; called by nbclient."""
        super().on_cell_executed(**kwargs)
        cell, reply = kwargs["cell"], kwargs["execute_reply"]["content"]
        if reply["status"] in ("ok", "error"):
            self.finished.add(grade_id(cell))
        if any(part.get("source") == "ask_exit" for part in reply.get("payload", [])):
            self.stopped_by = describe(cell)  # exit(): the kernel ends soon, but not at once
        if reply.get("ename") == TIMEOUT:  # the interrupt is ours, not the learner's error
            cell.outputs = [out for out in cell.outputs if out.get("ename") != "KeyboardInterrupt"]

    def why_not_run(self) -> str:
        """Why a grade cell has no reply."""
        if self.stopped_by is None:
            return "this check did not run"
        return f"the kernel stopped in {self.stopped_by}, so this check could not run to its end"


class SetUpFailed(RuntimeError):
    """The course's own first cells failed: a fault of the grader, so nobody gets 0 for it."""


def refuse_broken_set_up(nb: NotebookNode) -> None:
    """Raise SetUpFailed if a cell of the course failed before any cell that the learner wrote."""
    for cell in nb.cells:
        if cell.cell_type != "code":
            continue
        if not is_locked(cell) or is_grade(cell):
            return
        if (failure := first_error(cell)) is not None:
            raise SetUpFailed(f"cell {grade_id(cell)}: {failure.ename}: {failure.evalue}")


def error(name: str, message: str) -> dict[str, Any]:
    """What nbclient and nbformat need for an error output."""
    return {"ename": name, "evalue": message, "traceback": [f"{name}: {message}"]}


def describe(cell: NotebookNode) -> str:
    """A cell, in words for the learner."""
    name = grade_id(cell)
    return f"the cell {name}" if name else "a cell that you added"


def first_error(cell: NotebookNode) -> NotebookNode | None:
    """The first error among a code cell's outputs; None if there is none."""
    return next((output for output in cell.outputs if output.output_type == "error"), None)
