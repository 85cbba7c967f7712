"""Right answers to ``random_spans``, each drawn in another way."""

import itertools
import random

import numpy as np
import torch
from ch06_denoising.parts import variant


def _numbers(length, rate, mean_span):
    n = min(max(round(length * rate), 1), length - 1)
    return n, min(max(round(n / mean_span), 1), n, length - n)


def _alternate(kept, noise):
    """The mask of which these are the parts."""
    mask = []
    for a, b in zip(kept, noise, strict=True):
        mask += [False] * int(a) + [True] * int(b)
    return torch.tensor(mask)


@variant("random_spans")
def sorted_places_of_a_permutation(length, rate, mean_span, generator):
    n, k = _numbers(length, rate, mean_span)

    def cut(total):
        places = torch.randperm(total - 1, generator=generator)[: k - 1].sort().values + 1
        return torch.diff(places, prepend=torch.tensor([0]), append=torch.tensor([total]))

    lengths = torch.stack([cut(length - n), cut(n)], 1).flatten()
    return (torch.arange(2 * k) % 2 == 1).repeat_interleave(lengths)


@variant("random_spans")
def shuffled_marks(length, rate, mean_span, generator):
    """As T5's code: k − 1 ones among total − 1 places, shuffled; their running sum is the part."""
    n, k = _numbers(length, rate, mean_span)

    def cut(total):
        begins = (torch.arange(total - 1) < k - 1)[torch.randperm(total - 1, generator=generator)]
        part = torch.cat([torch.zeros(1, dtype=torch.int64), begins.long().cumsum(0)])
        return torch.bincount(part, minlength=k)

    noise, kept = cut(n), cut(length - n)
    ends = torch.stack([kept, noise], 1).flatten().cumsum(0)
    begins = torch.zeros(length, dtype=torch.int64)
    begins[ends[:-1]] = 1
    return begins.cumsum(0) % 2 == 1


@variant("random_spans")
def multinomial_places(length, rate, mean_span, generator):
    n, k = _numbers(length, rate, mean_span)

    def cut(total):
        if k == 1:
            return [total]
        places = torch.multinomial(torch.ones(total - 1), k - 1, generator=generator)
        ends = [0, *sorted((places + 1).tolist()), total]
        return [b - a for a, b in itertools.pairwise(ends)]

    return _alternate(cut(length - n), cut(n))


@variant("random_spans")
def sample_of_pythons_seeded_by_a_drawn_number(length, rate, mean_span, generator):
    n, k = _numbers(length, rate, mean_span)
    draw = random.Random(torch.randint(2**62, (), generator=generator).item())

    def cut(total):
        ends = [0, *sorted(draw.sample(range(1, total), k - 1)), total]
        return [ends[i + 1] - ends[i] for i in range(k)]

    return _alternate(cut(length - n), cut(n))


@variant("random_spans")
def choice_of_numpys_seeded_by_a_drawn_number(length, rate, mean_span, generator):
    n, k = _numbers(length, rate, mean_span)
    draw = np.random.default_rng(int(torch.randint(2**31, (1,), generator=generator)))
    mask = np.zeros(length, dtype=bool)
    sides = []
    for total in (n, length - n):
        places = np.sort(draw.choice(total - 1, k - 1, replace=False)) + 1
        sides.append(np.diff(np.concatenate([[0], places, [total]])))
    noise, kept = sides
    at = 0
    for a, b in zip(kept, noise, strict=True):
        mask[at + a : at + a + b] = True
        at += a + b
    return torch.from_numpy(mask)


@variant("random_spans")
def the_smallest_of_random_numbers(length, rate, mean_span, generator):
    n, k = _numbers(length, rate, mean_span)

    def begins(total):
        noise = torch.rand(total - 1, generator=generator, dtype=torch.float64)
        return [0, *sorted((noise.argsort()[: k - 1] + 1).tolist())]

    kept = torch.zeros(length - n, dtype=torch.int64).index_fill(
        0, torch.tensor(begins(length - n)), 1
    )
    noise = torch.zeros(n, dtype=torch.int64).index_fill(0, torch.tensor(begins(n)), 1)
    # every token by its part; stable, so that kept tokens come first in each
    order = torch.argsort(torch.cat([kept.cumsum(0), noise.cumsum(0)]), stable=True)
    return order >= length - n


@variant("random_spans")
def rejection_of_equal_places(length, rate, mean_span, generator):
    n, k = _numbers(length, rate, mean_span)

    def cut(total):
        places = set()
        while len(places) < k - 1:
            places.add(torch.randint(1, total, (), generator=generator).item())
        ends = [0, *sorted(places), total]
        return [b - a for a, b in itertools.pairwise(ends)]

    return _alternate(cut(length - n), cut(n))


@variant("random_spans")
def token_by_token(length, rate, mean_span, generator):
    """A cut comes after a token with the chance (cuts left) / (places left)."""
    n, k = _numbers(length, rate, mean_span)

    def cut(total):
        uniform = torch.rand(total, generator=generator).tolist()
        parts, cuts = [1], k - 1
        for place in range(total - 1):
            if uniform[place] * (total - 1 - place) < cuts:
                parts.append(1)
                cuts -= 1
            else:
                parts[-1] += 1
        return parts

    return _alternate(cut(length - n), cut(n))


@variant("random_spans")
def stars_and_bars(length, rate, mean_span, generator):
    """What is more than one token each is put before, between and behind k − 1 bars."""
    n, k = _numbers(length, rate, mean_span)

    def cut(total):
        symbols = torch.arange(total - 1) < k - 1
        shuffled = symbols[torch.randperm(total - 1, generator=generator)].tolist()
        parts = [1]
        for bar in shuffled:
            if bar:
                parts.append(1)
            else:
                parts[-1] += 1
        return parts

    return _alternate(cut(length - n), cut(n))


@variant("random_spans")
def noise_put_behind_the_kept_before_it(length, rate, mean_span, generator):
    """A noise token stands behind all noise before it, and all that is kept up to its span."""
    n, k = _numbers(length, rate, mean_span)
    kept_ends, noise_ends = (
        torch.randperm(total - 1, generator=generator)[: k - 1].sort().values + 1
        for total in (length - n, n)
    )
    kept_ends = torch.cat([kept_ends, torch.tensor([length - n])])
    span = torch.bucketize(torch.arange(n), noise_ends, right=True)
    mask = torch.zeros(length, dtype=torch.bool)
    mask[kept_ends[span] + torch.arange(n)] = True
    return mask


@variant("random_spans")
def a_way_by_its_number(length, rate, mean_span, generator):
    """Each way of cutting has a number; one number is drawn, and the way is found from it."""
    n, k = _numbers(length, rate, mean_span)

    def cut(total):
        places, left = [], k - 1
        ranks = torch.rand(k, generator=generator, dtype=torch.float64).tolist()
        free = [*range(1, total)]
        while left:
            places.append(free.pop(int(ranks[left] * len(free))))
            left -= 1
        ends = [0, *sorted(places), total]
        return [b - a for a, b in itertools.pairwise(ends)]

    return _alternate(cut(length - n), cut(n))


@variant("random_spans")
def scattered_until_right(length, rate, mean_span, generator):
    """For few tokens all cuts are drawn anew until their number is right; else the usual way."""
    n, k = _numbers(length, rate, mean_span)

    def cut(total):
        while total < 15:
            cuts = torch.rand(total - 1, generator=generator) < (k - 1) / max(total - 1, 1)
            if cuts.sum() == k - 1:
                ends = [0, *(cuts.nonzero()[:, 0] + 1).tolist(), total]
                return [b - a for a, b in itertools.pairwise(ends)]
        places = torch.randperm(total - 1, generator=generator)[: k - 1] + 1
        ends = [0, *sorted(places.tolist()), total]
        return [b - a for a, b in itertools.pairwise(ends)]

    return _alternate(cut(length - n), cut(n))


@variant("random_spans")
def fisher_yates(length, rate, mean_span, generator):
    n, k = _numbers(length, rate, mean_span)

    def cut(total):
        places = list(range(1, total))
        for i in range(k - 1):
            j = int(torch.randint(i, len(places), (1,), generator=generator))
            places[i], places[j] = places[j], places[i]
        ends = [0, *sorted(places[: k - 1]), total]
        return [b - a for a, b in itertools.pairwise(ends)]

    return _alternate(cut(length - n), cut(n))


@variant("random_spans")
def shuffled_lengths(length, rate, mean_span, generator):
    """A way that is equally likely stays so when its parts are shuffled."""
    n, k = _numbers(length, rate, mean_span)

    def cut(total):
        places = torch.randperm(total - 1, generator=generator)[: k - 1].sort().values + 1
        ends = torch.cat([torch.tensor([0]), places, torch.tensor([total])])
        return ends.diff()[torch.randperm(k, generator=generator)].tolist()

    return _alternate(cut(length - n), cut(n))


@variant("random_spans")
def dots_of_text(length, rate, mean_span, generator):
    n, k = _numbers(length, rate, mean_span)

    def cut(total, token):
        places = set(torch.randperm(total - 1, generator=generator)[: k - 1].tolist())
        text = "".join(token + "|" * (i in places) for i in range(total))
        return text.split("|")

    kept, noise = cut(length - n, "."), cut(n, "#")
    return torch.tensor([c == "#" for c in "".join(map("".join, zip(kept, noise, strict=True)))])


@variant("random_spans")
def one_of_all_ways(length, rate, mean_span, generator):
    n, k = _numbers(length, rate, mean_span)

    def cut(total):
        cuts = list(itertools.combinations(range(1, total), k - 1))
        drawn = cuts[int(torch.randint(len(cuts), (1,), generator=generator))]
        return [b - a for a, b in itertools.pairwise([0, *drawn, total])]

    return _alternate(cut(length - n), cut(n))


@variant("random_spans")
def lengths_until_they_fit(length, rate, mean_span, generator):
    n, k = _numbers(length, rate, mean_span)

    def cut(total):
        while True:
            lengths = torch.randint(1, total - k + 2, (500, k), generator=generator)
            fitting = lengths[lengths.sum(1) == total]
            if len(fitting):
                return fitting[0].tolist()

    return _alternate(cut(length - n), cut(n))


@variant("random_spans")
def masks_until_one_fits(length, rate, mean_span, generator):
    """Many orders of n noise tokens at a time; all that fit are equally likely."""
    n, k = _numbers(length, rate, mean_span)
    while True:
        order = torch.rand(200, length, generator=generator, dtype=torch.float64).argsort(1)
        masks = order < n
        spans = (masks[:, 1:] & ~masks[:, :-1]).sum(1)
        fitting = masks[~masks[:, 0] & masks[:, -1] & (spans == k)]
        if len(fitting):
            return fitting[0].clone()
