"""The engine behind every exercise: call the function, compare, and find out which mistake it is.

A :class:`Spec` says what a function should do: cases from the smallest up, an oracle, the known
mistakes, and properties that need more than one call. A known mistake is itself a function: what
one would return who makes it. It is named only when it explains *every* result, special cases
perhaps excepted.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from torch import Tensor

from labtools.checks.calling import Outcome, call, undisturbed
from labtools.checks.report import CheckFailed, Diagnosis, a, compare, describe_args, show


@dataclass(frozen=True)
class Words:
    """What is said about a mistake: one line, plain words, and where to look it up."""

    title: str
    explain: str
    section: str


@dataclass(frozen=True)
class Special:
    """What is special about a case; to be named when nothing but special cases goes wrong."""

    name: str
    words: Words


@dataclass(frozen=True)
class Case:
    """One call: its arguments, which are copied before the learner's function sees them."""

    args: tuple
    kwargs: dict[str, Any] = field(default_factory=dict)
    special: Special | None = None


@dataclass(frozen=True)
class Mistake:
    """A known mistake: ``wrong`` takes the same arguments and does what its maker's code would."""

    name: str
    words: Words
    wrong: Callable


def mistakes(
    words: dict[str, Words], wrong: Callable, rules: Iterable[tuple[str, dict[str, Any]]]
) -> tuple[Mistake, ...]:
    """A mistake for each (name, knobs): ``wrong`` with its knobs turned like that.

    A name may come several times, for a mistake can be written in several ways.
    """
    return tuple(Mistake(name, words[name], partial(wrong, **knobs)) for name, knobs in rules)


@dataclass(frozen=True)
class Property:
    """Something that must hold beyond single results.

    ``holds(answer)`` returns None, or where it fails: in words, or as a diagnosis of its own.
    ``answer(*args, **kwargs)`` is the outcome of a call, which has a value: should the function
    raise an error there, the engine reports that.
    """

    name: str
    words: Words
    holds: Callable[[Callable[..., Outcome]], str | Diagnosis | None]


@dataclass(frozen=True)
class Spec:
    """What an exercise's function should do.

    Args:
        name: The function's name.
        arguments: The names of its arguments, for the report.
        section: The book's section about it.
        expected: The oracle.
        cases: Makes the cases from a generator, the smallest first.
        mistakes: Known mistakes; the first that explains every result is named.
        properties: Looked at once all results are right.
        by_chance: What is said when a wrong result is drawn at random, if there is more to say
            than that two equal calls differ.
    """

    name: str
    arguments: tuple[str, ...]
    section: str
    expected: Callable
    cases: Callable[[torch.Generator], list[Case]]
    mistakes: tuple[Mistake, ...] = ()
    properties: tuple[Property, ...] = ()
    by_chance: Special | None = None


def check(spec: Spec, function: Callable, seed: int = 0) -> None:
    """Print that ``function`` is right, or say what is wrong with it.

    Raises:
        CheckFailed: It is wrong; the text names the mistake, the place and the section to read.
    """
    with undisturbed():
        diagnosis = diagnose(spec, function, seed)
    if diagnosis:
        raise CheckFailed(spec.name, diagnosis)
    print(f"✓ {spec.name} is right")


def diagnose(spec: Spec, function: Callable, seed: int = 0) -> Diagnosis | None:
    """What is wrong with ``function``, or None."""
    if not callable(function):
        title = f"expected a function, got {a(type(function).__name__)}"
        return Diagnosis(title, mistake="not-a-function")
    runs = _run(spec, function, seed)
    wrong = [run for run in runs if not run.right]
    if wrong:
        return (
            _unfinished(spec, wrong[0])
            or _known(spec, runs)
            or _by_chance(spec, function, wrong)
            or _special(spec, wrong)
            or _raised(spec, wrong[0])
            or _wrong_kind(spec, wrong[0])
            or _changed(spec, wrong)
            or _fickle(spec, function, wrong)
            or _counterexample(spec, wrong[0])
        )
    return _changed(spec, runs) or _view(spec, runs) or _broken_property(spec, function)


@dataclass(frozen=True)
class _Run:
    case: Case
    outcome: Outcome
    expected: Any = None

    @property
    def right(self) -> bool:
        return self.outcome.error is None and agree(self.outcome.value, self.expected)


def _run(spec: Spec, function: Callable, seed: int) -> list[_Run]:
    runs = []
    for case in spec.cases(torch.Generator().manual_seed(seed)):
        outcome = call(function, case.args, case.kwargs)
        runs.append(_Run(case, outcome, spec.expected(*case.args, **case.kwargs)))
        if isinstance(outcome.error, TimeoutError | NotImplementedError | RecursionError):
            break  # the other cases would only take as long again
    return runs


def agree(value: Any, target: Any) -> bool:
    """Whether two results are equal: kind, shape, dtype; floats up to rounding, NaN like NaN."""
    if not (isinstance(value, Tensor) and isinstance(target, Tensor)):
        return type(value) is type(target) and value == target
    if value.shape != target.shape or value.dtype != target.dtype:
        return False
    if not value.is_floating_point():
        return value.equal(target)
    # no closer in float64: a right answer may well compute in float32 on the way
    rtol, atol = (2e-2, 2e-2) if value.dtype.itemsize < 4 else (1e-4, 1e-5)
    return torch.allclose(value.double(), target.double(), rtol=rtol, atol=atol, equal_nan=True)


def _unfinished(spec: Spec, run: _Run) -> Diagnosis | None:
    error = run.outcome.error
    if isinstance(error, NotImplementedError):
        return Diagnosis("not written yet", mistake="not-written")
    if isinstance(error, TimeoutError):
        explain = "Look for a loop whose condition never becomes false."
        return Diagnosis(f"it does not end: {error}", explain, _where(spec, run), mistake="endless")
    if isinstance(error, RecursionError):
        explain = "The function calls itself without end."
        return Diagnosis("endless recursion", explain, run.outcome.line, mistake="recursion")
    return None


def _known(spec: Spec, runs: list[_Run]) -> Diagnosis | None:
    """The mistake that explains all results, or all ordinary ones: special cases come second."""
    ordinary = [run for run in runs if not run.case.special]
    return _explained(spec, runs) or _explained(spec, ordinary)


def _explained(spec: Spec, runs: list[_Run]) -> Diagnosis | None:
    wrong = [run for run in runs if not run.right]
    for mistake in spec.mistakes if wrong else ():
        if all(_explains(mistake, run) for run in runs):
            return _say(mistake.words, mistake.name, _where(spec, wrong[0]))
    return None


def _explains(mistake: Mistake, run: _Run) -> bool:
    error = run.outcome.error
    try:
        value = mistake.wrong(*run.case.args, **run.case.kwargs)
    except Exception as raised:
        return type(raised) is type(error) and str(raised) == str(error)
    return error is None and agree(run.outcome.value, value)


def _by_chance(spec: Spec, function: Callable, wrong: list[_Run]) -> Diagnosis | None:
    """Random numbers are drawn, and make results differ: then it is chance what else is wrong."""
    for run in wrong if spec.by_chance else ():
        before = torch.get_rng_state()
        again = [call(function, run.case.args, run.case.kwargs) for _ in range(8)]
        drawn = not torch.get_rng_state().equal(before)
        if drawn and not all(agree(other.value, run.outcome.value) for other in again):
            return _say(spec.by_chance.words, spec.by_chance.name, _where(spec, run))
    return None


def _special(spec: Spec, wrong: list[_Run]) -> Diagnosis | None:
    """Nothing but special cases goes wrong: what is special about the first is to blame."""
    special = wrong[0].case.special
    if not all(run.case.special for run in wrong):
        return None
    return _say(special.words, special.name, _where(spec, wrong[0]))


def _say(words: Words, mistake: str, where: str) -> Diagnosis:
    return Diagnosis(words.title, words.explain, where, words.section, mistake)


def _raised(spec: Spec, run: _Run) -> Diagnosis | None:
    error = run.outcome.error
    if error is None:
        return None
    where = _call(spec, run.case)
    return Diagnosis(f"it raised {_told(error)}", run.outcome.line, where, spec.section, "raised")


def _told(error: BaseException) -> str:
    first = str(error).strip().partition("\n")[0]
    return f"{type(error).__name__}: {first}".rstrip(": ")


def _wrong_kind(spec: Spec, run: _Run) -> Diagnosis | None:
    value, target, where = run.outcome.value, run.expected, _where(spec, run)
    if value is None:
        return Diagnosis("it returned None", "Is there a `return`?", where, mistake="none")
    if not isinstance(value, Tensor):
        title = f"it returned {a(type(value).__name__)}, expected {_expected(target)}"
        return Diagnosis(title, "", where, spec.section, "wrong-type")
    if value.shape != target.shape:
        title = f"wrong shape: {tuple(value.shape)}, expected {tuple(target.shape)}"
        return Diagnosis(title, "", where, spec.section, "wrong-shape")
    if value.dtype != target.dtype:
        title = f"wrong dtype: {_dtype(value)}, expected {_dtype(target)}"
        return Diagnosis(title, "", where, spec.section, "wrong-dtype")
    return None


def _expected(target: Tensor) -> str:
    return f"a tensor of shape {tuple(target.shape)}" if target.ndim else "a tensor with one number"


def _dtype(x: Tensor) -> str:
    return str(x.dtype).removeprefix("torch.")


def _fickle(spec: Spec, function: Callable, wrong: list[_Run]) -> Diagnosis | None:
    for run in wrong:
        again = call(function, run.case.args, run.case.kwargs)
        same_error = type(again.error) is type(run.outcome.error)
        if not (same_error and agree(again.value, run.outcome.value)):
            title = "two equal calls give different results"
            return Diagnosis(title, FICKLE, _where(spec, run), spec.section, "not-deterministic")
    return None


FICKLE = (
    "Either it draws random numbers where none are asked for, or it keeps something from one call "
    "to the next."
)


def _counterexample(spec: Spec, run: _Run) -> Diagnosis:
    value = run.outcome.value
    nan = value.is_floating_point() and bool(value.isnan().any())
    explain = "It is none of the mistakes known here. The smallest case that shows it:"
    title = "the result is NaN" if nan else "wrong result"
    return Diagnosis(title, explain, _where(spec, run), spec.section)


def _where(spec: Spec, run: _Run) -> str:
    parts = [_call(spec, run.case)]
    if run.outcome.error is None:
        parts.append(compare(run.outcome.value, run.expected))
    elif not isinstance(run.outcome.error, TimeoutError):
        parts.append(f"  raised {_told(run.outcome.error)}")
    if run.outcome.printed:
        parts.append(f"  it printed: {run.outcome.printed.rstrip()}")
    return "\n".join(parts)


def _call(spec: Spec, case: Case) -> str:
    names = (*spec.arguments[: len(case.args)], *case.kwargs)
    return f"{spec.name} of\n{describe_args(names, (*case.args, *case.kwargs.values()))}"


def _changed(spec: Spec, runs: list[_Run]) -> Diagnosis | None:
    run = next((run for run in runs if run.outcome.changed is not None), None)
    if run is None:
        return None
    i = run.outcome.changed
    name = spec.arguments[i]
    explain = (
        f"After the call `{name}` is no longer what it was, so whoever uses it next gets other "
        "data. Work on a copy: `.clone()`."
    )
    where = f"{_call(spec, run.case)}\nafter the call\n  {name} = {show(run.outcome.args[i])}"
    title = f"it changes {name} in place"
    return Diagnosis(title, explain, where, spec.section, "in-place")


def _view(spec: Spec, runs: list[_Run]) -> Diagnosis | None:
    run = next((run for run in runs if run.outcome.shared is not None), None)
    if run is None:
        return None
    name = spec.arguments[run.outcome.shared]
    explain = (
        f"The result shares its memory with `{name}`, so that changing one changes the other. "
        "Return a copy: `.clone()`."
    )
    title = f"it returns {name} itself, or a view of it"
    return Diagnosis(title, explain, _call(spec, run.case), spec.section, "view")


class _NoAnswer(Exception):
    """In a property the function raised an error; carries the run."""


def _answer(function: Callable, *args: Any, **kwargs: Any) -> Outcome:
    outcome = call(function, args, kwargs)
    if outcome.error is not None:
        raise _NoAnswer(_Run(Case(args, kwargs), outcome))
    return outcome


def _broken_property(spec: Spec, function: Callable) -> Diagnosis | None:
    for prop in spec.properties:
        try:
            where = prop.holds(partial(_answer, function))
        except _NoAnswer as error:
            return _unfinished(spec, error.args[0]) or _raised(spec, error.args[0])
        if isinstance(where, Diagnosis):
            return where
        if where is not None:
            return _say(prop.words, prop.name, where)
    return None
