"""Right answers that make masks and join them."""

import functools
import itertools
import operator

import torch
import torch.nn.functional as F
from ch02_attention_masks.parts import variant

# causal_mask


def enough_keys(T, S):
    S = T if S is None else S
    if T > S:
        raise ValueError(f"{T} queries, but only {S} keys")
    return S


@variant("causal_mask")
def tril_with_a_diagonal(T, S=None, device=None):
    S = enough_keys(T, S)
    return torch.ones(T, S, dtype=torch.bool, device=device).tril(diagonal=S - T)


@variant("causal_mask")
def positions_compared(T, S=None, device=None):
    if S is None:
        S = T
    if S < T:
        raise ValueError("more queries than keys")
    query = torch.arange(S - T, S, device=device)[:, None]
    return torch.arange(S, device=device) <= query


@variant("causal_mask")
def not_triu(T, S=None, device=None):
    S = enough_keys(T, S)
    return torch.ones((T, S), device=device).triu(S - T + 1).logical_not()


@variant("causal_mask")
def cell_by_cell_on_the_cpu(T, S=None, device=None):
    S = enough_keys(T, S)
    mask = torch.zeros(T, S, dtype=torch.bool)
    for i in range(T):
        for j in range(S):
            if j <= i + S - T:
                mask[i, j] = True
    return mask.to(device)


@variant("causal_mask")
def nested_lists(T, S=None, device=None):
    offset = enough_keys(T, S) - T
    rows = [[True] * (i + 1 + offset) + [False] * (T - i - 1) for i in range(T)]
    return torch.tensor(rows, device=device)


@variant("causal_mask")
def a_square_and_the_past_before_it(T, S=None, device="cpu"):
    past = enough_keys(T, S) - T
    square = torch.tril(torch.ones(T, T, device=device)).bool()
    return F.pad(square, (past, 0), value=True)


@variant("causal_mask")
def the_last_rows_of_a_square(T, S=None, device=None):
    S = enough_keys(T, S)
    return torch.ones(S, S, dtype=torch.bool, device=device).tril()[S - T :].clone()


@variant("causal_mask")
def where_additive_is_zero(T, S=None, device=None):
    S = enough_keys(T, S)
    return torch.full((T, S), float("-inf"), device=device).triu(S - T + 1) == 0


@variant("causal_mask")
def tril_by_indices(T, S=None, device=None):
    S = enough_keys(T, S)
    mask = torch.zeros(T, S, dtype=torch.bool, device=device)
    rows, columns = torch.tril_indices(T, S, offset=S - T, device=device)
    mask[rows, columns] = True
    return mask


@variant("causal_mask")
def a_running_sum_of_the_diagonal(T, S=None, device=None):
    if S is not None and T > S:
        raise ValueError
    S = S or T
    return torch.eye(S, device=device).cumsum(0)[-T:] > 0


# key_mask


@variant("key_mask")
def positions_below_lengths(lengths, S):
    return (torch.arange(S, device=lengths.device) < lengths[:, None])[:, None, None, :]


@variant("key_mask")
def lengths_viewed_as_four_dimensions(lengths, S):
    return torch.arange(S, device=lengths.device).view(1, 1, 1, S) < lengths.view(-1, 1, 1, 1)


@variant("key_mask")
def row_by_row(lengths, S):
    mask = torch.zeros(len(lengths), 1, 1, S, dtype=torch.bool, device=lengths.device)
    for b, n in enumerate(lengths):
        mask[b, :, :, :n] = True
    return mask


@variant("key_mask")
def lists_of_truths(lengths, S):
    rows = [[[[True] * n + [False] * (S - n)]] for n in lengths.tolist()]
    return torch.tensor(rows, device=lengths.device)


@variant("key_mask")
def rows_of_a_triangle(lengths, S):
    triangle = torch.ones(S + 1, S, dtype=torch.bool, device=lengths.device).tril(-1)
    return triangle[lengths].unsqueeze(1).unsqueeze(1)


@variant("key_mask")
def each_row_padded(lengths, S):
    rows = [F.pad(torch.ones(n, dtype=torch.bool), (0, S - n)) for n in lengths.tolist()]
    return torch.stack(rows)[:, None, None].to(lengths.device)


@variant("key_mask")
def padding_inverted(lengths, S):
    padding = torch.arange(S, device=lengths.device)[None, :] >= lengths.unsqueeze(-1)
    return ~padding.reshape(lengths.shape[0], 1, 1, S)


@variant("key_mask")
def mapped_over_the_batch(lengths, S):
    keys = torch.arange(S, device=lengths.device)
    return torch.vmap(lambda n: (keys < n)[None, None])(lengths)


@variant("key_mask")
def ones_counted(lengths, S):
    counted = lengths.new_ones(len(lengths), S).cumsum(dim=1)
    return torch.le(counted, lengths.unsqueeze(1))[:, None, None, :]


@variant("key_mask")
def scattered_ends(lengths, S):
    ends = torch.zeros(len(lengths), S + 1, device=lengths.device)
    ends.scatter_(1, lengths.unsqueeze(1), 1.0)
    return ends.cumsum(1)[:, :S].eq(0)[:, None, None]


# sliding_window_mask


@variant("sliding_window_mask")
def two_conditions(T, window):
    i, j = torch.arange(T)[:, None], torch.arange(T)[None, :]
    return (j <= i) & (i - j < window)


@variant("sliding_window_mask")
def tril_and_triu(T, window):
    return torch.ones(T, T, dtype=torch.bool).tril().triu(1 - window)


@variant("sliding_window_mask")
def a_triangle_without_a_triangle(T, window):
    ones = torch.ones(T, T)
    return (ones.tril() - ones.tril(-window)).bool()


@variant("sliding_window_mask")
def slices_of_rows(T, window):
    mask = torch.zeros(T, T, dtype=torch.bool)
    for i in range(T):
        mask[i, max(0, i - window + 1) : i + 1] = True
    return mask


@variant("sliding_window_mask")
def predicate_on_pairs(T, window):
    seen = [0 <= i - j < window for i, j in itertools.product(range(T), repeat=2)]
    return torch.tensor(seen).view(T, T)


@variant("sliding_window_mask")
def diagonal_after_diagonal(T, window):
    mask = torch.zeros(T, T, dtype=torch.bool)
    for back in range(min(window, T)):
        mask |= torch.diag(torch.ones(T - back), -back).bool()
    return mask


@variant("sliding_window_mask")
def powers_of_the_step_before(T, window):
    step = torch.eye(T) + torch.diag(torch.ones(T - 1), -1)
    return torch.linalg.matrix_power(step, min(window, T) - 1) > 0


@variant("sliding_window_mask")
def mapped_over_pairs(T, window):
    def seen(i, j):
        return torch.logical_and(i >= j, j > i - window)

    t = torch.arange(T)
    return torch.vmap(torch.vmap(seen, (None, 0)), (0, None))(t, t)


@variant("sliding_window_mask")
def a_running_sum_and_its_past(T, window):
    seen = torch.eye(T).cumsum(0)
    gone = F.pad(seen, (0, 0, min(window, T), 0))[:T]
    return seen > gone


@variant("sliding_window_mask")
def clamped_distances(T, window):
    distance = torch.arange(T).unsqueeze(1) - torch.arange(T).unsqueeze(0)
    return distance == distance.clamp(0, window - 1)


# combine_masks


@variant("combine_masks")
def one_after_the_other(*masks):
    result = None
    for mask in masks:
        if mask is not None:
            result = mask.clone() if result is None else result & mask
    return result


@variant("combine_masks")
def reduced(*masks):
    given = [mask for mask in masks if mask is not None]
    return functools.reduce(operator.and_, given).clone() if given else None


@variant("combine_masks")
def broadcast_and_stacked(*masks):
    given = [mask for mask in masks if mask is not None]
    if not given:
        return None
    return torch.stack(torch.broadcast_tensors(*given)).all(dim=0)


@variant("combine_masks")
def from_one_true_cell(*masks):
    given = [mask for mask in masks if mask is not None]
    result = torch.tensor(True)
    for mask in given:
        result = result & mask
    return result if given else None


@variant("combine_masks")
def products_of_booleans(*masks):
    product = None
    for mask in masks:
        if mask is None:
            continue
        product = mask * (True if product is None else product)
    return product


@variant("combine_masks")
def nothing_blocks_it(*masks):
    blocked = [~mask for mask in masks if isinstance(mask, torch.Tensor)]
    if len(blocked) == 0:
        return None
    return ~functools.reduce(torch.logical_or, blocked)


@variant("combine_masks")
def first_and_then_the_rest(*masks):
    if not masks:
        return None
    first, rest = masks[0], first_and_then_the_rest(*masks[1:])
    if first is None:
        return rest
    return first.detach().clone() if rest is None else torch.logical_and(first, rest)


@variant("combine_masks")
def in_place_on_a_tensor_of_its_own(*masks):
    given = list(filter(lambda mask: mask is not None, masks))
    if not given:
        return None
    shape = torch.broadcast_shapes(*(mask.shape for mask in given))
    result = torch.ones(shape, dtype=torch.bool, device=given[0].device)
    for mask in given:
        result &= mask
    return result


@variant("combine_masks")
def filled_where_blocked(*masks):
    given = [mask for mask in masks if mask is not None]
    if all(mask is None for mask in masks):
        return None
    shape = torch.broadcast_shapes(*[mask.size() for mask in given])
    result = given[0].new_ones(shape)
    for mask in given:
        result = result.masked_fill(mask.logical_not(), False)
    return result


@variant("combine_masks")
def minimum_of_numbers(*masks):
    numbers = [mask.float() for mask in masks if mask is not None]
    return functools.reduce(torch.minimum, numbers) > 0.5 if numbers else None
