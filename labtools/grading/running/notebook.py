"""Run the cells of a rebuilt notebook: the learner's in a box, the checks in this process.

    set-up        locked, before the first answer         here and in the box
    answers       and every cell that the learner added   in the box
    other locked  after the first answer                  in the box and, answers bound, here
    checks        grade cells                             here, answers bound
    demos         tagged `demo` or `skip-execution`       nowhere

Here, a name that the learner was asked for stands for what the box holds by that name. No code of
the learner's ever runs here.
"""

import contextlib
import os
import time
from collections.abc import Iterable, Iterator
from typing import Any

from nbformat import NotebookNode, from_dict
from nbgrader.utils import is_grade, is_locked, is_solution

from labtools.checks.report import CheckFailed
from labtools.grading.limits import Limits
from labtools.grading.release import grade_id
from labtools.grading.remote import BoxLost
from labtools.grading.sandbox import Boxes

from .cells import Cells, Ran
from .recording import Output
from .replaying import Session, Stopped

STOPPED = "Stopped"
SKIPPED = {"demo", "skip-execution"}  # tags
SEED = "LABTOOLS_SEED"  # read by the checks


class SetUpFailed(RuntimeError):
    """The course's own first cells failed: a fault of the grader, so nobody gets 0 for it."""


def run_notebook(
    nb: NotebookNode,
    cells: Cells,
    boxes: Boxes,
    limits: Limits,
    seed: int = 0,
    names: Iterable[str] | None = None,
) -> NotebookNode:
    """Run ``nb`` and put the outputs into it.

    ``metadata.labtools`` gets ``diagnoses``, dict of function to the mistake's name, title and
    section; ``usage``, dict of cpu_seconds, wall_seconds and peak_mb; and ``seed``.

    Args:
        nb: NotebookNode, rebuilt from the release; it is changed.
        cells: Cells of this process, in which nothing was run.
        boxes: Boxes, ready.
        limits: Limits of a box, and of the computing of one cell in this process.
        seed: int, of the checks' random inputs: 0 for those that learners see.
        names: what the learner was asked for; the solution cells' ``grade_id`` if not given.

    Returns:
        ``nb``.

    Raises:
        SetUpFailed: a set-up cell failed, and no cell of the learner's had run before it.
        BoxFailed: no box could be opened.
    """
    began, computed = time.monotonic(), time.process_time()
    if names is None:
        names = [name for cell in nb.cells if is_solution(cell) and (name := grade_id(cell))]
    with Session(boxes, limits) as session, _seeded(seed):
        run = _Run(cells, session, limits, list(names))
        run.all_cells(nb.cells)
        usage = session.usage()
    usage["cpu_seconds"] += time.process_time() - computed
    usage["wall_seconds"] = time.monotonic() - began
    told = nb.metadata.setdefault("labtools", NotebookNode())
    told.update(from_dict({"diagnoses": run.diagnoses, "usage": usage, "seed": seed}))
    return nb


class _Run:
    """One notebook's run."""

    def __init__(self, cells: Cells, session: Session, limits: Limits, names: list[str]) -> None:
        self.cells, self.session, self.limits, self.names = cells, session, limits, names
        self.diagnoses: dict[str, dict[str, str | None]] = {}
        self.learner_ran = False  # whether a cell of the learner's was run

    def all_cells(self, cells: list[NotebookNode]) -> None:
        """Run those that are to be run, in order."""
        answered, count = False, 0
        for cell in cells:
            answered = answered or is_solution(cell)
            if cell.cell_type != "code" or SKIPPED & set(cell.metadata.get("tags", [])):
                continue
            count += 1
            outputs = self._outputs(cell, answered)
            cell.outputs, cell.execution_count = from_dict(cleaned(outputs)), count
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = count

    def _outputs(self, cell: NotebookNode, answered: bool) -> list[Output]:
        if is_grade(cell):
            return self._grade(cell)
        if not is_locked(cell):
            self.learner_ran = True
            return self._in_box(cell)
        return self._shared(cell) if answered else self._set_up(cell)

    def _set_up(self, cell: NotebookNode) -> list[Output]:
        outputs = self.cells.run(cell.source, self.limits.cell_seconds).outputs
        inside = self._in_box(cell)
        for found in [outputs] if self.learner_ran else [outputs, inside]:
            if failure := _error_of(found):
                problem = f"{failure['ename']}: {failure['evalue']}"
                raise SetUpFailed(f"cell {grade_id(cell)}: {problem}")
        return inside if _error_of(inside) else outputs

    def _shared(self, cell: NotebookNode) -> list[Output]:
        inside = self._in_box(cell)
        with contextlib.suppress(Stopped):
            self._bind()
            self._here(cell)  # what it defines, a check may use
        return inside

    def _in_box(self, cell: NotebookNode) -> list[Output]:
        try:
            return self.session.run(cell.source, grade_id(cell) or "")
        except Stopped as why:
            return [stopped("the cell", why)]

    def _grade(self, cell: NotebookNode) -> list[Output]:
        function = (grade_id(cell) or "").removeprefix("test_")
        try:
            self._bind()
        except Stopped as why:
            return [stopped("the function", why)]
        ran = self._here(cell)
        if isinstance(ran.error, CheckFailed):
            self.diagnoses[function] = _described(ran.error)
        if isinstance(ran.error, BoxLost):
            shown = [output for output in ran.outputs if output["output_type"] != "error"]
            return [*shown, stopped("the function", self.session.buried(ran.error))]
        return ran.outputs

    def _bind(self) -> None:
        found = self.session.bind(self.names)
        for name in self.names:
            self.cells.namespace.pop(name, None)
        self.cells.namespace.update(found)

    def _here(self, cell: NotebookNode) -> Ran:
        with self.session.watched():
            return self.cells.run(cell.source, self.limits.cell_seconds)


def stopped(what: str, why: object) -> Output:
    """The error of a cell that was not run to its end; ``why`` is a sentence about "it"."""
    told = str(why).removeprefix("it was stopped ")
    text = f"{what} was stopped{': ' if told == str(why) else ' '}{told}"
    error = {"ename": STOPPED, "evalue": text, "traceback": [f"{STOPPED}: {text}"]}
    return {"output_type": "error", **error}


def cleaned(value: Any) -> Any:
    """``value`` with text that every file and database takes: no half characters, no NUL."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode().replace("\0", "")
    if isinstance(value, dict):
        return {cleaned(key): cleaned(item) for key, item in value.items()}
    return [cleaned(item) for item in value] if isinstance(value, list | tuple) else value


def _error_of(outputs: list[Output]) -> Output | None:
    return next((output for output in outputs if output["output_type"] == "error"), None)


def _described(failed: CheckFailed) -> dict[str, str | None]:
    found = failed.diagnosis
    section = str(found.section) if found.section else None
    return {"mistake": found.mistake, "title": cleaned(found.title), "section": section}


@contextlib.contextmanager
def _seeded(seed: int) -> Iterator[None]:
    before = os.environ.get(SEED)
    os.environ[SEED] = str(seed)
    try:
        yield
    finally:
        del os.environ[SEED]
        if before is not None:
            os.environ[SEED] = before
