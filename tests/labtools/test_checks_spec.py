"""The slips of an author: said as such, and never put on the learner."""

import dataclasses

import pytest
import torch

from labtools.checks import (
    Case,
    CheckFailed,
    Mistake,
    Property,
    Refused,
    Spec,
    SpecError,
    Words,
    check,
    diagnose,
    examine,
    mistakes,
)
from labtools.checks.ch03_clm.generation import GENERATE
from labtools.checks.ch03_clm.loss import ACCUMULATED_LOSS, CLM_LOSS
from labtools.checks.ch03_clm.mask import DOCUMENT_MASK
from labtools.checks.ch03_clm.targets import NEXT_TOKEN_TARGETS, PACKED_TARGETS

X = torch.tensor([2.0, 3.0, 5.0])
WORDS = Words("wrong", "Because.", "chapter 0")
DOUBLE = Spec("double", ("x",), "chapter 0", lambda x: 2 * x, lambda generator: [Case((X,))])


def double(x):
    return x + x


def changed(**fields):
    return dataclasses.replace(DOUBLE, **fields)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: Case(X), "args of a Case: expected a tuple, as (x,) with its comma, got a Te"),
        (lambda: Case("abc"), "got a str"),
        (lambda: Case((X,), {"y"}), "kwargs of a Case: expected a dict, got a set"),
        (lambda: Case((X,), special="long"), "special of a Case: expected a Special or None"),
        (lambda: changed(arguments="x"), "arguments of the Spec 'double': expected a tuple of str"),
        (lambda: changed(arguments=(X,)), "'double'[0]: expected a str, got a Tensor"),
        (lambda: changed(expected=X), "expected of the Spec 'double': expected a function"),
        (lambda: changed(cases=[Case((X,))]), "cases of the Spec 'double': expected a function"),
        (lambda: changed(mistakes=WORDS), "mistakes of the Spec 'double': expected a tuple"),
        (lambda: changed(properties=(WORDS,)), "[0]: expected a Property, got a Words"),
        (lambda: changed(refused="softmax"), "expected a Refused or None, got a str"),
        (lambda: Property("p", WORDS, True), "holds of the property 'p': expected a function"),
    ],
)
def test_a_field_of_another_kind_is_a_type_error(make, text):
    with pytest.raises(TypeError) as caught:
        make()
    assert text in str(caught.value)


@pytest.mark.parametrize(
    "name",
    ["unique_consecutiv", "torch.unique_consecutive", "LogSoftmax", "nn", "Tensor", "add_", ""],
)
def test_a_name_that_would_never_be_noticed_is_not_refused(name):
    with pytest.raises(ValueError, match="expected the bare name of a function of torch"):
        Refused(name, instead="")


@pytest.mark.parametrize("name", ["unique_consecutive", "log_softmax", "tril", "cumsum", "svd"])
def test_a_name_of_torch_is_refused(name):
    assert Refused(name, instead="").calls == {name}


def test_a_knob_that_does_not_exist():
    with pytest.raises(ValueError, match="the mistake 'm': got an unexpected keyword argument 'b'"):
        mistakes({"m": WORDS}, lambda x, *, a=1: x, [("m", {"b": 2})])


def test_a_mistake_without_words():
    with pytest.raises(ValueError, match="the mistake 'n': expected one of m"):
        mistakes({"m": WORDS}, double, [("n", {})])


def divide_by_0(*args):
    return 1 // 0


def claims(found):
    return changed(properties=(Property("p", WORDS, lambda answer: found),))


def asks(holds):
    return changed(properties=(Property("p", WORDS, holds),))


BROKEN = {
    "no cases": (changed(cases=lambda generator: []), "expected one at least, got none"),
    "cases that fail": (changed(cases=divide_by_0), "the cases of double raised ZeroDivision"),
    "no Case": (changed(cases=lambda generator: [X]), "expected a Case, got a Tensor"),
    "unnamed": (changed(arguments=()), "has 1 arguments by position; expected 0 at most"),
    "oracle": (changed(expected=divide_by_0), "the oracle of double raised ZeroDivisionError"),
    "True": (claims(True), "the property 'p' of double returned a bool, expected None, a str or"),
    "a tensor": (claims(X > 2), "returned a Tensor"),
    "a property's error": (asks(divide_by_0), "the property 'p' of double raised ZeroDivisionErr"),
    "after an answer": (asks(lambda answer: answer(X).valu), "'p' of double raised AttributeError"),
}


@pytest.mark.parametrize("slip", BROKEN)
def test_the_author_is_told_and_the_learner_is_not_blamed(slip):
    spec, text = BROKEN[slip]
    with pytest.raises(SpecError) as caught:
        diagnose(spec, double)
    assert text in str(caught.value)
    with pytest.raises(CheckFailed) as failed:
        check(spec, double)
    assert failed.value.mistake == "broken-check"
    assert "This is no fault of your function" in str(failed.value)
    assert text in str(failed.value)


def odd_when_large(x):
    return (2 * x).tolist() if len(x) > 3 else 2 * x


def test_a_result_that_a_property_cannot_look_at_is_the_learners():
    def holds(answer):
        return None if answer(torch.ones(7)).value.isfinite().all() else "  not finite"

    found = diagnose(asks(holds), odd_when_large)
    assert found.title == "it returned a list, expected a tensor of shape (7,)"
    assert diagnose(asks(holds), double) is None


def test_so_it_is_where_the_oracle_cannot_tell():
    spec = changed(
        expected=lambda x: 2 * x if len(x) < 4 else divide_by_0(),
        properties=(
            Property("p", WORDS, lambda answer: answer(torch.ones(7)).value.numel() and None),
        ),
    )
    found = diagnose(spec, odd_when_large)
    assert (found.mistake, found.title) == ("p", "wrong")
    assert "looking at the result raised AttributeError" in found.where


def add_to(x):
    x += x
    return x


def test_an_oracle_or_a_mistake_that_changes_its_input_gets_copies():
    spec = changed(expected=add_to, mistakes=(Mistake("m", WORDS, lambda x: add_to(x) + 1),))
    assert diagnose(spec, double) is None
    assert diagnose(spec, lambda x: 2 * x + 1).mistake == "m"
    assert diagnose(spec, lambda x: 2 * x + 2).mistake is None
    assert X.tolist() == [2, 3, 5]


def knows(**wrong):
    return changed(mistakes=tuple(Mistake(name, WORDS, f) for name, f in wrong.items()))


def forgets_a_knob(x):
    return double(x, y=1)


def test_a_sound_specification_has_no_findings():
    spec = knows(one=lambda x: 2 * x + 1, square=lambda x: x * x)
    assert examine(spec, answer=double) == []


@pytest.mark.parametrize(
    ("spec", "finding"),
    [
        (
            knows(right=double),
            "the mistake 'right' (number 0) does what the oracle does in every case (seeds 0, 1)",
        ),
        (
            knows(a=lambda x: x * x, b=lambda x: x**2),
            "the mistake 'a' (number 0) and the mistake 'b' (number 1) do the same in every case "
            "(seeds 0, 1)",
        ),
        (
            knows(a=forgets_a_knob),
            "the mistake 'a' (number 0) raises TypeError: double() got an unexpected keyword "
            "argument 'y' (seeds 0, 1)",
        ),
        (
            changed(expected=lambda x, y: x),
            "case 0 does not fit the oracle's parameters (x, y): missing a required argument: 'y' "
            "(seeds 0, 1)",
        ),
        (
            changed(expected=add_to),
            "the oracle fails the check: it changes x in place (seeds 0, 1)",
        ),
        (BROKEN["oracle"][0], "the oracle of double raised ZeroDivisionError: integer division"),
        (BROKEN["no cases"][0], "the cases of double: expected one at least, got none (seeds 0, 1"),
    ],
)
def test_what_is_wrong_with_a_specification_is_said(spec, finding):
    (said,) = examine(spec, seeds=2)
    assert said.startswith(finding)


def test_a_finding_names_the_seeds_that_show_it():
    spec = changed(
        cases=lambda generator: [Case((X * (generator.initial_seed() % 2),))],
        mistakes=(Mistake("triple", WORDS, lambda x: 3 * x),),
    )
    text = "the mistake 'triple' (number 0) does what the oracle does in every case (seeds 0, 2)"
    assert examine(spec, seeds=3) == [text]


def test_the_properties_are_tried_with_an_answer():
    assert examine(claims("  no"), seeds=1) == []
    assert examine(claims("  no"), 1, double) == ["the answer fails the check: wrong (seed 0)"]


def test_the_first_mistakes_of_a_name_may_do_the_same():
    twice = mistakes({"m": WORDS}, lambda x: x * x, [("m", {}), ("m", {})])
    assert examine(changed(mistakes=twice), seeds=1) == []


CHAPTER_3 = (
    NEXT_TOKEN_TARGETS, CLM_LOSS, DOCUMENT_MASK, PACKED_TARGETS, ACCUMULATED_LOSS, GENERATE
)  # fmt: skip


@pytest.mark.parametrize("spec", CHAPTER_3, ids=lambda spec: spec.name)
def test_the_specifications_of_chapter_3_are_sound(spec):
    assert examine(spec, seeds=1) == []
