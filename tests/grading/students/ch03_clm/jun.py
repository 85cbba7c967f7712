"""Right, and noisy: warnings and prints to stderr.

right: next_token_targets, document_mask
"""
# %% helper
import sys
import warnings
# %% next_token_targets
def next_token_targets(input_ids, lengths):
    warnings.warn("lengths could be a list one day")
    targets = torch.nn.functional.pad(input_ids[:, 1:], (0, 1), value=IGNORE_INDEX)
    cut = torch.arange(1, input_ids.shape[1] + 1)[None] >= lengths[:, None]
    return targets.masked_fill(cut, IGNORE_INDEX)
# %% document_mask
def document_mask(doc_ids):
    print("document_mask called", file=sys.stderr)
    i = torch.arange(doc_ids.shape[1])
    causal = i[:, None] >= i
    mask = causal & (doc_ids[..., None] == doc_ids[:, None]) & (doc_ids[..., None] > -1)
    return mask.unsqueeze(1)
# %% helper
print("a note to myself", file=sys.stderr)
