"""Wrong answers to ``invert_span_corruption``."""

from itertools import pairwise

import torch
from ch06_denoising.mutants.parts import mutant


def restore_mutant(name, *diagnosed):
    return mutant("invert_span_corruption", None, name, *diagnosed)


def _sentinel(token, first):
    return first - 100 < token <= first


def _spans(target, first):
    """Sentinel and span, of all but the closing one."""
    row = target.tolist()
    at = [t for t, token in enumerate(row) if _sentinel(token, first)]
    return {row[a]: row[a + 1 : b] for a, b in pairwise(at)}


def _filled(source, spans):
    text = []
    for token in source.tolist()[:-1]:
        text += spans.get(token, [token])
    return text


def _right(source, target, first):
    return torch.tensor(_filled(source, _spans(target, first)))


@restore_mutant("the end of the source left in", "eos-left")
def _(source, target, first_sentinel_id, eos_id):
    spans = _spans(target, first_sentinel_id)
    return torch.tensor([x for token in source.tolist() for x in spans.get(token, [token])])


@restore_mutant("an end of its own", "eos-left")
def _(source, target, first_sentinel_id, eos_id):
    text = _filled(source, _spans(target, first_sentinel_id))
    return torch.tensor([*text, eos_id])


@restore_mutant("both ends left in", "eos-left")
def _(source, target, first_sentinel_id, eos_id):
    text = _filled(source, _spans(target, first_sentinel_id))
    return torch.tensor([*text, eos_id, eos_id])


@restore_mutant("two tokens taken off the end", "last-token-lost")
def _(source, target, first_sentinel_id, eos_id):
    return _right(source, target, first_sentinel_id)[:-1].clone()


@restore_mutant("sentinels stay before their spans", "sentinels-left")
def _(source, target, first_sentinel_id, eos_id):
    spans = _spans(target, first_sentinel_id)
    return torch.tensor(_filled(source, {s: [s, *span] for s, span in spans.items()}))


@restore_mutant("sentinels stay before their spans, and the end", "sentinels-left")
def _(source, target, first_sentinel_id, eos_id):
    spans = _spans(target, first_sentinel_id)
    text = _filled(source, {s: [s, *span] for s, span in spans.items()})
    return torch.tensor([*text, eos_id])


@restore_mutant("sentinels stay behind their spans", "sentinels-left")
def _(source, target, first_sentinel_id, eos_id):
    spans = _spans(target, first_sentinel_id)
    return torch.tensor(_filled(source, {s: [*span, s] for s, span in spans.items()}))


@restore_mutant("each span with the next sentinel", "sentinels-left")
def _(source, target, first_sentinel_id, eos_id):
    spans = _spans(target, first_sentinel_id)
    return torch.tensor(_filled(source, {s: [*span, s - 1] for s, span in spans.items()}))


@restore_mutant("the last span goes on to the end", "closing-left")
def _(source, target, first_sentinel_id, eos_id):
    row, spans = target.tolist(), _spans(target, first_sentinel_id)
    if spans:
        last = min(spans)
        spans[last] = row[row.index(last) + 1 : -1]
    return torch.tensor(_filled(source, spans))


@restore_mutant("the last span has the closing sentinel and the end", "closing-left")
def _(source, target, first_sentinel_id, eos_id):
    row, spans = target.tolist(), _spans(target, first_sentinel_id)
    if spans:
        last = min(spans)
        spans[last] = row[row.index(last) + 1 :]
    return torch.tensor(_filled(source, spans))


@restore_mutant("all spans at the end", "spans-at-the-end")
def _(source, target, first_sentinel_id, eos_id):
    low = first_sentinel_id - 99
    kept, spans = source[source < low], target[target < low]
    return torch.cat([kept[kept != eos_id], spans[spans != eos_id]])


@restore_mutant("all spans at the start", "spans-at-the-start")
def _(source, target, first_sentinel_id, eos_id):
    low = first_sentinel_id - 99
    kept, spans = source[source < low], target[target < low]
    return torch.cat([spans[spans != eos_id], kept[kept != eos_id]])


@restore_mutant("source and target put together", "spans-at-the-end")
def _(source, target, first_sentinel_id, eos_id):
    return torch.cat([source[:-1], target[:-1]])


@restore_mutant("sentinels sorted upwards", "wrong-order")
def _(source, target, first_sentinel_id, eos_id):
    spans = _spans(target, first_sentinel_id)
    numbered = dict(zip(sorted(spans), spans.values(), strict=True))
    return torch.tensor(_filled(source, numbered))


@restore_mutant("spans taken from the end of a list", "wrong-order")
def _(source, target, first_sentinel_id, eos_id):
    spans = [*_spans(target, first_sentinel_id).values()]
    text = []
    for token in source[:-1].tolist():
        text += spans.pop() if _sentinel(token, first_sentinel_id) else [token]
    return torch.tensor(text)


@restore_mutant("spans sorted by what they hold", "wrong-order")
def _(source, target, first_sentinel_id, eos_id):
    spans = _spans(target, first_sentinel_id)
    return torch.tensor(_filled(source, dict(zip(spans, sorted(spans.values()), strict=True))))


@restore_mutant("the next sentinel's span", "neighbours-span")
def _(source, target, first_sentinel_id, eos_id):
    spans = _spans(target, first_sentinel_id)
    return torch.tensor(_filled(source, {s: spans.get(s - 1, []) for s in spans}))


@restore_mutant("the span of the one before", "neighbours-span")
def _(source, target, first_sentinel_id, eos_id):
    spans = _spans(target, first_sentinel_id)
    return torch.tensor(_filled(source, {s: spans.get(s + 1, []) for s in spans}))


@restore_mutant("the next span, round the end", "neighbours-span")
def _(source, target, first_sentinel_id, eos_id):
    spans = _spans(target, first_sentinel_id)
    values = [*spans.values()]
    turned = dict(zip(spans, values[1:] + values[:1], strict=True))
    return torch.tensor(_filled(source, turned))


@restore_mutant("the first span everywhere", "neighbours-span")
def _(source, target, first_sentinel_id, eos_id):
    spans = _spans(target, first_sentinel_id)
    first = spans.get(first_sentinel_id, [])
    return torch.tensor(_filled(source, dict.fromkeys(spans, first)))


@restore_mutant("the first span alone, the other sentinels left", "first-span-only")
def _(source, target, first_sentinel_id, eos_id):
    spans = _spans(target, first_sentinel_id)
    first = {first_sentinel_id: spans[first_sentinel_id]} if spans else {}
    return torch.tensor(_filled(source, first))


@restore_mutant("the first span alone", "first-span-only")
def _(source, target, first_sentinel_id, eos_id):
    spans = _spans(target, first_sentinel_id)
    return torch.tensor(
        _filled(source, {s: span if s == first_sentinel_id else [] for s, span in spans.items()})
    )


@restore_mutant("all but the last span", "first-span-only")
def _(source, target, first_sentinel_id, eos_id):
    spans = _spans(target, first_sentinel_id)
    last = min(spans, default=0)
    return torch.tensor(
        _filled(source, {s: [] if s == last else span for s, span in spans.items()})
    )


@restore_mutant("nothing filled in", "spans-missing")
def _(source, target, first_sentinel_id, eos_id):
    kept = source[source <= first_sentinel_id - 100]
    return kept[kept != eos_id]


@restore_mutant("nothing filled in, and the end", "spans-missing")
def _(source, target, first_sentinel_id, eos_id):
    return source[source <= first_sentinel_id - 100]


@restore_mutant("one token a span", "span-cut")
def _(source, target, first_sentinel_id, eos_id):
    after = dict(pairwise(target.tolist()))
    spans = {s: [after[s]] for s in _spans(target, first_sentinel_id)}
    return torch.tensor(_filled(source, spans))


@restore_mutant("the last token of each span lost", "span-cut")
def _(source, target, first_sentinel_id, eos_id):
    spans = _spans(target, first_sentinel_id)
    return torch.tensor(_filled(source, {s: span[:-1] for s, span in spans.items()}))


@restore_mutant("the first token of each span lost", "span-cut")
def _(source, target, first_sentinel_id, eos_id):
    spans = _spans(target, first_sentinel_id)
    return torch.tensor(_filled(source, {s: span[1:] for s, span in spans.items()}))


@restore_mutant("all spans in every gap", "all-spans")
def _(source, target, first_sentinel_id, eos_id):
    spans = _spans(target, first_sentinel_id)
    whole = [token for span in spans.values() for token in span]
    return torch.tensor(_filled(source, dict.fromkeys(spans, whole)))


@restore_mutant("spans up to the end of the target", "wrong-shape")
def _(source, target, first_sentinel_id, eos_id):
    row, text = target.tolist()[:-1], []
    for token in source.tolist()[:-1]:
        text += row[row.index(token) + 1 :] if _sentinel(token, first_sentinel_id) else [token]
    return torch.tensor(text)


@restore_mutant("spans put in one by one at the gap", "backwards")
def _(source, target, first_sentinel_id, eos_id):
    text = source.tolist()[:-1]
    for sentinel, span in _spans(target, first_sentinel_id).items():
        gap = text.index(sentinel)
        del text[gap]
        for token in span:
            text.insert(gap, token)
    return torch.tensor(text)


@restore_mutant("stops at the last sentinel", "tail-lost")
def _(source, target, first_sentinel_id, eos_id):
    text, kept = [], []
    for token in source.tolist()[:-1]:
        if _sentinel(token, first_sentinel_id):
            text += kept + _spans(target, first_sentinel_id)[token]
            kept = []
        else:
            kept.append(token)
    return torch.tensor(text, dtype=torch.int64)


@restore_mutant("stops at the last sentinel, if there is one", "tail-lost")
def _(source, target, first_sentinel_id, eos_id):
    row, text, read = source.tolist()[:-1], [], 0
    for sentinel, span in _spans(target, first_sentinel_id).items():
        gap = row.index(sentinel)
        text += row[read:gap] + span
        read = gap + 1
    return torch.tensor(text if text else row)


@restore_mutant("begins with the first sentinel", "head-lost")
def _(source, target, first_sentinel_id, eos_id):
    row = source.tolist()
    if first_sentinel_id in row:
        row = row[row.index(first_sentinel_id) :]
    return torch.tensor(_filled(torch.tensor(row), _spans(target, first_sentinel_id)))


@restore_mutant("kept text between spans forgotten", "between-lost")
def _(source, target, first_sentinel_id, eos_id):
    row, spans = source.tolist()[:-1], _spans(target, first_sentinel_id)
    if not spans:
        return torch.tensor(row)
    head, tail = row[: row.index(max(spans))], row[row.index(min(spans)) + 1 :]
    return torch.tensor([*head, *[x for span in spans.values() for x in span], *tail])


def _put_beside(source, target, first, by):
    """Spans from the last to the first, so many places beside their gaps."""
    row = source.tolist()[:-1]
    gaps = {token: t for t, token in enumerate(row) if _sentinel(token, first)}
    kept = [token for token in row if token not in gaps]
    for k, (sentinel, gap) in reversed([*enumerate(gaps.items())]):
        place = max(gap - k + by, 0)
        kept[place:place] = _spans(target, first)[sentinel]
    return torch.tensor(kept)


@restore_mutant("each span one place too late", "beside-the-sentinel")
def _(source, target, first_sentinel_id, eos_id):
    return _put_beside(source, target, first_sentinel_id, 1)


@restore_mutant("each span one place too early", "beside-the-sentinel")
def _(source, target, first_sentinel_id, eos_id):
    return _put_beside(source, target, first_sentinel_id, -1)


@restore_mutant("at the places of the source while the text grows", "beside-the-sentinel")
def _(source, target, first_sentinel_id, eos_id):
    row, spans = source.tolist()[:-1], _spans(target, first_sentinel_id)
    text = [token for token in row if token not in spans]
    for sentinel, span in spans.items():
        gap = row.index(sentinel)
        text[gap:gap] = span
    return torch.tensor(text)


@restore_mutant("the source", "returns-source")
def _(source, target, first_sentinel_id, eos_id):
    return source.clone()


@restore_mutant("the source without its end", "returns-source")
def _(source, target, first_sentinel_id, eos_id):
    return source[:-1].clone()


@restore_mutant("the target's tokens", "returns-target")
def _(source, target, first_sentinel_id, eos_id):
    return torch.tensor([x for span in _spans(target, first_sentinel_id).values() for x in span])


@restore_mutant("source and target exchanged", "swapped")
def _(source, target, first_sentinel_id, eos_id):
    return _right(target, source, first_sentinel_id)


@restore_mutant("T5's own sentinels, whatever is given", "fixed-sentinel")
def _(source, target, first_sentinel_id, eos_id):
    return _right(source, target, 32099)


@restore_mutant("T5's own end, whatever is given", "fixed-eos")
def _(source, target, first_sentinel_id, eos_id):
    spans = _spans(target, first_sentinel_id)
    row = [token for token in source.tolist() if token != 1]
    return torch.tensor([x for token in row for x in spans.get(token, [token])])


@restore_mutant("a gap at 0 is no gap", "begins-with-noise", "all-noise")
def _(source, target, first_sentinel_id, eos_id):
    row, spans = source.tolist()[:-1], _spans(target, first_sentinel_id)
    text = row[:1]
    for token in row[1:]:
        text += spans.get(token, [token])
    return torch.tensor(text)


@restore_mutant("text before the first gap needed", "begins-with-noise")
def _(source, target, first_sentinel_id, eos_id):
    if _sentinel(int(source[0]), first_sentinel_id):
        raise ValueError("nothing before the first sentinel")
    return _right(source, target, first_sentinel_id)


@restore_mutant("text behind the last gap needed", "ends-with-noise")
def _(source, target, first_sentinel_id, eos_id):
    row, spans = source.tolist()[:-1], _spans(target, first_sentinel_id)
    if row[-1] in spans:
        row = row[:-1]
    return torch.tensor([x for token in row for x in spans.get(token, [token])], dtype=torch.int64)


@restore_mutant("an error where there is no gap", "no-noise")
def _(source, target, first_sentinel_id, eos_id):
    spans = _spans(target, first_sentinel_id)
    lowest = min(spans)
    assert lowest <= first_sentinel_id
    return torch.tensor(_filled(source, spans))


@restore_mutant("nothing where there is no gap", "no-noise")
def _(source, target, first_sentinel_id, eos_id):
    if not _spans(target, first_sentinel_id):
        return source[:0].clone()
    return _right(source, target, first_sentinel_id)


@restore_mutant("an error where nothing was kept", "all-noise")
def _(source, target, first_sentinel_id, eos_id):
    if len(source) < 3 and _sentinel(int(source[0]), first_sentinel_id):
        raise IndexError("no text")
    return _right(source, target, first_sentinel_id)


@restore_mutant("a token that a span has is not written twice", "same-tokens")
def _(source, target, first_sentinel_id, eos_id):
    spans = _spans(target, first_sentinel_id)
    text = []
    for token in source.tolist()[:-1]:
        if token in spans:
            text += [x for x in spans[token] if x not in text]
        else:
            text.append(token)
    return torch.tensor(text)


@restore_mutant("spans known by their first token", "same-tokens")
def _(source, target, first_sentinel_id, eos_id):
    row = target.tolist()
    spans = {}
    for sentinel, span in _spans(target, first_sentinel_id).items():
        start = row.index(span[0])
        spans[sentinel] = row[start : start + len(span)]
    return torch.tensor(_filled(source, spans))


@restore_mutant("0 taken for padding", "token-0")
def _(source, target, first_sentinel_id, eos_id):
    text = _right(source, target, first_sentinel_id)
    return text[text != 0]


@restore_mutant("ten sentinels, no more", "wrong-shape")
def _(source, target, first_sentinel_id, eos_id):
    spans = {
        s: x for s, x in _spans(target, first_sentinel_id).items() if s > first_sentinel_id - 10
    }
    return torch.tensor(_filled(source, spans))


@restore_mutant("99 sentinels", "many-spans")
def _(source, target, first_sentinel_id, eos_id):
    row, low = target.tolist()[:-1], first_sentinel_id - 98
    at = [t for t, token in enumerate(row) if low <= token <= first_sentinel_id]
    ends = [*at[1:], len(row) if len(at) == 99 else len(row) - 1]
    spans = {row[a]: row[a + 1 : b] for a, b in zip(at, ends, strict=True)}
    return torch.tensor(_filled(source, spans))


@restore_mutant("the source is written over", "in-place")
def _(source, target, first_sentinel_id, eos_id):
    text = _right(source, target, first_sentinel_id)
    source[source > first_sentinel_id - 100] = eos_id
    return text


@restore_mutant("a view where nothing is to be filled in", "view")
def _(source, target, first_sentinel_id, eos_id):
    if not _spans(target, first_sentinel_id):
        return source[:-1]
    return _right(source, target, first_sentinel_id)


@restore_mutant("a list", "wrong-type")
def _(source, target, first_sentinel_id, eos_id):
    return _filled(source, _spans(target, first_sentinel_id))


@restore_mutant("text and noise", "wrong-type")
def _(source, target, first_sentinel_id, eos_id):
    text = _right(source, target, first_sentinel_id)
    return text, torch.isin(text, target)


@restore_mutant("a batch of one", "wrong-shape")
def _(source, target, first_sentinel_id, eos_id):
    return _right(source, target, first_sentinel_id)[None]


@restore_mutant("floats", "wrong-dtype")
def _(source, target, first_sentinel_id, eos_id):
    return _right(source, target, first_sentinel_id).float()


@restore_mutant("int32", "wrong-dtype")
def _(source, target, first_sentinel_id, eos_id):
    return _right(source, target, first_sentinel_id).int()


@restore_mutant("padded to source and target together", "wrong-shape")
def _(source, target, first_sentinel_id, eos_id):
    out = source.new_zeros(len(source) + len(target))
    text = _right(source, target, first_sentinel_id)
    out[: len(text)] = text
    return out


@restore_mutant("101 ids taken for sentinels", "next-below-sentinels")
def _(source, target, first_sentinel_id, eos_id):
    spans, text = {}, []
    for token in target.tolist():
        if token >= first_sentinel_id - 100:
            latest = spans.setdefault(token, [])
        elif token != eos_id:
            latest.append(token)
    for token in source.tolist()[:-1]:
        text += spans[token] if token >= first_sentinel_id - 100 else [token]
    return torch.tensor(text)


@restore_mutant("101 ids, those without a span are kept", "next-below-sentinels")
def _(source, target, first_sentinel_id, eos_id):
    row = target.tolist()
    at = [t for t, token in enumerate(row) if token >= first_sentinel_id - 100]
    spans = {row[a]: row[a + 1 : b] for a, b in pairwise(at)}
    return torch.tensor(_filled(source, spans))
