"""Find the bug: an input on which code that was shipped goes wrong."""

import inspect
import math
from collections.abc import Callable
from typing import Any

from torch import Tensor

from labtools.checks.calling import Outcome, call
from labtools.checks.drawing import a, compare, odd, show
from labtools.checks.kinds import TORCH
from labtools.checks.report import CheckFailed, Diagnosis, describe_args
from labtools.checks.runs import told
from labtools.checks.sections import Section
from labtools.checks.values import difference

SIDES = ("shipped", "yours")
ALLOWED = (
    "The example must be an input that is allowed: of the shapes that the function says, with "
    "floats for scores, logits and costs (0.0, and not 0), and bool for a mask."
)
BOTH_RIGHT = (
    "on this input the shipped function is right",
    "Look for one where it differs from yours.",
)
BOTH_NAN = (
    "on this input both give NaN",
    "NaN tells nothing of which of them is right. Look for an input on which yours gives numbers.",
)


def reveals(
    example: Callable[[], tuple],
    shipped: Callable,
    yours: Callable,
    section: Section | str = "",
    *,
    error: str = "",
) -> None:
    """Print what a shipped function does on the learner's example, where it goes wrong.

    Args:
        example: Written by the learner; takes nothing and returns the arguments, as a tuple.
        shipped: The function with the bug.
        yours: The learner's own function, which was checked before, for the same arguments.
        section: Of the book, about the bug.
        error: Part of what the shipped function says where the bug is that it raises an error on
            arguments that are allowed; any other error comes from arguments that are not.

    Raises:
        CheckFailed: The example is no tuple of arguments, one of the functions is not made for
            it, or the two agree on it.
    """
    name, args = getattr(example, "__name__", "the example"), _arguments(example, section)
    was, mine = call(shipped, args), call(yours, args)
    given = (
        f"{shipped.__name__} of\n{describe_args(list(inspect.signature(shipped).parameters), args)}"
    )
    if isinstance(mine.error, NotImplementedError) and not TORCH.search(told(mine.error)):
        title = "it is held against your own function, which is not written yet"
        raise CheckFailed(name, Diagnosis(title, mistake="not-written"))
    bug = was.error is not None and bool(error) and error in told(was.error)
    for function, raised in ((yours, mine.error), (shipped, None if bug else was.error)):
        if raised is not None:
            title = f"{function.__name__} is not made for this input: {told(raised)}"
            raise CheckFailed(name, Diagnosis(title, ALLOWED, given, section, "not-allowed"))
    found = difference(was.value, mine.value)
    if was.error is None and found is None:
        title, explain = BOTH_NAN if _has_nan(mine.value) else BOTH_RIGHT
        where = f"{given}\n  both return {show(mine.value)}"
        raise CheckFailed(name, Diagnosis(title, explain, where, section, "reveals-nothing"))
    how = "" if was.error is None else f": {shipped.__name__} cannot take what yours can"
    print(f"✓ {name} shows the bug{how}\n\n{given}\n{_told(was, mine)}")


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


def _has_nan(value: Any) -> bool:
    if type(value) in (list, tuple, dict):
        return any(map(_has_nan, value.values() if type(value) is dict else value))
    if type(value) is Tensor:
        return not odd(value) and bool(value.isnan().any())
    return type(value) is float and math.isnan(value)
