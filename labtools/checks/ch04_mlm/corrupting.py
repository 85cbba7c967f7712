"""What becomes of a selected token: ``corrupt``."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, pairwise

import torch
from torch import Generator, Tensor

from labtools.checks import kinds
from labtools.checks.calling import Outcome
from labtools.checks.ch04_mlm.chance import (
    Calls,
    implausible,
    looked_at,
    percent,
    together,
    too_many,
    uneven,
)
from labtools.checks.ch04_mlm.corrupting_words import GENERATOR, STATIC, WORDS
from labtools.checks.ch04_mlm.sections import TREATMENTS
from labtools.checks.drawing import show
from labtools.checks.properties import goes_on, only_this_generator
from labtools.checks.report import Diagnosis
from labtools.checks.spec import Case, Mistake, Spec

NAME, ARGUMENTS = "corrupt", ("input_ids", "selected", "mask_id", "vocab_size", "generator")
NOTHING = torch.empty(0)
T, CHOSEN = 50, 40  # positions of a row, and how many of them are selected
TREATED = (0.8, 0.1, 0.1)  # masked, random, kept


def _kind(
    input_ids: Tensor, selected: Tensor, mask_id: int, vocab_size: int, generator: Generator
) -> Tensor:
    """A result of the right kind; the right one where nothing is selected."""
    return input_ids.clone()


def _cases(generator: Generator) -> list[Case]:
    """One in which nothing is left to chance, in almost every wrong answer too: see the rest."""
    ids = torch.zeros(2, 5, dtype=torch.int64)
    return [Case((ids, ids.bool(), 0, 1, Generator().manual_seed(3)))]


def _draws_from(first: int, beyond: Callable[[int], int]) -> Callable[..., Tensor]:
    """Raises what torch.randint does where there is nothing to draw."""
    return lambda input_ids, selected, mask_id, vocab_size, generator: torch.randint(
        first, beyond(vocab_size), (), generator=generator
    )


NOTHING_TO_DRAW = (
    *(_draws_from(first, lambda V: V) for first in range(1, 10)),
    _draws_from(0, lambda V: V - 1),
)


def specification(seed: int) -> Spec:
    """What is asked of ``corrupt``; the seed is also that of what it draws."""
    form = Spec(NAME, ARGUMENTS, TREATMENTS, _kind, _cases)
    return Spec(
        NAME,
        ARGUMENTS,
        TREATMENTS,
        _kind,
        _cases,
        tuple(Mistake("ids-missing", WORDS["ids-missing"], wrong) for wrong in NOTHING_TO_DRAW),
        (
            looked_at("pattern", form, seed, _pattern),
            goes_on(STATIC, _ask),
            only_this_generator(GENERATOR, _ask),
            looked_at("shares", form, seed, _unlikely),
            looked_at("untouched", form, seed, _touched),
        ),
    )


def _ask(answer: Callable[..., Outcome], generator: Generator) -> Outcome:
    batch = Batch.made(6, T, CHOSEN, 999, 1000, range(5, 900), 7)
    return answer(*batch.args, generator)


def _say(name: str, where: str) -> Diagnosis:
    words = WORDS[name]
    return Diagnosis(words.title, words.explain, where, words.section, name)


@dataclass(frozen=True)
class Batch:
    """Arguments of calls, and the ``corrupted`` tokens that they returned.

    No true token of a selected position is ``mask_id``; of some others it is.
    """

    input_ids: Tensor
    selected: Tensor
    mask_id: int
    vocab_size: int
    corrupted: Tensor = NOTHING

    @staticmethod
    def made(
        rows: int, T: int, chosen: int, mask_id: int, vocab_size: int, ids: range, seed: int
    ) -> "Batch":
        """Tokens drawn from ``ids``, and ``chosen`` of the T positions of each row selected."""
        generator = Generator().manual_seed(seed)
        input_ids = torch.randint(ids.start, ids.stop, (rows, T), generator=generator)
        places = torch.rand(rows, T, generator=generator).argsort(1)
        selected = places < chosen
        return Batch(input_ids.masked_fill(places == T - 1, mask_id), selected, mask_id, vocab_size)

    @property
    def args(self) -> tuple[Tensor, Tensor, int, int]:
        """All arguments but the generator."""
        return self.input_ids, self.selected, self.mask_id, self.vocab_size

    def treated(self, call: Calls, times: int) -> "Batch":
        """What so many calls make of it, one below the other; wrong if they touch other tokens."""
        corrupted = torch.cat([call(*self.args) for _ in range(times)])
        ids, selected = (x.repeat(times, 1) for x in (self.input_ids, self.selected))
        return Batch(ids, selected, self.mask_id, self.vocab_size, corrupted)

    @property
    def kept(self) -> Tensor:
        """Selected tokens that are what they were."""
        return self.selected & (self.corrupted == self.input_ids)

    @property
    def masked(self) -> Tensor:
        """Selected tokens that became ``mask_id``."""
        return self.selected & (self.corrupted == self.mask_id)

    @property
    def other(self) -> Tensor:
        """Selected tokens that became another id."""
        return self.selected & ~self.kept & ~self.masked

    def outcomes(self) -> Tensor:
        """0, 1 or 2 for masked, other and kept, of the selected tokens of each row: (rows, n)."""
        return (self.other + 2 * self.kept)[self.selected].view(len(self.selected), -1)

    def given(self) -> str:
        """What it was called with, in a line."""
        return (
            f"  {int(self.selected.sum())} selected tokens, mask_id = {self.mask_id}, "
            f"vocab_size = {self.vocab_size}"
        )


def seen(treated: tuple[float, float, float], vocab_size: int) -> list[float]:
    """The shares of masked, other and kept that show: a random id may be mask_id or the true one.

    ``treated`` are the shares of tokens masked, replaced by a random one and kept.
    """
    masked, drawn, kept = treated
    by_chance = drawn / vocab_size
    return [masked + by_chance, drawn - 2 * by_chance, kept + by_chance]


def _forbidden(batch: Batch) -> Diagnosis | None:
    changed = (batch.corrupted != batch.input_ids) & ~batch.selected
    if changed.any():
        inverted = batch.kept.sum() == batch.selected.sum()
        name = "selection-inverted" if inverted else "unselected-changed"
        return _say(name, f"{batch.given()}\n{_token(batch, changed)}")
    outside = (batch.corrupted < 0) | (batch.corrupted >= batch.vocab_size)
    if outside.any():
        return _say("out-of-vocabulary", f"{batch.given()}\n{_token(batch, outside)}")
    return None


def _token(batch: Batch, which: Tensor) -> str:
    b, t = which.nonzero()[0].tolist()
    true, became = int(batch.input_ids[b, t]), int(batch.corrupted[b, t])
    what = "selected" if batch.selected[b, t] else "not selected"
    return f"  row {b}, position {t}, {what}: {true} became {became}"


ROWS, CALLS, MOSTLY = 4, 60, 0.9


def _pattern(call: Calls) -> Diagnosis | None:
    """What shows in many small calls, and what chance does less than once in 10^20 times.

    As a random id may be the true one, what a pattern says must hold of 90 % of rows or calls.
    """
    # few true tokens, so that each comes often
    ids = 150 * torch.randint(2, 7, (ROWS, 15), generator=Generator().manual_seed(3))
    columns = torch.tensor([0, 1, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 1, 0, 0]).bool()
    batch = Batch(ids, columns.expand(ROWS, -1).clone(), 103, 1000).treated(call, CALLS)
    found = _forbidden(batch)
    name = None if found else next(_patterns(batch), None)
    return _say(name, _example(batch)) if name else found


def _patterns(batch: Batch) -> Iterator[str]:
    others = batch.corrupted[batch.other]
    if batch.kept.equal(batch.selected):
        yield "nothing-corrupted"
    if batch.masked.equal(batch.selected):
        yield "all-masked"
    if len(others) and 2 * int((others == others.mode().values).sum()) > int(batch.selected.sum()):
        yield "wrong-mask-id"
    if len(others) > 0.97 * int(batch.selected.sum()):
        yield "all-random"
    drawn = zip(batch.corrupted.split(ROWS), batch.other.split(ROWS), strict=True)
    ids = [corrupted[other].tolist() for corrupted, other in drawn]
    if _mostly(len(set(of_a_call)) == 1 for of_a_call in ids if len(of_a_call) > 1):
        yield "one-random-id"
    if any(call != ids[0] for call in ids):  # or every call does the same: that is told later
        yield from _alike(batch)


def _alike(batch: Batch) -> Iterator[str]:
    """What the tokens have in common that are treated alike."""
    rows = batch.outcomes().tolist()
    calls = [rows[i : i + ROWS] for i in range(0, len(rows), ROWS)]
    in_a_line = [list(chain(*call)) for call in calls]
    for name, parts in (
        ("one-treatment-for-all", in_a_line),
        ("one-treatment-a-row", rows),
        ("by-token", list(_of_each_token(batch, in_a_line))),
    ):
        if _mostly(_changes(x) == 0 for x in parts) and len({x[0] for x in parts}) > 1:
            yield name
    if (
        _mostly(row == rows[0] for row in rows[1:])
        or _mostly(_changes(x) <= 2 for x in rows)
        or _mostly(_changes(x) <= 2 for x in in_a_line)
    ):
        yield "by-position"
    if _mostly(row == call[0] for call in calls for row in call[1:]):
        yield "same-for-all-rows"


def _of_each_token(batch: Batch, calls: list[list[int]]) -> Iterator[list[int]]:
    """The outcomes of one call for tokens that are the same."""
    tokens = batch.input_ids[:ROWS][batch.selected[:ROWS]].tolist()
    for outcomes in calls:
        for token in set(tokens):
            yield [x for x, of in zip(outcomes, tokens, strict=True) if of == token]


def _mostly(found: Iterable[bool]) -> bool:
    of = list(found)
    return len(of) > 0 and sum(of) >= MOSTLY * len(of)


def _changes(row: list[int]) -> int:
    return sum(a != b for a, b in pairwise(row))


def _example(batch: Batch) -> str:
    lines = [
        f"  mask_id = {batch.mask_id}, vocab_size = {batch.vocab_size}, the selected tokens of"
    ]
    for b in range(3):
        true, became = (x[b][batch.selected[b]] for x in (batch.input_ids, batch.corrupted))
        lines.append(f"  row {b}  {show(true)}\n  became {show(became)}")
    return "\n".join(lines)


def _unlikely(call: Calls) -> Diagnosis | None:
    """What chance does less than once in a million times."""
    seed = call.generator.initial_seed()
    many = Batch.made(625, T, CHOSEN, 103, 1000, range(200, 1000), seed).treated(call, 2)
    found = _forbidden(many) or _wrong_shares(many) or _repeated_ids(many) or _dependent(many)
    if found:
        return found
    few = Batch.made(250, T, CHOSEN, 3, 8, range(5, 7), seed).treated(call, 1)
    found = _forbidden(few) or _wrong_ids(few)
    if found:
        return found
    # all selected tokens are 2, so that one random id in three is the true one
    three = Batch.made(350, T, CHOSEN, 1, 3, range(2, 3), seed).treated(call, 1)
    return _forbidden(three) or _excluded(three)


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
    ("of-the-remainder", (0.8, 0.18, 0.02)),
    ("independent-draws", (0.72, 0.1, 0.18)),
    ("independent-draws", (0.72, 0.09, 0.19)),
    ("independent-draws", (0.72, 0.08, 0.2)),
    ("independent-draws", (0.648, 0.09, 0.262)),
    ("independent-draws", (0.648, 0.1, 0.252)),
    ("independent-draws", (0.72, 0.018, 0.262)),
    ("independent-draws", (0.4, 0.5, 0.1)),
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
    return _say(name, _shares(batch))


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
    return _say("one-random-id" if i else "wrong-ids", where)


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
    return _say("by-position", where)


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
            return _say("not-independent", where)
    return None


def _uneven(batch: Batch) -> Diagnosis | None:
    for said, event, p in _rare(batch):
        tail = uneven(event.sum(1), CHOSEN, p)
        if tail:
            where = (
                f"{batch.given()}\n  rows with {tail.said} of {CHOSEN} {said}: {tail.rows}, "
                f"expected {tail.expected:.0f} at most"
            )
            return _say("not-independent", where)
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
    return _say("ids-of-the-batch" if missing == absent else name, where)


def _histogram(ids: Tensor, counts: Tensor, n: Tensor, p: float) -> Iterator[str]:
    rows = (
        ("an id   ", ids),
        ("drawn   ", counts),
        ("expected", (p * n).round().long()),
    )
    for said, numbers in rows:
        yield f"  {said}  {' '.join(f'{x:4d}' for x in numbers.tolist())}"


def _excluded(batch: Batch) -> Diagnosis | None:
    """The random id is never the true one, or never mask_id."""
    if _is(batch, TREATED):
        return None
    counts, n = _counted(batch)
    for name, shares in (
        ("true-excluded", (0.85, 0.05, 0.1)),
        ("true-excluded", (0.8, 0.1, 0.1)),
        ("mask-excluded", (0.8, 0.05, 0.15)),
    ):
        if not implausible(counts, n, torch.tensor(shares)).any():
            return _say(name, _shares(batch))
    return _say("wrong-shares", _shares(batch))


def _touched(call: Calls) -> Diagnosis | None:
    sizes = (3, 9, 5), (1, 20, 10), (1, 1, 1), (2, 1, 1), (4, 6, 0)
    runs = [
        call.run(*Batch.made(rows, T, chosen, 3, 20, range(5, 20), 4).args)
        for rows, T, chosen in sizes
    ]
    return kinds.changed(runs) or kinds.view(runs)
