"""Answers to an exercise as learners write them: right ones, and wrong ones that must be named."""

import importlib
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

# right, but the hidden tests call it with so many tokens that it takes minutes, longer than a
# cell may
TOO_SLOW = ("masks_until_one_fits",)


@dataclass(frozen=True)
class Mutant:
    """A wrong answer.

    Args:
        function: The function that it answers.
        number: Its number in the catalogue of mistakes; None for those that are not in it.
        name: What is wrong, in a few words.
        diagnosed: Names of the mistake that a check may give it; empty where it has no name and
            a counterexample must do.
        answer: The wrong answer.
    """

    function: str
    number: int | None
    name: str
    diagnosed: frozenset[str]
    answer: Callable


class Variants(defaultdict):
    """``{function: [right answers]}``; as a decorator it keeps one more."""

    def __init__(self):
        super().__init__(list)

    def __call__(self, function):
        def keep(answer):
            self[function].append(answer)
            return answer

        return keep


class Mutants(list):
    """Wrong answers; as a decorator it keeps one more."""

    def __call__(self, function, number, name, *diagnosed):
        def keep(answer):
            self.append(Mutant(function, number, name, frozenset(diagnosed), answer))
            return answer

        return keep


def exercises():
    """The exercises that have answers here, by name."""
    return sorted(path.parent.name for path in Path(__file__).parent.glob("*/variants.py"))


def variants_of(exercise):
    """``{function: [right answers]}``."""
    return importlib.import_module(f"{exercise}.variants").VARIANTS


def mutants_of(exercise):
    """The list of wrong answers."""
    return importlib.import_module(f"{exercise}.mutants").MUTANTS


def check_of(exercise, function):
    """The check that an exercise makes of a function."""
    return getattr(importlib.import_module(f"labtools.checks.{exercise}"), function)
