"""What those return who go wrong in ``invert_span_corruption``."""

from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor

from labtools.checks.ch06_denoising.restoring_words import WORDS
from labtools.checks.spec import Mistake, Rules, mistakes

SENTINELS = 100  # at most
Row = list[int]


def is_sentinel(token: int, first_sentinel_id: int) -> bool:
    """Whether it is one of those that a text may have."""
    return first_sentinel_id - SENTINELS < token <= first_sentinel_id


def spans_of(target: Row, first_sentinel_id: int) -> list[Row]:
    """What stands between each sentinel and the next, the sentinel itself first."""
    at = [t for t, token in enumerate(target) if is_sentinel(token, first_sentinel_id)]
    return [target[t:end] for t, end in pairwise(at)]


def kept_of(source: Row, first_sentinel_id: int) -> list[Row]:
    """What stands between the sentinels, before the first and behind the last."""
    parts: list[Row] = [[]]
    for token in source:
        if is_sentinel(token, first_sentinel_id):
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _joined(kept: list[Row], spans: list[Row]) -> Row:
    """Kept parts and spans in turn, as far as both go."""
    return kept[0] + [
        x for pair in zip(spans, kept[1:], strict=False) for part in pair for x in part
    ]


def restored(
    source: Tensor,
    target: Tensor,
    first_sentinel_id: int,
    eos_id: int,
    *,
    fill: Callable[[list[Row]], list[Row]] = lambda spans: spans,
    keep: Callable[[list[Row]], list[Row]] = lambda kept: kept,
    join: Callable[[list[Row], list[Row]], Row] = _joined,
    end: Callable[[Row], Row] = lambda row: row[:-1],
    tidy: Callable[[Row, int, int], Row] = lambda text, closing, eos: text,
    first: Callable[[int], int] = lambda sentinel: sentinel,
    sentinels: bool = False,
    swap: bool = False,
) -> Tensor:
    """The text; right when no knob is turned. With ``sentinels`` each span has its own in front."""
    start_id = first(first_sentinel_id)
    given, told = (target, source) if swap else (source, target)
    spans = spans_of(told.tolist(), start_id)
    closing = start_id - len(spans)
    kept = keep(kept_of(end(given.tolist()), start_id))
    text = join(kept, fill(spans if sentinels else [span[1:] for span in spans]))
    return torch.tensor(tidy(text, closing, eos_id), dtype=source.dtype)


def _all(parts: list[Row]) -> Row:
    return [x for part in parts for x in part]


def _each(change: Callable[[Row], Row]) -> Callable[[list[Row]], list[Row]]:
    return lambda parts: [change(part) for part in parts]


def _beside(by: int) -> Callable[[list[Row], list[Row]], Row]:
    """Every span so many places from its gap, counted in the source."""

    def join(kept: list[Row], spans: list[Row]) -> Row:
        text, at = _all(kept), 0
        gaps = [at := at + len(part) for part in kept[:-1]]
        for gap, span in reversed([*zip(gaps, spans, strict=True)]):
            place = max(gap + by, 0)
            text[place:place] = span
        return text

    return join


def _unmoved(kept: list[Row], spans: list[Row]) -> Row:
    """Spans put at the positions of their sentinels in the source, as the text grows."""
    text, at = _all(kept), 0
    for part, span in zip(kept, spans, strict=False):
        at += len(part)
        text[at:at] = span
        at += 1
    return text


RULES: Rules = (
    ("eos-left", {"end": lambda row: row}),
    ("eos-left", {"tidy": lambda text, closing, eos: [*text, eos, eos]}),
    ("last-token-lost", {"tidy": lambda text, closing, eos: text[:-1]}),
    ("sentinels-left", {"sentinels": True}),
    ("sentinels-left", {"sentinels": True, "end": lambda row: row}),
    ("sentinels-left", {"sentinels": True, "fill": _each(lambda span: span[1:] + span[:1])}),
    ("sentinels-left", {"sentinels": True, "fill": _each(lambda span: [*span[1:], span[0] - 1])}),
    (
        "first-span-only",
        {
            "sentinels": True,
            "fill": lambda x: [*_each(lambda s: s[1:])(x[:1]), *(s[:1] for s in x[1:])],
        },
    ),
    ("fixed-eos", {"end": lambda row: [token for token in row if token != 1]}),
    ("spans-at-the-end", {"join": lambda kept, spans: _all(kept) + _all(spans)}),
    ("spans-at-the-start", {"join": lambda kept, spans: _all(spans) + _all(kept)}),
    ("wrong-order", {"fill": lambda spans: spans[::-1]}),
    ("wrong-order", {"fill": sorted}),
    ("neighbours-span", {"fill": lambda spans: [*spans[1:], []]}),
    ("neighbours-span", {"fill": lambda spans: spans[1:] + spans[:1]}),
    ("neighbours-span", {"fill": lambda spans: [[], *spans[:-1]] if spans else []}),
    ("neighbours-span", {"fill": lambda spans: spans[-1:] + spans[:-1]}),
    ("neighbours-span", {"fill": lambda spans: spans[:1] * len(spans)}),
    ("neighbours-span", {"fill": lambda spans: spans[-1:] * len(spans)}),
    ("first-span-only", {"fill": lambda spans: spans[:1] + [[]] * (len(spans) - 1)}),
    ("first-span-only", {"fill": lambda spans: [*spans[:-1], []] if spans else []}),
    ("spans-missing", {"fill": _each(lambda span: [])}),
    ("spans-missing", {"fill": _each(lambda span: []), "end": lambda row: row}),
    ("span-cut", {"fill": _each(lambda span: span[:1])}),
    ("span-cut", {"fill": _each(lambda span: span[:-1])}),
    ("span-cut", {"fill": _each(lambda span: span[1:])}),
    ("all-spans", {"fill": lambda spans: [_all(spans)] * len(spans)}),
    ("backwards", {"fill": _each(lambda span: span[::-1])}),
    ("tail-lost", {"keep": lambda kept: [*kept[:-1], []]}),
    ("tail-lost", {"keep": lambda kept: [*kept[:-1], []] if len(kept) > 1 else kept}),
    ("head-lost", {"keep": lambda kept: [[], *kept[1:]]}),
    ("head-lost", {"keep": lambda kept: [[], *kept[1:]] if len(kept) > 1 else kept}),
    ("between-lost", {"keep": lambda kept: [kept[0], *[[]] * (len(kept) - 2), *kept[1:][-1:]]}),
    *(("beside-the-sentinel", {"join": _beside(by)}) for by in (-1, 1)),
    ("beside-the-sentinel", {"join": _unmoved}),
    ("swapped", {"swap": True}),
    ("fixed-sentinel", {"first": lambda sentinel: 32099}),
)


def _returned(
    source: Tensor,
    target: Tensor,
    first_sentinel_id: int,
    eos_id: int,
    *,
    which: Callable[[Row, Row], Row],
    drop: Callable[[int, int, int], bool] = lambda token, first, eos: False,
) -> Tensor:
    """What is given back as it is, but for what is dropped."""
    row = which(source.tolist(), target.tolist())
    return source.new_tensor([x for x in row if not drop(x, first_sentinel_id, eos_id)])


def _end(token: int, first: int, eos: int) -> bool:
    return token == eos


def _special(token: int, first: int, eos: int) -> bool:
    return token == eos or is_sentinel(token, first)


RETURNED: Rules = (
    ("returns-source", {"which": lambda s, t: s}),
    ("returns-source", {"which": lambda s, t: s, "drop": _end}),
    ("returns-target", {"which": lambda s, t: t}),
    ("returns-target", {"which": lambda s, t: t, "drop": _end}),
    ("returns-target", {"which": lambda s, t: t, "drop": _special}),
    ("spans-at-the-end", {"which": lambda s, t: s + t}),
    ("spans-at-the-end", {"which": lambda s, t: s + t, "drop": _end}),
)


def _last_span_to_the_end(
    source: Tensor, target: Tensor, first_sentinel_id: int, eos_id: int, *, cut: int
) -> Tensor:
    """The last span goes on to the end of the target: the closing sentinel, and the end if uncut.

    The target's own closing sentinel has no successor, so its span is not told apart.
    """
    row, start = target.tolist(), first_sentinel_id
    at = [t for t, token in enumerate(row) if is_sentinel(token, start)][:-1]
    ends = [*at[1:], len(row) - cut]
    spans = [row[t + 1 : e] for t, e in zip(at, ends, strict=True)] if at else []
    return source.new_tensor(_joined(kept_of(source.tolist()[:-1], start), spans))


def _exchanged(source: Tensor, target: Tensor, first_sentinel_id: int, eos_id: int) -> Tensor:
    """The gaps of the target filled from the source; a sentinel without a span stays."""
    spans = {span[0]: span[1:] for span in spans_of(source.tolist(), first_sentinel_id)}
    return source.new_tensor(_all([spans.get(x, [x]) for x in target.tolist()[:-1]]))


CLOSING: Rules = (("closing-left", {"cut": 1}), ("closing-left", {"cut": 0}))
MISTAKES: tuple[Mistake, ...] = (
    *mistakes(WORDS, restored, RULES),
    *mistakes(WORDS, _returned, RETURNED),
    *mistakes(WORDS, _last_span_to_the_end, CLOSING),
    Mistake("swapped", WORDS["swapped"], _exchanged),
)
