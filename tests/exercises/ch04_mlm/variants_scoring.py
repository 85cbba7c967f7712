"""Right answers to ``mlm_targets``, ``mlm_loss`` and ``pseudo_log_likelihood``."""

import math

import torch
import torch.nn.functional as F
from ch04_mlm.parts import variant
from torch import nn

IGNORE_INDEX = -100


# mlm_targets


@variant("mlm_targets")
def masked_fill_of_the_others(input_ids, selected):
    return input_ids.masked_fill(~selected, IGNORE_INDEX)


@variant("mlm_targets")
def where_with_a_number(input_ids, selected):
    return torch.where(selected, input_ids, IGNORE_INDEX)


@variant("mlm_targets")
def where_with_a_tensor(input_ids, selected):
    return torch.where(selected, input_ids, torch.tensor(-100))


@variant("mlm_targets")
def clone_then_assign(input_ids, selected):
    labels = input_ids.clone()
    labels[~selected] = -100
    return labels


@variant("mlm_targets")
def full_then_copy_the_selected(input_ids, selected):
    targets = torch.full_like(input_ids, IGNORE_INDEX)
    targets[selected] = input_ids[selected]
    return targets


@variant("mlm_targets")
def arithmetic(input_ids, selected):
    chosen = selected.long()
    return chosen * input_ids + torch.tensor(IGNORE_INDEX) * (1 - chosen)


@variant("mlm_targets")
def plain_lists_of_targets(input_ids, selected):
    rows = [
        [token if chosen else -100 for token, chosen in zip(ids, row, strict=True)]
        for ids, row in zip(input_ids.tolist(), selected.tolist(), strict=True)
    ]
    return torch.tensor(rows, device=input_ids.device)


@variant("mlm_targets")
def cell_by_cell_targets(input_ids, selected):
    targets = input_ids.new_full(input_ids.shape, -100)
    for b, t in selected.nonzero().tolist():
        targets[b, t] = input_ids[b, t]
    return targets


@variant("mlm_targets")
def scattered(input_ids, selected):
    blank = torch.full_like(input_ids, IGNORE_INDEX)
    return blank.masked_scatter(selected, input_ids[selected])


@variant("mlm_targets")
def put_at_indices(input_ids, selected):
    rows, columns = torch.where(selected)
    blank = torch.zeros_like(input_ids) - 100
    return blank.index_put((rows, columns), input_ids[rows, columns])


@variant("mlm_targets")
def masked_fill_in_place_of_a_copy(input_ids, selected):
    return input_ids.detach().clone().masked_fill_(selected.logical_not(), IGNORE_INDEX)


@variant("mlm_targets")
def through_numpy(input_ids, selected):
    targets = input_ids.cpu().numpy().copy()
    targets[~selected.cpu().numpy()] = -100
    return torch.from_numpy(targets).to(input_ids.device)


@variant("mlm_targets")
def row_after_row(input_ids, selected):
    rows = [ids.where(chosen, -100) for ids, chosen in zip(input_ids, selected, strict=True)]
    return torch.stack(rows)


@variant("mlm_targets")
def larger_of_two(input_ids, selected):
    # ids are never below 0
    return torch.maximum(input_ids * selected - 100 * ~selected, torch.full_like(input_ids, -100))


@variant("mlm_targets")
def plain_lists_on_the_cpu(input_ids, selected):
    rows = []
    for ids, chosen in zip(input_ids.tolist(), selected.tolist(), strict=True):
        rows.append([ids[t] if chosen[t] else -100 for t in range(len(ids))])
    return torch.tensor(rows)


@variant("mlm_targets")
def where_with_a_full_one(input_ids, selected):
    return torch.where(selected, input_ids, torch.full(input_ids.shape, IGNORE_INDEX))


# mlm_loss


def _labels(input_ids, selected):
    return input_ids.masked_fill(~selected, IGNORE_INDEX)


@variant("mlm_loss")
def cross_entropy_summed_then_divided(logits, input_ids, selected):
    labels = _labels(input_ids, selected)
    nll = F.cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="sum")
    return nll / selected.sum().clamp(min=1)


@variant("mlm_loss")
def cross_entropy_of_the_transpose(logits, input_ids, selected):
    nll = F.cross_entropy(logits.transpose(1, 2), input_ids, reduction="none")
    return (nll * selected).sum() / selected.sum().clamp(min=1)


@variant("mlm_loss")
def where_instead_of_times(logits, input_ids, selected):
    nll = F.cross_entropy(logits.mT, input_ids, reduction="none")
    return torch.where(selected, nll, 0.0).sum() / max(1, int(selected.sum()))


@variant("mlm_loss")
def selected_logits_alone(logits, input_ids, selected):
    if not selected.any():
        return logits.sum() * 0
    return F.cross_entropy(logits[selected], input_ids[selected])


@variant("mlm_loss")
def selected_logits_alone_without_an_if(logits, input_ids, selected):
    z, x = logits[selected], input_ids[selected]
    return F.cross_entropy(z, x, reduction="sum") / max(len(x), 1)


@variant("mlm_loss")
def gather_of_log_softmax(logits, input_ids, selected):
    log_p = logits.log_softmax(-1).gather(-1, input_ids.unsqueeze(-1)).squeeze(-1)
    return -log_p[selected].sum() / selected.sum().clamp(min=1)


@variant("mlm_loss")
def logsumexp_less_the_logit(logits, input_ids, selected):
    z = logits.double()
    nll = z.logsumexp(-1) - z.take_along_dim(input_ids[..., None], -1)[..., 0]
    n = selected.sum().clamp(min=1)
    return (nll.masked_fill(~selected, 0.0).sum() / n).to(logits.dtype)


@variant("mlm_loss")
def module_and_a_guard(logits, input_ids, selected):
    labels = _labels(input_ids, selected)
    if bool((labels == IGNORE_INDEX).all()):
        return (logits * 0.0).sum()
    return nn.CrossEntropyLoss()(logits.permute(0, 2, 1), labels)


@variant("mlm_loss")
def position_by_position(logits, input_ids, selected):
    total, n = logits.sum() * 0, 0
    for b, t in selected.nonzero().tolist():
        total = total - logits[b, t].log_softmax(0)[input_ids[b, t]]
        n += 1
    return total / max(n, 1)


@variant("mlm_loss")
def row_sums(logits, input_ids, selected):
    sums = [
        F.cross_entropy(z[chosen], ids[chosen], reduction="sum")
        for z, ids, chosen in zip(logits, input_ids, selected, strict=True)
    ]
    return torch.stack(sums).sum() / selected.sum().clamp(min=1)


@variant("mlm_loss")
def one_hot_times_log_softmax(logits, input_ids, selected):
    hot = F.one_hot(input_ids, logits.shape[-1]).to(logits.dtype)
    weight = selected.to(logits.dtype)
    total = torch.einsum("btv,btv,bt->", logits.log_softmax(-1), hot, weight)
    return -total / weight.sum().clamp(min=1)


@variant("mlm_loss")
def weights_of_one_nth(logits, input_ids, selected):
    weight = selected.float() / selected.float().sum().clamp(min=1)
    nll = F.nll_loss(logits.float().log_softmax(-1).mT, input_ids, reduction="none")
    if logits.dtype == torch.float64:
        nll = F.nll_loss(logits.log_softmax(-1).mT, input_ids, reduction="none")
    return (nll * weight).sum().to(logits.dtype)


@variant("mlm_loss")
def categorical(logits, input_ids, selected):
    log_p = torch.distributions.Categorical(logits=logits).log_prob(input_ids)
    return -log_p.where(selected, log_p.new_zeros(())).sum() / selected.sum().clamp(min=1)


@variant("mlm_loss")
def softmax_written_out(logits, input_ids, selected):
    z = logits.to(torch.float64)
    z = z - z.max(-1, keepdim=True).values.detach()
    log_p = z - z.exp().sum(-1, keepdim=True).log()
    b, t = selected.nonzero(as_tuple=True)
    total = -log_p[b, t, input_ids[b, t]].sum()
    return (total / max(1, len(b))).type_as(logits)


@variant("mlm_loss")
def mean_chosen_away_when_empty(logits, input_ids, selected):
    mean = F.cross_entropy(logits.mT, _labels(input_ids, selected))
    return torch.where(selected.any(), mean, logits.new_zeros(()))


@variant("mlm_loss")
def another_ignore_index(logits, input_ids, selected):
    V = logits.shape[-1]
    labels = torch.where(selected, input_ids, V)
    nll = F.cross_entropy(
        logits.reshape(-1, V), labels.reshape(-1), ignore_index=V, reduction="sum"
    )
    return nll / selected.count_nonzero().clamp(min=1)


@variant("mlm_loss")
def in_single_precision_and_back(logits, input_ids, selected):
    wide = logits if logits.dtype == torch.float64 else logits.float()
    nll = F.cross_entropy(wide[selected], input_ids[selected], reduction="none")
    return (nll.sum() / max(nll.numel(), 1)).to(logits.dtype)


# float32 comes of these where the logits are half precision


@variant("mlm_loss")
def counted_in_floats(logits, input_ids, selected):
    labels = _labels(input_ids, selected)
    nll = F.cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="sum")
    return nll / selected.float().sum().clamp(min=1)


@variant("mlm_loss")
def clamped_to_a_float(logits, input_ids, selected):
    labels = _labels(input_ids, selected)
    nll = F.cross_entropy(logits.transpose(1, 2), labels, reduction="sum")
    return nll / torch.clamp(selected.sum(), min=1.0)


@variant("mlm_loss")
def weighted_by_shares(logits, input_ids, selected):
    nll = F.cross_entropy(logits.mT, input_ids, reduction="none")
    return (nll * (selected / selected.sum().clamp(min=1))).sum()


@variant("mlm_loss")
def times_a_mask_of_floats(logits, input_ids, selected):
    nll = -logits.log_softmax(-1).gather(-1, input_ids[..., None])[..., 0]
    return (nll * selected.float()).sum() / selected.float().sum().clamp(min=1)


@variant("mlm_loss")
def one_hot_from_eye(logits, input_ids, selected):
    hot = torch.eye(logits.shape[-1])[input_ids]
    nll = -(hot * logits.log_softmax(-1)).sum(-1)
    return (nll * selected).sum() / selected.sum().clamp(min=1)


@variant("mlm_loss")
def a_little_added_to_the_count(logits, input_ids, selected):
    nll = F.cross_entropy(logits.mT, input_ids, reduction="none")
    return (nll * selected).sum() / (selected.sum() + 1e-6)


@variant("mlm_loss")
def half_precision_left_in_float32(logits, input_ids, selected):
    wide = logits.float() if logits.dtype.itemsize == 2 else logits
    return F.cross_entropy(wide[selected], input_ids[selected], reduction="sum") / max(
        1, int(selected.sum())
    )


# pseudo_log_likelihood


def _rows_of(attn_mask, B):
    """(B, 1 or H, 1 or T, T)."""
    while attn_mask.ndim < 4:
        attn_mask = attn_mask[None]
    return attn_mask.expand(B, -1, -1, -1)


@variant("pseudo_log_likelihood")
@torch.no_grad()
def a_column_at_a_time(model, input_ids, maskable, attn_mask, mask_id):
    total = torch.zeros(len(input_ids), device=input_ids.device)
    for t in range(input_ids.shape[1]):
        hidden = input_ids.clone()
        hidden[:, t] = mask_id
        log_p = model(hidden, attn_mask)[:, t].log_softmax(-1)
        picked = log_p.gather(1, input_ids[:, t : t + 1])[:, 0]
        total += torch.where(maskable[:, t], picked, 0.0)
    return total


@variant("pseudo_log_likelihood")
def put_back_after_each_column(model, input_ids, maskable, attn_mask, mask_id):
    ids = input_ids.clone()
    scores = []
    for t in range(ids.size(1)):
        ids[maskable[:, t], t] = mask_id
        nll = F.cross_entropy(model(ids, attn_mask)[:, t], input_ids[:, t], reduction="none")
        scores.append(-nll * maskable[:, t])
        ids[:, t] = input_ids[:, t]
    return torch.stack(scores, 1).sum(1)


@variant("pseudo_log_likelihood")
@torch.inference_mode()
def all_copies_at_once(model, input_ids, maskable, attn_mask, mask_id):
    B, T = input_ids.shape
    copies = input_ids.repeat_interleave(T, 0)  # (B·T, T)
    alone = torch.eye(T, dtype=torch.bool, device=input_ids.device).repeat(B, 1)
    masks = _rows_of(attn_mask, B).repeat_interleave(T, 0)
    logits = model(copies.masked_fill(alone, mask_id), masks)
    at = logits.view(B, T, T, -1).diagonal(dim1=1, dim2=2).mT  # (B, T, V)
    log_p = at.log_softmax(-1).gather(-1, input_ids[..., None])[..., 0]
    return (log_p * maskable).sum(1)


@variant("pseudo_log_likelihood")
def copies_position_by_position(model, input_ids, maskable, attn_mask, mask_id):
    B, T = input_ids.shape
    copies = input_ids.repeat(T, 1)
    place = torch.arange(T).repeat_interleave(B)
    each = torch.arange(B * T)
    copies[each, place] = mask_id
    masks = _rows_of(attn_mask, B).repeat(T, 1, 1, 1)
    log_p = F.log_softmax(model(copies, masks)[each, place], -1)
    terms = log_p[each, input_ids.T.flatten()].view(T, B).T
    return terms.masked_fill(~maskable, 0).sum(-1)


@variant("pseudo_log_likelihood")
def maskable_copies_only(model, input_ids, maskable, attn_mask, mask_id):
    b, t = maskable.nonzero(as_tuple=True)
    n = torch.arange(len(b))
    hidden = input_ids[b]
    hidden[n, t] = mask_id
    masks = _rows_of(attn_mask, len(input_ids))[b]
    log_p = model(hidden, masks)[n, t].log_softmax(-1)[n, input_ids[b, t]]
    return torch.zeros(len(input_ids)).index_add(0, b, log_p)


@variant("pseudo_log_likelihood")
@torch.no_grad()
def maskable_copies_in_chunks(model, input_ids, maskable, attn_mask, mask_id):
    where = maskable.nonzero()
    total = torch.zeros(input_ids.shape[0], dtype=torch.float64)
    masks = _rows_of(attn_mask, input_ids.shape[0])
    for chunk in where.split(4):
        b, t = chunk[:, 0], chunk[:, 1]
        hidden = input_ids[b].scatter(1, t[:, None], mask_id)
        logits = model(input_ids=hidden, attn_mask=masks[b]).double()
        log_p = logits.log_softmax(-1)[torch.arange(len(b)), t, input_ids[b, t]]
        total.scatter_add_(0, b, log_p)
    return total


@variant("pseudo_log_likelihood")
def text_after_text(model, input_ids, maskable, attn_mask, mask_id):
    scores = []
    for b, ids in enumerate(input_ids):
        mask = _rows_of(attn_mask, len(input_ids))[b : b + 1]
        where = maskable[b].nonzero().flatten()
        copies = ids.repeat(len(where), 1)
        copies[torch.arange(len(where)), where] = mask_id
        if len(where) == 0:
            scores.append(torch.tensor(0.0))
            continue
        logits = model(copies, mask)  # a mask of one row fits all copies
        rows = [z[t].log_softmax(0)[ids[t]] for z, t in zip(logits, where, strict=True)]
        scores.append(sum(rows))
    return torch.stack(scores)


@variant("pseudo_log_likelihood")
def token_after_token(model, input_ids, maskable, attn_mask, mask_id):
    B, T = input_ids.shape
    masks = torch.broadcast_to(attn_mask, (B, 1, T, T))
    result = []
    for b in range(B):
        total = 0.0
        for t in range(T):
            if not maskable[b, t]:
                continue
            hidden = input_ids[b : b + 1].clone()
            hidden[0, t] = mask_id
            z = model(hidden, masks[b : b + 1])[0, t].tolist()
            top = max(z)
            log_sum = top + math.log(sum(math.exp(x - top) for x in z))
            total += z[int(input_ids[b, t])] - log_sum
        result.append(total)
    return torch.tensor(result)


@variant("pseudo_log_likelihood")
def texts_cut_to_their_length(model, input_ids, maskable, attn_mask, mask_id):
    B, T = input_ids.shape
    masks = attn_mask.expand(B, 1, T, T)
    total = torch.zeros(B)
    for b in range(B):
        n = int(masks[b].any(1).sum())  # keys that anyone sees stand first
        ids, mask = input_ids[b, :n], masks[b, None, :, :n, :n]
        for t in maskable[b].nonzero().flatten().tolist():
            hidden = torch.cat([ids[:t], ids.new_tensor([mask_id]), ids[t + 1 :]])
            logits = model(hidden[None], mask)[0]
            total[b] += torch.distributions.Categorical(logits=logits[t]).log_prob(ids[t])
    return total


@variant("pseudo_log_likelihood")
def costs_with_a_sign(model, input_ids, maskable, attn_mask, mask_id):
    nll = torch.zeros(input_ids.shape)
    with torch.no_grad():
        for t in maskable.any(0).nonzero().flatten().tolist():
            place = torch.arange(input_ids.shape[1]) == t
            logits = model(torch.where(place, mask_id, input_ids), attn_mask)
            targets = torch.where(place & maskable, input_ids, -100)
            nll += F.cross_entropy(logits.mT, targets, reduction="none")
    return -nll.sum(dim=1)


@variant("pseudo_log_likelihood")
def through_lists_of_copies(model, input_ids, maskable, attn_mask, mask_id):
    B = input_ids.shape[0]
    if attn_mask.ndim == 2:
        attn_mask = attn_mask[None, None]
    if attn_mask.shape[0] == 1:
        attn_mask = attn_mask.repeat(B, 1, 1, 1)
    texts, masks, wanted, owners = [], [], [], []
    for b, (ids, chosen) in enumerate(zip(input_ids.tolist(), maskable.tolist(), strict=True)):
        for t in range(len(ids)):
            if chosen[t]:
                texts.append([*ids[:t], mask_id, *ids[t + 1 :]])
                masks.append(attn_mask[b])
                wanted.append((t, ids[t]))
                owners.append(b)
    scores = [0.0] * B
    if texts:
        log_p = torch.log_softmax(model(torch.tensor(texts), torch.stack(masks)), dim=2)
        for n, (b, (t, token)) in enumerate(zip(owners, wanted, strict=True)):
            scores[b] += log_p[n, t, token].item()
    return torch.tensor(scores, dtype=torch.float32)


@variant("pseudo_log_likelihood")
def two_texts_differing_in_one_token(model, input_ids, maskable, attn_mask, mask_id):
    # log p of the true token, as its logit less the logsumexp
    total = input_ids.new_zeros(len(input_ids), dtype=torch.float)
    alone = torch.diag_embed(maskable)  # (B, T, T): text, copy, position
    for t, place in enumerate(alone.unbind(1)):
        z = model(input_ids.masked_fill(place, mask_id), attn_mask)[:, t]
        log_p = z.take_along_dim(input_ids[:, t, None], 1).squeeze(1) - z.logsumexp(1)
        total = total + log_p.nan_to_num() * maskable[:, t].float()
    return total


@variant("pseudo_log_likelihood")
def recursive_over_positions(model, input_ids, maskable, attn_mask, mask_id):
    def score(t):
        if t < 0:
            return torch.zeros(len(input_ids))
        hidden = input_ids.index_fill(1, torch.tensor([t]), mask_id)
        log_p = model(hidden, attn_mask)[:, t].log_softmax(-1)
        mine = log_p[range(len(input_ids)), input_ids[:, t]]
        return score(t - 1) + mine.where(maskable[:, t], torch.tensor(0.0))

    return score(input_ids.shape[1] - 1)


@variant("pseudo_log_likelihood")
def a_module_in_eval(model, input_ids, maskable, attn_mask, mask_id):
    was, device = model.training, next(model.parameters()).device
    model.eval()
    total = torch.zeros(len(input_ids), device=device)
    for t in range(input_ids.shape[1]):
        hidden = input_ids.clone()
        hidden[:, t] = mask_id
        with torch.no_grad():
            log_p = model(hidden, attn_mask)[:, t].log_softmax(-1)
        total += log_p.gather(1, input_ids[:, t : t + 1])[:, 0] * maskable[:, t]
    model.train(was)
    return total
