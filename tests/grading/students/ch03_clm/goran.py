"""Recognises padding by its id, divides by all positions, averages the means.

next_token_targets: recognised by its id
clm_loss: divided by the number of all positions
accumulated_loss: means are averaged
"""
# %% next_token_targets
def next_token_targets(input_ids, lengths):
    targets = torch.full_like(input_ids, IGNORE_INDEX)
    targets[:, :-1] = input_ids[:, 1:]
    targets[targets == pad_id] = IGNORE_INDEX
    return targets
# %% clm_loss
def clm_loss(logits, input_ids, lengths):
    T = input_ids.shape[1]
    targets = torch.full_like(input_ids, IGNORE_INDEX)
    targets[:, :-1] = input_ids[:, 1:]
    targets[torch.arange(T) >= lengths[:, None] - 1] = IGNORE_INDEX
    losses = F.cross_entropy(logits.transpose(1, 2), targets, reduction="none")
    return losses.mean()
# %% accumulated_loss
def accumulated_loss(micro_batches):
    losses = []
    for logits, input_ids, lengths in micro_batches:
        scored = [(z[: n - 1], x[1:n]) for z, x, n in zip(logits, input_ids, lengths) if n > 1]
        if scored:
            z = torch.cat([a for a, _ in scored])
            x = torch.cat([b for _, b in scored])
            losses.append(F.cross_entropy(z, x))
        else:
            losses.append(logits.sum() * 0)
    return torch.stack(losses).mean()
