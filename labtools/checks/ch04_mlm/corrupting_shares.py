"""How often each treatment comes, and which ids are drawn: what chance would not do."""

from collections.abc import Iterator

import torch
from torch import Tensor

from labtools.checks.ch04_mlm.corrupting_batch import TREATED, Batch, forbidden, seen
from labtools.checks.ch04_mlm.corrupting_words import say
from labtools.checks.chance import (
    Calls,
    implausible,
    percent,
    together,
    too_many,
    uneven,
)
from labtools.checks.report import Diagnosis

T, CHOSEN = 50, 40  # positions of a row, and how many of them are selected


def unlikely(call: Calls) -> Diagnosis | None:
    """What chance does less than once in a million times."""
    data = call.data
    many = Batch.made((625, T), CHOSEN, 103, 1000, range(200, 1000), data).treated(call, 2)
    found = forbidden(many) or _wrong_shares(many) or _repeated_ids(many) or _dependent(many)
    if found:
        return found
    few = Batch.made((250, T), CHOSEN, 3, 8, range(5, 7), data).treated(call, 1)
    found = forbidden(few) or _wrong_ids(few)
    if found:
        return found
    # all selected tokens are 2, so that one random id in three is the true one
    three = Batch.made((350, T), CHOSEN, 1, 3, range(2, 3), data).treated(call, 1)
    return forbidden(three) or _excluded(three)


def _counted(batch: Batch) -> tuple[Tensor, Tensor]:
    counts = torch.stack([x.sum() for x in (batch.masked, batch.other, batch.kept)])
    return counts, batch.selected.sum()


def _is(batch: Batch, treated: tuple[float, float, float]) -> bool:
    """Whether the tokens may have been treated in these shares."""
    counts, n = _counted(batch)
    return not implausible(counts, n, torch.tensor(seen(treated, batch.vocab_size))).any()


# the shares of masked, random and kept of those who make a known mistake
KNOWN = (
    ("of-the-remainder", (0.8, 0.02, 0.18)),
    ("of-the-remainder", (0.8, 0.16, 0.04)),
    ("independent-draws", (0.72, 0.1, 0.18)),
    ("independent-draws", (0.72, 0.09, 0.19)),
    ("independent-draws", (0.72, 0.08, 0.2)),
    ("independent-draws", (0.648, 0.09, 0.262)),
    ("independent-draws", (0.648, 0.1, 0.252)),
    ("independent-draws", (0.72, 0.018, 0.262)),
    ("independent-draws", (0.4, 0.5, 0.1)),
    ("drawn-anew", (0.656, 0.18, 0.164)),
    ("drawn-anew", (0.8, 0.18, 0.02)),
    ("drawn-anew", (0.8, 0.036, 0.164)),
    ("drawn-anew", (0.59, 0.162, 0.248)),
    ("drawn-anew", (0.59, 0.18, 0.23)),
    ("drawn-anew", (0.72, 0.18, 0.1)),
    ("none-kept", (0.8, 0.2, 0.0)),
    ("none-kept", (0.9, 0.1, 0.0)),
    ("none-random", (0.8, 0.0, 0.2)),
    ("none-random", (0.9, 0.0, 0.1)),
    ("swapped", (0.1, 0.8, 0.1)),
    ("swapped", (0.1, 0.1, 0.8)),
    ("none-masked", (0.0, 0.9, 0.1)),
    ("none-masked", (0.0, 0.2, 0.8)),
    ("none-masked", (0.0, 0.1, 0.9)),
)


def _wrong_shares(batch: Batch) -> Diagnosis | None:
    if _is(batch, TREATED):
        return None
    name = next((name for name, treated in KNOWN if _is(batch, treated)), "wrong-shares")
    return say(name, _shares(batch))


def _shares(batch: Batch) -> str:
    counts, n = _counted(batch)
    yours = "".join(f"{percent(c / n):>12}" for c in counts)
    expected = "".join(f"{percent(p):>12}" for p in seen(TREATED, batch.vocab_size))
    return (
        f"{batch.given()}\n"
        f"              mask_id  another id   unchanged\n"
        f"  yours     {yours[3:]}\n"
        f"  expected  {expected[3:]}"
    )


def _repeated_ids(batch: Batch) -> Diagnosis | None:
    """Two random ids are the same more often than one in V − 2.

    They are taken two by two, so that no id is looked at twice: any two that stand far apart, and
    two of the same row, column or true token.
    """
    b, t = batch.other.nonzero().unbind(1)
    ids = batch.corrupted[b, t]
    groups = {
        "two rows": torch.arange(len(ids)) % max(1, len(ids) // 2),
        "the same row": b,
        "the same column": t,
        "the same true token": batch.input_ids[b, t],
    }
    pairs = [_pairs(key, ids) for key in groups.values()]
    counts, n = (torch.stack(x) for x in zip(*pairs, strict=True))
    wrong = too_many(counts, n, torch.tensor(1 / (batch.vocab_size - 2))).nonzero()
    if not len(wrong):
        return None
    i = int(wrong[0])
    where = (
        f"{batch.given()}\n  of {int(n[i])} pairs of random ids of {[*groups][i]} "
        f"{int(counts[i])} are equal, expected {n[i] / batch.vocab_size:.0f}"
    )
    return say("one-random-id" if i else "wrong-ids", where)


def _pairs(key: Tensor, ids: Tensor) -> tuple[Tensor, Tensor]:
    """How many pairs of ids with the same key are equal, and how many there are."""
    order = key.argsort(stable=True)
    key, ids = key[order], ids[order]
    place = torch.arange(len(key)) - torch.searchsorted(key, key)
    first = (place[:-1] % 2 == 0) & (key[:-1] == key[1:])
    return (first & (ids[:-1] == ids[1:])).sum(), first.sum()


def _dependent(batch: Batch) -> Diagnosis | None:
    return _by_position(batch) or _paired(batch) or _uneven(batch)


def _by_position(batch: Batch) -> Diagnosis | None:
    """The treatment depends on the position, or on the place among the selected of a row."""
    outcomes = batch.outcomes()
    masked, drawn, _ = seen(TREATED, batch.vocab_size)
    by_place = [(outcomes == which).sum(0) for which in range(2)]
    by_column = [x.sum(0) for x in (batch.masked, batch.other)]
    counts = torch.cat([torch.stack(by_place), torch.stack(by_column)], 1)
    n = torch.cat([torch.full((CHOSEN,), len(outcomes)), batch.selected.sum(0)])
    wrong = implausible(counts, n, torch.tensor([[masked], [drawn]])).nonzero()
    if not len(wrong):
        return None
    which, i = wrong[0].tolist()
    place = f"selected token {i} of a row" if i < CHOSEN else f"position {i - CHOSEN} of a row"
    where = (
        f"{batch.given()}\n  {place}: {int(counts[which, i])} of {int(n[i])} became "
        f"{('mask_id', 'another id')[which]}, expected {(masked, drawn)[which] * int(n[i]):.0f}"
    )
    return say("by-position", where)


def _rare(batch: Batch) -> tuple[tuple[str, Tensor, float], ...]:
    masked, drawn, _ = seen(TREATED, batch.vocab_size)
    not_masked = batch.selected & ~batch.masked
    return ("not masked", not_masked, 1 - masked), ("random", batch.other, drawn)


def _paired(batch: Batch) -> Diagnosis | None:
    """Two positions of a row are treated alike, which are treated each by itself."""
    for said, event, p in _rare(batch):
        counts, n = together(event, batch.selected)
        wrong = too_many(counts, n, torch.tensor(p**2)).nonzero()
        if len(wrong):
            s, t = wrong[0].tolist()
            where = (
                f"{batch.given()}\n  positions {s} and {t} of a row: both {said} "
                f"{int(counts[s, t])} times of {int(n[s, t])}, expected {p**2 * n[s, t]:.0f}"
            )
            return say("not-independent", where)
    return None


def _uneven(batch: Batch) -> Diagnosis | None:
    for said, event, p in _rare(batch):
        tail = uneven(event.sum(1), CHOSEN, p)
        if tail:
            where = (
                f"{batch.given()}\n  rows with {tail.said} of {CHOSEN} {said}: {tail.rows}, "
                f"expected {tail.expected:.0f} at most"
            )
            return say("not-independent", where)
    return None


def _wrong_ids(batch: Batch) -> Diagnosis | None:
    """Some id of the vocabulary comes too often, or not often enough."""
    ids = torch.tensor([i for i in range(batch.vocab_size) if i != batch.mask_id])
    true = batch.input_ids[batch.selected][:, None]
    became = batch.corrupted[batch.selected][:, None]
    counts, n = ((became == ids) & (true != ids)).sum(0), (true != ids).sum(0)
    p = TREATED[1] / batch.vocab_size
    if not implausible(counts, n, torch.tensor(p)).any():
        return None
    missing = ids[counts == 0].tolist()
    absent = ids[~(true == ids).any(0)].tolist()
    name = "wrong-ids" if not missing else "ids-missing"
    where = f"{batch.given()}\n" + "\n".join(_histogram(ids, counts, n, p))
    return say("ids-of-the-batch" if missing == absent else name, where)


def _histogram(ids: Tensor, counts: Tensor, n: Tensor, p: float) -> Iterator[str]:
    rows = (
        ("an id   ", ids),
        ("drawn   ", counts),
        ("expected", (p * n).round().long()),
    )
    for said, numbers in rows:
        yield f"  {said}  {' '.join(f'{x:4d}' for x in numbers.tolist())}"


def _excluded(batch: Batch) -> Diagnosis | None:
    """The random id is never the true one or never mask_id, or else not uniform.

    For of a vocabulary where that hardly shows the shares were right.
    """
    if _is(batch, TREATED):
        return None
    counts, n = _counted(batch)
    for name, shares in (
        ("true-excluded", (0.85, 0.05, 0.1)),
        ("true-excluded", (0.8, 0.1, 0.1)),
        ("mask-excluded", (0.8, 0.05, 0.15)),
    ):
        if not implausible(counts, n, torch.tensor(shares)).any():
            return say(name, _shares(batch))
    return say("wrong-ids", _shares(batch))
