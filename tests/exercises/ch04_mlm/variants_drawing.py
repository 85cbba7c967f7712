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
def an_exact_number_rounded_by_chance(maskable, rate, generator):
    """On average rate · n of n, also where that is no whole number."""
    noise = torch.rand(maskable.shape, generator=generator).masked_fill(~maskable, 2.0)
    wanted = rate * maskable.sum(1, keepdim=True)
    count = (wanted + torch.rand(wanted.shape, generator=generator)).floor()
    return (noise.argsort(1).argsort(1) < count) & maskable


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


@variant("corrupt")
def three_bands(input_ids, selected, mask_id, vocab_size, generator):
    roll = torch.rand(input_ids.shape, generator=generator)
    drawn = torch.randint(vocab_size, input_ids.shape, generator=generator)
    corrupted = torch.where(selected & (roll < 0.8), mask_id, input_ids)
    return torch.where(selected & (roll >= 0.8) & (roll < 0.9), drawn, corrupted)


@variant("corrupt")
def two_draws(input_ids, selected, mask_id, vocab_size, generator):
    """As the collator of Hugging Face does it: 0.8, then half of what is left."""
    inputs = input_ids.clone()
    masked = torch.bernoulli(torch.full(inputs.shape, 0.8), generator=generator).bool() & selected
    inputs[masked] = mask_id
    random_ones = torch.bernoulli(torch.full(inputs.shape, 0.5), generator=generator).bool()
    random_ones &= selected & ~masked
    words = torch.randint(vocab_size, inputs.shape, dtype=torch.long, generator=generator)
    inputs[random_ones] = words[random_ones]
    return inputs


@variant("corrupt")
def every_token_in_a_loop(input_ids, selected, mask_id, vocab_size, generator):
    corrupted = input_ids.clone()
    for b in range(input_ids.shape[0]):
        for t in range(input_ids.shape[1]):
            if selected[b, t]:
                roll = torch.rand(1, generator=generator).item()
                if roll < 0.8:
                    corrupted[b, t] = mask_id
                elif roll < 0.9:
                    corrupted[b, t] = torch.randint(vocab_size, (1,), generator=generator)
    return corrupted


@variant("corrupt")
def tokens_as_lists(input_ids, selected, mask_id, vocab_size, generator):
    def treat(token, chosen):
        if not chosen or torch.rand((), generator=generator) < 0.1:
            return token
        if torch.rand((), generator=generator) < 1 / 9:
            return int(torch.randint(0, vocab_size, (), generator=generator))
        return mask_id

    rows = zip(input_ids.tolist(), selected.tolist(), strict=True)
    return torch.tensor([[treat(*pair) for pair in zip(*row, strict=True)] for row in rows])


@variant("corrupt")
def a_category_of_each(input_ids, selected, mask_id, vocab_size, generator):
    shares = torch.tensor([0.8, 0.1, 0.1])
    kind = torch.multinomial(shares, input_ids.numel(), replacement=True, generator=generator)
    kind = kind.view_as(input_ids)
    drawn = torch.randint(vocab_size, input_ids.shape, generator=generator)
    treated = torch.stack([torch.full_like(input_ids, mask_id), drawn, input_ids])
    return torch.where(selected, treated.gather(0, kind[None])[0], input_ids)


@variant("corrupt")
def one_of_ten(input_ids, selected, mask_id, vocab_size, generator):
    tenth = torch.randint(10, input_ids.shape, generator=generator)
    drawn = torch.randint(vocab_size, input_ids.shape, generator=generator)
    corrupted = input_ids.masked_fill(selected & (tenth > 1), mask_id)
    return drawn.where(selected & (tenth == 0), corrupted)


@variant("corrupt")
def only_the_selected(input_ids, selected, mask_id, vocab_size, generator):
    tokens = input_ids[selected]
    roll = torch.rand(len(tokens), generator=generator)
    hide, swap = roll > 0.2, (roll > 0.1) & (roll <= 0.2)
    tokens[hide] = mask_id
    tokens[swap] = torch.randint(vocab_size, (int(swap.sum()),), generator=generator)
    return input_ids.masked_scatter(selected, tokens)


@variant("corrupt")
def exact_shares_of_the_batch(input_ids, selected, mask_id, vocab_size, generator):
    places = selected.nonzero()
    places = places[torch.randperm(len(places), generator=generator)]
    masked, drawn = round(0.8 * len(places)), round(0.1 * len(places))
    corrupted = input_ids.clone()
    corrupted[tuple(places[:masked].T)] = mask_id
    ids = torch.randint(vocab_size, (drawn,), generator=generator)
    corrupted[tuple(places[masked : masked + drawn].T)] = ids[: len(places) - masked]
    return corrupted


@variant("corrupt")
def exact_shares_of_each_row(input_ids, selected, mask_id, vocab_size, generator):
    corrupted = input_ids.clone()
    for row, chosen in zip(corrupted, selected, strict=True):
        places = chosen.nonzero()[:, 0]
        places = places[torch.randperm(len(places), generator=generator)]
        tenth = len(places) // 10
        row[places[2 * tenth :]] = mask_id
        row[places[:tenth]] = torch.randint(vocab_size, (tenth,), generator=generator)
    return corrupted


@variant("corrupt")
def row_by_row_bands(input_ids, selected, mask_id, vocab_size, generator):
    rows = []
    for ids, chosen in zip(input_ids, selected, strict=True):
        drawn = torch.randint(vocab_size, ids.shape, generator=generator)
        band = torch.bucketize(torch.rand(len(ids), generator=generator), torch.tensor([0.1, 0.9]))
        treated = torch.where(band == 0, ids, torch.where(band == 1, mask_id, drawn))
        rows.append(torch.where(chosen, treated, ids))
    return torch.stack(rows)


@variant("corrupt")
def the_id_from_the_same_number(input_ids, selected, mask_id, vocab_size, generator):
    """What the roll leaves within its band is itself uniform."""
    roll = torch.rand(input_ids.shape, generator=generator, dtype=torch.float64)
    drawn = ((roll - 0.8) * 10 * vocab_size).long().clamp(0, vocab_size - 1)
    treated = input_ids.masked_fill(roll < 0.8, mask_id)
    treated = torch.where((roll >= 0.8) & (roll < 0.9), drawn, treated)
    return input_ids * ~selected + treated * selected


@variant("corrupt")
def ids_by_multiplying(input_ids, selected, mask_id, vocab_size, generator):
    roll, which = torch.rand((2, *input_ids.shape), generator=generator, dtype=torch.float64)
    drawn = (which * vocab_size).floor().long()
    corrupted = input_ids.clone()
    corrupted[selected & (roll < 0.9)] = drawn[selected & (roll < 0.9)]
    corrupted[selected & (roll < 0.8)] = mask_id
    return corrupted


@variant("corrupt")
def corrupted_columns(input_ids, selected, mask_id, vocab_size, generator):
    columns = []
    for ids, chosen in zip(input_ids.unbind(1), selected.unbind(1), strict=True):
        roll = torch.empty(len(ids)).uniform_(0, 100, generator=generator)
        drawn = torch.randint(0, vocab_size, ids.shape, generator=generator)
        new = torch.where(roll < 80, mask_id, torch.where(roll < 90, ids, drawn))
        columns.append(torch.where(chosen, new, ids))
    return torch.stack(columns, 1)


@variant("corrupt")
def masks_over_random_tokens(input_ids, selected, mask_id, vocab_size, generator):
    """Of one draw: nine of ten become random, and eight of these nine are masked after all."""
    u = torch.rand(input_ids.shape, generator=generator).masked_fill(~selected, 1.0)
    drawn = torch.randint(vocab_size, input_ids.shape, generator=generator)
    return input_ids.where(u >= 0.9, drawn).masked_fill(u < 0.8, mask_id)


@variant("corrupt")
def kept_first(input_ids, selected, mask_id, vocab_size, generator):
    """Nine of ten change; of these one of nine becomes random."""
    changes = selected & (torch.rand(input_ids.shape, generator=generator) < 0.9)
    random_ones = changes & (torch.rand(input_ids.shape, generator=generator) * 9 < 1)
    corrupted = input_ids.masked_fill(changes, mask_id)
    corrupted[random_ones] = torch.randint(
        vocab_size, (int(random_ones.sum()),), generator=generator
    )
    return corrupted


@variant("corrupt")
def numpy_choices(input_ids, selected, mask_id, vocab_size, generator):
    rng = np.random.default_rng(int(torch.randint(2**62, (), generator=generator)))
    ids, chosen = input_ids.numpy().copy(), selected.numpy()
    kind = rng.choice(["mask", "random", "keep"], size=ids.shape, p=[0.8, 0.1, 0.1])
    ids[chosen & (kind == "mask")] = mask_id
    swap = chosen & (kind == "random")
    ids[swap] = rng.integers(0, vocab_size, swap.sum())
    return torch.from_numpy(ids)


@variant("corrupt")
def python_choices(input_ids, selected, mask_id, vocab_size, generator):
    own = random.Random(torch.randint(2**31, (1,), generator=generator).item())
    corrupted = input_ids.tolist()
    for b, t in selected.nonzero().tolist():
        kind = own.choices(["mask", "random", "keep"], weights=[8, 1, 1])[0]
        if kind == "mask":
            corrupted[b][t] = mask_id
        elif kind == "random":
            corrupted[b][t] = own.randrange(vocab_size)
    return torch.tensor(corrupted)


@variant("corrupt")
def by_a_table_of_rows(input_ids, selected, mask_id, vocab_size, generator):
    """A row of the channel p(corrupted | true) for each token, as the book has it."""
    if vocab_size > 100:
        return three_bands(input_ids, selected, mask_id, vocab_size, generator)
    channel = 0.1 * torch.eye(vocab_size) + 0.1 / vocab_size
    channel[:, mask_id] += 0.8
    drawn = torch.multinomial(channel[input_ids.flatten()], 1, generator=generator)
    return torch.where(selected, drawn.view_as(input_ids), input_ids)
