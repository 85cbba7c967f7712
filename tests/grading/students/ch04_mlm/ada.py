"""All right: a coin for every token, two draws as in a data collator, all gaps of a row at once.

right: all
"""
# %% select_positions
def select_positions(maskable, rate, generator):
    probs = torch.full(maskable.shape, rate, device=maskable.device)
    probs = probs.masked_fill(~maskable, 0.0)
    return torch.bernoulli(probs, generator=generator).bool()
# %% corrupt
def corrupt(input_ids, selected, mask_id, vocab_size, generator):
    corrupted = input_ids.clone()
    n = int(selected.sum())
    tokens = input_ids[selected]
    masked = torch.rand(n, generator=generator, device=tokens.device) < 0.8
    replaced = torch.rand(n, generator=generator, device=tokens.device) < 0.5
    random_ids = torch.randint(0, vocab_size, (n,), generator=generator, device=tokens.device)
    tokens[~masked & replaced] = random_ids[~masked & replaced]
    tokens[masked] = mask_id
    corrupted[selected] = tokens
    return corrupted
# %% mlm_targets
def mlm_targets(input_ids, selected):
    targets = torch.full_like(input_ids, IGNORE_INDEX)
    targets[selected] = input_ids[selected]
    return targets
# %% mlm_loss
def mlm_loss(logits, input_ids, selected):
    log_probs = logits[selected].log_softmax(-1)  # (N, V)
    picked = log_probs.gather(-1, input_ids[selected][:, None])
    return -picked.sum() / max(1, len(picked))
# %% helper
def gaps(input_ids, mask_id):
    """Each row T times, the t-th with token t hidden: (B, T, T)."""
    B, T = input_ids.shape
    here = torch.eye(T, dtype=torch.bool, device=input_ids.device)
    return input_ids[:, None].expand(B, T, T).masked_fill(here, mask_id)
# %% pseudo_log_likelihood
def pseudo_log_likelihood(model, input_ids, maskable, attn_mask, mask_id):
    B, T = input_ids.shape
    if attn_mask.ndim == 4 and attn_mask.shape[0] == B:
        attn_mask = attn_mask.repeat_interleave(T, 0)
    logits = model(gaps(input_ids, mask_id).flatten(0, 1), attn_mask).unflatten(0, (B, T))
    log_probs = logits.diagonal(dim1=1, dim2=2).mT.log_softmax(-1)  # (B, T, V)
    scores = log_probs.gather(-1, input_ids[..., None]).squeeze(-1)
    return torch.where(maskable, scores, 0.0).sum(-1)
