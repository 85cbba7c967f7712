"""The paired source against enumeration of every pair of texts and every path of states."""

import itertools
import math

import pytest
import torch
from orders import ORDERS, rotated

from labtools.sources import PairedSource, reverse_order, same_order, swapped_blocks
from labtools.vocab import pad_id

VX, VY = 3, 2


def pair_source(order):
    """Two states, three source and two target tokens, with impossible ones among them."""
    return PairedSource(
        torch.tensor([0.7, 0.3]),
        torch.tensor([[0.6, 0.4], [1.0, 0.0]]),
        torch.tensor([[0.5, 0.3, 0.2], [0.0, 0.9, 0.1]]),
        torch.tensor([[0.8, 0.2], [0.0, 1.0]]),
        order,
    )


def every_pair(source, length):
    """Every pair as one row x then y, (N, 2T), and its probability, (N,)."""
    sizes = [VX] * length + [VY] * length
    pairs = torch.cartesian_prod(*[torch.arange(size) for size in sizes]).view(-1, 2 * length)
    probs = torch.zeros(len(pairs), dtype=torch.float64)
    places = source.order(length)
    for path in itertools.product(range(2), repeat=length):
        p = torch.ones(len(pairs), dtype=torch.float64)
        for t, state in enumerate(path):
            p *= source.transition[path[t - 1], state] if t else source.initial[state]
            p *= source.source_emission[state, pairs[:, t]]
            p *= source.target_emission[path[places[t]], pairs[:, length + t]]
        probs += p
    return pairs, probs


def enumerated(pairs, probs, seen, t):
    """−log p(y_t | the entries of the row that are ``seen``), for every pair; (N,)."""

    def marginal(shown):
        key = (pairs * shown) @ torch.tensor([4**i for i in range(pairs.shape[1])])
        _, group = key.unique(return_inverse=True)
        return torch.zeros(len(pairs), dtype=torch.float64).index_add_(0, group, probs)[group]

    with_target = seen.clone()
    with_target[pairs.shape[1] // 2 + t] = True
    whole, part = marginal(seen), marginal(with_target)
    return torch.where(part > 0, (whole / part.clamp_min(1e-300)).log(), math.inf)


def seen_by(length, source, past):
    rows = torch.zeros(length, 2 * length, dtype=torch.bool)
    rows[:, :length] = source
    rows[:, length:] = past
    return rows


@pytest.mark.parametrize("name", ORDERS)
@pytest.mark.parametrize("length", [1, 2, 3])
def test_every_conditional_equals_enumeration(name, length):
    source = pair_source(ORDERS[name])
    pairs, probs = every_pair(source, length)
    src, tgt = pairs[:, :length], pairs[:, length:]
    past = torch.ones(length, length, dtype=torch.bool).tril(-1)
    some = torch.rand(length, 2 * length, generator=torch.Generator().manual_seed(3)) < 0.5
    for nll, seen in (
        (source.seq2seq_nll(src, tgt), seen_by(length, True, past)),
        (source.target_nll(src, tgt), seen_by(length, False, past)),
        (source.nonautoregressive_nll(src, tgt), seen_by(length, True, False)),
        (source.conditional_nll(src, tgt, some[:, :length], some[:, length:]), some),
    ):
        assert nll.shape == tgt.shape
        for t in range(length):
            want = enumerated(pairs, probs, seen[t], t)
            torch.testing.assert_close(nll[:, t], want, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", ORDERS)
def test_the_fast_form_equals_the_one_with_T_squared_steps(name):
    source = pair_source(ORDERS[name])
    lengths = torch.tensor([7, 0, 1, 4, 6, 7])
    src, tgt = source.sample(6, lengths, torch.Generator().manual_seed(1))
    everything = torch.ones(7, 7, dtype=torch.bool)
    fast = source.seq2seq_nll(src, tgt, lengths)
    assert fast.isfinite().all()
    slow = source.conditional_nll(src, tgt, everything, everything.tril(-1), lengths)
    torch.testing.assert_close(fast, slow, rtol=1e-10, atol=1e-10)


def test_padded_rows_cost_what_they_cost_alone():
    source = pair_source(rotated)
    lengths = torch.tensor([5, 0, 3, 1])
    src, tgt = source.sample(4, lengths, torch.Generator().manual_seed(2))
    real = torch.arange(5) < lengths[:, None]
    assert (src[~real] == pad_id).all()
    assert (tgt[~real] == pad_id).all()
    nll = source.seq2seq_nll(src.where(real, 99), tgt.where(real, -5), lengths)
    for row, length in enumerate(lengths.tolist()):
        one = slice(row, row + 1)
        alone = source.seq2seq_nll(src[one, :length], tgt[one, :length])
        torch.testing.assert_close(nll[one, :length], alone, rtol=1e-10, atol=1e-10)
        assert (nll[row, length:] == 0).all()
    floor = source.seq2seq_floor(src, tgt, lengths)
    assert math.isclose(floor, nll.sum() / 9, rel_tol=1e-12)


def test_nothing_to_translate():
    source, none = pair_source(reverse_order), torch.zeros(2, 0, dtype=torch.int64)
    see_all = torch.ones(0, 0, dtype=torch.bool)
    assert source.seq2seq_nll(none, none).shape == (2, 0)
    assert source.conditional_nll(none, none, see_all, see_all).shape == (2, 0)
    assert [ids.shape for ids in source.sample(2, 0, torch.Generator())] == [(2, 0), (2, 0)]
    assert [ids.shape for ids in source.sample(0, 3, torch.Generator())] == [(0, 0), (0, 0)]
    with pytest.raises(ValueError, match="tgt: expected at least one real token"):
        source.seq2seq_floor(none, none)


@pytest.mark.parametrize("name", ["reverse", "rotated"])
def test_samples_follow_the_distribution(name):
    source = pair_source(ORDERS[name])
    src, tgt = source.sample(40_000, 3, torch.Generator().manual_seed(4))
    rows = torch.cat([src, tgt], dim=1)
    for pair, p in zip(*every_pair(source, 3), strict=True):
        seen = (rows == pair).all(1).double().mean()
        # Hoeffding: further off with a chance under 1e-9
        assert abs(seen - p) < math.sqrt(math.log(2e9) / (2 * 40_000))


def test_the_source_language_is_the_pair_without_its_target():
    source = pair_source(reverse_order)
    pairs, probs = every_pair(source, 3)
    src = pairs[:, :3]
    nll = source.source.clm_nll(src).sum(1)
    for text in src.unique(dim=0):
        same = (src == text).all(1)
        assert math.isclose((-nll[same][0]).exp(), probs[same].sum(), rel_tol=1e-10, abs_tol=1e-15)


def test_orders():
    assert same_order(4) == [0, 1, 2, 3]
    assert reverse_order(4) == [3, 2, 1, 0]
    assert swapped_blocks(2)(9) == [2, 3, 0, 1, 6, 7, 4, 5, 8]
    assert swapped_blocks(3)(4) == [3, 0, 1, 2]
    for order in (same_order, reverse_order, swapped_blocks(2)):
        assert order(0) == []
    with pytest.raises(ValueError, match="size: expected an int of at least 1"):
        swapped_blocks(0)


def test_wrong_arguments_are_refused():
    source, ids = pair_source(same_order), torch.tensor([[1, 1, 1]])
    see = torch.ones(3, 3, dtype=torch.bool)
    with pytest.raises(ValueError, match=r"tgt: .* T = 3 \(from src\), got \(1, 2\)"):
        source.seq2seq_nll(ids, ids[:, :2])
    with pytest.raises(ValueError, match="tgt: expected values from 0 to 1, got 2"):
        source.seq2seq_nll(ids, ids + 1)
    with pytest.raises(TypeError, match="target_visible: expected dtype bool"):
        source.conditional_nll(ids, ids, see, see.long())
    with pytest.raises(ValueError, match="lengths: expected batch_size = 2 of them, got 1"):
        source.sample(2, torch.tensor([3]), torch.Generator())
    with pytest.raises(ValueError, match="order: expected a permutation of 0 … 2 for length 3"):
        pair_source(lambda length: [0] * length).seq2seq_nll(ids, ids)
    with pytest.raises(ValueError, match="target_emission: expected rows that sum to 1"):
        PairedSource(
            source.initial, source.transition, source.source_emission, torch.ones(2, 5), same_order
        )
