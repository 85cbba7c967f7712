"""The sample class, graded end to end: every student gets the right points, and a reason."""

import fcntl
import re
import subprocess
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

ROOT = Path(__file__).parents[2]
NAMES = (
    "next_token_targets",
    "clm_loss",
    "document_mask",
    "packed_targets",
    "accumulated_loss",
    "generate",
)
POINTS = dict(zip(NAMES, (2, 4, 4, 3, 3, 4), strict=True))
BLANK = "not attempted"

# student: the functions that are right, and for wrong ones a part of the reason
EXPECTED = {
    "ada": (NAMES, {}),
    "boris": (NAMES, {}),
    "chen": (NAMES, {}),
    "dalia": ((), dict.fromkeys(NAMES, BLANK)),
    "emeka": (NAMES[:3], dict.fromkeys(NAMES[3:], BLANK)),
    "freya": (
        ("document_mask",),
        dict.fromkeys(("next_token_targets", "clm_loss", "accumulated_loss"), "nothing is shifted"),
    ),
    "goran": (
        (),
        {
            "next_token_targets": "recognised by its id",
            "clm_loss": "divided by the number of all positions",
            "accumulated_loss": "means are averaged",
        },
    ),
    "hana": (("next_token_targets", "packed_targets"), {"document_mask": "SyntaxError"}),
    "ivan": (("next_token_targets", "packed_targets"), {"generate": "does not end"}),
    "jun": (("next_token_targets", "document_mask"), {}),
    "kofi": (("next_token_targets", "packed_targets"), {"clm_loss": BLANK}),
    "lena": ((), dict.fromkeys(NAMES, "not a readable notebook")),
    "mira": ((), dict.fromkeys(NAMES, "No notebook was handed in")),
    "nils": (
        (),
        {
            "next_token_targets": "one target too many",
            "clm_loss": "softmax was applied before",
            "accumulated_loss": "NaN when",
        },
    ),
    "olga": (
        (),
        {
            "document_mask": "a document sees the documents before it",
            "packed_targets": "predicted from the last of the one before",
        },
    ),
    "pedro": (
        (),
        {
            "document_mask": "one diagonal too many",
            "generate": "goes on generating",
        },
    ),
    "quyen": (
        (),
        {
            "next_token_targets": "changes input_ids in place",
            "document_mask": "returned None",
            "packed_targets": "returned None",  # so does IPython's exit()
        },
    ),
    "rosa": (("next_token_targets", "packed_targets"), {"clm_loss": BLANK}),
}


@pytest.fixture(scope="module")
def graded():
    """{student: (points by function, reasons by function)} from the class's gradebook."""
    (ROOT / "_build").mkdir(exist_ok=True)
    with (ROOT / "_build" / "class.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the workers of pytest-xdist share the folder
        subprocess.run(["make", "class"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    with Gradebook(f"sqlite:///{ROOT / '_build' / 'class' / 'gradebook.db'}") as gradebook:
        return {s.student_id: read(s) for s in gradebook.assignment_submissions("ch03_clm")}


def read(submission):
    notebook = submission.notebooks[0]
    points = {g.name.removeprefix("test_"): g.score for g in notebook.grades}
    return points, {c.name: c.comment or "" for c in notebook.comments}


def test_the_class_is_the_folder_of_students():
    students = {path.stem for path in (ROOT / "tests/grading/students").glob("*.py")}
    assert students == set(EXPECTED)
    assert len(students) >= 14


@pytest.mark.parametrize("student", EXPECTED)
def test_points(graded, student):
    right = EXPECTED[student][0]
    assert graded[student][0] == {name: POINTS[name] * (name in right) for name in NAMES}


@pytest.mark.parametrize("student", EXPECTED)
def test_reasons(graded, student):
    right, reasons = EXPECTED[student]
    said = graded[student][1]
    for name in set(NAMES) - set(right):
        assert reasons.get(name, BLANK) in said[name]


def test_a_repeated_cell_is_reported(graded):
    assert "2 times" in graded["kofi"][1]["next_token_targets"]


def test_everyone_is_in_the_table_and_in_the_csv(graded):
    table = (ROOT / "_build/class/table.txt").read_text().splitlines()
    csv = (ROOT / "_build/class/grades.csv").read_text()
    for student in EXPECTED:
        total = sum(graded[student][0].values())
        assert any(line.split()[:4] == [student, f"{total:g}", "of", "20"] for line in table)
        assert f",{student}," in csv


def test_feedback_shows_checks_and_reasons_and_no_hidden_test(graded):
    pages = {p.parts[-3]: p for p in (ROOT / "_build/class/feedback").glob("*/ch03_clm/*.html")}
    assert set(pages) == set(EXPECTED) - {"mira"}  # who handed in no notebook
    for page in pages.values():
        text = re.sub("<[^>]*>", "", page.read_text())
        assert "check.clm_loss(clm_loss)" in text
        assert not re.search("HIDDEN TESTS|_hidden|seed=", text)
    assert "nothing is shifted" in pages["freya"].read_text()
