"""The check of random spans: how often it fails a right answer, and passes a wrong one."""

import itertools
import math
from collections import Counter

import pytest
import torch

from labtools.checks import calling, chance
from labtools.checks.ch06_denoising import spans, spans_chance
from labtools.checks.ch06_denoising.spans_chance import DRAWS, EQUAL, LONG, SHORT, Cuts
from labtools.checks.ch06_denoising.spans_counts import ORDINARY, SPECIAL
from labtools.checks.ch06_denoising.spans_draws import Draws, Setting, repeatable
from labtools.checks.engine import diagnose

CUT = [(8, 3), (12, 3)]  # of SHORT: the spans, and the kept parts
CUT_LONG = [(16, 5), (17, 5)]
N = {**dict.fromkeys(CUT, DRAWS[SHORT]), **dict.fromkeys(CUT_LONG, DRAWS[LONG])}
ASKED = Setting(*spans.ASKED)


def right(length, rate, mean_span, generator):
    n = min(max(round(length * rate), 1), length - 1)
    k = min(max(round(n / mean_span), 1), length - n)
    mask = []
    places = (torch.randperm(x - 1, generator=generator)[: k - 1] + 1 for x in (length - n, n))
    ends = ([0, *sorted(p.tolist()), x] for p, x in zip(places, (length - n, n), strict=True))
    sides = ([b - a for a, b in itertools.pairwise(x)] for x in ends)
    for kept, noise in zip(*sides, strict=True):
        mask += [False] * kept + [True] * noise
    return torch.tensor(mask)


def by_hand(n, k):
    """Every way of cutting n tokens into k parts of at least 1, by trying all."""
    return [x for x in itertools.product(range(1, n + 1), repeat=k) if sum(x) == n]


def cuts(n, k):
    return Cuts(spans_chance.compositions(n, k), n)


def ways_of(setting):
    """How many results are right."""
    sides = (math.comb(x - 1, setting.spans - 1) for x in (setting.noise, setting.kept))
    return math.prod(sides)


def binomial(n, p):
    """(n + 1,) float64: P(c of n) for every count c."""
    c = torch.arange(n + 1, dtype=torch.float64)
    choose = math.lgamma(n + 1) - torch.lgamma(c + 1) - torch.lgamma(n - c + 1)
    return (choose + c * math.log(p) + (n - c) * math.log1p(-p)).exp()


def flagged(n, p, family):
    """(n + 1,) bool: which counts are implausible, in a family of so many tests."""
    counts = torch.arange(n + 1, dtype=torch.float64)
    far = chance._divergence(counts, torch.tensor(float(n)), torch.tensor(p, dtype=torch.double))
    return far > math.log(2 * family / chance.FAMILY)


def test_the_settings_are_what_they_are_said_to_be():
    for setting, (noise, kept, k) in {
        SHORT: (8, 12, 3), LONG: (16, 17, 5), EQUAL: (7, 7, 3)
    }.items():  # fmt: skip
        assert (setting.noise, setting.kept, setting.spans) == (noise, kept, k)


def test_nothing_depends_on_how_a_half_is_rounded():
    for s in (*ORDINARY, *DRAWS, *(setting for _, setting in SPECIAL)):
        for exact in (s.length * s.rate, s.noise / s.mean_span):
            assert abs(exact % 1 - 0.5) > 0.07


def test_each_special_setting_is_special_in_its_own_way():
    exact = {
        name: (s.length * s.rate, s.noise / s.mean_span, s.length - s.noise) for name, s in SPECIAL
    }
    assert round(exact["no-noise"][0]) == 0
    assert round(exact["nothing-kept"][0]) == dict(SPECIAL)["nothing-kept"].length
    assert round(exact["no-span"][1]) == 0
    assert round(exact["too-many-spans"][1]) > exact["too-many-spans"][2]
    for s in (*ORDINARY, *DRAWS):
        assert s.noise == round(s.length * s.rate)
        assert s.spans == round(s.noise / s.mean_span)


@pytest.mark.parametrize(("n", "k"), [(5, 1), (5, 2), (5, 5), (7, 3), (8, 4)])
def test_all_ways_of_cutting_are_there(n, k):
    ways = [tuple(x) for x in cuts(n, k).ways.tolist()]
    assert sorted(ways) == by_hand(n, k)
    assert len(ways) == math.comb(n - 1, k - 1)


@pytest.mark.parametrize(("n", "k"), [(7, 3), *CUT])
def test_the_laws_are_probabilities(n, k):
    of = cuts(n, k)
    for law in (spans_chance.even, spans_chance.one_after_another, spans_chance.one_by_one):
        assert law(of.ways).sum().item() == pytest.approx(1)
        assert of.probs(law(of.ways)).sum(1).tolist() == pytest.approx([1.0] * k)
    assert torch.allclose(of.even_probs(), of.probs(spans_chance.even(of.ways)))


def test_the_laws_are_those_of_what_they_are_named_after():
    """Of 5 tokens in 3 parts, by hand."""
    ways = torch.tensor([[1, 1, 3], [1, 2, 2], [3, 1, 1]])
    assert spans_chance.one_after_another(ways).tolist() == pytest.approx([1 / 9, 1 / 9, 1 / 3])
    assert spans_chance.one_by_one(ways).tolist() == pytest.approx([1 / 9, 2 / 9, 1 / 9])


def test_parts_are_read_off_the_mask():
    mask = torch.tensor([[0, 0, 1, 0, 1, 1], [0, 1, 1, 0, 0, 1]]).bool()
    kept, noise = Draws(Setting(6, 0.5, 1.5), mask).parts()
    assert kept.tolist() == [[2, 1], [1, 2]]
    assert noise.tolist() == [[1, 2], [2, 1]]


def test_what_came_is_counted():
    of = Cuts(torch.tensor([[1, 3], [2, 2], [1, 3]]), 4)
    assert of.of_lengths().tolist() == [[2, 1, 0], [0, 1, 2]]
    assert dict(zip(map(tuple, of.ways.tolist()), of.of_ways().tolist(), strict=True)) == {
        (1, 3): 2, (2, 2): 1, (3, 1): 0
    }  # fmt: skip


def every_probability():
    """Of all that is counted: the probability, how many tests are made together, and the draws."""
    short, long = N[CUT[0]], N[CUT_LONG[0]]
    for n, k in CUT:
        of = cuts(n, k)
        yield from ((p, k * (n - k + 1), short) for p in of.even_probs()[0].tolist())
        yield 1 / len(of.ways), len(of.ways), short
    for n, k in CUT_LONG:
        yield from ((p, k * (n - k + 1), long) for p in cuts(n, k).even_probs()[0].tolist())
    a, b = (cuts(n, k).even_probs()[0].tolist() for n, k in CUT)
    yield from ((p * q, 9 * len(a) * len(b), short) for p, q in itertools.product(a, b))
    yield 1 / math.comb(7, 2) / math.comb(11, 2), 1, short // 2


def test_a_right_answer_hardly_ever_has_an_implausible_count():
    """By exact binomial tails: of each count, below the level of its test."""
    for p, family, draws in every_probability():
        alarm = binomial(draws, p)[flagged(draws, p, family)].sum()
        assert alarm <= chance.FAMILY / family


def test_all_families_together_stay_below_one_in_a_million(monkeypatch):
    made, divergence = Counter(), chance._divergence

    def counted(*args):
        made["families"] += 1
        return divergence(*args)

    monkeypatch.setattr(chance, "_divergence", counted)
    for seed in range(4):
        made.clear()
        assert diagnose(spans.specification(seed), repeatable(right), seed) is None
        assert 5 < made["families"] <= chance.MOST
    assert chance.MOST * chance.FAMILY + 3 / ways_of(ASKED) < 1e-6


def test_no_pattern_comes_by_chance():
    """Equal lengths, sorted ones, the same cuts on both sides: in every draw."""
    for n, k in CUT:
        ways = by_hand(n, k)
        even = sum(max(x) - min(x) <= 1 for x in ways) / len(ways)
        ordered = sum(list(x) == sorted(x) for x in ways) / len(ways)
        assert even ** DRAWS[SHORT] < 1e-20
        assert 4 * ordered ** DRAWS[SHORT] < 1e-20
    assert 2 * math.comb(6, 2) ** -float(DRAWS[EQUAL]) < 1e-20


def test_two_results_are_never_equal_by_chance():
    """Those by which it is told whether the generator is used: 20 noise tokens in 7 spans."""
    assert (ASKED.noise, ASKED.kept, ASKED.spans) == (20, 21, 7)
    assert ways_of(ASKED) > 7e8


def test_all_ways_of_every_setting_can_be_listed():
    for s in (ASKED, *ORDINARY, *DRAWS, *(setting for _, setting in SPECIAL)):
        assert max(math.comb(x - 1, s.spans - 1) for x in (s.noise, s.kept)) < 40_000


def test_masks_that_are_drawn_until_one_fits_fit_soon():
    """Of all masks with n noise tokens at least one in 2,500 is right."""
    for s in (ASKED, *ORDINARY, *DRAWS, *(setting for _, setting in SPECIAL)):
        assert ways_of(s) / math.comb(s.length, s.noise) > 4e-4


def missed(n, k, law):
    """The chance that no length of a part is implausible, at most: that the most telling is not."""
    of = cuts(n, k)
    even, wrong = of.even_probs(), of.probs(law)
    family = even.numel()
    pairs = zip(even.flatten().tolist(), wrong.flatten().tolist(), strict=True)
    draws = N[n, k]
    chances = (binomial(draws, q)[~flagged(draws, p, family)] for p, q in pairs if 0 < q < 1)
    return min(float(x.sum()) for x in chances)


@pytest.mark.parametrize("law", [spans_chance.one_after_another, spans_chance.one_by_one])
@pytest.mark.parametrize(("n", "k"), [*CUT, CUT_LONG[0]])
def test_a_known_wrong_law_is_seen(n, k, law):
    assert missed(n, k, law(cuts(n, k).ways)) < 1e-4


def test_a_wrong_law_that_no_part_shows_alone_is_seen_where_there_are_many_parts():
    """Cut off one after another, and then shuffled: all parts have the same law."""
    ways = cuts(*CUT_LONG[0]).ways
    orders = itertools.permutations(range(5))
    law = torch.stack([spans_chance.one_after_another(ways[:, list(x)]) for x in orders]).mean(0)
    assert missed(*CUT_LONG[0], law) < 1e-4


def test_an_endless_answer_ends(monkeypatch):
    def endless(length, rate, mean_span, generator):
        while length:
            pass

    monkeypatch.setattr(calling, "CPU_SECONDS", 0.1)
    assert diagnose(spans.specification(0), repeatable(endless)).mistake == "endless"


@pytest.mark.parametrize("function", [None, 3, "random_spans"])
def test_what_is_no_function_stays_what_it_is(function):
    assert repeatable(function) is function


def test_the_arguments_are_those_of_the_learner():
    asked = []

    def answer(length, rate, mean_span, generator):
        asked.append((type(length), type(rate)))
        return right(length, rate, mean_span, generator)

    assert diagnose(spans.specification(0), repeatable(answer)) is None
    assert set(asked) == {(int, float)}
