"""The likeliest target against all targets, and next-token probabilities against `seq2seq_nll`."""

import itertools
import math

import pytest
import torch
from orders import ORDERS, rotated

from labtools.sources import (
    UNCERTAIN_PAIRS_SYMBOLS,
    PairedSource,
    easy_pairs,
    likeliest_target,
    next_token_log_probs,
    same_order,
    uncertain_pairs,
)
from labtools.vocab import Vocab

Z, VX, VY = 3, 4, 2


def random_source(seed, order=rotated, impossible=False):
    generator = torch.Generator().manual_seed(seed)

    def rows(*shape):
        weights = -torch.rand(shape, generator=generator, dtype=torch.float64).log()
        if impossible:
            keep = torch.rand(shape, generator=generator) < 0.6
            keep[..., 0] = True
            weights = weights * keep
        return weights / weights.sum(-1, keepdim=True)

    return PairedSource(rows(Z), rows(Z, Z), rows(Z, VX), rows(Z, VY), order)


def texts(source, n, length, seed=1):
    return source.sample(n, length, torch.Generator().manual_seed(seed))[0]


def every_target(source, src):
    """Every target (N, S) and −log p(target | src), (N,)."""
    targets = torch.tensor(list(itertools.product(range(VY), repeat=len(src))))
    return targets, source.seq2seq_nll(src.expand(len(targets), -1), targets).sum(1)


@pytest.mark.parametrize("name", ORDERS)
@pytest.mark.parametrize("impossible", [False, True])
def test_none_of_all_targets_is_likelier(name, impossible):
    for seed in range(8):
        source = random_source(seed, ORDERS[name], impossible)
        src = texts(source, 1, 5)[0]
        tgt, nll = likeliest_target(source, src)
        targets, nlls = every_target(source, src)
        assert nll == pytest.approx(nlls.min().item(), rel=1e-9)
        own = nlls[(targets == tgt).all(1)]
        assert own.item() == pytest.approx(nll, rel=1e-9)


@pytest.mark.parametrize("name", ORDERS)
def test_next_tokens_cost_what_the_source_says(name):
    source, S = random_source(3, ORDERS[name], impossible=True), 5
    src = texts(source, 1, S)[0]
    for t in range(S):
        prefixes = torch.tensor(list(itertools.product(range(VY), repeat=t)), dtype=torch.int64)
        log_probs = next_token_log_probs(source, src, prefixes)
        assert log_probs.shape == (VY**t, VY)
        assert log_probs.dtype == torch.float64
        for prefix, row in zip(prefixes, log_probs, strict=True):
            for v in range(VY):
                rest = torch.zeros(S - t - 1, dtype=torch.int64)
                tgt = torch.cat([prefix, torch.tensor([v]), rest])
                nll = source.seq2seq_nll(src[None], tgt[None])[0, t]
                torch.testing.assert_close(-row[v], nll, rtol=1e-9, atol=1e-12)


def test_next_tokens_sum_to_one_and_impossible_prefixes_have_none():
    source = PairedSource(
        torch.tensor([0.5, 0.5]), torch.eye(2), torch.ones(2, 1), torch.eye(2), same_order
    )
    src = torch.zeros(3, dtype=torch.int64)
    log_probs = next_token_log_probs(source, src, torch.tensor([[0, 0], [0, 1], [1, 1]]))
    inf = math.inf
    assert log_probs.tolist() == [[0.0, -inf], [-inf, -inf], [-inf, 0.0]]
    random = random_source(4)
    probs = next_token_log_probs(random, texts(random, 1, 7)[0], torch.zeros(2, 3).long()).exp()
    torch.testing.assert_close(probs.sum(1), torch.ones(2).double())


@pytest.mark.parametrize("source", [random_source(5), easy_pairs()], ids=["random", "easy"])
def test_long_texts_are_searched_without_trying_them_all(source):
    """There are 2 ** 16 targets and more, of which the search may continue 2000 beginnings."""
    for src in texts(source, 3, 16):
        tgt, nll = likeliest_target(source, src, max_prefixes=2000)
        assert math.isclose(nll, source.seq2seq_nll(src[None], tgt[None]).sum(), rel_tol=1e-12)
        drawn, _ = sampled(source, src, 20)
        assert (source.seq2seq_nll(src.expand(20, -1), drawn).sum(1) >= nll - 1e-9).all()


def sampled(source, src, n):
    """``n`` targets drawn from p(y | x), and their log-probabilities."""
    generator = torch.Generator().manual_seed(6)
    prefixes = torch.zeros(n, 0, dtype=torch.int64)
    total = torch.zeros(n, dtype=torch.float64)
    for _ in src:
        log_probs = next_token_log_probs(source, src, prefixes)
        token = torch.multinomial(log_probs.exp(), 1, generator=generator)
        total += log_probs.gather(1, token)[:, 0]
        prefixes = torch.cat([prefixes, token], dim=1)
    return prefixes, total


def test_what_is_drawn_token_by_token_has_the_probability_of_the_whole():
    source = random_source(7)
    src = texts(source, 1, 6)[0]
    drawn, total = sampled(source, src, 11)
    nll = source.seq2seq_nll(src.expand(11, -1), drawn).sum(1)
    torch.testing.assert_close(-total, nll)


def test_an_end_that_the_source_foretells_costs_nothing_and_is_one_more_token():
    """With <eos> after each target, by enumeration, the floor is that without it times T/(T+1)."""
    source, T, eos = random_source(8), 5, VY
    targets, nlls = every_target(source, texts(source, 1, T)[0])
    probs, ended = (-nlls).exp(), torch.nn.functional.pad(targets, (0, 1), value=eos)
    cost = 0.0
    for tgt, p in zip(ended, probs, strict=True):
        for t in range(T + 1):
            same_past = (ended[:, :t] == tgt[:t]).all(1)
            same = same_past & (ended[:, t] == tgt[t])
            cost -= p.item() * (probs[same].sum() / probs[same_past].sum()).log().item()
    floor = (probs @ nlls).item() / T
    assert cost / (T + 1) == pytest.approx(floor * T / (T + 1), rel=1e-9)


def test_uncertain_pairs_is_as_documented():
    source = uncertain_pairs()
    V = len(Vocab(UNCERTAIN_PAIRS_SYMBOLS))
    assert source.source_emission.shape == source.target_emission.shape == (12, V)
    src, tgt = source.sample(2000, 8, torch.Generator().manual_seed(1))
    assert src.unique().tolist() == list(range(4, 16))
    assert tgt.unique().tolist() == list(range(16, 28))
    swapped = tgt.view(-1, 4, 2).flip(2).flatten(1)
    assert torch.equal((src - 4) // 4, (swapped - 16) // 4)
    assert 8 * source.seq2seq_floor(src, tgt) == pytest.approx(10.0, abs=0.1)
    voices = torch.stack([likeliest_target(source, x)[0] for x in src[:60]]) % 4
    assert (voices == voices[:, :1]).all()
    assert (voices[:, 0] == 3).double().mean() == pytest.approx(0.75, abs=0.15)


def test_in_easy_pairs_greedy_decoding_is_the_best_there_is():
    source = easy_pairs()
    for src in texts(source, 7, 12):
        ids = torch.zeros(1, 0, dtype=torch.int64)
        for _ in src:
            token = next_token_log_probs(source, src, ids).argmax(1, keepdim=True)
            ids = torch.cat([ids, token], dim=1)
        nll = source.seq2seq_nll(src[None], ids).sum().item()
        assert nll == pytest.approx(likeliest_target(source, src)[1], rel=1e-9)


def test_an_empty_text_has_the_empty_target():
    source, none = random_source(1), torch.zeros(0, dtype=torch.int64)
    tgt, nll = likeliest_target(source, none)
    assert tgt.shape == (0,)
    assert nll == 0


def test_the_search_gives_up_and_says_where():
    source = random_source(5)
    src = texts(source, 1, 9)[0]
    with pytest.raises(RuntimeError, match=r"after 3 prefixes, got one of \d of 9 tokens"):
        likeliest_target(source, src, max_prefixes=3)


def test_wrong_arguments_are_refused():
    source, src = random_source(1), torch.tensor([0, 1, 3])
    two = torch.zeros(5, 2, dtype=torch.int64)
    with pytest.raises(ValueError, match=r"src: expected shape \(S,\), got \(1, 3\)"):
        likeliest_target(source, src[None])
    with pytest.raises(ValueError, match="src: expected values from 0 to 3, got 4"):
        likeliest_target(source, src + 1)
    with pytest.raises(ValueError, match="max_prefixes: expected an int of at least 1"):
        likeliest_target(source, src, max_prefixes=0)
    with pytest.raises(ValueError, match="prefixes: expected values from 0 to 1, got 2"):
        next_token_log_probs(source, src, two + 2)
    with pytest.raises(ValueError, match="prefixes: expected fewer tokens than src, 3, got 4"):
        next_token_log_probs(source, src, two.repeat(1, 2))
    with pytest.raises(TypeError, match="prefixes: expected dtype int64"):
        next_token_log_probs(source, src, two.double())
    with pytest.raises(ValueError, match="order: expected a permutation"):
        likeliest_target(random_source(1, lambda length: [0] * length), src)
    silent = PairedSource(
        torch.ones(1), torch.ones(1, 1), torch.tensor([[1.0, 0.0]]), torch.ones(1, 1), same_order
    )
    with pytest.raises(ValueError, match=r"src: expected a text that .* can write, got \[0, 1\]"):
        likeliest_target(silent, torch.tensor([0, 1]))
