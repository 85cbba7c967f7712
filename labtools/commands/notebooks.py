"""Read a learner's notebook, whatever its file holds.

Plain JSON is enough for that, so nothing of Jupyter has to be installed.
"""

import ast
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labtools.commands.main import CommandError

AFRESH = "\n`labtools reset` puts the exercise as handed out in its place, and keeps the file"


@dataclass(frozen=True)
class Cell:
    """A code cell.

    Attributes:
        source: its text.
        name: its `grade_id`; None if it has none, as a cell that the learner added.
        check: whether it carries points.
        answer: whether the learner is to write in it.
        locked: whether the learner is not.
        demo: whether it is a demonstration, which no check needs.
        points: of a check.
    """

    source: str
    name: str | None = None
    check: bool = False
    answer: bool = False
    locked: bool = False
    demo: bool = False
    points: float = 0.0

    @classmethod
    def of(cls, raw: dict[str, Any]) -> "Cell":
        """From a notebook's own form of it; what is not of the right kind counts as not there."""
        meta = as_dict(raw.get("metadata"))
        marks, tags = as_dict(meta.get("nbgrader")), meta.get("tags")
        name, points = marks.get("grade_id"), marks.get("points")
        return cls(
            source=text_of(raw),
            name=name if isinstance(name, str) else None,
            check=marks.get("grade") is True,
            answer=marks.get("solution") is True,
            locked=marks.get("locked") is True,
            demo=isinstance(tags, list) and "demo" in tags,
            points=float(points) if isinstance(points, int | float) else 0.0,
        )


def as_dict(value: Any) -> dict[str, Any]:
    """``value``, or an empty dict if it is none."""
    return value if isinstance(value, dict) else {}


def text_of(raw: dict[str, Any]) -> str:
    """The source of a cell, which a file may hold line by line."""
    source = raw.get("source")
    lines = source if isinstance(source, list) else [source]
    return "".join(line for line in lines if isinstance(line, str))


def code_cells(path: Path) -> list[Cell]:
    """The code cells of the notebook at ``path``; CommandError if it is no notebook."""
    return [Cell.of(raw) for raw in load(path)["cells"] if is_code(raw)]


def is_code(raw: Any) -> bool:
    """Whether an entry of a notebook's list of cells is a code cell."""
    return isinstance(raw, dict) and raw.get("cell_type") == "code"


def load(path: Path) -> dict[str, Any]:
    """What the file of a notebook holds; CommandError says why if it is no notebook."""
    try:
        data = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise CommandError(f"{path}: {explained(path, error)}") from None
    if not isinstance(data, dict) or not isinstance(data.get("cells"), list):
        raise CommandError(f"{path}: not a notebook: it has no list of cells")
    return data


def explained(path: Path, error: Exception) -> str:
    """Why a file could not be read, in words for the learner."""
    if path.is_dir():
        return "a folder; expected a notebook (`labtools progress` takes a folder)"
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, json.JSONDecodeError):
        if path.suffix != ".ipynb":
            return "not a notebook: expected a file that ends in .ipynb"
        place = f"damaged or cut off at line {error.lineno}, column {error.colno}"
        return f"not a notebook: {place if path.stat().st_size else 'it is empty'}{AFRESH}"
    if isinstance(error, OSError):
        return f"cannot be read: {error.strerror}"
    return "not a notebook: its text is not in UTF-8, or it is nested too deeply"


def same_code(one: str, other: str) -> bool:
    """Whether two sources are the same but for comments and white space."""
    if one.strip() == other.strip():
        return True
    try:
        return ast.dump(ast.parse(one)) == ast.dump(ast.parse(other))
    except (SyntaxError, ValueError, RecursionError):
        return False


def defines(source: str, name: str) -> bool:
    """Whether running a source gives ``name`` a meaning, by a statement at its top level."""
    try:
        statements = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError):
        return False
    return any(name in bound(statement) for statement in statements)


def bound(statement: ast.stmt) -> set[str]:
    """The names that a definition or an assignment gives a meaning."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {statement.name}
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return {target.id for target in targets if isinstance(target, ast.Name)}


def may_define(source: str, name: str) -> bool:
    """Whether a source looks as if it gave ``name`` a meaning, though python may not read it."""
    word = re.escape(name)
    found = rf"^\s*(async\s+def|def|class|from\b.*|import\b.*)\s+{word}\b|\b{word}\b[^=\n]*=(?!=)"
    return re.search(found, source, re.MULTILINE) is not None
