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
    mistakes,
)

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
    assert Refused(name, instead="").names == {name}


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
