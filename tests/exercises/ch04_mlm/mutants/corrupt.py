"""Wrong answers to ``corrupt``."""

import random

import numpy as np
import torch
from ch04_mlm.mutants.parts import mutant


def corrupt_mutant(number, name, *diagnosed):
    return mutant("corrupt", number, name, *diagnosed)


def _uniform(like, generator):
    return torch.rand(like.shape, generator=generator)


def _ids(like, vocab_size, generator):
    return torch.randint(vocab_size, like.shape, generator=generator)


def _bands(input_ids, selected, mask_id, drawn, roll):
    """The right bands of ``roll``, the random ids ``drawn``."""
    treated = torch.where(roll < 0.8, mask_id, torch.where(roll < 0.9, drawn, input_ids))
    return torch.where(selected, treated, input_ids)


def _right(input_ids, selected, mask_id, vocab_size, generator):
    roll = _uniform(input_ids, generator)
    return _bands(input_ids, selected, mask_id, _ids(input_ids, vocab_size, generator), roll)


def _shares_mutant(number, name, diagnosed, masked, drawn, kept):
    """Of one draw, with other bands."""
    assert abs(masked + drawn + kept - 1) < 1e-9

    @corrupt_mutant(number, name, diagnosed)
    def _(input_ids, selected, mask_id, vocab_size, generator):
        roll, ids = _uniform(input_ids, generator), _ids(input_ids, vocab_size, generator)
        treated = torch.where(
            roll < masked, mask_id, torch.where(roll < masked + drawn, ids, input_ids)
        )
        return torch.where(selected, treated, input_ids)


_shares_mutant(None, "every selected token is masked", "all-masked", 1.0, 0.0, 0.0)
_shares_mutant(None, "80 and 20 % random", "none-kept", 0.8, 0.2, 0.0)
_shares_mutant(None, "90 and 10 % random", "none-kept", 0.9, 0.1, 0.0)
_shares_mutant(None, "80 and 20 % kept", "none-random", 0.8, 0.0, 0.2)
_shares_mutant(None, "90 and 10 % kept", "none-random", 0.9, 0.0, 0.1)
_shares_mutant(None, "masked and random swapped", "swapped", 0.1, 0.8, 0.1)
_shares_mutant(None, "masked and kept swapped", "swapped", 0.1, 0.1, 0.8)
_shares_mutant(None, "every selected token becomes random", "all-random", 0.0, 1.0, 0.0)
_shares_mutant(None, "82, 9 and 9 %", "wrong-shares", 0.82, 0.09, 0.09)
_shares_mutant(None, "78, 11 and 11 %", "wrong-shares", 0.78, 0.11, 0.11)
_shares_mutant(None, "80, 12 and 8 %", "wrong-shares", 0.8, 0.12, 0.08)
_shares_mutant(None, "85, 10 and 5 %", "wrong-shares", 0.85, 0.1, 0.05)
_shares_mutant(None, "a third each", "wrong-shares", 1 / 3, 1 / 3, 1 / 3)
_shares_mutant(None, "15 % of the selected", "wrong-shares", 0.12, 0.015, 0.865)


@corrupt_mutant(32, "10 % of the remainder", "of-the-remainder")
def _(input_ids, selected, mask_id, vocab_size, generator):
    corrupted = input_ids.clone()
    masked = (_uniform(input_ids, generator) < 0.8) & selected
    corrupted[masked] = mask_id
    drawn = (_uniform(input_ids, generator) < 0.1) & selected & ~masked
    corrupted[drawn] = _ids(input_ids, vocab_size, generator)[drawn]
    return corrupted


@corrupt_mutant(32, "0.8, then 0.1 of the rest", "of-the-remainder")
def _(input_ids, selected, mask_id, vocab_size, generator):
    corrupted = input_ids.tolist()
    for b, t in selected.nonzero().tolist():
        if torch.rand((), generator=generator) < 0.8:
            corrupted[b][t] = mask_id
        elif torch.rand((), generator=generator) < 0.1:
            corrupted[b][t] = int(torch.randint(vocab_size, (), generator=generator))
    return torch.tensor(corrupted)


@corrupt_mutant(32, "90 % of the remainder are random", "drawn-anew")
def _(input_ids, selected, mask_id, vocab_size, generator):
    masked = torch.bernoulli(torch.full(input_ids.shape, 0.8), generator=generator).bool()
    drawn = torch.bernoulli(torch.full(input_ids.shape, 0.9), generator=generator).bool()
    rest = torch.where(drawn, _ids(input_ids, vocab_size, generator), input_ids)
    return torch.where(selected, torch.where(masked, mask_id, rest), input_ids)


@corrupt_mutant(32, "80 % of the remainder are random", "of-the-remainder")
def _(input_ids, selected, mask_id, vocab_size, generator):
    masked, drawn = (_uniform(input_ids, generator) < 0.8 for _ in range(2))
    rest = torch.where(drawn, _ids(input_ids, vocab_size, generator), input_ids)
    return torch.where(selected, torch.where(masked, mask_id, rest), input_ids)


@corrupt_mutant(32, "random where it is not a mask yet", "of-the-remainder")
def _(input_ids, selected, mask_id, vocab_size, generator):
    hidden = input_ids.masked_fill(selected & (_uniform(input_ids, generator) < 0.8), mask_id)
    drawn = selected & (hidden != mask_id) & (_uniform(input_ids, generator) < 0.1)
    return torch.where(drawn, _ids(input_ids, vocab_size, generator), hidden)


@corrupt_mutant(33, "random after masked, drawn by itself", "independent-draws")
def _(input_ids, selected, mask_id, vocab_size, generator):
    corrupted = input_ids.clone()
    masked = selected & (_uniform(input_ids, generator) < 0.8)
    drawn = selected & (_uniform(input_ids, generator) < 0.1)
    corrupted[masked] = mask_id
    corrupted[drawn] = _ids(input_ids, vocab_size, generator)[drawn]
    return corrupted


@corrupt_mutant(33, "masked after random, drawn by itself", "of-the-remainder")
def _(input_ids, selected, mask_id, vocab_size, generator):
    corrupted = input_ids.clone()
    drawn = selected & (_uniform(input_ids, generator) < 0.1)
    corrupted[drawn] = _ids(input_ids, vocab_size, generator)[drawn]
    corrupted[selected & (_uniform(input_ids, generator) < 0.8)] = mask_id
    return corrupted


@corrupt_mutant(33, "three draws, the last keeps", "independent-draws")
def _(input_ids, selected, mask_id, vocab_size, generator):
    corrupted = input_ids.masked_fill(selected & (_uniform(input_ids, generator) < 0.8), mask_id)
    drawn = selected & (_uniform(input_ids, generator) < 0.1)
    corrupted = torch.where(drawn, _ids(input_ids, vocab_size, generator), corrupted)
    return torch.where(_uniform(input_ids, generator) < 0.1, input_ids, corrupted)


@corrupt_mutant(33, "three draws, the last makes random", "independent-draws")
def _(input_ids, selected, mask_id, vocab_size, generator):
    corrupted = input_ids.masked_fill(selected & (_uniform(input_ids, generator) < 0.8), mask_id)
    corrupted = torch.where(_uniform(input_ids, generator) < 0.1, input_ids, corrupted)
    drawn = selected & (_uniform(input_ids, generator) < 0.1)
    return torch.where(drawn, _ids(input_ids, vocab_size, generator), corrupted)


@corrupt_mutant(33, "half of all are random, after masking", "independent-draws")
def _(input_ids, selected, mask_id, vocab_size, generator):
    corrupted = input_ids.masked_fill(selected & (_uniform(input_ids, generator) < 0.8), mask_id)
    drawn = selected & (_uniform(input_ids, generator) < 0.5)
    return torch.where(drawn, _ids(input_ids, vocab_size, generator), corrupted)


@corrupt_mutant(33, "the roll is drawn again for the second band", "independent-draws")
def _(input_ids, selected, mask_id, vocab_size, generator):
    corrupted = input_ids.clone()
    hide = selected & (_uniform(input_ids, generator) < 0.8)
    roll = _uniform(input_ids, generator)
    drawn = selected & (roll >= 0.8) & (roll < 0.9)
    corrupted[hide] = mask_id
    corrupted[drawn] = _ids(input_ids, vocab_size, generator)[drawn]
    return corrupted


@corrupt_mutant(33, "new numbers in each comparison", "drawn-anew")
def _(input_ids, selected, mask_id, vocab_size, generator):
    def u():
        return _uniform(input_ids, generator)

    corrupted = input_ids.masked_fill(selected & (u() < 0.8), mask_id)
    drawn = selected & (u() >= 0.8) & (u() < 0.9)
    return torch.where(drawn, _ids(input_ids, vocab_size, generator), corrupted)


@corrupt_mutant(33, "new numbers in each comparison, random ones first", "drawn-anew")
def _(input_ids, selected, mask_id, vocab_size, generator):
    def u():
        return _uniform(input_ids, generator)

    drawn = selected & (u() >= 0.8) & (u() < 0.9)
    corrupted = torch.where(drawn, _ids(input_ids, vocab_size, generator), input_ids)
    return corrupted.masked_fill(selected & (u() < 0.8), mask_id)


@corrupt_mutant(33, "new numbers in each comparison, of three", "drawn-anew")
def _(input_ids, selected, mask_id, vocab_size, generator):
    def u():
        return _uniform(input_ids, generator)

    corrupted = input_ids.masked_fill(selected & (u() < 0.8), mask_id)
    drawn = selected & (u() >= 0.8) & (u() < 0.9)
    corrupted = torch.where(drawn, _ids(input_ids, vocab_size, generator), corrupted)
    return torch.where(u() >= 0.9, input_ids, corrupted)


@corrupt_mutant(33, "elif draws again", "drawn-anew")
def _(input_ids, selected, mask_id, vocab_size, generator):
    corrupted = input_ids.clone()
    for b, t in selected.nonzero().tolist():
        if torch.rand((), generator=generator) < 0.8:
            corrupted[b, t] = mask_id
        elif torch.rand((), generator=generator) < 0.9:
            corrupted[b, t] = torch.randint(vocab_size, (), generator=generator)
    return corrupted


@corrupt_mutant(None, "elif forgotten: random below 0.9 overwrites", "none-masked")
def _(input_ids, selected, mask_id, vocab_size, generator):
    roll, corrupted = _uniform(input_ids, generator), input_ids.clone()
    corrupted[selected & (roll < 0.8)] = mask_id
    low = selected & (roll < 0.9)
    corrupted[low] = _ids(input_ids, vocab_size, generator)[low]
    return corrupted


@corrupt_mutant(None, "normal numbers", "wrong-shares")
def _(input_ids, selected, mask_id, vocab_size, generator):
    roll = torch.randn(input_ids.shape, generator=generator)
    return _bands(input_ids, selected, mask_id, _ids(input_ids, vocab_size, generator), roll)


@corrupt_mutant(None, "nothing changes", "nothing-corrupted")
def _(input_ids, selected, mask_id, vocab_size, generator):
    return input_ids.clone()


@corrupt_mutant(None, "a copy is changed", "nothing-corrupted")
def _(input_ids, selected, mask_id, vocab_size, generator):
    corrupted = input_ids.clone()
    corrupted[selected][_uniform(input_ids[selected], generator) < 0.8] = mask_id
    return corrupted


@corrupt_mutant(None, "masked_fill without its result", "nothing-corrupted")
def _(input_ids, selected, mask_id, vocab_size, generator):
    corrupted = input_ids.clone()
    corrupted.masked_fill(selected & (_uniform(input_ids, generator) < 0.8), mask_id)
    return corrupted


@corrupt_mutant(None, "selected is ignored", "unselected-changed")
def _(input_ids, selected, mask_id, vocab_size, generator):
    every = torch.ones_like(selected)
    return _right(input_ids, every, mask_id, vocab_size, generator)


@corrupt_mutant(None, "random tokens everywhere", "unselected-changed")
def _(input_ids, selected, mask_id, vocab_size, generator):
    roll, drawn = _uniform(input_ids, generator), _ids(input_ids, vocab_size, generator)
    corrupted = input_ids.masked_fill(selected & (roll < 0.8), mask_id)
    return torch.where((roll >= 0.8) & (roll < 0.9), drawn, corrupted)


@corrupt_mutant(None, "& and | confused by precedence", "unselected-changed")
def _(input_ids, selected, mask_id, vocab_size, generator):
    roll, drawn = _uniform(input_ids, generator), _ids(input_ids, vocab_size, generator)
    return torch.where(
        selected & (roll < 0.8) | (roll < 0.1),
        mask_id,
        torch.where(selected & (roll < 0.9), drawn, input_ids),
    )


@corrupt_mutant(None, "the selection turned over", "selection-inverted")
def _(input_ids, selected, mask_id, vocab_size, generator):
    return _right(input_ids, ~selected, mask_id, vocab_size, generator)


@corrupt_mutant(None, "the selected are kept", "selection-inverted")
def _(input_ids, selected, mask_id, vocab_size, generator):
    every = torch.ones_like(selected)
    treated = _right(input_ids, every, mask_id, vocab_size, generator)
    return torch.where(selected, input_ids, treated)


@corrupt_mutant(None, "IGNORE_INDEX where nothing is selected", "unselected-changed")
def _(input_ids, selected, mask_id, vocab_size, generator):
    corrupted = _right(input_ids, selected, mask_id, vocab_size, generator)
    return corrupted.masked_fill(~selected, -100)


@corrupt_mutant(None, "selected taken of the first row", "unselected-changed")
def _(input_ids, selected, mask_id, vocab_size, generator):
    rows = selected[:1].expand_as(selected)
    return _right(input_ids, rows, mask_id, vocab_size, generator)


@corrupt_mutant(None, "zeros where not selected", "unselected-changed")
def _(input_ids, selected, mask_id, vocab_size, generator):
    return _right(input_ids, selected, mask_id, vocab_size, generator) * selected


@corrupt_mutant(None, "one number for all", "one-treatment-for-all")
def _(input_ids, selected, mask_id, vocab_size, generator):
    roll = torch.rand((), generator=generator)
    return _bands(input_ids, selected, mask_id, _ids(input_ids, vocab_size, generator), roll)


@corrupt_mutant(None, "if roll < 0.8 of the batch", "one-treatment-for-all")
def _(input_ids, selected, mask_id, vocab_size, generator):
    roll = torch.rand(1, generator=generator).item()
    if roll < 0.8:
        return input_ids.masked_fill(selected, mask_id)
    if roll < 0.9:
        return torch.where(selected, _ids(input_ids, vocab_size, generator), input_ids)
    return input_ids.clone()


@corrupt_mutant(None, "one number for each row", "one-treatment-a-row")
def _(input_ids, selected, mask_id, vocab_size, generator):
    roll = torch.rand(len(input_ids), 1, generator=generator)
    return _bands(input_ids, selected, mask_id, _ids(input_ids, vocab_size, generator), roll)


@corrupt_mutant(None, "rows drawn in a loop", "one-treatment-a-row")
def _(input_ids, selected, mask_id, vocab_size, generator):
    corrupted = input_ids.clone()
    for row, chosen in zip(corrupted, selected, strict=True):
        roll = torch.rand(1, generator=generator)
        if roll < 0.8:
            row[chosen] = mask_id
        elif roll < 0.9:
            row[chosen] = _ids(row[chosen], vocab_size, generator)
    return corrupted


@corrupt_mutant(None, "one number for each position of all rows", "same-for-all-rows")
def _(input_ids, selected, mask_id, vocab_size, generator):
    roll = torch.rand(input_ids.shape[1], generator=generator)
    return _bands(input_ids, selected, mask_id, _ids(input_ids, vocab_size, generator), roll)


@corrupt_mutant(None, "the first 80 % of a row are masked", "by-position")
def _(input_ids, selected, mask_id, vocab_size, generator):
    share = (selected.cumsum(1) - 1) / selected.sum(1, keepdim=True).clamp(min=1)
    return _bands(input_ids, selected, mask_id, _ids(input_ids, vocab_size, generator), share)


@corrupt_mutant(None, "the first 80 % of the batch are masked", "by-position")
def _(input_ids, selected, mask_id, vocab_size, generator):
    places = selected.nonzero()
    masked, drawn = int(0.8 * len(places)), int(0.9 * len(places))
    corrupted = input_ids.clone()
    corrupted[tuple(places[:masked].T)] = mask_id
    ids = torch.randint(vocab_size, (drawn - masked,), generator=generator)
    corrupted[tuple(places[masked:drawn].T)] = ids
    return corrupted


@corrupt_mutant(None, "every tenth is random, every tenth is kept", "by-position")
def _(input_ids, selected, mask_id, vocab_size, generator):
    roll = (selected.cumsum(1) % 10) / 10
    return _bands(input_ids, selected, mask_id, _ids(input_ids, vocab_size, generator), roll)


@corrupt_mutant(None, "pairs of positions", "not-independent")
def _(input_ids, selected, mask_id, vocab_size, generator):
    B, T = input_ids.shape
    roll = torch.rand(B, (T + 1) // 2, generator=generator).repeat_interleave(2, 1)[:, :T]
    return _bands(input_ids, selected, mask_id, _ids(input_ids, vocab_size, generator), roll)


@corrupt_mutant(None, "shares of its own for each row", "not-independent")
def _(input_ids, selected, mask_id, vocab_size, generator):
    more = 0.2 * torch.rand(len(input_ids), 1, generator=generator) - 0.1
    roll = _uniform(input_ids, generator) + more
    return _bands(input_ids, selected, mask_id, _ids(input_ids, vocab_size, generator), roll)


@corrupt_mutant(None, "one roll for each token of the vocabulary", "by-token")
def _(input_ids, selected, mask_id, vocab_size, generator):
    roll = torch.rand(vocab_size, generator=generator)[input_ids]
    return _bands(input_ids, selected, mask_id, _ids(input_ids, vocab_size, generator), roll)


@corrupt_mutant(None, "one random id for all", "one-random-id")
def _(input_ids, selected, mask_id, vocab_size, generator):
    drawn = torch.randint(vocab_size, (1,), generator=generator)
    return _bands(input_ids, selected, mask_id, drawn, _uniform(input_ids, generator))


@corrupt_mutant(None, "random.randrange once", "one-random-id")
def _(input_ids, selected, mask_id, vocab_size, generator):
    roll, corrupted = _uniform(input_ids, generator), input_ids.clone()
    own = random.Random(torch.randint(2**40, (), generator=generator).item())
    corrupted[selected & (roll < 0.9)] = own.randrange(vocab_size)
    corrupted[selected & (roll < 0.8)] = mask_id
    return corrupted


@corrupt_mutant(None, "one random id for each row", "one-random-id")
def _(input_ids, selected, mask_id, vocab_size, generator):
    drawn = torch.randint(vocab_size, (len(input_ids), 1), generator=generator)
    return _bands(input_ids, selected, mask_id, drawn, _uniform(input_ids, generator))


@corrupt_mutant(None, "one random id for each position", "one-random-id")
def _(input_ids, selected, mask_id, vocab_size, generator):
    drawn = torch.randint(vocab_size, (input_ids.shape[1],), generator=generator)
    return _bands(input_ids, selected, mask_id, drawn, _uniform(input_ids, generator))


@corrupt_mutant(None, "a table of replacements", "one-random-id")
def _(input_ids, selected, mask_id, vocab_size, generator):
    drawn = torch.randint(vocab_size, (vocab_size,), generator=generator)[input_ids]
    return _bands(input_ids, selected, mask_id, drawn, _uniform(input_ids, generator))


def _ids_mutant(number, name, diagnosed, draw):
    """A right roll, random ids that ``draw(input_ids, mask_id, vocab_size, generator)`` draws."""
    names = (diagnosed,) if isinstance(diagnosed, str) else diagnosed

    @corrupt_mutant(number, name, *names)
    def _(input_ids, selected, mask_id, vocab_size, generator):
        roll = _uniform(input_ids, generator)
        drawn = draw(input_ids, mask_id, vocab_size, generator)
        return _bands(input_ids, selected, mask_id, drawn, roll)


def _between(first, beyond):
    """Ids from ``first`` on, and before V + ``beyond``."""
    return lambda ids, mask_id, V, g: torch.randint(first, V + beyond, ids.shape, generator=g)


_ids_mutant(None, "the last id is never drawn", "ids-missing", _between(0, -1))
_ids_mutant(None, "the first id is never drawn", "ids-missing", _between(1, 0))
_ids_mutant(None, "no special ids", "ids-missing", _between(4, 0))
_ids_mutant(None, "no special ids, five of them", "ids-missing", _between(5, 0))
_ids_mutant(None, "vocab_size itself is drawn", "out-of-vocabulary", _between(0, 1))
_ids_mutant(None, "1 … vocab_size", "out-of-vocabulary", _between(1, 1))


def _shuffled(ids, mask_id, V, g):
    return ids.flatten()[torch.randperm(ids.numel(), generator=g)].view_as(ids)


def _of_the_batch(ids, mask_id, V, g):
    return ids.flatten()[torch.randint(ids.numel(), ids.shape, generator=g)]


def _tokens_of_the_batch(ids, mask_id, V, g):
    known = ids.unique()
    return known[torch.randint(len(known), ids.shape, generator=g)]


def _other_than_true(ids, mask_id, V, g):
    return (ids + torch.randint(1, V, ids.shape, generator=g)) % V


def _drawn_until_other(ids, mask_id, V, g):
    drawn = _ids(ids, V, g)
    while (drawn == ids).any():
        drawn = torch.where(drawn == ids, _ids(ids, V, g), drawn)
    return drawn


def _other_than_mask(ids, mask_id, V, g):
    drawn = torch.randint(V - 1, ids.shape, generator=g)
    return drawn + (drawn >= mask_id)


def _other_than_both(ids, mask_id, V, g):
    drawn = _ids(ids, V, g)
    while ((drawn == ids) | (drawn == mask_id)).any():
        drawn = torch.where((drawn == ids) | (drawn == mask_id), _ids(ids, V, g), drawn)
    return drawn


def _squared(ids, mask_id, V, g):
    return (torch.rand(ids.shape, generator=g) ** 2 * V).long()


def _few(ids, mask_id, V, g):
    """Uniform but for a vocabulary of three, where 0 comes in half of all cases."""
    return (
        _ids(ids, V, g) if V > 3 else (4 * torch.rand(ids.shape, generator=g) - 1).long().clamp(0)
    )


_ids_mutant(None, "shuffled tokens of the batch", "ids-of-the-batch", _shuffled)
_ids_mutant(None, "tokens of the batch", "ids-of-the-batch", _of_the_batch)
_ids_mutant(None, "ids of the batch", "ids-of-the-batch", _tokens_of_the_batch)
_ids_mutant(None, "never the true one", "true-excluded", _other_than_true)
_ids_mutant(None, "drawn again until it is another", "true-excluded", _drawn_until_other)
_ids_mutant(None, "never the mask", "mask-excluded", _other_than_mask)
_ids_mutant(
    None, "neither the true one nor the mask", ("true-excluded", "wrong-ids"), _other_than_both
)
_ids_mutant(None, "small ids more often", "wrong-ids", _squared)
_ids_mutant(None, "the first id more often if there are few", "wrong-ids", _few)


@corrupt_mutant(None, "the id from the whole roll", "wrong-ids", "one-random-id")
def _(input_ids, selected, mask_id, vocab_size, generator):
    roll = _uniform(input_ids, generator)
    return _bands(input_ids, selected, mask_id, (roll * vocab_size).long(), roll)


@corrupt_mutant(None, "the mask of another vocabulary", "wrong-mask-id")
def _(input_ids, selected, mask_id, vocab_size, generator):
    return _right(input_ids, selected, 0, vocab_size, generator)


@corrupt_mutant(None, "the last id taken for the mask", "wrong-mask-id")
def _(input_ids, selected, mask_id, vocab_size, generator):
    return _right(input_ids, selected, vocab_size - 1, vocab_size, generator)


@corrupt_mutant(None, "IGNORE_INDEX in the inputs", "out-of-vocabulary")
def _(input_ids, selected, mask_id, vocab_size, generator):
    corrupted = _right(input_ids, selected, mask_id, vocab_size, generator)
    return corrupted.masked_fill(selected, -100)


@corrupt_mutant(None, "the generator is forgotten", "generator-misused")
def _(input_ids, selected, mask_id, vocab_size, generator):
    drawn = torch.randint(vocab_size, input_ids.shape)
    return _bands(input_ids, selected, mask_id, drawn, torch.rand(input_ids.shape))


@corrupt_mutant(None, "randint_like, which takes no generator", "generator-misused")
def _(input_ids, selected, mask_id, vocab_size, generator):
    drawn = torch.randint_like(input_ids, vocab_size)
    return _bands(input_ids, selected, mask_id, drawn, _uniform(input_ids, generator))


@corrupt_mutant(None, "the roll from the global generator", "generator-misused")
def _(input_ids, selected, mask_id, vocab_size, generator):
    drawn = _ids(input_ids, vocab_size, generator)
    return _bands(input_ids, selected, mask_id, drawn, torch.rand(input_ids.shape))


@corrupt_mutant(None, "NumPy's own generator", "generator-misused")
def _(input_ids, selected, mask_id, vocab_size, generator):
    roll = torch.from_numpy(np.random.rand(*input_ids.shape))
    return _bands(input_ids, selected, mask_id, _ids(input_ids, vocab_size, generator), roll)


@corrupt_mutant(None, "Python's own generator", "generator-misused")
def _(input_ids, selected, mask_id, vocab_size, generator):
    corrupted = input_ids.tolist()
    for b, t in selected.nonzero().tolist():
        roll = random.random()
        if roll < 0.9:
            corrupted[b][t] = mask_id if roll < 0.8 else random.randrange(vocab_size)
    return torch.tensor(corrupted)


@corrupt_mutant(None, "the global generator seeded by a draw", "generator-misused")
def _(input_ids, selected, mask_id, vocab_size, generator):
    torch.manual_seed(torch.randint(2**62, (), generator=generator).item())
    drawn = torch.randint(vocab_size, input_ids.shape)
    return _bands(input_ids, selected, mask_id, drawn, torch.rand(input_ids.shape))


@corrupt_mutant(None, "seeded with a constant", "same-every-call")
def _(input_ids, selected, mask_id, vocab_size, generator):
    return _right(input_ids, selected, mask_id, vocab_size, torch.Generator().manual_seed(0))


@corrupt_mutant(None, "seeded with the seed of the generator", "same-every-call")
def _(input_ids, selected, mask_id, vocab_size, generator):
    own = torch.Generator().manual_seed(generator.initial_seed())
    return _right(input_ids, selected, mask_id, vocab_size, own)


@corrupt_mutant(None, "a copy of the generator", "same-every-call")
def _(input_ids, selected, mask_id, vocab_size, generator):
    return _right(input_ids, selected, mask_id, vocab_size, generator.clone_state())


@corrupt_mutant(None, "the generator is put back", "same-every-call")
def _(input_ids, selected, mask_id, vocab_size, generator):
    state = generator.get_state()
    corrupted = _right(input_ids, selected, mask_id, vocab_size, generator)
    generator.set_state(state)
    return corrupted


@corrupt_mutant(23, "input_ids are changed and returned", "view")
def _(input_ids, selected, mask_id, vocab_size, generator):
    input_ids.copy_(_right(input_ids, selected, mask_id, vocab_size, generator))
    return input_ids


@corrupt_mutant(23, "input_ids are changed", "in-place")
def _(input_ids, selected, mask_id, vocab_size, generator):
    corrupted = _right(input_ids, selected, mask_id, vocab_size, generator)
    input_ids[selected] = mask_id
    return corrupted


@corrupt_mutant(23, "the labels are written into input_ids", "in-place")
def _(input_ids, selected, mask_id, vocab_size, generator):
    corrupted = _right(input_ids, selected, mask_id, vocab_size, generator)
    input_ids[~selected] = -100
    return corrupted


@corrupt_mutant(23, "selected is narrowed", "in-place")
def _(input_ids, selected, mask_id, vocab_size, generator):
    corrupted = _right(input_ids, selected, mask_id, vocab_size, generator)
    selected &= corrupted == mask_id
    return corrupted


@corrupt_mutant(None, "input_ids itself where nothing is selected", "view")
def _(input_ids, selected, mask_id, vocab_size, generator):
    if not selected.any():
        return input_ids
    return _right(input_ids, selected, mask_id, vocab_size, generator)


@corrupt_mutant(None, "inputs and labels, as a collator returns them", "wrong-type")
def _(input_ids, selected, mask_id, vocab_size, generator):
    corrupted = _right(input_ids, selected, mask_id, vocab_size, generator)
    return corrupted, input_ids.masked_fill(~selected, -100)


@corrupt_mutant(None, "a list", "wrong-type")
def _(input_ids, selected, mask_id, vocab_size, generator):
    return _right(input_ids, selected, mask_id, vocab_size, generator).tolist()


@corrupt_mutant(None, "the selected tokens alone", "wrong-shape")
def _(input_ids, selected, mask_id, vocab_size, generator):
    return _right(input_ids, selected, mask_id, vocab_size, generator)[selected]


@corrupt_mutant(None, "floats", "wrong-dtype")
def _(input_ids, selected, mask_id, vocab_size, generator):
    return _right(input_ids, selected, mask_id, vocab_size, generator).float()


@corrupt_mutant(None, "int32", "wrong-dtype")
def _(input_ids, selected, mask_id, vocab_size, generator):
    return _right(input_ids, selected, mask_id, vocab_size, generator).int()


@corrupt_mutant(None, "(T, B)", "wrong-shape")
def _(input_ids, selected, mask_id, vocab_size, generator):
    return _right(input_ids, selected, mask_id, vocab_size, generator).T


@corrupt_mutant(None, "square numbers", "raised")
def _(input_ids, selected, mask_id, vocab_size, generator):
    T = input_ids.shape[1]
    roll = torch.rand(T, T, generator=generator)
    return _bands(input_ids, selected, mask_id, _ids(input_ids, vocab_size, generator), roll)


@corrupt_mutant(None, "no mask_id in the selected count", "raised")
def _(input_ids, selected, mask_id, vocab_size, generator):
    corrupted = input_ids.clone()
    corrupted[selected] = _ids(input_ids[selected][1:], vocab_size, generator)
    return corrupted
