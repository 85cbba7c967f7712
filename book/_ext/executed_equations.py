"""Every labelled equation of a chapter is executed by a test, and the page says so.

``eq-clm-chain-rule`` belongs to ``test_eq_clm_chain_rule`` in tests/book/test_equations.py or in
another file of that name with an ending, such as test_equations_prediction.py.
A mark after the equation links to the test; the directive ``executed-equations`` lists them all.
"""

import ast
import re
from dataclasses import dataclass
from pathlib import Path

import yaml
from docutils import nodes
from sphinx import addnodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

TESTS = "tests/book/test_equations*.py"
PAGE = "book/equations"  # where the directive is used
DOLLARS = r"\$\$\s*\((?P<dollars>[^)\s]+)\)"
DIRECTIVE = r"^\s*:label:\s*(?P<directive>\S+)"
LABEL = re.compile(f"{DOLLARS}|{DIRECTIVE}", re.MULTILINE)
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class EquationTest:
    """A test, and the file it is in, seen from the root of the book."""

    file: str
    source: str


def chapters(root: Path) -> list[str]:
    """Names of the pages in _toc.yml, in reading order, without suffix."""

    def files(entry):
        if isinstance(entry, list):
            return [name for item in entry for name in files(item)]
        if not isinstance(entry, dict):
            return []
        own = [entry[key] for key in ("root", "file") if key in entry]
        return own + [name for value in entry.values() for name in files(value)]

    return files(yaml.safe_load((root / "_toc.yml").read_text(encoding="utf8")))


def equation_labels(root: Path) -> dict[str, list[str]]:
    """The labels of the displayed equations of each chapter that has any, in reading order."""
    sources = {name: root / f"{name}.md" for name in chapters(root)}
    found = {
        name: [m["dollars"] or m["directive"] for m in LABEL.finditer(path.read_text("utf8"))]
        for name, path in sources.items()
        if path.exists()
    }
    return {name: labels for name, labels in found.items() if labels}


def heading(chapter: Path) -> str:
    return re.search(r"^# (.+)$", chapter.read_text(encoding="utf8"), re.MULTILINE)[1]


def files_of_tests(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.glob(TESTS))


def every_equation_test(root: Path) -> list[tuple[str, EquationTest]]:
    """Each ``test_eq_…`` function of each file, with the label of its equation."""
    found = []
    for file in files_of_tests(root):
        source = (root / file).read_text(encoding="utf8")
        for node in ast.parse(source).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_eq_"):
                label = node.name.removeprefix("test_").replace("_", "-")
                found.append((label, EquationTest(file, source_of(source, node))))
    return found


def equation_tests(root: Path) -> dict[str, EquationTest]:
    """The test of each equation under its label."""
    return dict(every_equation_test(root))


def source_of(source: str, function: ast.FunctionDef) -> str:
    """The lines of a function with its decorators, which get_source_segment leaves out."""
    first = min([function.lineno, *(d.lineno for d in function.decorator_list)])
    return "\n".join(source.splitlines()[first - 1 : function.end_lineno])


class ExecutedEquations(SphinxDirective):
    """Per chapter: the number of each equation, linked, and the test that evaluates it."""

    def run(self) -> list[nodes.Node]:
        root = Path(self.env.srcdir)
        pages = [f"{chapter}.md" for chapter in chapters(root)]
        for read in ("_toc.yml", *files_of_tests(root), *pages):
            self.env.note_dependency(str(root / read))
        tests, found = equation_tests(root), equation_labels(root)
        return [self.section(chapter, labels, tests) for chapter, labels in found.items()]

    def section(self, chapter: str, labels: list[str], tests: dict) -> nodes.section:
        title = nodes.title("", heading(Path(self.env.srcdir) / f"{chapter}.md"))
        entries = [self.entry(label, tests[label]) for label in labels if label in tests]
        name = nodes.make_id(f"equations-{chapter}")
        return nodes.section("", title, *entries, ids=[name], names=[name])

    def entry(self, label: str, test: EquationTest) -> nodes.container:
        place = [self.equation(label), nodes.Text(", in "), nodes.literal("", test.file)]
        where = nodes.paragraph("", "Equation ", *place)
        code = nodes.literal_block(test.source, test.source, language="python")
        return nodes.container("", where, code, ids=[f"test-{label}"], classes=["equation-test"])

    def equation(self, label: str) -> addnodes.pending_xref:
        """The number of an equation, which is known when every page is read."""
        where = {"refdoc": self.env.docname, "refdomain": "math", "reftype": "eq"}
        return addnodes.pending_xref("", nodes.inline("", label), reftarget=label, **where)


def watch_tests(app, doctree):
    """Read a chapter again, and so warn again, when the tests change."""
    if any(node.get("label") for node in doctree.findall(nodes.math_block)):
        for file in files_of_tests(Path(app.srcdir)):
            app.env.note_dependency(str(Path(app.srcdir) / file))


def pages_to_read_again(app, env, *_):
    """Those that read the tests before, when there is a new file of tests."""
    files = {str(Path(app.srcdir) / file) for file in files_of_tests(Path(app.srcdir))}
    return [page for page, read in env.dependencies.items() if files & read and files - read]


def mark_equations(app, doctree, docname):
    """Put the mark after each labelled equation; warn where no test evaluates it."""
    tests = equation_tests(Path(app.srcdir))
    for node in list(doctree.findall(nodes.math_block)):
        label = node.get("label")
        if label in tests:
            node.parent.insert(node.parent.index(node) + 1, mark(app, docname, label))
        elif label:
            name = "test_" + label.replace("-", "_")
            logger.warning("equation %s needs %s in %s", label, name, TESTS, location=node)


def mark(app, docname: str, label: str) -> nodes.paragraph:
    page = app.builder.get_relative_uri(docname, PAGE)
    link = nodes.reference("", "✓ executed", internal=True, refuri=f"{page}#test-{label}")
    link["reftitle"] = "A test evaluates this equation: read it"
    return nodes.paragraph("", "", link, classes=["executed-mark"])


def setup(app):
    app.add_directive("executed-equations", ExecutedEquations)
    app.connect("env-get-outdated", pages_to_read_again)
    app.connect("doctree-read", watch_tests)
    app.connect("doctree-resolved", mark_equations)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
