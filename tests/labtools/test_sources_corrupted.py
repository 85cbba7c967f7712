"""The MLM floor under the full corruption, against enumeration of texts and selections."""

import itertools
import math

import pytest
import torch

from labtools.sources import Corruption, HiddenMarkovSource, easy
from labtools.vocab import mask_id

V = 3


def small_source():
    """Two states, three tokens of which 0 is <mask> and never emitted."""
    return HiddenMarkovSource(
        torch.tensor([0.7, 0.3]),
        torch.tensor([[0.6, 0.4], [1.0, 0.0]]),
        torch.tensor([[0.0, 0.8, 0.2], [0.0, 0.1, 0.9]]),
    )


def corrupt(ids, selected, corruption, generator):
    """Drawn from the channel itself."""
    drawn = torch.multinomial(corruption.channel_if_selected[ids.flatten()], 1, generator=generator)
    return drawn.view(ids.shape).where(selected, ids)


def draw_selected(shape, corruption, seed):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed)) < corruption.rate


def everything(source, corruption, length):
    """(text, selection, what is read) -> probability, each step of the story told one by one."""
    texts = list(itertools.product(range(V), repeat=length))
    p_text = (-source.clm_nll(torch.tensor(texts)).sum(1)).exp().tolist()
    table = {}
    for text, p in zip(texts, p_text, strict=True):
        for selected in itertools.product([False, True], repeat=length):
            for read in itertools.product(range(V), repeat=length):
                q = p
                for x, s, y in zip(text, selected, read, strict=True):
                    q *= one_token(x, s, y, corruption)
                if q > 0:
                    table[text, selected, read] = q
    return table


def one_token(x, selected, y, corruption):
    """p(selected, y | x) from the three bands, without the channel."""
    if not selected:
        return (1 - corruption.rate) * (x == y)
    replacements = corruption.replacements or tuple(range(V))
    kept = 1 - corruption.masked - corruption.randomised
    p = corruption.masked * (y == corruption.mask_id) + kept * (x == y)
    return corruption.rate * (p + corruption.randomised * (y in replacements) / len(replacements))


CORRUPTIONS = {
    "bert": Corruption(V, mask_id=0, rate=0.4, masked=0.5, randomised=0.3),
    "real words": Corruption(V, mask_id=0, rate=0.4, randomised=0.2, replacements=(1, 2)),
    "mask only": Corruption(V, mask_id=0, rate=0.3, masked=1.0, randomised=0.0),
    "no mask": Corruption(V, mask_id=0, rate=0.3, masked=0.0, randomised=0.9, replacements=(2,)),
}


@pytest.mark.parametrize("name", CORRUPTIONS)
@pytest.mark.parametrize("length", [1, 3])
def test_nll_equals_enumeration(name, length):
    source, corruption = small_source(), CORRUPTIONS[name]
    table = everything(source, corruption, length)
    assert math.isclose(sum(table.values()), 1, rel_tol=1e-12)
    whole, part = {}, {}
    for (text, selected, read), p in table.items():
        for t in range(length):
            if selected[t]:
                whole[read, t] = whole.get((read, t), 0) + p
                part[read, t, text[t]] = part.get((read, t, text[t]), 0) + p
    rows = list(table)
    text, selected, read = (torch.tensor([row[i] for row in rows]) for i in range(3))
    nll = source.corrupted_nll(text, read, selected.bool(), corruption)
    for (x, s, y), row in zip(rows, nll.tolist(), strict=True):
        for t in range(length):
            want = math.log(whole[y, t] / part[y, t, x[t]]) if s[t] else 0
            assert math.isclose(row[t], want, rel_tol=1e-10, abs_tol=1e-10)


def test_masks_alone_cost_the_plain_floor():
    """Every unmasked token can be trusted then."""
    source = small_source()
    ids = source.sample(5, 7, torch.Generator().manual_seed(1))
    corruption = Corruption(V, mask_id=0, rate=0.4, masked=1.0, randomised=0.0)
    selected = torch.rand(5, 7, generator=torch.Generator().manual_seed(2)) < 0.4
    nll = source.corrupted_nll(ids, ids.where(~selected, 0), selected, corruption)
    torch.testing.assert_close(nll, source.mlm_nll(ids, selected), rtol=1e-12, atol=1e-12)


def test_kept_and_replaced_tokens_are_told_apart_as_well_as_can_be():
    """On the easy source: a kept token is cheap, a replaced one dear, a masked one between."""
    source = easy()
    corruption = Corruption(source.vocab_size, mask_id)
    ids = source.sample(400, 24, torch.Generator().manual_seed(3))
    selected = draw_selected(ids.shape, corruption, 4)
    read = corrupt(ids, selected, corruption, torch.Generator().manual_seed(5))
    nll = source.corrupted_nll(ids, read, selected, corruption)
    masked, kept = read == mask_id, selected & (read == ids)
    replaced = selected & ~masked & ~kept
    means = [nll[where].mean() for where in (kept, selected & masked, replaced)]
    assert means[0] < means[1] < means[2]
    floor = source.corrupted_floor(ids, read, selected, corruption)
    assert math.isclose(floor, nll[selected].mean(), rel_tol=1e-12)


def test_padding_has_no_say():
    source, corruption = small_source(), CORRUPTIONS["bert"]
    ids = torch.tensor([[1, 2, 1, 2, 2], [2, 1, 1, 99, 99], [99, 99, 99, 99, 99]])
    read = torch.tensor([[1, 0, 1, 1, 2], [2, 1, 0, -7, 99], [99, 99, 99, 99, -7]])
    selected = torch.tensor([[0, 1, 0, 1, 1], [1, 0, 1, 1, 0], [1, 1, 1, 1, 1]]).bool()
    lengths = torch.tensor([5, 3, 0])
    nll = source.corrupted_nll(ids, read, selected, corruption, lengths)
    alone = source.corrupted_nll(ids[1:2, :3], read[1:2, :3], selected[1:2, :3], corruption)
    torch.testing.assert_close(nll[1:2, :3], alone, rtol=1e-12, atol=1e-12)
    assert (nll[1, 3:] == 0).all()
    assert (nll[2] == 0).all()
    floor = source.corrupted_floor(ids, read, selected, corruption, lengths)
    assert math.isclose(floor, nll.sum() / 5, rel_tol=1e-12)


def test_what_cannot_be_read_costs_inf():
    source = small_source()
    ids, selected = torch.tensor([[1, 2]]), torch.tensor([[True, False]])
    never_random = Corruption(V, mask_id=0, masked=1.0, randomised=0.0)
    nll = source.corrupted_nll(ids, torch.tensor([[2, 2]]), selected, never_random)
    assert nll.tolist() == [[math.inf, 0]]


@pytest.mark.parametrize("corruption", CORRUPTIONS.values(), ids=list(CORRUPTIONS))
def test_channels_are_distributions(corruption):
    for channel in (corruption.channel, corruption.channel_if_selected):
        assert channel.dtype == torch.float64
        torch.testing.assert_close(channel.sum(1), torch.ones(V).double(), rtol=1e-12, atol=1e-12)
    for x, y in itertools.product(range(V), repeat=2):
        both = [one_token(x, selected, y, corruption) for selected in (True, False)]
        assert math.isclose(corruption.channel[x, y], sum(both), rel_tol=1e-12, abs_tol=1e-15)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"vocab_size": 0}, "vocab_size: expected an int of at least 1"),
        ({"mask_id": 5}, "mask_id: expected a value from 0 to 4, got 5"),
        ({"rate": 1.5}, "rate: expected a value from 0 to 1"),
        ({"masked": 0.95}, "masked . randomised: expected a value from 0 to 1"),
        ({"replacements": ()}, "replacements: expected at least one id"),
        ({"replacements": (1, 7)}, "replacements: expected a value from 0 to 4, got 7"),
    ],
)
def test_wrong_corruptions_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        Corruption(**{"vocab_size": 5, "mask_id": 0, **change})


def test_wrong_texts_are_refused():
    source, corruption = small_source(), CORRUPTIONS["bert"]
    ids, selected = torch.tensor([[1, 2]]), torch.tensor([[True, False]])
    with pytest.raises(
        ValueError, match=r"corrupted: expected the true token 2 .* got 1 at \(0, 1"
    ):
        source.corrupted_nll(ids, torch.tensor([[0, 1]]), selected, corruption)
    with pytest.raises(ValueError, match="corrupted: expected values from 0 to 2, got 3"):
        source.corrupted_nll(ids, torch.tensor([[3, 2]]), selected, corruption)
    with pytest.raises(ValueError, match="corruption: expected vocab_size 3, got 5"):
        source.corrupted_nll(ids, ids, selected, Corruption(5, mask_id=0))
    with pytest.raises(ValueError, match="selected: expected at least one real token"):
        source.corrupted_floor(ids, ids, ~(ids > 0), corruption)
