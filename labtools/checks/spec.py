"""What an exercise's function should do: cases, an oracle, known mistakes, properties."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch

from labtools.checks.calling import Outcome
from labtools.checks.report import Diagnosis
from labtools.checks.sections import Section


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
    """

    args: tuple
    kwargs: dict[str, Any] = field(default_factory=dict)
    special: Special | None = None
    raises: type[Exception] | tuple[type[Exception], ...] = ()


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
    """
    return tuple(Mistake(name, words[name], partial(wrong, **knobs)) for name, knobs in rules)


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


@dataclass(frozen=True)
class Refused:
    """Calls of torch that would answer the exercise, which is to be written from scratch.

    Args:
        names: Of functions, as ``"softmax"``: in whatever form they are called, as a function, a
            method or a module, directly or by another function of torch.
        instead: What to use, in a sentence.
    """

    names: frozenset[str]
    instead: str

    def __init__(self, *names: str, instead: str) -> None:
        object.__setattr__(self, "names", frozenset(names))
        object.__setattr__(self, "instead", instead)


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
