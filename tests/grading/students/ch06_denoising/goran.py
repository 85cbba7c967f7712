"""Noise first; sentinels that count up; the last sentinel's span lost; holes of 0 skipped; no error.

random_spans: the text begins with noise
span_corrupt: the sentinel ids ascend
invert_span_corruption: the spans are in the wrong order
text_infill: spans of length 0 are left out
fill_in_middle: must raise a ValueError
"""
# %% random_spans
def random_spans(length, rate, mean_span, generator):
    n = max(1, min(length - 1, round(length * rate)))
    k = max(1, min(round(n / mean_span), n, length - n))

    def parts(m):
        cuts = torch.randperm(m - 1, generator=generator)[: k - 1].sort().values + 1
        ends = [0, *cuts.tolist(), m]
        return [b - a for a, b in zip(ends, ends[1:])]

    noise = []
    for hidden, kept in zip(parts(n), parts(length - n)):
        noise += [True] * hidden + [False] * kept
    return torch.tensor(noise)
# %% span_corrupt
def span_corrupt(ids, noise, first_sentinel_id, eos_id):
    source, target, sentinel = [], [], first_sentinel_id
    for t, token in enumerate(ids.tolist()):
        if noise[t] and (t == 0 or not noise[t - 1]):
            source.append(sentinel)
            target.append(sentinel)
            sentinel += 1
        (target if noise[t] else source).append(token)
    return torch.tensor([*source, eos_id]), torch.tensor([*target, sentinel, eos_id])
# %% invert_span_corruption
def invert_span_corruption(source, target, first_sentinel_id, eos_id):
    spans, ids = [], []
    for token in target.tolist():
        if token > first_sentinel_id - 100:
            spans.append([])
        elif token != eos_id:
            spans[-1].append(token)
    spans.pop()  # of the last sentinel
    for token in source.tolist():
        if token > first_sentinel_id - 100:
            ids += spans.pop()
        elif token != eos_id:
            ids.append(token)
    return torch.tensor(ids)
# %% text_infill
def text_infill(ids, spans, mask_id):
    out, read = [], 0
    for start, length in spans:
        if length:
            out += [*ids[read:start].tolist(), mask_id]
            read = start + length
    return torch.tensor([*out, *ids[read:].tolist()], dtype=torch.int64)
# %% fill_in_middle
def fill_in_middle(ids, start, end, prefix_id, middle_id, suffix_id, order):
    pre, mid, suf = (torch.tensor([i]) for i in (prefix_id, middle_id, suffix_id))
    prefix, middle, suffix = ids[:start], ids[start:end], ids[end:]
    if order == "psm":
        return torch.cat([pre, prefix, suf, suffix, mid, middle])
    return torch.cat([suf, suffix, pre, prefix, mid, middle])
