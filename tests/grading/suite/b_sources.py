"""Sources that are hard to read: the grader reads them to find out what they define."""

from nbformat.v4 import new_code_cell
from suite_entries import RIGHT, entries

attempt = entries("B", "sources that are hard to read")

HARD = {
    "signs": "x = " + "-" * 50_000 + "1",
    "chain": "x = a" + ".b" * 950,
    "sums": "x = " + "+".join(["1"] * 20_000),
    "brackets": "x = " + "[" * 5_000 + "]" * 5_000,
    "lambdas": "x = " + "lambda: " * 900 + "1",
    "blank": "def add(:\n" + "\n" * 1_000_000,
    "spaces": "def add(:" + " " * 3_000_000 + "\n\t" * 500_000,
    "magics": "%x\n" * 450 + "x = 1\n" * 300_000,
    "open": "x = [\n" + "1,\n" * 500_000,
    "line": "x = '" + "x" * 4_000_000 + "'",
    "quotes": '"""' + "'" * 1_000_000,
    "escapes": "x = '" + "\\\n" * 500_000,
    "nothing": "x = '\0'\f\v",
    "digits": "x = " + "9" * 1_000_000,
    "format": "x = " + "f'{" * 150 + "1" + "}'" * 150,
}


def beside(source):
    """The notebook with one more cell of the learner's own, at its end."""

    def then(nb):
        nb.cells.append(new_code_cell(source))
        return nb

    return then


for name, source in HARD.items():
    attempt(f"b_source_{name}", f"in a cell of the learner's own: {name}", then=beside(source))
    attempt(
        f"b_source_{name}_answer",
        f"in the cell of an answer, behind it: {name}",
        answers={"add": f"{RIGHT['tiny']['add']}\n\n\n{source}"},
        risked=("add",),  # whether Python can read it differs
    )

attempt = entries("B", "cells before the set-up")


def at_the_top(source):
    """The notebook, in which a cell of the learner's own comes first."""

    def then(nb):
        nb.cells.insert(0, new_code_cell(source))
        return nb

    return then


attempt(
    "b_first_modules",
    "without the modules that the set-up imports",
    then=at_the_top("import sys\n\nsys.modules['torch'] = None"),
    risked=("add", "scale", "twice", "evens"),
)
attempt(
    "b_first_names",
    "with names that the set-up and the tests use",
    then=at_the_top("torch = CheckFailed = secret_of_add = numbers = None"),
)
attempt(
    "b_first_exit",
    "that ends the process",
    then=at_the_top("import os\n\nos._exit(0)"),
)
