"""The numbered equations of chapter 6, evaluated; the helpers are those of test_equations.py."""

import itertools
import math
from collections import Counter

import pytest
import torch
from test_equations import every_text
from test_equations_mlm import sharp_source, texts_of
from test_equations_prediction import known

from labtools import definitions

T = 3
EVERY = range(T)
PATTERNS = list(itertools.product((False, True), repeat=T))
CUTS = list(itertools.combinations_with_replacement(range(T + 1), 2))
SENTINELS = "XYZ"
MARKS = {"prefix": "<pre>", "middle": "<mid>", "suffix": "<suf>"}


def parts(n, k):
    """Every way of cutting n tokens into k parts of at least one."""
    return [c for c in itertools.product(range(1, n + 1), repeat=k) if sum(c) == n]


def spans(x, noise):
    """T5's pair, as something that can be counted."""
    return tuple(map(tuple, definitions.span_corruption(x, noise, SENTINELS, "<eos>")))


def taken_out(x, span):
    """Where the span was, nothing is left."""
    start, length = span
    return x[:start] + x[start + length :]


def entropy(joint, of, given=()):
    """H(of | given), from the conditional probabilities; both are places in the outcomes."""

    def marginal(places):
        sums = Counter()
        for outcome, p in joint.items():
            sums[tuple(outcome[i] for i in places)] += p
        return sums

    both, condition = marginal((*of, *given)), marginal(given)
    return sum(p * -math.log(p / condition[outcome[len(of) :]]) for outcome, p in both.items())


def pairs_of(probs):
    """p(x̃, y) when a text is drawn, and with it one of T5's patterns."""
    pairs = Counter()
    for x, noise in itertools.product(probs, PATTERNS):
        pairs[spans(x, noise)] += probs[x] / len(PATTERNS)
    return pairs


def next_token_costs(weights, row):
    """−log p(each token | those before it), where ``weights`` has the probability of every row."""

    def beginning_with(start):
        return sum(p for other, p in weights.items() if other[: len(start)] == start)

    chances = [beginning_with(row[:i]) for i in range(len(row) + 1)]
    return [-math.log(b / a) for a, b in itertools.pairwise(chances)]


def test_eq_noise_objective():
    truth, model = pairs_of(texts_of(sharp_source(1))), pairs_of(texts_of(sharp_source(2)))
    total = n_tokens = whole = 0.0
    for (source, target), p in truth.items():
        same_source = {y: q for (read, y), q in model.items() if read == source}
        costs = next_token_costs(same_source, target)
        together = -math.log(same_source[target] / sum(same_source.values()))
        assert len(costs) == len(target)
        assert math.isclose(sum(costs), together, rel_tol=1e-9)
        total, n_tokens, whole = total + p * sum(costs), n_tokens + p * len(costs), whole + p
    lengths = sum(p * len(target) for (_, target), p in truth.items())
    assert math.isclose(whole, 1)
    assert math.isclose(n_tokens, lengths)
    floor = entropy(truth, of=(1,), given=(0,)) / lengths
    assert total / n_tokens > floor + 1e-3


@pytest.mark.parametrize(("length", "rate", "mean_span"), [(20, 0.15, 3), (31, 0.5, 2.2)])
def test_eq_noise_lengths(length, rate, mean_span):
    n = round(rate * length)
    k = round(n / mean_span)
    kept, hidden = parts_at_random(length - n, k), parts_at_random(n, k)
    runs = [[False] * a + [True] * b for a, b in zip(kept, hidden, strict=True)]
    noise = list(itertools.chain(*runs))
    sentinels = [f"<{i}>" for i in range(k + 1)]
    source, target = definitions.span_corruption(range(length), noise, sentinels, "<eos>")
    assert sum(noise) == n
    assert len(definitions.noise_spans(noise)) == k
    assert (len(source), len(target)) == (length - n + k + 1, n + k + 2)
    many = 1_000_000
    n = round(rate * many)
    k = round(n / mean_span)
    assert math.isclose((many - n + k + 1) / many, 1 - rate + rate / mean_span, rel_tol=1e-5)
    assert math.isclose((n + k + 2) / many, rate + rate / mean_span, rel_tol=1e-4)


def parts_at_random(n, k):
    g = torch.Generator().manual_seed(n)
    cuts = sorted((torch.randperm(n - 1, generator=g)[: k - 1] + 1).tolist())
    return [b - a for a, b in itertools.pairwise((0, *cuts, n))]


def test_eq_noise_part():
    for n, k in ((7, 3), (6, 2), (5, 5)):
        every = parts(n, k)
        assert len(every) == math.comb(n - 1, k - 1)
        for part in zip(*every, strict=True):  # the first of all of them, the second, …
            for length, count in Counter(part).items():
                share = math.comb(n - length - 1, k - 2) / math.comb(n - 1, k - 1)
                assert math.isclose(count / len(every), share)
            assert math.isclose(sum(part) / len(every), n / k)


def test_eq_noise_poisson():
    mean, lengths = 3.0, range(60)
    probs = [mean**n * math.exp(-mean) / math.factorial(n) for n in lengths]
    library = torch.distributions.Poisson(torch.tensor(mean, dtype=torch.float64))
    expected = library.log_prob(torch.arange(60, dtype=torch.float64)).exp().tolist()
    assert probs == pytest.approx(expected, rel=1e-9)
    assert math.isclose(sum(probs), 1, rel_tol=1e-12)
    assert math.isclose(sum(n * p for n, p in zip(lengths, probs, strict=True)), mean)
    assert round(100 * probs[0]) == 5


def test_eq_noise_undo():
    drawn = [(s, n) for s in EVERY for n in range(T + 1 - s)]
    for noise, damage in ((drawn, taken_out), (list(itertools.permutations(EVERY)), in_order)):
        joint = Counter()
        for x, p in texts_of(sharp_source(3)).items():
            for nu in noise:
                joint[x, nu, damage(x, nu)] += p / len(noise)
        done, missing = entropy(joint, (1,), (2,)), entropy(joint, (0,), (1, 2))
        idle = entropy(joint, (1,), (0, 2))
        assert math.isclose(entropy(joint, (0,), (2,)), done + missing - idle, rel_tol=1e-9)
        assert done > 0.1
        assert idle > 0.01
        assert missing > 0.1 or damage is in_order


def in_order(x, order):
    return tuple(x[i] for i in order)


def test_eq_noise_middle():
    probs = texts_of(sharp_source(4))
    for x, (a, b) in itertools.product(probs, CUTS):
        pre, mid, suf = list(EVERY[:a]), list(EVERY[a:b]), list(EVERY[b:])
        known_first = [[], pre, [*pre, *suf], [*pre, *suf, *mid]]
        chances = [known(probs, x, places) for places in known_first]
        costs = [-math.log(after / before) for before, after in itertools.pairwise(chances)]
        assert math.isclose(sum(costs), -math.log(probs[x]), rel_tol=1e-9)


@pytest.mark.parametrize("suffix_first", [False, True])
def test_eq_noise_cut(suffix_first):
    probs = texts_of(sharp_source(5))
    rows = {}
    for x, (a, b) in itertools.product(every_text(T), CUTS):
        row = tuple(definitions.fill_in_middle(x, a, b, **MARKS, suffix_first=suffix_first))
        assert row not in rows  # a row says what the text is, and where it was cut
        rows[row] = x, probs[x] / len(CUTS)
    assert len(CUTS) == math.comb(T + 2, 2)
    weights = {row: p for row, (_, p) in rows.items()}
    for row, (x, _) in rows.items():
        cost = sum(next_token_costs(weights, row))
        expected = -math.log(probs[x]) + math.log(math.comb(T + 2, 2))
        assert math.isclose(cost, expected, rel_tol=1e-9)


def test_eq_noise_inverse():
    probs = texts_of(sharp_source(6))
    pairs = pairs_of(probs)
    assert len(pairs) == len(probs) * len(PATTERNS)  # each says its text and its noise
    of_text = entropy({(x,): p for x, p in probs.items()}, of=(0,))
    floor = entropy(pairs, of=(1,), given=(0,))
    noise = math.log(len(PATTERNS))
    assert math.isclose(floor, of_text + noise - entropy(pairs, of=(0,)), rel_tol=1e-9)
    assert 0.1 < floor < of_text + noise - 0.1
