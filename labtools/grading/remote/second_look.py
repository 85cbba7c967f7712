"""A second look for refused calls, at the source, which no learner's code can change.

A box tells what was called in it. Should its own code have kept that from it, the cells still say
what they call.
"""

import ast
import re
from collections.abc import Iterator

from labtools.checks.refusing import _refused
from labtools.checks.watching import Refusals
from labtools.grading.rebuild import parse

FUNCTIONS = ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef
CELL_MAGICS = re.compile(r"\A(?:\s*+%%.*+\n?)++")  # `%%time`, and below it the code
BLOCKS = ast.If, ast.Try, ast.With, ast.For, ast.While


class Sources:
    """What the cells of a box define, by its name."""

    def __init__(self) -> None:
        self._defined: dict[str, list[tuple[ast.stmt, str]]] = {}
        self._found: dict[tuple[str, Refusals], tuple[str, str] | None] = {}

    def add(self, source: str) -> None:
        """One more cell; of one that is no Python, or longer than any answer, nothing is known."""
        self._found.clear()
        tree = parse(CELL_MAGICS.sub(_as_many_lines, source))
        for statement in _outermost(tree.body if tree else []):
            for name in _names(statement):
                self._defined.setdefault(name, []).append((statement, source))

    def refused(self, name: str, refusals: Refusals) -> tuple[str, str] | None:
        """The first refused call that ``name``, or what it uses, would make, and its line."""
        if (name, refusals) not in self._found:
            self._found[name, refusals] = self._look(name, refusals)
        return self._found[name, refusals]

    def _look(self, name: str, refusals: Refusals) -> tuple[str, str] | None:
        names = frozenset(x if isinstance(x, str) else x.co_name for x in refusals)
        known, ahead = {name}, [name]
        looked_at: set[ast.stmt] = set()
        while ahead:
            for statement, source in self._defined.get(ahead.pop(), []):
                if statement in looked_at:  # it defines several names
                    continue
                looked_at.add(statement)
                for node in ast.walk(statement):
                    if found := self._means(node, names):
                        return found, _line(source, getattr(node, "lineno", 0))
                    used = node.id if isinstance(node, ast.Name) else ""
                    if used in self._defined and used not in known:
                        known.add(used)
                        ahead.append(used)
        return None

    def _means(self, node: ast.AST, names: frozenset[str]) -> str:
        """The refused name that a node stands for, or ""."""
        if isinstance(node, ast.Attribute):
            return _refused(node.attr, names)
        if isinstance(node, ast.alias):
            return _refused(node.name.rpartition(".")[2], names)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value if node.value in names else ""
        return ""


def _outermost(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a cell that are in no function and no class."""
    for statement in body:
        if isinstance(statement, BLOCKS):
            inner = [x for x in ast.iter_child_nodes(statement) if isinstance(x, ast.stmt)]
            yield from _outermost(inner)
        else:
            yield statement


def _names(statement: ast.stmt) -> list[str]:
    """What a statement defines."""
    if isinstance(statement, FUNCTIONS):
        return [statement.name]
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name for alias in statement.names]
    stored = (x for x in ast.walk(statement) if isinstance(x, ast.Name))
    return [x.id for x in stored if isinstance(x.ctx, ast.Store)]


def _as_many_lines(found: re.Match[str]) -> str:
    return "\n" * found[0].count("\n")


def _line(source: str, number: int) -> str:
    lines = source.split("\n")
    return f"line {number}: {lines[number - 1].strip()}" if 0 < number <= len(lines) else ""
