"""All right: lengths instead of comparisons, the loss by hand, only unfinished rows are decoded.

right: all
"""
# %% shift_right
def shift_right(labels, decoder_start_id, pad_id):
    start = torch.full_like(labels[:, :1], decoder_start_id)
    ids = torch.where(labels == IGNORE_INDEX, pad_id, labels)
    return torch.cat([start, ids[:, :-1]], dim=1)
# %% encoder_mask
def encoder_mask(src, pad_id):
    return src.ne(pad_id).unsqueeze(1).unsqueeze(1)
# %% decoder_mask
def decoder_mask(labels):
    T = labels.shape[1]
    lengths = (labels != IGNORE_INDEX).sum(1)  # padding stands at the end alone
    i = torch.arange(T, device=labels.device)
    return ((i <= i[:, None]) & (i < lengths.clamp(min=1)[:, None, None]))[:, None]
# %% cross_mask
def cross_mask(src, T, pad_id):
    real = src != pad_id
    return torch.stack([real] * T, dim=1)[:, None] if T else real.new_zeros(len(src), 1, 0, src.shape[1])
# %% seq2seq_loss
def seq2seq_loss(logits, labels, label_smoothing=0.0):
    scored = labels != IGNORE_INDEX
    log_probs = logits[scored].float() if logits.dtype in (torch.half, torch.bfloat16) else logits[scored]
    costs = -log_probs.log_softmax(-1)  # (N, V)
    true = costs.gather(-1, labels[scored][:, None])[:, 0]
    each = (1 - label_smoothing) * true + label_smoothing * costs.mean(-1)
    return each.sum() / max(1, len(each))
# %% helper
def next_ids(model, src, said, start, pad_id):
    """The likeliest token after what was said, (B,)."""
    tgt_in = F.pad(said, (1, 0), value=start)
    real = (src != pad_id)[:, None, None]
    T = tgt_in.shape[1]
    causal = torch.ones(T, T, dtype=torch.bool, device=src.device).tril()
    return model(src, tgt_in, real, causal, real)[:, -1].argmax(-1)
# %% greedy_decode
def greedy_decode(model, src, max_new_tokens, decoder_start_id, eos_id, pad_id):
    said = src.new_full((len(src), max_new_tokens), pad_id)
    going = torch.arange(len(src), device=src.device)
    n = 0
    while n < max_new_tokens and len(going):
        new = next_ids(model, src[going], said[going, :n], decoder_start_id, pad_id)
        said[going, n] = new
        going = going[new != eos_id]
        n += 1
    return said[:, :n].clone()
