"""The checks of functions that draw: how often they fail a right answer, and pass a wrong one."""

import functools
import itertools
import math
from collections import Counter

import pytest
import torch

from labtools.checks import chance
from labtools.checks.ch04_mlm import (
    corrupting,
    corrupting_shares,
    selecting,
    selecting_rows,
    selecting_shares,
)
from labtools.checks.engine import diagnose

COUNTED = [43_000, 32_400, 920, 50_000, 800]  # about as many as the checks count


def log_binomial(n, p):
    """(n + 1,) float64: log P(k of n) for every k."""
    k = torch.arange(n + 1, dtype=torch.float64)
    choose = math.lgamma(n + 1) - torch.lgamma(k + 1) - torch.lgamma(n - k + 1)
    return choose + k * math.log(p) + (n - k) * math.log1p(-p)


def flagged(n, p, family):
    """(n + 1,) bool: which counts are implausible, in a family of so many tests."""
    counts = torch.arange(n + 1).repeat(family, 1)
    # as many as there are tests at a time: the level depends on their number
    return torch.stack(
        [chance.implausible(column, torch.tensor(n), torch.tensor(p)) for column in counts.T]
    )[:, 0]


def all_flagged(n, p, family):
    """As ``flagged``, at once."""
    counts = torch.arange(n + 1, dtype=torch.float64)
    far = chance._divergence(counts, torch.tensor(float(n)), torch.tensor(p, dtype=torch.double))
    return far > math.log(2 * family / chance.FAMILY)


@pytest.mark.parametrize("family", [1, 6])
def test_the_level_is_that_of_the_family(family):
    assert flagged(300, 0.15, family).equal(all_flagged(300, 0.15, family))


@pytest.mark.parametrize("n", COUNTED)
@pytest.mark.parametrize("p", [0.0125, 0.1, 0.15, 0.8, 0.9])
def test_a_right_share_is_hardly_ever_implausible(n, p):
    """By exact binomial tails: below the level of a test, and not so far below that it is blind."""
    probs = log_binomial(n, p).exp()
    for family in (1, 6, 160):
        alarm = probs[all_flagged(n, p, family)].sum()
        assert alarm <= chance.FAMILY / family
        assert alarm >= chance.FAMILY / family / 100 or p * n < 20


@pytest.mark.parametrize(
    ("n", "right", "wrong", "family"),
    [
        (43_200, 0.15, 0.13, 6),
        (43_200, 0.15, 0.17, 6),
        (32_400, 0.9, 0.88, 6),
        (32_400, 0.9, 0.92, 6),
        (50_000, 0.8001, 0.7801, 3),
        (50_000, 0.8001, 0.8201, 3),
        (50_000, 0.0998, 0.0798, 3),
        (50_000, 0.0998, 0.1198, 3),
    ],
)
def test_a_share_that_is_wrong_by_two_percent_hardly_ever_passes(n, right, wrong, family):
    missed = log_binomial(n, wrong)[~all_flagged(n, right, family)].exp().sum()
    assert missed < 1e-6


def test_the_numbers_are_those_of_the_checks():
    for rate, (longer, shorter) in selecting_shares.ROWS.items():
        n = longer * selecting_rows.LONG + shorter * selecting_rows.SHORT
        assert n == {0.15: 43_200, 0.9: 32_400}[rate]


def test_an_exact_number_of_positions_is_a_whole_one():
    """However it is rounded: the share of each row is exact."""
    sizes = selecting_rows.LONG, selecting_rows.SHORT, selecting_rows.T
    for rate, n in itertools.product((*selecting_shares.ROWS, 0.4), sizes):
        assert math.floor(rate * n) == math.ceil(rate * n)
    assert corrupting_shares.CHOSEN % 10 == 0


def select(maskable, rate, generator):
    return (torch.rand(maskable.shape, generator=generator) < rate) & maskable


def corrupt(input_ids, selected, mask_id, vocab_size, generator):
    u = torch.rand(input_ids.shape, generator=generator)
    drawn = torch.randint(vocab_size, input_ids.shape, generator=generator)
    treated = torch.where(u < 0.8, mask_id, torch.where(u < 0.9, drawn, input_ids))
    return torch.where(selected, treated, input_ids)


@pytest.mark.parametrize(("module", "answer"), [(selecting, select), (corrupting, corrupt)])
def test_all_families_together_stay_below_one_in_a_million(module, answer, monkeypatch):
    made, divergence = Counter(), chance._divergence

    def counted(*args):
        made["families"] += 1
        return divergence(*args)

    monkeypatch.setattr(chance, "_divergence", counted)
    for seed in range(5):
        made.clear()
        assert diagnose(module.specification(seed), answer, seed) is None
        assert 5 < made["families"] <= chance.MOST
    assert chance.MOST * chance.FAMILY < 1e-6


@functools.cache
def few_changes(n, shares, most=2):
    """P(n independent outcomes in a row change at most so often), by enumeration."""
    total = 0.0
    for row in itertools.product(range(3), repeat=n):
        if sum(a != b for a, b in itertools.pairwise(row)) <= most:
            total += math.prod(shares[x] for x in row)
    return total


def test_no_pattern_comes_by_chance():
    """Of 240 rows of 10 tokens, 216 would have to be as if they were not drawn."""
    shares = 0.8, 0.1, 0.1
    rows = corrupting.ROWS * corrupting.CALLS
    n = math.ceil(corrupting.MOSTLY * rows)
    assert few_changes(7, shares) > few_changes(10, shares)
    assert chance._at_least(n, rows, few_changes(10, shares)) < 1e-20
    same_as_the_first = sum(p**2 for p in shares) ** 10
    assert chance._at_least(n - corrupting.CALLS, rows, same_as_the_first) < 1e-20


@pytest.mark.parametrize("exact", [False, True])
def test_some_neighbours_are_selected_together(exact):
    """Of every row, by independent draws or of an exact number, taken without replacement."""
    rate, (longer, shorter) = 0.15, selecting_shares.ROWS[0.15]
    assert rate == min(selecting_shares.ROWS)  # the first that is drawn
    log_p = 0.0
    for n, rows in ((selecting_rows.LONG, longer), (selecting_rows.SHORT, shorter)):
        k = round(rate * n)
        # a special token parts the n places of a row, so that there is one more to keep apart
        if exact:
            none = math.comb(n + 2 - k, k) / math.comb(n, k)
        else:  # of pairs that have no place in common
            none = (1 - rate**2) ** (n // 2 - 1)
        log_p += rows * math.log(none)
    assert log_p < math.log(1e-20)


def test_the_only_token_is_not_always_selected_by_chance():
    assert 0.15**selecting.ALONE < 1e-20


@pytest.mark.parametrize(
    ("counts", "n", "p", "wrong"),
    [
        (0, 100, 0.0, False),
        (1, 100, 0.0, True),
        (100, 100, 1.0, False),
        (99, 100, 1.0, True),
        (0, 0, 0.5, False),
        (50, 100, 0.5, False),
        (100, 100, 0.5, True),
        (0, 100, 0.5, True),
    ],
)
def test_nothing_is_left_to_chance_at_0_and_1(counts, n, p, wrong):
    found = chance.implausible(torch.tensor([counts]), torch.tensor(n), torch.tensor(p))
    assert found.tolist() == [wrong]


def test_too_many_is_one_sided():
    counts = torch.tensor([0, 50, 100])
    assert chance.too_many(counts, torch.tensor(100), torch.tensor(0.5)).tolist() == [
        False,
        False,
        True,
    ]


def test_columns_that_go_together_are_counted():
    generator = torch.Generator().manual_seed(2)
    possible = torch.rand(7, 5, generator=generator) < 0.7
    happened = possible & (torch.rand(7, 5, generator=generator) < 0.6)
    counts, n = chance.together(happened, possible)
    for s, t in itertools.product(range(5), repeat=2):
        both = [int(x[:, s] @ x[:, t]) if s < t else 0 for x in (happened.int(), possible.int())]
        assert [int(counts[s, t]), int(n[s, t])] == both


def test_rows_that_differ_too_much_are_seen():
    generator = torch.Generator().manual_seed(4)
    p = torch.tensor([0.05, 0.25]).repeat(400)[:, None].expand(-1, 40)
    spread, even = (
        (torch.rand(p.shape, generator=generator) < q).sum(1) for q in (p, torch.tensor(0.15))
    )
    assert chance.uneven(even, 40, 0.15) is None
    assert chance.uneven(torch.full((800,), 6), 40, 0.15) is None
    tail = chance.uneven(spread, 40, 0.15)
    assert tail.said == "2 or fewer"
    assert tail.rows == int((spread <= 2).sum())
    exact = sum(math.comb(40, k) * 0.15**k * 0.85 ** (40 - k) for k in range(3))
    assert tail.expected == pytest.approx(800 * exact)


def exact_number(tails):
    """Of drawing without replacement: P(at least so many of 40), 6480 of 43 200 being marked."""
    N, K, n = 43_200, 6_480, 40
    return sum(math.comb(K, k) * math.comb(N - K, n - k) for k in tails) / math.comb(N, n)


def test_an_exact_number_is_no_less_even_than_independent_draws():
    low, high = chance._tails(40, 0.15)
    assert exact_number(range(high, 41)) <= chance._at_least(high, 40, 0.15)
    assert exact_number(range(low + 1)) <= chance._at_least(40 - low, 40, 0.85)
