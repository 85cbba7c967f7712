"""Submissions to the tiny course, each with one slip that stock nbgrader does not survive.

Each is a function from the released notebook to what lies in the student's folder: dict of file
name to notebook, bytes or text. `EXPECTED` has the points for `add` (of 2) and `double` (of 3) and
a part of the reason for each.
"""

from pathlib import Path

import nbformat
from build_class import fill
from nbformat.v4 import new_code_cell

ADD = "def add(a, b):\n    return a + b"
DOUBLE = "def double(a):\n    return 2 * a"
RIGHT = {"add": ADD, "double": DOUBLE}

SUBMISSIONS = {}
EXPECTED = {}


def student(add, double, why_add=None, why_double=None):
    """Register a submission with the points and reasons that it must get."""

    def register(make):
        SUBMISSIONS[make.__name__] = make
        EXPECTED[make.__name__] = {"add": (add, why_add), "double": (double, why_double)}
        return make

    return register


def hand_in(release_path, out):
    """Write the class to out/<student>/ex/."""
    for name, make in SUBMISSIONS.items():
        folder = Path(out, name, "ex")
        folder.mkdir(parents=True)
        for file, content in make(nbformat.read(release_path, as_version=4)).items():
            if isinstance(content, dict):
                content = nbformat.writes(content)
            if isinstance(content, str):
                content = content.encode()
            (folder / file).write_bytes(content)


def find(nb, grade_id):
    """The cell of that id."""
    return next(c for c in nb.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


@student(2, 3)
def right(release):
    return {"ex.ipynb": fill(release, RIGHT)}


@student(0, 0, "not attempted", "not attempted")
def blank(release):
    return {"ex.ipynb": release}


@student(2, 0, None, "double: twice 2 is 4, got 3")
def wrong(release):
    return {"ex.ipynb": fill(release, {**RIGHT, "double": "def double(a):\n    return 1 + a"})}


@student(0, 3, "AssertionError: add: wrong for larger numbers")
def wrong_in_the_hidden_tests(release):
    return {"ex.ipynb": fill(release, {**RIGHT, "add": "def add(a, b):\n    return 3"})}


@student(2, 3)
def stderr(release):
    add = "import sys, warnings\n\n\ndef add(a, b):\n    print('hm', file=sys.stderr)\n"
    add += "    warnings.warn('hm')\n    return a + b"
    return {"ex.ipynb": fill(release, {**RIGHT, "add": add})}


@student(2, 3)
def number_as_last_expression(release):
    """The display hook is the nearest that a learner comes to it: tests are put back."""
    add = "import sys\n\n\ndef add(a, b):\n    sys.displayhook(0.5)\n    return a + b"
    return {"ex.ipynb": fill(release, {**RIGHT, "add": add})}


@student(2, 3, "there 2 times")
def repeated_cell(release):
    sections = [("add", "def add(a, b):\n    return a - b"), ("add", ADD), ("double", DOUBLE)]
    return {"ex.ipynb": fill(release, sections)}


@student(2, 3, "there 2 times")
def repeated_cell_as_helper(release):
    """Copied for its place, with other content."""
    sections = [("add", "def add(a, b):\n    return total(a, b)"), ("double", DOUBLE)]
    sections.insert(1, ("add", "def total(*numbers):\n    return sum(numbers)"))
    return {"ex.ipynb": fill(release, sections)}


@student(2, 3, "not defined in its own cell")
def answer_in_a_cell_of_its_own(release):
    nb = fill(release, {"double": DOUBLE})
    nb.cells.append(new_code_cell(ADD))
    return {"ex.ipynb": nb}


@student(2, 3)
def helper(release):
    sections = [
        ("helper", "def total(*numbers):\n    return sum(numbers)"),
        ("add", "def add(a, b):\n    return total(a, b)"),
        ("double", DOUBLE),
    ]
    return {"ex.ipynb": fill(release, sections)}


@student(0, 0, "not a readable notebook", "not a readable notebook")
def damaged(release):
    text = nbformat.writes(fill(release, RIGHT))
    return {"ex.ipynb": text[: len(text) // 2]}


@student(2, 3)
def unknown_schema(release):
    nb = fill(release, RIGHT)
    find(nb, "add").metadata.nbgrader["schema_version"] = 99
    return {"ex.ipynb": nb}


@student(0, 0, "No notebook was handed in, only report.pdf", "Hand in ex.ipynb")
def no_notebook(release):
    return {"report.pdf": "a report"}


@student(0, 0, "handed in as answers.ipynb", "Hand it in as ex.ipynb")
def other_name(release):
    return {"answers.ipynb": fill(release, RIGHT)}


@student(2, 3)
def endless_loop(release):
    nb = fill(release, RIGHT)
    nb.cells.insert(1, new_code_cell("while True:\n    pass"))
    return {"ex.ipynb": nb}


@student(0, 3, "it was stopped after 3 seconds of computing")
def endless_loop_in_an_answer(release):
    add = "def add(a, b):\n    while True:\n        pass"
    return {"ex.ipynb": fill(release, {**RIGHT, "add": add})}


@student(2, 0, None, "it was stopped after 3 seconds of computing")
def ignored_interrupt(release):
    double = (
        "def double(a):\n    while True:\n        try:\n            while True:\n"
        "                pass\n        except KeyboardInterrupt:\n            pass"
    )
    return {"ex.ipynb": fill(release, {**RIGHT, "double": double})}


@student(2, 0, None, "the cell was stopped: it ended its own process (exit status 1)")
def kernel_killed(release):
    double = "import os\n\nos._exit(1)\n\n\n" + DOUBLE
    return {"ex.ipynb": fill(release, {**RIGHT, "double": double})}


@student(2, 3)
def kernel_left(release):
    return {"ex.ipynb": fill(release, [("helper", "exit()"), *RIGHT.items()])}


@student(2, 3)
def grade_cell_deleted(release):
    nb = fill(release, RIGHT)
    nb.cells.remove(find(nb, "test_add"))
    return {"ex.ipynb": nb}


@student(2, 0, None, "double: twice 2 is 4")
def grade_cell_edited(release):
    nb = fill(release, {**RIGHT, "double": "def double(a):\n    return a"})
    find(nb, "test_double").source = "pass"
    find(nb, "test_double").metadata.nbgrader.points = 100
    return {"ex.ipynb": nb}


@student(0, 3, "add: 1 + 2 is 3, got 2")
def grade_cell_tagged_to_be_skipped(release):
    nb = fill(release, {**RIGHT, "add": "def add(a, b):\n    return 2"})
    find(nb, "test_add").metadata["tags"] = ["skip-execution"]
    return {"ex.ipynb": nb}


@student(0, 3, "SyntaxError: expected ':' (line 1)")
def syntax_error(release):
    return {"ex.ipynb": fill(release, {**RIGHT, "add": "def add(a, b)\n    return a + b"})}


@student(0, 3, "TypeError: unsupported operand type(s) for |: '<b>' and __x__")
def markup_in_the_reason(release):
    message = "unsupported operand type(s) for |: '<b>' and __x__"
    add = f"def add(a, b):\n    raise TypeError({message!r})"
    return {"ex.ipynb": fill(release, {**RIGHT, "add": add})}
