"""Top left instead of bottom right, queries masked for keys, a large number for infinity.

right: combine_masks, mha_mask
causal_mask: aligned top-left
key_mask: query rows are masked
sliding_window_mask: looks ahead
attention_bias: a finite number instead of
masked_attention: read upside down
"""
# %% causal_mask
def causal_mask(T, S=None, device=None):
    S = T if S is None else S
    if T > S:
        raise ValueError("too many queries")
    return torch.ones(T, S, dtype=torch.bool, device=device).tril()
# %% key_mask
def key_mask(lengths, S):
    real = torch.arange(S, device=lengths.device) < lengths[:, None]
    return real[:, None, :, None]
# %% sliding_window_mask
def sliding_window_mask(T, window):
    i = torch.arange(T)
    return (i[:, None] - i).abs() < window
# %% combine_masks
def combine_masks(*masks):
    masks = [mask for mask in masks if mask is not None]
    if not masks:
        return None
    return torch.stack(torch.broadcast_tensors(*masks)).all(0)
# %% attention_bias
def attention_bias(mask, dtype):
    return torch.zeros_like(mask, dtype=dtype).masked_fill(~mask, torch.finfo(dtype).min)
# %% masked_attention
def masked_attention(q, k, v, mask=None):
    scores = (q * q.shape[-1] ** -0.5) @ k.mT
    if mask is not None:
        scores = scores.masked_fill(mask, float("-inf"))
    weights = scores.softmax(-1).nan_to_num(0.0)
    return weights @ v, weights
# %% mha_mask
def mha_mask(mask):
    return torch.stack([~head for row in mask for head in row])
