"""A coin for each token; a sentinel for each token; sentinels left in; masks one by one.

right: fill_in_middle
random_spans: the number of noise tokens differs from draw to draw
span_corrupt: every token of noise has a sentinel, not every run
invert_span_corruption: sentinels are left in the text
text_infill: one mask for each token
"""
# %% random_spans
def random_spans(length, rate, mean_span, generator):
    return torch.rand(length, generator=generator) < rate
# %% span_corrupt
def span_corrupt(ids, noise, first_sentinel_id, eos_id):
    source, target, sentinel = [], [], first_sentinel_id
    for token, hidden in zip(ids.tolist(), noise.tolist()):
        if hidden:
            source.append(sentinel)
            target += [sentinel, token]
            sentinel -= 1
        else:
            source.append(token)
    return torch.tensor([*source, eos_id]), torch.tensor([*target, sentinel, eos_id])
# %% invert_span_corruption
def invert_span_corruption(source, target, first_sentinel_id, eos_id):
    spans, sentinel = {}, None
    for token in target.tolist():
        if token > first_sentinel_id - 100:
            sentinel = token
            spans[sentinel] = []
        elif token != eos_id:
            spans[sentinel].append(token)
    ids = []
    for token in source.tolist():
        if token != eos_id:
            ids += [token, *spans.get(token, [])]
    return torch.tensor(ids)
# %% text_infill
def text_infill(ids, spans, mask_id):
    out = ids.clone()
    for start, length in spans:
        out[start : start + length] = mask_id
    return out
# %% fill_in_middle
def fill_in_middle(ids, start, end, prefix_id, middle_id, suffix_id, order):
    tokens = ids.tolist()
    prefix = [prefix_id, *tokens[:start]]
    suffix = [suffix_id, *tokens[end:]]
    middle = [middle_id, *tokens[start:end]]
    orders = {"psm": prefix + suffix + middle, "spm": suffix + prefix + middle}
    if order not in orders:
        raise ValueError(f"no such order: {order}")
    return torch.tensor(orders[order], dtype=torch.int64)
