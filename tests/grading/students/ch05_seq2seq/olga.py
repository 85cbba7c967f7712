"""A column too many, OR for AND, rows and columns exchanged, another smoothing, the start token.

right: encoder_mask
shift_right: it has a column too many
decoder_mask: joined with |
cross_mask: rows and columns have changed places
seq2seq_loss: spread over V − 1 tokens
greedy_decode: the start token is in the result
"""
# %% shift_right
def shift_right(labels, decoder_start_id, pad_id):
    ids = torch.where(labels == IGNORE_INDEX, pad_id, labels)
    return F.pad(ids, (1, 0), value=decoder_start_id)
# %% encoder_mask
def encoder_mask(src, pad_id):
    return ~(src == pad_id)[:, None, None, :]
# %% decoder_mask
def decoder_mask(labels):
    T = labels.shape[1]
    t = torch.arange(T, device=labels.device)
    real = F.pad(labels[:, :-1] != IGNORE_INDEX, (1, 0), value=True)
    return (t <= t[:, None]) | real[:, None, None, :]
# %% cross_mask
def cross_mask(src, T, pad_id):
    B, S = src.shape
    return (src != pad_id)[:, None, :, None].expand(B, 1, S, T)
# %% seq2seq_loss
def seq2seq_loss(logits, labels, label_smoothing=0.0):
    scored, V = labels != IGNORE_INDEX, logits.shape[-1]
    log_probs = logits.log_softmax(-1)[scored]
    truth = torch.full_like(log_probs, label_smoothing / (V - 1))
    truth.scatter_(1, labels[scored][:, None], 1 - label_smoothing)
    return -(truth * log_probs).sum() / scored.sum().clamp(min=1)
# %% greedy_decode
def greedy_decode(model, src, max_new_tokens, decoder_start_id, eos_id, pad_id):
    tgt_in = torch.full((len(src), 1), decoder_start_id, device=src.device)
    done = torch.zeros(len(src), dtype=torch.bool, device=src.device)
    real = (src != pad_id)[:, None, None, :]
    for _ in range(max_new_tokens):
        T = tgt_in.shape[1]
        causal = torch.ones(T, T, dtype=torch.bool, device=src.device).tril()
        new = model(src, tgt_in, real, causal, real)[:, -1].argmax(-1)
        new = torch.where(done, pad_id, new)
        done = done | (new == eos_id)
        tgt_in = torch.cat([tgt_in, new[:, None]], dim=1)
        if done.all():
            break
    return tgt_in
