"""Notebooks that try to get more than they deserve, or to harm; and honest ones, beside them.

Each goes through `nbgrader autograde` and through `labtools grade`, in one class of all of them:
nothing is gained, nothing is lost, nobody else is affected, no batch stops, and there is a score
and a reason for each. What each one tries stands in the modules a_*, b_*, c_* and d_*. Of each
idea the first two are tried; with SUITE='*' in the environment all are, or those that fit.
"""

import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from filelock import FileLock
from suite_class import everybody
from suite_course import ASSIGNMENTS, make_course
from suite_entries import ENTRIES, POINTS

DRIVERS = ("nbgrader", "labtools")
CLASS = everybody()
HERE = Path(__file__).parent
LISTS = {
    "A": "patched comparison functions; a number displayed from inside a function; "
    "skip-execution and raises-exception tags; asserts stripped from the syntax tree; "
    "input transformer; patched run_cell; hidden traceback; output-clearing hook; "
    "forged kernel replies; forged proxy replies; an object equal to everything; tensor subclass; "
    "frames walked for the reference; input history read; nan, negative, oversize, text results",
    "B": "points raised; tests edited; tests deleted; tests ungraded; tests renamed; "
    "tests reordered; tests turned into text; solution flags moved; duplicated cells; "
    "metadata stripped; unknown schema; other kernel named; bad JSON; symlink; forged timestamp",
    "C": "gradebook read or written; source read; start-up files; process exit; endless loop; "
    "ignored interrupt; memory bomb; process bomb; disk bomb; output bomb; orphans; network; "
    "a local torch.py; a pickle that executes; script in the output",
    "D": "warnings; bytes on stderr; helper cells; slow but within limits on a loaded machine; "
    "another dtype where allowed; unused input(); the same notebook twenty times",
}


@pytest.fixture(scope="session")
def base(shared_dir):
    """The folder of the two courses."""
    (shared_dir / "suite").mkdir(exist_ok=True)
    return shared_dir / "suite"


@pytest.fixture(scope="session")
def results(base):
    """{driver: what `suite_run` found}; the two run side by side."""
    with FileLock(base / "lock"):
        if not (base / "done").exists():
            make_course(base / "released")
            for driver in DRIVERS:
                shutil.copytree(base / "released", base / driver)
            script = str(HERE / "suite_run.py")
            runs = [
                subprocess.Popen([sys.executable, script, name, base / name, base / f"{name}.json"])
                for name in DRIVERS
            ]
            assert [run.wait() for run in runs] == [0, 0]
            (base / "done").touch()
    return {driver: json.loads((base / f"{driver}.json").read_text()) for driver in DRIVERS}


@pytest.fixture(params=DRIVERS)
def driver(request):
    return request.param


@pytest.fixture
def found(results, driver):
    return results[driver]


@pytest.mark.parametrize("letter", LISTS)
def test_each_idea_is_tried_in_three_ways_or_more(letter):
    tried = Counter(entry.idea for entry in ENTRIES.values())
    ideas = [f"{letter}: {idea}" for idea in LISTS[letter].split("; ")]
    assert {idea: tried[idea] for idea in ideas if tried[idea] < 3} == {}


@pytest.mark.parametrize("name", CLASS)
def test_points(found, name):
    entry = CLASS[name]
    grade = found["students"][entry.assignment].get(name)
    assert grade is not None, "there is no grade"
    lost = {function: 0 for function in entry.risked if grade["points"][function] == 0}
    assert (grade["points"], grade["by_hand"]) == ({**entry.points, **lost}, False)
    assert grade["total"] == sum(grade["points"].values())


@pytest.mark.parametrize("name", CLASS)
def test_reasons(found, name):
    entry = CLASS[name]
    grade = found["students"][entry.assignment][name]
    for function, pattern in entry.reasons.items():
        said = grade["reasons"][function]
        if function not in entry.risked:
            assert bool(said) == bool(pattern), said
            assert re.search(pattern, said, re.IGNORECASE), said
        assert said or grade["points"][function]
        assert len(said) < 1000
        assert "secret_of" not in said


def test_no_batch_stops(found):
    assert {" ".join(run["command"]): run["status"] for run in found["ran"]} == {
        " ".join(run["command"]): 0 for run in found["ran"]
    }


def test_nobody_is_missing_and_nobody_is_new(found):
    students = {name: set(found["students"][name]) for name in ASSIGNMENTS}
    assert students == {
        name: {it.name for it in CLASS.values() if it.assignment == name} for name in ASSIGNMENTS
    }
    assert found["assignments"] == {name: sum(POINTS[name].values()) for name in ASSIGNMENTS}


@pytest.mark.parametrize(
    "what",
    ["left_running", "heard", "changed", "left_behind", "written_to", "told", "oversize"],
)
def test_no_harm_is_done(found, what):
    assert not found[what]


def test_both_commands_give_the_same(results):
    one, other = (results[driver]["students"] for driver in DRIVERS)
    points = [
        {(a, name): grade["points"] for a, them in each.items() for name, grade in them.items()}
        for each in (one, other)
    ]
    assert points[0] == points[1]


def test_twenty_equal_notebooks_are_graded_alike(found):
    same = [name for name in CLASS if re.fullmatch(r"d_same_\d+", name)]
    grades = [found["students"]["tiny"][name] for name in same]
    assert all(grade == grades[0] for grade in grades)


class Dangers(HTMLParser):
    """Collects what a browser would run, fetch or follow."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        values = [f"{name}={value}" for name, value in attrs]
        risky = tag in ("iframe", "object", "embed", "base", "form", "link", "math", "script")
        on = [it for it in values if it.startswith("on") or "javascript:" in it.lower()]
        away = [it for it in values if re.match(r"(src|srcset|data|action)=(?!data:image/png)", it)]
        if risky or on or away or "refresh" in str(values):
            self.found.append((tag, *values))


@pytest.mark.parametrize("name", [n for n in CLASS if n.startswith("c_script")])
def test_pages_run_and_fetch_nothing(results, base, driver, name):
    page = (base / driver / "feedback" / name / "tiny" / "tiny.html").read_text()
    dangers = Dangers()
    dangers.feed(page)
    assert dangers.found == []
    assert "secret_of_twice" not in page
    assert "Content-Security-Policy" in page


def test_no_hidden_test_is_in_what_ran_before_the_tests(results, base, driver):
    told = []
    for path in (base / driver / "autograded").glob("*/tiny/tiny.ipynb"):
        nb = nbformat.read(path, as_version=4)
        shown = json.dumps([cell.get("outputs") for cell in nb.cells if not is_test(cell)])
        if re.search("secret_of_add = 40 [+] 2|secret_of_twice|BEGIN HIDDEN", shown):
            told.append(path.parts[-3])
    assert told == []


def is_test(cell):
    return cell.metadata.get("nbgrader", {}).get("grade", False)
