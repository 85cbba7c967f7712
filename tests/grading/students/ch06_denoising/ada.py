"""All right: stars and bars, spans cut out with where, T5's code for the way back, slices.

right: all
"""
# %% random_spans
def random_spans(length, rate, mean_span, generator):
    n = max(1, min(length - 1, round(length * rate)))
    k = max(1, min(round(n / mean_span), n, length - n))

    def parts(m):
        is_first = torch.zeros(m, dtype=torch.long)
        is_first[1:] = (torch.randperm(m - 1, generator=generator) < k - 1).long()
        return torch.bincount(is_first.cumsum(0), minlength=k).tolist()

    noise = []
    for kept, hidden in zip(parts(length - n), parts(n)):
        noise += [False] * kept + [True] * hidden
    return torch.tensor(noise)
# %% helper
def with_sentinels(ids, hidden, first_sentinel_id):
    """Each run of what is hidden becomes one sentinel."""
    starts = hidden & ~torch.cat([hidden.new_zeros(1), hidden[:-1]])
    sentinels = first_sentinel_id + 1 - starts.long().cumsum(0)
    return torch.where(starts, sentinels, ids)[starts | ~hidden]
# %% span_corrupt
def span_corrupt(ids, noise, first_sentinel_id, eos_id):
    end = ids.new_tensor([eos_id])
    source = with_sentinels(ids, noise, first_sentinel_id)
    target, sentinel = [], first_sentinel_id
    for t, hidden in enumerate(noise):
        if hidden and (t == 0 or not noise[t - 1]):
            target.append(sentinel)
            sentinel -= 1
        if hidden:
            target.append(int(ids[t]))
    return torch.cat([source, end]), ids.new_tensor([*target, sentinel, eos_id])
# %% invert_span_corruption
def invert_span_corruption(source, target, first_sentinel_id, eos_id):
    ids = []
    for token in source[:-1].tolist():
        if token <= first_sentinel_id - 100:
            ids.append(token)
            continue
        at = int((target == token).nonzero()[0]) + 1
        while first_sentinel_id - 100 >= int(target[at]) != eos_id:
            ids.append(int(target[at]))
            at += 1
    return torch.tensor(ids, dtype=torch.int64, device=source.device)
# %% text_infill
def text_infill(ids, spans, mask_id):
    tokens = ids.tolist()
    for start, length in reversed(spans):  # from the end: places before it stay as they are
        tokens[start : start + length] = [mask_id]
    return ids.new_tensor(tokens)
# %% fill_in_middle
def fill_in_middle(ids, start, end, prefix_id, middle_id, suffix_id, order):
    before, middle, after = ids.tensor_split((start, end))
    pre, mid, suf = (ids.new_tensor([i]) for i in (prefix_id, middle_id, suffix_id))
    if order == "psm":
        return torch.cat([pre, before, suf, after, mid, middle])
    if order == "spm":
        return torch.cat([pre, suf, after, mid, before, middle])
    raise ValueError(order)
