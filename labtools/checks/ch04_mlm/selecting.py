"""What may be selected, and how often: ``select_positions``."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Generator, Tensor

from labtools.checks import kinds
from labtools.checks.calling import Outcome
from labtools.checks.ch04_mlm.chance import (
    Calls,
    implausible,
    looked_at,
    percent,
    together,
    too_many,
    uneven,
)
from labtools.checks.ch04_mlm.sections import SELECTION
from labtools.checks.ch04_mlm.selecting_words import GENERATOR, STATIC, WORDS
from labtools.checks.properties import goes_on, only_this_generator
from labtools.checks.report import Diagnosis
from labtools.checks.runs import Run
from labtools.checks.spec import Case, Mistake, Spec

NAME, ARGUMENTS = "select_positions", ("maskable", "rate", "generator")
T = 60
LONG, SHORT = 40, 20  # maskable positions of a row; with the rates below, whole numbers selected
# rows with LONG and with SHORT: so many that shares wrong by 2 % are seen, and that a loop ends
ROWS = {0.15: (920, 320), 0.9: (690, 240)}


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
            looked_at("shares", form, seed, _unlikely),
            looked_at("certain", form, seed, _uncertain),
            looked_at("untouched", form, seed, _touched),
        ),
    )


def _ask(answer: Callable[..., Outcome], generator: Generator) -> Outcome:
    return answer(_layout(4, 2, 7), 0.4, generator)


def _say(name: str, where: str) -> Diagnosis:
    words = WORDS[name]
    return Diagnosis(words.title, words.explain, where, words.section, name)


def _layout(longer: int, shorter: int, seed: int) -> Tensor:
    """(rows, T) bool: <bos>, tokens, a special token amid them, tokens, <eos>, padding."""
    amid = int(torch.randint(5, SHORT - 5, (), generator=Generator().manual_seed(seed)))
    rows = torch.zeros(longer + shorter, T, dtype=torch.bool)
    for n, some in ((LONG, rows[:longer]), (SHORT, rows[longer:])):
        some[:, 1 : n + 2] = True
        some[:, 1 + amid] = False
    return rows


def _pattern(call: Calls) -> Diagnosis | None:
    """What shows in a few rows, and what chance does less than once in 10^20 times."""
    maskable, rate = _layout(36, 12, call.generator.initial_seed()), 0.4
    selected = call(maskable, rate)
    name = _forbidden(maskable, selected) or next(_patterns(maskable, selected), None)
    return _say(name, _example(maskable, selected, rate)) if name else None


def _forbidden(maskable: Tensor, selected: Tensor) -> str | None:
    if not (selected & ~maskable).any():
        return None
    return "unmaskable-selected" if (selected & maskable).any() else "maskable-inverted"


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
    if all(_pieces(row) <= 1 for row in rows):
        yield "one-block"
    if all(a == b for a, b in pairwise(rows) if len(a) == len(b)):
        yield "same-for-all-rows"


def _pieces(row: list[bool]) -> int:
    """How many runs of selected positions there are."""
    return sum(b > a for a, b in pairwise([False, *row]))


def _example(maskable: Tensor, selected: Tensor, rate: float) -> str:
    """The first row that has something unmaskable selected, or the first three."""
    wrong = (selected & ~maskable).any(1).nonzero()[:1, 0].tolist()
    lines = [f"  {rate = }, maskable of shape {tuple(maskable.shape)}"]
    for b in wrong or range(3):
        lines.append(f"  row {b}  maskable  {_drawn(maskable[b])}")
        lines.append(f"  {' ' * len(f'row {b}')}  selected  {_drawn(selected[b])}")
    return "\n".join(lines)


def _drawn(row: Tensor) -> str:
    return "".join("■" if x else "·" for x in row.tolist())


@dataclass(frozen=True)
class Drawn:
    """What was selected at one rate, row by row; the rows with LONG come first."""

    rate: float
    maskable: Tensor
    selected: Tensor

    def counts(self) -> tuple[Tensor, Tensor]:
        """Selected and maskable positions: of all rows, of those with LONG, of those with SHORT."""
        longer = self.maskable.sum(1) == LONG
        parts = torch.ones_like(longer), longer, ~longer
        both = self.selected, self.maskable
        selected, n = (torch.stack([x[part].sum() for part in parts]) for x in both)
        return selected, n

    def rare(self) -> tuple[Tensor, float]:
        """Selected or not selected, whichever comes less often, and how often it should."""
        if self.rate <= 0.5:
            return self.selected, self.rate
        return self.maskable & ~self.selected, 1 - self.rate

    def said(self) -> str:
        """Of what ``rare`` counts."""
        return "selected" if self.rate <= 0.5 else "left out"


def _unlikely(call: Calls) -> Diagnosis | None:
    """What chance does less than once in a million times."""
    drawn = [_draw(call, rate) for rate in ROWS]
    for each in drawn:
        if name := _forbidden(each.maskable, each.selected):
            return _say(name, _example(each.maskable, each.selected, each.rate))
    return _wrong_shares(drawn) or next(filter(None, map(_dependent, drawn)), None)


def _draw(call: Calls, rate: float) -> Drawn:
    """In two calls, for each has its time."""
    longer, shorter = (rows // 2 for rows in ROWS[rate])
    maskable = _layout(longer, shorter, call.generator.initial_seed())
    selected = [call(maskable, rate) for _ in range(2)]
    return Drawn(rate, maskable.repeat(2, 1), torch.cat(selected))


def _wrong_shares(drawn: list[Drawn]) -> Diagnosis | None:
    counts, n = (torch.stack(x) for x in zip(*(each.counts() for each in drawn), strict=True))
    rates = torch.tensor([[each.rate] for each in drawn]).double()
    if not implausible(counts, n, rates).any():
        return None
    known = (name for name, probs in _rules(counts, n, rates) if _explains(counts, n, probs))
    return _say(next(known, "wrong-share"), _shares(counts, n, rates))


def _explains(counts: Tensor, n: Tensor, probs: Tensor) -> bool:
    return not implausible(counts, n, probs.expand(counts.shape).clamp(0, 1)).any()


def _rules(counts: Tensor, n: Tensor, rates: Tensor) -> Iterator[tuple[str, Tensor]]:
    """The shares that those select who make a known mistake; (rates, 3), as the counts."""
    ndtr = torch.special.ndtr
    rows = n[:, 1:] / torch.tensor([LONG, SHORT])
    each = torch.minimum(rates * T * rows, n[:, 1:])  # rate · T of each row, or all
    yield "complement", 1 - rates
    yield "drawn-twice", rates**2
    yield "drawn-twice", 1 - (1 - rates) ** 2
    yield "normal-numbers", ndtr(rates)
    yield "normal-numbers", ndtr(rates) - ndtr(-rates)
    yield "rate-of-T", torch.cat([each.sum(1, True), each], 1) / n
    yield "rate-of-T", rates * T * rows.sum(1, True) / n[:, :1]
    yield "rate-ignored", counts[:, :1].sum() / n[:, :1].sum() + 0 * rates


def _shares(counts: Tensor, n: Tensor, rates: Tensor) -> str:
    lines = []
    for c, m, (rate,) in zip(counts.tolist(), n.tolist(), rates.tolist(), strict=True):
        lines += [
            f"  rate = {rate:g}, {int(m[0])} maskable positions, T = {T}",
            f"    selected  {percent(c[0] / m[0])}"
            f"   (rows with {LONG} maskable {percent(c[1] / m[1])}, "
            f"with {SHORT} {percent(c[2] / m[2])})",
            f"    expected  {percent(rate)}",
        ]
    return "\n".join(lines)


def _dependent(drawn: Drawn) -> Diagnosis | None:
    return _unequal(drawn) or _paired(drawn) or _uneven(drawn) or _repeated(drawn)


def _unequal(drawn: Drawn) -> Diagnosis | None:
    """Some position is selected more often than another."""
    longer = drawn.maskable.sum(1) == LONG
    counts, n = (
        torch.stack([x[part].sum(0) for part in (longer, ~longer)])
        for x in (drawn.selected, drawn.maskable)
    )
    wrong = implausible(counts, n, torch.tensor(drawn.rate)).nonzero()
    if not len(wrong):
        return None
    which, t = wrong[0].tolist()
    where = (
        f"  rate = {drawn.rate:g}, {int(n[which, t])} rows with {(LONG, SHORT)[which]} maskable "
        f"positions\n  position {t} of a row: selected {int(counts[which, t])} times, expected "
        f"{drawn.rate * int(n[which, t]):.0f}"
    )
    return _say("unequal-positions", where)


def _paired(drawn: Drawn) -> Diagnosis | None:
    """Two positions of a row go together, which are drawn each by itself.

    Drawn without replacement they go together a little less often, never more.
    """
    event, p = drawn.rare()
    counts, n = together(event, drawn.maskable)
    wrong = too_many(counts, n, torch.tensor(p**2)).nonzero()
    if not len(wrong):
        return None
    s, t = wrong[0].tolist()
    where = (
        f"  rate = {drawn.rate:g}, {int(n[s, t])} rows\n  positions {s} and {t} of a row: both "
        f"{drawn.said()} {int(counts[s, t])} times, expected {p**2 * int(n[s, t]):.0f}"
    )
    return _say("not-independent", where)


def _uneven(drawn: Drawn) -> Diagnosis | None:
    event, p = drawn.rare()
    found = event[drawn.maskable.sum(1) == LONG].sum(1)
    tail = uneven(found, LONG, p)
    if tail is None:
        return None
    where = (
        f"  rate = {drawn.rate:g}, {len(found)} rows with {LONG} maskable positions\n"
        f"  {tail.said} {drawn.said()}: {tail.rows} rows, expected {tail.expected:.0f} at most"
    )
    return _say("not-independent", where)


def _repeated(drawn: Drawn) -> Diagnosis | None:
    """A row has what the one above it has: with LONG draws each that comes hardly ever."""
    longer = drawn.selected[drawn.maskable.sum(1) == LONG]
    equal = (longer[0::2] == longer[1::2]).all(1)
    p = (drawn.rate**2 + (1 - drawn.rate) ** 2) ** LONG
    if not too_many(equal.sum()[None], torch.tensor(len(equal)), torch.tensor(p)).any():
        return None
    where = f"  {int(equal.sum())} of {len(equal)} rows have the selection of the row above them"
    return _say("repeated-rows", where)


def _uncertain(call: Calls) -> Diagnosis | None:
    """At rate 0 nothing is selected, at rate 1 everything; a row may have nothing, or one token."""
    some = torch.rand(9, 7, generator=Generator().manual_seed(call.generator.initial_seed())) < 0.7
    some[:, 0], some[:, 2:4], some[4] = False, True, False
    for maskable in (some, some[:1], some[:1, 2:3], some[:, 2:3], _layout(30, 10, 3)):
        for rate in (0.0, 0.5, 1.0):
            run = call.run(maskable, rate)
            if _forbidden(maskable, run.outcome.value):
                return _wrong(run, maskable & run.outcome.value, "unmaskable-selected")
            if rate != 0.5 and (found := _left_to_chance(run, maskable & bool(rate))):
                return found
    return None


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
    runs = [call.run(_layout(3, 2, 5), rate) for rate in (0.4, 0.0, 1.0)]
    return kinds.changed(runs) or kinds.view(runs)
