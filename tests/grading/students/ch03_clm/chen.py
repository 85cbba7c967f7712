"""All right: roll, gather and einsum, with helpers in cells of its own.

right: all
"""
# %% helper
def positions(x):
    return torch.arange(x.shape[1], device=x.device).expand_as(x)
# %% next_token_targets
def next_token_targets(input_ids, lengths):
    rolled = torch.roll(input_ids, shifts=-1, dims=1)
    return torch.where(positions(input_ids) + 1 < lengths[:, None], rolled, IGNORE_INDEX)
# %% helper
def sum_and_count(logits, targets):
    scored = targets.ne(IGNORE_INDEX)
    log_probs = logits - logits.logsumexp(-1, keepdim=True)
    picked = log_probs.gather(-1, targets.clamp(min=0).unsqueeze(-1)).squeeze(-1)
    return -torch.einsum("bt,bt->", picked, scored.to(picked.dtype)), scored.sum()
# %% clm_loss
def clm_loss(logits, input_ids, lengths):
    total, n = sum_and_count(logits, next_token_targets(input_ids, lengths))
    return total / n.clamp(min=1)
# %% document_mask
def document_mask(doc_ids):
    one_hot = F.one_hot(doc_ids + 1).float()[..., 1:]  # padding becomes a row of zeros
    same = torch.einsum("bid,bjd->bij", one_hot, one_hot) > 0
    i = torch.arange(doc_ids.shape[1])
    return same[:, None] & (i[:, None] >= i[None, :])
# %% packed_targets
def packed_targets(input_ids, doc_ids):
    next_doc = F.pad(doc_ids[:, 1:], (0, 1), value=-1)
    next_id = F.pad(input_ids[:, 1:], (0, 1), value=IGNORE_INDEX)
    return next_id.masked_fill((next_doc != doc_ids) | (doc_ids == -1), IGNORE_INDEX)
# %% accumulated_loss
def accumulated_loss(micro_batches):
    pairs = [sum_and_count(z, next_token_targets(x, n)) for z, x, n in micro_batches]
    return sum(total for total, _ in pairs) / sum(n for _, n in pairs).clamp(min=1)
# %% generate
def generate(
    model, prompt_ids, max_new_tokens, eos_id=None, temperature=0.0, top_k=None, generator=None
):
    B, T = prompt_ids.shape
    out = torch.cat([prompt_ids, prompt_ids.new_zeros(B, max_new_tokens)], dim=1)
    alive = torch.ones(B, dtype=torch.bool)
    for t in range(T, T + max_new_tokens):
        if not alive.any():
            return out[:, :t].clone()
        logits = model(input_ids=out[:, :t], attn_mask=torch.ones(B, 1, t, t, dtype=torch.bool).tril())
        logits = logits[:, t - 1]
        if top_k is not None:
            keep = torch.zeros_like(logits, dtype=torch.bool).scatter(1, logits.topk(top_k).indices, True)
            logits = logits.where(keep, torch.tensor(float("-inf")))
        if temperature > 0:
            cumulative = (logits / temperature).softmax(-1).cumsum(-1)
            u = torch.rand(B, 1, generator=generator) * cumulative[:, -1:]
            token = torch.searchsorted(cumulative, u, right=True).squeeze(1).clamp(max=logits.shape[1] - 1)
        else:
            token = logits.max(-1).indices
        out[:, t] = token if eos_id is None else torch.where(alive, token, eos_id)
        if eos_id is not None:
            alive &= token != eos_id
    return out
