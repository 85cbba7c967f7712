"""Grade one submission: a task's bytes in, a result's bytes out. In a child of the warm process.

A task is JSON: ``submission``, the file handed in, in base64; ``template``, the released notebook
with its hidden tests; ``seed``, of the checks' random inputs; ``limits``, where they are not those
of all. Instead of ``submission`` it may have ``notebook``, rebuilt already, as `nbgrader autograde`
does. A result is JSON: ``notebook``, run and ready to be scored; or ``fault``, why there is none
though the submission is not to blame; and ``usage``.
"""

import ast
import base64
import json
from collections.abc import Iterable
from typing import Any

from nbformat import NotebookNode, from_dict
from nbgrader.preprocessors import LimitOutput
from nbgrader.utils import is_solution

from labtools.grading.demos import SkipDemos
from labtools.grading.limits import Limits
from labtools.grading.outputs import ScoreByErrors
from labtools.grading.reading import parse_submission, unreadable
from labtools.grading.rebuild import parse, rebuild
from labtools.grading.release import grade_id
from labtools.grading.sandbox import Boxes, BoxFailed

from .cells import Cells
from .notebook import SetUpFailed, run_notebook
from .stopping import CellTimeoutError, at_most

TANGLED = (
    "The notebook is so large or so deeply nested that no answers could be found in it. Nothing "
    "in it could be graded. Delete what is not needed and hand it in again."
)


def grade(task: bytes, cells: Cells, boxes: Boxes) -> bytes:
    """The result of a task.

    Args:
        task: bytes, trusted but for the submission in it.
        cells: Cells of this process, in which nothing was run.
        boxes: Boxes, ready.

    Returns:
        bytes.
    """
    words = json.loads(task)
    limits = Limits.from_config(words["limits"]) if words.get("limits") else boxes.limits
    try:
        nb = graded(words, cells, boxes, limits)
    except (SetUpFailed, BoxFailed) as problem:
        return result(fault=f"{type(problem).__name__}: {problem}")
    return result(notebook=nb, usage=nb.metadata.labtools.usage)


def graded(words: dict[str, Any], cells: Cells, boxes: Boxes, limits: Limits) -> NotebookNode:
    """The notebook of a task, rebuilt and run, with outputs from which it can be scored.

    Raises:
        SetUpFailed: a cell of the course failed before any of the learner's had run.
        BoxFailed: no box could be opened.
    """
    template = from_dict(words["template"])
    nb = from_dict(words["notebook"]) if "notebook" in words else rebuilt(words, template, limits)
    nb = run_notebook(nb, cells, boxes, limits, words.get("seed") or 0, asked(template))
    if boxes.mode != "warm":
        nb.metadata.labtools[boxes.mode] = True
    for preprocessor in (LimitOutput(), ScoreByErrors()):
        nb, _ = preprocessor.preprocess(nb, {})
    return nb


def rebuilt(words: dict[str, Any], template: NotebookNode, limits: Limits) -> NotebookNode:
    """The template with the submission's answers in it; with none if they are not to be found."""
    try:
        with at_most(limits.cell_seconds):
            submitted = parse_submission(base64.b64decode(words["submission"]))
            nb = rebuild(submitted, template)
    except (CellTimeoutError, MemoryError, RecursionError):
        nb = rebuild(unreadable(TANGLED), template)
    return SkipDemos().preprocess(nb, {})[0]


def asked(template: NotebookNode) -> list[str]:
    """What the learner is asked for: solution cells' ``grade_id``, and functions in their stubs."""
    cells = [cell for cell in template.cells if is_solution(cell)]
    names = [name for cell in cells if (name := grade_id(cell)) and name.isidentifier()]
    return list(dict.fromkeys([*names, *functions(cell.source for cell in cells)]))


def functions(sources: Iterable[str]) -> list[str]:
    """The functions that cells define at top level."""
    trees = [tree for source in sources if (tree := parse(source)) is not None]
    kinds = ast.FunctionDef, ast.AsyncFunctionDef
    return [node.name for tree in trees for node in tree.body if isinstance(node, kinds)]


def result(**words: Any) -> bytes:
    """A result's bytes; what is not given is null."""
    return json.dumps({"notebook": None, "fault": None, "usage": None} | words).encode()
