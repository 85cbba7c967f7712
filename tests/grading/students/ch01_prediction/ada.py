"""All right: one cell calls the one before, in double precision where it costs nothing.

right: all
"""
# %% log_softmax
def log_softmax(logits):
    z = logits.double()
    z = z - z.max(dim=-1, keepdim=True).values
    return (z - z.exp().sum(dim=-1, keepdim=True).log()).to(logits.dtype)
# %% token_nll
def token_nll(logits, targets):
    return F.cross_entropy(logits.transpose(1, 2), targets, reduction="none")
# %% helper
def sum_and_count(nll, targets):
    costs = nll[targets != IGNORE_INDEX]
    return costs.sum(), costs.numel()
# %% mean_nll
def mean_nll(nll, targets):
    total, n = sum_and_count(nll, targets)
    return total / max(n, 1)
# %% corpus_perplexity
def corpus_perplexity(nlls, targets):
    total, n = 0, 0
    for nll, y in zip(nlls, targets):
        t, k = sum_and_count(nll, y)
        total, n = total + t, n + k
    return torch.exp(total / max(n, 1))
# %% bits_per_byte
def bits_per_byte(nll, targets, n_bytes):
    total, _ = sum_and_count(nll, targets)
    return total * math.log2(math.e) / n_bytes
