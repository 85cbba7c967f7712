"""The decoder-only model: it sees what the mask lets it see, and nothing else."""

import pytest
import torch
import torch.nn.functional as F

from labtools.model import DecoderOnly, ModelConfig, n_parameters

V, T, B = 11, 7, 2
CAUSAL = torch.ones(T, T, dtype=torch.bool).tril()


@pytest.fixture
def model():
    torch.manual_seed(1)
    model = DecoderOnly(ModelConfig(vocab_size=V, context_len=9, n_heads=3, d_model=24)).double()
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.4)
    return model.eval()


@pytest.fixture
def ids():
    return torch.randint(0, V, (B, T), generator=torch.Generator().manual_seed(2))


@pytest.mark.parametrize("cut", range(1, T))
def test_change_the_future_and_the_past_stays(model, ids, cut):
    changed = ids.clone()
    changed[:, cut:] = (changed[:, cut:] + 1) % V
    before, after = model(ids, CAUSAL), model(changed, CAUSAL)
    assert torch.equal(before[:, :cut], after[:, :cut])
    assert not torch.allclose(before[:, cut:], after[:, cut:])


def test_with_one_diagonal_too_many_the_past_moves(model, ids):
    changed = ids.clone()
    changed[:, 4:] = (changed[:, 4:] + 1) % V
    leaking = torch.ones(T, T, dtype=torch.bool).tril(1)
    assert not torch.allclose(model(ids, leaking)[:, 3], model(changed, leaking)[:, 3])


def test_gradients_are_zero_where_blocked(model, ids):
    embedded = model.token_embedding(ids).detach().requires_grad_()
    model.token_embedding.register_forward_hook(lambda module, args, out: embedded)
    for t in range(T):
        (gradient,) = torch.autograd.grad(model(ids, CAUSAL)[:, t].pow(2).sum(), embedded)
        assert (gradient[:, t + 1 :] == 0).all()
        assert (gradient[:, : t + 1] != 0).any(-1).all()


def test_attention_equals_the_definition(model, ids):
    attention, x = model.blocks[0].attn, model.token_embedding(ids)
    q, k, v = attention.qkv(x).chunk(3, dim=-1)
    heads = []
    for h in range(3):
        part = slice(8 * h, 8 * h + 8)
        scores = q[..., part] @ k[..., part].transpose(1, 2) / 8**0.5
        weights = scores.masked_fill(~CAUSAL, float("-inf")).softmax(-1)
        heads.append(weights @ v[..., part])
    torch.testing.assert_close(attention(x, CAUSAL), attention.out(torch.cat(heads, dim=-1)))


def test_a_mask_per_row_and_head_broadcasts(model, ids):
    full = CAUSAL.expand(B, 3, T, T)
    torch.testing.assert_close(model(ids, full), model(ids, CAUSAL))


def test_padding_changes_no_real_output(model, ids):
    real = torch.arange(T) < torch.tensor([[4], [T]])
    mask = CAUSAL & real[:, None, None]
    changed = torch.where(real, ids, (ids + 1) % V)
    assert torch.equal(model(ids, mask)[real], model(changed, mask)[real])
    torch.testing.assert_close(model(ids, mask)[0, :4], model(ids[:1, :4], CAUSAL[:4, :4])[0])


def test_packed_documents_are_as_if_alone(model, ids):
    documents = torch.tensor([0, 0, 0, 1, 1, 2, 2])
    positions = torch.tensor([0, 1, 2, 0, 1, 0, 1]).expand(B, T)
    packed = model(ids, CAUSAL & (documents[:, None] == documents), positions)
    alone = [
        model(part, CAUSAL[: part.shape[1], : part.shape[1]]) for part in ids.split([3, 2, 2], 1)
    ]
    torch.testing.assert_close(packed, torch.cat(alone, 1))


def test_positions_are_an_argument(model, ids):
    shifted = torch.arange(2, 2 + T).expand(B, T)
    assert not torch.allclose(model(ids, CAUSAL, shifted), model(ids, CAUSAL))
    counted = torch.arange(T).expand(B, T)
    assert torch.equal(model(ids, CAUSAL, counted), model(ids, CAUSAL))


@pytest.mark.parametrize("d_model", [64, 256])
def test_fresh_weights_are_of_the_width_s_scale_and_biases_zero(d_model):
    torch.manual_seed(3)
    model = DecoderOnly(ModelConfig(vocab_size=50, context_len=T, d_model=d_model))
    for name, weight in model.named_parameters():
        if "norm" not in name and weight.ndim == 2:
            assert weight.std().item() == pytest.approx(d_model**-0.5, rel=0.1), name
        elif name.endswith("bias"):
            assert not weight.any(), name


def test_a_fresh_model_knows_nothing():
    torch.manual_seed(3)
    model = DecoderOnly(ModelConfig(vocab_size=50, context_len=T))
    ids = torch.randint(0, 50, (64, T))
    loss = F.cross_entropy(model(ids, CAUSAL).transpose(1, 2), torch.randint(0, 50, (64, T)))
    assert loss.item() == pytest.approx(torch.tensor(50.0).log().item() + 0.5, abs=0.2)


def test_parameters_are_counted_once():
    config = ModelConfig(vocab_size=5, context_len=3, n_layers=1, n_heads=2, d_model=4)
    block = 2 * 8 + (4 * 12 + 12) + (4 * 4 + 4) + (4 * 16 + 16) + (16 * 4 + 4)
    assert n_parameters(DecoderOnly(config)) == 5 * 4 + 3 * 4 + block + 8
    assert (config.d_head, config.d_ff) == (2, 16)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"vocab_size": 0}, "vocab_size: expected an int of at least 1, got 0"),
        ({"n_layers": 1.5}, "n_layers: expected an int, got 1.5"),
        ({"gelu_approximate": "erf"}, 'gelu_approximate: expected "none" or "tanh", got \'erf\''),
        ({"d_model": 30, "n_heads": 4}, "d_model: expected a multiple of n_heads = 4, got 30"),
    ],
)
def test_wrong_sizes_are_refused(arguments, message):
    with pytest.raises((TypeError, ValueError), match=message):
        ModelConfig(**{"vocab_size": 5, "context_len": 3, **arguments})


@pytest.mark.parametrize(
    ("ids", "mask", "message"),
    [
        (torch.zeros(B, T), CAUSAL, "input_ids: expected dtype int64"),
        (torch.zeros(T, dtype=torch.int64), CAUSAL, r"input_ids: expected shape \(B, T\)"),
        (torch.full((B, T), V), CAUSAL, "input_ids: expected values from 0 to 10, got 11"),
        (torch.zeros(B, 10, dtype=torch.int64), CAUSAL, "at most context_len = 9 tokens, got 10"),
        (torch.zeros(B, T, dtype=torch.int64), CAUSAL.float(), "attn_mask: expected a bool tensor"),
        (torch.zeros(B, T, dtype=torch.int64), None, "attn_mask: expected a bool tensor"),
        (torch.zeros(B, T, dtype=torch.int64), CAUSAL[:5], r"broadcasts to .*\(2, 3, 7, 7\)"),
        (torch.zeros(B, T, dtype=torch.int64), CAUSAL.expand(1, 1, 1, T, T), r"got \(1, 1, 1"),
        (torch.zeros(B, T, dtype=torch.int64), CAUSAL.expand(B, T, T), r"got \(2, 7, 7\)"),
    ],
)
def test_wrong_inputs_are_refused(model, ids, mask, message):
    with pytest.raises((TypeError, ValueError), match=message):
        model(ids, mask)
