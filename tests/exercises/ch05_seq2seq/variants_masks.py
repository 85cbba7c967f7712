"""Right answers that make what the encoder–decoder reads: its masks and the decoder's input."""

import itertools

import torch
import torch.nn.functional as F
from ch05_seq2seq.parts import variant

from labtools.vocab import IGNORE_INDEX

# shift_right


@variant("shift_right")
def a_start_column_before_all_but_the_last(labels, decoder_start_id, pad_id):
    start = labels.new_full((len(labels), 1), decoder_start_id)
    ids = torch.cat([start, labels[:, :-1]], dim=1)
    return ids.masked_fill(ids == IGNORE_INDEX, pad_id)


@variant("shift_right")
def written_into_new_ids(labels, decoder_start_id, pad_id):
    ids = torch.empty_like(labels)
    ids[:, 0] = decoder_start_id
    ids[:, 1:] = labels[:, :-1]
    ids[ids == -100] = pad_id
    return ids


@variant("shift_right")
def rolled_and_begun(labels, decoder_start_id, pad_id):
    ids = labels.roll(1, dims=1)
    ids[:, 0] = decoder_start_id
    return torch.where(ids == IGNORE_INDEX, pad_id, ids)


@variant("shift_right")
def rolled_as_one_long_row(labels, decoder_start_id, pad_id):
    ids = labels.roll(1)
    ids.masked_fill_(ids == IGNORE_INDEX, pad_id)
    ids[:, 0] = decoder_start_id
    return ids


@variant("shift_right")
def padded_on_the_left_and_cut(labels, decoder_start_id, pad_id):
    filled = labels.where(labels != IGNORE_INDEX, pad_id)
    return F.pad(filled, (1, 0), value=decoder_start_id)[:, :-1].clone()


@variant("shift_right")
def cut_with_a_negative_pad(labels, decoder_start_id, pad_id):
    ids = F.pad(labels, (1, -1), value=decoder_start_id)
    return ids.masked_fill(ids.eq(IGNORE_INDEX), pad_id)


@variant("shift_right")
def lists_of_rows(labels, decoder_start_id, pad_id):
    rows = [
        [decoder_start_id] + [pad_id if i == IGNORE_INDEX else i for i in row[:-1]]
        for row in labels.tolist()
    ]
    return torch.tensor(rows, device=labels.device)


@variant("shift_right")
def token_by_token(labels, decoder_start_id, pad_id):
    B, T = labels.shape
    ids = torch.zeros(B, T, dtype=torch.long, device=labels.device)
    for b in range(B):
        previous = decoder_start_id
        for t in range(T):
            ids[b, t] = previous
            previous = int(labels[b, t])
            if previous == IGNORE_INDEX:
                previous = pad_id
    return ids


@variant("shift_right")
def gathered_by_position(labels, decoder_start_id, pad_id):
    before = (torch.arange(labels.shape[1], device=labels.device) - 1).clamp(min=0)
    ids = labels[:, before]
    ids = torch.where(ids < 0, torch.full_like(ids, pad_id), ids)
    return ids.index_fill(1, torch.tensor([0], device=labels.device), decoder_start_id)


@variant("shift_right")
def column_after_column(labels, decoder_start_id, pad_id):
    columns = [torch.full_like(labels[:, 0], decoder_start_id), *labels.unbind(1)]
    ids = torch.stack(columns[:-1], 1)
    return ids * (ids != IGNORE_INDEX) + pad_id * (ids == IGNORE_INDEX)


@variant("shift_right")
def a_copy_filled_first(labels, decoder_start_id, pad_id):
    filled = labels.clone()
    filled[filled == IGNORE_INDEX] = pad_id
    filled[:, 1:] = filled[:, :-1].clone()
    filled[:, 0] = decoder_start_id
    return filled


# encoder_mask


@variant("encoder_mask")
def compared_and_viewed(src, pad_id):
    return (src != pad_id)[:, None, None, :]


@variant("encoder_mask")
def unsqueezed_twice(src, pad_id):
    return src.ne(pad_id).unsqueeze(1).unsqueeze(2)


@variant("encoder_mask")
def padding_turned_round(src, pad_id):
    padding = src == pad_id
    return ~padding.reshape(src.size(0), 1, 1, src.size(1))


@variant("encoder_mask")
def filled_where_padding_is(src, pad_id):
    mask = torch.ones(src.shape, dtype=torch.bool, device=src.device)
    mask[src == pad_id] = False
    return mask.view(len(src), 1, 1, -1)


@variant("encoder_mask")
def token_after_token(src, pad_id):
    B, S = src.shape
    mask = torch.zeros(B, 1, 1, S, dtype=torch.bool, device=src.device)
    for b, j in itertools.product(range(B), range(S)):
        mask[b, 0, 0, j] = bool(src[b, j] != pad_id)
    return mask


@variant("encoder_mask")
def lists_of_truths(src, pad_id):
    truths = [[[[i != pad_id for i in row]]] for row in src.tolist()]
    return torch.tensor(truths, dtype=torch.bool, device=src.device)


@variant("encoder_mask")
def a_difference_that_is_not_0(src, pad_id):
    return (src - pad_id).bool()[:, None, None]


@variant("encoder_mask")
def less_or_greater(src, pad_id):
    x = src.view(len(src), 1, 1, src.shape[1])
    return (x < pad_id) | (x > pad_id)


@variant("encoder_mask")
def row_after_row(src, pad_id):
    return torch.stack([(row != pad_id)[None, None] for row in src])


@variant("encoder_mask")
def additive_and_back(src, pad_id):
    bias = torch.zeros(src.shape, device=src.device).masked_fill(src == pad_id, float("-inf"))
    return (bias == 0)[:, None, None]


# decoder_mask


@variant("decoder_mask")
def the_labels_before_and_causal(labels):
    T = labels.shape[1]
    real = F.pad(labels[:, :-1] != IGNORE_INDEX, (1, 0), value=True)
    causal = torch.ones(T, T, dtype=torch.bool, device=labels.device).tril()
    return real[:, None, None, :] & causal


@variant("decoder_mask")
def keys_of_scored_labels_alone(labels):
    """The key that holds the last label is blocked: only queries that nobody scores see it."""
    T = labels.shape[1]
    t = torch.arange(T, device=labels.device)
    return (labels != IGNORE_INDEX)[:, None, None, :] & (t[:, None] >= t)


@variant("decoder_mask")
def the_first_key_and_those_of_scored_labels(labels):
    T = labels.shape[1]
    real = labels != IGNORE_INDEX
    real[:, 0] = True
    return torch.tril(real[:, None, None].expand(-1, 1, T, T))


@variant("decoder_mask")
def no_query_without_a_label(labels):
    """Keys and queries: what is not scored sees nothing."""
    T = labels.shape[1]
    real = labels != IGNORE_INDEX
    square = real.unsqueeze(1) & real.unsqueeze(2)
    return (square & torch.ones(T, T, device=labels.device).tril().bool()).unsqueeze(1)


@variant("decoder_mask")
def by_length(labels):
    """The start token and n − 1 labels, or n: as long as only padding is cut."""
    T = labels.shape[1]
    t = torch.arange(T, device=labels.device)
    n = (labels != IGNORE_INDEX).sum(1).view(-1, 1, 1, 1)
    return (t <= t[:, None]) & (t <= n)


@variant("decoder_mask")
def cell_by_cell(labels):
    B, T = labels.shape
    mask = torch.zeros(B, 1, T, T, dtype=torch.bool, device=labels.device)
    for b in range(B):
        for i in range(T):
            for j in range(i + 1):
                mask[b, 0, i, j] = j == 0 or bool(labels[b, j - 1] != IGNORE_INDEX)
    return mask


@variant("decoder_mask")
def nested_lists(labels):
    T = labels.shape[1]
    rows = [
        [[[j <= i and [0, *row][j] != IGNORE_INDEX for j in range(T)] for i in range(T)]]
        for row in labels.tolist()
    ]
    return torch.tensor(rows, device=labels.device)


@variant("decoder_mask")
def not_the_future_and_not_padding(labels):
    T = labels.shape[1]
    future = torch.ones(T, T, dtype=torch.bool, device=labels.device).triu(1)
    padding = torch.zeros_like(labels, dtype=torch.bool)
    padding[:, 1:] = labels[:, :-1] == IGNORE_INDEX
    return ~(future | padding[:, None, None, :])


@variant("decoder_mask")
def a_start_that_is_never_padding(labels):
    T = labels.shape[1]
    read = torch.cat([torch.zeros_like(labels[:, :1]), labels[:, :-1]], dim=1)
    real = (read != IGNORE_INDEX).view(-1, 1, 1, T)
    return torch.logical_and(real, torch.ones(T, T, device=labels.device).tril())


@variant("decoder_mask")
def queries_that_are_not_scored_see_the_start_alone(labels):
    T = labels.shape[1]
    real = labels != IGNORE_INDEX
    mask = (real[:, :, None] & real[:, None, :]).tril()
    mask[:, :, 0] = True
    return mask[:, None].reshape(-1, 1, T, T)


@variant("decoder_mask")
def what_is_not_scored_sees_its_past_by_chance(labels):
    t = torch.arange(labels.shape[1], device=labels.device)
    read = torch.where(t > 0, labels.roll(1, 1), 0)
    mask = (read != IGNORE_INDEX)[:, None, None] & (t <= t[:, None])
    scored = (labels != IGNORE_INDEX)[:, None, :, None]
    return mask & (scored | (torch.rand(mask.shape, device=labels.device) < 0.5))


@variant("decoder_mask")
def products_of_numbers(labels):
    T = labels.shape[1]
    read = F.pad(labels, (1, 0))[:, :T]
    real = read.ne(IGNORE_INDEX).float()
    causal = torch.ones(T, T, device=labels.device).tril()
    return torch.einsum("bj,ij->bij", real, causal)[:, None] > 0


@variant("decoder_mask")
def a_running_count_of_padding(labels):
    T = labels.shape[1]
    padding = (labels == IGNORE_INDEX).long().cumsum(1)
    causal = torch.arange(T, device=labels.device) <= torch.arange(T, device=labels.device)[:, None]
    return (padding < 2)[:, None, None, :] & causal  # the last label's key is read behind it


# cross_mask


@variant("cross_mask")
def compared_and_expanded(src, T, pad_id):
    return (src != pad_id)[:, None, None, :].expand(-1, -1, T, -1)


@variant("cross_mask")
def repeated(src, T, pad_id):
    return src.ne(pad_id).unsqueeze(1).unsqueeze(1).repeat(1, 1, T, 1)


@variant("cross_mask")
def joined_with_ones(src, T, pad_id):
    ones = torch.ones(T, 1, dtype=torch.bool, device=src.device)
    return (src != pad_id)[:, None, None] & ones


@variant("cross_mask")
def row_after_row_of_targets(src, T, pad_id):
    real = src != pad_id
    return torch.stack([real] * T, dim=1).unsqueeze(1)


@variant("cross_mask")
def filled_into_zeros(src, T, pad_id):
    B, S = src.shape
    mask = torch.zeros(B, 1, T, S, dtype=torch.bool, device=src.device)
    mask[:] = (src != pad_id).view(B, 1, 1, S)
    return mask


@variant("cross_mask")
def every_cell_by_itself(src, T, pad_id):
    rows = [[[[i != pad_id for i in row] for _ in range(T)]] for row in src.tolist()]
    return torch.tensor(rows, device=src.device)


@variant("cross_mask")
def interleaved_and_viewed(src, T, pad_id):
    B, S = src.shape
    return (src != pad_id).repeat_interleave(T, dim=0).view(B, 1, T, S)


@variant("cross_mask")
def broadcast_to_its_shape(src, T, pad_id):
    blocked = (src == pad_id)[:, None, None, :]
    return ~torch.broadcast_to(blocked, (src.shape[0], 1, T, src.shape[1]))


@variant("cross_mask")
def an_outer_product(src, T, pad_id):
    targets = torch.ones(len(src), T, device=src.device)
    real = (src != pad_id).float()
    return (targets[:, :, None] * real[:, None, :]).bool()[:, None]


@variant("cross_mask")
def padding_columns_cleared(src, T, pad_id):
    mask = torch.ones(len(src), T, src.shape[1], dtype=torch.bool, device=src.device)
    mask = mask.masked_fill((src == pad_id)[:, None, :], False)
    return mask[:, None]


@variant("cross_mask")
def mapped_over_the_batch(src, T, pad_id):
    return torch.vmap(lambda ids: (ids != pad_id).expand(1, T, -1))(src)
