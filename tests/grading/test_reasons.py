"""Which of several things is the reason."""

import pytest
from nbformat.v4 import new_output
from sample_class import find

from labtools.grading.reasons import message, reasons


def error(name, message):
    return new_output("error", ename=name, evalue=message, traceback=[])


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("CheckFailed", "add: 1 + 2 is 3\n a picture", "add: 1 + 2 is 3"),
        ("Stopped", "the function was stopped", "the function was stopped"),
        ("ValueError", "hm\nmore", "ValueError: hm"),
        ("CheckFailed", "", "CheckFailed, without a message"),
        ("Hm\x00\nhm", "\ud800\x1b[31m!", "Hm : ?!"),
        ("A" * 400, "b" * 301, "A" * 300 + "…: " + "b" * 300 + "…"),
        ("AssertionError", "", "AssertionError, without a message"),
        ("SyntaxError", "expected ':' (16078.py, line 1)", "SyntaxError: expected ':' (line 1)"),
    ],
)
def test_message(name, text, said):
    assert message(error(name, text)) == said


def said(nb, answer=(), check=(), **told):
    find(nb, "add").outputs, find(nb, "test_add").outputs = list(answer), list(check)
    nb.metadata["labtools"] = told
    return reasons(nb)["add"]


def test_the_answer_s_own_error_explains_a_name_error(release):
    broken, missing = error("SyntaxError", "hm"), error("NameError", "add")
    assert said(release, [broken], [missing]) == "SyntaxError: hm"


def test_a_diagnosis_is_better_than_the_answer_s_own_error(release):
    printed, diagnosis = error("NameError", "x"), error("CheckFailed", "add: shifted")
    assert said(release, [printed], [diagnosis]) == "add: shifted"


def test_full_marks_need_no_reason(release):
    assert said(release, [error("NameError", "x")]) is None
    assert said(release, notes={"add": "there twice"}) == "there twice"


def test_blank(release):
    lost = [error("NotImplementedError", "")]
    assert said(release, [], lost, blank=["add"]) == "not attempted"
    assert said(release, [], lost, blank=["add"], file="damaged") == "damaged"


def test_what_was_resolved_is_said_too(release):
    lost = [error("CheckFailed", "add: shifted")]
    assert said(release, [], lost, notes={"add": "there twice"}) == "add: shifted (there twice)"
