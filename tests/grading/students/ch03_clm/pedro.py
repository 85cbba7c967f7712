"""One diagonal too many, and a generation that goes on after the end.

document_mask: one diagonal too many
generate: goes on generating
"""
# %% document_mask
def document_mask(doc_ids):
    T = doc_ids.shape[1]
    causal = torch.tril(torch.ones(T, T, dtype=torch.bool), diagonal=1)
    same = (doc_ids[:, :, None] == doc_ids[:, None, :]) & (doc_ids[:, :, None] != -1)
    return (causal & same)[:, None]
# %% generate
def generate(
    model, prompt_ids, max_new_tokens, eos_id=None, temperature=0.0, top_k=None, generator=None
):
    ids = prompt_ids
    finished = torch.zeros(len(ids), dtype=torch.bool)
    for _ in range(max_new_tokens):
        T = ids.shape[1]
        logits = model(ids, torch.ones(T, T).tril().bool())[:, -1]
        if temperature > 0:
            logits = logits / temperature
            if top_k is not None:
                logits[logits < logits.topk(top_k).values.min(-1, keepdim=True).values] = -torch.inf
            token = torch.multinomial(logits.softmax(-1), 1, generator=generator)
        else:
            token = logits.argmax(-1, keepdim=True)
        ids = torch.cat([ids, token], dim=1)
        if eos_id is not None:
            finished |= token[:, 0] == eos_id
            if finished.all():
                break
    return ids if ids is not prompt_ids else ids.clone()
