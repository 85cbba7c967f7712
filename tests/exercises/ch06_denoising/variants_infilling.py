"""Right answers to ``text_infill``, each written in another way."""

import functools
import itertools

import numpy as np
import torch
from ch06_denoising.parts import variant


@variant("text_infill")
def slices_joined(ids, spans, mask_id):
    parts, read = [], 0
    mask = ids.new_tensor([mask_id])
    for start, length in spans:
        parts += [ids[read:start], mask]
        read = start + length
    return torch.cat([*parts, ids[read:]]).clone()


@variant("text_infill")
def a_list_from_the_last_span(ids, spans, mask_id):
    out = ids.tolist()
    for start, length in reversed(spans):
        out[start : start + length] = [mask_id]
    return torch.tensor(out, dtype=ids.dtype, device=ids.device)


@variant("text_infill")
def a_tensor_from_the_last_span(ids, spans, mask_id):
    out = ids.clone()
    for start, length in spans[::-1]:
        mask = torch.full((1,), mask_id, device=ids.device)
        out = torch.cat((out[:start], mask, out[start + length :]))
    return out


@variant("text_infill")
def positions_moved(ids, spans, mask_id):
    out, moved = ids.tolist(), 0
    for start, length in spans:
        out[start + moved : start + moved + length] = [mask_id]
        moved += 1 - length
    return ids.new_tensor(out)


@variant("text_infill")
def token_by_token(ids, spans, mask_id):
    out, t = [], 0
    waiting = list(spans)
    while t < len(ids) or waiting:
        if waiting and waiting[0][0] == t:
            _, length = waiting.pop(0)
            out.append(mask_id)
            t += length
        else:
            out.append(int(ids[t]))
            t += 1
    return torch.tensor(out, device=ids.device)


@variant("text_infill")
def what_stays_and_what_comes_before(ids, spans, mask_id):
    T = len(ids)
    stays = [True] * T
    masks = [0] * (T + 1)
    for start, length in spans:
        masks[start] += 1
        stays[start : start + length] = [False] * length
    out = []
    for t in range(T + 1):
        out += [mask_id] * masks[t]
        if t < T and stays[t]:
            out.append(ids[t].item())
    return ids.new_tensor(out)


@variant("text_infill")
def insert_and_delete_in_numpy(ids, spans, mask_id):
    gone = [t for start, length in spans for t in range(start, start + length)]
    out = ids.numpy(force=True).copy()
    starts = [start - sum(t < start for t in gone) for start, _ in spans]
    return torch.from_numpy(np.insert(np.delete(out, gone), starts, mask_id)).to(ids)


@variant("text_infill")
def split_by_sizes(ids, spans, mask_id):
    sizes, read = [], 0
    for start, length in spans:
        sizes += [start - read, length]
        read = start + length
    pieces = list(ids.split([*sizes, len(ids) - read]))
    pieces[1::2] = [ids.new_full((1,), mask_id) for _ in spans]
    return torch.cat(pieces).clone()


@variant("text_infill")
def a_result_of_known_length(ids, spans, mask_id):
    out = ids.new_empty(len(ids) + sum(1 - length for _, length in spans))
    read = written = 0
    for start, length in spans:
        out[written : written + start - read] = ids[read:start]
        written += start - read
        out[written] = mask_id
        written, read = written + 1, start + length
    out[written:] = ids[read:]
    return out


@variant("text_infill")
def sorted_by_place(ids, spans, mask_id):
    """Each token and each mask by where it belongs; a mask comes before the token there."""
    starts = torch.tensor([start for start, _ in spans], dtype=torch.int64, device=ids.device)
    places = torch.arange(len(ids), device=ids.device)
    inside = torch.zeros(len(ids), dtype=torch.bool, device=ids.device)
    for start, length in spans:
        inside[start : start + length] = True
    values = torch.cat([torch.full_like(starts, mask_id), ids[~inside]])
    keys = torch.cat([2 * starts, 2 * places[~inside] + 1])
    return values[keys.argsort(stable=True)]


@variant("text_infill")
def folded(ids, spans, mask_id):
    def put(out, span):
        start, length = span
        return (*out[:start], mask_id, *out[start + length :])

    return torch.tensor(functools.reduce(put, reversed(spans), tuple(ids.tolist()))).to(ids.device)


@variant("text_infill")
def recursive(ids, spans, mask_id):
    if not spans:
        return ids.clone()
    *before, (start, length) = spans
    left = recursive(ids[:start], before, mask_id)
    return torch.cat([left, ids.new_tensor([mask_id]), ids[start + length :]])


@variant("text_infill")
def between_the_ends(ids, spans, mask_id):
    ends = [0, *(start + length for start, length in spans)]
    starts = [*(start for start, _ in spans), len(ids)]
    kept = (ids[a:b].tolist() for a, b in zip(ends, starts, strict=True))
    joined = itertools.chain.from_iterable([*part, mask_id] for part in kept)
    return ids.new_tensor([*joined][:-1])


@variant("text_infill")
def marked_then_cut(ids, spans, mask_id):
    """A mark that no id is stands for the first token of a span, and another for the rest."""
    out = [[token] for token in ids.tolist()] + [[]]
    for start, length in spans:
        if length == 0:
            out[start] = [mask_id, *out[start]]
        for t in range(start, start + length):
            out[t] = [*out[t][:-1], mask_id] if t == start else []
    return ids.new_tensor([token for cell in out for token in cell])


@variant("text_infill")
def an_index_into_text_and_mask(ids, spans, mask_id):
    index, read = [], 0
    for start, length in spans:
        index += [*range(read, start), len(ids)]
        read = start + length
    index += range(read, len(ids))
    longer = torch.cat([ids, ids.new_tensor([mask_id])])
    return longer[torch.tensor(index, device=ids.device)]
