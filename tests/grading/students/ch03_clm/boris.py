"""All right: plain loops, one number at a time.

right: all
"""
# %% next_token_targets
def next_token_targets(input_ids, lengths):
    targets = input_ids.clone()
    for b in range(input_ids.shape[0]):
        n = int(lengths[b])
        for t in range(input_ids.shape[1]):
            if t + 1 < n:
                targets[b, t] = input_ids[b, t + 1]
            else:
                targets[b, t] = IGNORE_INDEX
    return targets
# %% clm_loss
def clm_loss(logits, input_ids, lengths):
    loss = logits.sum() * 0
    count = 0
    for b in range(len(input_ids)):
        for t in range(int(lengths[b]) - 1):
            log_probs = torch.log_softmax(logits[b, t], dim=0)
            loss = loss - log_probs[input_ids[b, t + 1]]
            count += 1
    if count == 0:
        return loss
    return loss / count
# %% document_mask
def document_mask(doc_ids):
    B, T = doc_ids.shape
    mask = torch.zeros(B, 1, T, T, dtype=torch.bool)
    for b in range(B):
        for i in range(T):
            for j in range(i + 1):
                if doc_ids[b, i] != -1 and doc_ids[b, i] == doc_ids[b, j]:
                    mask[b, 0, i, j] = True
    return mask
# %% packed_targets
def packed_targets(input_ids, doc_ids):
    targets = torch.full_like(input_ids, -100)
    for b in range(len(input_ids)):
        for t in range(input_ids.shape[1] - 1):
            if doc_ids[b, t] >= 0 and doc_ids[b, t] == doc_ids[b, t + 1]:
                targets[b, t] = input_ids[b, t + 1]
    return targets
# %% accumulated_loss
def accumulated_loss(micro_batches):
    losses, counts = [], []
    for logits, input_ids, lengths in micro_batches:
        n = sum(max(int(length) - 1, 0) for length in lengths)
        losses.append(clm_loss(logits, input_ids, lengths) * n)
        counts.append(n)
    return sum(losses) / max(sum(counts), 1)
# %% generate
def generate(
    model, prompt_ids, max_new_tokens, eos_id=None, temperature=0.0, top_k=None, generator=None
):
    rows = prompt_ids.tolist()
    finished = [False] * len(rows)
    for _ in range(max_new_tokens):
        T = len(rows[0])
        mask = torch.tensor([[j <= i for j in range(T)] for i in range(T)])
        logits = model(torch.tensor(rows), mask)
        for b, row in enumerate(rows):
            if finished[b]:
                row.append(eos_id)
                continue
            z = logits[b, -1]
            if temperature == 0:
                token = int(z.argmax())
            else:
                k = len(z) if top_k is None else top_k
                best, index = z.sort(descending=True)
                p = (best[:k] / temperature).softmax(0)
                token = int(index[torch.multinomial(p, 1, generator=generator)])
            row.append(token)
            finished[b] = eos_id is not None and token == eos_id
        if all(finished):
            break
    return torch.tensor(rows)
