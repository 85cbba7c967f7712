"""Changes the inputs in place, returns None once, and calls exit() in the end.

next_token_targets: changes input_ids in place
document_mask: returned None
packed_targets: returned None
"""
# %% next_token_targets
def next_token_targets(input_ids, lengths):
    t = torch.arange(input_ids.shape[1])
    input_ids[:, :-1] = input_ids[:, 1:].clone()
    input_ids[t[None] >= lengths[:, None] - 1] = IGNORE_INDEX
    return input_ids.clone()
# %% document_mask
def document_mask(doc_ids):
    mask = doc_ids[:, None, :, None] == doc_ids[:, None, None, :]
# %% packed_targets
def packed_targets(input_ids, doc_ids):
    exit()
