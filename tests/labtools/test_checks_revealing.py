"""An example shows a shipped bug, or the learner is told why it does not."""

import pytest
import torch

from labtools.checks import CheckFailed, reveals


def shipped(x, window):
    """Right up to a window of two."""
    return x.cumsum(0) if window > 2 else x.double()


def yours(x, window):
    if window < 0:
        raise ValueError("window: expected at least 0")
    return x.double()


def nan_for_empty(x):
    return x.double().mean()


def zero_for_empty(x):
    return x.double().sum() / max(1, len(x))


def failure(example, *functions):
    with pytest.raises(CheckFailed) as caught:
        reveals(example, *functions)
    return caught.value


def test_what_shows_the_bug_is_printed(capsys):
    reveals(lambda: (torch.arange(1.0, 4.0), 3), shipped, yours)
    out = capsys.readouterr().out
    assert out.startswith("✓ <lambda> shows the bug\n")
    assert "shipped of\n  x = [1, 2, 3]\n  window = 3\n" in out
    assert "shipped  [1, 3, 6]" in out
    assert "yours    [1, 2, 3]" in out


def test_nan_and_the_error_that_is_the_bug_show_it_too(capsys):
    reveals(lambda: (torch.zeros(0),), nan_for_empty, zero_for_empty)
    reveals(lambda: (torch.zeros(2), 1), lambda x, window: 1 / 0, yours, error="by zero")
    out = capsys.readouterr().out
    assert "nan" in out
    assert "shows the bug: <lambda> cannot take what yours can" in out
    assert "raises ZeroDivisionError" in out


@pytest.mark.parametrize(
    ("answer", "mistake", "words"),
    [
        ((torch.ones(2), 1), "reveals-nothing", "on this input the shipped function is right"),
        ((torch.ones(2), -1), "not-allowed", "yours is not made for this input: ValueError: wind"),
        ([torch.ones(2), 1], "wrong-type", "expected a tuple of arguments"),
        (None, "wrong-type", "got a NoneType"),
        ((), "not-allowed", "missing 2 required positional arguments"),
    ],
)
def test_what_shows_nothing_is_told_why(answer, mistake, words):
    failed = failure(lambda: answer, shipped, yours)
    assert failed.mistake == mistake
    assert words in str(failed)


def test_another_error_shows_nothing():
    failed = failure(lambda: (torch.ones(2), 1), lambda x, window: 1 / 0, yours)
    assert failed.mistake == "not-allowed"
    assert "ZeroDivisionError" in str(failed)


@pytest.mark.parametrize("wrap", [lambda x: x, lambda x: [x], lambda x: {"a": (x.item(), 1)}])
def test_nan_of_both_is_no_proof_that_the_shipped_one_is_right(wrap):
    def mean(x):
        return wrap(x.mean())

    failed = failure(lambda: (torch.tensor([float("nan"), 1.0]),), mean, mean)
    assert failed.mistake == "reveals-nothing"
    assert "both give NaN" in str(failed)
    assert "is right\n" not in str(failed)


def test_integers_where_floats_are_meant_are_told():
    def softmax(x):
        return x.softmax(-1)

    def by_hand(x):
        return x.exp() / x.exp().sum()

    for functions in ((softmax, by_hand), (by_hand, softmax)):
        failed = failure(lambda: (torch.tensor([3, 0]),), *functions)
        assert failed.mistake == "not-allowed"
        assert "0.0, and not 0" in str(failed)


def test_a_blank_and_a_broken_example():
    def blank():
        raise NotImplementedError

    def not_yet(x, window):
        raise NotImplementedError

    assert failure(blank, shipped, yours).mistake == "not-written"
    failed = failure(lambda: (torch.ones(2), 1), shipped, not_yet)
    assert failed.mistake == "not-written"
    assert "your own function" in str(failed)
    assert failure(lambda: 1 / 0, shipped, yours).mistake == "raised"
