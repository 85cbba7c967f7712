"""Right answers to ``fill_in_middle``."""

import itertools
from collections import deque

import numpy as np
import torch
import torch.nn.functional as F
from ch06_denoising.parts import variant


@variant("fill_in_middle")
def concatenated_tensors(ids, start, end, prefix_id, middle_id, suffix_id, order):
    prefix = torch.cat([ids.new_tensor([prefix_id]), ids[:start]])
    middle = torch.cat([ids.new_tensor([middle_id]), ids[start:end]])
    suffix = torch.cat([ids.new_tensor([suffix_id]), ids[end:]])
    if order == "psm":
        return torch.cat([prefix, suffix, middle])
    if order == "spm":
        return torch.cat([suffix, prefix, middle])
    raise ValueError(f"order: expected 'psm' or 'spm', got {order!r}")


@variant("fill_in_middle")
def the_layout_of_joint_training(ids, start, end, prefix_id, middle_id, suffix_id, order):
    row = ids.tolist()
    prefix, middle, suffix = row[:start], row[start:end], row[end:]
    match order:
        case "psm":
            made = [prefix_id, *prefix, suffix_id, *suffix, middle_id, *middle]
        case "spm":
            made = [prefix_id, suffix_id, *suffix, middle_id, *prefix, *middle]
        case _:
            raise ValueError(order)
    return torch.tensor(made, device=ids.device)


@variant("fill_in_middle")
def joint_layout_of_tensors(ids, start, end, prefix_id, middle_id, suffix_id, order):
    if order not in {"psm", "spm"}:
        raise ValueError("no such order")
    p, m, s = (torch.full((1,), i, device=ids.device) for i in (prefix_id, middle_id, suffix_id))
    before, after, hidden = ids[:start], ids[end:], ids[start:end]
    if order == "psm":
        return torch.cat((p, before, s, after, m, hidden))
    return torch.cat((p, s, after, m, before, hidden))


@variant("fill_in_middle")
def lists(ids, start, end, prefix_id, middle_id, suffix_id, order):
    tokens = list(ids)
    parts = {
        "p": [prefix_id, *tokens[:start]],
        "s": [suffix_id, *tokens[end:]],
        "m": [middle_id, *tokens[start:end]],
    }
    if order not in ("psm", "spm"):
        raise ValueError
    return torch.tensor([int(token) for letter in order for token in parts[letter]])


@variant("fill_in_middle")
def filled_piece_by_piece(ids, start, end, prefix_id, middle_id, suffix_id, order):
    T = len(ids)
    out = ids.new_empty(T + 3)
    lengths = {"p": start, "s": T - end, "m": end - start}
    source = {"p": slice(0, start), "s": slice(end, T), "m": slice(start, end)}
    marks = {"p": prefix_id, "s": suffix_id, "m": middle_id}
    if order != "psm" and order != "spm":
        raise ValueError("order must be psm or spm")
    at = 0
    for letter in order:
        out[at] = marks[letter]
        out[at + 1 : at + 1 + lengths[letter]] = ids[source[letter]]
        at += 1 + lengths[letter]
    return out


@variant("fill_in_middle")
def split_by_sizes(ids, start, end, prefix_id, middle_id, suffix_id, order):
    prefix, middle, suffix = ids.split([start, end - start, len(ids) - end])
    marked = [
        F.pad(part, (1, 0), value=mark)
        for part, mark in ((prefix, prefix_id), (suffix, suffix_id), (middle, middle_id))
    ]
    try:
        return torch.cat([marked[i] for i in {"psm": (0, 1, 2), "spm": (1, 0, 2)}[order]])
    except KeyError:
        raise ValueError(f"unknown order {order}") from None


@variant("fill_in_middle")
def numpy_concatenate(ids, start, end, prefix_id, middle_id, suffix_id, order):
    x = ids.cpu().numpy()
    first, second = ([prefix_id], x[:start]), ([suffix_id], x[end:])
    if order == "spm":
        first, second = second, first
    elif order != "psm":
        raise ValueError(order)
    made = np.concatenate([*first, *second, [middle_id], x[start:end]])
    return torch.from_numpy(made.astype(np.int64)).to(ids.device)


@variant("fill_in_middle")
def indices_into_text_and_marks(ids, start, end, prefix_id, middle_id, suffix_id, order):
    T = ids.shape[0]
    table = torch.cat([ids, torch.tensor([prefix_id, middle_id, suffix_id], device=ids.device)])
    prefix, middle, suffix = range(start), range(start, end), range(end, T)
    if order == "psm":
        places = [T, *prefix, T + 2, *suffix, T + 1, *middle]
    elif order == "spm":
        places = [T + 2, *suffix, T, *prefix, T + 1, *middle]
    else:
        raise ValueError(f"{order!r} is neither 'psm' nor 'spm'")
    return table[torch.tensor(places, device=ids.device)]


@variant("fill_in_middle")
def chained(ids, start, end, prefix_id, middle_id, suffix_id, order):
    def slices(first, last):
        return (int(ids[t]) for t in range(first, last))

    P = itertools.chain([prefix_id], slices(0, start))
    S = itertools.chain([suffix_id], slices(end, len(ids)))
    M = itertools.chain([middle_id], slices(start, end))
    if order == "psm":
        chain = itertools.chain(P, S, M)
    elif order == "spm":
        chain = itertools.chain(S, P, M)
    else:
        raise ValueError(f"order = {order}")
    return torch.tensor(list(chain), dtype=torch.int64)


@variant("fill_in_middle")
def a_queue_that_turns(ids, start, end, prefix_id, middle_id, suffix_id, order):
    if order not in ["psm", "spm"]:
        raise ValueError("expected psm or spm")
    prefix = [prefix_id, *ids[:start].tolist()]
    suffix = [suffix_id, *ids[end:].tolist()]
    queue = deque(prefix + suffix)
    if order == "spm":
        queue.rotate(len(suffix))
    queue.extend([middle_id, *ids[start:end].tolist()])
    return torch.tensor(queue)


@variant("fill_in_middle")
def places_sorted_by_key(ids, start, end, prefix_id, middle_id, suffix_id, order):
    rank = {"psm": (0, 2, 1), "spm": (1, 2, 0)}.get(order)
    if rank is None:
        raise ValueError(f"order must be 'psm' or 'spm', not {order}")
    t = torch.arange(len(ids), device=ids.device)
    part = (t >= start).long() + (t >= end).long()  # 0 prefix, 1 middle, 2 suffix
    marks = torch.tensor([prefix_id, middle_id, suffix_id], device=ids.device)
    kind = torch.cat([torch.arange(3, device=ids.device), part])
    keys = torch.tensor(rank, device=ids.device)[kind]
    return torch.cat([marks, ids])[keys.argsort(stable=True)]
