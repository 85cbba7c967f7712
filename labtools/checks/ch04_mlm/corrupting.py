"""What becomes of a selected token: ``corrupt``."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, pairwise

import torch
from torch import Generator, Tensor

from labtools.checks import kinds
from labtools.checks.calling import Outcome
from labtools.checks.ch04_mlm.corrupting_batch import Batch, forbidden
from labtools.checks.ch04_mlm.corrupting_shares import unlikely
from labtools.checks.ch04_mlm.corrupting_words import GENERATOR, STATIC, WORDS, say
from labtools.checks.ch04_mlm.sections import TREATMENTS
from labtools.checks.chance import Calls, looked_at
from labtools.checks.drawing import show
from labtools.checks.properties import goes_on, only_this_generator
from labtools.checks.report import Diagnosis
from labtools.checks.spec import Case, Mistake, Spec
from labtools.vocab import IGNORE_INDEX

NAME, ARGUMENTS = "corrupt", ("input_ids", "selected", "mask_id", "vocab_size", "generator")


def _kind(
    input_ids: Tensor, selected: Tensor, mask_id: int, vocab_size: int, generator: Generator
) -> Tensor:
    """A result of the right kind; the right one where nothing is selected."""
    return input_ids.clone()


def _cases(generator: Generator) -> list[Case]:
    """One so small that little is left to chance, in almost every wrong answer too: see the rest.

    The only token reads ``mask_id`` and is not selected.
    """
    ids = torch.zeros(1, 1, dtype=torch.int64)
    return [Case((ids, ids.bool(), 0, FEW, Generator().manual_seed(3)))]


FEW = 50  # ids: as many as any range of them needs that leaves special ones out


def _becomes(token: int) -> Callable[..., Tensor]:
    """What those return who change the token of that case."""
    return lambda input_ids, selected, mask_id, vocab_size, generator: torch.full_like(
        input_ids, token
    )


CHANGED = tuple(
    Mistake("unselected-changed", WORDS["unselected-changed"], _becomes(token))
    for token in (IGNORE_INDEX, *range(1, FEW + 1))
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
        CHANGED,
        (
            looked_at("small", form, seed, _small),
            looked_at("pattern", form, seed, _pattern),
            goes_on(STATIC, _ask),
            only_this_generator(GENERATOR, _ask),
            looked_at("shares", form, seed, unlikely),
            looked_at("untouched", form, seed, _touched),
        ),
    )


def _ask(answer: Callable[..., Outcome], generator: Generator) -> Outcome:
    batch = Batch.made((6, 50), 40, 999, 1000, range(5, 900), Generator().manual_seed(7))
    return answer(*batch.args, generator)


def _small(call: Calls) -> Diagnosis | None:
    """What goes wrong anywhere is shown where there is little to read."""
    return forbidden(Batch.made((2, 5), 3, 3, FEW, range(5, FEW), call.data).treated(call, 2))


ROWS, CALLS, MOSTLY = 4, 60, 0.9


def _pattern(call: Calls) -> Diagnosis | None:
    """What shows in many small calls, and what chance does less than once in 10^20 times.

    As a random id may be the true one, what a pattern says must hold of 90 % of rows or calls.
    """
    # few true tokens, so that each comes often
    ids = 150 * torch.randint(2, 7, (ROWS, 15), generator=call.data)
    columns = torch.tensor([0, 1, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 1, 0, 0]).bool()
    batch = Batch(ids, columns.expand(ROWS, -1).clone(), 103, 1000).treated(call, CALLS)
    found = forbidden(batch)
    name = None if found else next(_patterns(batch), None)
    return say(name, _example(batch, name)) if name else found


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


def _example(batch: Batch, name: str) -> str:
    """The first three rows, or the first of each treatment where all of a row are treated alike."""
    first = batch.outcomes()[:, 0].tolist()
    alike = name in ("one-treatment-for-all", "one-treatment-a-row")
    lines = [
        f"  mask_id = {batch.mask_id}, vocab_size = {batch.vocab_size}, the selected tokens of"
    ]
    for b in sorted(map(first.index, set(first))) if alike else range(3):
        true, became = (x[b][batch.selected[b]] for x in (batch.input_ids, batch.corrupted))
        lines.append(f"  row {b}  {show(true)}\n  became {show(became)}")
    return "\n".join(lines)


def _touched(call: Calls) -> Diagnosis | None:
    sizes = (3, 9, 5), (1, 20, 10), (1, 1, 1), (2, 1, 1), (4, 6, 0)
    runs = [
        call.run(*Batch.made((rows, T), chosen, 3, 20, range(5, 20), call.data).args)
        for rows, T, chosen in sizes
    ]
    return kinds.changed(runs) or kinds.view(runs)
