"""Find the bug: an input on which code that was shipped goes wrong."""

import inspect
from collections.abc import Callable

from labtools.checks.calling import Outcome, call
from labtools.checks.drawing import a, compare, show
from labtools.checks.kinds import TORCH
from labtools.checks.report import CheckFailed, Diagnosis, describe_args
from labtools.checks.runs import told
from labtools.checks.sections import Section
from labtools.checks.values import difference

SIDES = ("shipped", "yours")


def reveals(
    example: Callable[[], tuple],
    shipped: Callable,
    yours: Callable,
    section: Section | str = "",
) -> None:
    """Print what a shipped function does on the learner's example, where it goes wrong.

    Args:
        example: Written by the learner; takes nothing and returns the arguments, as a tuple.
        shipped: The function with the bug.
        yours: The learner's own function, which was checked before, for the same arguments.
        section: Of the book, about the bug.

    Raises:
        CheckFailed: The example is no tuple of arguments, ``yours`` refuses it, or the two
            functions agree on it.
    """
    name, args = getattr(example, "__name__", "the example"), _arguments(example, section)
    was, mine = call(shipped, args), call(yours, args)
    given = (
        f"{shipped.__name__} of\n{describe_args(list(inspect.signature(shipped).parameters), args)}"
    )
    if any(TORCH.search(told(error)) for error in (was.error, mine.error) if error):
        title = "the functions are not made for numbers of this dtype"
        explain = "Scores, logits and costs are floats: write 0.0, and not 0."
        raise CheckFailed(name, Diagnosis(title, explain, given, section, "not-allowed"))
    if isinstance(mine.error, NotImplementedError):
        title = "it is held against your own function, which is not written yet"
        raise CheckFailed(name, Diagnosis(title, mistake="not-written"))
    if mine.error is not None:
        title = f"your own {yours.__name__} raises {told(mine.error)}"
        explain = "The example must be an input that is allowed."
        raise CheckFailed(name, Diagnosis(title, explain, given, section, "not-allowed"))
    found = difference(was.value, mine.value)
    if was.error is None and found is None:
        title = "on this input the shipped function is right"
        explain = "Look for one where it differs from yours."
        where = f"{given}\n  both return {show(mine.value)}"
        raise CheckFailed(name, Diagnosis(title, explain, where, section, "reveals-nothing"))
    print(f"✓ {name} shows the bug\n\n{given}\n{_told(was, mine)}")


def _arguments(example: Callable[[], tuple], section: Section | str) -> tuple:
    outcome = call(example, ())
    if isinstance(outcome.error, NotImplementedError):
        failed = Diagnosis("not written yet", mistake="not-written")
    elif outcome.error is not None:
        failed = Diagnosis(f"it raised {told(outcome.error)}", outcome.line, mistake="raised")
    elif not isinstance(outcome.value, tuple):
        got = a(type(outcome.value).__name__)
        title = f"expected a tuple of arguments, as (x,) with its comma, got {got}"
        failed = Diagnosis(title, section=section, mistake="wrong-type")
    else:
        return outcome.value
    raise CheckFailed(getattr(example, "__name__", "the example"), failed)


def _told(was: Outcome, mine: Outcome) -> str:
    if was.error is not None:
        return f"  raises {told(was.error)}\n  yours returns {show(mine.value)}"
    return compare(was.value, mine.value, SIDES)
