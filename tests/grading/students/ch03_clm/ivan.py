"""Generation that never ends; the rest is right.

right: next_token_targets, packed_targets
generate: does not end
"""
# %% next_token_targets
def next_token_targets(input_ids, lengths):
    T = input_ids.shape[1]
    shifted = torch.cat([input_ids[:, 1:], input_ids[:, :1]], dim=1)
    return shifted.masked_fill(torch.arange(T)[None] > lengths[:, None] - 2, IGNORE_INDEX)
# %% packed_targets
def packed_targets(input_ids, doc_ids):
    out = input_ids.clone().fill_(IGNORE_INDEX)
    rows, cols = torch.where((doc_ids[:, :-1] == doc_ids[:, 1:]) & (doc_ids[:, :-1] != -1))
    out[rows, cols] = input_ids[rows, cols + 1]
    return out
# %% generate
def generate(
    model, prompt_ids, max_new_tokens, eos_id=None, temperature=0.0, top_k=None, generator=None
):
    ids = prompt_ids.clone()
    finished = torch.zeros(len(ids), dtype=torch.bool)
    new = 0
    while new < max_new_tokens and not finished.all():
        T = ids.shape[1]
        logits = model(ids, torch.ones(T, T).tril().bool())[:, -1]
        next_ids = logits.argmax(-1, keepdim=True)
        # append next_ids here and count it
    return ids
