"""Right answers to ``invert_span_corruption``."""

import re
from itertools import pairwise

import numpy as np
import torch
from ch06_denoising.parts import variant


@variant("invert_span_corruption")
def spans_by_sentinel(source, target, first_sentinel_id, eos_id):
    spans, latest = {}, None
    for token in target.tolist():
        if first_sentinel_id - 100 < token <= first_sentinel_id:
            latest = spans[token] = []
        elif token != eos_id:
            latest.append(token)
    text = []
    for token in source.tolist()[:-1]:
        text.extend(spans.get(token, [token]))
    return source.new_tensor(text)


@variant("invert_span_corruption")
def one_sentinel_after_the_other(source, target, first_sentinel_id, eos_id):
    text, told = source[:-1], target[:-1]
    sentinel = first_sentinel_id
    while (text == sentinel).any():
        gap = int((text == sentinel).nonzero())
        start = int((told == sentinel).nonzero()) + 1
        end = int((told == sentinel - 1).nonzero())
        text = torch.cat([text[:gap], told[start:end], text[gap + 1 :]])
        sentinel -= 1
    return text.clone()


@variant("invert_span_corruption")
def two_pointers(source, target, first_sentinel_id, eos_id):
    lowest = first_sentinel_id - 99
    told = iter(target.tolist())
    token, text = next(told), []
    for kept in source.tolist():
        if kept == eos_id:
            break
        if not lowest <= kept <= first_sentinel_id:
            text.append(kept)
            continue
        while token != kept:
            token = next(told)
        token = next(told)
        while not lowest <= token <= first_sentinel_id:
            text.append(token)
            token = next(told)
    return torch.tensor(text, device=source.device, dtype=torch.int64)


@variant("invert_span_corruption")
def list_index(source, target, first_sentinel_id, eos_id):
    text, told = source.tolist(), target.tolist()
    text.remove(eos_id)
    k = 0
    while first_sentinel_id - k in text:
        gap = text.index(first_sentinel_id - k)
        start, end = told.index(first_sentinel_id - k), told.index(first_sentinel_id - k - 1)
        text[gap : gap + 1] = told[start + 1 : end]
        k += 1
    return torch.tensor(text)


@variant("invert_span_corruption")
def split_and_joined(source, target, first_sentinel_id, eos_id):
    def parts(x):
        at = ((x <= first_sentinel_id) & (x > first_sentinel_id - 100)).nonzero().flatten().tolist()
        return [x[a + 1 : b] for a, b in pairwise([-1, *at, len(x) - 1])]

    kept, spans = parts(source), parts(target)[1:]
    pieces = [kept[0]]
    for span, rest in zip(spans, kept[1:], strict=False):
        pieces += [span, rest]
    return torch.cat(pieces)


@variant("invert_span_corruption")
def numpy_split(source, target, first_sentinel_id, eos_id):
    s, t = source.cpu().numpy()[:-1], target.cpu().numpy()[:-1]
    marked = t > first_sentinel_id - 100
    spans = np.split(t, np.flatnonzero(marked))[1:-1]
    kept = np.split(s, np.flatnonzero(s > first_sentinel_id - 100))
    pieces = [kept[0], *(x for a, b in zip(spans, kept[1:], strict=True) for x in (a[1:], b[1:]))]
    return torch.from_numpy(np.concatenate(pieces)).to(source.device)


@variant("invert_span_corruption")
def sorted_by_gap_and_place(source, target, first_sentinel_id, eos_id):
    """Every token has the number of its gap: spans come before what follows the gap."""
    s, t = source[:-1], target[:-1]
    is_gap = s > first_sentinel_id - 100
    is_mark = t > first_sentinel_id - 100
    s_number, t_number = is_gap.cumsum(0), is_mark.cumsum(0)
    tokens = torch.cat([t[~is_mark], s[~is_gap]])
    keys = torch.cat([2 * t_number[~is_mark] - 1, 2 * s_number[~is_gap]])
    return tokens[keys.argsort(stable=True)]


@variant("invert_span_corruption")
def text_and_regular_expressions(source, target, first_sentinel_id, eos_id):
    def written(x):
        sentinels = range(first_sentinel_id - 99, first_sentinel_id + 1)
        return "".join(f"<{i}>" if i in sentinels else f"{i} " for i in x.tolist() if i != eos_id)

    told = dict(re.findall(r"<(\d+)>([\d ]*)", written(target)))
    text = re.sub(r"<(\d+)>", lambda found: told[found[1]], written(source))
    return torch.tensor([int(word) for word in text.split()], dtype=torch.long)


@variant("invert_span_corruption")
def recursive(source, target, first_sentinel_id, eos_id):
    def filled(text, told, sentinel):
        if sentinel not in text:
            return text
        gap, end = text.index(sentinel), told.index(sentinel - 1)
        rest = filled(text[gap + 1 :], told[end:], sentinel - 1)
        return text[:gap] + told[1:end] + rest

    return torch.tensor(filled(source.tolist()[:-1], target.tolist(), first_sentinel_id))


@variant("invert_span_corruption")
def sentinels_are_what_both_have(source, target, first_sentinel_id, eos_id):
    """By where they stand: first in the target, then whatever continues the count."""
    told, k, spans = target.tolist(), 0, []
    for token in told[: told.index(eos_id)]:
        if token == first_sentinel_id - k:
            spans.append([])
            k += 1
        else:
            spans[-1].append(token)
    waiting = iter(spans)
    out = []
    for token in source[source != eos_id].tolist():
        out += next(waiting) if token >= first_sentinel_id - k else [token]
    return torch.as_tensor(out)


@variant("invert_span_corruption")
def written_into_a_tensor(source, target, first_sentinel_id, eos_id):
    low = first_sentinel_id - 99
    n = int((source[:-1] < low).sum() + (target[:-1] < low).sum())
    text = torch.full((n,), -1, device=source.device)
    at = 0
    for token in source[:-1]:
        if token < low:
            text[at] = token
            at += 1
        else:
            start = (target == token).nonzero()[0, 0] + 1
            end = (target == token - 1).nonzero()[0, 0]
            text[at : at + end - start] = target[start:end]
            at += int(end - start)
    return text
