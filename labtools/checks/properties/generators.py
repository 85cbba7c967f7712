"""What is drawn comes from the generator that is given, and from nothing else."""

import random
import sys
from collections.abc import Callable

import torch
from torch import Generator

from labtools.checks.calling import Outcome
from labtools.checks.properties.shared import Answer
from labtools.checks.spec import Property, Words
from labtools.checks.values import agree

Ask = Callable[[Answer, Generator], Outcome]


def only_this_generator(words: Words, ask: Ask, name: str = "generator-misused") -> Property:
    """The same seed gives the same result, another seed another; PyTorch's own is left alone.

    Args:
        ask: Makes the call: ``lambda answer, generator: answer(x, generator=generator)``. So much
            must be drawn that two results are never equal by chance.
    """

    def holds(answer: Answer) -> str | None:
        before = _states()
        first, again, other = (_asked(answer, ask, *seeds) for seeds in ((1, 5), (2, 5), (3, 6)))
        if not agree(first[0].value, again[0].value):
            used = [name for name, state in _states().items() if state != before.get(name)]
            which = f" {' and '.join(used)} was drawn from." if used else ""
            return f"  Two generators with the same seed gave different results.{which}"
        if agree(first[0].value, other[0].value):
            return "  Two generators with different seeds gave the same result."
        if any(others_used for _, others_used in (first, again, other)):
            return "  Another generator than the one given was seeded or used."
        return None

    return Property(name, words, holds)


def _asked(answer: Answer, ask: Ask, global_seed: int, seed: int) -> tuple[Outcome, bool]:
    """The outcome, and whether PyTorch's own generator was used in the place of the one given."""
    own = torch.manual_seed(global_seed).get_state()
    generator = Generator().manual_seed(seed)
    outcome = ask(answer, generator)
    unused = given_generator(outcome).get_state().equal(generator.get_state())
    return outcome, unused or not torch.get_rng_state().equal(own)


def _states() -> dict[str, object]:
    """Where the generators stand that belong to no function: Python's and NumPy's."""
    states: dict[str, object] = {"Python's generator": random.getstate()}
    if numpy := sys.modules.get("numpy"):
        _, key, *place = numpy.random.get_state()
        states["NumPy's generator"] = key.tobytes(), place
    return states


def goes_on(words: Words, ask: Ask, name: str = "same-every-call") -> Property:
    """The next call goes on from where the generator stands, and so gives another result.

    Args:
        ask: As of ``only_this_generator``.
    """

    def holds(answer: Answer) -> str | None:
        first = ask(answer, Generator().manual_seed(5))
        second = ask(answer, given_generator(first))
        if agree(first.value, second.value):
            return "  Two calls in a row, with one and the same generator, gave the same result."
        return None

    return Property(name, words, holds)


def given_generator(outcome: Outcome) -> Generator:
    """The generator that a call was given, in the state in which the call left it.

    Raises:
        ValueError: It was given none.
    """
    given = [x for x in (*outcome.args, *outcome.kwargs.values()) if isinstance(x, Generator)]
    if not given:
        raise ValueError("expected a generator among the arguments of the call, got none")
    return given[0]
