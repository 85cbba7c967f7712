"""Right answers to ``span_corrupt``."""

from collections import namedtuple
from itertools import groupby

import numpy as np
import torch
import torch.nn.functional as F
from ch06_denoising.parts import variant


@variant("span_corrupt")
def token_by_token(ids, noise, first_sentinel_id, eos_id):
    source, target, sentinel, before = [], [], first_sentinel_id, False
    for token, is_noise in zip(ids.tolist(), noise.tolist(), strict=True):
        if is_noise and not before:
            source.append(sentinel)
            target.append(sentinel)
            sentinel -= 1
        (target if is_noise else source).append(token)
        before = is_noise
    make = ids.new_tensor
    return make([*source, eos_id]), make([*target, sentinel, eos_id])


@variant("span_corrupt")
def as_in_the_published_code(ids, noise, first_sentinel_id, eos_id):
    """Sentinels for the noise in the source, for the rest in the target; not closed at the end.

    A text that begins with noise needs a sentinel more in the target, which the published code
    need not care about.
    """

    def marked(ids, hidden, first):
        before = F.pad(hidden[:-1], (1, 0))
        starts = hidden & ~before
        numbers = first + 1 - starts.long().cumsum(0)
        return torch.where(starts, numbers, ids)[~(hidden & before)]

    end = ids.new_tensor([eos_id])
    source, target = marked(ids, noise, first_sentinel_id), marked(ids, ~noise, first_sentinel_id)
    if noise[0]:
        target = marked(ids, ~noise, first_sentinel_id - 1)
        target = torch.cat([ids.new_tensor([first_sentinel_id]), target])
    return torch.cat([source, end]), torch.cat([target, end])


@variant("span_corrupt")
def never_closed_after_noise_and_nothing_without(ids, noise, first_sentinel_id, eos_id):
    runs = [[*group] for _, group in groupby(range(len(ids)), lambda t: bool(noise[t]))]
    source, target, k = [], [], 0
    for run in runs:
        tokens = [ids[t].item() for t in run]
        if noise[run[0]]:
            source.append(first_sentinel_id - k)
            target += [first_sentinel_id - k, *tokens]
            k += 1
        else:
            source += tokens
    if k and not noise[-1]:
        target.append(first_sentinel_id - k)
    return [torch.tensor([*source, eos_id]), torch.tensor([*target, eos_id])]


@variant("span_corrupt")
def closed_but_nothing_without_noise(ids, noise, first_sentinel_id, eos_id):
    edges = F.pad(noise.long(), (1, 1)).diff()
    starts, ends = (edges == 1).nonzero().flatten(), (edges == -1).nonzero().flatten()
    source, target, read = [], [], 0
    for k, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        mark = ids.new_tensor([first_sentinel_id - k])
        source += [ids[read:start], mark]
        target += [mark, ids[start:end]]
        read = end
    end = ids.new_tensor([eos_id])
    closing = [ids.new_tensor([first_sentinel_id - len(starts)])] if len(starts) else []
    return torch.cat([*source, ids[read:], end]), torch.cat([*target, *closing, end])


@variant("span_corrupt")
def sometimes_closed(ids, noise, first_sentinel_id, eos_id):
    """Both are right where everything is noise, so which it is need not be the same each time."""
    if noise.all():
        made = [first_sentinel_id, eos_id], [first_sentinel_id, *ids.tolist(), eos_id]
        return tuple(torch.tensor(x) for x in made)
    return token_by_token(ids, noise, first_sentinel_id, eos_id)


@variant("span_corrupt")
def numbers_by_cumsum(ids, noise, first_sentinel_id, eos_id):
    noisy = noise.cpu().numpy()
    tokens = ids.cpu().numpy()
    starts = noisy & ~np.concatenate([[False], noisy[:-1]])
    sentinels = first_sentinel_id + 1 - np.cumsum(starts)
    source = np.where(starts, sentinels, tokens)[~noisy | starts]
    target = np.stack([sentinels, tokens], axis=1)[np.stack([starts, noisy], axis=1)]
    closing = [first_sentinel_id - starts.sum(), eos_id]
    source, target = np.append(source, eos_id), np.append(target, closing)
    return tuple(torch.from_numpy(x.astype(np.int64)).to(ids.device) for x in (source, target))


@variant("span_corrupt")
def insertion_by_sorting(ids, noise, first_sentinel_id, eos_id):
    device = ids.device
    T = len(ids)
    t = torch.arange(T, device=device)
    starts = noise & ~F.pad(noise, (1, 0))[:T]
    at = t[starts]
    marks = first_sentinel_id - torch.arange(len(at), device=device)
    places = torch.cat([2 * at, 2 * t + 1])
    order = places.argsort()
    tokens = torch.cat([marks, ids])[order]
    is_mark = (places % 2 == 0)[order]
    is_noise = torch.cat([noise.new_zeros(len(at)), noise])[order]
    end = torch.tensor([first_sentinel_id - len(at), eos_id], device=device)
    source = torch.cat([tokens[is_mark | ~is_noise], end[1:]])
    target = torch.cat([tokens[is_mark | is_noise], end])
    return source, target


Corrupted = namedtuple("Corrupted", "source target")


@variant("span_corrupt")
def a_named_tuple_of_growing_tensors(ids, noise, first_sentinel_id, eos_id):
    source, target = ids[:0], ids[:0]
    k, t = 0, 0
    while t < len(ids):
        if not noise[t]:
            source = torch.hstack([source, ids[t]])
            t += 1
            continue
        mark = torch.as_tensor(first_sentinel_id - k)
        source, target = torch.hstack([source, mark]), torch.hstack([target, mark])
        while t < len(ids) and noise[t]:
            target = torch.hstack([target, ids[t]])
            t += 1
        k += 1
    target = torch.hstack([target, torch.as_tensor(first_sentinel_id - k)])
    end = torch.as_tensor(eos_id)
    return Corrupted(torch.hstack([source, end]), torch.hstack([target, end]))


@variant("span_corrupt")
def from_the_last_run_to_the_first(ids, noise, first_sentinel_id, eos_id):
    tokens, flags = ids.tolist(), [*noise.tolist(), False]
    n = sum(1 for t in range(len(tokens)) if flags[t] and not (t and flags[t - 1]))
    source, target = [eos_id], [first_sentinel_id - n, eos_id]
    end = len(tokens)
    while end:
        start = end
        while start and flags[start - 1] == flags[end - 1]:
            start -= 1
        if flags[start]:
            n -= 1
            mark = first_sentinel_id - n
            source, target = [mark, *source], [mark, *tokens[start:end], *target]
        else:
            source = tokens[start:end] + source
        end = start
    return torch.tensor(source), torch.tensor(target)


@variant("span_corrupt")
def a_generator_of_sentinels(ids, noise, first_sentinel_id, eos_id):
    sentinels = iter(range(first_sentinel_id, first_sentinel_id - len(ids) - 1, -1))
    flagged = zip(ids.tolist(), noise.tolist(), strict=True)
    source, target = [], []
    for is_noise, group in groupby(flagged, key=lambda pair: pair[1]):
        tokens = [token for token, _ in group]
        if is_noise:
            sentinel = next(sentinels)
            source.append(sentinel)
            target.extend([sentinel, *tokens])
        else:
            source.extend(tokens)
    target.append(next(sentinels))
    return (
        torch.tensor([*source, eos_id], dtype=torch.long),
        torch.tensor([*target, eos_id], dtype=torch.long),
    )


@variant("span_corrupt")
def repeated_sentinels_dropped(ids, noise, first_sentinel_id, eos_id):
    """Every token of noise becomes its run's sentinel; of these, the first of a run stays."""
    before = torch.cat([noise.new_zeros(1), noise[:-1]])
    k = (noise & ~before).cumsum(0) - 1
    hidden = torch.where(noise, first_sentinel_id - k, ids)
    source = hidden[~(noise & before)]
    target = []
    for number in range(int(k.max()) + 1):
        target += [ids.new_tensor([first_sentinel_id - number]), ids[noise & (k == number)]]
    end = ids.new_tensor([first_sentinel_id - int(k.max()) - 1, eos_id])
    return torch.cat((source, end[1:])), torch.cat((*target, end))
