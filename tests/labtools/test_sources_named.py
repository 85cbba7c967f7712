"""The ready-made sources cost what their docstrings say."""

import pytest
import torch

from labtools.sources import EASY_PAIRS_SYMBOLS, easy_pairs
from labtools.vocab import SPECIAL


def test_easy_pairs_is_as_documented():
    source = easy_pairs()
    V = len(SPECIAL) + len(EASY_PAIRS_SYMBOLS)
    assert source.source_emission.shape == source.target_emission.shape == (12, V)
    src, tgt = source.sample(1500, 16, torch.Generator().manual_seed(1))
    assert set(src.unique().tolist()) == set(range(4, 28))
    assert set(tgt.unique().tolist()) == set(range(28, 52))
    assert torch.equal((src - 4) // 4, (tgt - 28).flip(1) // 4)
    assert source.seq2seq_floor(src, tgt) == pytest.approx(0.995, abs=0.01)
    alone = source.nonautoregressive_nll(src, tgt)
    assert alone.mean().item() == pytest.approx(1.367, abs=0.01)
    assert source.target_nll(src, tgt).mean().item() == pytest.approx(2.14, abs=0.01)
    selected = torch.rand(tgt.shape, generator=torch.Generator().manual_seed(2)) < 0.15
    others, none = (~selected)[:, None].expand(-1, 16, 16), torch.zeros(16, 16, dtype=torch.bool)
    masked = source.conditional_nll(src, tgt, none, others)[selected]
    assert masked.mean().item() == pytest.approx(1.78, abs=0.03)
