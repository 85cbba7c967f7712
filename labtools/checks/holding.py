"""Try the properties of a specification, and see whose fault it is when one cannot be tried."""

from collections.abc import Callable
from typing import Any

from torch import Tensor

from labtools.checks import calling, kinds
from labtools.checks.calling import Outcome, call
from labtools.checks.drawing import a
from labtools.checks.report import Diagnosis
from labtools.checks.runs import Run, told
from labtools.checks.spec import Case, Property, Spec, SpecError


class _NoAnswer(Exception):
    """In a property the function raised an error, or made a refused call; carries the diagnosis."""


def broken_property(spec: Spec, function: Callable, runs: list[Run]) -> Diagnosis | None:
    """The first property that does not hold of a function all of whose ``runs`` are right.

    Raises:
        SpecError: A property raises an error of its own, or returns what no property may.
    """
    for prop in spec.properties:
        asked: list[Run] = []
        try:
            where: object = prop.holds(_answering(spec, function, asked))
        except _NoAnswer as found:
            diagnosis: Diagnosis = found.args[0]
            return diagnosis
        except Exception as error:
            return _learners(prop, function, asked, runs, error) or _authors(spec, prop, error)
        if isinstance(where, Diagnosis):
            return where
        if where is not None:
            return _say(prop, where if isinstance(where, str) else _authors(spec, prop, where))
    return None


def _answering(spec: Spec, function: Callable, asked: list[Run]) -> Callable[..., Outcome]:
    refused = spec.refused.calls if spec.refused else frozenset()
    patience = 4 * calling.CPU_SECONDS  # every case came to an end, and properties may be larger

    def answer(*args: Any, **kwargs: Any) -> Outcome:
        outcome = call(function, args, kwargs, cpu_seconds=patience, refused=refused)
        run = Run(spec, Case(args, kwargs), outcome)
        asked.append(run)
        diagnosis = kinds.unfinished(run) or kinds.raised(run) or kinds.refused(run)
        if diagnosis:
            raise _NoAnswer(diagnosis)
        return run.outcome

    return answer


def _say(prop: Property, where: str) -> Diagnosis:
    return Diagnosis(prop.words.title, prop.words.explain, where, prop.words.section, prop.name)


def _authors(spec: Spec, prop: Property, found: object) -> Any:
    """Raise what is the author's fault: an error, or a result that says nothing."""
    start = f"the property {prop.name!r} of {spec.name}"
    if isinstance(found, Exception):
        raise SpecError(f"{start} raised {told(found)}") from found
    kind = a(type(found).__name__)
    raise SpecError(f"{start} returned {kind}, expected None, a str or a Diagnosis")


def _learners(
    prop: Property, function: Callable, asked: list[Run], runs: list[Run], error: Exception
) -> Diagnosis | None:
    """What a property could not look at, if it is the function's fault.

    It is if a result differs from the oracle's, or is of another kind than in the cases where the
    oracle has none; or if the error arose in its own code, as in a backward().
    """
    for run in asked:
        target = call(run.spec.expected, run.case.args, run.case.kwargs)
        if target.error is None:
            same = Run(run.spec, run.case, run.outcome, target.value)
            if not same.right:
                return kinds.wrong_kind(same) or kinds.counterexample(same)
        elif _kind(run.outcome.value) not in [_kind(usual.expected) for usual in runs]:
            return _say(prop, f"  looking at the result raised {told(error)}")
    file = calling.written_in(function)
    line = calling.raised_at(error, file) if file != calling.written_in(prop.holds) else ""
    return _say(prop, f"  it raised {told(error)}\n  in {line}") if line else None


def _kind(value: Any) -> object:
    return (value.ndim, value.dtype) if type(value) is Tensor else type(value)
