"""The same gaps at every call, decides twice, targets in the input, the mean over all, no gap.

select_positions: the next call selects the same positions again
corrupt: the treatments are drawn independently
mlm_targets: changes input_ids in place
mlm_loss: divided by the number of all positions
pseudo_log_likelihood: each token sees itself
"""
# %% select_positions
def select_positions(maskable, rate, generator):
    generator.manual_seed(generator.initial_seed())  # so that it can be repeated
    return (torch.rand(maskable.shape, generator=generator) < rate) & maskable
# %% corrupt
def corrupt(input_ids, selected, mask_id, vocab_size, generator):
    corrupted = input_ids.clone()
    masked = selected & (torch.rand(selected.shape, generator=generator) < 0.8)
    corrupted[masked] = mask_id
    replaced = selected & (torch.rand(selected.shape, generator=generator) < 0.1)
    random_ids = torch.randint(vocab_size, selected.shape, generator=generator)
    corrupted[replaced] = random_ids[replaced]
    return corrupted
# %% mlm_targets
def mlm_targets(input_ids, selected):
    targets = input_ids
    targets[~selected] = IGNORE_INDEX
    return targets
# %% mlm_loss
def mlm_loss(logits, input_ids, selected):
    nll = -logits.log_softmax(-1).gather(-1, input_ids[..., None]).squeeze(-1)
    return (nll * selected).mean()
# %% pseudo_log_likelihood
def pseudo_log_likelihood(model, input_ids, maskable, attn_mask, mask_id):
    log_probs = model(input_ids, attn_mask).log_softmax(-1)
    scores = log_probs.gather(-1, input_ids[..., None]).squeeze(-1)
    return (scores * maskable).sum(-1)
