"""Wrong answers to ``span_corrupt``."""

from itertools import groupby

import torch
import torch.nn.functional as F
from ch06_denoising.mutants.parts import mutant


def corrupt_mutant(number, name, *diagnosed):
    return mutant("span_corrupt", number, name, *diagnosed)


def _pair(source, target):
    return torch.tensor(source), torch.tensor(target)


def _parts(ids, noise):
    """Runs of either kind in turn: whether it is noise, and its tokens."""
    groups = groupby(zip(ids.tolist(), noise.tolist(), strict=True), key=lambda pair: pair[1])
    return [(is_noise, [token for token, _ in group]) for is_noise, group in groups]


def _written(ids, noise, first, eos, *, mark=None, target_mark=None, hide=None, tell=None):
    """Source and target without their ends, and how many runs there are."""
    mark = mark or (lambda k: first - k)
    target_mark = target_mark or mark
    hide = hide or (lambda s, span: [s])
    tell = tell or (lambda s, span: [s, *span])
    source, target, k = [], [], 0
    for is_noise, tokens in _parts(ids, noise):
        if is_noise:
            source += hide(mark(k), tokens)
            target += tell(target_mark(k), tokens)
            k += 1
        else:
            source += tokens
    return source, target, k


def _right(ids, noise, first, eos):
    source, target, k = _written(ids, noise, first, eos)
    return _pair([*source, eos], [*target, first - k, eos])


# which sentinel


@corrupt_mutant(36, "one sentinel for every run", "one-for-all")
def _(ids, noise, first_sentinel_id, eos_id):
    first = first_sentinel_id
    source, target, _ = _written(ids, noise, first, eos_id, mark=lambda k: first)
    return _pair([*source, eos_id], [*target, first, eos_id])


@corrupt_mutant(36, "one sentinel for every run, and another that closes", "one-for-all")
def _(ids, noise, first_sentinel_id, eos_id):
    first = first_sentinel_id
    source, target, _ = _written(ids, noise, first, eos_id, mark=lambda k: first)
    return _pair([*source, eos_id], [*target, first - 1, eos_id])


@corrupt_mutant(36, "one sentinel for every run, not closed at the end", "one-for-all")
def _(ids, noise, first_sentinel_id, eos_id):
    first = first_sentinel_id
    source, target, _ = _written(ids, noise, first, eos_id, mark=lambda k: first)
    closing = [] if noise[-1] else [first]
    return _pair([*source, eos_id], [*target, *closing, eos_id])


@corrupt_mutant(36, "one sentinel in the source alone", "not-the-same")
def _(ids, noise, first_sentinel_id, eos_id):
    first = first_sentinel_id
    source = _written(ids, noise, first, eos_id, mark=lambda k: first)[0]
    target = _right(ids, noise, first, eos_id)[1]
    return torch.tensor([*source, eos_id]), target


@corrupt_mutant(36, "a sentinel for every token", "one-per-token")
def _(ids, noise, first_sentinel_id, eos_id):
    source, target, sentinel = [], [], first_sentinel_id
    for token, is_noise in zip(ids.tolist(), noise.tolist(), strict=True):
        if is_noise:
            source.append(sentinel)
            target += [sentinel, token]
            sentinel -= 1
        else:
            source.append(token)
    return _pair([*source, eos_id], [*target, sentinel, eos_id])


@corrupt_mutant(36, "the run's sentinel for every token of the source", "one-per-token")
def _(ids, noise, first_sentinel_id, eos_id):
    source, target, k = _written(
        ids, noise, first_sentinel_id, eos_id, hide=lambda s, span: [s] * len(span)
    )
    return _pair([*source, eos_id], [*target, first_sentinel_id - k, eos_id])


@corrupt_mutant(36, "masked_fill with the first sentinel", "wrong-shape")
def _(ids, noise, first_sentinel_id, eos_id):
    source = F.pad(ids.masked_fill(noise, first_sentinel_id), (0, 1), value=eos_id)
    target = F.pad(ids[noise], (1, 2), value=first_sentinel_id)
    target[-1] = eos_id
    return source, target


@corrupt_mutant(36, "sentinels ascend", "ascending")
def _(ids, noise, first_sentinel_id, eos_id):
    first = first_sentinel_id
    source, target, k = _written(ids, noise, first, eos_id, mark=lambda k: first + k)
    return _pair([*source, eos_id], [*target, first + k, eos_id])


@corrupt_mutant(36, "sentinels ascend, not closed at the end", "ascending")
def _(ids, noise, first_sentinel_id, eos_id):
    first = first_sentinel_id
    source, target, k = _written(ids, noise, first, eos_id, mark=lambda k: first + k)
    closing = [] if noise[-1] else [first + k]
    return _pair([*source, eos_id], [*target, *closing, eos_id])


@corrupt_mutant(36, "numbered from the end", "from-the-end")
def _(ids, noise, first_sentinel_id, eos_id):
    n = sum(is_noise for is_noise, _ in _parts(ids, noise))
    first = first_sentinel_id - n + 1
    source, target, _k = _written(ids, noise, first, eos_id, mark=lambda k: first + k)
    return _pair([*source, eos_id], [*target, first_sentinel_id - n, eos_id])


@corrupt_mutant(36, "the target numbered from the end", "not-the-same")
def _(ids, noise, first_sentinel_id, eos_id):
    n = sum(is_noise for is_noise, _ in _parts(ids, noise))
    source, target, _k = _written(
        ids,
        noise,
        first_sentinel_id,
        eos_id,
        target_mark=lambda k: first_sentinel_id - n + 1 + k,
    )
    return _pair([*source, eos_id], [*target, first_sentinel_id - n, eos_id])


@corrupt_mutant(36, "the target counts on where the source stopped", "numbered-anew")
def _(ids, noise, first_sentinel_id, eos_id):
    sentinel = first_sentinel_id
    source, target = [], []
    for is_noise, tokens in _parts(ids, noise):
        source += [sentinel] if is_noise else tokens
        sentinel -= is_noise
    for is_noise, tokens in _parts(ids, noise):
        target += [sentinel, *tokens] if is_noise else []
        sentinel -= is_noise
    return _pair([*source, eos_id], [*target, sentinel, eos_id])


@corrupt_mutant(36, "the target begins with sentinel 1", "not-the-same")
def _(ids, noise, first_sentinel_id, eos_id):
    source, target, k = _written(
        ids, noise, first_sentinel_id, eos_id, target_mark=lambda k: first_sentinel_id - k - 1
    )
    return _pair([*source, eos_id], [*target, first_sentinel_id - k - 1, eos_id])


@corrupt_mutant(36, "counted from 1", "off-by-one")
def _(ids, noise, first_sentinel_id, eos_id):
    source, target, k = _written(ids, noise, first_sentinel_id - 1, eos_id)
    return _pair([*source, eos_id], [*target, first_sentinel_id - k - 1, eos_id])


@corrupt_mutant(36, "cumsum without the − 1", "off-by-one")
def _(ids, noise, first_sentinel_id, eos_id):
    starts = noise & ~F.pad(noise[:-1], (1, 0))
    source = torch.where(starts, first_sentinel_id - starts.cumsum(0), ids)[~noise | starts]
    target = []
    for t in range(len(ids)):
        if starts[t]:
            target.append(first_sentinel_id - int(starts[: t + 1].sum()))
        if noise[t]:
            target.append(int(ids[t]))
    end = [first_sentinel_id - int(starts.sum()) - 1, eos_id]
    return F.pad(source, (0, 1), value=eos_id), torch.tensor(target + end)


@corrupt_mutant(36, "every change is counted", "skips-numbers")
def _(ids, noise, first_sentinel_id, eos_id):
    first = first_sentinel_id
    source, target, k = _written(ids, noise, first, eos_id, mark=lambda k: first - 2 * k)
    return _pair([*source, eos_id], [*target, first - 2 * k, eos_id])


@corrupt_mutant(36, "numbered by position")
def _(ids, noise, first_sentinel_id, eos_id):
    source, target = [], []
    for t in range(len(ids)):
        if noise[t] and (t == 0 or not noise[t - 1]):
            source.append(first_sentinel_id - t)
            target.append(first_sentinel_id - t)
        (target if noise[t] else source).append(int(ids[t]))
    return _pair([*source, eos_id], [*target, first_sentinel_id - len(ids), eos_id])


@corrupt_mutant(36, "numbered by the noise so far")
def _(ids, noise, first_sentinel_id, eos_id):
    source, target, seen = [], [], 0
    for is_noise, tokens in _parts(ids, noise):
        if is_noise:
            source.append(first_sentinel_id - seen)
            target += [first_sentinel_id - seen, *tokens]
            seen += len(tokens)
        else:
            source += tokens
    return _pair([*source, eos_id], [*target, first_sentinel_id - seen, eos_id])


@corrupt_mutant(None, "T5's own sentinels, whatever is given", "fixed-sentinel")
def _(ids, noise, first_sentinel_id, eos_id):
    return _right(ids, noise, 32099, eos_id)


@corrupt_mutant(None, "T5's own end, whatever is given", "fixed-eos")
def _(ids, noise, first_sentinel_id, eos_id):
    return _right(ids, noise, first_sentinel_id, 1)


# how it closes


@corrupt_mutant(None, "closed by the last run's sentinel", "closing-repeated")
def _(ids, noise, first_sentinel_id, eos_id):
    source, target, k = _written(ids, noise, first_sentinel_id, eos_id)
    return _pair([*source, eos_id], [*target, first_sentinel_id - max(k - 1, 0), eos_id])


@corrupt_mutant(None, "closed by the first sentinel", "closing-repeated")
def _(ids, noise, first_sentinel_id, eos_id):
    source, target, _ = _written(ids, noise, first_sentinel_id, eos_id)
    return _pair([*source, eos_id], [*target, first_sentinel_id, eos_id])


@corrupt_mutant(None, "never closed", "not-closed")
def _(ids, noise, first_sentinel_id, eos_id):
    source, target, _ = _written(ids, noise, first_sentinel_id, eos_id)
    return _pair([*source, eos_id], [*target, eos_id])


@corrupt_mutant(None, "closed after noise alone", "not-closed")
def _(ids, noise, first_sentinel_id, eos_id):
    source, target, k = _written(ids, noise, first_sentinel_id, eos_id)
    closing = [first_sentinel_id - k] if noise[-1] else []
    return _pair([*source, eos_id], [*target, *closing, eos_id])


@corrupt_mutant(None, "no ends", "no-eos")
def _(ids, noise, first_sentinel_id, eos_id):
    source, target, k = _written(ids, noise, first_sentinel_id, eos_id)
    return _pair(source, [*target, first_sentinel_id - k])


@corrupt_mutant(None, "the source has no end", "no-eos-in-source")
def _(ids, noise, first_sentinel_id, eos_id):
    source, target, k = _written(ids, noise, first_sentinel_id, eos_id)
    return _pair(source, [*target, first_sentinel_id - k, eos_id])


@corrupt_mutant(None, "the target has no end", "no-eos-in-target")
def _(ids, noise, first_sentinel_id, eos_id):
    source, target, k = _written(ids, noise, first_sentinel_id, eos_id)
    return _pair([*source, eos_id], [*target, first_sentinel_id - k])


@corrupt_mutant(None, "the target has no end, and is not closed after noise", "no-eos-in-target")
def _(ids, noise, first_sentinel_id, eos_id):
    source, target, k = _written(ids, noise, first_sentinel_id, eos_id)
    return _pair([*source, eos_id], target if noise[-1] else [*target, first_sentinel_id - k])


@corrupt_mutant(None, "neither closing nor end", "not-closed")
def _(ids, noise, first_sentinel_id, eos_id):
    source, target, _ = _written(ids, noise, first_sentinel_id, eos_id)
    return _pair([*source, eos_id], [*target] or [eos_id])


@corrupt_mutant(None, "the end before the closing sentinel", "eos-before-closing")
def _(ids, noise, first_sentinel_id, eos_id):
    source, target, k = _written(ids, noise, first_sentinel_id, eos_id)
    return _pair([*source, eos_id], [*target, eos_id, first_sentinel_id - k])


@corrupt_mutant(None, "both are closed", "closed-in-source")
def _(ids, noise, first_sentinel_id, eos_id):
    source, target, k = _written(ids, noise, first_sentinel_id, eos_id)
    end = [first_sentinel_id - k, eos_id]
    return _pair([*source, *end], [*target, *end])


@corrupt_mutant(None, "an end behind every span", "wrong-shape")
def _(ids, noise, first_sentinel_id, eos_id):
    source, target, k = _written(
        ids, noise, first_sentinel_id, eos_id, tell=lambda s, span: [s, *span, eos_id]
    )
    return _pair([*source, eos_id], [*target, first_sentinel_id - k, eos_id])


# what stands where


@corrupt_mutant(None, "sentinels behind their spans", "sentinel-after")
def _(ids, noise, first_sentinel_id, eos_id):
    source, target, k = _written(
        ids, noise, first_sentinel_id, eos_id, tell=lambda s, span: [*span, s]
    )
    return _pair([*source, eos_id], [*target, first_sentinel_id - k, eos_id])


@corrupt_mutant(None, "a target without sentinels", "no-sentinel-in-target")
def _(ids, noise, first_sentinel_id, eos_id):
    source = _written(ids, noise, first_sentinel_id, eos_id)[0]
    return torch.tensor([*source, eos_id]), F.pad(ids[noise], (0, 1), value=eos_id)


@corrupt_mutant(None, "a target with the closing sentinel alone", "no-sentinel-in-target")
def _(ids, noise, first_sentinel_id, eos_id):
    source, target, k = _written(ids, noise, first_sentinel_id, eos_id, tell=lambda s, span: span)
    return _pair([*source, eos_id], [*target, first_sentinel_id - k, eos_id])


@corrupt_mutant(None, "a source without sentinels", "span-deleted")
def _(ids, noise, first_sentinel_id, eos_id):
    target = _right(ids, noise, first_sentinel_id, eos_id)[1]
    return torch.cat([ids[~noise], torch.tensor([eos_id])]), target


@corrupt_mutant(None, "the noise stays in the source", "span-kept")
def _(ids, noise, first_sentinel_id, eos_id):
    source, target, k = _written(
        ids, noise, first_sentinel_id, eos_id, hide=lambda s, span: [s, *span]
    )
    return _pair([*source, eos_id], [*target, first_sentinel_id - k, eos_id])


@corrupt_mutant(None, "the whole text as the target", "whole-text")
def _(ids, noise, first_sentinel_id, eos_id):
    source = _right(ids, noise, first_sentinel_id, eos_id)[0]
    return source, torch.cat([ids, torch.tensor([eos_id])])


@corrupt_mutant(None, "exchanged", "swapped")
def _(ids, noise, first_sentinel_id, eos_id):
    source, target = _right(ids, noise, first_sentinel_id, eos_id)
    return target, source


@corrupt_mutant(None, "exchanged, not closed after noise", "swapped")
def _(ids, noise, first_sentinel_id, eos_id):
    source, target, k = _written(ids, noise, first_sentinel_id, eos_id)
    closing = [] if noise[-1] else [first_sentinel_id - k]
    return _pair([*target, *closing, eos_id], [*source, eos_id])


@corrupt_mutant(None, "noise read as kept", "inverted")
def _(ids, noise, first_sentinel_id, eos_id):
    return _right(ids, ~noise, first_sentinel_id, eos_id)


@corrupt_mutant(None, "spans written backwards", "backwards")
def _(ids, noise, first_sentinel_id, eos_id):
    source, target, k = _written(
        ids, noise, first_sentinel_id, eos_id, tell=lambda s, span: [s, *reversed(span)]
    )
    return _pair([*source, eos_id], [*target, first_sentinel_id - k, eos_id])


@corrupt_mutant(None, "spans in the target from the last to the first")
def _(ids, noise, first_sentinel_id, eos_id):
    source, target, k = _written(ids, noise, first_sentinel_id, eos_id)
    spans, k = [], 0
    for is_noise, tokens in _parts(ids, noise):
        if is_noise:
            spans.insert(0, [first_sentinel_id - k, *tokens])
            k += 1
    target = [token for span in spans for token in span]
    return _pair([*source, eos_id], [*target, first_sentinel_id - k, eos_id])


@corrupt_mutant(None, "a sentinel before the text that begins it", "text-marked")
def _(ids, noise, first_sentinel_id, eos_id):
    source, target, k = _written(ids, noise, first_sentinel_id - 1, eos_id)
    closing = [first_sentinel_id - k - 1, eos_id]
    return _pair([first_sentinel_id, *source, eos_id], [*target, *closing])


@corrupt_mutant(None, "every kept run has a sentinel in the target", "wrong-shape")
def _(ids, noise, first_sentinel_id, eos_id):
    source, target, k = [], [], 0
    for is_noise, tokens in _parts(ids, noise):
        source += [first_sentinel_id - k] if is_noise else tokens
        target += [first_sentinel_id - k, *tokens] if is_noise else [first_sentinel_id - k]
        k += is_noise
    return _pair([*source, eos_id], [*target, first_sentinel_id - k, eos_id])


# which tokens


@corrupt_mutant(None, "from the first noise to the last", "merged")
def _(ids, noise, first_sentinel_id, eos_id):
    places = noise.nonzero().flatten().tolist()
    whole = noise.clone()
    if places:
        whole[places[0] : places[-1] + 1] = True
    return _right(ids, whole, first_sentinel_id, eos_id)


@corrupt_mutant(None, "a single kept token between two runs is hidden too", "merged")
def _(ids, noise, first_sentinel_id, eos_id):
    noise = noise.clone()
    noise[1:-1] |= noise[:-2] & noise[2:]
    return _right(ids, noise, first_sentinel_id, eos_id)


@corrupt_mutant(None, "the first run alone", "run-lost")
def _(ids, noise, first_sentinel_id, eos_id):
    starts = noise & ~F.pad(noise[:-1], (1, 0))
    return _right(ids, noise & (starts.cumsum(0) == 1), first_sentinel_id, eos_id)


@corrupt_mutant(None, "the last run left in the text", "run-lost")
def _(ids, noise, first_sentinel_id, eos_id):
    number = (noise & ~F.pad(noise[:-1], (1, 0))).cumsum(0)
    return _right(ids, noise & (number < number.max()), first_sentinel_id, eos_id)


@corrupt_mutant(None, "the first token of each run alone", "first-token-only")
def _(ids, noise, first_sentinel_id, eos_id):
    return _right(ids, noise & ~F.pad(noise[:-1], (1, 0)), first_sentinel_id, eos_id)


@corrupt_mutant(None, "the target has the first token of each run", "first-token-only")
def _(ids, noise, first_sentinel_id, eos_id):
    source, target, k = _written(
        ids, noise, first_sentinel_id, eos_id, tell=lambda s, span: [s, span[0]]
    )
    return _pair([*source, eos_id], [*target, first_sentinel_id - k, eos_id])


@corrupt_mutant(None, "the target has no tokens", "sentinels-only")
def _(ids, noise, first_sentinel_id, eos_id):
    source, target, k = _written(ids, noise, first_sentinel_id, eos_id, tell=lambda s, span: [s])
    return _pair([*source, eos_id], [*target, first_sentinel_id - k, eos_id])


@corrupt_mutant(None, "a run at the start is not seen", "begins-with-noise")
def _(ids, noise, first_sentinel_id, eos_id):
    source, target, k = [], [], -1
    for t in range(len(ids)):
        if t and noise[t] and not noise[t - 1]:
            k += 1
            source.append(first_sentinel_id - k)
            target.append(first_sentinel_id - k)
        (target if noise[t] else source).append(int(ids[t]))
    return _pair([*source, eos_id], [*target, first_sentinel_id - k - 1, eos_id])


@corrupt_mutant(None, "before the first position stands the last", "noise-at-both-ends")
def _(ids, noise, first_sentinel_id, eos_id):
    starts = noise & ~noise.roll(1) if len(ids) > 1 and not noise.all() else noise & False
    starts[0] |= noise.all()
    numbers = first_sentinel_id + 1 - starts.cumsum(0)
    source = torch.where(starts, numbers, ids)[~noise | starts]
    target = []
    for t in range(len(ids)):
        target += [int(numbers[t])] * bool(starts[t]) + [int(ids[t])] * bool(noise[t])
    end = [first_sentinel_id - int(starts.sum()), eos_id]
    return F.pad(source, (0, 1), value=eos_id), torch.tensor(target + end)


@corrupt_mutant(None, "the published code, counted from 1", "off-by-one")
def _(ids, noise, first_sentinel_id, eos_id):
    def marked(hidden):
        before = F.pad(hidden[:-1], (1, 0))
        starts = hidden & ~before
        numbers = first_sentinel_id - starts.cumsum(0)
        return torch.where(starts, numbers, ids)[~(hidden & before)]

    end = torch.tensor([eos_id])
    return torch.cat([marked(noise), end]), torch.cat([marked(~noise), end])


@corrupt_mutant(None, "the published code, for a text that begins with noise", "begins-with-noise")
def _(ids, noise, first_sentinel_id, eos_id):
    def marked(hidden):
        before = F.pad(hidden[:-1], (1, 0))
        starts = hidden & ~before
        numbers = first_sentinel_id + 1 - starts.cumsum(0)
        return torch.where(starts, numbers, ids)[~(hidden & before)]

    end = torch.tensor([eos_id])
    return torch.cat([marked(noise), end]), torch.cat([marked(~noise), end])


@corrupt_mutant(None, "a run that reaches the end is lost", "ends-with-noise")
def _(ids, noise, first_sentinel_id, eos_id):
    source, target, start, k = [], [], None, 0
    for t in range(len(ids)):
        if noise[t] and start is None:
            start = t
        elif not noise[t]:
            if start is not None:
                source.append(first_sentinel_id - k)
                target += [first_sentinel_id - k, *ids[start:t].tolist()]
                start, k = None, k + 1
            source.append(int(ids[t]))
    return _pair([*source, eos_id], [*target, first_sentinel_id - k, eos_id])


@corrupt_mutant(None, "the last token of a run at the end is lost", "ends-with-noise")
def _(ids, noise, first_sentinel_id, eos_id):
    source, target = _right(ids, noise, first_sentinel_id, eos_id)
    if noise[-1]:
        target = torch.cat([target[:-3], target[-2:]])
    return source, target


@corrupt_mutant(None, "an error without noise", "no-noise")
def _(ids, noise, first_sentinel_id, eos_id):
    spans = [tokens for is_noise, tokens in _parts(ids, noise) if is_noise]
    longest = max(map(len, spans))
    assert longest > 0
    return _right(ids, noise, first_sentinel_id, eos_id)


@corrupt_mutant(None, "the text itself without noise", "no-noise")
def _(ids, noise, first_sentinel_id, eos_id):
    if not noise.any():
        return ids, ids[:0]
    return _right(ids, noise, first_sentinel_id, eos_id)


@corrupt_mutant(None, "an error where all is noise", "all-noise")
def _(ids, noise, first_sentinel_id, eos_id):
    if noise.all():
        raise ValueError("nothing is left")
    return _right(ids, noise, first_sentinel_id, eos_id)


@corrupt_mutant(None, "all noise leaves the source empty", "all-noise")
def _(ids, noise, first_sentinel_id, eos_id):
    source, target = _right(ids, noise, first_sentinel_id, eos_id)
    return (source[1:] if noise.all() else source), target


@corrupt_mutant(None, "neighbours that are equal are one token", "repeats-lost")
def _(ids, noise, first_sentinel_id, eos_id):
    source, target, k = _written(
        ids, noise, first_sentinel_id, eos_id, hide=lambda s, span: [s] * len(span)
    )
    source = torch.tensor(source).unique_consecutive().tolist()
    return _pair([*source, eos_id], [*target, first_sentinel_id - k, eos_id])


@corrupt_mutant(None, "tokens of the noise are looked for by value", "repeats-lost")
def _(ids, noise, first_sentinel_id, eos_id):
    again = noise | torch.isin(ids, ids[noise])
    return _right(ids, again, first_sentinel_id, eos_id)


@corrupt_mutant(None, "0 stands for what was taken out", "token-0")
def _(ids, noise, first_sentinel_id, eos_id):
    source, target = _right(ids, noise, first_sentinel_id, eos_id)
    end = torch.tensor([eos_id])
    return torch.cat([source[:-1][source[:-1] != 0], end]), target


@corrupt_mutant(None, "0 stands for no noise in the target", "token-0")
def _(ids, noise, first_sentinel_id, eos_id):
    source, target, k = _written(ids, noise, first_sentinel_id, eos_id)
    target = [token for token in target if token]
    return _pair([*source, eos_id], [*target, first_sentinel_id - k, eos_id])


# the form


@corrupt_mutant(None, "noise turned round in place", "in-place")
def _(ids, noise, first_sentinel_id, eos_id):
    made = _right(ids, noise, first_sentinel_id, eos_id)
    noise.logical_not_()
    return made


@corrupt_mutant(None, "sentinels written into the text", "in-place")
def _(ids, noise, first_sentinel_id, eos_id):
    target = _right(ids, noise, first_sentinel_id, eos_id)[1]
    starts = noise & ~F.pad(noise[:-1], (1, 0))
    ids[starts] = (first_sentinel_id + 1 - starts.cumsum(0))[starts]
    return torch.cat([ids[~noise | starts], torch.tensor([eos_id])]), target


@corrupt_mutant(None, "the source alone", "wrong-type")
def _(ids, noise, first_sentinel_id, eos_id):
    return _right(ids, noise, first_sentinel_id, eos_id)[0]


@corrupt_mutant(None, "lists", "wrong-type")
def _(ids, noise, first_sentinel_id, eos_id):
    source, target = _right(ids, noise, first_sentinel_id, eos_id)
    return source.tolist(), target.tolist()


@corrupt_mutant(None, "a dict", "wrong-type")
def _(ids, noise, first_sentinel_id, eos_id):
    source, target = _right(ids, noise, first_sentinel_id, eos_id)
    return {"input_ids": source, "labels": target}


@corrupt_mutant(None, "three results", "wrong-length")
def _(ids, noise, first_sentinel_id, eos_id):
    return *_right(ids, noise, first_sentinel_id, eos_id), noise.sum()


@corrupt_mutant(None, "floats", "wrong-dtype")
def _(ids, noise, first_sentinel_id, eos_id):
    source, target = _right(ids, noise, first_sentinel_id, eos_id)
    return source.float(), target.float()


@corrupt_mutant(None, "an int32 target", "wrong-dtype")
def _(ids, noise, first_sentinel_id, eos_id):
    source, target = _right(ids, noise, first_sentinel_id, eos_id)
    return source, target.int()


@corrupt_mutant(None, "padded to the length of the text", "wrong-shape", None)
def _(ids, noise, first_sentinel_id, eos_id):
    source, target = _right(ids, noise, first_sentinel_id, eos_id)
    return source, F.pad(target, (0, max(0, len(ids) + 1 - len(target))))


@corrupt_mutant(None, "its own noise", "not-deterministic", "wrong-shape")
def _(ids, noise, first_sentinel_id, eos_id):
    return _right(ids, torch.rand(len(ids)) < 0.15, first_sentinel_id, eos_id)


@corrupt_mutant(None, "the book's own function", "refused")
def _(ids, noise, first_sentinel_id, eos_id):
    from labtools.definitions import span_corruption

    sentinels = range(first_sentinel_id, first_sentinel_id - 50, -1)
    return _pair(*span_corruption(ids.tolist(), noise.tolist(), sentinels, eos_id))


@corrupt_mutant(None, "padding in front of the target", "start-token")
def _(ids, noise, first_sentinel_id, eos_id):
    source, target = _right(ids, noise, first_sentinel_id, eos_id)
    return source, F.pad(target, (1, 0))


@corrupt_mutant(None, "the target shifted right", "start-token")
def _(ids, noise, first_sentinel_id, eos_id):
    source, target = _right(ids, noise, first_sentinel_id, eos_id)
    return source, F.pad(target[:-1], (1, 0))


@corrupt_mutant(None, "the end in front of the target, as BART's decoder starts", "start-token")
def _(ids, noise, first_sentinel_id, eos_id):
    source, target = _right(ids, noise, first_sentinel_id, eos_id)
    return source, F.pad(target, (1, 0), value=eos_id)


@corrupt_mutant(None, "one counter for source and target", "numbered-anew")
def _(ids, noise, first_sentinel_id, eos_id):
    first = first_sentinel_id
    source, target, n = _written(
        ids,
        noise,
        first,
        eos_id,
        mark=lambda k: first - 2 * k,
        target_mark=lambda k: first - 2 * k - 1,
    )
    return _pair([*source, eos_id], [*target, first - 2 * n, eos_id])
