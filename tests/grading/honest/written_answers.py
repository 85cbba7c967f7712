"""The right and wrong answers of tests/exercises as the text that a learner would hand in.

There an answer is a function in a module, with helpers around it and often made by a decorator.
Here it is the source of one cell: what the answer needs of its module, then the answer under the
name of the exercise's function.
"""

import ast
import builtins
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from symtable import SymbolTable, symtable
from unittest.mock import patch

ANSWERS = Path(__file__).parents[2] / "exercises"
sys.path.append(str(ANSWERS))

import answers  # noqa: E402

# stands for a decorator of `answers` that is called in other ways than right above an answer
KEEP = """\
kept = []


def {name}(*about):
    return lambda answer: kept.append(answer) or answer"""
KEEPERS = ("variant", "mutant")


@dataclass(frozen=True)
class Written:
    """An answer as text.

    Args:
        function: The function that it answers.
        name: How it is written, or what is wrong with it.
        diagnosed: Names of the mistake that a check may give it; None if it is right.
        parts: Statements: what it needs, then the answer itself.
    """

    function: str
    name: str
    diagnosed: frozenset[str] | None
    parts: tuple[str, ...]

    @property
    def source(self) -> str:
        """All of it in one cell."""
        return "\n\n\n".join(self.parts)

    @property
    def right(self) -> bool:
        """Whether it is to get its points."""
        return self.diagnosed is None


@cache
def written(exercise: str) -> tuple[Written, ...]:
    """Every answer of an exercise that stands alone, in the order of the files.

    One with a helper that bears the name of a function of the exercise is left out: the helper
    would be taken for the answer to that function.
    """
    mutants = answers.mutants_of(exercise)
    functions = set(answers.variants_of(exercise)) | {it.function for it in mutants}
    files = sorted((ANSWERS / exercise).rglob("*.py"))
    found = [it for path in files for it in in_file(Module.of(path))]
    return tuple(it for it in found if not defined("\n".join(it.parts[:-1])) & functions)


def in_file(module: "Module") -> Iterator[Written]:
    """The answers that a module registers, found by running it statement by statement."""
    space: dict[str, object] = {"__name__": module.path.stem}
    for node in module.tree.body:
        with registering() as found:
            exec(compile(ast.Module([node], []), str(module.path), "exec"), space)
        for place, about in enumerate(found):
            yield Written(*about, parts=tuple(statements(module, node, about[0], place)))


@contextmanager
def registering() -> Iterator[list[tuple[str, str, frozenset[str] | None]]]:
    """What would be registered meanwhile: function, name and `diagnosed` of each answer."""
    found = []

    def right(_, function):
        return lambda answer: found.append((function, answer.__name__, None)) or answer

    def wrong(_, function, number, name, *diagnosed):
        return lambda answer: found.append((function, name, frozenset(diagnosed))) or answer

    with (
        patch.object(answers.Variants, "__call__", right),
        patch.object(answers.Mutants, "__call__", wrong),
    ):
        yield found


def statements(module: "Module", node: ast.stmt, function: str, place: int) -> list[str]:
    """Those that make `function` the answer number `place` that the statement `node` registers."""
    plain = isinstance(node, ast.FunctionDef) and any(map(is_keeper, node.decorator_list))
    text = module.text(node)
    parts: dict[str, None] = {}  # a set that keeps its order
    for name in sorted(names(text) - set(KEEPERS if plain else ())):
        need(module, name, parts)
    if plain:
        return [*parts, renamed(module, node, function)]
    return [*parts, text, f"{function} = kept[{place}]"]


def need(module: "Module", name: str, parts: dict[str, None]) -> None:
    """Add to `parts` the statement that binds `name` in `module`, after what that needs itself.

    Raises:
        NameError: the module binds no such name.
    """
    node = module.bindings.get(name)
    if name in KEEPERS:
        parts.setdefault(KEEP.format(name=name))
    elif isinstance(node, ast.ImportFrom) and (other := module_named(node.module)):
        need(other, name, parts)
    elif isinstance(node, ast.Import | ast.ImportFrom):
        parts.setdefault(import_of(node, name))
    elif node is None:
        if not hasattr(builtins, name):
            raise NameError(f"{module.path} does not bind {name}")
    elif (text := module.text(node)) not in parts:
        for used in sorted(names(text) - bound(node)):
            need(module, used, parts)
        parts.setdefault(text)


@dataclass(frozen=True, eq=False)
class Module:
    """A file of answers: its text, and the top-level statement that binds each name."""

    path: Path
    source: str
    tree: ast.Module
    bindings: dict[str, ast.stmt]

    @classmethod
    @cache
    def of(cls, path: Path) -> "Module":
        """Read the file."""
        source = path.read_text(encoding="utf8")
        tree = ast.parse(source)
        return cls(path, source, tree, {name: node for node in tree.body for name in bound(node)})

    def text(self, node: ast.stmt) -> str:
        """The lines of a statement, its decorators with it."""
        first = min([node.lineno, *(it.lineno for it in getattr(node, "decorator_list", ()))])
        return "\n".join(self.source.splitlines()[first - 1 : node.end_lineno])


def module_named(name: str | None) -> Module | None:
    """The file of answers of that name; None if it is none."""
    path = ANSWERS.joinpath(*(name or "").split(".")).with_suffix(".py")
    return Module.of(path) if path.is_file() else None


def bound(node: ast.stmt) -> set[str]:
    """The names that a top-level statement binds."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {it.asname or it.name for it in node.names}
    found = [it for it in ast.walk(node) if isinstance(it, ast.Name)]
    return {it.id for it in found if isinstance(it.ctx, ast.Store)}


def names(source: str) -> set[str]:
    """The names that a top-level statement reads from its module or from Python."""
    table = symtable(source, "cell", "exec")
    top = {it.get_name() for it in table.get_symbols() if it.is_referenced()}
    own = {it.get_name() for it in table.get_symbols() if it.is_assigned() or it.is_imported()}
    return (top | globals_in(table)) - own


def globals_in(table: SymbolTable) -> set[str]:
    """The names that the functions in a scope read from the module."""
    found = set()
    for child in table.get_children():
        found |= {it.get_name() for it in child.get_symbols() if it.is_global()} | globals_in(child)
    return found


def import_of(node: ast.Import | ast.ImportFrom, name: str) -> str:
    """The import of `name` alone."""
    alias = next(it for it in node.names if (it.asname or it.name) == name)
    text = f"import {ast.unparse(alias)}"
    return f"from {node.module} {text}" if isinstance(node, ast.ImportFrom) else text


def is_keeper(decorator: ast.expr) -> bool:
    """Whether it is a decorator of `answers` itself."""
    called = decorator.func if isinstance(decorator, ast.Call) else None
    return isinstance(called, ast.Name) and called.id in KEEPERS


def renamed(module: Module, node: ast.FunctionDef, function: str) -> str:
    """The text of a function, without the decorators of `answers`, under the name `function`."""
    lines = module.source.splitlines()[node.lineno - 1 : node.end_lineno]
    others = [it for it in node.decorator_list if not is_keeper(it)]
    above = [f"@{ast.get_source_segment(module.source, it)}" for it in others]
    if node.name in globals_in(symtable("\n".join(lines), "cell", "exec")):  # it calls itself
        return "\n".join([*above, *lines, "", "", f"{function} = {node.name}"])
    return "\n".join([*above, lines[0].replace(node.name, function, 1), *lines[1:]])


def defined(source: str) -> set[str]:
    """The names that a source binds."""
    return {name for node in ast.parse(source).body for name in bound(node)}
