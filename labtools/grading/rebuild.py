"""Put the learner's answers into the released notebook.

Locked cells, grade cells, metadata and points are the release's, so that nothing depends on what
became of them in the submission. From the submission come the answers, by `grade_id`, and the
cells that the learner added, each after the released cell that it followed.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Hashable
from contextlib import suppress
from copy import deepcopy
from functools import lru_cache
from typing import NamedTuple

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_solution

from .quoting import quoted
from .release import Resources, grade_id, released_notebook

REPEATED = "The cell was there {n} times; the last one that defines {name} was graded."
MOST_READ = 100_000  # characters of a cell
# `%time f(x)`, `!ls`, `?len`, `names = !ls` and `len?`, as far as they fill a line
MAGIC = re.compile(r"^([ \t]*+)(?:[%!?]|[\w,. \t]*+=[ \t]*+[%!]|[^\s?]++\?{1,2}[ \t]*+$).*+$", re.M)
ELSEWHERE = "{name} was not defined in its own cell; the last cell that defines it was graded."


class Rebuild(NbGraderPreprocessor):
    """Replaces a submission by the release with the answers in it.

    `metadata.labtools` of the result says what `reasons` has to tell: `file`, why the file could
    not be read; `blank`, the functions not attempted; `notes`, by function, what was resolved.
    """

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """The rebuilt notebook and `resources`; FileNotFoundError if there is no release."""
        release = released_notebook(self, resources)
        return rebuild(nb, release), resources


class Answer(NamedTuple):
    """Where a function's answer is among the submitted cells, and what to say about it."""

    place: int | None = None
    note: str | None = None


def rebuild(submitted: NotebookNode, release: NotebookNode) -> NotebookNode:
    """The release with the answers and the added cells of a submission.

    Args:
        submitted: NotebookNode whose cells have a type, a source and perhaps a `grade_id`.
        release: NotebookNode, not changed.

    Returns:
        NotebookNode.
    """
    cells, rebuilt = submitted.cells, deepcopy(release)
    stubs = {str(grade_id(cell)): cell for cell in rebuilt.cells if is_solution(cell)}
    locked = {grade_id(cell) for cell in rebuilt.cells} - set(stubs) - {None}
    writable = [index for index, cell in enumerate(cells) if grade_id(cell) not in locked]
    answers = {name: find_answer(name, stubs[name].source, cells, writable) for name in stubs}
    added = added_cells(cells, release, {answer.place for answer in answers.values()})

    blank = [name for name, answer in answers.items() if answer.place is None]
    for name, answer in answers.items():
        if answer.place is not None:
            stubs[name].source = cells[answer.place].source
    rebuilt.cells = interleave(rebuilt.cells, added)
    rebuilt.metadata["labtools"] = {
        "file": submitted.metadata.get("labtools", {}).get("file"),
        "blank": blank,
        "notes": {name: answer.note for name, answer in answers.items() if answer.note},
    }
    return rebuilt


def find_answer(name: str, stub: str, cells: list[NotebookNode], writable: list[int]) -> Answer:
    """Which cell answers function `name`: its own if that defines it, else the last that does.

    Args:
        name: the function, which is also its cell's `grade_id`.
        stub: the released source of that cell.
        cells: the submitted cells.
        writable: indices of those that are not locked.

    Returns:
        Answer; its place is None if the function was not attempted.
    """
    own = [index for index in writable if grade_id(cells[index]) == name]
    own = [index for index in own if not same_code(cells[index].source, stub)]
    note = REPEATED.format(n=len(own), name=name) if len(own) > 1 else None
    # a cell that python cannot read still is the learner's answer, if no other defines it
    for test in (defines, looks_like):
        defining = [index for index in own if test(cells[index].source, name)]
        if defining:
            return Answer(defining[-1], note)
    code = [index for index in writable if cells[index].cell_type == "code"]
    others = [index for index in code if grade_id(cells[index]) != name]
    elsewhere = [index for index in others if defines(cells[index].source, name)]
    if elsewhere:
        return Answer(elsewhere[-1], ELSEWHERE.format(name=name))
    return Answer(own[-1]) if own else Answer()


def added_cells(
    cells: list[NotebookNode], release: NotebookNode, used: set[int | None]
) -> dict[int, list[NotebookNode]]:
    """The learner's own cells, by the index of the released cell that they follow (−1: none).

    A repeated solution cell that was not chosen counts as the learner's own: it may define what
    the answer calls. A cell without `grade_id` that was chosen is in the answer's place already.
    """
    places: dict[Hashable, list[int]] = defaultdict(list)
    for index, cell in enumerate(release.cells):
        places[identity(cell)].append(index)
    added: dict[int, list[NotebookNode]] = defaultdict(list)
    last = -1
    for index, cell in enumerate(cells):
        copies = places.get(identity(cell), [])
        # a text that is there twice: the next one
        where = next((i for i in copies if i > last), copies[0]) if copies else None
        if where is not None and (index in used or not is_repeat(cell, release.cells[where])):
            last = where
        elif index not in used and cell.source.strip():
            added[last].append(own_cell(cell))
    return added


def own_cell(cell: NotebookNode) -> NotebookNode:
    """A cell of the learner's own, with nothing but its source; text is shown as it was written."""
    if cell.cell_type == "code":
        return new_code_cell(cell.source)
    return new_markdown_cell(quoted(cell.source))


def identity(cell: NotebookNode) -> Hashable:
    """What a released cell is known by: its `grade_id`, or its text if it has none."""
    return grade_id(cell) or (cell.cell_type, cell.source.strip())


def is_repeat(cell: NotebookNode, released: NotebookNode) -> bool:
    """Whether `cell` is an answer to the released solution cell, not its blank stub."""
    return is_solution(released) and not same_code(cell.source, released.source)


def interleave(
    released: list[NotebookNode], added: dict[int, list[NotebookNode]]
) -> list[NotebookNode]:
    """The released cells, each followed by the cells added after it."""
    cells = list(added[-1])
    for index, cell in enumerate(released):
        cells += [cell, *added[index]]
    return cells


def defines(source: str, name: str) -> bool:
    """Whether running `source` binds `name` at top level, as a function, class or variable."""
    tree = parse(source)
    try:
        return tree is not None and any(name in bound_names(node) for node in tree.body)
    except RecursionError:  # nobody writes what is nested so deeply
        return False


def bound_names(node: ast.AST) -> set[str]:
    """The names that a top-level statement binds, also inside if, try, with and for."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Store) else set()
    if isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        return set()  # a scope of their own
    return set().union(*map(bound_names, ast.iter_child_nodes(node)))


def looks_like(source: str, name: str) -> bool:
    """Whether `source` looks like a definition of `name`, though python cannot read it."""
    found = re.search(rf"^[ \t]*(async[ \t]+)?def[ \t]+{re.escape(name)}\b", source, re.M)
    return found is not None


def same_code(source: str, other: str) -> bool:
    """Whether two sources are the same but for comments and white space."""
    if source.strip() == other.strip():
        return True
    one, two = parse(source), parse(other)
    try:
        return one is not None and two is not None and ast.dump(one) == ast.dump(two)
    except RecursionError:
        return False


@lru_cache(maxsize=1024)
def parse(source: str) -> ast.Module | None:
    """The syntax tree of a cell, without its magics; None if python cannot read it.

    Not to be changed: the same is returned for the same source. What is longer than an answer
    ever is, is not read, for reading may take minutes.
    """
    if len(source) > MOST_READ:
        return None
    if source.lstrip().startswith("%%"):
        return ast.parse("")
    for text in (source, MAGIC.sub(r"\1pass", source)):
        with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
            return ast.parse(text)
    return None
