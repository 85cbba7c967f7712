"""Documents that read each other, and targets across the boundary.

document_mask: a document sees the documents before it
packed_targets: predicted from the last of the one before
"""
# %% document_mask
def document_mask(doc_ids):
    B, T = doc_ids.shape
    causal = torch.ones(T, T, dtype=torch.bool).tril()
    real = doc_ids != -1
    return (causal & real[:, None, :] & real[:, :, None])[:, None]
# %% packed_targets
def packed_targets(input_ids, doc_ids):
    targets = torch.full_like(input_ids, IGNORE_INDEX)
    targets[:, :-1] = input_ids[:, 1:]
    n = (doc_ids != -1).sum(1, keepdim=True)
    return targets.masked_fill(torch.arange(input_ids.shape[1]) >= n - 1, IGNORE_INDEX)
