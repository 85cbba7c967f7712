"""Right answers to chapter 1, each written in another way: the checks must pass all of them."""

import functools
import math

import torch
import torch.nn.functional as F
from answers import Variants
from torch import nn

IGNORE_INDEX = -100
VARIANTS = variant = Variants()


# log_softmax


@variant("log_softmax")
def shifted_first(logits):
    z = logits - logits.max(dim=-1, keepdim=True).values
    return z - z.exp().sum(dim=-1, keepdim=True).log()


@variant("log_softmax")
def normaliser_in_one_go(logits):
    m = logits.amax(-1, keepdim=True)
    normaliser = m + torch.log(torch.sum(torch.exp(logits - m), -1, keepdim=True))
    return logits - normaliser


@variant("log_softmax")
def detached_maximum(logits):
    with torch.no_grad():
        m, _ = logits.max(-1, keepdim=True)
    z = logits - m
    return z - torch.log(torch.exp(z).sum(-1)).unsqueeze(-1)


@variant("log_softmax")
def position_by_position(logits):
    rows = []
    for row in logits.reshape(-1, logits.shape[-1]):
        z = row - max(row)
        rows.append(z - z.exp().sum().log())
    return torch.stack(rows).reshape(logits.shape)


@variant("log_softmax")
def in_double_and_back(logits):
    z = logits.double()
    z = z - z.amax(dim=-1, keepdim=True)
    return (z - z.exp().sum(dim=-1, keepdim=True).log()).to(logits.dtype)


@variant("log_softmax")
def half_precision_in_float32(logits):
    half = logits.dtype in (torch.float16, torch.bfloat16)
    z = logits.float() if half else logits
    z = z - torch.max(z, dim=-1)[0][..., None]
    return (z - torch.log(torch.einsum("...v->...", torch.exp(z)))[..., None]).type_as(logits)


@variant("log_softmax")
def vocabulary_first(logits):
    z = logits.movedim(-1, 0)
    z = z - z.amax(0)
    return (z - z.exp().sum(0).log()).movedim(0, -1)


@variant("log_softmax")
def online(logits):
    # one pass over the vocabulary: the sum is rescaled whenever the largest logit changes
    m = torch.full_like(logits[..., 0], -math.inf)
    total = torch.zeros_like(m)
    for z in logits.unbind(-1):
        new = torch.maximum(m, z).detach()
        old = torch.where(new == -math.inf, 0.0, (m - new).exp())
        total = total * old + torch.where(new == -math.inf, 0.0, (z - new).exp())
        m = new
    return logits - m[..., None] - total.log()[..., None]


@variant("log_softmax")
def sorted_then_log1p(logits):
    largest, place = logits.max(-1, keepdim=True)
    z = logits - largest
    others = z.exp().scatter(-1, place, 0.0).sum(-1, keepdim=True)
    return z - torch.log1p(others)


@variant("log_softmax")
def blocked_set_apart(logits):
    blocked = torch.isneginf(logits)
    z = logits - torch.where(blocked, torch.finfo(logits.dtype).min, logits).amax(-1, True)
    weights = torch.where(blocked, 0.0, z.exp())
    log_probs = z - weights.sum(-1, keepdim=True).log()
    return log_probs.masked_fill(blocked, float("-inf"))


@variant("log_softmax")
def float32_inside(logits):
    z = logits.float()
    z = z - z.amax(-1, keepdim=True)
    return (z - z.exp().sum(-1, keepdim=True).log()).to(logits.dtype)


# token_nll


@variant("token_nll")
def library_transposed(logits, targets):
    return F.cross_entropy(logits.transpose(1, 2), targets, reduction="none")


@variant("token_nll")
def library_flattened(logits, targets):
    B, T, V = logits.shape
    flat = F.cross_entropy(
        logits.reshape(B * T, V), targets.reshape(-1), ignore_index=IGNORE_INDEX, reduction="none"
    )
    return flat.view(B, T)


@variant("token_nll")
def library_module(logits, targets):
    return nn.CrossEntropyLoss(reduction="none")(logits.permute(0, 2, 1), targets)


@variant("token_nll")
def nll_loss_of_own_log_softmax(logits, targets):
    log_probs = shifted_first(logits)
    return F.nll_loss(log_probs.mT, targets, reduction="none")


@variant("token_nll")
def gather_and_where(logits, targets):
    scored = targets != IGNORE_INDEX
    ids = torch.where(scored, targets, 0)
    nll = -shifted_first(logits).gather(-1, ids.unsqueeze(-1)).squeeze(-1)
    return torch.where(scored, nll, 0.0)


@variant("token_nll")
def clamp_and_masked_fill(logits, targets):
    picked = torch.take_along_dim(
        torch.log_softmax(logits, dim=-1), targets.clamp(min=0)[..., None], dim=-1
    )
    return -picked[..., 0].masked_fill(targets == -100, 0)


@variant("token_nll")
def indexed_by_scored(logits, targets):
    scored = targets != IGNORE_INDEX
    nll = torch.zeros(targets.shape, dtype=logits.dtype, device=logits.device)
    log_probs = F.log_softmax(logits[scored], dim=-1)
    nll[scored] = -log_probs[torch.arange(len(log_probs)), targets[scored]]
    return nll


@variant("token_nll")
def logsumexp_minus_logit(logits, targets):
    ids = targets.clamp(min=0)
    b, t = torch.meshgrid(*map(torch.arange, targets.shape), indexing="ij")
    nll = logits.logsumexp(-1) - logits[b, t, ids]
    return nll.masked_fill(targets.lt(0), 0.0)


@variant("token_nll")
def one_hot_sum(logits, targets):
    scored = targets >= 0
    one_hot = F.one_hot(targets * scored, logits.shape[-1]).to(logits.dtype)
    nll = -torch.einsum("btv,btv->bt", one_hot, logits.log_softmax(-1))
    return torch.where(scored, nll, torch.zeros_like(nll))


@variant("token_nll")
def two_loops(logits, targets):
    rows = []
    for z, ids in zip(logits, targets, strict=True):
        costs = [
            z.new_zeros(()) if target == IGNORE_INDEX else -shifted_first(row)[target]
            for row, target in zip(z, ids, strict=True)
        ]
        rows.append(torch.stack(costs))
    return torch.stack(rows)


@variant("token_nll")
def double_inside(logits, targets):
    nll = F.cross_entropy(logits.double().flatten(0, 1), targets.flatten(), reduction="none")
    return nll.unflatten(0, targets.shape).to(logits.dtype)


@variant("token_nll")
def log_softmax_taken_twice(logits, targets):
    # harmless: log-probabilities are logits whose normaliser is 0
    return F.cross_entropy(logits.log_softmax(-1).mT, targets, reduction="none")


@variant("token_nll")
def times_the_mask(logits, targets):
    mask = (targets != IGNORE_INDEX).to(logits.dtype)
    picked = logits.log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return -picked * mask


@variant("token_nll")
def einsum_with_nothing_where_ignored(logits, targets):
    tokens = torch.arange(logits.shape[-1], device=logits.device)
    one_hot = (targets[..., None] == tokens).to(logits.dtype)
    return -torch.einsum("btv,btv->bt", one_hot, shifted_first(logits))


@variant("token_nll")
def times_a_mask_of_floats(logits, targets):
    # float32 where the logits are half precision
    mask = (targets != IGNORE_INDEX).float()
    log_p = logits.log_softmax(-1).gather(-1, targets.clamp(min=0).unsqueeze(-1)).squeeze(-1)
    return -log_p * mask


@variant("token_nll")
def half_precision_left_in_float32(logits, targets):
    wide = logits.float() if logits.dtype.itemsize == 2 else logits
    return F.cross_entropy(wide.mT, targets, reduction="none")


# mean_nll


@variant("mean_nll")
def sum_over_count(nll, targets):
    return nll.sum() / (targets != IGNORE_INDEX).sum().clamp(min=1)


@variant("mean_nll")
def masked_sum(nll, targets):
    scored = targets != IGNORE_INDEX
    return (nll * scored).sum() / max(int(scored.sum()), 1)


@variant("mean_nll")
def selected_sum(nll, targets):
    costs = nll[targets != IGNORE_INDEX]
    return costs.sum() / max(len(costs), 1)


@variant("mean_nll")
def if_nothing_is_scored(nll, targets):
    scored = targets.ne(-100)
    if not scored.any():
        return nll.sum() * 0
    return nll[scored].mean()


@variant("mean_nll")
def where_and_count_nonzero(nll, targets):
    scored = targets >= 0
    total = torch.where(scored, nll, 0.0).sum()
    return torch.div(total, torch.count_nonzero(scored).clamp(min=1))


@variant("mean_nll")
def weights_of_one_over_n(nll, targets):
    scored = (targets != IGNORE_INDEX).to(nll.dtype)
    return torch.einsum("bt,bt->", nll, scored / scored.sum().clamp(min=1))


@variant("mean_nll")
def running_sums(nll, targets):
    total, n = nll.new_zeros(()), 0
    for costs, ids in zip(nll, targets, strict=True):
        for cost, target in zip(costs, ids, strict=True):
            if target != IGNORE_INDEX:
                total, n = total + cost, n + 1
    return total / n if n else nll.sum()


@variant("mean_nll")
def eps_in_the_denominator(nll, targets):
    return (nll.sum() / ((targets != IGNORE_INDEX).sum() + 1e-8)).to(nll.dtype)


@variant("mean_nll")
def mean_times_share(nll, targets):
    n = int((targets != IGNORE_INDEX).sum())
    return nll.mean() * (nll.numel() / max(n, 1))


@variant("mean_nll")
def mean_in_double(nll, targets):
    n = torch.maximum((targets != IGNORE_INDEX).sum(), torch.tensor(1))
    return (nll.double().sum() / n).to(nll.dtype)


@variant("mean_nll")
def weighted_by_a_mask_of_floats(nll, targets):
    mask = (targets != IGNORE_INDEX).float()
    return (nll * mask).sum() / mask.sum().clamp(min=1)


@variant("mean_nll")
def clamped_to_a_float(nll, targets):
    return nll.sum() / torch.clamp((targets != IGNORE_INDEX).sum(), min=1.0)


# corpus_perplexity


@variant("corpus_perplexity")
def two_sums(nlls, targets):
    total = sum(nll.sum() for nll in nlls)
    n = sum((y != IGNORE_INDEX).sum() for y in targets)
    return torch.exp(total / n.clamp(min=1))


@variant("corpus_perplexity")
def loop_over_batches(nlls, targets):
    total, n = 0.0, 0
    for nll, y in zip(nlls, targets, strict=True):
        total = total + nll.sum()
        n += int((y != IGNORE_INDEX).sum())
    return (total / max(n, 1)).exp()


@variant("corpus_perplexity")
def all_scored_in_a_row(nlls, targets):
    costs = torch.cat([nll[y != -100] for nll, y in zip(nlls, targets, strict=True)])
    return (costs.sum() / max(costs.numel(), 1)).exp()


@variant("corpus_perplexity")
def flattened_and_joined(nlls, targets):
    nll = torch.cat([x.flatten() for x in nlls])
    y = torch.cat([x.flatten() for x in targets])
    return nll.sum().div((y >= 0).sum().clamp(min=1)).exp()


@variant("corpus_perplexity")
def python_numbers_then_a_tensor(nlls, targets):
    total = sum(nll.double().sum().item() for nll in nlls)
    n = sum(int((y != IGNORE_INDEX).sum()) for y in targets)
    mean = total / n if n else 0.0
    return torch.tensor(math.exp(mean), dtype=nlls[0].dtype, device=nlls[0].device)


@variant("corpus_perplexity")
def means_weighted_by_their_share(nlls, targets):
    counts = [int((y != IGNORE_INDEX).sum()) for y in targets]
    N = max(sum(counts), 1)
    shares = [mean_of(nll, y) * (n / N) for nll, y, n in zip(nlls, targets, counts, strict=True)]
    return torch.stack(shares).sum().exp()


def mean_of(nll, targets):
    return sum_over_count(nll, targets)


@variant("corpus_perplexity")
@torch.no_grad()
def two_to_the_bits(nlls, targets):
    bits = functools.reduce(torch.add, [nll.sum() for nll in nlls]) / math.log(2)
    n = max(1, sum(torch.count_nonzero(y + 100).item() for y in targets))
    return torch.exp2(bits / n)


@variant("corpus_perplexity")
def product_of_powers(nlls, targets):
    n = max(sum(int(y.ne(IGNORE_INDEX).sum()) for y in targets), 1)
    result = torch.ones((), dtype=nlls[0].dtype, device=nlls[0].device)
    for nll in nlls:
        result = result * torch.exp(nll.sum() / n)
    return result


@variant("corpus_perplexity")
def running_mean(nlls, targets):
    mean, seen = torch.zeros((), dtype=torch.float64), 0
    for nll, y in zip(nlls, targets, strict=True):
        n = (y != IGNORE_INDEX).sum()
        seen = seen + n
        mean = mean + (nll.sum().double() - n * mean) / max(seen, 1)
    return mean.exp().to(nlls[0].dtype)


@variant("corpus_perplexity")
def zero_for_nothing_over_nothing(nlls, targets):
    total = torch.stack([nll.sum() for nll in nlls]).sum()
    n = torch.stack([(ids != IGNORE_INDEX).sum() for ids in targets]).sum()
    return (total / n).nan_to_num().exp()


@variant("corpus_perplexity")
def masks_of_floats(nlls, targets):
    masks = [(y != IGNORE_INDEX).float() for y in targets]
    total = sum((nll * mask).sum() for nll, mask in zip(nlls, masks, strict=True))
    return torch.exp(total / sum(mask.sum() for mask in masks).clamp(min=1))


# bits_per_byte


@variant("bits_per_byte")
def sum_in_bits_over_bytes(nll, targets, n_bytes):
    return nll.sum() / (n_bytes * math.log(2))


@variant("bits_per_byte")
def bits_first(nll, targets, n_bytes):
    bits = nll[targets != IGNORE_INDEX] / math.log(2)
    return bits.sum() / n_bytes


@variant("bits_per_byte")
def times_log2_e(nll, targets, n_bytes):
    return nll.sum() * math.log2(math.e) / n_bytes


@variant("bits_per_byte")
def bits_per_token_times_tokens_per_byte(nll, targets, n_bytes):
    n = int((targets != IGNORE_INDEX).sum())
    bits_per_token = nll.sum() / max(n, 1) / math.log(2)
    return bits_per_token * (n / n_bytes)


@variant("bits_per_byte")
def logarithm_as_a_tensor(nll, targets, n_bytes):
    ln2 = torch.log(torch.tensor(2.0, dtype=nll.dtype, device=nll.device))
    return torch.where(targets != IGNORE_INDEX, nll, 0).sum() / ln2 / n_bytes


@variant("bits_per_byte")
def a_number_then_a_tensor(nll, targets, n_bytes):
    total = float((nll.double() * (targets != IGNORE_INDEX)).sum())
    return nll.new_tensor(total / math.log(2) / n_bytes)


@variant("bits_per_byte")
def row_by_row(nll, targets, n_bytes):
    rows = torch.stack([row[ids >= 0].sum() for row, ids in zip(nll, targets, strict=True)])
    return rows.div(n_bytes).sum().div(math.log(2))


@variant("bits_per_byte")
def change_of_base_of_the_probability(nll, targets, n_bytes):
    bits = -torch.log2(torch.exp(-nll.double()))
    return (bits.sum() / n_bytes).to(nll.dtype)


@variant("bits_per_byte")
def a_mask_of_floats(nll, targets, n_bytes):
    return (nll * (targets != IGNORE_INDEX).float()).sum() / math.log(2) / n_bytes
