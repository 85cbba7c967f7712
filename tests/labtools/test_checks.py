"""The engine of the checks, on a tiny exercise of its own: ``double(x)`` returns 2x."""

import contextlib
import os
import re
import signal
import threading
import time

import pytest
import torch

from labtools.checks import (
    Case,
    CheckFailed,
    Property,
    Spec,
    Special,
    Words,
    agree,
    calling,
    check,
    diagnose,
    inputs_are_known,
    limits,
    mistakes,
)
from labtools.checks.drawing import compare, show
from labtools.checks.report import Diagnosis

SECTION = "chapter 0, “Doubling”"
WORDS = {
    "power": Words("x is raised to a power", "Twice x is x + x.", SECTION),
    "unchanged": Words("x is returned as it is", "Twice x is x + x.", SECTION),
    "no-matrices": Words("matrices are refused", "Twice x is x + x.", SECTION),
}
NEGATIVE = Special("negative", Words("negative numbers go wrong", "Twice −1 is −2.", SECTION))


def power(x, exponent):
    return x**exponent


def refuse_matrices(x, why):
    if x.ndim == 2:
        raise ValueError(why)
    return 2 * x


def stays_finite(answer):
    value = answer(torch.tensor([1e20])).value
    return None if value.isfinite().all() else f"  twice 1e20 is {show(value)}"


DOUBLE = Spec(
    "double",
    ("x",),
    SECTION,
    lambda x: 2 * x,
    lambda generator: [
        Case((torch.tensor([2]),)),
        Case((torch.tensor([[3, 5], [0, 1]]),)),
        Case((torch.randint(1, 9, (4,), generator=generator),)),
        Case((torch.tensor([0.5, 1.5]),)),
        Case((torch.tensor([-1, 4]),), special=NEGATIVE),
    ],
    (
        *mistakes(WORDS, power, [("power", {"exponent": 2}), ("power", {"exponent": 3})]),
        *mistakes(WORDS, lambda x: x, [("unchanged", {})]),
        *mistakes(WORDS, refuse_matrices, [("no-matrices", {"why": "vectors only"})]),
    ),
    (Property("overflow", Words("large numbers overflow", "Add.", SECTION), stays_finite),),
)


def diagnosis(function):
    return diagnose(DOUBLE, function)


def test_the_right_answer_passes(capfd):
    check(DOUBLE, lambda x: x + x)
    assert capfd.readouterr() == ("✓ double is right\n", "")


@pytest.mark.parametrize(
    ("function", "mistake"),
    [
        (lambda x: x * x, "power"),
        (lambda x: x * x * x, "power"),
        (lambda x: +x.clone(), "unchanged"),
    ],
)
def test_a_known_mistake_is_named(function, mistake):
    found = diagnosis(function)
    assert (found.mistake, found.title) == (mistake, WORDS[mistake].title)
    assert found.section == SECTION


def inputs():
    """All that the check of ``double`` calls it with."""
    given = []

    def noting(x):
        given.append(x.clone())
        return x + x

    check(DOUBLE, noting)
    return given


@pytest.mark.parametrize(("run_seed", "known"), [(None, True), ("0", True), ("7", False)])
def test_a_graded_run_has_inputs_that_nobody_knows(monkeypatch, run_seed, known):
    monkeypatch.delenv("LABTOOLS_SEED", raising=False)
    before = inputs()
    if run_seed is not None:
        monkeypatch.setenv("LABTOOLS_SEED", run_seed)
    assert inputs_are_known() == known
    assert all(map(torch.equal, before, inputs())) == known


def test_a_known_mistake_is_named_only_when_it_explains_every_result():
    found = diagnosis(lambda x: x * x if x.ndim == 1 else x + x + 1)
    assert found.mistake is None
    assert found.title == "wrong result"
    assert "x = [0.5, 1.5]" in found.where  # the smallest that is wrong


def test_an_error_is_explained_by_the_same_error_alone():
    assert diagnosis(lambda x: refuse_matrices(x, "vectors only")).mistake == "no-matrices"
    assert diagnosis(lambda x: refuse_matrices(x, "another reason")).mistake == "raised"


def test_what_is_special_is_named_when_nothing_else_is_wrong():
    assert diagnosis(lambda x: (2 * x).clamp(min=0)).mistake == "negative"
    assert diagnosis(lambda x: (2 * x).clamp(min=0, max=9)).mistake is None


def test_a_known_mistake_is_named_before_what_is_special():
    def two_mistakes(x):
        return torch.zeros(()) if (x < 0).any() else x * x

    assert diagnosis(two_mistakes).mistake == "power"


def test_the_smallest_counterexample_is_drawn():
    found = diagnosis(lambda x: 2 * x + (x == 5))
    assert found.where.splitlines() == [
        "double of",
        "  x = [[3, 5],",
        "       [0, 1]]",
        "  yours      expected",
        "   6  11✗     6  10",
        "   0   2      0   2",
        "  first difference: row 0, column 1: 11 instead of 10",
    ]


@pytest.mark.parametrize(
    ("function", "mistake"),
    [
        (lambda x: None, "none"),
        (lambda x: 4, "wrong-type"),
        (lambda x: (2 * x).sum(), "wrong-shape"),
        (lambda x: (2 * x).double(), "wrong-dtype"),
        (lambda x: [][0], "raised"),
        (lambda: 4, "signature"),
        (lambda x, y: 2 * x, "signature"),
        (lambda x: 2 * x + torch.randint(9, x.shape), "not-deterministic"),
        (7, "not-a-function"),
    ],
)
def test_wrong_kinds(function, mistake):
    assert diagnosis(function).mistake == mistake


def test_any_number_of_arguments_is_asked_for_with_a_star():
    cases = [Case((1,)), Case((1, 2))]
    spec = Spec(
        "total", ("x", "y"), SECTION, lambda *numbers: sum(numbers), lambda generator: cases
    )
    found = diagnose(spec, lambda numbers: sum(numbers))
    assert found.title == "expected total(*numbers), got total(numbers)"
    assert found.explain == "It takes any number of arguments: *numbers."


def test_a_call_without_arguments_is_shown():
    spec = Spec("zero", ("x",), SECTION, lambda *x: 0, lambda generator: [Case(())])
    assert diagnose(spec, lambda *x: 1).where.startswith("zero of\n  no arguments\n")


def test_in_place():
    def doubles(x):
        result = 2 * x
        x.zero_()
        return result

    found = diagnosis(doubles)
    assert found.mistake == "in-place"
    assert "x = [2]\nafter the call\n  x = [0]" in found.where


def test_in_place_is_reported_before_an_unknown_wrong_result():
    assert diagnosis(lambda x: x.mul_(2).add_(x)).mistake == "in-place"


def test_view():
    spec = Spec("first", ("x",), SECTION, lambda x: x[:1], DOUBLE.cases)
    assert diagnose(spec, lambda x: x[:1].clone()) is None
    assert diagnose(spec, lambda x: x[:1]).mistake == "view"


def test_a_property_fails_with_its_place():
    found = diagnosis(lambda x: 2 * x if not x.is_floating_point() else x * x / x * 2)
    assert (found.mistake, found.where) == ("overflow", "  twice 1e20 is [inf]")


def test_an_error_in_a_property_is_reported():
    def fails_when_large(x):
        if x[x > 1e9].any():
            raise ValueError("too large")
        return 2 * x

    found = diagnosis(fails_when_large)
    assert (found.mistake, found.title) == ("raised", "it raised ValueError: too large")
    assert "x = [1e+20]" in found.where


def test_the_line_of_an_error_is_told():
    @torch.no_grad()  # a decorator does not hide it
    def fails(x):
        wrong = x.nothing
        return wrong

    assert re.fullmatch(r"line \d+: wrong = x.nothing", diagnosis(fails).explain)


def test_an_endless_loop_is_stopped(monkeypatch):
    monkeypatch.setattr(calling, "CPU_SECONDS", 0.2)

    def stubborn(x):
        while True:
            with contextlib.suppress(Exception):
                time.sleep(0)

    assert diagnosis(stubborn).mistake == "endless"


def test_waiting_is_stopped(monkeypatch):
    monkeypatch.setattr(limits, "WALL_SECONDS", 0.2)
    assert diagnosis(lambda x: time.sleep(60)).mistake == "endless"


def test_without_timers_in_another_thread_the_answer_is_checked_all_the_same():
    found = []
    thread = threading.Thread(target=lambda: found.append(diagnosis(lambda x: x.clone())))
    thread.start()
    thread.join()
    assert found[0].mistake == "unchanged"


def test_ctrl_c_is_not_swallowed():
    def interrupted(x):
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        diagnosis(interrupted)


def test_what_a_wrong_answer_prints_is_shown_in_the_report_alone(capfd):
    def talkative(x):
        print("x is", x.tolist())
        return x - 1

    assert "it printed: x is [2]" in diagnosis(talkative).where
    assert capfd.readouterr() == ("", "")


def test_the_notebook_shows_the_text_without_a_traceback():
    failed = CheckFailed("double", Diagnosis("wrong", "Because.", "  here", SECTION))
    assert failed._render_traceback_() == str(failed).splitlines()
    assert str(failed) == f"double: wrong\n\nBecause.\n\n  here\n\nLook up: {SECTION}"


def test_masks_are_drawn_with_the_wrong_cells_marked():
    expected = torch.ones(1, 1, 3, 3, dtype=torch.bool).tril()
    yours = expected.clone()
    yours[0, 0, 0, 1] = True
    assert compare(yours, expected) == "\n".join(
        [
            "  yours       expected",
            "  ■  ■✗ ·     ■  ·  ·",
            "  ■  ■  ·     ■  ■  ·",
            "  ■  ■  ■     ■  ■  ■",
            "  first difference: row 0, column 1: ■ instead of ·",
        ]
    )


def test_of_a_batch_the_first_wrong_mask_is_drawn():
    expected = torch.ones(2, 1, 3, 3, dtype=torch.bool).tril()
    yours = expected.clone()
    yours[1, 0, 2, 0] = False
    drawn = compare(yours, expected).splitlines()
    assert len(drawn) == 5
    assert drawn[-1] == "  first difference: batch item 1, row 2, column 0: · instead of ■"


def test_what_cannot_be_drawn_is_told():
    wide = torch.zeros(2, 40, dtype=torch.int64)
    assert "shape (2, 40) int64" in compare(wide, wide + 1)
    assert compare(torch.tensor(1.5), torch.tensor(1.5).double()) == (
        "  yours     1.5 float32\n  expected  1.5 float64"
    )


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        (torch.tensor([1.0]), torch.tensor([1.0 + 1e-6]), True),
        (torch.tensor([1.0]), torch.tensor([1.01]), False),
        (torch.tensor([1.0]).bfloat16(), torch.tensor([1.008]).bfloat16(), True),
        (torch.tensor([torch.nan]), torch.tensor([torch.nan]), True),
        (torch.tensor([1]), torch.tensor([True]), False),
        (torch.tensor([1]), torch.tensor([1]).int(), False),
        (torch.tensor([1]), torch.tensor([[1]]), False),
        (torch.tensor(1), 1, False),
    ],
)
def test_agreement(a, b, same):
    assert agree(a, b) is same


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda: 4, "it lacks the parameter x"),
        (lambda x, n: 4, "it has n besides"),
        (lambda x, *, n: 4, "it has n besides"),
        (lambda *, x: 4, "it takes x by name alone, after the *"),
        (lambda *, n: 4, "it lacks the parameter x and it has n besides"),
    ],
)
def test_what_the_parameters_lack_is_told(function, words):
    assert diagnosis(function).explain == f"The parameters differ: {words}."


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda x: 4, "it lacks the parameters y, n"),
        (lambda x, z: 4, "it lacks the parameter n"),
        (lambda a, b, c, n: 4, "it has c besides"),
        (lambda y, n: 4, "it lacks the parameter x"),
        (lambda x, y, z, n: 4, "it has z besides"),
    ],
)
def test_of_several_parameters_the_missing_ones_are_named(function, words):
    case = Case((torch.tensor([1]), torch.tensor([2])), {"n": 3})
    spec = Spec("f", ("x", "y"), SECTION, lambda x, y, n: x, lambda generator: [case])
    assert diagnose(spec, function).explain == f"The parameters differ: {words}."


def test_two_calls_that_differ_are_shown():
    calls = iter(range(100))
    found = diagnosis(lambda x: 2 * x + next(calls) + 1)
    assert found.mistake == "not-deterministic"
    assert "  first call   [5]\n  second call  [10]" in found.where


def test_code_that_waits_is_not_told_to_look_for_a_loop(monkeypatch):
    monkeypatch.setattr(limits, "WALL_SECONDS", 0.2)
    found = diagnosis(lambda x: time.sleep(60))
    assert found.explain.startswith("It waits for something")


def test_the_verdict_on_a_special_case_keeps_the_line_of_the_error():
    def fails_on_negative(x):
        if (x < 0).any():
            x.nothing()
        return 2 * x

    found = diagnosis(fails_on_negative)
    assert found.mistake == "negative"
    assert re.search(r"  raised AttributeError: .*\n  in line \d+: x.nothing\(\)$", found.where)


@pytest.mark.parametrize(
    ("yours", "expected", "told"),
    [
        ([5, 1], torch.tensor([5, 1]), ["a list: [5, 1]", "a tensor: [5, 1]"]),
        ([[5], [1]], ([5], [1]), ["a list: [[5], [1]]", "a tuple: ([5], [1])"]),
        (5, torch.tensor(5), ["an int: 5", "a tensor: 5"]),
        (0.5, torch.tensor(0.5), ["a float: 0.5", "a tensor: 0.5"]),
        (1, True, ["an int: 1", "a bool: True"]),
        ([0.0], torch.zeros(3, 9), ["a list: [0.0]", "tensor of shape (3, 9) float32"]),
        (None, torch.tensor(5), ["None", "5"]),
    ],
)
def test_kinds_that_read_alike_are_told_apart(yours, expected, told):
    assert compare(yours, expected) == f"  yours     {told[0]}\n  expected  {told[1]}"


def test_floats_are_shown_as_far_as_they_fit_on_a_line():
    third = torch.tensor([1 / 3])
    assert show(third.expand(2, 2)) == "[[0.3333, 0.3333], [0.3333, 0.3333]]"
    assert show(third.expand(2, 12)).count("0.3333") == 24
    assert show(third.expand(5, 5)) == "tensor of shape (5, 5) float32"
    assert show(third.expand(1, 13)) == "tensor of shape (1, 13) float32"
    assert show(torch.tensor([True, False])) == "[True, False]"
