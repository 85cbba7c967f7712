"""Right answers to chapter 3, each written in another way: the checks must pass all of them."""

import itertools

import torch
import torch.nn.functional as F
from answers import Variants
from torch import nn

IGNORE_INDEX = -100
VARIANTS = variant = Variants()


# next_token_targets


@variant("next_token_targets")
def roll_and_masked_fill(input_ids, lengths):
    positions = torch.arange(input_ids.shape[1], device=input_ids.device)
    unscored = positions >= lengths.unsqueeze(1) - 1
    return input_ids.roll(-1, dims=1).masked_fill(unscored, IGNORE_INDEX)


@variant("next_token_targets")
def slices_into_a_full_tensor(input_ids, lengths):
    T = input_ids.shape[1]
    targets = torch.full_like(input_ids, IGNORE_INDEX)
    targets[:, :-1] = input_ids[:, 1:]
    targets[torch.arange(1, T + 1, device=input_ids.device)[None] >= lengths[:, None]] = -100
    return targets


@variant("next_token_targets")
def row_by_row(input_ids, lengths):
    targets = torch.full_like(input_ids, IGNORE_INDEX)
    for row, ids, n in zip(targets, input_ids, lengths.tolist(), strict=True):
        if n > 1:
            row[: n - 1] = ids[1:n]
    return targets


@variant("next_token_targets")
def plain_lists(input_ids, lengths):
    B, T = input_ids.shape
    rows = [
        [int(input_ids[b, t + 1]) if t + 1 < int(lengths[b]) else -100 for t in range(T)]
        for b in range(B)
    ]
    return torch.tensor(rows, dtype=input_ids.dtype, device=input_ids.device)


@variant("next_token_targets")
def mask_first_shift_then(input_ids, lengths):
    real = torch.arange(input_ids.size(1), device=input_ids.device) < lengths[:, None]
    labels = input_ids.masked_fill(~real, IGNORE_INDEX)
    return F.pad(labels[:, 1:], (0, 1), value=IGNORE_INDEX)


@variant("next_token_targets")
def gather_the_next(input_ids, lengths):
    B, T = input_ids.shape
    following = torch.arange(1, T + 1, device=input_ids.device).expand(B, T)
    found = input_ids.gather(1, following.clamp(max=T - 1))
    return torch.where(following < lengths.view(B, 1), found, found.new_tensor(IGNORE_INDEX))


@variant("next_token_targets")
def roll_of_the_flat_batch(input_ids, lengths):
    # the last column gets the next row's first token, which is never scored anyway
    targets = input_ids.flatten().roll(-1).view_as(input_ids)
    t = torch.arange(targets.shape[-1], device=targets.device)
    return targets.where(t < (lengths - 1)[:, None], torch.full_like(targets, IGNORE_INDEX))


@variant("next_token_targets")
def pad_sequences(input_ids, lengths):
    rows = [ids[1:n] for ids, n in zip(input_ids, lengths.tolist(), strict=True)]
    padded = nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=IGNORE_INDEX)
    return F.pad(padded, (0, input_ids.shape[1] - padded.shape[1]), value=IGNORE_INDEX)


@variant("next_token_targets")
def shift_matrix(input_ids, lengths):
    T = input_ids.shape[1]
    shift = torch.diag(input_ids.new_ones(T - 1), -1)
    scored = (torch.arange(T, device=input_ids.device) < lengths[:, None] - 1).to(input_ids.dtype)
    return (input_ids @ shift) * scored + IGNORE_INDEX * (1 - scored)


@variant("next_token_targets")
def index_of_scored_cells(input_ids, lengths):
    scored = torch.arange(1, input_ids.shape[1], device=lengths.device) < lengths[:, None]
    b, t = scored.nonzero(as_tuple=True)
    return torch.full_like(input_ids, -100).index_put((b, t), input_ids[b, t + 1])


@variant("next_token_targets")
def numbers_times_masks(input_ids, lengths):
    t = torch.arange(1, input_ids.shape[1] + 1, device=input_ids.device)
    keep = t < lengths[:, None]
    return F.pad(input_ids[:, 1:], (0, 1)) * keep + IGNORE_INDEX * ~keep


# clm_loss


def _targets(input_ids, lengths):
    t = torch.arange(input_ids.shape[1], device=input_ids.device)
    return input_ids.roll(-1, 1).masked_fill(t >= lengths[:, None] - 1, IGNORE_INDEX)


@variant("clm_loss")
def cross_entropy_sum_over_count(logits, input_ids, lengths):
    targets = _targets(input_ids, lengths)
    total = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum")
    return total / (targets != IGNORE_INDEX).sum().clamp(min=1)


@variant("clm_loss")
def cross_entropy_with_classes_second(logits, input_ids, lengths):
    targets = _targets(input_ids, lengths)
    nll = F.cross_entropy(logits.transpose(1, 2), targets, ignore_index=-100, reduction="none")
    return nll.sum() / max(1, int((targets != -100).sum()))


@variant("clm_loss")
def module_with_permute(logits, input_ids, lengths):
    targets = _targets(input_ids, lengths)
    if bool((targets == IGNORE_INDEX).all()):
        return 0.0 * logits.sum()
    return nn.CrossEntropyLoss(ignore_index=IGNORE_INDEX)(logits.permute(0, 2, 1), targets)


@variant("clm_loss")
def gather_from_log_softmax(logits, input_ids, lengths):
    targets = _targets(input_ids, lengths)
    scored = targets != IGNORE_INDEX
    log_probs = logits.log_softmax(dim=-1)
    chosen = log_probs.gather(-1, targets.clamp(min=0).unsqueeze(-1)).squeeze(-1)
    return -(chosen * scored).sum() / scored.sum().clamp(min=1)


@variant("clm_loss")
def logsumexp_in_double(logits, input_ids, lengths):
    B, T, _ = logits.shape
    x, ids = logits.double()[:, :-1], input_ids[:, 1:]
    scored = torch.arange(1, T, device=ids.device).expand(B, -1) < lengths[:, None]
    nll = x.logsumexp(-1) - x.take_along_dim(ids[..., None], -1)[..., 0]
    return (nll.where(scored, nll.new_zeros(())).sum() / scored.sum().clamp(1)).to(logits.dtype)


@variant("clm_loss")
def one_token_at_a_time(logits, input_ids, lengths):
    total, count = logits.sum() * 0, 0
    for b, n in enumerate(lengths.tolist()):
        for t in range(n - 1):
            total = total - F.log_softmax(logits[b, t], dim=0)[input_ids[b, t + 1]]
            count += 1
    return total / max(count, 1)


@variant("clm_loss")
def scored_logits_only(logits, input_ids, lengths):
    t = torch.arange(1, input_ids.shape[1], device=input_ids.device)
    scored = t[None, :] < lengths[:, None]
    picked, ids = logits[:, :-1][scored], input_ids[:, 1:][scored]
    if len(ids) == 0:
        return picked.sum()
    return F.cross_entropy(picked, ids)


@variant("clm_loss")
def one_hot_and_einsum(logits, input_ids, lengths):
    targets = _targets(input_ids, lengths)
    hot = F.one_hot(targets.clamp(min=0).long(), logits.shape[-1]).to(logits.dtype)
    weight = (targets >= 0).to(logits.dtype)
    total = torch.einsum("btv,btv,bt->", logits.log_softmax(-1), hot, weight)
    return -total / weight.sum().clamp(min=1.0)


@variant("clm_loss")
def weights_that_sum_to_one(logits, input_ids, lengths):
    targets = _targets(input_ids, lengths)
    scored = (targets != IGNORE_INDEX).to(torch.float32)
    weight = scored / scored.sum().clamp_min(1)
    nll = F.cross_entropy(logits.float().mT, targets, reduction="none")
    if logits.dtype == torch.float64:
        nll = F.cross_entropy(logits.mT, targets, reduction="none")
    return (nll * weight.to(nll.dtype)).sum().to(logits.dtype)


@variant("clm_loss")
def softmax_by_hand(logits, input_ids, lengths):
    x = logits.to(torch.float64)
    x = x - x.amax(dim=-1, keepdim=True)
    log_probs = x - x.exp().sum(dim=-1, keepdim=True).log()
    targets = _targets(input_ids, lengths)
    losses = F.nll_loss(log_probs.flatten(0, 1), targets.flatten(), reduction="none")
    return (losses.sum() / max((targets != -100).sum().item(), 1)).type_as(logits)


@variant("clm_loss")
def rows_cut_to_their_length(logits, input_ids, lengths):
    sums = [
        F.cross_entropy(x[: max(n - 1, 0)], ids[1:n], reduction="sum")
        for x, ids, n in zip(logits, input_ids, lengths.tolist(), strict=True)
    ]
    return torch.stack(sums).sum() / (lengths - 1).clamp(min=0).sum().clamp(min=1)


@variant("clm_loss")
def distribution_object(logits, input_ids, lengths):
    targets = _targets(input_ids, lengths)
    scored = targets != IGNORE_INDEX
    log_probs = torch.distributions.Categorical(logits=logits).log_prob(targets.clamp(min=0))
    return -log_probs.masked_fill(~scored, 0.0).sum() / scored.sum().clamp(min=1)


@variant("clm_loss")
def nothing_scored_chosen_away(logits, input_ids, lengths):
    # 0/0 is replaced, and cross_entropy sends no gradient to what it ignores
    targets = _targets(input_ids, lengths)
    mean = F.cross_entropy(logits.mT, targets)
    return torch.where((targets != IGNORE_INDEX).any(), mean, logits.new_zeros(()))


@variant("clm_loss")
def times_a_mask_of_floats(logits, input_ids, lengths):
    # float32 where the logits are half precision
    targets = _targets(input_ids, lengths)
    mask = (targets != IGNORE_INDEX).float()
    nll = F.cross_entropy(logits.mT, targets, reduction="none")
    return (nll * mask).sum() / mask.sum().clamp(min=1)


@variant("clm_loss")
def divided_by_a_float(logits, input_ids, lengths):
    nll = F.cross_entropy(logits.mT, _targets(input_ids, lengths), reduction="sum")
    return nll / torch.clamp((lengths - 1).clamp(min=0).sum(), min=1.0)


# document_mask


@variant("document_mask")
def three_conditions(doc_ids):
    T = doc_ids.shape[1]
    same = doc_ids[:, :, None] == doc_ids[:, None, :]
    causal = torch.ones(T, T, dtype=torch.bool, device=doc_ids.device).tril()
    real = doc_ids != -1
    return (same & causal & real[:, None, :] & real[:, :, None])[:, None]


@variant("document_mask")
def cell_by_cell(doc_ids):
    B, T = doc_ids.shape
    mask = torch.zeros(B, 1, T, T, dtype=torch.bool)
    for b, q, k in itertools.product(range(B), range(T), range(T)):
        mask[b, 0, q, k] = bool(doc_ids[b, q] == doc_ids[b, k] != -1) and k <= q
    return mask.to(doc_ids.device)


@variant("document_mask")
def block_diagonal(doc_ids):
    rows = []
    for row in doc_ids:
        numbers, sizes = row.unique_consecutive(return_counts=True)
        blocks = [
            torch.ones(n, n, device=row.device).tril() * (d >= 0)
            for d, n in zip(numbers.tolist(), sizes.tolist(), strict=True)
        ]
        rows.append(torch.block_diag(*blocks))
    return torch.stack(rows).bool().unsqueeze(1)


@variant("document_mask")
def membership_matrix(doc_ids):
    _, index = doc_ids.unique(return_inverse=True)
    member = F.one_hot(index).float() * (doc_ids >= 0).unsqueeze(-1)
    same = torch.einsum("bqd,bkd->bqk", member, member)
    return torch.tril(same).gt(0.5).unsqueeze(1)


@variant("document_mask")
def segments_by_cumsum(doc_ids):
    starts = F.pad(doc_ids[:, 1:] != doc_ids[:, :-1], (1, 0), value=True)
    segment = starts.cumsum(1)
    t = torch.arange(doc_ids.shape[1], device=doc_ids.device)
    mask = (segment[:, None, :, None] == segment[:, None, None, :]) & (t[:, None] >= t)
    return mask & (doc_ids >= 0)[:, None, :, None]


@variant("document_mask")
def from_the_start_of_the_document(doc_ids):
    B, T = doc_ids.shape
    t = torch.arange(T, device=doc_ids.device)
    new = torch.ones_like(doc_ids, dtype=torch.bool)
    new[:, 1:] = doc_ids.diff(dim=1) != 0
    first = torch.where(new, t, 0).cummax(dim=1).values  # (B, T)
    key, query = t.view(1, 1, T), t.view(1, T, 1)
    seen = (key >= first.unsqueeze(-1)) & (key <= query)
    return seen.masked_fill(doc_ids.eq(-1).unsqueeze(-1), False).view(B, 1, T, T)


@variant("document_mask")
def mask_that_is_written_per_document(doc_ids):
    B, T = doc_ids.shape
    mask = doc_ids.new_zeros((B, 1, T, T), dtype=torch.bool)
    for b in range(B):
        for d in set(doc_ids[b].tolist()) - {-1}:
            where = (doc_ids[b] == d).nonzero().flatten()
            low, high = int(where[0]), int(where[-1]) + 1
            mask[b, 0, low:high, low:high] = torch.ones(high - low, high - low).tril().bool()
    return mask


@variant("document_mask")
def predicate_on_index_grids(doc_ids):
    B, T = doc_ids.shape
    b, q, k = torch.meshgrid(*(torch.arange(n) for n in (B, T, T)), indexing="ij")
    visible = (doc_ids[b, q] == doc_ids[b, k]) & (q >= k) & (doc_ids[b, k] >= 0)
    return visible[:, None, :, :]


@variant("document_mask")
def products_of_numbers(doc_ids):
    T = doc_ids.size(-1)
    same = (doc_ids.unsqueeze(-1) - doc_ids.unsqueeze(-2) == 0).int()
    real = (doc_ids > -1).int()
    allowed = same * real.unsqueeze(1) * torch.ones(T, T, dtype=torch.int32).triu().T
    return torch.logical_and(allowed, allowed).reshape(-1, 1, T, T)


# packed_targets


@variant("packed_targets")
def roll_both(input_ids, doc_ids):
    targets = input_ids.roll(-1, dims=1)
    keep = (doc_ids.roll(-1, dims=1) == doc_ids) & (doc_ids != -1)
    keep[:, -1] = False
    return targets.masked_fill(~keep, IGNORE_INDEX)


@variant("packed_targets")
def fill_by_slices(input_ids, doc_ids):
    targets = torch.full_like(input_ids, IGNORE_INDEX)
    inside = (doc_ids[:, :-1] == doc_ids[:, 1:]) & (doc_ids[:, 1:] >= 0)
    targets[:, :-1][inside] = input_ids[:, 1:][inside]
    return targets


@variant("packed_targets")
def two_loops(input_ids, doc_ids):
    B, T = input_ids.shape
    targets = input_ids.new_full((B, T), IGNORE_INDEX)
    for b in range(B):
        for t in range(T - 1):
            if doc_ids[b, t] == doc_ids[b, t + 1] and doc_ids[b, t] != -1:
                targets[b, t] = input_ids[b, t + 1]
    return targets


@variant("packed_targets")
def document_by_document(input_ids, doc_ids):
    rows = []
    for ids, docs in zip(input_ids, doc_ids, strict=True):
        numbers, sizes = docs.unique_consecutive(return_counts=True)
        parts = ids.split(sizes.tolist())
        ignored = ids.new_tensor([IGNORE_INDEX])
        shifted = [
            torch.cat([part[1:], ignored]) if d != -1 else torch.full_like(part, IGNORE_INDEX)
            for part, d in zip(parts, numbers.tolist(), strict=True)
        ]
        rows.append(torch.cat(shifted))
    return torch.stack(rows)


@variant("packed_targets")
def pad_with_a_sentinel(input_ids, doc_ids):
    following = F.pad(input_ids[:, 1:], (0, 1), value=IGNORE_INDEX)
    its_document = F.pad(doc_ids[:, 1:], (0, 1), value=-1)
    crosses = (its_document != doc_ids) | (doc_ids == -1)
    return torch.where(crosses, torch.full_like(following, IGNORE_INDEX), following)


@variant("packed_targets")
def difference_of_numbers(input_ids, doc_ids):
    same = F.pad(torch.diff(doc_ids, dim=1) == 0, (0, 1), value=False)
    scored = same & doc_ids.ge(0)
    targets = input_ids.clone()
    targets[:, :-1] = input_ids[:, 1:]
    targets[~scored] = IGNORE_INDEX
    return targets


@variant("packed_targets")
def comprehension(input_ids, doc_ids):
    rows = [
        [b if d == e != -1 else -100 for b, d, e in zip(ids[1:], docs, docs[1:], strict=False)]
        for ids, docs in zip(input_ids.tolist(), doc_ids.tolist(), strict=True)
    ]
    rows = [[*row, -100] for row in rows]
    return torch.tensor(rows, dtype=input_ids.dtype, device=input_ids.device)


@variant("packed_targets")
def a_last_column_appended(input_ids, doc_ids):
    boundary = doc_ids[:, 1:] != doc_ids[:, :-1]
    body = input_ids[:, 1:].masked_fill(boundary | (doc_ids[:, 1:] == -1), IGNORE_INDEX)
    return torch.cat([body, torch.full((len(input_ids), 1), IGNORE_INDEX)], dim=1)


# accumulated_loss


def _sum_and_count(logits, input_ids, lengths):
    targets = _targets(input_ids, lengths)
    nll = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum")
    return nll, int((targets != IGNORE_INDEX).sum())


@variant("accumulated_loss")
def sums_over_counts(micro_batches):
    sums, counts = zip(*(_sum_and_count(*batch) for batch in micro_batches), strict=True)
    return sum(sums) / max(sum(counts), 1)


@variant("accumulated_loss")
def count_first_then_add(micro_batches):
    n_tokens = sum((lengths - 1).clamp(min=0).sum() for _, _, lengths in micro_batches)
    n_tokens = n_tokens.clamp(min=1)
    loss = 0
    for logits, input_ids, lengths in micro_batches:
        targets = _targets(input_ids, lengths)
        loss = loss + F.cross_entropy(logits.mT, targets, reduction="sum") / n_tokens
    return loss


@variant("accumulated_loss")
def one_big_batch(micro_batches):
    T = max(ids.shape[1] for _, ids, _ in micro_batches)
    logits = torch.cat([F.pad(x, (0, 0, 0, T - x.shape[1])) for x, _, _ in micro_batches])
    ids = torch.cat([F.pad(ids, (0, T - ids.shape[1])) for _, ids, _ in micro_batches])
    total, count = _sum_and_count(logits, ids, torch.cat([n for _, _, n in micro_batches]))
    return total / max(count, 1)


@variant("accumulated_loss")
def all_scored_tokens_in_a_row(micro_batches):
    flat_logits, flat_ids = [], []
    for logits, ids, lengths in micro_batches:
        scored = torch.arange(1, ids.shape[1], device=ids.device) < lengths[:, None]
        flat_logits.append(logits[:, :-1][scored])
        flat_ids.append(ids[:, 1:][scored])
    x, y = torch.cat(flat_logits), torch.cat(flat_ids)
    return F.cross_entropy(x, y, reduction="sum") / max(len(y), 1)


@variant("accumulated_loss")
def means_weighted_by_their_share(micro_batches):
    counts = [_sum_and_count(*batch)[1] for batch in micro_batches]
    total = micro_batches[0][0].sum() * 0
    for batch, n in zip(micro_batches, counts, strict=True):
        mean = _sum_and_count(*batch)[0] / max(n, 1)
        total = total + mean * (n / max(sum(counts), 1))
    return total


@variant("accumulated_loss")
def in_double_and_back(micro_batches):
    total, count = torch.zeros((), dtype=torch.float64), torch.zeros((), dtype=torch.int64)
    for logits, ids, lengths in micro_batches:
        targets = _targets(ids, lengths)
        scored = targets != IGNORE_INDEX
        log_probs = logits.double().log_softmax(-1)
        chosen = log_probs.gather(-1, targets.clamp(min=0)[..., None])[..., 0]
        total = total - (chosen * scored).sum()
        count = count + scored.sum()
    return (total / count.clamp(min=1)).to(micro_batches[0][0].dtype)


@variant("accumulated_loss")
def running_mean(micro_batches):
    mean, seen = 0.0, 0
    for batch in micro_batches:
        total, n = _sum_and_count(*batch)
        seen += n
        mean = mean + (total - n * mean) / max(seen, 1)
    return mean


@variant("accumulated_loss")
def masks_of_floats(micro_batches):
    total = n = 0.0
    for logits, input_ids, lengths in micro_batches:
        targets = _targets(input_ids, lengths)
        mask = (targets != IGNORE_INDEX).float()
        total = total + (F.cross_entropy(logits.mT, targets, reduction="none") * mask).sum()
        n = n + mask.sum()
    return total / n.clamp(min=1)


# generate


def _causal(T, device):
    return torch.ones(T, T, dtype=torch.bool, device=device).tril()


def _nano_pick(logits, temperature, top_k, generator):
    if temperature == 0:
        return logits.argmax(-1)
    logits = logits / temperature
    if top_k is not None:
        kth = logits.topk(top_k).values[:, [-1]]
        logits[logits < kth] = -float("inf")
    return torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(1)


@variant("generate")
@torch.no_grad()
def like_nano_gpt(
    model, prompt_ids, max_new_tokens, eos_id=None, temperature=0.0, top_k=None, generator=None
):
    ids = prompt_ids.clone()
    finished = torch.zeros(len(ids), dtype=torch.bool, device=ids.device)
    for _ in range(max_new_tokens):
        logits = model(ids, _causal(ids.shape[1], ids.device))[:, -1]
        chosen = _nano_pick(logits, temperature, top_k, generator).to(ids.dtype)
        if eos_id is not None:
            chosen[finished] = eos_id
            finished = finished | (chosen == eos_id)
        ids = torch.cat([ids, chosen[:, None]], dim=1)
        if finished.all():
            break
    return ids


@variant("generate")
def nano_gpt_top_k_in_place(
    model, prompt_ids, max_new_tokens, eos_id=None, temperature=0.0, top_k=None, generator=None
):
    # writes into the model's logits, which belong to nobody else
    out = torch.cat([prompt_ids], dim=1)
    done = out.new_zeros(out.shape[0], dtype=torch.bool)
    while out.shape[1] < prompt_ids.shape[1] + max_new_tokens and not done.all():
        with torch.inference_mode():
            T = out.shape[1]
            logits = model(out, torch.ones(1, 1, T, T, dtype=torch.bool).tril())[:, -1, :]
            if top_k is not None:
                v, _ = torch.topk(logits, min(top_k, logits.size(-1)))
                logits[logits < v[:, [-1]]] = -torch.inf
            if temperature > 0:
                probs = F.softmax(logits / temperature, dim=-1)
                idx_next = torch.multinomial(probs, num_samples=1, generator=generator)
            else:
                idx_next = torch.argmax(logits, dim=-1, keepdim=True)
        if eos_id is not None:
            idx_next = idx_next.masked_fill(done.unsqueeze(1), eos_id)
            done |= idx_next.squeeze(1).eq(eos_id)
        out = torch.cat((out, idx_next.to(out.dtype)), dim=1)
    return out


@variant("generate")
@torch.no_grad()
def buffer_and_gumbel(
    model, prompt_ids, max_new_tokens, eos_id=None, temperature=0.0, top_k=None, generator=None
):
    B, T = prompt_ids.shape
    end = T + max_new_tokens
    buffer = prompt_ids.new_zeros(B, end)
    buffer[:, :T] = prompt_ids
    mask = _causal(end, buffer.device).expand(B, 1, end, end)
    finished = [False] * B
    for t in range(T, end):
        if all(finished):
            return buffer[:, :t]
        scores = model(input_ids=buffer[:, :t], attn_mask=mask[:, :, :t, :t])[:, t - 1].double()
        if temperature > 0:
            if top_k:
                rank = scores.argsort(-1, descending=True).argsort(-1)
                scores = scores.masked_fill(rank >= top_k, float("-inf"))
            u = torch.rand(scores.shape, generator=generator, dtype=torch.float64)
            scores = scores / temperature - torch.log(-torch.log(u.clamp(1e-300)))
        for b in range(B):
            buffer[b, t] = eos_id if finished[b] else scores[b].argmax()
            finished[b] = finished[b] or (eos_id is not None and int(buffer[b, t]) == eos_id)
    return buffer


@variant("generate")
@torch.no_grad()
def one_row_at_a_time_by_inverse_cdf(
    model, prompt_ids, max_new_tokens, eos_id=None, temperature=0.0, top_k=None, generator=None
):
    rows = []
    for prompt in prompt_ids:
        row = prompt.tolist()
        for _ in range(max_new_tokens):
            ids = torch.tensor([row], dtype=prompt.dtype, device=prompt.device)
            logits = model(ids, _causal(len(row), ids.device)[None, None])[0, -1]
            row.append(_inverse_cdf(logits, temperature, top_k, generator))
            if row[-1] == eos_id:
                break
        rows.append(row)
    longest = max(len(row) for row in rows)
    filled = [row + [eos_id] * (longest - len(row)) for row in rows]
    return torch.tensor(filled, dtype=prompt_ids.dtype, device=prompt_ids.device)


def _inverse_cdf(logits, temperature, top_k, generator):
    if temperature == 0:
        return int(logits.argmax())
    values, ids = logits.double().sort(descending=True)
    n = len(ids) if top_k is None else top_k
    cdf = (values[:n] / temperature).softmax(0).cumsum(0)
    u = torch.rand((), dtype=torch.float64, generator=generator) * cdf[-1]
    return int(ids[torch.searchsorted(cdf, u, right=True).clamp(max=n - 1)])


@variant("generate")
def unfinished_rows_only(
    model, prompt_ids, max_new_tokens, eos_id=None, temperature=0.0, top_k=None, generator=None
):
    ids = prompt_ids.clone()
    active = torch.arange(ids.shape[0])
    for _ in range(max_new_tokens):
        fill = 0 if eos_id is None else eos_id
        ids = F.pad(ids, (0, 1), value=fill)
        seen = ids[active, :-1]
        mask = _causal(seen.shape[1], ids.device).repeat(len(active), 1, 1, 1)
        logits = model(seen, attn_mask=mask).detach()[:, -1]
        if temperature:
            k = logits.shape[-1] if top_k is None else top_k
            best = logits.topk(k, dim=-1)
            at = torch.multinomial((best.values / temperature).softmax(-1), 1, generator=generator)
            chosen = best.indices.gather(-1, at).flatten()
        else:
            chosen = logits.max(dim=-1).indices
        ids[active, -1] = chosen.to(ids.dtype)
        if eos_id is not None:
            active = active[chosen != eos_id]
        if active.numel() == 0:
            break
    return ids


@variant("generate")
@torch.inference_mode()
def whole_buffer_and_exponential_race(
    model, prompt_ids, max_new_tokens, eos_id=None, temperature=0.0, top_k=None, generator=None
):
    # the model always reads the full buffer; the mask hides what is not there yet
    B, T = prompt_ids.shape
    buffer = F.pad(prompt_ids, (0, max_new_tokens))
    mask = _causal(T + max_new_tokens, buffer.device)
    finished = torch.zeros(B, 1, dtype=torch.bool, device=buffer.device)
    t = T
    while t < T + max_new_tokens and not bool(finished.all()):
        logits = model(buffer, mask)[:, t - 1]
        if temperature == 0:
            chosen = logits.argmax(dim=-1, keepdim=True)
        else:
            probs = torch.softmax(logits.float() / temperature, dim=-1)
            if top_k is not None:
                keep = torch.zeros_like(probs).scatter(-1, probs.topk(top_k).indices, 1.0)
                probs = probs * keep / (probs * keep).sum(-1, keepdim=True)
            race = torch.empty_like(probs).exponential_(generator=generator)
            chosen = (probs / race).argmax(-1, keepdim=True)
        if eos_id is not None:
            chosen = torch.where(finished, torch.full_like(chosen, eos_id), chosen)
            finished = finished.logical_or(chosen == eos_id)
        buffer[:, t : t + 1] = chosen
        t += 1
    return buffer[:, :t].clone()


@variant("generate")
def recursive(
    model, prompt_ids, max_new_tokens, eos_id=None, temperature=0.0, top_k=None, generator=None
):
    def extend(ids, n, finished):
        if n == 0 or finished.all():
            return ids
        query, key = torch.arange(ids.shape[1])[:, None], torch.arange(ids.shape[1])
        logits = model(ids, (key <= query).unsqueeze(0).unsqueeze(0))[:, -1]
        if top_k is not None:
            low = logits.kthvalue(logits.shape[-1] - top_k + 1, dim=-1, keepdim=True).values
            logits = torch.where(logits >= low, logits, torch.tensor(float("-inf")))
        if temperature == 0:
            new = logits.argmax(-1)
        else:
            probs = (logits / temperature).softmax(-1)
            new = torch.stack([torch.multinomial(p, 1, generator=generator)[0] for p in probs])
        if eos_id is not None:
            new = torch.where(finished, eos_id, new)
            finished = finished | (new == eos_id)
        return extend(torch.cat([ids, new.unsqueeze(1).type_as(ids)], 1), n - 1, finished)

    start = torch.zeros(prompt_ids.shape[0], dtype=torch.bool)
    with torch.no_grad():
        return extend(prompt_ids.clone(), max_new_tokens, start)
