"""The masks are right but for None; attention gives NaN to who sees nobody, and the mask for the library is still ours.

right: causal_mask, key_mask, sliding_window_mask, attention_bias
combine_masks: with nothing to combine the result is None
masked_attention: a query that sees nobody gives NaN
mha_mask: True still means
"""
# %% causal_mask
def causal_mask(T, S=None, device=None):
    S = S or T
    if T > S:
        raise ValueError(f"T is {T}, S only {S}")
    return ~torch.ones(T, S, dtype=torch.bool, device=device).triu(S - T + 1)
# %% key_mask
def key_mask(lengths, S):
    return torch.arange(S, device=lengths.device).lt(lengths.view(-1, 1, 1, 1))
# %% sliding_window_mask
def sliding_window_mask(T, window):
    mask = torch.zeros(T, T, dtype=torch.bool)
    for i in range(T):
        mask[i, max(0, i - window + 1) : i + 1] = True
    return mask
# %% combine_masks
def combine_masks(*masks):
    result = torch.tensor(True)
    for mask in masks:
        if mask is not None:
            result = result & mask
    return result
# %% attention_bias
def attention_bias(mask, dtype):
    return mask.to(dtype).log()
# %% masked_attention
def masked_attention(q, k, v, mask=None):
    scores = (q @ k.transpose(-2, -1)) / q.shape[-1] ** 0.5
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = scores.softmax(-1)
    return weights @ v, weights
# %% mha_mask
def mha_mask(mask):
    return mask.flatten(0, 1).clone()
