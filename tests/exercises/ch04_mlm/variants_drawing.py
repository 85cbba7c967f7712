"""Right answers to ``select_positions`` and ``corrupt``, each drawn in another way."""

import math
import random

import numpy as np
import torch
from ch04_mlm.parts import variant


@variant("select_positions")
def one_uniform_number_each(maskable, rate, generator):
    return (
        torch.rand(maskable.shape, generator=generator, device=maskable.device) < rate
    ) & maskable


@variant("select_positions")
def bernoulli_of_a_matrix(maskable, rate, generator):
    """As the collator of Hugging Face does it."""
    probability = torch.full(maskable.shape, rate)
    probability.masked_fill_(~maskable, value=0.0)
    return torch.bernoulli(probability, generator=generator).bool()


@variant("select_positions")
def bernoulli_in_place(maskable, rate, generator):
    drawn = torch.empty(maskable.shape).bernoulli_(rate, generator=generator)
    return drawn.bool().logical_and(maskable)


@variant("select_positions")
def only_the_maskable(maskable, rate, generator):
    selected = torch.zeros_like(maskable)
    selected[maskable] = torch.rand(int(maskable.sum()), generator=generator) < rate
    return selected


@variant("select_positions")
def every_position_in_a_loop(maskable, rate, generator):
    selected = torch.zeros_like(maskable)
    B, T = maskable.shape
    for b in range(B):
        for t in range(T):
            if maskable[b, t] and torch.rand(1, generator=generator) < rate:
                selected[b, t] = True
    return selected


@variant("select_positions")
def lists(maskable, rate, generator):
    def drawn():
        return torch.rand((), generator=generator).item() < rate

    return torch.tensor([[may and drawn() for may in row] for row in maskable.tolist()])


@variant("select_positions")
def row_by_row(maskable, rate, generator):
    rows = [torch.rand(len(row), generator=generator) for row in maskable]
    return torch.stack(rows).lt(rate).where(maskable, torch.tensor(False))


@variant("select_positions")
def column_by_column(maskable, rate, generator):
    columns = []
    for column in maskable.unbind(1):
        columns.append(column & (torch.rand(len(column), generator=generator) >= 1 - rate))
    return torch.stack(columns, dim=1)


@variant("select_positions")
def unlikely_where_not_maskable(maskable, rate, generator):
    noise = torch.rand(maskable.shape, generator=generator, dtype=torch.float64)
    return noise.masked_fill(~maskable, 2.0) < rate


@variant("select_positions")
def weights_times_rate(maskable, rate, generator):
    return torch.rand(maskable.shape, generator=generator) < rate * maskable


@variant("select_positions")
def an_exact_number_per_row(maskable, rate, generator):
    """As BERT's code: a random subset of the candidates."""
    selected = torch.zeros_like(maskable)
    for b, row in enumerate(maskable):
        candidates = row.nonzero()[:, 0]
        order = torch.randperm(len(candidates), generator=generator)
        selected[b, candidates[order[: round(rate * len(candidates))]]] = True
    return selected


@variant("select_positions")
def the_smallest_noise_of_a_row(maskable, rate, generator):
    noise = torch.rand(maskable.shape, generator=generator).masked_fill(~maskable, math.inf)
    rank = noise.argsort(1).argsort(1)
    return (rank < (rate * maskable.sum(1, keepdim=True)).round()) & maskable


@variant("select_positions")
def multinomial_per_row(maskable, rate, generator):
    selected = torch.zeros_like(maskable)
    for b, row in enumerate(maskable):
        count = round(rate * row.sum().item())
        if count:
            selected[b, torch.multinomial(row.float(), count, generator=generator)] = True
    return selected


@variant("select_positions")
def an_exact_number_in_the_batch(maskable, rate, generator):
    places = maskable.flatten().nonzero()[:, 0]
    chosen = places[torch.randperm(len(places), generator=generator)][: round(rate * len(places))]
    return (
        torch.zeros(maskable.numel(), dtype=torch.bool)
        .index_fill(0, chosen, True)
        .view_as(maskable)
    )


@variant("select_positions")
def how_many_then_which(maskable, rate, generator):
    places = maskable.nonzero()
    n = torch.tensor(float(len(places)))
    count = int(torch.binomial(n, torch.tensor(rate), generator=generator))
    chosen = places[torch.randperm(len(places), generator=generator)[:count]]
    selected = torch.zeros_like(maskable)
    selected[tuple(chosen.T)] = True
    return selected


@variant("select_positions")
def whole_numbers(maskable, rate, generator):
    drawn = torch.randint(0, 10**6, maskable.shape, generator=generator)
    return (drawn < rate * 10**6) * maskable


@variant("select_positions")
def two_outcomes(maskable, rate, generator):
    outcome = torch.multinomial(
        torch.tensor([1 - rate, rate]), maskable.numel(), replacement=True, generator=generator
    )
    return (outcome == 1).view(maskable.shape) & maskable


@variant("select_positions")
def normal_quantile(maskable, rate, generator):
    noise = torch.randn(maskable.shape, generator=generator, dtype=torch.float64)
    return (noise < torch.special.ndtri(torch.tensor(rate, dtype=torch.float64))) & maskable


@variant("select_positions")
def waiting_times(maskable, rate, generator):
    """An exponential time, and whether it is over by −log(1 − rate)."""
    time = torch.empty(maskable.shape).exponential_(generator=generator)
    return (time < -math.log1p(-rate) if rate < 1 else time >= 0) & maskable


@variant("select_positions")
def jumps_to_the_next(maskable, rate, generator):
    """The distance to the next selected position is geometric."""
    selected = torch.zeros_like(maskable)
    places = maskable.nonzero().tolist()
    at = -1
    while rate > 0:
        u = torch.rand((), generator=generator, dtype=torch.float64).item()
        at += 1 if rate == 1 else 1 + int(math.log1p(-u) / math.log1p(-rate))
        if at >= len(places):
            break
        selected[places[at][0], places[at][1]] = True
    return selected


@variant("select_positions")
def numpy_seeded_by_a_draw(maskable, rate, generator):
    rng = np.random.default_rng(torch.randint(2**62, (), generator=generator).item())
    return torch.from_numpy(rng.random(maskable.shape) < rate) & maskable


@variant("select_positions")
def python_seeded_by_a_draw(maskable, rate, generator):
    own = random.Random(torch.randint(0, 2**31, (1,), generator=generator).item())
    rows = [[own.random() < rate and may for may in row] for row in maskable.tolist()]
    return torch.tensor(rows, dtype=torch.bool)


@variant("select_positions")
def another_generator_seeded_by_a_draw(maskable, rate, generator):
    own = torch.Generator()
    own.manual_seed(int(torch.empty((), dtype=torch.int64).random_(generator=generator)))
    return torch.bernoulli(maskable * rate, generator=own) > 0


@variant("select_positions")
def a_subset_of_all_positions(maskable, rate, generator):
    """So many of all T, maskable or not; only the maskable ones count."""
    B, T = maskable.shape
    selected = torch.zeros_like(maskable)
    for b in range(B):
        selected[b, torch.randperm(T, generator=generator)[: round(rate * T)]] = True
    return selected & maskable
