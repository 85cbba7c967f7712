"""What a source says of a token when some of the others are seen, against enumeration."""

import itertools
import math

import pytest
import torch

from labtools.sources import HiddenMarkovSource


def source_with_zeros():
    """Three states, four tokens, with impossible moves and impossible tokens."""
    return HiddenMarkovSource(
        torch.tensor([0.7, 0.3, 0.0]),
        torch.tensor([[0.5, 0.5, 0.0], [0.0, 0.2, 0.8], [0.6, 0.0, 0.4]]),
        torch.tensor([[0.0, 0.5, 0.3, 0.2], [0.0, 0.0, 0.9, 0.1], [0.0, 0.6, 0.0, 0.4]]),
    )


def every_text(source, length):
    """Every text, (N, T), and its probability, (N,), as a sum over every path of states."""
    texts = torch.cartesian_prod(*[torch.arange(source.vocab_size)] * length).view(-1, length)
    probs = torch.zeros(len(texts), dtype=torch.float64)
    for path in itertools.product(range(len(source.initial)), repeat=length):
        p = torch.ones(len(texts), dtype=torch.float64)
        for t, state in enumerate(path):
            p *= source.transition[path[t - 1], state] if t else source.initial[state]
            p *= source.emission[state, texts[:, t]]
        probs += p
    return texts, probs


def enumerated(texts, probs, text, visible, t):
    """−log p(x_t | x_j for j in visible) from the table of every text; inf where undefined."""
    agree = (texts == text) | ~visible
    whole = probs[agree.all(1)].sum()
    part = probs[(agree.all(1)) & (texts[:, t] == text[t])].sum()
    return -math.log(part / whole) if part > 0 else math.inf


@pytest.mark.parametrize("length", [1, 2, 4])
def test_mlm_equals_enumeration(length):
    source = source_with_zeros()
    texts, probs = every_text(source, length)
    for chosen in itertools.product([False, True], repeat=length):
        selected = torch.tensor(chosen).expand(len(texts), -1)
        nll = source.mlm_nll(texts, selected)
        assert not nll.isnan().any()
        for text, row in zip(texts, nll, strict=True):
            for t in range(length):
                want = enumerated(texts, probs, text, ~selected[0], t) if chosen[t] else 0
                assert math.isclose(row[t], want, rel_tol=1e-10, abs_tol=1e-10)


def test_mlm_of_padded_rows_is_that_of_the_rows_alone():
    source = source_with_zeros()
    ids = torch.tensor([[1, 2, 3, 1, 2], [2, 1, 1, 99, 99], [99, 99, 99, 99, 99]])
    lengths = torch.tensor([5, 3, 0])
    selected = torch.tensor([[1, 0, 0, 1, 0], [0, 1, 1, 1, 0], [1, 1, 1, 1, 1]]).bool()
    nll = source.mlm_nll(ids, selected, lengths)
    torch.testing.assert_close(nll[:1], source.mlm_nll(ids[:1], selected[:1]))
    torch.testing.assert_close(nll[1:2, :3], source.mlm_nll(ids[1:2, :3], selected[1:2, :3]))
    assert (nll[1, 3:] == 0).all()
    assert (nll[2] == 0).all()
    floor = source.mlm_floor(ids, selected, lengths)
    assert math.isclose(floor, nll.sum() / 4, rel_tol=1e-12)


def test_mlm_of_one_hidden_token_and_of_all():
    """With nothing seen each token costs its own marginal; an empty text costs nothing."""
    source = source_with_zeros()
    ids = torch.tensor([[1, 2, 3]])
    nll = source.mlm_nll(ids, torch.ones(1, 3, dtype=torch.bool))
    state = source.initial
    for t in range(3):
        assert math.isclose(nll[0, t], -math.log(state @ source.emission[:, ids[0, t]]))
        state = state @ source.transition
    none = torch.zeros(2, 0)
    assert source.mlm_nll(none.long(), none.bool()).shape == (2, 0)


def test_nothing_underflows_in_a_long_text():
    source = source_with_zeros()
    ids = source.sample(2, 5000, torch.Generator().manual_seed(1))
    selected = torch.rand(ids.shape, generator=torch.Generator().manual_seed(2)) < 0.15
    nll = source.mlm_nll(ids, selected)
    assert nll.isfinite().all()
    near = slice(2400, 2600)
    alone = source.mlm_nll(ids[:, near], selected[:, near])
    torch.testing.assert_close(nll[:, 2480:2520], alone[:, 80:120], rtol=1e-6, atol=1e-6)


def test_a_floor_of_nothing_selected_is_refused():
    ids = torch.tensor([[1, 2, 3]])
    selected = torch.tensor([[False, False, True]])
    with pytest.raises(ValueError, match="selected: expected at least one real token"):
        source_with_zeros().mlm_floor(ids, selected, torch.tensor([2]))


def test_wrong_selections_are_refused():
    source, ids = source_with_zeros(), torch.tensor([[1, 2, 3]])
    with pytest.raises(TypeError, match="selected: expected dtype bool, got int64"):
        source.mlm_nll(ids, ids)
    with pytest.raises(ValueError, match=r"selected: .* T = 3 \(from ids\), got \(1, 2\)"):
        source.mlm_nll(ids, torch.ones(1, 2, dtype=torch.bool))


@pytest.mark.parametrize("length", [1, 2, 4])
def test_conditional_equals_enumeration(length):
    source = source_with_zeros()
    texts, probs = every_text(source, length)
    draw = torch.Generator().manual_seed(length)
    visible = torch.rand(len(texts), length, length, generator=draw) < 0.5
    nll = source.conditional_nll(texts, visible)
    assert not nll.isnan().any()
    for text, sees, row in zip(texts, visible, nll, strict=True):
        for t in range(length):
            want = enumerated(texts, probs, text, sees[t], t)
            assert math.isclose(row[t], want, rel_tol=1e-10, abs_tol=1e-10)


def test_conditional_holds_the_other_two():
    source = source_with_zeros()
    ids = source.sample(2, 7, torch.Generator().manual_seed(6))
    lengths = torch.tensor([7, 5])
    past = torch.ones(7, 7, dtype=torch.bool).tril(-1)
    selected = torch.tensor([[0, 1, 0, 0, 1, 1, 0], [1, 0, 0, 1, 0, 0, 1]]).bool()
    clm = source.conditional_nll(ids, past, lengths)
    torch.testing.assert_close(clm, source.clm_nll(ids, lengths), rtol=1e-12, atol=1e-12)
    mlm = source.conditional_nll(ids, ~selected[:, None].expand(2, 7, 7), lengths)
    want = source.mlm_nll(ids, selected, lengths)
    torch.testing.assert_close(mlm.where(selected, 0), want, rtol=1e-12, atol=1e-12)
    assert (mlm.where(~selected, 0) == 0).all()


def test_ids_of_32_bits_cost_the_same():
    source = source_with_zeros()
    ids = source.sample(2, 5, torch.Generator().manual_seed(7))
    selected = torch.tensor([[0, 1, 0, 0, 1], [1, 0, 0, 1, 0]]).bool()
    assert torch.equal(source.mlm_nll(ids.int(), selected), source.mlm_nll(ids, selected))
    assert torch.equal(source.clm_nll(ids.int()), source.clm_nll(ids))
