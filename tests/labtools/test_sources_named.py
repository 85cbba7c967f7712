"""The ready-made sources cost what their docstrings say."""

import math

import pytest
import torch

from labtools.sources import (
    AMBIGUOUS_SYMBOLS,
    EASY_PAIRS_SYMBOLS,
    EASY_SYMBOLS,
    LONG_MEMORY_SYMBOLS,
    Corruption,
    ambiguous,
    easy,
    easy_pairs,
    entropy_rate,
    long_memory,
    memoryless,
    swapped_blocks,
)
from labtools.vocab import SPECIAL, Vocab, mask_id

SOURCES = {
    "easy": (easy, EASY_SYMBOLS),
    "memoryless": (memoryless, EASY_SYMBOLS),
    "ambiguous": (ambiguous, AMBIGUOUS_SYMBOLS),
    "long_memory": (long_memory, LONG_MEMORY_SYMBOLS),
}


def texts(source, n, length=48):
    return source.sample(n, length, torch.Generator().manual_seed(1))


def choose(ids, rate=0.15):
    return torch.rand(ids.shape, generator=torch.Generator().manual_seed(2)) < rate


def window(T, width):
    """The last ``width`` tokens before each."""
    past = torch.ones(T, T, dtype=torch.bool).tril(-1)
    return past & ~past.tril(-1 - width)


@pytest.mark.parametrize("name", SOURCES)
def test_every_symbol_comes_and_nothing_else(name):
    make, symbols = SOURCES[name]
    source = make()
    assert source.vocab_size == len(Vocab(symbols))
    seen = texts(source, 1000).unique().tolist()
    assert seen == list(range(len(SPECIAL), source.vocab_size))


@pytest.mark.parametrize("name", SOURCES)
def test_both_sides_are_worth_at_least_the_past(name):
    """MLM ≤ CLM on each of them, though not on every source at every rate."""
    source = SOURCES[name][0]()
    ids = texts(source, 1000)
    nll = source.mlm_nll(ids, choose(ids))[choose(ids)]
    error = nll.std().item() / math.sqrt(len(nll))
    assert nll.mean().item() < source.clm_floor(ids) + 3 * error


def test_easy_masked_and_endless():
    source = easy()
    ids = texts(source, 4000)
    selected, corruption = choose(ids), Corruption(source.vocab_size, mask_id)
    assert source.mlm_floor(ids, selected) == pytest.approx(2.13, abs=0.02)
    draw = torch.Generator().manual_seed(3)
    read = torch.multinomial(corruption.channel_if_selected[ids[selected]], 1, generator=draw)
    corrupted = ids.masked_scatter(selected, read)
    floor = source.corrupted_floor(ids, corrupted, selected, corruption)
    assert floor == pytest.approx(1.98, abs=0.02)
    rate = entropy_rate(source)
    assert rate.upper - rate.lower <= 1e-3
    assert rate.nats == pytest.approx(2.287, abs=0.001)


def test_memoryless_is_as_documented():
    source = memoryless()
    ids = texts(source, 1000)
    selected = choose(ids)
    nll = source.clm_nll(ids)
    torch.testing.assert_close(source.mlm_nll(ids, selected), nll.where(selected, 0))
    torch.testing.assert_close(source.conditional_nll(ids, window(48, 2)), nll)
    rate = entropy_rate(source)
    assert rate.lower == rate.upper == pytest.approx(2.664, abs=0.0005)
    assert nll.mean().item() == pytest.approx(rate.nats, abs=0.02)


def test_ambiguous_is_as_documented():
    source = ambiguous()
    ids = texts(source, 4000)
    assert source.clm_floor(ids) == pytest.approx(math.log(12) / 2, rel=1e-12)
    assert math.log(12) / 2 == pytest.approx(1.242, abs=0.0005)
    assert 0.15 * math.log(12) == pytest.approx(0.373, abs=0.0005)
    assert source.mlm_floor(ids, choose(ids)) == pytest.approx(0.373, abs=0.02)


def test_long_memory_is_as_documented():
    source = long_memory()
    ids = texts(source, 1200)
    nll, seven = source.clm_nll(ids), source.conditional_nll(ids[:200], window(48, 7))
    assert nll[:, 0].mean().item() == pytest.approx(math.log(8))
    assert (nll[:, 8::8] == 0).all()
    torch.testing.assert_close(seven[:, ::8], torch.full((200, 6), math.log(8)).double())
    torch.testing.assert_close(source.conditional_nll(ids[:2], window(48, 8)), nll[:2])
    assert nll.mean().item() == pytest.approx(0.328, abs=0.005)
    assert seven.mean().item() == pytest.approx(0.544, abs=0.02)
    assert source.mlm_floor(ids, choose(ids)) == pytest.approx(0.285, abs=0.01)


def test_easy_pairs_is_as_documented():
    source = easy_pairs()
    V = len(Vocab(EASY_PAIRS_SYMBOLS))
    assert source.source_emission.shape == source.target_emission.shape == (12, V)
    src, tgt = source.sample(1500, 16, torch.Generator().manual_seed(1))
    assert src.unique().tolist() == list(range(4, 28))
    assert tgt.unique().tolist() == list(range(28, 52))
    assert torch.equal((src - 4) // 4, (tgt - 28).flip(1) // 4)
    assert source.seq2seq_floor(src, tgt) == pytest.approx(0.995, abs=0.01)
    alone = source.nonautoregressive_nll(src, tgt)
    assert alone.mean().item() == pytest.approx(1.367, abs=0.01)
    assert source.target_nll(src, tgt).mean().item() == pytest.approx(2.14, abs=0.01)
    selected, none = choose(tgt), torch.zeros(16, 16, dtype=torch.bool)
    others = (~selected)[:, None].expand(-1, 16, 16)
    masked = source.conditional_nll(src, tgt, none, others)[selected]
    assert masked.mean().item() == pytest.approx(1.78, abs=0.03)


def test_easy_pairs_in_another_order_costs_the_same():
    """The source tells the meaning wherever it stands, and the style has no place."""
    floors = []
    for source in (easy_pairs(), easy_pairs(swapped_blocks(2))):
        src, tgt = source.sample(1500, 16, torch.Generator().manual_seed(1))
        floors.append(source.seq2seq_floor(src, tgt))
    assert floors[0] == pytest.approx(floors[1], abs=1e-10)
