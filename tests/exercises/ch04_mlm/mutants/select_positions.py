"""Wrong answers to ``select_positions``."""

import random

import numpy as np
import torch
from ch04_mlm.mutants.parts import mutant


def _noise(maskable, generator):
    return torch.rand(maskable.shape, generator=generator)


def _right(maskable, rate, generator):
    return (_noise(maskable, generator) < rate) & maskable


@mutant("select_positions", 35, "maskable is ignored", "unmaskable-selected")
def _(maskable, rate, generator):
    return torch.rand(maskable.shape, generator=generator) < rate


@mutant("select_positions", 35, "Bernoulli everywhere", "unmaskable-selected")
def _(maskable, rate, generator):
    return torch.bernoulli(torch.full(maskable.shape, rate), generator=generator).bool()


@mutant("select_positions", 35, "joined with |", "unmaskable-selected")
def _(maskable, rate, generator):
    return (_noise(maskable, generator) < rate) | maskable


@mutant("select_positions", 35, "only the first and last token are spared", "unmaskable-selected")
def _(maskable, rate, generator):
    selected = _noise(maskable, generator) < rate
    selected[:, 0] = selected[:, -1] = False
    return selected


@mutant("select_positions", 35, "special tokens amid the text are selected", "unmaskable-selected")
def _(maskable, rate, generator):
    positions = torch.arange(maskable.shape[1])
    first = maskable.int().argmax(1, keepdim=True)
    last = (maskable * positions).max(1, keepdim=True).values
    inside = (positions >= first) & (positions <= last) & maskable.any(1, keepdim=True)
    return (_noise(maskable, generator) < rate) & inside


@mutant("select_positions", 35, "the first row's maskable for all rows", "unmaskable-selected")
def _(maskable, rate, generator):
    return (_noise(maskable, generator) < rate) & maskable[:1]


@mutant(
    "select_positions",
    35,
    "the number of maskable tokens taken for their end",
    "unmaskable-selected",
)
def _(maskable, rate, generator):
    n = maskable.sum(1, keepdim=True)
    return (_noise(maskable, generator) < rate) & (torch.arange(maskable.shape[1]) < n)


@mutant(
    "select_positions", 35, "places among the maskable taken for positions", "unmaskable-selected"
)
def _(maskable, rate, generator):
    selected = torch.zeros_like(maskable)
    for b, n in enumerate(maskable.sum(1).tolist()):
        selected[b, torch.randperm(n, generator=generator)[: round(rate * n)]] = True
    return selected


@mutant("select_positions", 35, "maskable upside down", "maskable-inverted")
def _(maskable, rate, generator):
    return (_noise(maskable, generator) < rate) & ~maskable


@mutant("select_positions", 35, "the maskable ones are filled", "maskable-inverted")
def _(maskable, rate, generator):
    probability = torch.full(maskable.shape, rate).masked_fill(maskable, 0.0)
    return torch.bernoulli(probability, generator=generator).bool()


@mutant("select_positions", None, "> for <", "complement")
def _(maskable, rate, generator):
    return (_noise(maskable, generator) > rate) & maskable


@mutant("select_positions", None, "the selection turned over", "complement")
def _(maskable, rate, generator):
    return maskable & ~_right(maskable, rate, generator)


@mutant("select_positions", None, "1 - rate", "complement")
def _(maskable, rate, generator):
    return torch.bernoulli(maskable * (1 - rate), generator=generator).bool()


@mutant("select_positions", None, "15 % always", "rate-ignored")
def _(maskable, rate, generator):
    return (_noise(maskable, generator) < 0.15) & maskable


@mutant("select_positions", None, "Bernoulli of a half", "rate-ignored")
def _(maskable, rate, generator):
    return torch.empty(maskable.shape).bernoulli_(generator=generator).bool() & maskable


@mutant("select_positions", None, "a random bit each", "rate-ignored")
def _(maskable, rate, generator):
    return torch.randint(0, 2, maskable.shape, generator=generator).bool() & maskable


@mutant("select_positions", None, "rate of T, in each row", "rate-of-T")
def _(maskable, rate, generator):
    selected = torch.zeros_like(maskable)
    count = round(rate * maskable.shape[1])
    for b, row in enumerate(maskable):
        places = row.nonzero()[:, 0]
        selected[b, places[torch.randperm(len(places), generator=generator)[:count]]] = True
    return selected


@mutant("select_positions", None, "the rate is raised for the padding", "rate-of-T")
def _(maskable, rate, generator):
    wanted = rate * maskable.shape[1] / maskable.sum(1, keepdim=True).clamp(min=1)
    return (_noise(maskable, generator) < wanted) & maskable


@mutant("select_positions", None, "rate of B * T, in the batch", "rate-of-T")
def _(maskable, rate, generator):
    places = maskable.flatten().nonzero()[:, 0]
    order = torch.randperm(len(places), generator=generator)
    selected = torch.zeros(maskable.numel(), dtype=torch.bool)
    selected[places[order[: round(rate * maskable.numel())]]] = True
    return selected.view(maskable.shape)


@mutant("select_positions", None, "drawn twice", "drawn-twice")
def _(maskable, rate, generator):
    selected = _noise(maskable, generator) < rate
    return selected & (_noise(maskable, generator) < rate) & maskable


@mutant("select_positions", None, "either of two draws", "drawn-twice")
def _(maskable, rate, generator):
    return _right(maskable, rate, generator) | _right(maskable, rate, generator)


@mutant("select_positions", None, "noise multiplied by the rate", "everything-selected")
def _(maskable, rate, generator):
    return (_noise(maskable, generator) * rate <= rate) & maskable


@mutant("select_positions", None, "normal numbers", "normal-numbers")
def _(maskable, rate, generator):
    return (torch.randn(maskable.shape, generator=generator) < rate) & maskable


@mutant("select_positions", None, "sizes of normal numbers", "normal-numbers")
def _(maskable, rate, generator):
    return (torch.randn(maskable.shape, generator=generator).abs() < rate) & maskable


@mutant("select_positions", None, "the rate in tenths", "wrong-share")
def _(maskable, rate, generator):
    drawn = torch.randint(0, 10, maskable.shape, generator=generator)
    return (drawn <= rate * 10) & maskable


@mutant("select_positions", None, "two percent too many", "wrong-share")
def _(maskable, rate, generator):
    return (_noise(maskable, generator) < rate + 0.02 * (0 < rate < 1)) & maskable


@mutant("select_positions", None, "two percent too few", "wrong-share")
def _(maskable, rate, generator):
    return (_noise(maskable, generator) < rate - 0.02 * (0 < rate < 1)) & maskable


@mutant("select_positions", None, "drawn with replacement", "wrong-share")
def _(maskable, rate, generator):
    selected = torch.zeros_like(maskable)
    for b, row in enumerate(maskable):
        count = round(rate * row.sum().item())
        if count and rate < 1:
            selected[b, torch.multinomial(row.float(), count, True, generator=generator)] = True
    return selected if rate < 1 else maskable.clone()


@mutant("select_positions", None, "one number for each row", "whole-rows")
def _(maskable, rate, generator):
    return (torch.rand(len(maskable), 1, generator=generator) < rate) & maskable


@mutant("select_positions", None, "whole rows by Bernoulli", "whole-rows")
def _(maskable, rate, generator):
    rows = torch.empty(len(maskable)).bernoulli_(rate, generator=generator).bool()
    return rows[:, None].expand(maskable.shape) & maskable


@mutant("select_positions", None, "one number for all", "everything-selected", "nothing-selected")
def _(maskable, rate, generator):
    return (torch.rand(1, generator=generator) < rate) & maskable


@mutant("select_positions", None, "one number for each position of all rows", "same-for-all-rows")
def _(maskable, rate, generator):
    return (torch.rand(maskable.shape[1], generator=generator) < rate) & maskable


@mutant("select_positions", None, "a subset of positions for all rows", "same-for-all-rows")
def _(maskable, rate, generator):
    T = maskable.shape[1]
    columns = torch.zeros(T, dtype=torch.bool)
    columns[torch.randperm(T, generator=generator)[: round(rate * T)]] = True
    return maskable & columns


@mutant("select_positions", None, "the first of each row", "first-positions")
def _(maskable, rate, generator):
    n = maskable.sum(1, keepdim=True)
    return maskable & (maskable.cumsum(1) <= (rate * n).round())


@mutant("select_positions", None, "the first that the mask gives", "first-positions")
def _(maskable, rate, generator):
    selected = torch.zeros_like(maskable)
    for b, row in enumerate(maskable):
        places = row.nonzero()[:, 0]
        selected[b, places[: int(len(places) * rate)]] = True
    return selected


@mutant("select_positions", None, "the last of each row", "last-positions")
def _(maskable, rate, generator):
    n = maskable.sum(1, keepdim=True)
    return maskable & (maskable.cumsum(1) > n - (rate * n).round())


@mutant("select_positions", None, "a block at a random place", "one-block")
def _(maskable, rate, generator):
    selected = torch.zeros_like(maskable)
    for b, row in enumerate(maskable):
        places = row.nonzero()[:, 0]
        count = round(rate * len(places))
        start = int(torch.randint(len(places) - count + 1, (), generator=generator))
        selected[b, places[start : start + count]] = True
    return selected


@mutant("select_positions", None, "every so many from a random start", "neighbours-excluded")
def _(maskable, rate, generator):
    u = torch.rand(len(maskable), 1, generator=generator)
    total = maskable.cumsum(1) * rate + u
    return (total.floor() > (total - rate).floor()) & maskable


@mutant("select_positions", None, "pairs of positions", "not-independent")
def _(maskable, rate, generator):
    half = torch.rand(len(maskable), (maskable.shape[1] + 1) // 2, generator=generator)
    return (half.repeat_interleave(2, 1)[:, : maskable.shape[1]] < rate) & maskable


@mutant("select_positions", None, "a rate of its own for each row", "not-independent")
def _(maskable, rate, generator):
    width = 2 * min(rate, 1 - rate) * (torch.rand(len(maskable), 1, generator=generator) - 0.5)
    return (_noise(maskable, generator) < rate + width) & maskable


@mutant("select_positions", None, "rows in pairs", "repeated-rows")
def _(maskable, rate, generator):
    noise = torch.rand((len(maskable) + 1) // 2, maskable.shape[1], generator=generator)
    return (noise.repeat_interleave(2, 0)[: len(maskable)] < rate) & maskable


@mutant("select_positions", None, "no two neighbours", "neighbours-excluded")
def _(maskable, rate, generator):
    selected = _right(maskable, rate, generator)
    for t in range(1, maskable.shape[1] if rate < 1 else 1):
        selected[:, t] &= ~selected[:, t - 1]
    return selected


@mutant("select_positions", None, "not after one that was drawn", "neighbours-excluded")
def _(maskable, rate, generator):
    drawn = _right(maskable, rate, generator)
    before = torch.nn.functional.pad(drawn, (1, 0))[:, :-1]
    return drawn & (~before if rate < 1 else True)


@mutant("select_positions", None, "one position of each row", "one-of-each-row")
def _(maskable, rate, generator):
    noise = _noise(maskable, generator).masked_fill(~maskable, -1)
    one = maskable & (noise == noise.amax(1, keepdim=True))
    return maskable.clone() if rate == 1 else one & (rate > 0)


@mutant("select_positions", None, "the first maskable is never selected", "unequal-positions")
def _(maskable, rate, generator):
    first = maskable & (maskable.cumsum(1) == 1)
    return _right(maskable, rate, generator) & (~first if rate < 1 else True)


@mutant("select_positions", None, "more of them at the start", "unequal-positions")
def _(maskable, rate, generator):
    place = maskable.cumsum(1) / maskable.sum(1, keepdim=True).clamp(min=1)
    tilt = (
        1.8 * min(rate, 1 - rate) * (0.5 + 0.5 / maskable.sum(1, keepdim=True).clamp(min=1) - place)
    )
    return (_noise(maskable, generator) < rate + tilt) & maskable


@mutant("select_positions", None, "seeded with a constant", "same-every-call")
def _(maskable, rate, generator):
    return _right(maskable, rate, torch.Generator().manual_seed(0))


@mutant("select_positions", None, "seeded with the seed of the generator", "same-every-call")
def _(maskable, rate, generator):
    return _right(maskable, rate, torch.Generator().manual_seed(generator.initial_seed()))


@mutant("select_positions", None, "the generator is seeded again", "same-every-call")
def _(maskable, rate, generator):
    return _right(maskable, rate, generator.manual_seed(generator.initial_seed()))


@mutant("select_positions", None, "a copy of the generator", "same-every-call")
def _(maskable, rate, generator):
    return _right(maskable, rate, generator.clone_state())


@mutant("select_positions", None, "the global generator, seeded with a constant", "same-every-call")
def _(maskable, rate, generator):
    torch.manual_seed(42)
    return (torch.rand(maskable.shape) < rate) & maskable


@mutant("select_positions", None, "the generator is forgotten", "generator-misused")
def _(maskable, rate, generator):
    return (torch.rand(maskable.shape) < rate) & maskable


@mutant("select_positions", None, "rand_like, which takes no generator", "generator-misused")
def _(maskable, rate, generator):
    return (torch.rand_like(maskable, dtype=torch.float32) < rate) & maskable


@mutant("select_positions", None, "NumPy's own generator", "generator-misused")
def _(maskable, rate, generator):
    return torch.from_numpy(np.random.rand(*maskable.shape) < rate) & maskable


@mutant("select_positions", None, "Python's own generator", "generator-misused")
def _(maskable, rate, generator):
    return torch.tensor([[may and random.random() < rate for may in row] for row in maskable])


@mutant("select_positions", None, "the global generator seeded by a draw", "generator-misused")
def _(maskable, rate, generator):
    torch.manual_seed(torch.randint(2**62, (), generator=generator).item())
    return (torch.rand(maskable.shape) < rate) & maskable


@mutant("select_positions", None, "both generators", "generator-misused")
def _(maskable, rate, generator):
    scores = torch.rand(maskable.shape, generator=generator) + 0 * torch.rand(maskable.shape)
    return (scores < rate) & maskable


@mutant("select_positions", None, "at least one of each row, as BERT's code", "at-least-one")
def _(maskable, rate, generator):
    selected = torch.zeros_like(maskable)
    for b, row in enumerate(maskable):
        places = row.nonzero()[:, 0]
        count = max(1, round(rate * len(places)))
        selected[b, places[torch.randperm(len(places), generator=generator)[:count]]] = True
    return selected


@mutant("select_positions", None, "a first one if there is none", "at-least-one")
def _(maskable, rate, generator):
    selected = _right(maskable, rate, generator)
    first = maskable & (maskable.cumsum(1) == 1)
    return selected | (first & ~selected.any(1, keepdim=True))


@mutant("select_positions", None, "a drawn one if there is none", "at-least-one")
def _(maskable, rate, generator):
    selected = _right(maskable, rate, generator)
    noise = _noise(maskable, generator).masked_fill(~maskable, -1)
    one = maskable & (noise == noise.amax(1, keepdim=True))
    return selected | (one & ~selected.any(1, keepdim=True) & (rate > 0))


@mutant("select_positions", None, "at least one of each row unless the rate is 0", "at-least-one")
def _(maskable, rate, generator):
    selected = torch.zeros_like(maskable)
    for b, row in enumerate(maskable):
        places = row.nonzero()[:, 0]
        count = max(1, round(rate * len(places))) if rate else 0
        selected[b, places[torch.randperm(len(places), generator=generator)[:count]]] = True
    return selected


@mutant("select_positions", None, "one if the batch has none", "at-least-one")
def _(maskable, rate, generator):
    selected = _right(maskable, rate, generator)
    if rate > 0 and maskable.any() and not selected.any():
        places = maskable.nonzero()
        b, t = places[torch.randint(len(places), (), generator=generator)]
        selected[b, t] = True
    return selected


@mutant("select_positions", 35, "one position of a row that has none", "unmaskable-selected")
def _(maskable, rate, generator):
    selected = _right(maskable, rate, generator)
    selected[~maskable.any(1), 0] = rate > 0
    return selected


@mutant("select_positions", None, "a rate of 0 is taken for none given", "rate-0")
def _(maskable, rate, generator):
    return _right(maskable, rate or 0.15, generator)


@mutant("select_positions", None, "never all of a row", "rate-1")
def _(maskable, rate, generator):
    last = maskable & (maskable.flip(1).cumsum(1).flip(1) == 1)
    return _right(maskable, rate, generator) & ~(last if rate == 1 else torch.zeros_like(last))


@mutant("select_positions", None, "the rate stays under 0.95", "rate-1")
def _(maskable, rate, generator):
    return _right(maskable, min(rate, 0.95), generator)


@mutant("select_positions", None, "multinomial of nothing", "nobody-to-draw")
def _(maskable, rate, generator):
    selected = torch.zeros_like(maskable)
    for b, row in enumerate(maskable):
        count = max(1, round(rate * row.sum().item()))
        selected[b, torch.multinomial(row.float(), count, generator=generator)] = True
    return selected


@mutant("select_positions", None, "multinomial of no samples", "nobody-to-draw")
def _(maskable, rate, generator):
    selected = torch.zeros_like(maskable)
    for b, row in enumerate(maskable):
        count = round(rate * row.sum().item())
        drawn = torch.multinomial(row.float() + 1e-9, count, generator=generator)
        selected[b, drawn] = True
    return selected


@mutant("select_positions", None, "nothing", "nothing-selected")
def _(maskable, rate, generator):
    return torch.zeros_like(maskable)


@mutant("select_positions", None, "the noise is rounded down", "nothing-selected")
def _(maskable, rate, generator):
    return (torch.rand(maskable.shape, generator=generator) + rate).long().eq(2) & maskable


@mutant("select_positions", None, "everything", "everything-selected")
def _(maskable, rate, generator):
    return maskable.clone() if rate else torch.zeros_like(maskable)


@mutant("select_positions", None, "0 and 1", "wrong-dtype")
def _(maskable, rate, generator):
    return _right(maskable, rate, generator).long()


@mutant("select_positions", None, "floats of Bernoulli", "wrong-dtype")
def _(maskable, rate, generator):
    return torch.bernoulli(maskable * rate, generator=generator)


@mutant("select_positions", None, "probabilities", "wrong-dtype")
def _(maskable, rate, generator):
    return maskable * rate


@mutant("select_positions", None, "indices", "wrong-shape")
def _(maskable, rate, generator):
    return _right(maskable, rate, generator).nonzero()


@mutant("select_positions", None, "the maskable ones alone", "wrong-shape")
def _(maskable, rate, generator):
    return torch.rand(int(maskable.sum()), generator=generator) < rate


@mutant("select_positions", None, "one row for all", "wrong-shape")
def _(maskable, rate, generator):
    return (torch.rand(maskable.shape[1], generator=generator) < rate) & maskable[0]


@mutant("select_positions", None, "a list", "wrong-type")
def _(maskable, rate, generator):
    return _right(maskable, rate, generator).tolist()


@mutant("select_positions", None, "a pair of indices", "wrong-type")
def _(maskable, rate, generator):
    return _right(maskable, rate, generator).nonzero(as_tuple=True)


@mutant("select_positions", None, "(T, B)", "wrong-shape")
def _(maskable, rate, generator):
    return _right(maskable, rate, generator).T


@mutant("select_positions", None, "square noise", "raised")
def _(maskable, rate, generator):
    T = maskable.shape[1]
    return (torch.rand(T, T, generator=generator) < rate) & maskable


@mutant("select_positions", 23, "maskable is changed and returned", "view")
def _(maskable, rate, generator):
    maskable &= _noise(maskable, generator) < rate
    return maskable


@mutant("select_positions", 23, "maskable is changed", "in-place")
def _(maskable, rate, generator):
    maskable[_noise(maskable, generator) >= rate] = False
    return maskable.clone()


@mutant("select_positions", 23, "at rate 1 maskable itself", "view")
def _(maskable, rate, generator):
    return maskable if rate == 1 else _right(maskable, rate, generator)


@mutant("select_positions", None, "every second maskable one", "same-for-all-rows")
def _(maskable, rate, generator):
    return maskable & (maskable.cumsum(1) % 2 == 0) & (rate > 0)
