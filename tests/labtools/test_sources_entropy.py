"""The entropy rate against block entropies, closed forms and a long sample."""

import itertools
import math

import pytest
import torch

from labtools.sources import EntropyRate, HiddenMarkovSource, easy, entropy_rate
from labtools.sources.entropy import share_of_time


def small_source():
    """Two states, three tokens; states are never told apart for sure."""
    return HiddenMarkovSource(
        torch.tensor([1.0, 0.0]),
        torch.tensor([[0.6, 0.4], [0.9, 0.1]]),
        torch.tensor([[0.5, 0.3, 0.2], [0.1, 0.8, 0.1]]),
    )


def markov_chain(transition):
    """A chain that shows its states."""
    Z = len(transition)
    return HiddenMarkovSource(torch.full((Z,), 1 / Z), transition, torch.eye(Z))


def block_entropy(initial, source, length):
    """H(X_1 … X_length) by enumeration."""
    started = HiddenMarkovSource(initial, source.transition, source.emission)
    texts = torch.tensor(list(itertools.product(range(source.vocab_size), repeat=length)))
    p = (-started.clm_nll(texts).sum(1)).exp()
    return torch.special.entr(p).sum().item()


def test_between_the_bounds_of_every_fixed_context():
    """H(X_n | X_1 … X_{n-1}) from a stationary start above, with Z_1 known below."""
    source = small_source()
    rate = entropy_rate(source, 1e-6)
    assert 0 <= rate.upper - rate.lower <= 1e-6
    pi = share_of_time(source.initial, source.transition)
    torch.testing.assert_close(pi @ source.transition, pi)
    for n in range(1, 8):
        step = [block_entropy(pi, source, m) if m else 0 for m in (n - 1, n)]
        assert rate.lower <= step[1] - step[0] + 1e-12
        known = 0
        for z in range(2):
            start = torch.eye(2)[z]
            blocks = [block_entropy(start, source, m) if m else 0 for m in (n - 1, n)]
            known += pi[z].item() * (blocks[1] - blocks[0])
        assert known <= rate.upper + 1e-12
    assert known == pytest.approx(rate.nats, abs=1e-4)


def test_a_chain_that_shows_its_states_is_exact():
    transition = torch.tensor([[0.9, 0.1, 0.0], [0.0, 0.5, 0.5], [0.7, 0.0, 0.3]])
    source = markov_chain(transition)
    rate = entropy_rate(source, 1e-12)
    pi = share_of_time(source.initial, source.transition)
    want = (pi * torch.special.entr(source.transition).sum(1)).sum().item()
    assert rate.lower == rate.upper == pytest.approx(want, rel=1e-12)


def test_unifilar_without_showing_its_states():
    """The even process: 1s come in pairs, so that no number of tokens back is ever enough."""
    flip = 0.5
    # hidden steps: 0 emits a 0; 1 and 2 emit the first and the second 1 of a pair
    source = HiddenMarkovSource(
        torch.tensor([1.0, 0.0, 0.0]),
        torch.tensor([[flip, 1 - flip, 0.0], [0.0, 0.0, 1.0], [flip, 1 - flip, 0.0]]),
        torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]]),
    )
    rate = entropy_rate(source)
    assert rate.lower == rate.upper == pytest.approx(2 / 3 * math.log(2), rel=1e-12)


def test_tokens_that_say_nothing_of_the_state():
    source = HiddenMarkovSource(
        torch.tensor([0.5, 0.5]),
        torch.tensor([[0.2, 0.8], [0.7, 0.3]]),
        torch.tensor([[0.5, 0.25, 0.25]] * 2),
    )
    assert entropy_rate(source, 1e-9).nats == pytest.approx(1.5 * math.log(2), rel=1e-12)


def test_the_initial_distribution_and_transient_states_do_not_matter():
    base = small_source()
    transition = torch.zeros(3, 3, dtype=torch.float64)
    transition[:2, :2], transition[2] = base.transition, torch.tensor([0.5, 0.0, 0.5])
    emission = torch.cat([base.emission, torch.tensor([[0.0, 0.0, 1.0]]).double()])
    longer = HiddenMarkovSource(torch.tensor([0.0, 0.0, 1.0]), transition, emission)
    rates = [entropy_rate(source, 1e-6).nats for source in (base, longer)]
    assert rates[0] == pytest.approx(rates[1], abs=1e-6)


def test_easy_agrees_with_a_long_sample():
    source = easy()
    rate = entropy_rate(source, 5e-3)
    nll = source.clm_nll(source.sample(2000, 64, torch.Generator().manual_seed(1)))[:, 16:]
    per_text = nll.mean(1)
    error = per_text.std().item() / math.sqrt(len(per_text))
    assert rate.lower - 5 * error < nll.mean().item() < rate.upper + 5 * error
    assert rate.nats == pytest.approx(2.287, abs=0.003)


def test_what_cannot_be_done_is_said():
    with pytest.raises(ValueError, match=r"tolerance: .* contexts leave the entropy rate between"):
        entropy_rate(easy(), 1e-3, max_contexts=1000)
    with pytest.raises(ValueError, match="tolerance: expected a value from"):
        entropy_rate(easy(), 0)


def test_parts_that_are_never_left_are_weighed_by_the_start():
    """A fair coin, or for a quarter of the texts one whose sides take turns."""
    transition = torch.zeros(3, 3, dtype=torch.float64)
    transition[0, 0], transition[1, 2], transition[2, 1] = 1, 1, 1
    emission = torch.tensor([[0.5, 0.5], [1.0, 0.0], [0.0, 1.0]])
    source = HiddenMarkovSource(torch.tensor([0.75, 0.25, 0.0]), transition, emission)
    share = share_of_time(source.initial, source.transition)
    torch.testing.assert_close(share, torch.tensor([0.75, 0.125, 0.125]).double())
    assert entropy_rate(source).nats == pytest.approx(0.75 * math.log(2), rel=1e-12)


def test_the_middle():
    assert EntropyRate(1.0, 2.0).nats == 1.5
