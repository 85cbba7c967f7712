"""Cuts one after another; the whole text as target; the end for a length and a length for the end.

right: invert_span_corruption
random_spans: not all cuts are equally likely
span_corrupt: the target is the whole text
text_infill: the pairs are read as (start, end)
fill_in_middle: taken for the length of the middle
"""
# %% random_spans
def random_spans(length, rate, mean_span, generator):
    n = max(1, min(length - 1, round(length * rate)))
    k = max(1, min(round(n / mean_span), n, length - n))

    def parts(m):
        lengths, left = [], m
        for i in range(k - 1):
            most = left - (k - 1 - i)
            lengths.append(int(torch.randint(1, most + 1, (), generator=generator)))
            left -= lengths[-1]
        return [*lengths, left]

    noise = []
    for kept, hidden in zip(parts(length - n), parts(n)):
        noise += [False] * kept + [True] * hidden
    return torch.tensor(noise)
# %% span_corrupt
def span_corrupt(ids, noise, first_sentinel_id, eos_id):
    source, sentinel = [], first_sentinel_id
    for t, token in enumerate(ids.tolist()):
        if not noise[t]:
            source.append(token)
        elif t == 0 or not noise[t - 1]:
            source.append(sentinel)
            sentinel -= 1
    return torch.tensor([*source, eos_id]), torch.tensor([*ids.tolist(), eos_id])
# %% invert_span_corruption
def invert_span_corruption(source, target, first_sentinel_id, eos_id):
    lowest = first_sentinel_id - 99
    spans = {}
    for token in target[:-1].tolist():
        if token >= lowest:
            last = spans[token] = []
        else:
            last.append(token)
    filled = [spans.get(token, [token]) for token in source[:-1].tolist()]
    return torch.tensor(sum(filled, []), dtype=torch.int64)
# %% text_infill
def text_infill(ids, spans, mask_id):
    out, read = [], 0
    for start, end in spans:
        out += [*ids[read:start].tolist(), mask_id]
        read = end
    return torch.tensor([*out, *ids[read:].tolist()])
# %% fill_in_middle
def fill_in_middle(ids, start, end, prefix_id, middle_id, suffix_id, order):
    if order not in ("psm", "spm"):
        raise ValueError(f"order: {order!r}")
    stop = start + end
    prefix = [prefix_id, *ids[:start].tolist()]
    middle = [middle_id, *ids[start:stop].tolist()]
    suffix = [suffix_id, *ids[stop:].tolist()]
    return torch.tensor((prefix + suffix if order == "psm" else suffix + prefix) + middle)
