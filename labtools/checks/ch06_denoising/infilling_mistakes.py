"""What those return who make a known mistake in ``text_infill``."""

from collections.abc import Callable

from torch import Tensor

from labtools.checks.ch06_denoising.infilling_words import WORDS
from labtools.checks.spec import Rules, mistakes

Spans = list[tuple[int, int]]
Ids = list[int]


def _by_copying(
    ids: Ids,
    spans: Spans,
    mask: int,
    *,
    masks: Callable[[int, int, int], Ids] = lambda k, n, mask: [mask],
    stays: Callable[[Ids], Ids] = lambda span: [],
    kept: bool = True,
    head: bool = True,
    tail: bool = True,
    between: bool = True,
) -> Ids:
    """From left to right into a new list; right when no knob is turned."""
    out: Ids = []
    read = 0
    for k, (start, n) in enumerate(spans):
        copied = kept and (head if k == 0 else between)
        out += ids[read:start] if copied else []
        out += [*masks(k, n, mask), *stays(ids[start : start + n])]
        read = start + n
    return out + (ids[read:] if kept and tail else [])


def _in_place(
    ids: Ids, spans: Spans, mask: int, *, move: Callable[[int], int] = lambda n: 0
) -> Ids:
    """One span after the other in the changed list; right where what follows moves by n − 1."""
    out, moved = [*ids], 0
    for start, n in spans:
        out[max(start - moved, 0) : max(start - moved, 0) + n] = [mask]
        moved += move(n)
    return out


def _backwards(ids: Ids, spans: Spans, mask: int) -> Ids:
    """From the last span to the first, so that no position moves."""
    out = [*ids]
    for start, n in reversed(spans):
        out[start : start + n] = [mask]
    return out


def _first_then_empty(ids: Ids, spans: Spans, mask: int) -> Ids:
    """Spans with tokens rightly, then the masks of the others, by positions that have moved."""
    out = _backwards(ids, [span for span in spans if span[1]], mask)
    for start, n in reversed(spans):
        if not n:
            out.insert(start, mask)
    return out


def _merged(ids: Ids, spans: Spans, mask: int) -> Ids:
    """Spans that meet are one."""
    joined: Spans = []
    for start, n in spans:
        if joined and sum(joined[-1]) == start:
            joined[-1] = joined[-1][0], joined[-1][1] + n
        else:
            joined.append((start, n))
    return _by_copying(ids, joined, mask)


def _runs(ids: Ids, spans: Spans, mask: int, *, inverted: bool = False) -> Ids:
    """One mask for each run of masked positions; those of length 0 mask none."""
    hidden = [any(s <= t < s + n for s, n in spans) != inverted for t in range(len(ids))]
    out: Ids = []
    for t, token in enumerate(ids):
        if not hidden[t]:
            out.append(token)
        elif t == 0 or not hidden[t - 1]:
            out.append(mask)
    return out


def _no_masks_in_a_row(ids: Ids, spans: Spans, mask: int) -> Ids:
    """Of several masks in a row one is left."""
    out = _by_copying(ids, spans, mask)
    return [x for t, x in enumerate(out) if t == 0 or not out[t - 1] == x == mask]


def _one_mask(ids: Ids, spans: Spans, mask: int) -> Ids:
    """From the first span's start to the last one's end."""
    if not spans:
        return [*ids]
    return [*ids[: spans[0][0]], mask, *ids[sum(spans[-1]) :]]


def _at_end(ids: Ids, spans: Spans, mask: int) -> Ids:
    return _by_copying(ids, spans, mask, masks=lambda k, n, mask: []) + [mask] * len(spans)


def _each_alone(ids: Ids, spans: Spans, mask: int) -> Ids:
    """Each turn of the loop begins with the text as it was."""
    return _by_copying(ids, spans[-1:], mask)


Read = Callable[[int, int], tuple[int, int]]


def _with(
    ids: Tensor,
    spans: Spans,
    mask_id: int,
    *,
    by: Callable[..., Ids] = _by_copying,
    read: Read = lambda start, n: (start, n),
    use: Callable[[Spans], Spans] = lambda spans: spans,
    **knobs: object,
) -> Tensor:
    """What ``by`` makes of the spans as they are read."""
    pairs = use([read(*span) for span in spans])
    return ids.new_tensor(by(ids.tolist(), pairs, mask_id, **knobs))


def _left_out(spans: Spans) -> Spans:
    return [span for span in spans if span[1] > 0]


def _end_read(start: int, end: int) -> tuple[int, int]:
    return start, end - start


def _late_if_empty(start: int, n: int) -> tuple[int, int]:
    return start + (n == 0), n


RULES: Rules = (
    ("unchanged", {"use": lambda spans: []}),
    ("mask-per-token", {"masks": lambda k, n, mask: [mask] * n}),
    ("mask-per-token", {"masks": lambda k, n, mask: [mask] * max(n, 1)}),
    ("empty-skipped", {"use": _left_out}),
    ("empty-eats", {"read": lambda start, n: (start, max(n, 1))}),
    ("empty-eats", {"read": lambda start, n: (start, max(n, 1)), "by": _backwards}),
    ("empty-after", {"read": _late_if_empty}),
    ("empty-after", {"read": _late_if_empty, "by": _backwards}),
    ("not-adjusted", {"by": _in_place}),
    ("not-adjusted", {"by": _in_place, "use": _left_out}),
    ("not-adjusted", {"by": _first_then_empty}),
    ("adjusted-wrongly", {"by": _in_place, "move": lambda n: n}),
    ("adjusted-wrongly", {"by": _in_place, "move": lambda n: 1 - n}),
    ("adjusted-wrongly", {"by": _in_place, "move": lambda n: max(n - 1, 0)}),
    ("merged", {"by": _merged}),
    ("merged", {"by": _runs}),
    ("merged", {"by": _no_masks_in_a_row}),
    ("tail-lost", {"tail": False}),
    ("head-lost", {"head": False}),
    ("between-lost", {"between": False}),
    ("no-masks", {"masks": lambda k, n, mask: []}),
    ("start-end", {"read": _end_read}),
    ("start-end", {"read": _end_read, "by": _backwards}),
    ("start-end", {"read": _end_read, "by": _in_place}),
    ("start-end", {"read": _end_read, "use": _left_out}),
    ("length-start", {"read": lambda n, start: (start, n)}),
    ("length-start", {"read": lambda n, start: (start, n), "by": _backwards}),
    ("one-token-more", {"read": lambda start, n: (start, n + 1)}),
    ("one-token-more", {"read": lambda start, n: (start, n + 1), "by": _backwards}),
    ("one-token-less", {"read": lambda start, n: (start, n - 1)}),
    ("one-token-less", {"read": lambda start, n: (start, n - 1), "by": _backwards}),
    ("one-token-less", {"read": lambda start, n: (start, max(n - 1, 0))}),
    ("late", {"read": lambda start, n: (start + 1, n)}),
    ("late", {"read": lambda start, n: (start + 1, n), "by": _backwards}),
    ("early", {"read": lambda start, n: (start - 1, n)}),
    ("early", {"read": lambda start, n: (start - 1, n), "by": _backwards}),
    ("early", {"read": lambda start, n: (max(start - 1, 0), n)}),
    ("early", {"read": lambda start, n: (max(start - 1, 0), n), "by": _backwards}),
    ("mask-beside-span", {"stays": lambda span: span}),
    ("inverted", {"by": _runs, "inverted": True}),
    ("first-only", {"use": lambda spans: spans[:1]}),
    ("last-only", {"by": _each_alone}),
    ("numbered", {"masks": lambda k, n, mask: [mask - k]}),
    ("numbered", {"masks": lambda k, n, mask: [mask + k]}),
    ("one-mask", {"by": _one_mask}),
    ("masks-at-end", {"by": _at_end}),
    (
        "target-returned",
        {"kept": False, "masks": lambda k, n, mask: [], "stays": lambda span: span},
    ),
    ("target-returned", {"kept": False, "stays": lambda span: span}),
)
MISTAKES = mistakes(WORDS, _with, RULES)
