"""All right: positions are compared, rows that see nobody are set apart.

right: all
"""
# %% causal_mask
def causal_mask(T, S=None, device=None):
    if S is None:
        S = T
    if S < T:
        raise ValueError("more queries than keys")
    query = torch.arange(S - T, S, device=device)
    key = torch.arange(S, device=device)
    return query.unsqueeze(1) >= key.unsqueeze(0)
# %% key_mask
def key_mask(lengths, S):
    mask = torch.zeros(len(lengths), 1, 1, S, dtype=torch.bool, device=lengths.device)
    for b, n in enumerate(lengths.tolist()):
        mask[b, :, :, :n] = True
    return mask
# %% sliding_window_mask
def sliding_window_mask(T, window):
    causal = torch.ones(T, T, dtype=torch.bool).tril()
    return causal.triu(1 - window)
# %% combine_masks
def combine_masks(*masks):
    given = [mask for mask in masks if mask is not None]
    if not given:
        return None
    result = given[0].clone()
    for mask in given[1:]:
        result = result & mask
    return result
# %% attention_bias
def attention_bias(mask, dtype):
    zero = torch.zeros(mask.shape, dtype=dtype, device=mask.device)
    return torch.where(mask, zero, float("-inf"))
# %% helper
import math
# %% masked_attention
def masked_attention(q, k, v, mask=None):
    scores = torch.einsum("bhtk,bhsk->bhts", q / math.sqrt(q.shape[-1]), k)
    if mask is None:
        mask = torch.ones(q.shape[-2], k.shape[-2], dtype=torch.bool, device=q.device)
    sees = mask.any(-1, keepdim=True)
    weights = scores.masked_fill(~mask & sees, float("-inf")).softmax(-1) * sees
    return weights @ v, weights
# %% mha_mask
def mha_mask(mask):
    B, H, T, S = mask.shape
    return ~mask.reshape(B * H, T, S)
