"""How likely each cut is: what of ``random_spans`` is left to chance."""

import math
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor

from labtools.checks.ch06_denoising.spans_counts import forbidden
from labtools.checks.ch06_denoising.spans_draws import Draws, Setting, draw
from labtools.checks.ch06_denoising.spans_words import say
from labtools.checks.chance import Calls, implausible, percent, too_many
from labtools.checks.report import Diagnosis

SHORT = Setting(20, 0.4, 2.7)  # 8 noise tokens in 3 spans: few enough ways to count each
LONG = Setting(33, 0.485, 3.3)  # 16 in 5: the more parts, the more an uneven law shows in a length
EQUAL = Setting(14, 0.5, 2.4)  # 7 and 7: cut at the same places, the two would be equal
DRAWS = {SHORT: 800, LONG: 1600, EQUAL: 200}
WIDEST = 10  # lengths in a table
SIDES = "kept part", "span of noise"


@cache
def compositions(n: int, k: int) -> Tensor:
    """(C(n − 1, k − 1), k): every way of cutting n tokens into k parts of at least 1."""
    if k == 1:
        return torch.tensor([[n]])
    rest = [(first, compositions(n - first, k - 1)) for first in range(1, n - k + 2)]
    return torch.cat([torch.cat([torch.full_like(x[:, :1], a), x], 1) for a, x in rest])


@dataclass(frozen=True)
class Cuts:
    """The kept parts, or the spans, of many draws: ``lengths`` (draws, k) of ``n`` tokens."""

    lengths: Tensor
    n: int

    @property
    def k(self) -> int:
        return self.lengths.shape[1]

    @property
    def ways(self) -> Tensor:
        """(ways, k): how n tokens can be cut."""
        return compositions(self.n, self.k)

    def of_ways(self) -> Tensor:
        """(ways,): how often each came."""
        return (self.lengths[:, None] == self.ways).all(2).sum(0)

    def of_lengths(self) -> Tensor:
        """(k, longest): how often each part had each length 1 …"""
        return _has_length(self.lengths, self.n).sum(0)

    def probs(self, law: Tensor) -> Tensor:
        """(k, longest): the chance of each length, each way having the chance that ``law`` says."""
        return (law[:, None, None] * _has_length(self.ways, self.n)).sum(0)

    def even_probs(self) -> Tensor:
        """The same where all ways are equally likely: those of the rest, of those of all."""
        n, k = self.n, self.k
        rest = [math.comb(n - a - 1, k - 2) for a in range(1, n - k + 2)]
        return torch.tensor(rest, dtype=torch.float64).expand(k, -1) / math.comb(n - 1, k - 1)


def _has_length(lengths: Tensor, n: int) -> Tensor:
    """(·, k, longest) bool."""
    return lengths[..., None] == torch.arange(1, n - lengths.shape[1] + 2)


def even(ways: Tensor) -> Tensor:
    """All ways are equally likely."""
    return torch.full((len(ways),), 1 / len(ways), dtype=torch.float64)


def one_after_another(ways: Tensor) -> Tensor:
    """Each part is drawn evenly from 1 to what leaves 1 to each of those that follow."""
    k = ways.shape[1]
    left = ways.flip(1).cumsum(1).flip(1) - torch.arange(k - 1, -1, -1)
    return (1 / left[:, :-1].double()).prod(1)


def one_by_one(ways: Tensor) -> Tensor:
    """Each part has one token, and each further token goes to a part by itself."""
    k = ways.shape[1]
    more = (ways - 1).double()
    log_ways = torch.lgamma(more.sum(1) + 1) - torch.lgamma(more + 1).sum(1)
    return (log_ways - more.sum(1) * math.log(k)).exp()


def unlikely(call: Calls) -> Diagnosis | None:
    """What chance does less than once in a million times."""
    drawn = [draw(call, setting, times) for setting, times in DRAWS.items()]
    for each in drawn:
        if name := forbidden(each):
            return say(name, each.shown())
    short, long, equal = drawn
    return (
        _pattern(short, equal)
        or _uneven(short)
        or _uneven_lengths(long)
        or _dependent(short)
        or _repeated(short)
    )


def cuts(drawn: Draws) -> tuple[Cuts, Cuts]:
    """Of the kept tokens and of the noise."""
    kept, noise = drawn.parts()
    return Cuts(kept, drawn.setting.kept), Cuts(noise, drawn.setting.noise)


def _pattern(short: Draws, equal: Draws) -> Diagnosis | None:
    """What all draws have in common, and chance gives them less than once in 10^20 times."""
    kept, noise = short.parts()
    for name, lengths in (("equal-spans", noise), ("equal-gaps", kept)):
        if bool((lengths.amax(1) - lengths.amin(1) <= 1).all()):
            return say(name, short.shown())
    for lengths in (noise, kept):
        if any(bool((x.diff(dim=1) >= 0).all()) for x in (lengths, lengths.flip(1))):
            return say("sorted", short.shown())
    kept, noise = equal.parts()
    if kept.equal(noise) or kept.equal(noise.flip(1)):
        return say("same-cuts", equal.shown())
    return None


def _uneven(drawn: Draws) -> Diagnosis | None:
    """Some way of cutting comes too often or too seldom."""
    for side, of in reversed([*zip(SIDES, cuts(drawn), strict=True)]):
        if not _fits(of, even(of.ways)):
            laws = ("one-after-another", one_after_another), ("one-by-one", one_by_one)
            known = (name for name, law in laws if _explains(of, law(of.ways)))
            return say(next(known, "not-uniform"), _table(drawn.setting, of, side))
    return None


def _uneven_lengths(drawn: Draws) -> Diagnosis | None:
    """Some length of a part comes too often or too seldom."""
    n = torch.tensor(len(drawn.masks))
    for side, of in reversed([*zip(SIDES, cuts(drawn), strict=True)]):
        if implausible(of.of_lengths(), n, of.even_probs()).any():
            return say("not-uniform", _table(drawn.setting, of, side))
    return None


def _fits(of: Cuts, law: Tensor) -> bool:
    """Whether chance may have given such parts: by the length of each, and by all together."""
    n = torch.tensor(len(of.lengths))
    return not (
        implausible(of.of_lengths(), n, of.probs(law)).any()
        or implausible(of.of_ways(), n, law).any()
    )


def _explains(of: Cuts, law: Tensor) -> bool:
    return _fits(of, law) or _fits(Cuts(of.lengths.flip(1), of.n), law)


def _table(setting: Setting, of: Cuts, side: str) -> str:
    """The lengths of the part that is furthest off."""
    expected, share = of.even_probs(), of.of_lengths() / len(of.lengths)
    part = int((share - expected).abs().amax(1).argmax())
    worst = int((share[part] - expected[part]).abs().argmax())
    head = (
        f"  length = {setting.length}, rate = {setting.rate:g}, mean_span = {setting.mean_span:g}"
        f", {len(of.lengths)} draws\n"
        f"  {side} {part + 1} of {of.k} has length {worst + 1} in {percent(share[part, worst])} of "
        f"the draws, expected {percent(expected[part, worst])}"
    )
    rows = (
        ("length  ", [f"{a + 1:6d}" for a in range(len(share[part]))]),
        ("yours   ", [f"{100 * x:6.1f}" for x in share[part].tolist()]),
        ("expected", [f"{100 * x:6.1f}" for x in expected[part].tolist()]),
    )
    return "\n".join([head, *(f"    {name}{''.join(cells[:WIDEST])}" for name, cells in rows)])


def _dependent(drawn: Draws) -> Diagnosis | None:
    """The lengths of a kept part and of a span go together."""
    sides = cuts(drawn)
    has = [_has_length(of.lengths, of.n).double() for of in sides]
    counts = torch.einsum("dia,djb->ijab", *has)
    probs = torch.einsum("ia,jb->ijab", *(of.even_probs() for of in sides))
    n = len(drawn.masks)
    wrong = implausible(counts, torch.tensor(n), probs).nonzero()
    if not len(wrong):
        return None
    i, j, a, b = place = tuple(wrong[0].tolist())
    where = (
        f"  length = {drawn.setting.length}, {n} draws\n"
        f"  {SIDES[0]} {i + 1} has length {a + 1} and {SIDES[1]} {j + 1} length {b + 1}\n"
        f"  in {counts[place]:.0f} of them, expected {n * probs[place]:.0f}"
    )
    return say("dependent", where)


def _repeated(drawn: Draws) -> Diagnosis | None:
    """A draw is that of the call before it."""
    equal = (drawn.masks[0::2] == drawn.masks[1::2]).all(1)
    p = 1 / math.prod(len(of.ways) for of in cuts(drawn))
    n = torch.tensor(len(equal))
    if not too_many(equal.sum()[None], n, torch.tensor(p)).any():
        return None
    where = f"  {int(equal.sum())} of {len(equal)} draws are those of the call before them"
    return say("repeated", where)
