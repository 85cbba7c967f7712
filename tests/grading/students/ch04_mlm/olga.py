"""One lot for all rows, no random tokens, the next token for a target, all gaps at once.

select_positions: every row has the same positions selected
corrupt: no selected token becomes a random one
mlm_targets: shifted by one
mlm_loss: shifted by one
pseudo_log_likelihood: all tokens are masked at once
"""
# %% select_positions
def select_positions(maskable, rate, generator):
    selected = torch.rand(maskable.shape[1], generator=generator) < rate
    return selected & maskable
# %% corrupt
def corrupt(input_ids, selected, mask_id, vocab_size, generator):
    masked = torch.rand(input_ids.shape, generator=generator) < 0.8
    return input_ids.masked_fill(selected & masked, mask_id)
# %% mlm_targets
def mlm_targets(input_ids, selected):
    targets = torch.full_like(input_ids, IGNORE_INDEX)
    targets[:, :-1] = input_ids[:, 1:]
    return targets.masked_fill(~selected, IGNORE_INDEX)
# %% mlm_loss
def mlm_loss(logits, input_ids, selected):
    total = F.cross_entropy(logits[:, :-1][selected[:, 1:]], input_ids[:, 1:][selected[:, 1:]], reduction="sum")
    return total / selected[:, 1:].sum().clamp(min=1)
# %% pseudo_log_likelihood
def pseudo_log_likelihood(model, input_ids, maskable, attn_mask, mask_id):
    hidden = input_ids.masked_fill(maskable, mask_id)
    log_probs = model(hidden, attn_mask).log_softmax(-1)
    scores = log_probs.gather(-1, input_ids[..., None]).squeeze(-1)
    return scores.masked_fill(~maskable, 0.0).sum(-1)
