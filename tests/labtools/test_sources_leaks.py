"""What a stack of layers sees, against a real model; and the floor of a leak."""

import doctest
import math

import pytest
import torch

from labtools.model import DecoderOnly, ModelConfig
from labtools.sources import easy, leaks, receptive_field, visible_after_shift

T = 6


def causal(diagonal=0):
    return torch.ones(T, T, dtype=torch.bool).tril(diagonal)


def documents():
    doc_ids = torch.tensor([0, 0, 1, 1, 1, 2])
    return (doc_ids[:, None] == doc_ids) & causal()


MASKS = {
    "causal": causal(),
    "one too many": causal(1),
    "sliding window": causal() & causal(-2).logical_not(),
    "documents": documents(),
    "a row with nothing": causal() & (torch.arange(T) != 3)[:, None],
    "its own past only": causal(-1),
}


@pytest.mark.parametrize("name", MASKS)
@pytest.mark.parametrize("n_layers", [1, 2, 3])
def test_the_field_is_what_changes_a_models_outputs(name, n_layers):
    """Change one input; the outputs that move are those that it reaches."""
    torch.manual_seed(1)
    model = DecoderOnly(ModelConfig(7, T, n_layers, n_heads=2, d_model=8)).double()
    for weights in model.parameters():  # at their first values some paths are too faint to see
        torch.nn.init.normal_(weights, std=0.5)
    ids, field = torch.randint(7, (1, T)), receptive_field(MASKS[name], n_layers)
    with torch.no_grad():
        before = model(ids, MASKS[name])
        for j in range(T):
            changed = ids.clone()
            changed[0, j] = (ids[0, j] + 1) % 7
            moved = (model(changed, MASKS[name]) - before).abs().amax(-1)[0] > 1e-12
            assert torch.equal(moved, field[:, j])


def test_a_causal_mask_shows_the_past_however_many_layers():
    source = easy()
    ids = source.sample(3, T, torch.Generator().manual_seed(1))
    visible = visible_after_shift(receptive_field(causal(), 5))
    assert torch.equal(visible, causal(-1))
    floor = source.conditional_floor(ids, visible)
    assert math.isclose(floor, source.clm_floor(ids), rel_tol=1e-12)


@pytest.mark.parametrize("n_layers", [1, 2])
def test_one_diagonal_too_many_leaves_only_the_last_token_to_pay_for(n_layers):
    source = easy()
    ids = source.sample(50, 48, torch.Generator().manual_seed(2))
    mask = torch.ones(48, 48, dtype=torch.bool).tril(1)
    visible = visible_after_shift(receptive_field(mask, n_layers))
    nll = source.conditional_nll(ids, visible)
    assert (nll[:, :-1] == 0).all()
    torch.testing.assert_close(nll[:, -1], source.clm_nll(ids)[:, -1])
    ratio = source.conditional_floor(ids, visible) / source.clm_floor(ids)
    assert ratio == pytest.approx(1 / 48, abs=0.005)


def test_a_forgotten_shift_costs_nothing_at_all():
    source = easy()
    ids = source.sample(2, T, torch.Generator().manual_seed(3))
    assert source.conditional_floor(ids, receptive_field(causal(), 2)) == 0


def test_batches_of_masks_and_no_layers():
    both = torch.stack([MASKS["documents"], MASKS["causal"]])[:, None]
    field = receptive_field(both, 2)
    assert field.shape == (2, 1, T, T)
    assert torch.equal(field[0, 0], receptive_field(documents(), 2))
    assert torch.equal(receptive_field(causal(), 0), torch.eye(T).bool())
    assert visible_after_shift(field).shape == (2, 1, T, T)
    assert visible_after_shift(torch.ones(0, 0, dtype=torch.bool)).shape == (0, 0)


def test_the_example_in_the_docstring():
    assert doctest.testmod(leaks).attempted == 2
    assert doctest.testmod(leaks).failed == 0


def test_wrong_masks_are_refused():
    with pytest.raises(TypeError, match=r"attn_mask: expected a bool tensor .* got torch.float32"):
        receptive_field(torch.ones(T, T), 1)
    with pytest.raises(ValueError, match=r"attn_mask: expected shape \(…, T, T\), got \(2, 3\)"):
        receptive_field(torch.ones(2, 3, dtype=torch.bool), 1)
    with pytest.raises(ValueError, match="n_layers: expected an int of at least 0, got -1"):
        receptive_field(causal(), -1)
