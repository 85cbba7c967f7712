"""Attention: blocked queries, the mask's way to the kernel, the weights for pictures."""

import pytest
import torch
import torch.nn.functional as F

from labtools.model import (
    Attention,
    DecoderOnly,
    EncoderDecoder,
    ModelConfig,
    attention_weights,
)
from labtools.model.masks import KernelMask

B, H, T, S, D, V = 2, 3, 5, 7, 24, 11
CAUSAL = torch.ones(T, T, dtype=torch.bool).tril()
CONFIG = ModelConfig(V, 9, n_heads=H, d_model=D)


def draw(*shape, seed=1):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64)


@pytest.fixture
def attention():
    torch.manual_seed(4)
    attention = Attention(CONFIG).double()
    for weight in attention.parameters():
        torch.nn.init.normal_(weight, std=0.4)
    return attention


def nan_kernel(q, k, v, attn_mask=None, is_causal=False):
    """What a kernel without provision for blocked queries does: 0/0."""
    if is_causal:
        attn_mask = torch.ones(q.shape[-2], k.shape[-2], dtype=torch.bool).tril()
    scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
    if attn_mask is not None:
        scores = scores.masked_fill(~attn_mask, float("-inf"))
    return scores.softmax(-1) @ v


BLOCKED = {
    "one query": CAUSAL & (torch.arange(T) != 3)[:, None],
    "one query of one head": (
        torch.ones(H, T, T, dtype=torch.bool).index_put(
            (torch.tensor(1), torch.tensor(3)), torch.tensor(False)
        )
    ),
    "a row without keys": torch.tensor([True, False])[:, None, None, None].expand(B, 1, 1, T),
    "everything": torch.zeros(T, T, dtype=torch.bool),
}


@pytest.mark.parametrize("kernel", [F.scaled_dot_product_attention, nan_kernel])
@pytest.mark.parametrize("mask", BLOCKED.values(), ids=BLOCKED)
def test_blocked_queries_give_zeros_and_no_gradient(attention, monkeypatch, mask, kernel):
    monkeypatch.setattr(F, "scaled_dot_product_attention", kernel)
    attention.out = torch.nn.Identity()  # so that the heads' outputs are seen
    blocked = ~mask.expand(B, H, T, T).any(-1)  # (B, H, T)
    x = draw(B, T, D).requires_grad_()
    heads = attention(x, mask).unflatten(-1, (H, -1)).transpose(1, 2)  # (B, H, T, K)
    assert (heads[blocked] == 0).all()
    assert (heads[~blocked] != 0).all()
    (zero,) = torch.autograd.grad(heads[blocked].sum(), x, retain_graph=True)
    assert (zero == 0).all()
    gradients = torch.autograd.grad(heads.pow(2).sum(), [x, attention.qkv.weight])
    assert all(gradient.isfinite().all() for gradient in gradients)


def test_blocked_queries_do_not_change_the_others(attention):
    x, mask = draw(B, T, D), BLOCKED["one query"]
    others = [0, 1, 2, 4]
    assert torch.equal(attention(x, mask)[:, others], attention(x, CAUSAL)[:, others])


def test_a_batch_row_without_sources_is_finite():
    torch.manual_seed(1)
    model = EncoderDecoder(CONFIG)
    src, tgt_in = torch.zeros(B, S, dtype=torch.int64), torch.ones(B, T, dtype=torch.int64)
    sources = (torch.arange(S) < torch.tensor([[0], [4]]))[:, None, None]
    model(src, tgt_in, sources, CAUSAL, sources).sum().backward()
    assert all(weight.grad.isfinite().all() for weight in model.parameters())


@pytest.mark.parametrize(
    ("mask", "is_causal", "needs_mask"),
    [
        (torch.ones(T, S, dtype=torch.bool), False, False),
        (CAUSAL, True, False),
        (CAUSAL.expand(1, 1, T, T), True, False),
        (torch.ones(T, S, dtype=torch.bool).tril(), False, True),
        (torch.ones(T, S, dtype=torch.bool).tril(S - T), False, True),
        (torch.ones(T, T, dtype=torch.bool).tril(1), False, True),
        (torch.ones(T, T, dtype=torch.bool).triu(), False, True),
        (CAUSAL.expand(H, T, T), False, True),
    ],
)
def test_the_kernel_is_told_the_least_that_says_the_same(mask, is_causal, needs_mask):
    told = KernelMask.of(mask)
    assert (told.is_causal, told.attn_mask is not None) == (is_causal, needs_mask)
    q, k, v = draw(B, H, T, 8), draw(B, H, mask.shape[-1], 8, seed=2), draw(B, H, mask.shape[-1], 8)
    options = {"attn_mask": told.attn_mask, "is_causal": told.is_causal}
    told_so = F.scaled_dot_product_attention(q, k, v, **options)
    torch.testing.assert_close(told_so, F.scaled_dot_product_attention(q, k, v, mask))


@pytest.mark.parametrize(
    "mask",
    [CAUSAL, CAUSAL | CAUSAL.T, torch.ones(T, T, dtype=torch.bool).tril(1), *BLOCKED.values()],
)
def test_weights_are_those_that_the_kernel_used(attention, mask):
    x = draw(B, T, D)
    with attention_weights(attention) as weights:
        output = attention(x, mask)
    (recorded,) = weights[""]
    full = mask.expand(B, H, T, T)
    assert recorded.shape == (B, H, T, T)
    assert (recorded[~full] == 0).all()
    torch.testing.assert_close(recorded.sum(-1), full.any(-1).double())
    v = attention.qkv(x)[..., 2 * D :].unflatten(-1, (H, -1)).transpose(1, 2)
    heads = (recorded @ v).transpose(1, 2).flatten(2)
    torch.testing.assert_close(attention.out(heads), output)


def test_weights_of_a_decoder_call_by_call():
    torch.manual_seed(2)
    model, ids = DecoderOnly(CONFIG), torch.zeros(B, T, dtype=torch.int64)
    with attention_weights(model) as weights:
        model(ids, CAUSAL)
        model(ids[:, :3], CAUSAL[:3, :3])
    model(ids, CAUSAL)
    assert list(weights) == ["blocks.0.attn", "blocks.1.attn"]
    assert [w.shape for w in weights["blocks.1.attn"]] == [(B, H, T, T), (B, H, 3, 3)]
    assert not weights["blocks.0.attn"][0].requires_grad


def test_weights_of_an_encoder_decoder():
    torch.manual_seed(2)
    model = EncoderDecoder(ModelConfig(V, 9, n_layers=1, n_heads=H, d_model=D))
    src, tgt_in = torch.zeros(B, S, dtype=torch.int64), torch.ones(B, T, dtype=torch.int64)
    sources = (torch.arange(S) < torch.tensor([[4], [S]]))[:, None, None]
    with attention_weights(model) as weights:
        model(src, tgt_in, sources, CAUSAL, sources)
    assert {name: tuple(of[0].shape) for name, of in weights.items()} == {
        "encoder.blocks.0.attn": (B, H, S, S),
        "decoder.blocks.0.attn": (B, H, T, T),
        "decoder.blocks.0.cross_attn": (B, H, T, S),
    }
    assert (weights["decoder.blocks.0.cross_attn"][0][0, :, :, 4:] == 0).all()
