"""Encoder-only and encoder–decoder models, and the cache."""

import pytest
import torch

from labtools.model import DecoderOnly, EncoderDecoder, EncoderOnly, ModelConfig, n_parameters

V, B, T, S, H, D = 11, 2, 5, 7, 3, 24
CONFIG = ModelConfig(V, 9, n_heads=H, d_model=D)
CAUSAL = torch.ones(T, T, dtype=torch.bool).tril()


def made(architecture):
    torch.manual_seed(1)
    model = architecture(CONFIG).double()
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.4)
    return model.eval()


def random_ids(*shape, seed=2):
    return torch.randint(0, V, shape, generator=torch.Generator().manual_seed(seed))


def changed(ids, where):
    return torch.where(where, (ids + 1) % V, ids)


@pytest.fixture
def real():
    return torch.arange(S) < torch.tensor([[4], [S]])


@pytest.fixture
def pair():
    return {"src": random_ids(B, S), "tgt_in": random_ids(B, T, seed=3)}


@pytest.fixture
def masks(real):
    sources = real[:, None, None]
    return {"src_mask": sources, "tgt_mask": CAUSAL, "cross_mask": sources}


# Encoder-only


def test_an_encoder_looks_both_ways(real):
    model, ids = made(EncoderOnly), random_ids(B, S)
    logits = model(ids, real[:, None, None])
    for t in range(4):
        moved = (model(changed(ids, torch.arange(S) == t), real[:, None, None]) != logits).any(-1)
        assert moved[real].all()


def test_an_encoder_does_not_see_padding(real):
    model, ids = made(EncoderOnly), random_ids(B, S)
    logits = model(ids, real[:, None, None])
    assert torch.equal(model(changed(ids, ~real), real[:, None, None])[real], logits[real])
    alone = model(ids[:1, :4], torch.ones(4, 4, dtype=torch.bool))
    torch.testing.assert_close(logits[:1, :4], alone)


def test_only_the_mask_makes_a_decoder_of_an_encoder():
    encoder, decoder = made(EncoderOnly), made(DecoderOnly)
    decoder.load_state_dict(encoder.state_dict())
    ids = random_ids(B, T)
    assert torch.equal(encoder(ids, CAUSAL), decoder(ids, CAUSAL))


@pytest.mark.parametrize("architecture", [EncoderOnly, DecoderOnly])
def test_logits_are_the_hidden_states_times_the_embedding(architecture):
    model, ids = made(architecture), random_ids(B, T)
    hidden = model.hidden(ids, CAUSAL)
    assert hidden.shape == (B, T, D)
    torch.testing.assert_close(model(ids, CAUSAL), hidden @ model.token_embedding.weight.T)


# Encoder–decoder


@pytest.mark.parametrize("cut", range(1, T))
def test_change_the_future_of_the_target_and_its_past_stays(pair, masks, cut):
    model = made(EncoderDecoder)
    before = model(**pair, **masks)
    pair["tgt_in"] = changed(pair["tgt_in"], torch.arange(T) >= cut)
    after = model(**pair, **masks)
    assert torch.equal(before[:, :cut], after[:, :cut])
    assert (before[:, cut:] != after[:, cut:]).any(-1).all()


def test_the_target_sees_every_real_source_and_no_padding(pair, masks, real):
    model = made(EncoderDecoder)
    before, src = model(**pair, **masks), pair["src"]
    for s in range(S):
        after = model(**{**pair, "src": changed(src, torch.arange(S) == s)}, **masks)
        moved = (before != after).any(-1)  # (B, T)
        assert torch.equal(moved, real[:, s : s + 1].expand(B, T))


def test_one_embedding_for_source_target_and_output(pair, masks):
    model = EncoderDecoder(CONFIG)
    assert model.encoder.token_embedding is model.decoder.token_embedding
    stack = n_parameters(EncoderOnly(CONFIG))
    cross = CONFIG.n_layers * (2 * D + (3 * D * D + 3 * D) + (D * D + D))
    assert n_parameters(model) == 2 * stack + cross - V * D


def test_weights_survive_being_saved(pair, masks):
    model, other = made(EncoderDecoder), EncoderDecoder(CONFIG).double()
    other.load_state_dict(model.state_dict())
    assert torch.equal(other(**pair, **masks), model(**pair, **masks))


# The cache


@pytest.mark.parametrize("cuts", [[1, 1, 1, 1, 1], [3, 1, 1], [2, 3], [5]])
def test_with_a_cache_the_logits_are_the_same(cuts):
    model, ids = made(DecoderOnly), random_ids(B, T)
    real = torch.tensor([[False, True, True, True, True], [True] * T])[:, None, None]  # on the left
    whole, cache, parts = model(ids, CAUSAL & real), model.new_cache(), []
    for new in ids.split(cuts, 1):
        start = len(cache)
        end = start + new.shape[1]
        parts.append(model(new, CAUSAL[start:end, :end] & real[..., :end], cache=cache))
        assert len(cache) == end
    torch.testing.assert_close(torch.cat(parts, 1), whole)


def test_with_a_cache_positions_may_still_be_given():
    model, ids = made(DecoderOnly), random_ids(B, T)
    positions = torch.arange(3, 3 + T).expand(B, T)
    cache = model.new_cache()
    first = model(ids[:, :3], CAUSAL[:3, :3], positions[:, :3], cache)
    second = model(ids[:, 3:], CAUSAL[3:], positions[:, 3:], cache)
    torch.testing.assert_close(torch.cat([first, second], 1), model(ids, CAUSAL, positions))


def test_with_a_cache_the_encoder_decoder_gives_the_same(pair, masks, real):
    model = made(EncoderDecoder)
    memory, cache = model.encode(pair["src"], masks["src_mask"]), model.new_cache()
    parts = [
        model.decode(new, memory, CAUSAL[t : t + 1, : t + 1], masks["cross_mask"], cache)
        for t, new in enumerate(pair["tgt_in"].split(1, 1))
    ]
    torch.testing.assert_close(torch.cat(parts, 1), model(**pair, **masks))


def test_the_memory_is_projected_once(pair, masks):
    model = made(EncoderDecoder)
    memory, cache = model.encode(pair["src"], masks["src_mask"]), model.new_cache()
    first, second = pair["tgt_in"][:, :1], pair["tgt_in"][:, 1:2]
    model.decode(first, memory, CAUSAL[:1, :1], masks["cross_mask"], cache)
    keys = cache.layers[0].memory[0]
    model.decode(second, memory, CAUSAL[1:2, :2], masks["cross_mask"], cache)
    assert cache.layers[0].memory[0] is keys
    assert keys.shape == (B, H, S, D // H)


def test_the_mask_must_count_the_cached_keys():
    model, ids = made(DecoderOnly), random_ids(B, T)
    cache = model.new_cache()
    model(ids[:, :3], CAUSAL[:3, :3], cache=cache)
    with pytest.raises(ValueError, match=r"attn_mask: .*= \(2, 3, 2, 5\), got \(2, 2\)"):
        model(ids[:, 3:], CAUSAL[:2, :2], cache=cache)


def test_a_full_cache_is_refused():
    model, cache = made(DecoderOnly), None
    cache = model.new_cache()
    model(random_ids(B, 8), torch.ones(8, 8, dtype=torch.bool).tril(), cache=cache)
    with pytest.raises(ValueError, match="at most context_len = 9 tokens, got 10"):
        model(random_ids(B, 2), torch.ones(2, 10, dtype=torch.bool), cache=cache)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"src": random_ids(B, S).float()}, "src: expected dtype int64"),
        ({"src": random_ids(S)}, r"src: expected shape \(B, T\)"),
        ({"src": random_ids(B, S) + V}, "src: expected values from 0 to 10"),
        ({"tgt_in": random_ids(B, T) - 100}, "tgt_in: expected values from 0 to 10"),
        ({"tgt_in": random_ids(3, T)}, r"memory: expected shape .* B = 3 \(from tgt_in\)"),
        ({"tgt_in": random_ids(B, 10)}, "tgt_in: expected at most context_len = 9 tokens"),
        ({"src_mask": CAUSAL}, r"src_mask: .*\(2, 3, 7, 7\), got \(5, 5\)"),
        ({"tgt_mask": CAUSAL.float()}, "tgt_mask: expected a bool tensor"),
        ({"cross_mask": CAUSAL}, r"cross_mask: .*\(2, 3, 5, 7\), got \(5, 5\)"),
        ({"cross_mask": None}, "cross_mask: expected a bool tensor"),
    ],
)
def test_wrong_inputs_are_refused(pair, masks, arguments, message):
    with pytest.raises((TypeError, ValueError), match=message):
        made(EncoderDecoder)(**{**pair, **masks, **arguments})
