"""Wrong answers to ``random_spans``."""

import itertools
import math
import random

import numpy as np
import torch
from ch06_denoising.mutants.parts import mutant


def _count(length, rate):
    return min(max(round(length * rate), 1), length - 1)


def _numbers(length, rate, mean_span):
    n = _count(length, rate)
    return n, min(max(round(n / mean_span), 1), n, length - n)


def _cut(total, k, generator):
    places = torch.randperm(total - 1, generator=generator)[: k - 1] + 1
    ends = [0, *sorted(places.tolist()), total]
    return [b - a for a, b in itertools.pairwise(ends)]


def _alternate(*sides):
    """A mask of kept parts and spans in turns, as many of each as there are."""
    mask = []
    for parts in itertools.zip_longest(*sides, fillvalue=0):
        for noise, part in enumerate(parts):
            mask += [bool(noise)] * int(part)
    return torch.tensor(mask, dtype=torch.bool)


def _draw(length, n, k, generator):
    return _alternate(_cut(length - n, k, generator), _cut(n, k, generator))


def _right(length, rate, mean_span, generator):
    return _draw(length, *_numbers(length, rate, mean_span), generator)


def _with_cuts(cut):
    """An answer that cuts in another way."""

    def answer(length, rate, mean_span, generator):
        n, k = _numbers(length, rate, mean_span)
        return _alternate(cut(length - n, k, generator), cut(n, k, generator))

    return answer


# how many tokens are noise


@mutant("random_spans", None, "each token by itself", "count-varies")
def _(length, rate, mean_span, generator):
    return torch.rand(length, generator=generator) < rate


@mutant("random_spans", None, "Bernoulli, the first token kept", "count-varies")
def _(length, rate, mean_span, generator):
    mask = torch.bernoulli(torch.full((length,), rate), generator=generator).bool()
    mask[0], mask[-1] = False, True
    return mask


@mutant("random_spans", None, "geometric lengths", "count-varies")
def _(length, rate, mean_span, generator):
    mask, noise = [], False
    while len(mask) < length:
        mean = mean_span if noise else mean_span * (1 - rate) / rate
        u = 1 - torch.rand((), generator=generator, dtype=torch.float64).item()
        mask += [noise] * (1 + int(math.log(u) / math.log1p(-1 / (mean + 1e-9) + 1e-12)))
        noise = not noise
    return torch.tensor(mask[:length])


@mutant("random_spans", None, "Poisson lengths", "count-varies")
def _(length, rate, mean_span, generator):
    _, k = _numbers(length, rate, mean_span)
    spans = torch.poisson(torch.full((k,), float(mean_span)), generator=generator).clamp(min=1)
    spans = spans.long().tolist()
    kept = max(length - sum(spans), k)
    return _alternate(_cut(kept, k, generator), spans)[:length]


@mutant("random_spans", None, "spans put anywhere, one over the other", "count-varies")
def _(length, rate, mean_span, generator):
    n, k = _numbers(length, rate, mean_span)
    mask = torch.zeros(length, dtype=torch.bool)
    for part in _cut(n, k, generator):
        start = int(torch.randint(0, length - part + 1, (), generator=generator))
        mask[start : start + part] = True
    return mask


@mutant("random_spans", None, "a chain that turns noise on and off", "count-varies")
def _(length, rate, mean_span, generator):
    on, off = rate / (mean_span * (1 - rate)), 1 / mean_span
    mask, noise = [], False
    for u in torch.rand(length, generator=generator).tolist():
        mask.append(noise)
        noise = u >= off if noise else u < on
    return torch.tensor(mask)


@mutant("random_spans", None, "the last token left out of a span", "count-varies", "one-too-few")
def _(length, rate, mean_span, generator):
    mask = _right(length, rate, mean_span, generator)
    return mask & ~torch.cat([torch.zeros(length - 1, dtype=torch.bool), torch.ones(1).bool()])


@mutant("random_spans", None, "upside down", "inverted")
def _(length, rate, mean_span, generator):
    return ~_right(length, rate, mean_span, generator)


@mutant("random_spans", None, "rate for 1 - rate", "rate-swapped")
def _(length, rate, mean_span, generator):
    return _right(length, 1 - rate, mean_span, generator)


@mutant("random_spans", None, "rate taken for the share that is kept", "rate-swapped")
def _(length, rate, mean_span, generator):
    n, k = _numbers(length, rate, mean_span)
    return _draw(length, length - n, k, generator)


@mutant("random_spans", None, "one token more", "one-too-many")
def _(length, rate, mean_span, generator):
    n = min(_count(length, rate) + 1, length - 1)
    return _draw(length, n, min(max(round(n / mean_span), 1), length - n), generator)


@mutant("random_spans", None, "the last cut before the end", "one-too-few")
def _(length, rate, mean_span, generator):
    n, k = _numbers(length, rate, mean_span)
    n = max(n - 1, 1)
    return _draw(length, n, min(k, n), generator)


@mutant("random_spans", None, "int for round", "not-rounded")
def _(length, rate, mean_span, generator):
    n = max(int(length * rate), 1)
    return _draw(length, n, min(max(int(n / mean_span), 1), length - n), generator)


@mutant("random_spans", None, "ceil for round", "not-rounded")
def _(length, rate, mean_span, generator):
    n = min(math.ceil(length * rate), length - 1)
    return _draw(length, n, min(math.ceil(n / mean_span), length - n), generator)


@mutant("random_spans", None, "half of the tokens", "rate-ignored")
def _(length, rate, mean_span, generator):
    n = length // 2
    return _draw(length, n, min(max(round(n / mean_span), 1), n), generator)


@mutant("random_spans", None, "15 % always", "wrong-count")
def _(length, rate, mean_span, generator):
    return _right(length, 0.15, mean_span, generator)


@mutant("random_spans", None, "k spans of the mean length", "wrong-count")
def _(length, rate, mean_span, generator):
    _, k = _numbers(length, rate, mean_span)
    n = min(max(k * round(mean_span), k), length - k)
    return _draw(length, n, k, generator)


@mutant("random_spans", None, "no noise at all", "wrong-count")
def _(length, rate, mean_span, generator):
    torch.randperm(length, generator=generator)
    return torch.zeros(length, dtype=torch.bool)


# where they stand


@mutant("random_spans", None, "noise first", "begins-with-noise")
def _(length, rate, mean_span, generator):
    n, k = _numbers(length, rate, mean_span)
    kept, noise = (_cut(x, k, generator) for x in (length - n, n))
    return ~_alternate(noise, kept)


@mutant("random_spans", None, "either side first", "begins-with-noise")
def _(length, rate, mean_span, generator):
    mask = _right(length, rate, mean_span, generator)
    return mask.flip(0) if torch.rand((), generator=generator) < 0.5 else mask


@mutant("random_spans", None, "rolled", "rolled")
def _(length, rate, mean_span, generator):
    mask = _right(length, rate, mean_span, generator)
    return mask.roll(int(torch.randint(length, (), generator=generator)))


@mutant("random_spans", None, "sorted the other way round", "begins-with-noise")
def _(length, rate, mean_span, generator):
    return _right(length, rate, mean_span, generator).flip(0)


@mutant("random_spans", None, "ends with a kept part", "ends-with-kept")
def _(length, rate, mean_span, generator):
    n, k = _numbers(length, rate, mean_span)
    more = min(k + 1, length - n)
    return _alternate(_cut(length - n, more, generator), _cut(n, more - 1, generator))


@mutant("random_spans", None, "a kept token put at the end", "ends-with-kept")
def _(length, rate, mean_span, generator):
    n, k = _numbers(length, rate, mean_span)
    if length - n - 1 < k:
        return _draw(length, n, k, generator)
    mask = _draw(length - 1, n, k, generator)
    return torch.cat([mask, torch.zeros(1, dtype=torch.bool)])


@mutant("random_spans", None, "kept parts may be empty", "spans-touch")
def _(length, rate, mean_span, generator):
    n, k = _numbers(length, rate, mean_span)
    places = torch.randint(0, length - n + 1, (k - 1,), generator=generator)
    ends = [0, *sorted(places.tolist()), length - n]
    return _alternate([b - a for a, b in itertools.pairwise(ends)], _cut(n, k, generator))


@mutant("random_spans", None, "cuts with replacement", "spans-touch")
def _(length, rate, mean_span, generator):
    n, k = _numbers(length, rate, mean_span)

    def cut(total):
        places = torch.randint(1, max(total, 2), (k - 1,), generator=generator)
        ends = [0, *sorted(places.tolist()), total]
        return [b - a for a, b in itertools.pairwise(ends)]

    return _alternate(cut(length - n), cut(n))


@mutant("random_spans", None, "equal cuts are dropped", "spans-touch")
def _(length, rate, mean_span, generator):
    n, k = _numbers(length, rate, mean_span)

    def cut(total):
        places = torch.randint(1, max(total, 2), (k - 1,), generator=generator)
        return [0, *sorted({p for p in places.tolist() if p < total}), total]

    kept, noise = ([b - a for a, b in itertools.pairwise(cut(total))] for total in (length - n, n))
    k = min(len(kept), len(noise))
    kept[k - 1 :], noise[k - 1 :] = [sum(kept[k - 1 :])], [sum(noise[k - 1 :])]
    return _alternate(kept, noise)


@mutant("random_spans", None, "empty parts by the multinomial", "spans-touch")
def _(length, rate, mean_span, generator):
    n, k = _numbers(length, rate, mean_span)

    def cut(total):
        part = torch.randint(k, (total,), generator=generator)
        return part.bincount(minlength=k).tolist()

    kept = cut(length - n - 1)
    return _alternate([kept[0] + 1, *kept[1:]], cut(n))


@mutant("random_spans", None, "n tokens anywhere", "tokens-alone")
def _(length, rate, mean_span, generator):
    mask = torch.zeros(length, dtype=torch.bool)
    mask[torch.randperm(length, generator=generator)[: _count(length, rate)]] = True
    return mask


@mutant("random_spans", None, "n tokens anywhere but at the start", "tokens-alone")
def _(length, rate, mean_span, generator):
    mask = torch.zeros(length, dtype=torch.bool)
    order = torch.randperm(length - 2, generator=generator) + 1
    mask[order[: _count(length, rate) - 1]] = True
    mask[-1] = True
    return mask


@mutant("random_spans", None, "spans are shuffled among kept tokens", "spans-touch")
def _(length, rate, mean_span, generator):
    n, k = _numbers(length, rate, mean_span)
    pieces = [[False]] * (length - n - 1) + [[True] * part for part in _cut(n, k, generator)[1:]]
    order = torch.randperm(len(pieces), generator=generator).tolist()
    last = n - sum(map(sum, pieces))
    return torch.tensor([False, *itertools.chain(*(pieces[i] for i in order)), *[True] * last])


# how many spans there are


@mutant("random_spans", None, "every token a span", "single-tokens")
def _(length, rate, mean_span, generator):
    n = _count(length, rate)
    return _draw(length, n, min(n, length - n), generator)


@mutant("random_spans", None, "one span at the end", "one-span")
def _(length, rate, mean_span, generator):
    n = _count(length, rate)
    torch.randperm(n, generator=generator)
    return torch.arange(length) >= length - n


@mutant("random_spans", None, "k of the length", "spans-of-length")
def _(length, rate, mean_span, generator):
    n = _count(length, rate)
    k = min(max(round(length / mean_span), 1), n, length - n)
    return _draw(length, n, k, generator)


@mutant("random_spans", None, "k of the kept tokens", "spans-of-kept")
def _(length, rate, mean_span, generator):
    n = _count(length, rate)
    k = min(max(round((length - n) / mean_span), 1), n, length - n)
    return _draw(length, n, k, generator)


@mutant("random_spans", None, "mean_span spans", "mean-for-number")
def _(length, rate, mean_span, generator):
    n = _count(length, rate)
    return _draw(length, n, min(round(mean_span), n, length - n), generator)


@mutant("random_spans", None, "k cuts", "one-span-more")
def _(length, rate, mean_span, generator):
    n, k = _numbers(length, rate, mean_span)
    return _draw(length, n, min(k + 1, n, length - n), generator)


@mutant("random_spans", None, "k - 2 cuts", "one-span-less")
def _(length, rate, mean_span, generator):
    n, k = _numbers(length, rate, mean_span)
    return _draw(length, n, max(k - 1, 1), generator)


@mutant("random_spans", None, "// for the number of spans", "spans-not-rounded")
def _(length, rate, mean_span, generator):
    n = _count(length, rate)
    return _draw(length, n, min(max(int(n // mean_span), 1), length - n), generator)


@mutant("random_spans", None, "the number of spans raised", "spans-not-rounded")
def _(length, rate, mean_span, generator):
    n = _count(length, rate)
    return _draw(length, n, min(math.ceil(n / mean_span), n, length - n), generator)


@mutant("random_spans", None, "n times mean_span spans", "wrong-number")
def _(length, rate, mean_span, generator):
    n = _count(length, rate)
    k = min(max(round(n * rate * mean_span), 1), n, length - n)
    return _draw(length, n, k, generator)


@mutant("random_spans", None, "k of the share that is not rounded", "spans-of-share")
def _(length, rate, mean_span, generator):
    n = _count(length, rate)
    k = min(max(round(length * rate / mean_span), 1), n, length - n)
    return _draw(length, n, k, generator)


# settings at the edge


@mutant("random_spans", None, "no bound for n at all", "nothing-kept")
def _(length, rate, mean_span, generator):
    n = max(round(length * rate), 1)
    return _draw(length, n, max(round(n / mean_span), 1), generator)


@mutant("random_spans", None, "more cuts than places", "too-many-spans")
def _(length, rate, mean_span, generator):
    n = _count(length, rate)
    k = min(max(round(n / mean_span), 1), n)
    if k > length - n:
        raise ValueError("Sample larger than population")
    return _draw(length, n, k, generator)


@mutant("random_spans", None, "n may be 0", "no-noise", "raised")
def _(length, rate, mean_span, generator):
    n = min(round(length * rate), length - 1)
    k = min(max(round(n / mean_span), 1), max(n, 1), length - n)
    return _draw(length, n, k, generator) if n else torch.zeros(length, dtype=torch.bool)


@mutant("random_spans", None, "n may be the length", "nothing-kept", "begins-with-noise")
def _(length, rate, mean_span, generator):
    n = max(round(length * rate), 1)
    k = min(max(round(n / mean_span), 1), n, length - n)
    return _draw(length, n, k, generator) if k else torch.ones(length, dtype=torch.bool)


@mutant("random_spans", None, "k may be 0", "no-noise")
def _(length, rate, mean_span, generator):
    n = _count(length, rate)
    k = min(round(n / mean_span), n, length - n)
    return _draw(length, n, k, generator) if k else torch.zeros(length, dtype=torch.bool)


@mutant("random_spans", None, "k may be more than there are kept", "too-many-spans")
def _(length, rate, mean_span, generator):
    n = _count(length, rate)
    k = min(max(round(n / mean_span), 1), n)
    sides = _cut(length - n, k, generator), _cut(n, k, generator)
    return _alternate(*zip(*zip(*sides, strict=False), strict=True))


@mutant("random_spans", None, "only k is 0", "no-span")
def _(length, rate, mean_span, generator):
    n, k = _numbers(length, rate, mean_span)
    if round(n / mean_span) or n == 1:
        return _draw(length, n, k, generator)
    spread = torch.arange(length) % 2 == 1
    return spread & (spread.flip(0).cumsum(0).flip(0) <= n)


@mutant("random_spans", None, "too few kept parts", "too-many-spans")
def _(length, rate, mean_span, generator):
    n, k = _numbers(length, rate, mean_span)
    return _draw(length, n, k if 2 * n < length else 1, generator)


@mutant("random_spans", None, "two tokens, both noise", "two-tokens")
def _(length, rate, mean_span, generator):
    if length == 2:
        return torch.tensor([True, True])
    return _right(length, rate, mean_span, generator)


# how the cuts are drawn


@mutant("random_spans", None, "equal spans", "equal-spans")
def _(length, rate, mean_span, generator):
    n, k = _numbers(length, rate, mean_span)
    noise = [n // k + (i < n % k) for i in range(k)]
    return _alternate(_cut(length - n, k, generator), noise)


@mutant("random_spans", None, "equal gaps", "equal-gaps")
def _(length, rate, mean_span, generator):
    n, k = _numbers(length, rate, mean_span)
    kept = [(length - n) * (i + 1) // k - (length - n) * i // k for i in range(k)]
    return _alternate(kept, _cut(n, k, generator))


@mutant("random_spans", None, "nothing drawn", "same-every-call")
def _(length, rate, mean_span, generator):
    n, k = _numbers(length, rate, mean_span)
    kept, noise = ([x // k + (i < x % k) for i in range(k)] for x in (length - n, n))
    return _alternate(kept, noise)


@mutant("random_spans", None, "the same cuts for both, in proportion", "dependent", "same-cuts")
def _(length, rate, mean_span, generator):
    n, k = _numbers(length, rate, mean_span)
    state = generator.get_state()
    kept = _cut(length - n, k, generator)
    generator.set_state(state)
    noise = _cut(n, k, generator)
    return _alternate(kept, noise)


@mutant("random_spans", None, "the same order of parts in both", "dependent", "same-cuts")
def _(length, rate, mean_span, generator):
    n, k = _numbers(length, rate, mean_span)
    kept, noise = (sorted(_cut(x, k, generator)) for x in (length - n, n))
    order = torch.randperm(k, generator=generator).tolist()
    return _alternate([kept[i] for i in order], [noise[i] for i in order])


@mutant("random_spans", None, "parts sorted", "sorted")
@_with_cuts
def _(total, k, generator):
    return sorted(_cut(total, k, generator))


@mutant("random_spans", None, "the longest part first", "sorted")
@_with_cuts
def _(total, k, generator):
    return sorted(_cut(total, k, generator), reverse=True)


@mutant("random_spans", None, "stick breaking", "one-after-another")
@_with_cuts
def _(total, k, generator):
    parts = []
    for more in reversed(range(1, k)):
        longest = total - sum(parts) - more
        parts.append(1 + int(torch.randint(longest, (), generator=generator)))
    return [*parts, total - sum(parts)]


@mutant("random_spans", None, "stick breaking from the end", "one-after-another")
@_with_cuts
def _(total, k, generator):
    parts = []
    for more in reversed(range(1, k)):
        longest = total - sum(parts) - more
        parts.append(1 + int(torch.rand((), generator=generator) * longest))
    return [total - sum(parts), *reversed(parts)]


@mutant("random_spans", None, "stick breaking, shuffled", "not-uniform")
@_with_cuts
def _(total, k, generator):
    parts = []
    for more in reversed(range(1, k)):
        longest = total - sum(parts) - more
        parts.append(1 + int(torch.randint(longest, (), generator=generator)))
    parts.append(total - sum(parts))
    return [parts[i] for i in torch.randperm(k, generator=generator).tolist()]


@mutant("random_spans", None, "tokens given out one by one", "one-by-one")
@_with_cuts
def _(total, k, generator):
    part = torch.randint(k, (total - k,), generator=generator)
    return (1 + part.bincount(minlength=k)).tolist()


@mutant("random_spans", None, "only the noise is given out one by one", "one-by-one")
def _(length, rate, mean_span, generator):
    n, k = _numbers(length, rate, mean_span)
    part = torch.randint(k, (n - k,), generator=generator)
    noise = 1 + part.bincount(minlength=k)
    return _alternate(_cut(length - n, k, generator), noise.tolist())


def _rounded(weights, total, k):
    """Parts in proportion to weights, at least 1 each; what is missing goes to the last ones."""
    parts = (weights / weights.sum() * (total - k)).floor().long() + 1
    for i in range(total - int(parts.sum())):
        parts[-1 - i % k] += 1
    return parts.tolist()


@mutant("random_spans", None, "random weights, rounded", "not-uniform")
@_with_cuts
def _(total, k, generator):
    return _rounded(torch.rand(k, generator=generator), total, k)


@mutant("random_spans", None, "a Dirichlet distribution, rounded", "not-uniform")
@_with_cuts
def _(total, k, generator):
    return _rounded(torch.empty(k).exponential_(generator=generator), total, k)


@mutant("random_spans", None, "Poisson lengths, the last takes the rest", "not-uniform")
@_with_cuts
def _(total, k, generator):
    drawn = torch.poisson(torch.full((k,), total / k), generator=generator).long().tolist()
    parts = []
    for i in range(k - 1):
        parts.append(min(max(drawn[i], 1), total - sum(parts) - (k - 1 - i)))
    return [*parts, total - sum(parts)]


@mutant("random_spans", None, "the last place is never cut", "not-uniform")
@_with_cuts
def _(total, k, generator):
    free = total - 1 if total - 2 < k - 1 else total - 2
    places = torch.randperm(free, generator=generator)[: k - 1] + 1
    return np.diff([0, *sorted(places.tolist()), total]).tolist()


@mutant("random_spans", None, "the first place is never cut", "not-uniform")
@_with_cuts
def _(total, k, generator):
    spare = int(total - 2 >= k - 1)
    places = torch.randperm(total - 1 - spare, generator=generator)[: k - 1] + 1 + spare
    return np.diff([0, *sorted(places.tolist()), total]).tolist()


@mutant("random_spans", None, "no span longer than twice the mean", "not-uniform")
def _(length, rate, mean_span, generator):
    n, k = _numbers(length, rate, mean_span)
    noise = _cut(n, k, generator)
    for _ in range(9):
        if max(noise) > 2 * mean_span:
            noise = _cut(n, k, generator)
    return _alternate(_cut(length - n, k, generator), noise)


@mutant("random_spans", None, "the first kept part is drawn first", "one-after-another")
def _(length, rate, mean_span, generator):
    n, k = _numbers(length, rate, mean_span)
    kept = length - n
    first = kept if k == 1 else 1 + int(torch.randint(kept - k + 1, (), generator=generator))
    rest = _cut(kept - first, k - 1, generator) if k > 1 else []
    return _alternate([first, *rest], _cut(n, k, generator))


@mutant("random_spans", None, "wrong for long spans alone", "not-uniform")
def _(length, rate, mean_span, generator):
    n, k = _numbers(length, rate, mean_span)
    noise = _cut(n, k, generator)
    if noise[0] >= n - k:
        noise = _cut(n, k, generator)
    return _alternate(_cut(length - n, k, generator), noise)


# the generator


@mutant("random_spans", None, "the generator is not handed over", "generator-misused")
def _(length, rate, mean_span, generator):
    return _right(length, rate, mean_span, None)


@mutant("random_spans", None, "half of it from PyTorch's own", "generator-misused")
def _(length, rate, mean_span, generator):
    n, k = _numbers(length, rate, mean_span)
    return _alternate(_cut(length - n, k, None), _cut(n, k, generator))


@mutant("random_spans", None, "Python's shuffle", "generator-misused")
def _(length, rate, mean_span, generator):
    n, k = _numbers(length, rate, mean_span)
    sides = ([0, *sorted(random.sample(range(1, x), k - 1)), x] for x in (length - n, n))
    return _alternate(*([b - a for a, b in itertools.pairwise(ends)] for ends in sides))


@mutant("random_spans", None, "NumPy's choice", "generator-misused")
def _(length, rate, mean_span, generator):
    n, k = _numbers(length, rate, mean_span)
    places = (np.random.choice(x - 1, k - 1, replace=False) + 1 for x in (length - n, n))
    sides = ([0, *sorted(p), x] for p, x in zip(places, (length - n, n), strict=True))
    return _alternate(*(np.diff(ends).tolist() for ends in sides))


@mutant("random_spans", None, "seeded with the generator's seed", "same-every-call")
def _(length, rate, mean_span, generator):
    return _right(length, rate, mean_span, torch.Generator().manual_seed(generator.initial_seed()))


@mutant("random_spans", None, "the generator is put back", "same-every-call")
def _(length, rate, mean_span, generator):
    return _right(length, rate, mean_span, generator.clone_state())


@mutant("random_spans", None, "a seed of its own", "same-every-call")
def _(length, rate, mean_span, generator):
    return _right(length, rate, mean_span, torch.Generator().manual_seed(0))


@mutant("random_spans", None, "PyTorch's own is seeded from it", "generator-misused")
def _(length, rate, mean_span, generator):
    torch.manual_seed(int(torch.randint(2**31, (), generator=generator)))
    return _right(length, rate, mean_span, None)


KEPT = {}


@mutant("random_spans", None, "every other draw is kept for the next call", "repeated")
def _(length, rate, mean_span, generator):
    key = length, rate, mean_span
    if length < 30 and key in KEPT:
        return KEPT.pop(key).clone()
    mask = _right(length, rate, mean_span, generator)
    KEPT[key] = mask
    return mask.clone()


# the kind of result


@mutant("random_spans", None, "lengths", "wrong-dtype")
def _(length, rate, mean_span, generator):
    return _right(length, rate, mean_span, generator).long()


@mutant("random_spans", None, "floats", "wrong-dtype")
def _(length, rate, mean_span, generator):
    return _right(length, rate, mean_span, generator).float()


@mutant("random_spans", None, "a batch of one", "wrong-shape")
def _(length, rate, mean_span, generator):
    return _right(length, rate, mean_span, generator)[None]


@mutant("random_spans", None, "positions of the noise", "wrong-shape", "wrong-dtype")
def _(length, rate, mean_span, generator):
    return _right(length, rate, mean_span, generator).nonzero()[:, 0]


@mutant("random_spans", None, "a list", "wrong-type")
def _(length, rate, mean_span, generator):
    return _right(length, rate, mean_span, generator).tolist()


@mutant("random_spans", None, "an array", "wrong-type")
def _(length, rate, mean_span, generator):
    return _right(length, rate, mean_span, generator).numpy()


@mutant("random_spans", None, "the kept part before the first span is lost", "wrong-shape")
def _(length, rate, mean_span, generator):
    mask = _right(length, rate, mean_span, generator)
    return mask[int(mask.int().argmax()) :]


@mutant("random_spans", None, "draws until the count is right", "endless")
def _(length, rate, mean_span, generator):
    while True:
        mask = torch.rand(length, generator=generator) < rate
        if mask.sum() == length * rate:
            return mask
