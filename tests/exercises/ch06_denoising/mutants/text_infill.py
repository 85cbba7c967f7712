"""Wrong answers to ``text_infill``."""

import torch
from ch06_denoising.mutants.parts import mutant

from labtools import definitions
from labtools.definitions import infilled as reference


def _right(ids, spans, mask_id):
    out, read = [], 0
    for start, length in spans:
        out += [*ids[read:start].tolist(), mask_id]
        read = start + length
    return ids.new_tensor([*out, *ids[read:].tolist()])


@mutant("text_infill", None, "nothing is done", "unchanged")
def _(ids, spans, mask_id):
    return ids.clone()


@mutant("text_infill", None, "the result of torch.cat is thrown away", "unchanged")
def _(ids, spans, mask_id):
    out = ids.clone()
    for start, length in spans:
        torch.cat([out[:start], torch.tensor([mask_id]), out[start + length :]])
    return out


# how many masks


@mutant("text_infill", None, "as BERT: a mask for each token", "mask-per-token")
def _(ids, spans, mask_id):
    out = ids.clone()
    for start, length in spans:
        out[start : start + length] = mask_id
    return out


@mutant("text_infill", None, "a mask times the length, at least one", "mask-per-token")
def _(ids, spans, mask_id):
    out = ids.tolist()
    for start, length in reversed(spans):
        out[start : start + length] = [mask_id] * max(length, 1)
    return torch.tensor(out)


@mutant("text_infill", None, "a mask for each token, by a boolean mask", "mask-per-token")
def _(ids, spans, mask_id):
    noise = torch.zeros(len(ids), dtype=torch.bool)
    for start, length in spans:
        noise[start : start + length] = True
    return ids.masked_fill(noise, mask_id)


@mutant("text_infill", None, "runs of noise", "merged")
def _(ids, spans, mask_id):
    noise = torch.zeros(len(ids), dtype=torch.bool)
    for start, length in spans:
        noise[start : start + length] = True
    first = noise & ~torch.cat([torch.tensor([False]), noise[:-1]])
    return ids.masked_fill(first, mask_id)[first | ~noise]


@mutant("text_infill", None, "spans that meet are joined", "merged")
def _(ids, spans, mask_id):
    joined = []
    for start, length in spans:
        if joined and joined[-1][0] + joined[-1][1] == start:
            joined[-1][1] += length
        else:
            joined.append([start, length])
    return _right(ids, joined, mask_id)


@mutant("text_infill", None, "several masks in a row are one", "merged")
def _(ids, spans, mask_id):
    out = _right(ids, spans, mask_id)
    again = torch.zeros(len(out), dtype=torch.bool)
    again[1:] = (out[1:] == mask_id) & (out[:-1] == mask_id)
    return out[~again]


@mutant("text_infill", None, "no mask after another", "merged")
def _(ids, spans, mask_id):
    out, read = [], 0
    for start, length in spans:
        out += ids[read:start].tolist()
        if not out or out[-1] != mask_id:
            out.append(mask_id)
        read = start + length
    return torch.tensor(out + ids[read:].tolist())


@mutant("text_infill", None, "one mask from the first start to the last end", "one-mask")
def _(ids, spans, mask_id):
    if not spans:
        return ids.clone()
    end = spans[-1][0] + spans[-1][1]
    return torch.cat([ids[: spans[0][0]], torch.tensor([mask_id]), ids[end:]])


@mutant("text_infill", None, "deletion", "no-masks")
def _(ids, spans, mask_id):
    kept = torch.ones(len(ids), dtype=torch.bool)
    for start, length in spans:
        kept[start : start + length] = False
    return ids[kept]


@mutant("text_infill", None, "del", "no-masks")
def _(ids, spans, mask_id):
    out = ids.tolist()
    for start, length in reversed(spans):
        del out[start : start + length]
    return torch.tensor(out, dtype=torch.int64)


@mutant("text_infill", None, "a mask on each side of a span", "wrong-shape")
def _(ids, spans, mask_id):
    out, read = [], 0
    for start, length in spans:
        out += [*ids[read:start].tolist(), mask_id, mask_id]
        read = start + length
    return torch.tensor(out + ids[read:].tolist())


@mutant("text_infill", None, "masks as sentinels", "numbered")
def _(ids, spans, mask_id):
    out = ids.tolist()
    for k, (start, length) in reversed([*enumerate(spans)]):
        out[start : start + length] = [mask_id - k]
    return torch.tensor(out)


@mutant("text_infill", None, "masks as sentinels that ascend", "numbered")
def _(ids, spans, mask_id):
    out, read = [], 0
    for k, (start, length) in enumerate(spans):
        out += [*ids[read:start].tolist(), mask_id + k]
        read = start + length
    return torch.tensor(out + ids[read:].tolist())


# spans of length 0


@mutant("text_infill", None, "length 0 is nothing to do", "empty-skipped")
def _(ids, spans, mask_id):
    return _right(ids, [(s, n) for s, n in spans if n], mask_id)


@mutant("text_infill", None, "if length", "empty-skipped")
def _(ids, spans, mask_id):
    out = ids.tolist()
    for start, length in reversed(spans):
        if length:
            out[start : start + length] = [mask_id]
    return torch.tensor(out)


@mutant("text_infill", None, "at least one token goes", "empty-eats")
def _(ids, spans, mask_id):
    return _right(ids, [(s, max(n, 1)) for s, n in spans], mask_id)


@mutant("text_infill", None, "the first token becomes the mask, the rest goes", "empty-eats", None)
def _(ids, spans, mask_id):
    out = [*ids.tolist(), None]
    for start, length in reversed(spans):
        out[start] = mask_id
        del out[start + 1 : start + length]
    return torch.tensor([x for x in out if x is not None])


@mutant("text_infill", None, "inserted after the token", "empty-after")
def _(ids, spans, mask_id):
    out = ids.tolist()
    for start, length in reversed(spans):
        at = start + 1 if length == 0 else start
        out[at : at + length] = [mask_id]
    return torch.tensor(out)


@mutant("text_infill", None, "the mask follows the token read last", "empty-after", None)
def _(ids, spans, mask_id):
    masks = dict(spans)
    out, skip = [], 0
    for t, token in enumerate(ids.tolist()):
        skip = max(skip, masks.get(t, 0))
        if not skip:
            out.append(token)
        if t in masks:
            out.append(mask_id)
        skip = max(skip - 1, 0)
    return torch.tensor(out)


@mutant("text_infill", None, "a mask at the end is forgotten", "at-end")
def _(ids, spans, mask_id):
    return _right(ids, [(s, n) for s, n in spans if s < len(ids)], mask_id)


@mutant("text_infill", None, "the loop over tokens ends before the last mask", "at-end")
def _(ids, spans, mask_id):
    out, t, waiting = [], 0, list(spans)
    while t < len(ids):
        if waiting and waiting[0][0] == t:
            out.append(mask_id)
            t += waiting.pop(0)[1]
        else:
            out.append(int(ids[t]))
            t += 1
    return torch.tensor(out)


# positions


@mutant("text_infill", None, "from left to right in the changed list", "not-adjusted")
def _(ids, spans, mask_id):
    out = ids.tolist()
    for start, length in spans:
        out[start : start + length] = [mask_id]
    return torch.tensor(out)


@mutant("text_infill", None, "from left to right in the changed tensor", "not-adjusted")
def _(ids, spans, mask_id):
    out = ids.clone()
    for start, length in spans:
        out = torch.cat([out[:start], torch.tensor([mask_id]), out[start + length :]])
    return out


@mutant("text_infill", None, "length 0 last, by the positions before", "not-adjusted")
def _(ids, spans, mask_id):
    out = _right(ids, [(s, n) for s, n in spans if n], mask_id).tolist()
    for start, length in reversed(spans):
        if length == 0:
            out.insert(start, mask_id)
    return torch.tensor(out)


@mutant("text_infill", None, "moved by length, as if nothing came for it", "adjusted-wrongly")
def _(ids, spans, mask_id):
    out, gone = ids.tolist(), 0
    for start, length in spans:
        out[start - gone : start - gone + length] = [mask_id]
        gone += length
    return torch.tensor(out)


@mutant("text_infill", None, "moved the other way", "adjusted-wrongly")
def _(ids, spans, mask_id):
    out, moved = ids.tolist(), 0
    for start, length in spans:
        at = max(start + moved, 0)
        out[at : at + length] = [mask_id]
        moved += length - 1
    return torch.tensor(out)


@mutant("text_infill", None, "not moved by a span of length 0", "adjusted-wrongly")
def _(ids, spans, mask_id):
    out, gone = ids.tolist(), 0
    for start, length in spans:
        out[start - gone : start - gone + length] = [mask_id]
        gone += max(length - 1, 0)
    return torch.tensor(out)


@mutant("text_infill", None, "positions count from 1", "early")
def _(ids, spans, mask_id):
    out = ids.tolist()
    for start, length in reversed(spans):
        at = max(start - 1, 0)
        out[at : at + length] = [mask_id]
    return torch.tensor(out)


@mutant("text_infill", None, "begins after start", "late")
def _(ids, spans, mask_id):
    out = ids.tolist()
    for start, length in reversed(spans):
        out[start + 1 : start + 1 + length] = [mask_id]
    return torch.tensor(out)


@mutant("text_infill", None, "one token more", "one-token-more")
def _(ids, spans, mask_id):
    out = ids.tolist()
    for start, length in reversed(spans):
        out[start : start + length + 1] = [mask_id]
    return torch.tensor(out)


@mutant("text_infill", None, "one token less", "one-token-less")
def _(ids, spans, mask_id):
    out, read = [], 0
    for start, length in spans:
        out += [*ids[read:start].tolist(), mask_id]
        read = max(start + length - 1, start)
    return torch.tensor(out + ids[read:].tolist())


@mutant("text_infill", None, "(start, end)", "start-end")
def _(ids, spans, mask_id):
    out, read = [], 0
    for start, end in spans:
        out += [*ids[read:start].tolist(), mask_id]
        read = end
    return torch.tensor(out + ids[read:].tolist())


@mutant("text_infill", None, "(start, end) from the last one", "start-end")
def _(ids, spans, mask_id):
    out = ids.tolist()
    for start, end in reversed(spans):
        out[start:end] = [mask_id]
    return torch.tensor(out)


@mutant("text_infill", None, "(start, end) from left to right", "start-end")
def _(ids, spans, mask_id):
    out = ids.tolist()
    for start, end in spans:
        out[start:end] = [mask_id]
    return torch.tensor(out)


@mutant("text_infill", None, "(length, start)", "length-start")
def _(ids, spans, mask_id):
    out = ids.tolist()
    for length, start in reversed(spans):
        out[start : start + length] = [mask_id]
    return torch.tensor(out)


# what is lost


@mutant("text_infill", None, "the tail is lost", "tail-lost")
def _(ids, spans, mask_id):
    out, read = [], 0
    for start, length in spans:
        out += [*ids[read:start].tolist(), mask_id]
        read = start + length
    return torch.tensor(out, dtype=torch.int64)


@mutant("text_infill", None, "the head is lost", "head-lost")
def _(ids, spans, mask_id):
    if not spans:
        return ids.clone()
    return _right(ids, spans, mask_id)[spans[0][0] :]


@mutant("text_infill", None, "what stands between spans is lost", "between-lost")
def _(ids, spans, mask_id):
    if not spans:
        return ids.clone()
    end = spans[-1][0] + spans[-1][1]
    return torch.cat([ids[: spans[0][0]], torch.full((len(spans),), mask_id), ids[end:]])


@mutant("text_infill", None, "only the first", "first-only")
def _(ids, spans, mask_id):
    for start, length in spans:
        return torch.cat([ids[:start], torch.tensor([mask_id]), ids[start + length :]])
    return ids.clone()


@mutant("text_infill", None, "only the last", "last-only")
def _(ids, spans, mask_id):
    out = ids.clone()
    for start, length in spans:
        out = torch.cat([ids[:start], torch.tensor([mask_id]), ids[start + length :]])
    return out


@mutant("text_infill", None, "the tokens stay beside the mask", "mask-beside-span")
def _(ids, spans, mask_id):
    out = ids.tolist()
    for start, _ in reversed(spans):
        out.insert(start, mask_id)
    return torch.tensor(out)


@mutant("text_infill", None, "the spans are kept", "inverted")
def _(ids, spans, mask_id):
    inside = torch.zeros(len(ids), dtype=torch.bool)
    for start, length in spans:
        inside[start : start + length] = True
    outside = ~inside
    first = outside & ~torch.cat([torch.tensor([False]), outside[:-1]])
    return ids.masked_fill(first, mask_id)[first | inside]


@mutant("text_infill", None, "masks at the end", "masks-at-end")
def _(ids, spans, mask_id):
    kept = torch.ones(len(ids), dtype=torch.bool)
    for start, length in spans:
        kept[start : start + length] = False
    return torch.cat([ids[kept], torch.full((len(spans),), mask_id)])


@mutant("text_infill", None, "what was in the spans", "target-returned")
def _(ids, spans, mask_id):
    return torch.cat([ids[s : s + n] for s, n in spans] or [ids[:0].clone()])


@mutant("text_infill", None, "what was in the spans, as T5's target", "target-returned")
def _(ids, spans, mask_id):
    out = []
    for start, length in spans:
        out += [mask_id, *ids[start : start + length].tolist()]
    return torch.tensor(out, dtype=torch.int64)


# special texts


@mutant("text_infill", None, "the mask is looked for in the text", "mask-in-text")
def _(ids, spans, mask_id):
    out = []
    marked = ids.clone()
    for start, length in spans:
        marked[start : start + length] = mask_id
    inside = {start + i for start, length in spans for i in range(1, length)}
    empty = [start for start, length in spans if length == 0]
    for t, token in enumerate([*marked.tolist(), None]):
        out += [mask_id] * empty.count(t)
        if token is None or (token == mask_id and t in inside):
            continue
        if token == mask_id and out and out[-1] == mask_id and ids[t] == mask_id:
            continue
        out.append(token)
    return torch.tensor(out)


@mutant("text_infill", None, "no spans, no result", "no-spans")
def _(ids, spans, mask_id):
    if not spans:
        return torch.tensor([], dtype=torch.int64)
    return _right(ids, spans, mask_id)


@mutant("text_infill", None, "the last span is read without one", "no-spans")
def _(ids, spans, mask_id):
    tail = spans[-1][0] + spans[-1][1]
    return torch.cat([_right(ids[:tail], spans, mask_id), ids[tail:]])


@mutant("text_infill", None, "a text that is one span is left alone", "whole-text")
def _(ids, spans, mask_id):
    if any(length == len(ids) for _, length in spans):
        return ids.clone()
    return _right(ids, spans, mask_id)


@mutant("text_infill", None, "the text itself where nothing is replaced", "view")
def _(ids, spans, mask_id):
    return _right(ids, spans, mask_id) if spans else ids


@mutant("text_infill", None, "all of the text as a slice where nothing is replaced", "view")
def _(ids, spans, mask_id):
    out = ids
    for start, length in reversed(spans):
        out = torch.cat([out[:start], torch.tensor([mask_id]), out[start + length :]])
    return out[:]


@mutant("text_infill", None, "the text is changed", "in-place")
def _(ids, spans, mask_id):
    out = _right(ids, spans, mask_id)
    for start, length in spans:
        ids[start : start + length] = mask_id
    return out


@mutant("text_infill", None, "the list of spans is sorted backwards", "in-place")
def _(ids, spans, mask_id):
    out = ids.tolist()
    spans.sort(reverse=True)
    for start, length in spans:
        out[start : start + length] = [mask_id]
    return ids.new_tensor(out)


@mutant("text_infill", None, "the list of spans is reversed", "in-place")
def _(ids, spans, mask_id):
    out = ids.tolist()
    spans.reverse()
    for start, length in spans:
        out[start : start + length] = [mask_id]
    return ids.new_tensor(out)


@mutant("text_infill", None, "a dict by the start", "same-start")
def _(ids, spans, mask_id):
    out = ids.tolist()
    for start, length in reversed(dict(spans).items()):
        out[start : start + length] = [mask_id]
    return ids.new_tensor(out)


@mutant("text_infill", None, "equal spans are one", "same-start")
def _(ids, spans, mask_id):
    return _right(ids, sorted(set(spans)), mask_id)


@mutant("text_infill", None, "token by token, one mask for a start", "same-start")
def _(ids, spans, mask_id):
    out, read = [], 0
    for t in range(len(ids) + 1):
        here = [length for start, length in spans if start == t]
        out += [mask_id] * bool(here)
        read = max([read, *(t + length for length in here)])
        out += ids[t : t + 1].tolist() if t >= read else []
    return ids.new_tensor(out)


@mutant("text_infill", None, "the list of spans is emptied", "in-place")
def _(ids, spans, mask_id):
    out = ids.tolist()
    while spans:
        start, length = spans.pop()
        out[start : start + length] = [mask_id]
    return torch.tensor(out)


# the kind of result, and the rest


@mutant("text_infill", None, "a list", "wrong-type")
def _(ids, spans, mask_id):
    return _right(ids, spans, mask_id).tolist()


@mutant("text_infill", None, "source and target", "wrong-type")
def _(ids, spans, mask_id):
    return _right(ids, spans, mask_id), ids.clone()


@mutant("text_infill", None, "floats", "wrong-dtype")
def _(ids, spans, mask_id):
    return _right(ids, spans, mask_id).float()


@mutant("text_infill", None, "a batch of one", "wrong-shape")
def _(ids, spans, mask_id):
    return _right(ids, spans, mask_id)[None]


@mutant("text_infill", None, "filled up to the old length", "wrong-shape")
def _(ids, spans, mask_id):
    out = _right(ids, spans, mask_id)
    return torch.cat([out, torch.zeros(max(len(ids) - len(out), 0), dtype=torch.int64)])


@mutant("text_infill", None, "an end token is added", "wrong-shape")
def _(ids, spans, mask_id):
    return torch.cat([_right(ids, spans, mask_id), torch.tensor([2])])


@mutant("text_infill", None, "the definition is called", "refused")
def _(ids, spans, mask_id):
    return torch.tensor(definitions.infilled(ids.tolist(), spans, mask_id))


@mutant("text_infill", None, "the definition under another name", "refused")
def _(ids, spans, mask_id):
    return ids.new_tensor(reference(ids.tolist(), spans, mask_id))
