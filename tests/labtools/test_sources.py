"""The source's floor against brute-force enumeration."""

import itertools
import math

import pytest
import torch

from labtools.sources import EASY_SYMBOLS, HiddenMarkovSource, easy
from labtools.vocab import SPECIAL


def source_with_zeros():
    """Three states, four tokens, with impossible moves and impossible tokens."""
    return HiddenMarkovSource(
        torch.tensor([0.7, 0.3, 0.0]),
        torch.tensor([[0.5, 0.5, 0.0], [0.0, 0.2, 0.8], [0.6, 0.0, 0.4]]),
        torch.tensor([[0.0, 0.5, 0.3, 0.2], [0.0, 0.0, 0.9, 0.1], [0.0, 0.6, 0.0, 0.4]]),
    )


def joint(source, text):
    """p(text) as a sum over every path of states."""
    total = 0.0
    for path in itertools.product(range(len(source.initial)), repeat=len(text)):
        p = 1.0
        for t, (state, token) in enumerate(zip(path, text, strict=True)):
            p *= float(source.transition[path[t - 1], state] if t else source.initial[state])
            p *= float(source.emission[state, token])
        total += p
    return total


def test_nll_equals_enumeration():
    source = source_with_zeros()
    texts = list(itertools.product(range(4), repeat=4))
    nll = source.clm_nll(torch.tensor(texts))
    for text, row in zip(texts, nll.tolist(), strict=True):
        for t in range(4):
            before, upto = joint(source, text[:t]), joint(source, text[: t + 1])
            if upto > 0:
                assert math.isclose(row[t], math.log(before / upto), rel_tol=1e-10, abs_tol=1e-10)
        if joint(source, text) == 0:
            assert math.inf in row
        assert not any(math.isnan(value) for value in row)


def test_probabilities_of_all_texts_sum_to_one():
    source = source_with_zeros()
    texts = torch.tensor(list(itertools.product(range(4), repeat=5)))
    total = (-source.clm_nll(texts).sum(1)).exp().sum()
    assert math.isclose(total, 1, rel_tol=1e-10)


def test_padding_costs_nothing_and_changes_nothing():
    source = source_with_zeros()
    ids = torch.tensor([[1, 2, 3, 1, 2], [2, 1, 1, 3, 2], [3, 2, 1, 2, 3]])
    lengths = torch.tensor([5, 2, 0])
    padded = ids.where(torch.arange(5) < lengths[:, None], torch.tensor(99))
    nll = source.clm_nll(padded, lengths)
    torch.testing.assert_close(nll[0], source.clm_nll(ids[:1])[0])
    torch.testing.assert_close(nll[1, :2], source.clm_nll(ids[1:2, :2])[0])
    assert (nll[1, 2:] == 0).all()
    assert (nll[2] == 0).all()
    floor = source.clm_floor(padded, lengths)
    assert math.isclose(floor, nll.sum() / 7, rel_tol=1e-12)


def test_lengths_zero_and_one():
    source = source_with_zeros()
    assert source.clm_nll(torch.zeros(2, 0, dtype=torch.int64)).shape == (2, 0)
    assert source.sample(2, 0, torch.Generator()).shape == (2, 0)
    assert source.sample(0, 3, torch.Generator()).shape == (0, 3)
    one = source.clm_nll(torch.tensor([[1]]))
    assert math.isclose(one.item(), -math.log(0.7 * 0.5), rel_tol=1e-7)


def test_samples_follow_the_distribution():
    source = source_with_zeros()
    samples = source.sample(40_000, 2, torch.Generator().manual_seed(1))
    for text in itertools.product(range(4), repeat=2):
        seen = (samples == torch.tensor(text)).all(1).double().mean().item()
        # Hoeffding: further off with a chance under 1e-9
        assert abs(seen - joint(source, text)) < math.sqrt(math.log(2e9) / (2 * 40_000))


def test_the_same_seed_gives_the_same_sample():
    first, again, other = (
        easy().sample(3, 9, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_easy_is_as_documented():
    source = easy()
    assert source.vocab_size == len(SPECIAL) + len(EASY_SYMBOLS) == 28
    held_out = source.sample(4000, 48, torch.Generator().manual_seed(2))
    assert held_out.min() >= len(SPECIAL)
    assert source.clm_floor(held_out) == pytest.approx(2.31, abs=0.02)
    one = source.emission.mean(0)[4:]
    assert -(one * one.log()).sum().item() == pytest.approx(2.88, abs=0.005)
    two = (source.emission.T @ (source.transition / 6) @ source.emission)[4:, 4:]
    assert -(two * (two / one[:, None]).log()).sum().item() == pytest.approx(2.66, abs=0.005)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"initial": torch.tensor([0.5, 0.6])}, "initial: expected rows that sum to 1"),
        ({"initial": torch.tensor([1.5, -0.5])}, "initial: expected values from 0 to 1"),
        ({"transition": torch.full((3, 3), 1 / 3)}, r"transition: .* Z = 2 \(from initial\)"),
        ({"emission": torch.full((2,), 0.5)}, r"emission: expected shape \(Z, V\)"),
        ({"emission": torch.tensor([[1, 0], [0, 1]])}, "emission: expected dtype float64"),
    ],
)
def test_wrong_parameters_are_refused(change, message):
    right = {
        "initial": torch.tensor([0.5, 0.5]),
        "transition": torch.full((2, 2), 0.5),
        "emission": torch.full((2, 3), 1 / 3),
    }
    with pytest.raises((TypeError, ValueError), match=message):
        HiddenMarkovSource(**{**right, **change})


@pytest.mark.parametrize(
    ("ids", "lengths", "message"),
    [
        (torch.zeros(3, dtype=torch.int64), None, r"ids: expected shape \(B, T\), got \(3,\)"),
        (torch.zeros(1, 3), None, "ids: expected dtype int64 or int32, got float32"),
        (torch.tensor([[1, 7]]), None, "ids: expected values from 0 to 3, got 7"),
        (torch.tensor([[1, 2]]), torch.tensor([3]), "lengths: expected values from 0 to 2, got 3"),
        (torch.tensor([[1, 2]]), torch.tensor([1, 2]), r"lengths: .* B = 1 \(from ids\)"),
    ],
)
def test_wrong_ids_are_refused(ids, lengths, message):
    with pytest.raises((TypeError, ValueError), match=message):
        source_with_zeros().clm_nll(ids, lengths)


def test_a_floor_of_nothing_is_refused():
    with pytest.raises(ValueError, match="at least one real token"):
        source_with_zeros().clm_floor(torch.tensor([[1, 2]]), torch.tensor([0]))
