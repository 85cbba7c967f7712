"""A small exercise as it is handed out, and notebooks as learners leave them."""

import copy
import json

SETUP = """\
from labtools.checks import Case, Section, Spec, Words, check, mistakes, reveals

SECTION = Section("Sums", "Arithmetic", "sums.html", "sums")
WORDS = {"difference": Words("it subtracts", "A sum grows with both.", SECTION)}
ADD = Spec(
    "add", ("a", "b"), SECTION, lambda a, b: a + b,
    lambda generator: [Case((2, 3)), Case((4, 1))],
    mistakes(WORDS, lambda a, b, sign: a + sign * b, [("difference", {"sign": -1})]),
)"""
SHIPPED = "def shipped_sign(a, b):\n    return abs(a) + abs(b)"
ADD_STUB = (
    'def add(a, b):\n    """The sum."""\n    # YOUR CODE HERE\n    raise NotImplementedError()'
)
HUNT_STUB = "def bug_sign():\n    # YOUR CODE HERE\n    raise NotImplementedError()"
TWICE_STUB = "def twice(a):\n    # YOUR CODE HERE\n    raise NotImplementedError()"

RIGHT = {
    "add": "def add(a, b):\n    return a + b",
    "bug_sign": "def bug_sign():\n    return (-1, 2)",
    "twice": "def twice(a):\n    return 2 * a",
}


def cell(source, name=None, points=None, answer=False, tags=()):
    """A code cell as a file holds it; ``name`` is its grade_id, none for a learner's own."""
    marks = {
        "grade": points is not None,
        "grade_id": name,
        "locked": not answer,
        "schema_version": 3,
        "solution": answer,
        "task": False,
    }
    marks |= {"points": points} if points is not None else {}
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": (name or f"own{abs(hash(source))}").replace("_", "-")[:60],
        "metadata": ({"nbgrader": marks} if name else {}) | ({"tags": [*tags]} if tags else {}),
        "outputs": [],
        "source": source.splitlines(keepends=True),
    }


def handed_out():
    """The notebook, as parsed JSON: two functions of 2 and 3 points, and a bug to be found."""
    cells = [
        {"cell_type": "markdown", "id": "text", "metadata": {}, "source": ["# Sums"]},
        cell(SETUP, "setup"),
        cell(ADD_STUB, "add", answer=True),
        cell("check(ADD, add)", "test_add", points=2),
        cell("raise RuntimeError('a demonstration ran')", "demo_add", tags=["demo"]),
        cell(SHIPPED, "shipped_sign"),
        cell(HUNT_STUB, "bug_sign", answer=True),
        cell("reveals(bug_sign, shipped_sign, add)", "reveal_sign", tags=["demo"]),
        cell(TWICE_STUB, "twice", answer=True),
        cell("assert twice(3) == 6, 'twice 3 is 6'", "test_twice", points=3),
    ]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def answered(**answers):
    """The notebook with some answers in it, as ``answered(add="def add…")``."""
    notebook = handed_out()
    for name, source in answers.items():
        at(notebook, name)["source"] = source.splitlines(keepends=True)
    return notebook


def at(notebook, name):
    """The first cell of a name."""
    return next(c for c in notebook["cells"] if name_of(c) == name)


def name_of(cell):
    """The grade_id of a cell, or None."""
    return cell["metadata"].get("nbgrader", {}).get("grade_id")


def sources(path):
    """The (grade_id, source) of every cell in a file."""
    return [(name_of(c), "".join(c["source"])) for c in json.loads(path.read_text())["cells"]]


def without(notebook, *names):
    """The notebook without the cells of some names."""
    less = copy.deepcopy(notebook)
    less["cells"] = [c for c in less["cells"] if name_of(c) not in names]
    return less


def save(notebook, path):
    """Write a notebook as Jupyter does; returns the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")
    return path


def course(folder):
    """A course of one exercise in ``folder``; returns the file of the release."""
    return save(handed_out(), folder / "exercises" / "sums" / "sums.ipynb")
