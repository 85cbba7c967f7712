"""How often each position is selected: what chance would not do."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from labtools.checks.ch04_mlm.selecting_rows import (
    LONG,
    SHORT,
    T,
    example,
    forbidden,
    layout,
    neighbours,
)
from labtools.checks.ch04_mlm.selecting_words import say
from labtools.checks.chance import (
    Calls,
    implausible,
    percent,
    together,
    too_many,
    uneven,
)
from labtools.checks.report import Diagnosis

# rows with LONG and with SHORT maskable positions: so many that shares wrong by 2 % are seen, and
# that a loop ends; rate times LONG, SHORT and T is whole, for an exact number is right too
ROWS = {0.15: (920, 320), 0.9: (690, 240)}


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


def unlikely(call: Calls) -> Diagnosis | None:
    """What chance does less than once in a million times."""
    drawn = [_draw(call, rate) for rate in ROWS]
    for each in drawn:
        if name := forbidden(each.maskable, each.selected):
            return say(name, example(each.maskable, each.selected, each.rate))
    wrong = _no_neighbours(drawn[0]) or _wrong_shares(drawn)
    if wrong and wrong.mistake == "wrong-share":  # of some positions, it may be, and not of others
        return next(filter(None, map(_uneven_share, drawn)), wrong)
    return wrong or next(filter(None, map(_dependent, drawn)), None)


def _no_neighbours(drawn: Drawn) -> Diagnosis | None:
    """Of so many neighbours no two are selected: chance does so less than once in 10^20 times."""
    n, both = (int(neighbours(x).sum()) for x in (drawn.maskable, drawn.selected))
    if both or 2 * int(drawn.selected.sum()) < drawn.rate * int(drawn.maskable.sum()):
        return None
    where = (
        f"  rate = {drawn.rate:g}, {n} pairs of maskable neighbours\n  both selected: 0 times, "
        f"expected {drawn.rate**2 * n:.0f}\n"
    )
    return say("neighbours-excluded", where + example(drawn.maskable, drawn.selected, drawn.rate))


def _draw(call: Calls, rate: float) -> Drawn:
    """In two calls, for each has its time."""
    longer, shorter = (rows // 2 for rows in ROWS[rate])
    maskable = layout(longer, shorter, call.data)
    selected = [call(maskable, rate) for _ in range(2)]
    return Drawn(rate, maskable.repeat(2, 1), torch.cat(selected))


def _wrong_shares(drawn: list[Drawn]) -> Diagnosis | None:
    counts, n = (torch.stack(x) for x in zip(*(each.counts() for each in drawn), strict=True))
    rates = torch.tensor([[each.rate] for each in drawn]).double()
    if not implausible(counts, n, rates).any():
        return None
    known = (name for name, probs in _rules(counts, n, rates) if _explains(counts, n, probs))
    return say(next(known, "wrong-share"), _shares(counts, n, rates))


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
    return (
        _unequal(drawn, torch.tensor(drawn.rate))
        or _paired(drawn)
        or _uneven(drawn)
        or _repeated(drawn)
    )


def _uneven_share(drawn: Drawn) -> Diagnosis | None:
    """Some position is selected more often than others, whatever the share of all is."""
    counts, n = (x[1:, None].double() for x in drawn.counts())
    return _unequal(drawn, counts / n)


def _unequal(drawn: Drawn, share: Tensor) -> Diagnosis | None:
    """Some position is not selected with the share of all: one for both kinds of rows, or two."""
    longer = drawn.maskable.sum(1) == LONG
    counts, n = (
        torch.stack([x[part].sum(0) for part in (longer, ~longer)])
        for x in (drawn.selected, drawn.maskable)
    )
    wrong = implausible(counts, n, share)
    if not wrong.any():
        return None
    # of both kinds of rows, the position whose share is furthest off
    off = (counts / n - share).abs().nan_to_num().where(wrong, -1.0)
    which, t = divmod(int(off.argmax()), T)
    here, all_of_it = counts[which, t] / n[which, t], counts[which].sum() / n[which].sum()
    where = (
        f"  rate = {drawn.rate:g}, {int(n[which, t])} rows with {(LONG, SHORT)[which]} maskable "
        f"positions\n  position {t} is selected in {percent(here)} of these rows, "
        f"all positions together {percent(all_of_it)}"
    )
    return say("unequal-positions", where)


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
    return say("not-independent", where)


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
    return say("not-independent", where)


def _repeated(drawn: Drawn) -> Diagnosis | None:
    """A row has what the one above it has: with LONG draws each that comes hardly ever."""
    longer = drawn.selected[drawn.maskable.sum(1) == LONG]
    equal = (longer[0::2] == longer[1::2]).all(1)
    p = (drawn.rate**2 + (1 - drawn.rate) ** 2) ** LONG
    if not too_many(equal.sum()[None], torch.tensor(len(equal)), torch.tensor(p)).any():
        return None
    where = f"  {int(equal.sum())} of {len(equal)} rows have the selection of the row above them"
    return say("repeated-rows", where)
