"""Half done: the first three functions, the rest untouched.

right: next_token_targets, clm_loss, document_mask
"""
# %% next_token_targets
def next_token_targets(input_ids, lengths):
    out = torch.full_like(input_ids, IGNORE_INDEX)
    for i, n in enumerate(lengths.tolist()):
        if n > 1:
            out[i, : n - 1] = input_ids[i, 1:n]
    return out
# %% clm_loss
def clm_loss(logits, input_ids, lengths):
    t = next_token_targets(input_ids, lengths).flatten()
    keep = t != IGNORE_INDEX
    if not keep.any():
        return (logits * 0).sum()
    return F.cross_entropy(logits.flatten(0, 1)[keep], t[keep])
# %% document_mask
def document_mask(doc_ids):
    a, b = doc_ids[:, None, :, None], doc_ids[:, None, None, :]
    n = doc_ids.shape[1]
    return (a == b) & (b != -1) & ~torch.ones(n, n, dtype=torch.bool).triu(1)
