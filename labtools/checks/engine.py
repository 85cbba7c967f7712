"""The engine behind every exercise: call the function, compare, find out which mistake it is.

A :class:`~labtools.checks.spec.Spec` says what the function should do. A known mistake is itself a
function: what one would return who makes it. It is named only when it explains *every* result,
special cases perhaps excepted.
"""

import os
import textwrap
from collections.abc import Callable
from dataclasses import replace

import torch

from labtools.checks import kinds, picture, signatures
from labtools.checks.calling import Outcome, call, copied
from labtools.checks.drawing import a, compare
from labtools.checks.holding import broken_property
from labtools.checks.isolation import undisturbed
from labtools.checks.report import CheckFailed, Diagnosis
from labtools.checks.runs import Run, run_all, told
from labtools.checks.spec import Mistake, Spec, SpecError, Words
from labtools.checks.values import agree

SEED = "LABTOOLS_SEED"  # the environment variable that makes the inputs of all checks others
APART = 100_003  # two of its values give no two checks of a notebook the same inputs


def check(spec: Spec, function: Callable, seed: int = 0) -> None:
    """Print that ``function`` is right, or say what is wrong with it.

    In a notebook a picture of the first wrong matrix stands before the error. Where the
    environment variable ``LABTOOLS_SEED`` holds a number other than 0, the random inputs are
    others, so that in grading no answer can be made for those that a learner has seen.

    Raises:
        CheckFailed: It is wrong; the text names the mistake, the place and the section to read.
    """
    cause = None
    try:
        diagnosis = diagnose(spec, function, seed + APART * _run_seed())
    except Exception as error:  # as when the learner's code has replaced a function of torch
        cause, diagnosis = error, _unchecked(error)
    if diagnosis:
        picture.display(diagnosis.picture)
        raise CheckFailed(spec.name, diagnosis) from cause
    try:
        print(f"✓ {spec.name} is right")
    except UnicodeEncodeError:  # an old terminal
        print(f"{spec.name} is right")


def inputs_are_known() -> bool:
    """Whether the random inputs of checks are those that learners see, as without LABTOOLS_SEED.

    A hidden test repeats the check above it with another seed only then: in a graded run that
    check has had inputs that nobody could know.
    """
    return _run_seed() == 0


def _run_seed() -> int:
    return int(os.environ.get(SEED) or 0)


def _unchecked(error: Exception) -> Diagnosis:
    if isinstance(error, SpecError):
        explain = (
            "This is no fault of your function: the check itself has an error, which its author "
            "should hear of."
        )
        where = textwrap.indent(str(error), "  ")
        return Diagnosis("it could not be checked", explain, where, mistake="broken-check")
    explain = (
        "The check itself came to no end. Did your code change something that others use, such as "
        "a function of torch? Restart the kernel (or Python) and try again."
    )
    return Diagnosis("it could not be checked", explain, f"  {told(error)}", mistake="unchecked")


def diagnose(spec: Spec, function: Callable, seed: int = 0) -> Diagnosis | None:
    """What is wrong with ``function``, or None.

    Raises:
        SpecError: The specification itself is at fault, as an oracle or a property that raises an
            unexpected error. ``check`` tells the learner that the check has an error.
    """
    if not callable(function):
        title = f"expected a function, got {a(type(function).__name__)}"
        return Diagnosis(title, mistake="not-a-function")
    with undisturbed():
        cases = spec.made(seed)
        return signatures.unfit(spec, function, cases) or _judge(
            spec, function, run_all(spec, function, cases)
        )


def _judge(spec: Spec, function: Callable, runs: list[Run]) -> Diagnosis | None:
    wrong = [run for run in runs if not run.right]
    first = next((kinds.refused(run) for run in runs if run.outcome.refused), None)
    if first or not wrong:
        return (
            first
            or kinds.changed(runs)
            or kinds.view(runs)
            or broken_property(spec, function, runs)
        )
    smallest = _smallest(wrong)
    return (
        kinds.unfinished(runs[-1])
        or _known(spec, runs)
        or _by_chance(spec, function, wrong)
        or _special(wrong)
        or kinds.raised(smallest)
        or kinds.wrong_kind(smallest)
        or kinds.changed(wrong)
        or _fickle(function, wrong)
        or kinds.counterexample(smallest)
    )


def _smallest(wrong: list[Run]) -> Run:
    """The smallest that fails in the same way as the first: one mistake may have many effects."""
    first = min(wrong, key=lambda run: run.case.special is not None)
    return min((run for run in wrong if run.failure == first.failure), key=lambda run: run.size)


def _known(spec: Spec, runs: list[Run]) -> Diagnosis | None:
    """The mistake that explains all results, or all ordinary ones: special cases come second."""
    ordinary = [run for run in runs if not run.case.special]
    return _explained(spec, runs) or _explained(spec, ordinary)


def _explained(spec: Spec, runs: list[Run]) -> Diagnosis | None:
    wrong = [run for run in runs if not run.right]
    for mistake in spec.mistakes if wrong else ():
        if all(_explains(mistake, run) for run in runs):
            return _say(_smallest(wrong), mistake.name, mistake.words)
    return None


def _explains(mistake: Mistake, run: Run) -> bool:
    error = run.outcome.error
    try:
        value = mistake.wrong(*copied(run.case.args), **copied(run.case.kwargs))
    except Exception as raised:
        return type(raised) is type(error) and told(raised) == told(error)
    return error is None and agree(run.outcome.value, value)


def _by_chance(spec: Spec, function: Callable, wrong: list[Run]) -> Diagnosis | None:
    """Random numbers are drawn, and make results differ: then it is chance what else is wrong."""
    if spec.by_chance is None:
        return None
    for run in wrong:
        before = torch.get_rng_state()
        again = [call(function, run.case.args, run.case.kwargs) for _ in range(8)]
        drawn = not torch.get_rng_state().equal(before)
        if drawn and not all(agree(other.value, run.outcome.value) for other in again):
            return _say(run, spec.by_chance.name, spec.by_chance.words)
    return None


def _special(wrong: list[Run]) -> Diagnosis | None:
    """Nothing but special cases goes wrong: what is special about the first is to blame."""
    specials = [run.case.special for run in wrong if run.case.special]
    if len(specials) < len(wrong):
        return None
    return _say(wrong[0], specials[0].name, specials[0].words)


def _say(run: Run, mistake: str, words: Words) -> Diagnosis:
    return run.diagnosis(words.title, words.explain, mistake, words.section)


def _fickle(function: Callable, wrong: list[Run]) -> Diagnosis | None:
    for run in wrong:
        again = call(function, run.case.args, run.case.kwargs)
        same_error = type(again.error) is type(run.outcome.error)
        if not (same_error and agree(again.value, run.outcome.value)):
            title = "two equal calls give different results"
            found = run.diagnosis(title, FICKLE, "not-deterministic")
            return replace(found, where=_both(run, again), picture=None)
    return None


def _both(run: Run, again: Outcome) -> str:
    first, second = (o.value if o.error is None else o.error for o in (run.outcome, again))
    return f"{run.call()}\n{compare(first, second, ('first call', 'second call'))}"


FICKLE = (
    "Either it draws random numbers where none are asked for, or it keeps something from one call "
    "to the next."
)
