"""Right answers that decode."""

import torch
import torch.nn.functional as F
from ch05_seq2seq.parts import variant


def lower_triangle(T, device=None):
    return torch.ones(T, T, dtype=torch.bool, device=device).tril()


@variant("greedy_decode")
@torch.no_grad()
def finished_flags(model, src, max_new_tokens, decoder_start_id, eos_id, pad_id):
    real = (src != pad_id)[:, None, None, :]
    tgt_in = src.new_full((len(src), 1), decoder_start_id)
    finished = torch.zeros(len(src), dtype=torch.bool, device=src.device)
    for _ in range(max_new_tokens):
        causal = lower_triangle(tgt_in.shape[1], src.device)
        token = model(src, tgt_in, real, causal, real)[:, -1].argmax(-1)
        token = token.masked_fill(finished, pad_id)
        tgt_in = torch.cat([tgt_in, token[:, None]], dim=1)
        finished |= token == eos_id
        if finished.all():
            break
    return tgt_in[:, 1:]


@variant("greedy_decode")
def masks_in_full(model, src, max_new_tokens, decoder_start_id, eos_id, pad_id):
    (B, S), H = src.shape, 2
    real = src.ne(pad_id).view(B, 1, 1, S)
    src_mask = real.expand(B, H, S, S)
    out = src.new_empty(B, 0)
    active = torch.ones(B, dtype=torch.bool, device=src.device)
    while out.shape[1] < max_new_tokens and active.any():
        tgt_in = torch.cat([src.new_full((B, 1), decoder_start_id), out], -1)
        T = tgt_in.shape[-1]
        i = torch.arange(T, device=src.device)
        tgt_mask = (i[None, :] <= i[:, None]).expand(B, H, T, T)
        logits = model(src, tgt_in, src_mask, tgt_mask, real.repeat(1, H, T, 1))
        token = torch.where(active, logits[:, -1, :].argmax(dim=-1), pad_id)
        active = active & (token != eos_id)
        out = torch.cat([out, token.unsqueeze(1)], -1)
    return out


@variant("greedy_decode")
def row_by_row(model, src, max_new_tokens, decoder_start_id, eos_id, pad_id):
    texts = []
    for row in src:
        row = row[None]
        mask = row != pad_id  # (1, S) broadcasts, for it is one row
        tokens = []
        while len(tokens) < max_new_tokens and eos_id not in tokens:
            tgt_in = src.new_tensor([[decoder_start_id, *tokens]])
            logits = model(row, tgt_in, mask, lower_triangle(tgt_in.shape[1], src.device), mask)
            tokens.append(logits[0, -1].argmax().item())
        texts.append(src.new_tensor(tokens))
    return torch.nn.utils.rnn.pad_sequence(texts, batch_first=True, padding_value=pad_id)


@variant("greedy_decode")
def without_the_padding_of_each_row(model, src, max_new_tokens, decoder_start_id, eos_id, pad_id):
    rows = []
    for source in src:
        source = source[source != pad_id].unsqueeze(0)
        seen = torch.ones_like(source, dtype=torch.bool)[:, None, None]
        row = [decoder_start_id]
        for _ in range(max_new_tokens):
            logits = model(
                source, src.new_tensor([row]), seen, lower_triangle(len(row), src.device), seen
            )
            row.append(int(logits[0, -1].argmax()))
            if row[-1] == eos_id:
                break
        rows.append(row[1:])
    width = max(map(len, rows))
    filled = [row + [pad_id] * (width - len(row)) for row in rows]
    return src.new_tensor(filled).view(len(rows), width)


@variant("greedy_decode")
def only_unfinished_rows(model, src, max_new_tokens, decoder_start_id, eos_id, pad_id):
    B = src.shape[0]
    out = src.new_full((B, max_new_tokens), pad_id)
    active = torch.arange(B, device=src.device)
    n = 0
    for t in range(max_new_tokens):
        if not len(active):
            break
        start = src.new_full((len(active), 1), decoder_start_id)
        tgt_in = torch.cat([start, out[active, :t]], 1)
        some = src[active]
        real = (some != pad_id)[:, None, None]
        token = model(some, tgt_in, real, lower_triangle(t + 1, src.device), real)[:, t].argmax(-1)
        out[active, t] = token
        active = active[token != eos_id]
        n = t + 1
    return out[:, :n]


@variant("greedy_decode")
def all_steps_then_cut(model, src, max_new_tokens, decoder_start_id, eos_id, pad_id):
    real = (src != pad_id)[:, None, None, :]
    new = src[:, :0].clone()
    for _ in range(max_new_tokens):
        tgt_in = F.pad(new, (1, 0), value=decoder_start_id)
        logits = model(src, tgt_in, real, lower_triangle(tgt_in.shape[1], src.device), real)
        new = torch.cat([new, logits[:, -1].argmax(-1, keepdim=True)], 1)
    is_end = (new == eos_id).long()
    after = is_end.cumsum(1) - is_end > 0
    new = new.masked_fill(after, pad_id)
    return new[:, : int((~after).sum(1).max())]


@variant("greedy_decode")
def every_position_again(model, src, max_new_tokens, decoder_start_id, eos_id, pad_id):
    real = (src != pad_id)[:, None, None, :]
    start = torch.full_like(src[:, :1], decoder_start_id)
    out = start[:, :0]
    for t in range(max_new_tokens):
        logits = model(
            src,
            torch.cat([start, out], 1),
            real,
            lower_triangle(t + 1, src.device)[None, None],
            real,
        )
        out = logits.argmax(-1)
        ended = (out == eos_id).any(1)
        if ended.all():
            break
    ends = (out == eos_id).int()
    return torch.where(ends.cumsum(1) - ends == 0, out, pad_id)


@variant("greedy_decode")
def fixed_width(model, src, max_new_tokens, decoder_start_id, eos_id, pad_id):
    """The decoder always reads as many positions; what has not come yet is not seen."""
    B = len(src)
    real = (src != pad_id)[:, None, None, :]
    tgt_in = src.new_full((B, max_new_tokens + 1), pad_id)
    tgt_in[:, 0] = decoder_start_id
    causal = lower_triangle(max_new_tokens + 1, src.device)[None, None]
    done = torch.zeros(B, 1, dtype=torch.bool, device=src.device)
    t = 0
    while t < max_new_tokens and not bool(done.all()):
        logits = model(src, tgt_in, real, causal, real)
        token = logits[:, t : t + 1].argmax(-1)
        tgt_in[:, t + 1 : t + 2] = torch.where(done, pad_id, token)
        done |= token.eq(eos_id)
        t += 1
    return tgt_in[:, 1 : t + 1].clone()


@variant("greedy_decode")
def padding_of_finished_rows_hidden(model, src, max_new_tokens, decoder_start_id, eos_id, pad_id):
    model.eval()
    device = next(model.parameters()).device
    keys = (src != pad_id)[:, None, None, :]
    ids = torch.full((src.size(0), 1), decoder_start_id, dtype=torch.long, device=device)
    kept = torch.ones_like(ids, dtype=torch.bool)
    while ids.size(1) <= max_new_tokens:
        mask = lower_triangle(ids.size(1), device) & kept[:, None, None, :]
        logits = model(src=src, tgt_in=ids, src_mask=keys, tgt_mask=mask, cross_mask=keys)
        over = (ids[:, 1:] == eos_id).any(dim=1)
        token = torch.where(over, pad_id, logits[:, -1].softmax(-1).max(-1).indices)
        ids = torch.cat((ids, token[:, None]), dim=1)
        kept = torch.cat((kept, ~over[:, None]), dim=1)
        if (ids[:, 1:] == eos_id).any(1).all():
            break
    return ids[:, 1:]


@variant("greedy_decode")
def recursive(model, src, max_new_tokens, decoder_start_id, eos_id, pad_id):
    real = (src != pad_id)[:, None, None, :].expand(-1, 1, src.shape[1], -1)

    def longer(tgt_in):
        new = tgt_in[:, 1:]
        ended = (new == eos_id).any(1)
        if new.shape[1] == max_new_tokens or ended.all():
            return new
        T = tgt_in.shape[1]
        logits = model(
            src,
            tgt_in,
            real,
            lower_triangle(T, src.device).expand(len(src), 1, T, T),
            real[:, :, :1],
        )
        token = torch.argmax(logits[:, -1], 1).masked_fill(ended, pad_id)
        return longer(torch.hstack([tgt_in, token[:, None]]))

    return longer(src.new_full((len(src), 1), decoder_start_id)).contiguous()


@variant("greedy_decode")
def finished_rows_read_eos(model, src, max_new_tokens, decoder_start_id, eos_id, pad_id):
    real = (src != pad_id)[:, None, None, :]
    read = [torch.full_like(src[:, 0], decoder_start_id)]
    kept = []
    finished = torch.zeros_like(src[:, 0], dtype=torch.bool)
    for t in range(1, max_new_tokens + 1):
        logits = model(src, torch.stack(read, 1), real, lower_triangle(t, src.device), real)
        _, token = logits[:, -1].topk(1)
        token = token[:, 0]
        kept.append(token.where(~finished, pad_id))
        finished = finished.logical_or(token == eos_id)
        read.append(token.where(~finished, eos_id))
        if not (~finished).any():
            break
    return torch.stack(kept, 1) if kept else src.new_zeros(len(src), 0)
