"""Mistakes in what the decoder reads, as rules and in words: for ``shift_right``."""

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import torch
from torch import Tensor

from labtools.checks.ch05_seq2seq.sections import SHIFT
from labtools.checks.spec import Rules, Words
from labtools.vocab import IGNORE_INDEX

Ids = list[int]
Row = Callable[[Ids, int], Ids]  # a row of labels, the start token
Fill = Callable[[int, int], int]  # decoder_start_id, pad_id

WORDS = {
    "not-shifted": Words(
        "nothing is shifted: the decoder reads the very labels it is to predict",
        "At position t it would read labels[:, t], which is its answer: it copies, the loss falls "
        "to 0, and it has learnt nothing. Column t is labels[:, t − 1].",
        SHIFT,
    ),
    "first-label-lost": Words(
        "the start token takes the first label's place, and nothing is shifted",
        "At position t the decoder reads labels[:, t], which is its answer, so it copies. Put the "
        "start token before the labels and leave out the last: column t is labels[:, t − 1].",
        SHIFT,
    ),
    "shifted-left": Words(
        "it is shifted the wrong way: the decoder reads the label after the one it predicts",
        "Column t is labels[:, t − 1], what has been written so far, and column 0 is the start "
        "token.",
        SHIFT,
    ),
    "shifted-twice": Words(
        "it is shifted by two",
        "Column 0 is the start token and column 1 the first label: the decoder must read the label "
        "just before the one that it predicts.",
        SHIFT,
    ),
    "rolled": Words(
        "the first column is not the start token: what fell off the end came in there",
        "torch.roll moves the last column to the front. Then set the first: "
        "ids[:, 0] = decoder_start_id.",
        SHIFT,
    ),
    "ignore-index-left": Words(
        f"{IGNORE_INDEX} is left in what the decoder reads",
        f"{IGNORE_INDEX} is the id of no token, and an embedding raises an IndexError. In the "
        "labels it marks what is not scored; what the decoder reads there is pad_id.",
        SHIFT,
    ),
    "wrong-padding": Words(
        f"{IGNORE_INDEX} becomes another id than pad_id",
        "What the decoder reads behind the last label is padding, and its id is given as pad_id. "
        "It need not be 0, and it need not be the start token.",
        SHIFT,
    ),
    "start-assumed": Words(
        "the first column is not decoder_start_id",
        "Models differ in what their decoder begins with: T5 with the pad token, BART with <eos>. "
        "So it is an argument: put decoder_start_id there, whatever it is.",
        SHIFT,
    ),
    "start-from-labels": Words(
        "the first column is taken from the labels",
        "To move each row's <eos> to the front is right only where every row has one and the "
        "decoder starts with it, as BART's does. Here column 0 is decoder_start_id in every row.",
        SHIFT,
    ),
    "arguments-swapped": Words(
        "decoder_start_id and pad_id have changed places",
        f"Column 0 is decoder_start_id, and pad_id stands for {IGNORE_INDEX}.",
        SHIFT,
    ),
    "too-long": Words(
        "it has a column too many: the last label is kept",
        "There are T columns, one for each label that is predicted. The last label is read by "
        "nobody, for nothing comes after it.",
        SHIFT,
    ),
    "too-short": Words(
        "it has too few columns",
        "There are T columns, one for each label that is predicted: the start token, and all "
        "labels but the last.",
        SHIFT,
    ),
    "start-at-the-end": Words(
        "the start token stands at the end",
        "The decoder reads it first: column 0.",
        SHIFT,
    ),
    "last-label-lost": Words(
        "each row's last label is left out, where the last column should be",
        "What is left out is the last column, whatever it holds. In a row with padding that is "
        "padding, and the last label, as a rule <eos>, stays: column t is labels[:, t − 1]. (No "
        "query that is scored reads it there.)",
        SHIFT,
    ),
    "one-row-started": Words(
        "only one row begins with the start token",
        "The first index is of the batch: ids[:, 0] is the first column, ids[0] the first row.",
        SHIFT,
    ),
    "rows-moved": Words(
        "the rows are moved, and not the columns",
        "labels is (B, T): positions are dimension 1. Column t is labels[:, t − 1].",
        SHIFT,
    ),
    "token-lost": Words(
        "a label is replaced because of its id",
        f"Only {IGNORE_INDEX} becomes pad_id. Every other label is read as it is, 0 and <eos> "
        "too.",
        SHIFT,
    ),
    "number-type": Words(
        "the ids are no int64",
        "Ids are int64, as the labels are. (A float cannot be looked up in an embedding.)",
        SHIFT,
    ),
}  # fmt: skip


def _last(ids: Ids) -> int:
    """The last label that is no padding; of a row without one, what Python's −1 gives."""
    return ids[sum(i != IGNORE_INDEX for i in ids) - 1]


def _without_last(ids: Ids) -> Ids:
    real = [i for i in ids if i != IGNORE_INDEX]
    return real[:-1] + [IGNORE_INDEX] * (len(ids) - len(real[:-1]))


MOVED: tuple[tuple[str, Row], ...] = (
    ("not-shifted", lambda ids, start: ids),
    ("first-label-lost", lambda ids, start: [start, *ids[1:]]),
    ("shifted-left", lambda ids, start: [*ids[1:], IGNORE_INDEX]),
    ("shifted-left", lambda ids, start: [*ids[1:], ids[-1]]),
    ("shifted-left", lambda ids, start: [*ids[1:], ids[0]]),
    ("shifted-left", lambda ids, start: [start, *ids[2:], IGNORE_INDEX][: len(ids)]),
    ("shifted-left", lambda ids, start: [start, *ids[2:], ids[0]][: len(ids)]),
    ("start-at-the-end", lambda ids, start: [*ids[1:], start]),
    ("start-at-the-end", lambda ids, start: [*ids[:-1], start]),
    ("start-at-the-end", lambda ids, start: [*ids, start]),
    ("shifted-twice", lambda ids, start: [start, start, *ids[:-2]][: len(ids)]),
    ("shifted-twice", lambda ids, start: [start, IGNORE_INDEX, *ids[:-2]][: len(ids)]),
    ("shifted-twice", lambda ids, start: [IGNORE_INDEX, start, *ids[:-2]][: len(ids)]),
    ("rolled", lambda ids, start: [ids[-1], *ids[:-1]]),
    ("start-from-labels", lambda ids, start: [ids[0], *ids[:-1]]),
    ("start-from-labels", lambda ids, start: [_last(ids), *ids[:-1]]),
    ("too-long", lambda ids, start: [start, *ids]),
    ("too-short", lambda ids, start: ids[:-1]),
    ("too-short", lambda ids, start: [start, *ids[:-2]]),
    ("too-short", lambda ids, start: ids[1:]),
    ("last-label-lost", lambda ids, start: [start, *_without_last(ids)][: len(ids)]),
)
OTHER_IDS = 0, 1, 2, 3, -1
ROWS: Rules = tuple((name, {"row": row}) for name, row in MOVED)


def _always(i: int) -> Fill:
    return lambda start, pad: i


def _start(start: int, pad: int) -> int:
    return start


def _pad(start: int, pad: int) -> int:
    return pad


def _left(start: int, pad: int) -> int:
    return IGNORE_INDEX


def _fills() -> Iterator[tuple[str, dict[str, Any]]]:
    yield "arguments-swapped", {"start": _pad, "fill": _start}
    yield "ignore-index-left", {"fill": _left}
    yield from (("wrong-padding", {"fill": of}) for of in (_start, *map(_always, OTHER_IDS)))
    yield from (("start-assumed", {"start": of}) for of in (_pad, *map(_always, OTHER_IDS)))
    # the same with −100 left, or replaced by something else: of two mistakes the first is named
    others = _left, *map(_always, OTHER_IDS)
    yield from ((name, {"row": row, "fill": of}) for (name, row), of in product(MOVED, others))
    starts = _pad, *map(_always, OTHER_IDS)
    yield from (
        ("start-assumed", {"start": begin, "fill": of}) for begin, of in product(starts, others)
    )


FILLS: Rules = tuple(_fills())


def _one_row(which: int, right: Tensor, others: Tensor) -> Tensor:
    """The start token in one row, something else in the others."""
    ids = others.clone()
    ids[which] = right[which]
    return ids


def _column(ids: Tensor, first: Tensor | int) -> Tensor:
    """The ids with another first column."""
    ids = ids.clone()
    ids[:, 0] = first
    return ids


def _rows_moved(labels: Tensor, start: int, pad: int, over: bool) -> Tensor:
    moved = labels.roll(1, 0)
    if over:
        moved[0] = start
    return moved.masked_fill(moved == IGNORE_INDEX, pad)


def _replaced(right: Tensor, pad: int, lost: tuple[int, ...]) -> Tensor:
    """All but the first column with ``lost`` ids replaced as well."""
    found = torch.isin(right, torch.tensor(lost))
    found[:, 0] = False
    return right.masked_fill(found, pad)


BATCH: Rules = (
    ("one-row-started", {"of": lambda x, ls, start, pad: _one_row(0, x, _column(x, 0))}),
    ("one-row-started", {"of": lambda x, ls, start, pad: _one_row(0, x, _column(x, pad))}),
    ("one-row-started", {"of": lambda x, ls, start, pad: _one_row(-1, x, _column(x, 0))}),
    (
        "one-row-started",
        {"of": lambda x, ls, start, pad: _one_row(0, x, _column(x, ls[:, 0]))},
    ),
    (
        "one-row-started",
        {"of": lambda x, ls, start, pad: _one_row(0, x, _column(x, _filled(ls, pad)[:, -1]))},
    ),
    (
        "one-row-started",
        {"of": lambda x, ls, start, pad: _flat(ls, start, pad)},
    ),
    ("rows-moved", {"of": lambda x, ls, start, pad: _rows_moved(ls, start, pad, True)}),
    ("rows-moved", {"of": lambda x, ls, start, pad: _rows_moved(ls, start, pad, False)}),
    *(
        ("token-lost", {"of": lambda x, ls, start, pad, n=n: _replaced(x, pad, n)})
        for n in ((0,), (1,), (2,), (3,), (0, 1, 2))
    ),
    ("token-lost", {"of": lambda x, ls, start, pad: _column(x.clamp(min=pad), start)}),
    *(
        ("number-type", {"of": lambda x, ls, start, pad, t=t: x.to(t)})
        for t in (torch.float32, torch.float64, torch.int32, torch.int16, torch.float16)
    ),
)  # fmt: skip


def _filled(labels: Tensor, pad: int) -> Tensor:
    return labels.masked_fill(labels == IGNORE_INDEX, pad)


def _flat(labels: Tensor, start: int, pad: int) -> Tensor:
    """All rows as one long row: each begins with the last label of the row before."""
    flat = _filled(labels, pad).flatten().roll(1)
    flat[0] = start
    return flat.view_as(labels)
