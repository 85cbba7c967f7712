"""A syntax error in one cell; the others are right.

right: next_token_targets, packed_targets
document_mask: SyntaxError
"""
# %% next_token_targets
def next_token_targets(input_ids, lengths):
    targets = torch.full_like(input_ids, IGNORE_INDEX)
    for b, n in enumerate(lengths):
        targets[b, : max(n - 1, 0)] = input_ids[b, 1 : max(n, 1)]
    return targets
# %% document_mask
def document_mask(doc_ids)
    T = doc_ids.shape[1]
    return doc_ids
# %% packed_targets
def packed_targets(input_ids, doc_ids):
    boundary = doc_ids[:, 1:] != doc_ids[:, :-1]
    pad = doc_ids[:, 1:] == -1
    body = input_ids[:, 1:].masked_fill(boundary | pad, IGNORE_INDEX)
    last = torch.full((len(input_ids), 1), IGNORE_INDEX)
    return torch.cat([body, last], dim=1)
