"""BART's old start, padding by id, a row for all queries, NaN without a label, a lost start token.

shift_right: the first column is taken from the labels
encoder_mask: one id is always taken for padding
decoder_mask: the start token is blocked
cross_mask: one row for all target positions
seq2seq_loss: NaN when nothing is scored
greedy_decode: tgt_mask blocks what the decoder reads
"""
# %% shift_right
def shift_right(labels, decoder_start_id, pad_id):
    ids = labels.masked_fill(labels == IGNORE_INDEX, pad_id)
    last = (labels != IGNORE_INDEX).sum(1, keepdim=True) - 1
    start = ids.gather(1, last.clamp(min=0))
    return torch.cat([start, ids[:, :-1]], dim=1)
# %% encoder_mask
def encoder_mask(src, pad_id):
    return (src != 0)[:, None, None]
# %% decoder_mask
def decoder_mask(labels):
    T = labels.shape[1]
    read = torch.full_like(labels, IGNORE_INDEX)
    read[:, 1:] = labels[:, :-1]
    causal = torch.ones(T, T, dtype=torch.bool, device=labels.device).tril()
    return causal & (read != IGNORE_INDEX)[:, None, None]
# %% cross_mask
def cross_mask(src, T, pad_id):
    return (src != pad_id)[:, None, None]
# %% seq2seq_loss
def seq2seq_loss(logits, labels, label_smoothing=0.0):
    return F.cross_entropy(
        logits.flatten(0, 1), labels.flatten(), label_smoothing=label_smoothing
    )
# %% greedy_decode
def greedy_decode(model, src, max_new_tokens, decoder_start_id, eos_id, pad_id):
    tgt_in = src.new_full((len(src), 1), decoder_start_id)
    done = torch.zeros(len(src), dtype=torch.bool, device=src.device)
    real = (src != pad_id)[:, None, None]
    while tgt_in.shape[1] <= max_new_tokens and not done.all():
        T = tgt_in.shape[1]
        causal = torch.ones(T, T, dtype=torch.bool, device=src.device).tril()
        tgt_mask = causal & (tgt_in != pad_id)[:, None, None]
        new = model(src, tgt_in, real, tgt_mask, real)[:, -1].argmax(-1)
        new[done] = pad_id
        done |= new == eos_id
        tgt_in = torch.cat([tgt_in, new[:, None]], dim=1)
    return tgt_in[:, 1:]
