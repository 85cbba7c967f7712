"""The engine behind every exercise: call the function, compare, and find out which mistake it is.

A :class:`Spec` says what a function should do: cases from the smallest up, an oracle, the known
mistakes, and properties that need more than one call. A known mistake is itself a function: what
one would return who makes it. It is named only when it explains *every* result.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from labtools.checks.calling import Outcome, call
from labtools.checks.report import CheckFailed, Diagnosis, compare, describe_args


@dataclass(frozen=True)
class Case:
    """One call: its arguments, which are copied before the learner's function sees them."""

    args: tuple
    kwargs: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Mistake:
    """A known mistake: ``wrong`` takes the same arguments and does what its maker's code would."""

    name: str
    title: str
    explain: str
    section: str
    wrong: Callable


@dataclass(frozen=True)
class Property:
    """Something that must hold beyond single results.

    ``holds(function)`` returns None, or where it fails: in words, or as a diagnosis of its own.
    """

    name: str
    title: str
    explain: str
    section: str
    holds: Callable[[Callable], str | Diagnosis | None]


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
    """

    name: str
    arguments: tuple[str, ...]
    section: str
    expected: Callable
    cases: Callable[[torch.Generator], list[Case]]
    mistakes: tuple[Mistake, ...] = ()
    properties: tuple[Property, ...] = ()


def check(spec: Spec, function: Callable, seed: int = 0) -> None:
    """Print that ``function`` is right, or say what is wrong with it.

    Raises:
        CheckFailed: It is wrong; the text names the mistake, the place and the section to read.
    """
    diagnosis = diagnose(spec, function, seed)
    if diagnosis:
        raise CheckFailed(spec.name, diagnosis)
    print(f"✓ {spec.name} is right")


def diagnose(spec: Spec, function: Callable, seed: int = 0) -> Diagnosis | None:
    """What is wrong with ``function``, or None."""
    if not callable(function):
        return Diagnosis(f"expected a function, got {type(function).__name__}")
    runs = _run(spec, function, seed)
    wrong = [run for run in runs if not run.right]
    if wrong:
        return (
            _unfinished(spec, wrong[0])
            or _known(spec, runs)
            or _raised(spec, wrong[0])
            or _wrong_kind(spec, wrong[0])
            or _counterexample(spec, wrong[0])
        )
    return _side_effect(spec, runs) or _broken_property(spec, function)


@dataclass(frozen=True)
class _Run:
    case: Case
    outcome: Outcome
    expected: Any

    @property
    def right(self) -> bool:
        value = self.outcome.value
        same_dtype = not isinstance(value, Tensor) or value.dtype == self.expected.dtype
        return self.outcome.error is None and same_dtype and agree(value, self.expected)


def _run(spec: Spec, function: Callable, seed: int) -> list[_Run]:
    runs = []
    for case in spec.cases(torch.Generator().manual_seed(seed)):
        outcome = call(function, case.args, case.kwargs)
        runs.append(_Run(case, outcome, spec.expected(*case.args, **case.kwargs)))
        if isinstance(outcome.error, TimeoutError | NotImplementedError | RecursionError):
            break  # the other cases would only take as long again
    return runs


def agree(value: Any, target: Any) -> bool:
    """Whether two results are equal: same kind and shape, floats up to rounding, NaN like NaN."""
    if not (isinstance(value, Tensor) and isinstance(target, Tensor)):
        return type(value) is type(target) and value == target
    floats = value.is_floating_point(), target.is_floating_point()
    if value.shape != target.shape or floats[0] != floats[1]:
        return False
    if not floats[0]:
        return (value.dtype == torch.bool) == (target.dtype == torch.bool) and bool(
            (value == target).all()
        )
    rtol, atol = _tolerance(value.dtype)
    return torch.allclose(value.double(), target.double(), rtol=rtol, atol=atol, equal_nan=True)


def _tolerance(dtype: torch.dtype) -> tuple[float, float]:
    if dtype == torch.float64:
        return 1e-8, 1e-10
    return (1e-4, 1e-5) if dtype == torch.float32 else (2e-2, 2e-2)


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
    for mistake in spec.mistakes:
        if all(_explains(mistake, run) for run in runs):
            shown = next(run for run in runs if not run.right)
            where = _where(spec, shown, run_error=True)
            return Diagnosis(mistake.title, mistake.explain, where, mistake.section, mistake.name)
    return None


def _explains(mistake: Mistake, run: _Run) -> bool:
    error = run.outcome.error
    try:
        value = mistake.wrong(*run.case.args, **run.case.kwargs)
    except Exception as raised:
        return type(raised) is type(error)
    return error is None and agree(run.outcome.value, value)


def _raised(spec: Spec, run: _Run) -> Diagnosis | None:
    error = run.outcome.error
    if error is None:
        return None
    first = str(error).strip().partition("\n")[0]
    title = f"it raised {type(error).__name__}: {first}".rstrip(": ")
    return Diagnosis(title, run.outcome.line, _where(spec, run), spec.section, "raised")


def _wrong_kind(spec: Spec, run: _Run) -> Diagnosis | None:
    value, target = run.outcome.value, run.expected
    if value is None:
        return Diagnosis(
            "it returned None", "Is there a `return`?", _where(spec, run), mistake="none"
        )
    if not isinstance(value, Tensor):
        title = f"it returned {_a(type(value).__name__)}, expected {_expected(target)}"
        return Diagnosis(title, "", _where(spec, run), spec.section, "wrong-type")
    if value.shape != target.shape:
        title = f"wrong shape: {tuple(value.shape)}, expected {tuple(target.shape)}"
        return Diagnosis(title, "", _where(spec, run), spec.section, "wrong-shape")
    if value.dtype != target.dtype:
        title = f"wrong dtype: {_dtype(value)}, expected {_dtype(target)}"
        return Diagnosis(title, "", _where(spec, run), spec.section, "wrong-dtype")
    return None


def _expected(target: Tensor) -> str:
    return f"a tensor of shape {tuple(target.shape)}" if target.ndim else "a tensor with one number"


def _a(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def _dtype(x: Tensor) -> str:
    return str(x.dtype).removeprefix("torch.")


def _counterexample(spec: Spec, run: _Run) -> Diagnosis:
    title = "wrong result"
    value = run.outcome.value
    if value.is_floating_point() and value.isnan().any():
        title = "the result is NaN"
    explain = "No known mistake explains all results. The smallest case that shows it:"
    return Diagnosis(title, explain, _where(spec, run), spec.section, None)


def _where(spec: Spec, run: _Run, run_error: bool = False) -> str:
    args = (*run.case.args, *run.case.kwargs.values())
    names = (*spec.arguments[: len(run.case.args)], *run.case.kwargs)
    parts = [f"{spec.name} of", describe_args(names, args)]
    if run.outcome.error is None:
        parts.append(compare(run.outcome.value, run.expected))
    elif run_error:
        parts.append(f"  raised {type(run.outcome.error).__name__}: {run.outcome.error}")
    if run.outcome.printed:
        parts.append(f"  it printed: {run.outcome.printed.rstrip()}")
    return "\n".join(parts)


def _side_effect(spec: Spec, runs: list[_Run]) -> Diagnosis | None:
    for run in runs:
        if run.outcome.changed is not None:
            name = spec.arguments[run.outcome.changed]
            explain = (
                f"After the call `{name}` is no longer what it was, so whoever uses it next gets "
                "other data. Work on a copy: `.clone()`."
            )
            return Diagnosis(f"it changes {name} in place", explain, "", spec.section, "in-place")
        if run.outcome.shared is not None:
            name = spec.arguments[run.outcome.shared]
            explain = (
                f"The result is a view: it shares its memory with `{name}`, so that changing one "
                "changes the other. Return a copy: `.clone()`."
            )
            return Diagnosis(f"it returns a view of {name}", explain, "", spec.section, "view")
    return None


def _broken_property(spec: Spec, function: Callable) -> Diagnosis | None:
    for prop in spec.properties:
        where = prop.holds(function)
        if isinstance(where, Diagnosis):
            return where
        if where is not None:
            return Diagnosis(prop.title, prop.explain, where, prop.section, prop.name)
    return None
