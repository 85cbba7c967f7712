"""Right answers to ``attention_bias``, ``masked_attention`` and ``mha_mask``."""

import math

import torch
import torch.nn.functional as F
from ch02_attention_masks.parts import variant

INF = float("inf")


# attention_bias


@variant("attention_bias")
def zeros_and_masked_fill(mask, dtype):
    bias = torch.zeros(mask.shape, dtype=dtype, device=mask.device)
    return bias.masked_fill(~mask, float("-inf"))


@variant("attention_bias")
def where_of_two_numbers(mask, dtype):
    return torch.where(mask, 0.0, -INF).to(dtype)


@variant("attention_bias")
def where_of_two_tensors(mask, dtype):
    zero = torch.tensor(0, dtype=dtype, device=mask.device)
    return torch.where(mask, zero, torch.tensor(-INF, dtype=dtype, device=mask.device))


@variant("attention_bias")
def logarithm_of_the_mask(mask, dtype):
    return mask.to(dtype).log()


@variant("attention_bias")
def boolean_index(mask, dtype):
    bias = torch.zeros_like(mask, dtype=dtype)
    bias[mask.logical_not()] = -INF
    return bias


@variant("attention_bias")
def full_of_minus_infinity(mask, dtype):
    return torch.full_like(mask, -INF, dtype=dtype).masked_fill_(mask, 0)


@variant("attention_bias")
def looked_up_in_a_table(mask, dtype):
    return torch.tensor([-INF, 0.0], dtype=dtype, device=mask.device)[mask.long()]


@variant("attention_bias")
def every_entry_in_a_loop(mask, dtype):
    numbers = [0.0 if visible else -INF for visible in mask.flatten().tolist()]
    return torch.tensor(numbers, dtype=dtype, device=mask.device).view(mask.shape)


@variant("attention_bias")
def recursive_lists(mask, dtype):
    def bias_of(visible):
        if isinstance(visible, list):
            return [bias_of(v) for v in visible]
        return 0.0 if visible else -INF

    return torch.tensor(bias_of(mask.tolist()), dtype=dtype, device=mask.device)


@variant("attention_bias")
def one_minus_its_inverse(mask, dtype):
    # 1 - 1/1 is 0, and 1 - 1/0 is −∞
    return 1 - 1 / mask.to(dtype)


# masked_attention


@variant("masked_attention")
def fill_softmax_fill(q, k, v, mask=None):
    scores = (q * q.shape[-1] ** -0.5) @ k.transpose(-2, -1)
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        weights = scores.masked_fill(~mask, -INF).softmax(dim=-1).masked_fill(~mask, 0.0)
    return weights @ v, weights


@variant("masked_attention")
def empty_rows_by_where(q, k, v, mask=None):
    scores = torch.matmul(q / math.sqrt(q.size(-1)), k.mT)
    if mask is None:
        mask = torch.ones(1, 1, q.size(2), k.size(2), dtype=torch.bool, device=q.device)
    weights = F.softmax(torch.where(mask, scores, -INF), dim=-1)
    weights = torch.where(mask.any(dim=-1, keepdim=True), weights, 0.0)
    return torch.matmul(weights, v), weights


@variant("masked_attention")
def empty_rows_opened_then_closed(q, k, v, mask=None):
    scores = torch.einsum("bhtk,bhsk->bhts", q / q.shape[-1] ** 0.5, k)
    if mask is not None:
        empty = ~mask.any(-1, keepdim=True)
        scores = scores.masked_fill(~(mask | empty), -INF)
        weights = torch.softmax(scores, -1) * ~empty
    else:
        weights = torch.softmax(scores, -1)
    return torch.einsum("bhts,bhsk->bhtk", weights, v), weights


@variant("masked_attention")
def exponentials_of_visible_scores(q, k, v, mask=None):
    scores = (q.double() @ k.double().mT) / math.sqrt(q.shape[-1])
    visible = torch.ones_like(scores, dtype=torch.bool) if mask is None else mask
    shown = scores.masked_fill(~visible, torch.finfo(scores.dtype).min)
    e = (shown - shown.amax(-1, keepdim=True)).exp() * visible
    weights = e / e.sum(-1, keepdim=True).clamp(min=1e-30)
    return (weights @ v.double()).to(q.dtype), weights.to(q.dtype)


@variant("masked_attention")
def a_bias_without_nan(q, k, v, mask=None):
    scores = (q * q.shape[-1] ** -0.5) @ k.mT
    if mask is None:
        weights = scores.softmax(-1)
        return weights @ v, weights
    sees = mask.any(-1, keepdim=True)
    bias = torch.zeros(mask.shape, dtype=q.dtype, device=q.device)
    bias = bias.masked_fill(~mask & sees, -INF)
    weights = (scores + bias).softmax(-1) * sees
    return weights @ v, weights


@variant("masked_attention")
def the_lowest_number_then_zeros(q, k, v, mask=None):
    d_head = q.shape[-1]
    scores = torch.matmul(q * d_head**-0.5, k.transpose(2, 3))
    if mask is None:
        mask = scores.new_ones(scores.shape, dtype=torch.bool)
    scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
    weights = scores.softmax(dim=-1).masked_fill(~mask, 0)
    return torch.matmul(weights, v), weights


@variant("masked_attention")
def zeros_for_not_a_number(q, k, v, mask=None):
    # masked_fill passes no gradient to what it fills, so that none is NaN
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = F.softmax(scores, dim=-1).nan_to_num(0.0)
    return weights @ v, weights


@variant("masked_attention")
def query_by_query_over_visible_keys(q, k, v, mask=None):
    B, H, T, K = q.shape
    S = k.shape[2]
    if mask is None:
        mask = torch.ones(T, S, dtype=torch.bool, device=q.device)
    mask = mask.expand(B, H, T, S)
    output, weights = q * 0, q.new_zeros(B, H, T, S)
    for b in range(B):
        for h in range(H):
            for t in range(T):
                seen = mask[b, h, t].nonzero().squeeze(-1)
                if len(seen):
                    w = (k[b, h, seen] @ (q[b, h, t] / math.sqrt(K))).softmax(0)
                    weights[b, h, t, seen] = w
                    output[b, h, t] = w @ v[b, h, seen]
    return output, weights


@variant("masked_attention")
def number_by_number(q, k, v, mask=None):
    B, H, T, K = q.shape
    S = k.shape[2]
    allowed = None if mask is None else torch.broadcast_to(mask, (B, H, T, S)).tolist()
    output, weights = [], []
    for b in range(B):
        for h in range(H):
            for t in range(T):
                keys = [s for s in range(S) if allowed is None or allowed[b][h][t][s]]
                scores = [(q[b, h, t].float() * k[b, h, s].float()).sum() / K**0.5 for s in keys]
                top = max((s.detach() for s in scores), default=0)
                e = [(s - top).exp() for s in scores]
                row = [torch.zeros((), device=q.device)] * S
                for s, numerator in zip(keys, e, strict=True):
                    row[s] = numerator / sum(e)
                weights.append(torch.stack(row))
                output.append(sum(w * v[b, h, s].float() for s, w in enumerate(row)))
    together = torch.stack(output).view(B, H, T, K), torch.stack(weights).view(B, H, T, S)
    return together[0].to(q.dtype), together[1].to(q.dtype)


@variant("masked_attention")
def batches_of_matrices(q, k, v, mask=None):
    B, H, T, K = q.shape
    S = k.shape[-2]
    flat_q, flat_k, flat_v = q.flatten(0, 1), k.flatten(0, 1), v.flatten(0, 1)
    scores = torch.bmm(flat_q * (1 / math.sqrt(K)), flat_k.transpose(1, 2))
    if mask is not None:
        blocked = ~mask.expand(B, H, T, S).reshape(B * H, T, S)
        nobody = blocked.all(-1, keepdim=True)
        scores = scores.masked_fill(blocked & ~nobody, -INF)
        weights = scores.softmax(-1).masked_fill(nobody, 0)
    else:
        weights = scores.softmax(-1)
    return torch.bmm(weights, flat_v).view(B, H, T, K), weights.view(B, H, T, S)


@variant("masked_attention")
def a_bias_inside_baddbmm(q, k, v, mask=None):
    B, H, T, K = q.shape
    S = k.shape[-2]
    bias = torch.zeros(B, H, T, S, dtype=q.dtype, device=q.device)
    sees = torch.ones(B, H, T, 1, dtype=torch.bool, device=q.device)
    if mask is not None:
        sees = mask.any(-1, keepdim=True)
        bias = bias.masked_fill(~mask & sees, -INF)
    scores = torch.baddbmm(
        bias.view(B * H, T, S),
        q.reshape(B * H, T, K),
        k.reshape(B * H, S, K).mT,
        alpha=K**-0.5,
    )
    weights = scores.softmax(-1).view(B, H, T, S) * sees
    return weights @ v, weights


@variant("masked_attention")
def float32_inside(q, k, v, mask=None):
    scores = (q.float() @ k.float().mT) / q.shape[-1] ** 0.5
    if mask is None:
        mask = torch.tensor(True, device=q.device)
    weights = scores.masked_fill(mask.logical_not(), float("-inf")).softmax(-1)
    weights = weights.masked_fill(mask.logical_not(), 0).to(v.dtype)
    return weights @ v, weights


@variant("masked_attention")
def log_sum_exp(q, k, v, mask=None):
    scores = (q / math.sqrt(q.shape[-1])) @ k.mT
    if mask is None:
        mask = torch.ones_like(scores).bool()
    shown = scores.masked_fill(~mask, -INF)
    shown = shown.masked_fill(~mask.any(-1, keepdim=True), 0)
    log_weights = shown - shown.logsumexp(-1, keepdim=True)
    weights = log_weights.exp().masked_fill(~mask, 0)
    return weights @ v, weights


@variant("masked_attention")
def summed_over_broadcast_products(q, k, v, mask=None):
    wide = (q.float()[:, :, :, None] * k.float()[:, :, None]).sum(-1) / math.sqrt(q.shape[-1])
    if mask is not None:
        wide = torch.where(mask, wide, -1e38)
    weights = torch.softmax(wide, -1)
    if mask is not None:
        weights = torch.where(mask, weights, torch.zeros_like(weights))
    output = (weights[..., None] * v.float()[:, :, None]).sum(-2)
    return output.to(q.dtype), weights.to(q.dtype)


@variant("masked_attention")
def both_sides_scaled(q, k, v, mask=None):
    scale = q.shape[-1] ** -0.25
    scores = (q * scale) @ (k * scale).transpose(-1, -2)
    if mask is None:
        mask = torch.ones(q.shape[-2], k.shape[-2], dtype=torch.bool, device=q.device)
    weights = torch.zeros_like(scores)
    # softmax only of the rows that have something to see
    visible = mask.expand(scores.shape)
    rows = visible.any(-1)
    weights[rows] = scores[rows].masked_fill(~visible[rows], -INF).softmax(-1)
    return weights @ v, weights


@variant("masked_attention")
def divided_where_there_is_something(q, k, v, mask=None):
    scores = q / math.sqrt(q.shape[-1]) @ k.mT
    visible = torch.ones_like(scores, dtype=torch.bool) if mask is None else mask
    shown = scores.masked_fill(~visible, torch.finfo(scores.dtype).min)
    e = (shown - shown.max(-1, keepdim=True).values).exp() * visible
    sees = visible.any(-1, keepdim=True)
    weights = torch.where(sees, e / e.sum(-1, keepdim=True), torch.zeros_like(e))
    return weights @ v, weights


# mha_mask


@variant("mha_mask")
def flattened(mask):
    return ~mask.flatten(0, 1)


@variant("mha_mask")
def reshaped(mask):
    B, H, T, S = mask.shape
    return mask.logical_not().reshape(B * H, T, S)


@variant("mha_mask")
def compared_and_viewed(mask):
    return (mask == 0).view(-1, *mask.shape[2:])


@variant("mha_mask")
def stacked(mask):
    blocked = [~head for item in mask for head in item]
    return torch.stack(blocked)


@variant("mha_mask")
def concatenated(mask):
    return torch.cat([item.logical_not() for item in mask.unbind(0)], dim=0)


@variant("mha_mask")
def filled_in_a_loop(mask):
    B, H, T, S = mask.shape
    blocked = torch.ones(B * H, T, S, dtype=torch.bool, device=mask.device)
    for b in range(B):
        for h in range(H):
            blocked[b * H + h] = ~mask[b, h]
    return blocked


@variant("mha_mask")
def gathered_by_index(mask):
    B, H = mask.shape[:2]
    index = torch.arange(B * H, device=mask.device)
    return torch.logical_not(mask[index // H, index % H])


@variant("mha_mask")
def items_repeated_interleaved(mask):
    B, H = mask.shape[:2]
    head = torch.arange(H, device=mask.device).repeat(B)
    return ~mask.repeat_interleave(H, dim=0)[torch.arange(B * H, device=mask.device), head]


@variant("mha_mask")
def number_by_number_of_lists(mask):
    rows = [[[not see for see in row] for row in head] for item in mask.tolist() for head in item]
    return torch.tensor(rows, device=mask.device)


@variant("mha_mask")
def merged_with_exclusive_or(mask):
    return mask.flatten(end_dim=1) ^ True
