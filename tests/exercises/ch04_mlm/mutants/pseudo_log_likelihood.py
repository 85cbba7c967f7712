"""Wrong answers to ``pseudo_log_likelihood``."""

import math

import torch
import torch.nn.functional as F
from ch04_mlm.mutants.parts import mutant

from labtools.vocab import mask_id as MASK


def rows_of(attn_mask, B):
    """(B, 1 or H, 1 or T, T)."""
    whole = attn_mask[(None,) * (4 - attn_mask.ndim)]
    return whole.expand(B, *whole.shape[1:])


def alone(input_ids, maskable, t, mask_id):
    """The texts with position t hidden."""
    hidden = input_ids.clone()
    hidden[:, t] = mask_id
    return hidden


def picked(logits, input_ids, t):
    """(B,) log p of the true tokens at t."""
    return logits[:, t].log_softmax(-1).gather(1, input_ids[:, t, None])[:, 0]


def terms(model, input_ids, maskable, attn_mask, mask_id, hide=alone, pick=picked):
    """(B, T) log p of every maskable token, 0 elsewhere."""
    columns = []
    for t in range(input_ids.shape[1]):
        logits = model(hide(input_ids, maskable, t, mask_id), attn_mask)
        columns.append(pick(logits, input_ids, t).where(maskable[:, t], torch.tensor(0.0)))
    return torch.stack(columns, 1)


def wrong(number, name, *diagnosed):
    """A mutant of pseudo_log_likelihood."""
    return mutant("pseudo_log_likelihood", number, name, *diagnosed)


# what is hidden


@wrong(None, "nothing masked", "nothing-masked")
def _(model, input_ids, maskable, attn_mask, mask_id):
    log_p = model(input_ids, attn_mask).log_softmax(-1)
    return (log_p.gather(-1, input_ids[..., None])[..., 0] * maskable).sum(1)


@wrong(None, "masked in a copy that is not used", "nothing-masked")
def _(model, input_ids, maskable, attn_mask, mask_id):
    total = torch.zeros(len(input_ids))
    for t in range(input_ids.shape[1]):
        input_ids.clone()[:, t] = mask_id
        total += picked(model(input_ids, attn_mask), input_ids, t) * maskable[:, t]
    return total


@wrong(None, "all maskable ones masked at once", "all-masked")
def _(model, input_ids, maskable, attn_mask, mask_id):
    log_p = model(input_ids.masked_fill(maskable, mask_id), attn_mask).log_softmax(-1)
    return (log_p.gather(-1, input_ids[..., None])[..., 0] * maskable).sum(1)


@wrong(None, "everything masked at once", "all-masked")
def _(model, input_ids, maskable, attn_mask, mask_id):
    log_p = model(torch.full_like(input_ids, mask_id), attn_mask).log_softmax(-1)
    return (log_p.gather(-1, input_ids[..., None])[..., 0] * maskable).sum(1)


@wrong(None, "masks left in place, left to right", "masks-left")
def _(model, input_ids, maskable, attn_mask, mask_id):
    hidden, total = input_ids.clone(), torch.zeros(len(input_ids))
    for t in range(input_ids.shape[1]):
        hidden[maskable[:, t], t] = mask_id
        total += picked(model(hidden, attn_mask), input_ids, t) * maskable[:, t]
    return total


@wrong(None, "masks left in place, right to left", "later-masked")
def _(model, input_ids, maskable, attn_mask, mask_id):
    hidden, total = input_ids.clone(), torch.zeros(len(input_ids))
    for t in reversed(range(input_ids.shape[1])):
        hidden[maskable[:, t], t] = mask_id
        total += picked(model(hidden, attn_mask), input_ids, t) * maskable[:, t]
    return total


@wrong(None, "masks left in place, at special tokens too", "masks-left")
def _(model, input_ids, maskable, attn_mask, mask_id):
    hidden, total = input_ids.clone(), torch.zeros(len(input_ids))
    for t in range(input_ids.shape[1]):
        hidden[:, t] = mask_id
        total += picked(model(hidden, attn_mask), input_ids, t) * maskable[:, t]
    return total


@wrong(None, "the future masked too", "later-masked")
def _(model, input_ids, maskable, attn_mask, mask_id):
    def hide(input_ids, maskable, t, mask_id):
        hidden = input_ids.clone()
        hidden[:, t:] = mask_id
        return hidden

    return terms(model, input_ids, maskable, attn_mask, mask_id, hide).sum(1)


@wrong(None, "the future masked, and not the token itself", "causal")
def _(model, input_ids, maskable, attn_mask, mask_id):
    def hide(input_ids, maskable, t, mask_id):
        later = torch.arange(input_ids.shape[1]) > t
        return input_ids.masked_fill(later & maskable, mask_id)

    return terms(model, input_ids, maskable, attn_mask, mask_id, hide).sum(1)


@wrong(None, "the others masked", "others-masked")
def _(model, input_ids, maskable, attn_mask, mask_id):
    def hide(input_ids, maskable, t, mask_id):
        others = torch.arange(input_ids.shape[1]) != t
        return input_ids.masked_fill(others & maskable, mask_id)

    return terms(model, input_ids, maskable, attn_mask, mask_id, hide).sum(1)


@wrong(None, "eye turned round: all but the diagonal masked", "others-masked")
def _(model, input_ids, maskable, attn_mask, mask_id):
    B, T = input_ids.shape
    eye = torch.eye(T, dtype=torch.bool).repeat(B, 1)
    copies = input_ids.repeat_interleave(T, 0).masked_fill(~eye, mask_id)
    logits = model(copies, rows_of(attn_mask, B).repeat_interleave(T, 0)).view(B, T, T, -1)
    log_p = logits.diagonal(dim1=1, dim2=2).mT.log_softmax(-1)
    return (log_p.gather(-1, input_ids[..., None])[..., 0] * maskable).sum(1)


@wrong(None, "the next token masked", "wrong-position")
def _(model, input_ids, maskable, attn_mask, mask_id):
    def hide(input_ids, maskable, t, mask_id):
        following = torch.arange(input_ids.shape[1]) == t + 1
        return input_ids.masked_fill(following, mask_id)

    return terms(model, input_ids, maskable, attn_mask, mask_id, hide).sum(1)


@wrong(None, "the next token masked besides", "neighbours-masked")
def _(model, input_ids, maskable, attn_mask, mask_id):
    def hide(input_ids, maskable, t, mask_id):
        hidden = input_ids.clone()
        hidden[:, t : t + 2] = mask_id
        return hidden

    return terms(model, input_ids, maskable, attn_mask, mask_id, hide).sum(1)


@wrong(None, "two positions at a time", "neighbours-masked")
def _(model, input_ids, maskable, attn_mask, mask_id):
    total = torch.zeros(len(input_ids))
    for t in range(0, input_ids.shape[1], 2):
        hidden = input_ids.clone()
        hidden[:, t : t + 2] = mask_id
        log_p = model(hidden, attn_mask).log_softmax(-1)
        log_p = log_p.gather(-1, input_ids[..., None])[..., 0] * maskable
        total += log_p[:, t : t + 2].sum(1)
    return total


@wrong(None, "the same token masked wherever it stands", "same-token-masked")
def _(model, input_ids, maskable, attn_mask, mask_id):
    def hide(input_ids, maskable, t, mask_id):
        return input_ids.masked_fill(input_ids == input_ids[:, t : t + 1], mask_id)

    return terms(model, input_ids, maskable, attn_mask, mask_id, hide).sum(1)


@wrong(None, "another mask token", "wrong-mask-token")
def _(model, input_ids, maskable, attn_mask, mask_id):
    return terms(model, input_ids, maskable, attn_mask, MASK).sum(1)


@wrong(None, "0 for a mask", "wrong-mask-token")
def _(model, input_ids, maskable, attn_mask, mask_id):
    return terms(model, input_ids, maskable, attn_mask, 0).sum(1)


@wrong(None, "-100 for a mask", "raised")
def _(model, input_ids, maskable, attn_mask, mask_id):
    return terms(model, input_ids, maskable, attn_mask, -100).sum(1)


# attention


@wrong(None, "the token's key blocked, the token left", "attention-masked")
def _(model, input_ids, maskable, attn_mask, mask_id):
    total = torch.zeros(len(input_ids))
    for t in range(input_ids.shape[1]):
        keys = torch.arange(input_ids.shape[1]) != t
        total += picked(model(input_ids, attn_mask & keys), input_ids, t) * maskable[:, t]
    return total


@wrong(None, "0 on the diagonal, the token left", "attention-masked")
def _(model, input_ids, maskable, attn_mask, mask_id):
    others = ~torch.eye(input_ids.shape[1], dtype=torch.bool)
    log_p = model(input_ids, attn_mask & others).log_softmax(-1)
    return (log_p.gather(-1, input_ids[..., None])[..., 0] * maskable).sum(1)


@wrong(None, "masked, and its key blocked", "attention-masked")
def _(model, input_ids, maskable, attn_mask, mask_id):
    total = torch.zeros(len(input_ids))
    for t in range(input_ids.shape[1]):
        mask = attn_mask & (torch.arange(input_ids.shape[1]) != t)
        logits = model(alone(input_ids, maskable, t, mask_id), mask)
        total += picked(logits, input_ids, t) * maskable[:, t]
    return total


@wrong(None, "everything seen", "padding-seen")
def _(model, input_ids, maskable, attn_mask, mask_id):
    return terms(model, input_ids, maskable, torch.ones_like(attn_mask), mask_id).sum(1)


@wrong(10, "a square of True for a mask", "padding-seen")
def _(model, input_ids, maskable, attn_mask, mask_id):
    T = input_ids.shape[1]
    return terms(model, input_ids, maskable, torch.ones(T, T).bool(), mask_id).sum(1)


@wrong(None, "only what is maskable is seen", "maskable-seen")
def _(model, input_ids, maskable, attn_mask, mask_id):
    return terms(model, input_ids, maskable, maskable[:, None, None, :], mask_id).sum(1)


@wrong(17, "the mask turned round", "mask-inverted")
def _(model, input_ids, maskable, attn_mask, mask_id):
    return terms(model, input_ids, maskable, ~attn_mask, mask_id).sum(1)


@wrong(None, "a causal mask besides", "causal")
def _(model, input_ids, maskable, attn_mask, mask_id):
    T = input_ids.shape[1]
    mask = attn_mask & torch.ones(T, T, dtype=torch.bool).tril()
    return terms(model, input_ids, maskable, mask, mask_id).sum(1)


@wrong(None, "a causal mask instead", "causal")
def _(model, input_ids, maskable, attn_mask, mask_id):
    T = input_ids.shape[1]
    return terms(model, input_ids, maskable, torch.ones(T, T).tril().bool(), mask_id).sum(1)


@wrong(None, "no mask", "no-mask")
def _(model, input_ids, maskable, attn_mask, mask_id):
    total = torch.zeros(len(input_ids))
    for t in range(input_ids.shape[1]):
        logits = model(alone(input_ids, maskable, t, mask_id))
        total += picked(logits, input_ids, t) * maskable[:, t]
    return total


@wrong(None, "None for a mask", "no-mask")
def _(model, input_ids, maskable, attn_mask, mask_id):
    return terms(model, input_ids, maskable, None, mask_id).sum(1)


@wrong(18, "a float mask", "number-mask")
def _(model, input_ids, maskable, attn_mask, mask_id):
    return terms(model, input_ids, maskable, attn_mask.float(), mask_id).sum(1)


@wrong(7, "queries of padding blocked, not its keys", "queries-blocked", "shared-mask")
def _(model, input_ids, maskable, attn_mask, mask_id):
    T = input_ids.shape[1]
    mask = rows_of(attn_mask, len(input_ids)).mT.expand(-1, -1, T, T)
    return terms(model, input_ids, maskable, mask, mask_id).sum(1)


@wrong(8, "a (B, T) mask handed over unbroadcast", "raised")
def _(model, input_ids, maskable, attn_mask, mask_id):
    return terms(model, input_ids, maskable, attn_mask[:, 0, 0], mask_id).sum(1)


@wrong(None, "the first row's mask for all", "first-mask", "shared-mask")
def _(model, input_ids, maskable, attn_mask, mask_id):
    return terms(model, input_ids, maskable, attn_mask[:1], mask_id).sum(1)


# copies of the texts


def copies_of(input_ids, mask_id):
    """(B·T, T), text by text."""
    B, T = input_ids.shape
    eye = torch.eye(T, dtype=torch.bool).repeat(B, 1)
    return input_ids.repeat_interleave(T, 0).masked_fill(eye, mask_id)


def of_copies(logits, input_ids, maskable):
    """(B,) from the logits of those copies."""
    B, T = input_ids.shape
    log_p = logits.view(B, T, T, -1).diagonal(dim1=1, dim2=2).mT.log_softmax(-1)
    return (log_p.gather(-1, input_ids[..., None])[..., 0] * maskable).sum(1)


@wrong(16, "the mask repeated, the ids interleaved", "masks-mixed")
def _(model, input_ids, maskable, attn_mask, mask_id):
    B, T = input_ids.shape
    mask = rows_of(attn_mask, B).repeat(T, 1, 1, 1)
    return of_copies(model(copies_of(input_ids, mask_id), mask), input_ids, maskable)


@wrong(16, "the mask interleaved, the ids repeated", "masks-mixed")
def _(model, input_ids, maskable, attn_mask, mask_id):
    B, T = input_ids.shape
    copies = input_ids.repeat(T, 1)
    place = torch.arange(T).repeat_interleave(B)
    copies[torch.arange(B * T), place] = mask_id
    logits = model(copies, rows_of(attn_mask, B).repeat_interleave(T, 0))
    log_p = logits[torch.arange(B * T), place].log_softmax(-1).view(T, B, -1).transpose(0, 1)
    return (log_p.gather(-1, input_ids[..., None])[..., 0] * maskable).sum(1)


@wrong(27, "copies text by text, taken apart position by position", "rows-mixed")
def _(model, input_ids, maskable, attn_mask, mask_id):
    B, T = input_ids.shape
    logits = model(copies_of(input_ids, mask_id), rows_of(attn_mask, B).repeat_interleave(T, 0))
    log_p = logits.view(T, B, T, -1).diagonal(dim1=0, dim2=2).permute(0, 2, 1).log_softmax(-1)
    return (log_p.gather(-1, input_ids[..., None])[..., 0] * maskable).sum(1)


@wrong(None, "the mask not repeated", "mask-not-repeated")
def _(model, input_ids, maskable, attn_mask, mask_id):
    return of_copies(model(copies_of(input_ids, mask_id), attn_mask), input_ids, maskable)


@wrong(None, "text by text, with the whole mask", "mask-not-repeated")
def _(model, input_ids, maskable, attn_mask, mask_id):
    total = torch.zeros(len(input_ids))
    for b in range(len(input_ids)):
        one = input_ids[b : b + 1]
        for t in maskable[b].nonzero().flatten().tolist():
            logits = model(alone(one, maskable, t, mask_id), attn_mask)
            total[b] += picked(logits, one, t)[0]
    return total


@wrong(None, "the mask repeated although all rows share it", "shared-mask")
def _(model, input_ids, maskable, attn_mask, mask_id):
    mask = attn_mask.repeat_interleave(input_ids.shape[1], 0)
    return of_copies(model(copies_of(input_ids, mask_id), mask), input_ids, maskable)


# who is scored


@wrong(35, "all real positions scored, special ones too", "special-scored", "shared-mask")
def _(model, input_ids, maskable, attn_mask, mask_id):
    real = rows_of(attn_mask, len(input_ids))[:, 0, 0].expand_as(input_ids)
    return terms(model, input_ids, real, attn_mask, mask_id).sum(1)


@wrong(35, "every position scored", "maskable-ignored")
def _(model, input_ids, maskable, attn_mask, mask_id):
    everywhere = torch.ones_like(maskable)
    return terms(model, input_ids, everywhere, attn_mask, mask_id).sum(1)


@wrong(35, "every position but the first scored", "maskable-ignored")
def _(model, input_ids, maskable, attn_mask, mask_id):
    later = torch.ones_like(maskable)
    later[:, 0] = False
    return terms(model, input_ids, later, attn_mask, mask_id).sum(1)


@wrong(35, "all real positions but the first scored: <eos> too", "special-scored", "shared-mask")
def _(model, input_ids, maskable, attn_mask, mask_id):
    real = rows_of(attn_mask, len(input_ids))[:, 0, 0].clone()
    real[:, 0] = False
    return terms(model, input_ids, real, attn_mask, mask_id).sum(1)


@wrong(35, "range(1, T - 1)", "ends-special")
def _(model, input_ids, maskable, attn_mask, mask_id):
    total = torch.zeros(len(input_ids))
    for t in range(1, input_ids.shape[1] - 1):
        total += picked(model(alone(input_ids, maskable, t, mask_id), attn_mask), input_ids, t)
    return total


@wrong(None, "range(1, T - 1), where maskable", "ends-special")
def _(model, input_ids, maskable, attn_mask, mask_id):
    inner = maskable.clone()
    inner[:, [0, -1]] = False
    return terms(model, input_ids, inner, attn_mask, mask_id).sum(1)


@wrong(None, "what is not maskable scored", "inverted")
def _(model, input_ids, maskable, attn_mask, mask_id):
    return terms(model, input_ids, ~maskable, attn_mask, mask_id).sum(1)


@wrong(22, "special tokens known by their ids", "masked-by-id")
def _(model, input_ids, maskable, attn_mask, mask_id):
    return terms(model, input_ids, maskable & (input_ids > 3), attn_mask, mask_id).sum(1)


@wrong(22, "padding known by id 0", "masked-by-id")
def _(model, input_ids, maskable, attn_mask, mask_id):
    return terms(model, input_ids, maskable & (input_ids != 0), attn_mask, mask_id).sum(1)


@wrong(None, "the first row's maskable for all", "one-row")
def _(model, input_ids, maskable, attn_mask, mask_id):
    return terms(model, input_ids, maskable[:1].expand_as(maskable), attn_mask, mask_id).sum(1)


@wrong(None, "the last maskable position lost", "one-lost")
def _(model, input_ids, maskable, attn_mask, mask_id):
    last = maskable & (maskable.flip(1).cumsum(1).flip(1) == 1)
    return terms(model, input_ids, maskable & ~last, attn_mask, mask_id).sum(1)


@wrong(None, "the loop returns after the first position", "one-lost")
def _(model, input_ids, maskable, attn_mask, mask_id):
    first = maskable & (maskable.cumsum(1) == 1)
    return terms(model, input_ids, first, attn_mask, mask_id).sum(1)


@wrong(34, "positions found where the ids are mask_id", "mask-in-text")
def _(model, input_ids, maskable, attn_mask, mask_id):
    total = torch.zeros(len(input_ids))
    for t in range(input_ids.shape[1]):
        hidden = torch.where((torch.arange(input_ids.shape[1]) == t) & maskable, mask_id, input_ids)
        log_p = model(hidden, attn_mask).log_softmax(-1)
        log_p = log_p.gather(-1, input_ids[..., None])[..., 0]
        total += (log_p * (hidden == mask_id)).sum(1)
    return total


# what is read and summed


@wrong(20, "the logits at t - 1, as of a causal model", "shifted")
def _(model, input_ids, maskable, attn_mask, mask_id):
    def pick(logits, input_ids, t):
        return picked(logits.roll(1, 1), input_ids, t)

    return terms(model, input_ids, maskable, attn_mask, mask_id, pick=pick).sum(1)


@wrong(20, "range(1, T) and the logits at t - 1", "shifted")
def _(model, input_ids, maskable, attn_mask, mask_id):
    total = torch.zeros(len(input_ids))
    for t in range(1, input_ids.shape[1]):
        log_p = model(alone(input_ids, maskable, t, mask_id), attn_mask)[:, t - 1].log_softmax(-1)
        total += log_p.gather(1, input_ids[:, t, None])[:, 0] * maskable[:, t]
    return total


@wrong(20, "the logits at t + 1", "shifted")
def _(model, input_ids, maskable, attn_mask, mask_id):
    total = torch.zeros(len(input_ids))
    for t in range(input_ids.shape[1] - 1):
        log_p = model(alone(input_ids, maskable, t, mask_id), attn_mask)[:, t + 1].log_softmax(-1)
        total += log_p.gather(1, input_ids[:, t, None])[:, 0] * maskable[:, t]
    return total


@wrong(None, "all positions of each copy summed", "all-read")
def _(model, input_ids, maskable, attn_mask, mask_id):
    total = torch.zeros(len(input_ids))
    for t in range(input_ids.shape[1]):
        log_p = model(alone(input_ids, maskable, t, mask_id), attn_mask).log_softmax(-1)
        log_p = log_p.gather(-1, input_ids[..., None])[..., 0]
        total += (log_p * maskable).sum(1) * maskable[:, t]
    return total


@wrong(None, "the first row's token in all rows", "first-row-token")
def _(model, input_ids, maskable, attn_mask, mask_id):
    total = torch.zeros(len(input_ids))
    for t in range(input_ids.shape[1]):
        log_p = model(alone(input_ids, maskable, t, mask_id), attn_mask)[:, t].log_softmax(-1)
        total += log_p[:, input_ids[0, t]] * maskable[:, t]
    return total


@wrong(None, "softmax over the copies of a text", "wrong-axis")
def _(model, input_ids, maskable, attn_mask, mask_id):
    B, T = input_ids.shape
    masks = rows_of(attn_mask, B).repeat_interleave(T, 0)
    logits = model(copies_of(input_ids, mask_id), masks).view(B, T, T, -1)
    log_p = logits.diagonal(dim1=1, dim2=2).mT.log_softmax(1)
    return (log_p.gather(-1, input_ids[..., None])[..., 0] * maskable).sum(1)


@wrong(None, "softmax over all copies", "wrong-axis")
def _(model, input_ids, maskable, attn_mask, mask_id):
    b, t = maskable.nonzero(as_tuple=True)
    n = torch.arange(len(b))
    hidden = input_ids[b]
    hidden[n, t] = mask_id
    logits = model(hidden, rows_of(attn_mask, len(input_ids))[b])[n, t]
    log_p = logits.log_softmax(0)[n, input_ids[b, t]]
    return torch.zeros(len(input_ids)).index_add(0, b, log_p)


@wrong(None, "softmax after gathering, over the positions", "wrong-axis")
def _(model, input_ids, maskable, attn_mask, mask_id):
    def pick(logits, input_ids, t):
        return logits.gather(-1, input_ids[..., None])[..., 0].log_softmax(-1)[:, t]

    return terms(model, input_ids, maskable, attn_mask, mask_id, pick=pick).sum(1)


@wrong(28, "raw logits", "no-log")
def _(model, input_ids, maskable, attn_mask, mask_id):
    def pick(logits, input_ids, t):
        return logits[:, t].gather(1, input_ids[:, t, None])[:, 0]

    return terms(model, input_ids, maskable, attn_mask, mask_id, pick=pick).sum(1)


@wrong(28, "softmax, then log_softmax", "softmax-twice")
def _(model, input_ids, maskable, attn_mask, mask_id):
    def pick(logits, input_ids, t):
        return picked(logits.softmax(-1), input_ids, t)

    return terms(model, input_ids, maskable, attn_mask, mask_id, pick=pick).sum(1)


@wrong(None, "softmax over the positions", "wrong-axis")
def _(model, input_ids, maskable, attn_mask, mask_id):
    def pick(logits, input_ids, t):
        return logits.log_softmax(1)[:, t].gather(1, input_ids[:, t, None])[:, 0]

    return terms(model, input_ids, maskable, attn_mask, mask_id, pick=pick).sum(1)


@wrong(None, "softmax over the batch", "wrong-axis")
def _(model, input_ids, maskable, attn_mask, mask_id):
    def pick(logits, input_ids, t):
        return logits.log_softmax(0)[:, t].gather(1, input_ids[:, t, None])[:, 0]

    return terms(model, input_ids, maskable, attn_mask, mask_id, pick=pick).sum(1)


@wrong(None, "probabilities summed", "probability")
def _(model, input_ids, maskable, attn_mask, mask_id):
    def pick(logits, input_ids, t):
        return picked(logits, input_ids, t).exp()

    return terms(model, input_ids, maskable, attn_mask, mask_id, pick=pick).sum(1)


@wrong(None, "the probability of the text", "probability")
def _(model, input_ids, maskable, attn_mask, mask_id):
    return terms(model, input_ids, maskable, attn_mask, mask_id).sum(1).exp()


@wrong(None, "the mask token scored", "mask-scored")
def _(model, input_ids, maskable, attn_mask, mask_id):
    def pick(logits, input_ids, t):
        return picked(logits, torch.full_like(input_ids, mask_id), t)

    return terms(model, input_ids, maskable, attn_mask, mask_id, pick=pick).sum(1)


@wrong(23, "the hidden ids gathered", "mask-scored")
def _(model, input_ids, maskable, attn_mask, mask_id):
    total = torch.zeros(len(input_ids))
    for t in range(input_ids.shape[1]):
        hidden = alone(input_ids, maskable, t, mask_id)
        total += picked(model(hidden, attn_mask), hidden, t) * maskable[:, t]
    return total


@wrong(None, "the likeliest token scored", "likeliest")
def _(model, input_ids, maskable, attn_mask, mask_id):
    def pick(logits, input_ids, t):
        return logits[:, t].log_softmax(-1).amax(-1)

    return terms(model, input_ids, maskable, attn_mask, mask_id, pick=pick).sum(1)


@wrong(None, "summed over the vocabulary", "summed-over-vocabulary")
def _(model, input_ids, maskable, attn_mask, mask_id):
    def pick(logits, input_ids, t):
        return logits[:, t].log_softmax(-1).sum(-1)

    return terms(model, input_ids, maskable, attn_mask, mask_id, pick=pick).sum(1)


@wrong(25, "mean over the maskable", "mean")
def _(model, input_ids, maskable, attn_mask, mask_id):
    total = terms(model, input_ids, maskable, attn_mask, mask_id).sum(1)
    return total / maskable.sum(1).clamp(min=1)


@wrong(25, "mean over all positions", "mean")
def _(model, input_ids, maskable, attn_mask, mask_id):
    return terms(model, input_ids, maskable, attn_mask, mask_id).mean(1)


@wrong(None, "a cost", "negative")
def _(model, input_ids, maskable, attn_mask, mask_id):
    total = torch.zeros(len(input_ids))
    for t in range(input_ids.shape[1]):
        logits = model(alone(input_ids, maskable, t, mask_id), attn_mask)
        nll = F.cross_entropy(logits[:, t], input_ids[:, t], reduction="none")
        total += nll * maskable[:, t]
    return total


@wrong(29, "pseudo-perplexity", "perplexity", "nothing-maskable")
def _(model, input_ids, maskable, attn_mask, mask_id):
    total = terms(model, input_ids, maskable, attn_mask, mask_id).sum(1)
    return (-total / maskable.sum(1).clamp(min=1)).exp()


@wrong(None, "bits", "bits")
def _(model, input_ids, maskable, attn_mask, mask_id):
    return terms(model, input_ids, maskable, attn_mask, mask_id).sum(1) / math.log(2)


@wrong(None, "log of an underflowing softmax", "unstable")
def _(model, input_ids, maskable, attn_mask, mask_id):
    def pick(logits, input_ids, t):
        return logits[:, t].softmax(-1).gather(1, input_ids[:, t, None])[:, 0].log()

    return terms(model, input_ids, maskable, attn_mask, mask_id, pick=pick).sum(1)


@wrong(None, "a small number in the logarithm", "unstable")
def _(model, input_ids, maskable, attn_mask, mask_id):
    def pick(logits, input_ids, t):
        return (logits[:, t].softmax(-1).gather(1, input_ids[:, t, None])[:, 0] + 1e-9).log()

    return terms(model, input_ids, maskable, attn_mask, mask_id, pick=pick).sum(1)


@wrong(None, "summed over the batch", "wrong-shape")
def _(model, input_ids, maskable, attn_mask, mask_id):
    return terms(model, input_ids, maskable, attn_mask, mask_id).sum()


@wrong(None, "a term per position", "wrong-shape")
def _(model, input_ids, maskable, attn_mask, mask_id):
    return terms(model, input_ids, maskable, attn_mask, mask_id)


@wrong(None, "rows with nothing maskable left out", "nothing-maskable")
def _(model, input_ids, maskable, attn_mask, mask_id):
    scores = terms(model, input_ids, maskable, attn_mask, mask_id).sum(1)
    return scores[maskable.any(1)]


@wrong(None, "a list of floats", "wrong-type")
def _(model, input_ids, maskable, attn_mask, mask_id):
    return terms(model, input_ids, maskable, attn_mask, mask_id).sum(1).tolist()


@wrong(None, "half precision", "wrong-dtype")
def _(model, input_ids, maskable, attn_mask, mask_id):
    return terms(model, input_ids, maskable, attn_mask, mask_id).sum(1).half()


@wrong(23, "the input masked, and not put back", "in-place", "masks-left")
def _(model, input_ids, maskable, attn_mask, mask_id):
    true, total = input_ids.clone(), torch.zeros(len(input_ids))
    for t in range(input_ids.shape[1]):
        if t:
            input_ids[:, t - 1] = true[:, t - 1]
        input_ids[:, t] = mask_id
        total += picked(model(input_ids, attn_mask), true, t) * maskable[:, t]
    return total


@wrong(None, "maskable used up", "in-place")
def _(model, input_ids, maskable, attn_mask, mask_id):
    scores = terms(model, input_ids, maskable, attn_mask, mask_id).sum(1)
    maskable[:] = False
    return scores


@wrong(None, "long texts cut off", "sees-itself")
def _(model, input_ids, maskable, attn_mask, mask_id):
    short = maskable & (torch.arange(input_ids.shape[1]) < 12)
    return terms(model, input_ids, short, attn_mask, mask_id).sum(1)


@wrong(None, "long texts masked all at once", "not-a-sum")
def _(model, input_ids, maskable, attn_mask, mask_id):
    def hide(input_ids, maskable, t, mask_id):
        return input_ids.masked_fill(maskable, mask_id)

    how = hide if input_ids.shape[1] > 12 else alone
    return terms(model, input_ids, maskable, attn_mask, mask_id, how).sum(1)


@wrong(None, "long texts see themselves", "sees-itself")
def _(model, input_ids, maskable, attn_mask, mask_id):
    def hide(input_ids, maskable, t, mask_id):
        return input_ids

    how = hide if input_ids.shape[1] > 12 else alone
    return terms(model, input_ids, maskable, attn_mask, mask_id, how).sum(1)
