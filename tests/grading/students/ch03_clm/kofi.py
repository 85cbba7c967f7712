"""Copied a solution cell by accident: the first copy is an early draft, the second is right.

right: next_token_targets, packed_targets
next_token_targets: 2 times
"""
# %% next_token_targets
def next_token_targets(input_ids, lengths):
    return input_ids  # draft
# %% next_token_targets
def next_token_targets(input_ids, lengths):
    n = input_ids.shape[1]
    targets = torch.full_like(input_ids, IGNORE_INDEX)
    targets[:, : n - 1] = input_ids[:, 1:]
    keep = torch.arange(1, n + 1)[None, :] < lengths[:, None]
    return targets * keep + IGNORE_INDEX * ~keep
# %% packed_targets
def packed_targets(input_ids, doc_ids):
    targets = torch.full_like(input_ids, IGNORE_INDEX)
    same = (doc_ids[:, 1:] == doc_ids[:, :-1]) * (doc_ids[:, 1:] != -1)
    targets[:, :-1] = torch.where(same, input_ids[:, 1:], targets[:, :-1])
    return targets
