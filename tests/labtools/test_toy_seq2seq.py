"""The toy encoder–decoder notices everything that a right mask lets through, and nothing else."""

import pytest
import torch

from labtools.checks.toy_seq2seq import ToySeq2Seq

B, S, T, V = 2, 7, 5, 11


def arguments(seed=0):
    """The last two tokens of the source are padding."""
    generator = torch.Generator().manual_seed(seed)
    src = torch.randint(0, V, (B, S), generator=generator)
    tgt_in = torch.randint(0, V, (B, T), generator=generator)
    real = (torch.arange(S) < S - 2).expand(B, 1, 1, S).clone()
    causal = torch.ones(T, T, dtype=torch.bool).tril()
    return [src, tgt_in, real.expand(B, 1, S, S).clone(), causal, real.expand(B, 1, T, S).clone()]


@pytest.fixture
def model():
    return ToySeq2Seq(V, seed=3)


def differs(model, i, place, new):
    """(B, T): where other logits come of another entry of argument i."""
    args = arguments()
    before = model(*args)
    args[i][place] = new
    return (model(*args) != before).any(-1)


@pytest.mark.parametrize("s", range(S - 2))
def test_every_real_source_token_is_noticed_everywhere_in_its_row(model, s):
    other = (arguments()[0][0, s] + 1) % V
    changed = differs(model, 0, (0, s), other)
    assert changed[0].all()
    assert not changed[1].any()


@pytest.mark.parametrize("s", range(S - 2, S))
def test_padding_of_the_source_is_not_noticed(model, s):
    other = (arguments()[0][0, s] + 1) % V
    assert not differs(model, 0, (0, s), other).any()


@pytest.mark.parametrize("t", range(T))
def test_a_decoder_token_is_noticed_from_its_place_on(model, t):
    other = (arguments()[1][1, t] + 1) % V
    changed = differs(model, 1, (1, t), other)
    assert changed[1, t:].all()
    assert not changed[1, :t].any()
    assert not changed[0].any()


def test_places_are_noticed(model):
    src, tgt_in, *masks = arguments()
    src[:, :2], tgt_in[:, :2] = torch.tensor([3, 8]), torch.tensor([5, 6])
    swapped = [1, 0, *range(2, S)]
    before = model(src, tgt_in, *masks)
    assert (model(src[:, swapped], tgt_in, *masks) != before).any(-1).all()
    assert (model(src, tgt_in[:, swapped[:T]], *masks) != before).any(-1)[:, -1].all()


@pytest.mark.parametrize("i", [2, 3, 4])
def test_every_entry_of_a_mask_is_noticed_at_the_last_position(model, i):
    """Of queries that something hears: padding in the source may see what it likes."""
    args = arguments()
    before = model(*args)
    for place in (torch.ones_like(args[i])).nonzero().tolist():
        if i == 2 and place[2] >= S - 2:
            continue
        turned = args[i].clone()
        turned[tuple(place)] ^= True
        after = model(*args[:i], turned, *args[i + 1 :])
        row = place[0] if i != 3 else 0
        assert (after[row, -1] != before[row, -1]).any(), place


def test_what_padding_in_the_source_sees_is_not_noticed(model):
    assert not differs(model, 2, (0, 0, S - 1, 0), False).any()


def test_masks_broadcast(model):
    src, tgt_in, *_ = args = arguments()
    keys = (torch.arange(S) < S - 2)[None, None, None]
    assert model(src, tgt_in, keys, args[3][None, None], keys).equal(model(*args))


def test_heads_are_told_apart(model):
    args = arguments()
    first, second = (args[4].repeat(1, 2, 1, 1) for _ in range(2))
    first[:, 0, :, 0] = second[:, 1, :, 0] = False
    assert (model(*args[:4], first) != model(*args[:4], second)).any(-1).all()


def test_it_says_what_it_is_told_to(model):
    model.never(2)
    model.say(9, 2, [1, 3])
    args = arguments()
    args[0][:] = args[0].masked_fill(args[0] == 9, 4)
    args[0][1, 0] = 9
    said = model(*args).argmax(-1) == 2
    assert said.tolist() == [[False] * 5, [False, True, False, True, False]]


def test_the_second_token_is_nearly_as_likely_as_the_first(model):
    first, second = model(*arguments()).topk(2).values.unbind(-1)
    assert (first > second).all()
    assert (first - second < 2e-4).all()


@pytest.mark.parametrize(
    ("i", "wrong", "error", "text"),
    [
        (0, torch.zeros(S, dtype=torch.int64), ValueError, r"src: expected shape \(B, S\)"),
        (1, torch.zeros(3, T, dtype=torch.int64), ValueError, "tgt_in: expected shape"),
        (1, torch.zeros(B, T), TypeError, "tgt_in: expected dtype int64"),
        (1, torch.full((B, T), -100), ValueError, "tgt_in: expected values from 0 to 10, got -100"),
        (2, torch.ones(B, S, dtype=torch.bool), ValueError, "src_mask: .* got \\(2, 7\\)"),
        (3, torch.ones(T, T), TypeError, "tgt_mask: expected a bool tensor"),
        (3, None, TypeError, "tgt_mask: .* got NoneType"),
        (4, torch.ones(T, T, dtype=torch.bool), ValueError, r"cross_mask: .* \(2, 2, 5, 7\)"),
    ],
)
def test_what_is_wrong_is_refused(model, i, wrong, error, text):
    args = arguments()
    args[i] = wrong
    with pytest.raises(error, match=text):
        model(*args)
