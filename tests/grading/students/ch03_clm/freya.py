"""Forgets the shift, and with it the loss and the pieces.

right: document_mask
next_token_targets: nothing is shifted
clm_loss: nothing is shifted
accumulated_loss: nothing is shifted
"""
# %% next_token_targets
def next_token_targets(input_ids, lengths):
    targets = input_ids.clone()
    t = torch.arange(input_ids.shape[1])
    targets[t[None] >= lengths[:, None]] = IGNORE_INDEX
    return targets
# %% clm_loss
def clm_loss(logits, input_ids, lengths):
    targets = next_token_targets(input_ids, lengths)
    total = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum")
    return total / (targets != IGNORE_INDEX).sum().clamp(min=1)
# %% document_mask
def document_mask(doc_ids):
    T = doc_ids.shape[1]
    same = doc_ids[:, :, None] == doc_ids[:, None, :]
    real = doc_ids[:, None, :] != -1
    return (same & real & torch.ones(T, T).tril().bool())[:, None]
# %% accumulated_loss
def accumulated_loss(micro_batches):
    total, n = 0, 0
    for logits, input_ids, lengths in micro_batches:
        k = (next_token_targets(input_ids, lengths) != IGNORE_INDEX).sum()
        total, n = total + k * clm_loss(logits, input_ids, lengths), n + k
    return total / n.clamp(min=1)
