"""Not shifted, then shifted again, masks upside down, square or causal only, and no end.

shift_right: nothing is shifted
encoder_mask: the mask is upside down
decoder_mask: padding may be seen
cross_mask: the mask has no column for each source token
seq2seq_loss: shifted again
greedy_decode: a finished row goes on generating
"""
# %% shift_right
def shift_right(labels, decoder_start_id, pad_id):
    return labels.masked_fill(labels == IGNORE_INDEX, pad_id)
# %% encoder_mask
def encoder_mask(src, pad_id):
    return (src == pad_id)[:, None, None, :]
# %% decoder_mask
def decoder_mask(labels):
    B, T = labels.shape
    causal = torch.ones(T, T, dtype=torch.bool, device=labels.device).tril()
    return causal.expand(B, 1, T, T)
# %% cross_mask
def cross_mask(src, T, pad_id):
    return torch.ones(len(src), 1, T, T, dtype=torch.bool, device=src.device)
# %% seq2seq_loss
def seq2seq_loss(logits, labels, label_smoothing=0.0):
    labels = labels[:, 1:]
    total = F.cross_entropy(
        logits[:, :-1].transpose(1, 2),
        labels,
        reduction="sum",
        label_smoothing=label_smoothing,
    )
    return total / (labels != IGNORE_INDEX).sum().clamp(min=1)
# %% greedy_decode
def greedy_decode(model, src, max_new_tokens, decoder_start_id, eos_id, pad_id):
    tgt_in = src.new_full((len(src), 1), decoder_start_id)
    real = (src != pad_id)[:, None, None]
    for T in range(1, max_new_tokens + 1):
        causal = torch.ones(T, T, dtype=torch.bool, device=src.device).tril()
        logits = model(src, tgt_in, real, causal, real)
        tgt_in = torch.cat([tgt_in, logits[:, -1].argmax(-1, keepdim=True)], dim=1)
        if (tgt_in[:, 1:] == eos_id).any(1).all():
            break
    return tgt_in[:, 1:]
