"""Draws also where nothing may be selected; 2 % random; forgets the empty batch and the padding.

right: mlm_targets
select_positions: positions are selected that may not be
corrupt: 10 % is taken of what is left
mlm_loss: NaN when nothing is scored
pseudo_log_likelihood: the model sees the padding
"""
# %% select_positions
def select_positions(maskable, rate, generator):
    return torch.rand(maskable.shape, generator=generator) < rate
# %% corrupt
def corrupt(input_ids, selected, mask_id, vocab_size, generator):
    corrupted = input_ids.clone()
    masked = selected & (torch.rand(selected.shape, generator=generator) < 0.8)
    replaced = selected & ~masked & (torch.rand(selected.shape, generator=generator) < 0.1)
    corrupted[masked] = mask_id
    random_ids = torch.randint(vocab_size, selected.shape, generator=generator)
    corrupted[replaced] = random_ids[replaced]
    return corrupted
# %% mlm_targets
def mlm_targets(input_ids, selected):
    return torch.where(selected, input_ids, IGNORE_INDEX)
# %% mlm_loss
def mlm_loss(logits, input_ids, selected):
    return F.cross_entropy(logits[selected], input_ids[selected])
# %% pseudo_log_likelihood
def pseudo_log_likelihood(model, input_ids, maskable, attn_mask, mask_id):
    T = input_ids.shape[1]
    everything = torch.ones(T, T, dtype=torch.bool)
    total = 0
    for t in range(T):
        hidden = input_ids.clone()
        hidden[:, t] = mask_id
        log_probs = model(hidden, everything)[:, t].log_softmax(-1)
        score = log_probs.gather(-1, input_ids[:, t : t + 1])[:, 0]
        total = total + score * maskable[:, t]
    return total
