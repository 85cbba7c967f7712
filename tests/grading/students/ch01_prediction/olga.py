"""The logarithm of a softmax, padding that counts, and bits per token.

log_softmax: a probability that has underflowed
token_nll: ignored positions are charged
mean_nll: recognised by an id of 0
corpus_perplexity: perplexities are averaged
bits_per_byte: bits per token
"""
# %% log_softmax
def log_softmax(logits):
    e = (logits - logits.max(-1, keepdim=True).values).exp()
    return (e / e.sum(-1, keepdim=True)).log()
# %% token_nll
def token_nll(logits, targets):
    ids = targets.clamp(min=0)
    return -logits.log_softmax(-1).gather(-1, ids[..., None]).squeeze(-1)
# %% mean_nll
def mean_nll(nll, targets):
    scored = targets > 0
    return (nll * scored).sum() / scored.sum().clamp(min=1)
# %% corpus_perplexity
def corpus_perplexity(nlls, targets):
    each = [(nll.sum() / (y != IGNORE_INDEX).sum().clamp(min=1)).exp() for nll, y in zip(nlls, targets)]
    return sum(each) / len(each)
# %% bits_per_byte
def bits_per_byte(nll, targets, n_bytes):
    n = (targets != IGNORE_INDEX).sum().clamp(min=1)
    return nll.sum() / n / math.log(2)
