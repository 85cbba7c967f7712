"""Small slips in the loss: softmax first, NaN on an empty batch, rows weigh the same.

next_token_targets: one target too many
clm_loss: softmax was applied before
accumulated_loss: NaN when
"""
# %% next_token_targets
def next_token_targets(input_ids, lengths):
    targets = torch.full_like(input_ids, IGNORE_INDEX)
    targets[:, :-1] = input_ids[:, 1:]
    targets[torch.arange(input_ids.shape[1])[None] >= lengths[:, None]] = IGNORE_INDEX
    return targets
# %% clm_loss
def clm_loss(logits, input_ids, lengths):
    T = input_ids.shape[1]
    targets = F.pad(input_ids, (0, 1), value=IGNORE_INDEX)[:, 1:]
    targets = targets.masked_fill(torch.arange(T) >= lengths[:, None] - 1, IGNORE_INDEX)
    probs = logits.softmax(-1)
    total = F.cross_entropy(probs.flatten(0, 1), targets.flatten(), reduction="sum")
    return total / (targets != IGNORE_INDEX).sum().clamp(min=1)
# %% accumulated_loss
def accumulated_loss(micro_batches):
    total, n = 0.0, 0
    for logits, input_ids, lengths in micro_batches:
        T = input_ids.shape[1]
        targets = F.pad(input_ids, (0, 1), value=IGNORE_INDEX)[:, 1:]
        targets = targets.masked_fill(torch.arange(T) >= lengths[:, None] - 1, IGNORE_INDEX)
        total += F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum")
        n += (targets != IGNORE_INDEX).sum()
    return total / n
