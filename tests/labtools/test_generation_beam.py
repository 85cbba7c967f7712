"""Beam search against the enumeration of every continuation."""

import math

import pytest
import torch

from labtools.generation import beam_search
from labtools.sources import likeliest_target, next_token_log_probs, uncertain_pairs

V, EOS, START = 5, 2, 7


def random_language(seed, impossible=0.0):
    """A function prefixes -> log-probabilities, other numbers for every prefix."""

    def one(prefix):
        generator = torch.Generator().manual_seed(hash((seed, *prefix)) % 2**31)
        logits = 2 * torch.randn(V, generator=generator, dtype=torch.float64)
        blocked = torch.rand(V, generator=generator) < impossible
        blocked[logits.argmax()] = False
        return logits.masked_fill(blocked, -math.inf).log_softmax(0)

    return lambda prefixes: torch.stack([one(prefix) for prefix in prefixes.tolist()])


def every_continuation(language, start, longest, eos_id):
    """{ids: log p} of all that end in <eos> or are as long as may be."""
    done, live = {}, {(): 0.0}
    for n in range(1, longest + 1):
        longer = {}
        for ids, log_p in live.items():
            row = language(torch.tensor([[*start.tolist(), *ids]]))[0]
            for token, log_q in enumerate(row.tolist()):
                full = token == eos_id or n == longest
                (done if full else longer)[(*ids, token)] = log_p + log_q
        live = longer
    return done


def greedily(language, start, longest, eos_id):
    ids, total = start[None], 0.0
    for _ in range(longest):
        log_p, token = language(ids)[0].max(0)
        ids, total = torch.cat([ids, token[None, None]], dim=1), total + log_p.item()
        if token == eos_id:
            break
    return ids[0, len(start) :], total


@pytest.mark.parametrize("eos_id", [None, EOS])
@pytest.mark.parametrize("length_penalty", [0.0, 0.7, 2.0])
@pytest.mark.parametrize("impossible", [0.0, 0.4])
def test_a_beam_with_room_for_all_finds_the_best(eos_id, length_penalty, impossible):
    start = torch.tensor([START, 3])
    for seed in range(4):
        language = random_language(seed, impossible)
        every = every_continuation(language, start, 4, eos_id)
        best = max(every, key=lambda ids: every[ids] / len(ids) ** length_penalty)
        ids, log_p = beam_search(
            language, start, V**4, 4, eos_id=eos_id, length_penalty=length_penalty
        )
        assert tuple(ids.tolist()) == best
        assert log_p == pytest.approx(every[best], rel=1e-9)


@pytest.mark.parametrize("eos_id", [None, EOS])
def test_a_beam_of_one_is_greedy(eos_id):
    start = torch.tensor([START])
    lengths = set()
    for seed in range(20):
        language = random_language(seed)
        ids, log_p = beam_search(language, start, 1, 6, eos_id=eos_id)
        want, want_log_p = greedily(language, start, 6, eos_id)
        assert torch.equal(ids, want)
        assert log_p == pytest.approx(want_log_p, rel=1e-9)
        lengths.add(len(ids))
    assert (len(lengths) > 2) == (eos_id is not None)


def by_hand(language, start, width, longest, eos_id, length_penalty):
    """The rule itself: sort all continuations, keep ``width``, set aside those that end."""
    live, done = [((), 0.0)], []
    for _ in range(longest):
        longer = []
        for ids, log_p in live:
            row = language(torch.tensor([[*start.tolist(), *ids]]))[0]
            longer += [((*ids, token), log_p + q) for token, q in enumerate(row.tolist())]
        kept = sorted(longer, key=lambda pair: -pair[1])[:width]
        done += [pair for pair in kept if pair[0][-1] == eos_id]
        live = [pair for pair in kept if pair[0][-1] != eos_id]
    return max(done + live, key=lambda pair: pair[1] / len(pair[0]) ** length_penalty)


@pytest.mark.parametrize("length_penalty", [0.0, 1.0])
@pytest.mark.parametrize("width", [2, 3, 6])
def test_stopping_early_changes_nothing(width, length_penalty):
    start = torch.tensor([START])
    for seed in range(8):
        language = random_language(seed)
        ids, log_p = beam_search(
            language, start, width, 5, eos_id=EOS, length_penalty=length_penalty
        )
        want, want_log_p = by_hand(language, start, width, 5, EOS, length_penalty)
        assert tuple(ids.tolist()) == want
        assert log_p == pytest.approx(want_log_p, rel=1e-9)


def test_it_stops_as_soon_as_nothing_can_become_better():
    asked = []

    def ends_at_once(prefixes):
        asked.append(prefixes.tolist())
        return torch.tensor([0.1, 0.2, 0.7]).log().expand(len(prefixes), -1)

    ids, log_p = beam_search(ends_at_once, torch.tensor([START]), 3, 9, eos_id=EOS)
    assert ids.tolist() == [EOS]
    assert log_p == pytest.approx(math.log(0.7))
    assert asked == [[[START]]]


def test_a_length_penalty_lets_a_longer_one_win():
    """<eos> now with 0.4, or 0.6 · 0.6: shorter is likelier, longer is likelier a token."""

    def language(prefixes):
        return torch.tensor([0.6, 0.0, 0.4]).log().expand(len(prefixes), -1)

    start = torch.tensor([START])
    assert beam_search(language, start, 2, 2, eos_id=EOS)[0].tolist() == [EOS]
    ids, log_p = beam_search(language, start, 2, 2, eos_id=EOS, length_penalty=1.0)
    assert ids.tolist() == [0, 0]
    assert log_p == pytest.approx(2 * math.log(0.6))


def test_nothing_to_add():
    ids, log_p = beam_search(random_language(1), torch.tensor([START]), 3, 0)
    assert ids.shape == (0,)
    assert ids.dtype == torch.int64
    assert log_p == 0


def test_a_wider_beam_comes_nearer_to_the_exact_best():
    """The figures in the docstring of ``uncertain_pairs``, on fewer texts."""
    source, n, T = uncertain_pairs(), 60, 8
    src, _ = source.sample(n, T, torch.Generator().manual_seed(1))
    cost = {1: 0.0, 2: 0.0, 8: 0.0}
    found = dict.fromkeys(cost, 0)
    cheapest = 0.0
    for x in src:
        _, least = likeliest_target(source, x)
        cheapest += least / n
        for width in cost:
            _, log_p = beam_search(
                lambda prefixes, x=x: next_token_log_probs(source, x, prefixes[:, 1:]),
                torch.tensor([START]), width, T,
            )  # fmt: skip
            assert -log_p >= least - 1e-9
            cost[width] -= log_p / n
            found[width] += -log_p < least + 1e-9
    assert cheapest == pytest.approx(4.2, abs=0.4)
    assert cost[1] == pytest.approx(5.8, abs=0.4)
    assert found[1] / n == pytest.approx(0.23, abs=0.15)
    assert found[2] / n == pytest.approx(0.47, abs=0.15)
    assert found[8] / n == pytest.approx(0.73, abs=0.15)
    assert cost[1] - 0.4 > cost[2] > cost[8] + 0.2 > cheapest + 0.2


def test_wrong_arguments_are_refused():
    start, language = torch.tensor([START]), random_language(1)
    with pytest.raises(ValueError, match=r"start_ids: expected shape \(P,\), got \(1, 1\)"):
        beam_search(language, start[None], 2, 3)
    with pytest.raises(ValueError, match="start_ids: expected at least one id, got none"):
        beam_search(language, start[:0], 2, 3)
    with pytest.raises(ValueError, match="beam_width: expected an int of at least 1, got 0"):
        beam_search(language, start, 0, 3)
    with pytest.raises(ValueError, match="max_new_tokens: expected an int of at least 0"):
        beam_search(language, start, 2, -1)
    with pytest.raises(ValueError, match="length_penalty: expected a value from 0"):
        beam_search(language, start, 2, 3, length_penalty=-0.1)
    with pytest.raises(ValueError, match="eos_id: expected an int of at least 0"):
        beam_search(language, start, 2, 3, eos_id=-1)


def test_wrong_log_probabilities_are_refused():
    start = torch.tensor([START])
    for answer, message in (
        (torch.zeros(1, 3, V), r"expected shape \(n, V\), got \(1, 3, 5\)"),
        (torch.zeros(2, V), "expected 1 rows, one a prefix, got 2"),
        (torch.full((1, V), math.nan), "expected values from -inf to 0.001, got nan"),
        (torch.full((1, V), 2.0), "expected values from -inf to 0.001, got 2.0"),
        (torch.full((1, V), -math.inf), "expected a token that can follow, got −inf everywhere"),
    ):
        with pytest.raises(ValueError, match=r"next_log_probs\(prefixes\): " + message):
            beam_search(lambda prefixes, answer=answer: answer, start, 2, 3)
