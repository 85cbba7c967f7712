"""Masks upside down, one diagonal too many, unions, a float for a mask.

causal_mask: one diagonal too many
key_mask: the dimensions of heads and queries are missing
sliding_window_mask: one key too wide
combine_masks: joined with |
attention_bias: 0 · ∞ is NaN
masked_attention: applied after the softmax
mha_mask: all batch items of head 0
"""
# %% causal_mask
def causal_mask(T, S=None, device=None):
    S = T if S is None else S
    if T > S:
        raise ValueError
    return torch.ones(T, S, dtype=torch.bool, device=device).tril(S - T + 1)
# %% key_mask
def key_mask(lengths, S):
    return torch.arange(S) < lengths[:, None]
# %% sliding_window_mask
def sliding_window_mask(T, window):
    i = torch.arange(T)
    return (i[:, None] >= i) & (i[:, None] - i <= window)
# %% combine_masks
def combine_masks(*masks):
    masks = [mask for mask in masks if mask is not None]
    if not masks:
        return None
    result = masks[0].clone()
    for mask in masks[1:]:
        result = result | mask
    return result
# %% attention_bias
def attention_bias(mask, dtype):
    return (1 - mask.to(dtype)) * float("-inf")
# %% masked_attention
def masked_attention(q, k, v, mask=None):
    scores = q @ k.mT / q.shape[-1] ** 0.5
    weights = scores.softmax(-1)
    if mask is not None:
        weights = weights * mask
    return weights @ v, weights
# %% mha_mask
def mha_mask(mask):
    B, H, T, S = mask.shape
    return ~mask.transpose(0, 1).reshape(B * H, T, S)
