"""What an exercise's function should do: cases, an oracle, known mistakes, properties."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import CodeType, FunctionType
from typing import Any

import torch

from labtools.checks.calling import Outcome
from labtools.checks.drawing import a
from labtools.checks.refusing import can_be_seen
from labtools.checks.report import Diagnosis
from labtools.checks.sections import Section


class SpecError(ValueError):
    """A specification is at fault: this is for its author, and says nothing about a learner."""


def _expect(what: str, value: Any, kinds: type | tuple[type, ...], wanted: str) -> None:
    if not isinstance(value, kinds):
        raise TypeError(f"{what}: expected {wanted}, got {a(type(value).__name__)}")


def _expect_all(what: str, values: Any, kind: type) -> None:
    """A tuple of one kind: a list would do as well, but a lone entry without a comma would not."""
    _expect(what, values, tuple, f"a tuple of {kind.__name__}")
    for i, value in enumerate(values):
        _expect(f"{what}[{i}]", value, kind, a(kind.__name__))


def _expect_callable(what: str, value: Any) -> None:
    if not callable(value):
        raise TypeError(f"{what}: expected a function, got {a(type(value).__name__)}")


@dataclass(frozen=True)
class Words:
    """What is said about a mistake: one line, plain words, and where to look it up."""

    title: str
    explain: str
    section: Section | str


@dataclass(frozen=True)
class Special:
    """What is special about a case; to be named when nothing but special cases goes wrong."""

    name: str
    words: Words


@dataclass(frozen=True)
class Case:
    """One call: its arguments, which are copied before the learner's function sees them.

    ``raises`` is an error that is as right as the expected result.

    Raises:
        TypeError: ``args`` is no tuple, as in ``Case((x))`` for ``Case((x,))``, or another field
            is not of its kind.
    """

    args: tuple
    kwargs: dict[str, Any] = field(default_factory=dict)
    special: Special | None = None
    raises: type[Exception] | tuple[type[Exception], ...] = ()

    def __post_init__(self) -> None:
        _expect("args of a Case", self.args, tuple, "a tuple, as (x,) with its comma")
        _expect("kwargs of a Case", self.kwargs, dict, "a dict")
        _expect("special of a Case", self.special, (Special, type(None)), "a Special or None")
        _expect("raises of a Case", self.raises, (type, tuple), "an error's class, or several")


@dataclass(frozen=True)
class Mistake:
    """A known mistake: ``wrong`` takes the same arguments and does what its maker's code would."""

    name: str
    words: Words
    wrong: Callable


Rules = Iterable[tuple[str, Mapping[str, Any]]]


def mistakes(words: Mapping[str, Words], wrong: Callable, rules: Rules) -> tuple[Mistake, ...]:
    """A mistake for each (name, knobs): ``wrong`` with its knobs turned like that.

    A name may come several times, for a mistake can be written in several ways.

    Raises:
        ValueError: A name without words, or a knob that ``wrong`` does not have.
    """
    return tuple(_mistake(words, wrong, name, knobs) for name, knobs in rules)


def _mistake(
    words: Mapping[str, Words], wrong: Callable, name: str, knobs: Mapping[str, Any]
) -> Mistake:
    if name not in words:
        raise ValueError(f"the mistake {name!r}: expected one of {', '.join(words)}")
    try:
        inspect.signature(wrong).bind_partial(**knobs)
    except TypeError as error:
        raise ValueError(f"the mistake {name!r}: {error}") from None
    return Mistake(name, words[name], partial(wrong, **knobs))


@dataclass(frozen=True)
class Property:
    """Something that must hold beyond single results; ``properties`` has ready-made ones.

    ``holds(answer)`` returns None, or where it fails: in words, or as a diagnosis of its own.
    ``answer(*args, **kwargs)`` is the outcome of a call, which has a value: should the function
    raise an error there, the engine reports that.
    """

    name: str
    words: Words
    holds: Callable[[Callable[..., Outcome]], str | Diagnosis | None]

    def __post_init__(self) -> None:
        _expect_callable(f"holds of the property {self.name!r}", self.holds)


@dataclass(frozen=True)
class Refused:
    """Calls that would answer the exercise, which is to be written from scratch.

    Args:
        functions: Of torch the name, as ``"softmax"``: in whatever form it is called, as a
            function, a method or a module, directly or by another function of torch. Of any
            other package the function itself, as ``definitions.infilled``, if it is written in
            Python: under whatever name it is imported and whoever calls it.
        instead: What to use, in a sentence.

    Raises:
        ValueError: No function of torch has that name: ``"torch.softmax"``, ``"LogSoftmax"`` and
            ``"sofmax"`` would never be noticed.
        TypeError: It is neither a name nor a function that is written in Python.
    """

    calls: frozenset[str | CodeType]
    instead: str

    def __init__(self, *functions: str | Callable, instead: str) -> None:
        object.__setattr__(self, "calls", frozenset(map(_can_be_refused, functions)))
        object.__setattr__(self, "instead", instead)


def _can_be_refused(function: str | Callable) -> str | CodeType:
    """A name of torch, or a function's code."""
    if isinstance(function, FunctionType):
        return function.__code__
    if not isinstance(function, str):
        kind = a(type(function).__name__)
        raise TypeError(f"Refused: expected a name or a function written in Python, got {kind}")
    if not can_be_seen(function):
        raise ValueError(
            f"Refused: expected the bare name of a function of torch, as 'log_softmax' "
            f"for torch.log_softmax and nn.LogSoftmax, got {function!r}"
        )
    return function


@dataclass(frozen=True)
class Spec:
    """What an exercise's function should do.

    Args:
        name: The function's name.
        arguments: The names of its arguments, for the report.
        section: The book's section about it.
        expected: The oracle. What it returns may be a tensor, a number, a text, None, or a list,
            tuple or dict of such. Where it raises a ValueError or TypeError, so must the function.
        cases: Makes the cases from a generator, the smallest first.
        mistakes: Known mistakes; the first that explains every result is named.
        properties: Looked at once all results are right.
        by_chance: What is said when a wrong result is drawn at random, if there is more to say
            than that two equal calls differ.
        refused: Calls that would answer the exercise, if it is one from scratch.
        axes: What the rows and columns of a matrix are, for its picture.

    Raises:
        TypeError: A field is not of its kind.

    What shows only when it runs, as ``cases`` that make none, is a ``SpecError`` of ``diagnose``;
    ``examine`` looks for more.
    """

    name: str
    arguments: tuple[str, ...]
    section: Section | str
    expected: Callable
    cases: Callable[[torch.Generator], list[Case]]
    mistakes: tuple[Mistake, ...] = ()
    properties: tuple[Property, ...] = ()
    by_chance: Special | None = None
    refused: Refused | None = None
    axes: tuple[str, str] = ("row", "column")

    def __post_init__(self) -> None:
        of = f"of the Spec {self.name!r}"
        _expect("name of a Spec", self.name, str, "a text")
        _expect_all(f"arguments {of}", self.arguments, str)
        _expect_callable(f"expected {of}", self.expected)
        _expect_callable(f"cases {of}", self.cases)
        _expect_all(f"mistakes {of}", self.mistakes, Mistake)
        _expect_all(f"properties {of}", self.properties, Property)
        _expect(f"by_chance {of}", self.by_chance, (Special, type(None)), "a Special or None")
        _expect(f"refused {of}", self.refused, (Refused, type(None)), "a Refused or None")
        _expect_all(f"axes {of}", self.axes, str)

    def made(self, seed: int) -> list[Case]:
        """The cases of a seed; ``SpecError`` if there is nothing to examine, or other things."""
        try:
            made = list(self.cases(torch.Generator().manual_seed(seed)))
        except Exception as error:
            told = f"{type(error).__name__}: {error}"
            raise SpecError(f"the cases of {self.name} raised {told}") from error
        if not made and not self.properties:
            raise SpecError(f"the cases of {self.name}: expected one at least, got none")
        for case in made:
            if not isinstance(case, Case):
                kind = a(type(case).__name__)
                raise SpecError(f"the cases of {self.name}: expected a Case, got {kind}")
            if len(case.args) > len(self.arguments):
                raise SpecError(
                    f"a case of {self.name} has {len(case.args)} arguments by position; expected "
                    f"{len(self.arguments)} at most, for that many are named: {self.arguments}"
                )
        return made
