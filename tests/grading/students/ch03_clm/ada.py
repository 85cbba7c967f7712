"""All right: slices and one call of cross_entropy.

right: all
"""
# %% next_token_targets
def next_token_targets(input_ids, lengths):
    B, T = input_ids.shape
    targets = torch.full((B, T), IGNORE_INDEX, dtype=input_ids.dtype)
    targets[:, :-1] = input_ids[:, 1:]
    # the last real token predicts nothing
    last = lengths.unsqueeze(1) - 1
    targets[torch.arange(T).unsqueeze(0) >= last] = IGNORE_INDEX
    return targets
# %% clm_loss
def clm_loss(logits, input_ids, lengths):
    targets = next_token_targets(input_ids, lengths)
    N = (targets != IGNORE_INDEX).sum()
    loss = F.cross_entropy(logits.transpose(1, 2), targets, ignore_index=IGNORE_INDEX, reduction="sum")
    return loss / max(N, 1)
# %% document_mask
def document_mask(doc_ids):
    T = doc_ids.size(1)
    causal = torch.tril(torch.ones(T, T)).bool()
    same = doc_ids.unsqueeze(2) == doc_ids.unsqueeze(1)
    not_pad = (doc_ids >= 0).unsqueeze(1)
    return (causal & same & not_pad).unsqueeze(1)
# %% packed_targets
def packed_targets(input_ids, doc_ids):
    targets = torch.full_like(input_ids, IGNORE_INDEX)
    ok = (doc_ids[:, :-1] == doc_ids[:, 1:]) & (doc_ids[:, :-1] >= 0)
    targets[:, :-1][ok] = input_ids[:, 1:][ok]
    return targets
# %% accumulated_loss
def accumulated_loss(micro_batches):
    total, n = 0.0, 0
    for logits, input_ids, lengths in micro_batches:
        targets = next_token_targets(input_ids, lengths)
        total = total + F.cross_entropy(logits.transpose(1, 2), targets, ignore_index=IGNORE_INDEX, reduction="sum")
        n += (targets != IGNORE_INDEX).sum().item()
    return total / max(n, 1)
# %% generate
def generate(
    model, prompt_ids, max_new_tokens, eos_id=None, temperature=0.0, top_k=None, generator=None
):
    ids = prompt_ids.clone()
    done = torch.zeros(ids.size(0), dtype=torch.bool)
    for _ in range(max_new_tokens):
        T = ids.size(1)
        mask = torch.tril(torch.ones(T, T, dtype=torch.bool))[None, None]
        logits = model(ids, mask)[:, -1, :]
        if temperature == 0.0:
            nxt = logits.argmax(dim=-1)
        else:
            logits = logits / temperature
            if top_k is not None:
                values, _ = torch.topk(logits, top_k)
                logits[logits < values[:, [-1]]] = float("-inf")
            nxt = torch.multinomial(F.softmax(logits, dim=-1), 1, generator=generator).squeeze(1)
        if eos_id is not None:
            nxt = torch.where(done, torch.tensor(eos_id), nxt)
            done = done | (nxt == eos_id)
        ids = torch.cat([ids, nxt.unsqueeze(1)], dim=1)
        if done.all():
            break
    return ids
