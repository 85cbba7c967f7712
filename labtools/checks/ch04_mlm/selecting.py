"""What may be selected: ``select_positions``."""

from collections.abc import Callable, Iterator
from itertools import pairwise

import torch
from torch import Generator, Tensor

from labtools.checks import kinds
from labtools.checks.calling import Outcome
from labtools.checks.ch04_mlm.sections import SELECTION
from labtools.checks.ch04_mlm.selecting_rows import example, forbidden, layout
from labtools.checks.ch04_mlm.selecting_shares import unlikely
from labtools.checks.ch04_mlm.selecting_words import GENERATOR, STATIC, WORDS, say
from labtools.checks.chance import Calls, looked_at
from labtools.checks.properties import goes_on, only_this_generator
from labtools.checks.report import Diagnosis
from labtools.checks.runs import Run
from labtools.checks.spec import Case, Mistake, Spec

NAME, ARGUMENTS = "select_positions", ("maskable", "rate", "generator")


def _kind(maskable: Tensor, rate: float, generator: Generator) -> Tensor:
    """A result of the right kind; the right one where nothing may be selected."""
    return torch.zeros_like(maskable)


def _cases(generator: Generator) -> list[Case]:
    """One in which nothing is left to chance, in almost every wrong answer too: see the rest."""
    return [Case((torch.zeros(2, 5, dtype=torch.bool), 0.0, Generator().manual_seed(3)))]


def _multinomial(weights: float, samples: int) -> Callable[..., Tensor]:
    """Raises what torch.multinomial does where it cannot draw."""
    return lambda maskable, rate, generator: torch.multinomial(
        torch.full((3,), weights), samples, generator=generator
    )


CANNOT_DRAW = _multinomial(0.0, 1), _multinomial(1.0, 0)


def specification(seed: int) -> Spec:
    """What is asked of ``select_positions``; the seed is also that of what it draws."""
    form = Spec(NAME, ARGUMENTS, SELECTION, _kind, _cases)
    return Spec(
        NAME,
        ARGUMENTS,
        SELECTION,
        _kind,
        _cases,
        tuple(Mistake("nobody-to-draw", WORDS["nobody-to-draw"], wrong) for wrong in CANNOT_DRAW),
        (
            looked_at("pattern", form, seed, _pattern),
            goes_on(STATIC, _ask),
            only_this_generator(GENERATOR, _ask),
            looked_at("shares", form, seed, unlikely),
            looked_at("certain", form, seed, _uncertain),
            looked_at("one-token", form, seed, _always),
            looked_at("untouched", form, seed, _touched),
        ),
    )


def _ask(answer: Callable[..., Outcome], generator: Generator) -> Outcome:
    return answer(layout(4, 2, Generator().manual_seed(7)), 0.4, generator)


def _pattern(call: Calls) -> Diagnosis | None:
    """What shows in a few rows, and what chance does less than once in 10^20 times."""
    maskable, rate = layout(36, 12, call.data), 0.4
    selected = call(maskable, rate)
    name = forbidden(maskable, selected) or next(_patterns(maskable, selected), None)
    return say(name, example(maskable, selected, rate)) if name else None


def _patterns(maskable: Tensor, selected: Tensor) -> Iterator[str]:
    rows = [s[m].tolist() for m, s in zip(maskable, selected, strict=True)]
    if not selected.any():
        yield "nothing-selected"
    if selected.equal(maskable):
        yield "everything-selected"
    if all(len(set(row)) == 1 for row in rows):
        yield "whole-rows"
    if all(row == sorted(row, reverse=True) for row in rows):
        yield "first-positions"
    if all(row == sorted(row) for row in rows):
        yield "last-positions"
    if all(sum(row) == 1 for row in rows):
        yield "one-of-each-row"
    if all(_pieces(row) <= 1 for row in rows):
        yield "one-block"
    if all(a == b for a, b in pairwise(rows) if len(a) == len(b)):
        yield "same-for-all-rows"


def _pieces(row: list[bool]) -> int:
    """How many runs of selected positions there are."""
    return sum(b > a for a, b in pairwise([False, *row]))


def _uncertain(call: Calls) -> Diagnosis | None:
    """At rate 0 nothing is selected, at rate 1 everything; a row may have nothing, or one token."""
    some = torch.rand(9, 7, generator=call.data) < 0.7
    some[:, 0], some[:, 2:4], some[4] = False, True, False
    for maskable in (some, some[:1], some[:1, 2:3], some[:, 2:3], layout(30, 10, call.data)):
        for rate in (0.0, 0.5, 1.0):
            run = call.run(maskable, rate)
            if forbidden(maskable, run.outcome.value):
                return _wrong(run, maskable & run.outcome.value, "unmaskable-selected")
            if rate != 0.5 and (found := _left_to_chance(run, maskable & bool(rate))):
                return found
    return None


def _always(call: Calls) -> Diagnosis | None:
    """The only token of a text is selected in each of many calls, which chance hardly ever does."""
    maskable = torch.tensor([[False, True, False]])
    if not all(call(maskable, 0.15).any() for _ in range(ALONE)):
        return None
    said = f"  {maskable = }".replace("tensor(", "").rstrip(")")
    return say("at-least-one", f"  rate = 0.15\n{said}\n  selected in each of {ALONE} calls")


ALONE = 60  # calls; 0.15 to this power is below 10^-49


def _left_to_chance(run: Run, expected: Tensor) -> Diagnosis | None:
    """The expected selection is certain."""
    value = run.outcome.value
    if value.equal(expected):
        return None
    if expected.any():
        return _wrong(run, expected, "rate-1")
    one_each = value.sum(1).equal(run.case.args[0].any(1).long())
    return _wrong(run, expected, "at-least-one" if one_each else "rate-0")


def _wrong(run: Run, expected: Tensor, name: str) -> Diagnosis:
    words = WORDS[name]
    made = Run(run.spec, run.case, run.outcome, expected)
    return made.diagnosis(words.title, words.explain, name, words.section)


def _touched(call: Calls) -> Diagnosis | None:
    """In few positions at first, for they are shown."""
    few = torch.tensor([[False, True, True, True, True, True, False], [True] * 5 + [False] * 2])
    rates = 0.4, 0.0, 1.0
    runs = [call.run(x, rate) for x in (few, layout(3, 2, call.data)) for rate in rates]
    return kinds.changed(runs) or kinds.view(runs)
