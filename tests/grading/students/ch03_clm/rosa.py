"""A loop without end at the top level of a cell of her own; what she answered is right.

right: next_token_targets, packed_targets
"""
# %% next_token_targets
def next_token_targets(input_ids, lengths):
    index = torch.arange(input_ids.shape[1]).repeat(len(input_ids), 1)
    targets = input_ids.gather(1, (index + 1).clamp(max=input_ids.shape[1] - 1))
    targets[index >= lengths.view(-1, 1) - 1] = IGNORE_INDEX
    return targets
# %% helper
while True:
    pass
# %% packed_targets
def packed_targets(input_ids, doc_ids):
    targets = input_ids.roll(-1, 1)
    ends = doc_ids != doc_ids.roll(-1, 1)
    ends[:, -1] = True
    targets[ends | (doc_ids < 0)] = IGNORE_INDEX
    return targets
