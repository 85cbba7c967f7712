"""What those return who go wrong in ``span_corrupt``."""

from collections.abc import Callable, Iterator
from itertools import groupby, product
from typing import Any

import torch
from torch import Tensor

from labtools.checks.ch06_denoising.corrupting_words import WORDS
from labtools.checks.spec import Mistake, Rules, mistakes

Row = list[int]
Spans = list[tuple[int, int]]  # start, end
Pair = tuple[Tensor, Tensor]
Rows = tuple[Row, Row]


def runs(noise: list[bool]) -> Spans:
    """Every longest run of noise."""
    groups = [[*group] for _, group in groupby(range(len(noise)), lambda t: noise[t])]
    return [(group[0], group[-1] + 1) for group in groups if noise[group[0]]]


def descending(k: int, n: int) -> int:
    """By how much sentinel k of n differs from the first; sentinel n closes the target."""
    return -k


def ended(source: Row, target: Row, closing: Row, eos_id: int, row: Row) -> Rows:
    """Both with their ends."""
    return [*source, eos_id], [*target, *closing, eos_id]


def corrupted(
    ids: Tensor,
    noise: Tensor,
    first_sentinel_id: int,
    eos_id: int,
    *,
    find: Callable[[list[bool]], Spans] = runs,
    number: Callable[[int, int], int] = descending,
    in_target: Callable[[int, int], int] | None = None,
    hide: Callable[[int, Row], Row] = lambda sentinel, span: [sentinel],
    tell: Callable[[int, Row], Row] = lambda sentinel, span: [sentinel, *span],
    end: Callable[[Row, Row, Row, int, Row], Rows] = ended,
    first: Callable[[int], int] = lambda sentinel: sentinel,
    lead: Callable[[int, bool], Rows] = lambda sentinel, kept: ([], []),
    closed: bool = True,
    marked: bool = True,
) -> Pair:
    """Source and target; right when no knob is turned, and with each value of the last two.

    ``closed``: a target closes with a sentinel also where the text ends in noise; ``marked``:
    also where there is no noise.
    """
    row, spans = ids.tolist(), find(noise.tolist())
    n, start_id, read = len(spans), first(first_sentinel_id), 0
    source, target = lead(start_id, row[:1] != [] and not (spans and spans[0][0] == 0))
    for k, (start, stop) in enumerate(spans):
        source += [*row[read:start], *hide(start_id + number(k, n), row[start:stop])]
        target += tell(start_id + (in_target or number)(k, n), row[start:stop])
        read = stop
    at_end = bool(spans) and spans[-1][1] == len(row)
    closes = closed if at_end else (marked or bool(spans))
    closing = [start_id + (in_target or number)(n, n)] if closes else []
    rows = end([*source, *row[read:]], target, closing, eos_id, row)
    made = [torch.tensor(x, dtype=ids.dtype, device=ids.device) for x in rows]
    return made[0], made[1]


def _inverted(noise: list[bool]) -> Spans:
    return runs([not x for x in noise])


def _single(noise: list[bool]) -> Spans:
    return [(t, t + 1) for t, is_noise in enumerate(noise) if is_noise]


def _merged(noise: list[bool]) -> Spans:
    """A single kept token between two runs is taken for noise."""
    between = (noise[t - 1] and noise[t + 1] for t in range(1, len(noise) - 1))
    return runs([x or b for x, b in zip(noise, [False, *between, False], strict=False)])


def _from_first_to_last(noise: list[bool]) -> Spans:
    found = runs(noise)
    return [(found[0][0], found[-1][1])] if found else []


def _of_spans(change: Callable[[Spans], Spans]) -> Callable[[list[bool]], Spans]:
    return lambda noise: change(runs(noise))


def _swapped(source: Row, target: Row, closing: Row, eos: int, row: Row) -> Rows:
    return [*target, *closing, eos], [*source, eos]


def _whole_text(source: Row, target: Row, closing: Row, eos: int, row: Row) -> Rows:
    return [*source, eos], [*row, eos]


FINDING: Rules = (
    ("one-per-token", {"find": _single}),
    ("inverted", {"find": _inverted}),
    ("merged", {"find": _merged}),
    ("merged", {"find": _from_first_to_last}),
    ("run-lost", {"find": _of_spans(lambda spans: spans[1:])}),
    ("run-lost", {"find": _of_spans(lambda spans: spans[:-1])}),
    ("run-lost", {"find": _of_spans(lambda spans: spans[:1])}),
    ("run-lost", {"find": _of_spans(lambda spans: spans[-1:])}),
    ("first-token-only", {"find": _of_spans(lambda spans: [(s, s + 1) for s, _ in spans])}),
    ("run-off-by-one", {"find": _of_spans(lambda spans: [(s, e - 1) for s, e in spans])}),
)


def _numbering(name: str, number: Callable[[int, int], int]) -> Iterator[tuple[str, dict]]:
    """In both, in the source alone or in the target alone."""
    yield name, {"number": number}
    yield name, {"number": number, "in_target": lambda k, n: number(min(k, n - 1), n)}
    yield "not-the-same", {"number": number, "in_target": descending}
    yield "not-the-same", {"in_target": number}


NUMBERING: Rules = (
    *_numbering("one-for-all", lambda k, n: 0),
    ("one-for-all", {"number": lambda k, n: 0, "in_target": lambda k, n: -(k == n)}),
    *_numbering("ascending", lambda k, n: k),
    *_numbering("from-the-end", lambda k, n: k + 1 - n if k < n else -n),
    *_numbering("from-the-end", lambda k, n: k - n),
    *_numbering("off-by-one", lambda k, n: -k - 1),
    *_numbering("off-by-one", lambda k, n: 1 - k),
    *_numbering("skips-numbers", lambda k, n: -2 * k),
    *_numbering("skips-numbers", lambda k, n: -2 * k - 1),
    ("closing-repeated", {"in_target": lambda k, n: -min(k, max(n - 1, 0))}),
    ("closing-repeated", {"in_target": lambda k, n: -(k % max(n, 1))}),
    *(
        ("numbered-anew", {"number": number, "in_target": in_target})
        for number, in_target in (
            (descending, lambda k, n: -k - n),
            (descending, lambda k, n: -k - n - 1),
            (descending, lambda k, n: k - n if k < n else -n - 1),
            (descending, lambda k, n: -k - n if k < n else -n),
            (lambda k, n: -2 * k, lambda k, n: -2 * k - (k < n)),
            (lambda k, n: -2 * k, lambda k, n: -2 * k - 1),
        )
    ),
    ("fixed-sentinel", {"first": lambda sentinel: 32099}),
    *(
        ("text-marked", {"lead": lead, "number": number})
        for number in (lambda k, n: -k - 1, descending)
        for lead in (
            lambda sentinel, kept: ([sentinel], []),
            lambda sentinel, kept: ([], [sentinel]),
            lambda sentinel, kept: ([sentinel], [sentinel]),
        )
    ),
    *(
        ("text-marked", {"lead": lead, "number": lambda k, n: -k - 1})
        for lead in (
            lambda sentinel, kept: ([sentinel] * kept, []),
            lambda sentinel, kept: ([sentinel] * kept, [sentinel] * kept),
        )
    ),
)
FORM: Rules = (
    ("one-per-token", {"hide": lambda sentinel, span: [sentinel] * len(span)}),
    (
        "one-per-token",
        {
            "hide": lambda sentinel, span: [sentinel] * len(span),
            "tell": lambda sentinel, span: [x for token in span for x in (sentinel, token)],
        },
    ),
    ("span-kept", {"hide": lambda sentinel, span: [sentinel, *span]}),
    ("span-deleted", {"hide": lambda sentinel, span: []}),
    ("sentinel-after", {"tell": lambda sentinel, span: [*span, sentinel]}),
    ("no-sentinel-in-target", {"tell": lambda sentinel, span: span}),
    (
        "no-sentinel-in-target",
        {"tell": lambda s, span: span, "end": lambda s, t, c, eos, row: ([*s, eos], [*t, eos])},
    ),
    ("backwards", {"tell": lambda sentinel, span: [sentinel, *span[::-1]]}),
    ("first-token-only", {"tell": lambda sentinel, span: [sentinel, *span[:1]]}),
    ("sentinels-only", {"tell": lambda sentinel, span: [sentinel]}),
)
ENDING: Rules = (
    ("start-token", {"end": lambda s, t, c, eos, row: ([*s, eos], [0, *t, *c, eos])}),
    ("start-token", {"end": lambda s, t, c, eos, row: ([*s, eos], [eos, *t, *c, eos])}),
    ("start-token", {"end": lambda s, t, c, eos, row: ([*s, eos], [0, *t, *c])}),
    ("swapped", {"end": _swapped}),
    ("whole-text", {"end": _whole_text}),
    ("whole-text", {"end": lambda s, t, c, eos, row: ([*s, eos], [*row, *c, eos])}),
    ("no-eos-in-source", {"end": lambda s, t, c, eos, row: (s, [*t, *c, eos])}),
    ("no-eos-in-target", {"end": lambda s, t, c, eos, row: ([*s, eos], [*t, *c])}),
    ("no-eos", {"end": lambda s, t, c, eos, row: (s, [*t, *c])}),
    ("not-closed", {"end": lambda s, t, c, eos, row: ([*s, eos], [*t, eos])}),
    ("not-closed", {"end": lambda s, t, c, eos, row: (s, t)}),
    ("not-closed", {"end": lambda s, t, c, eos, row: ([*s, eos], t)}),
    ("eos-before-closing", {"end": lambda s, t, c, eos, row: ([*s, eos], [*t, eos, *c])}),
    ("closed-in-source", {"end": lambda s, t, c, eos, row: ([*s, *c, eos], [*t, *c, eos])}),
    ("closed-in-source", {"end": lambda s, t, c, eos, row: ([*s, *c, eos], [*t, eos])}),
    ("fixed-eos", {"end": lambda s, t, c, eos, row: ([*s, 1], [*t, *c, 1])}),
    ("fixed-eos", {"end": lambda s, t, c, eos, row: ([*s, 2], [*t, *c, 2])}),
)


def mistakes_of(settled: Callable[[Callable[..., Any]], Callable[..., Any]]) -> tuple[Mistake, ...]:
    """All of them in each of the forms that are right, brought into the form that is looked at."""
    rules = [*FINDING, *NUMBERING, *FORM, *ENDING]
    forms = [{"closed": c, "marked": m} for c, m in product((True, False), repeat=2)]
    return mistakes(
        WORDS, settled(corrupted), [(name, {**knobs, **f}) for name, knobs in rules for f in forms]
    )
