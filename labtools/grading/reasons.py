"""Write down, in the gradebook, why points were lost."""

import re
from typing import Any

from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_solution

from .execute import first_error
from .plain import plain
from .release import Resources, grade_id

CHECK_FAILED = "CheckFailed"  # labtools.checks raises it; its message is the diagnosis
IN_WORDS = (CHECK_FAILED, "Stopped", "NotRun")  # the grader's own: their names add nothing
NOT_ATTEMPTED = "not attempted"
MAX_LINE = 300  # characters: a learner's exception may say anything


class SaveReasons(NbGraderPreprocessor):
    """Stores, as the automatic comment of each solution cell, why its check lost points.

    The check of solution cell `f` is grade cell `test_f`.
    """

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """The notebook, unchanged; the comments go to the gradebook."""
        ids = resources["nbgrader"]
        where = ids["notebook"], ids["assignment"], ids["student"]
        with Gradebook(ids["db_url"]) as gradebook:
            for name, reason in reasons(nb).items():
                gradebook.find_comment(name, *where).auto_comment = reason
            gradebook.db.commit()
        return nb, resources


def reasons(nb: NotebookNode) -> dict[str, str | None]:
    """Why points were lost, or what else there is to say.

    Args:
        nb: NotebookNode, rebuilt and run.

    Returns:
        dict of function name to text, or to None if there is nothing to say.
    """
    cells = {grade_id(cell): cell for cell in nb.cells}
    told = nb.metadata.get("labtools", {})
    names = [name for name, cell in cells.items() if name and is_solution(cell)]
    return {name: reason(name, cells, told) for name in names}


def reason(name: str, cells: dict[str | None, NotebookNode], told: dict[str, Any]) -> str | None:
    """The reason for one function; `told` is what `rebuild` found."""
    note = told.get("notes", {}).get(name)
    check = cells.get(f"test_{name}")
    failure = first_error(check) if check else None
    if failure is None:
        return note
    if name in told.get("blank", []):
        return told.get("file") or NOT_ATTEMPTED
    cause = first_error(cells[name])
    # what broke the answer's own cell explains the check's failure, unless the check explains it
    text = message(cause if cause and failure.ename != CHECK_FAILED else failure)
    return f"{text} ({note})" if note else text


def message(error: NotebookNode) -> str:
    """The first line of an error: its message, after its name unless that is the grader's own."""
    text = first_line(error.evalue)
    text = re.sub(r"\(\d+\.py, (line \d+)\)$", r"(\1)", text)  # ipython's name for the cell
    if text and error.ename in IN_WORDS:
        return text
    name = first_line(error.ename)
    return f"{name}: {text}" if text else f"{name}, without a message"


def first_line(text: str) -> str:
    """The first line that is not empty, capped."""
    line = plain(text.strip()[: MAX_LINE + 1].partition("\n")[0], MAX_LINE + 1)
    return line if len(line) <= MAX_LINE else f"{line[:MAX_LINE]}…"
