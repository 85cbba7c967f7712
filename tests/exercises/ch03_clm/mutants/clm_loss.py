"""Wrong answers to ``clm_loss``."""

import math

import torch
import torch.nn.functional as F
from ch03_clm.mutants.parts import (
    IGNORE_INDEX,
    is_scored,
    mutant,
    next_targets,
    positions_of,
    scored_mean,
    token_nll,
    unshifted_targets,
)
from torch import nn

from labtools.vocab import eos_id as EOS


@mutant("clm_loss", 19, "no shift", "no-shift")
def _(logits, input_ids, lengths):
    return scored_mean(logits, unshifted_targets(input_ids, lengths))


@mutant("clm_loss", 19, "no shift, the count of the shifted ones", "no-shift")
def _(logits, input_ids, lengths):
    total = token_nll(logits, unshifted_targets(input_ids, lengths)).sum()
    return total / (lengths - 1).clamp(min=0).sum().clamp(min=1)


@mutant("clm_loss", 19, "no shift, the last token left out", "no-shift")
def _(logits, input_ids, lengths):
    labels = torch.where(is_scored(input_ids, lengths), input_ids, -100)
    total = F.cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="sum")
    return total / max(1, (labels != -100).sum())


@mutant("clm_loss", 20, "shifted twice: targets, then slices", "shifted-twice")
def _(logits, input_ids, lengths):
    targets = next_targets(input_ids, lengths)
    return scored_mean(logits[:, :-1], targets[:, 1:])


@mutant("clm_loss", 20, "shifted twice by two", "shifted-twice")
def _(logits, input_ids, lengths):
    labels = unshifted_targets(input_ids, lengths)
    x, y = logits[:, :-2].flatten(0, 1), labels[:, 2:].flatten()
    return F.cross_entropy(x, y, reduction="sum") / (y != -100).sum().clamp(min=1)


@mutant("clm_loss", 20, "shifted twice, the count of once", "shifted-twice")
def _(logits, input_ids, lengths):
    labels = unshifted_targets(input_ids, lengths)
    total = token_nll(logits[:, :-2], labels[:, 2:]).sum()
    return total / (lengths - 1).clamp(min=0).sum().clamp(min=1)


@mutant("clm_loss", None, "NaN made 0", "nan-hidden", "nothing-scored")
def _(logits, input_ids, lengths):
    targets = next_targets(input_ids, lengths)
    return (token_nll(logits, targets).sum() / (targets != -100).sum()).nan_to_num()


@mutant("clm_loss", None, "a row of one position", "nothing-scored")
def _(logits, input_ids, lengths):
    if input_ids.shape[1] == 1:
        return logits.logsumexp(-1).mean()
    return scored_mean(logits, next_targets(input_ids, lengths))


@mutant("clm_loss", 21, "logits moved instead of the targets", "shifted-back")
def _(logits, input_ids, lengths):
    return scored_mean(logits[:, 1:], unshifted_targets(input_ids, lengths)[:, :-1])


@mutant("clm_loss", 21, "rolled the other way", "shifted-back")
def _(logits, input_ids, lengths):
    targets = input_ids.roll(1, 1).masked_fill(~is_scored(input_ids, lengths), -100)
    return scored_mean(logits, targets)


@mutant("clm_loss", 21, "logits after the token that they saw", "shifted-back")
def _(logits, input_ids, lengths):
    labels = unshifted_targets(input_ids, lengths)
    labels = F.pad(labels[:, :-1], (1, 0), value=IGNORE_INDEX)
    labels = labels.masked_fill(positions_of(labels) >= lengths[:, None], IGNORE_INDEX)
    return scored_mean(logits, labels)


@mutant("clm_loss", 22, "padding known by id 0", "masked-by-id")
def _(logits, input_ids, lengths):
    targets = F.pad(input_ids[:, 1:], (0, 1), value=0)
    total = F.cross_entropy(logits.mT, targets, ignore_index=0, reduction="sum")
    return total / (targets != 0).sum().clamp(min=1)


@mutant("clm_loss", 22, "padding known by <eos>, no lengths", "masked-by-id")
def _(logits, input_ids, lengths):
    targets = F.pad(input_ids[:, 1:], (0, 1), value=IGNORE_INDEX)
    return scored_mean(logits, targets.masked_fill(targets == EOS, IGNORE_INDEX))


@mutant("clm_loss", 22, "by length, and id 0 ignored too", "masked-by-id")
def _(logits, input_ids, lengths):
    targets = next_targets(input_ids, lengths)
    return scored_mean(logits, targets.masked_fill(targets == 0, IGNORE_INDEX))


@mutant("clm_loss", 23, "inputs turned into labels", "in-place")
def _(logits, input_ids, lengths):
    labels = input_ids[:, 1:]
    labels[positions_of(input_ids)[1:] >= lengths[:, None]] = IGNORE_INDEX
    return scored_mean(logits[:, :-1], labels)


@mutant("clm_loss", None, "logits normalised in place", "in-place")
def _(logits, input_ids, lengths):
    loss = scored_mean(logits, next_targets(input_ids, lengths))
    with torch.no_grad():
        logits -= logits.amax(-1, keepdim=True)
    return loss


@mutant("clm_loss", 24, "the library's mean, without a guard", "nan-when-empty")
def _(logits, input_ids, lengths):
    return F.cross_entropy(logits.flatten(0, 1), next_targets(input_ids, lengths).flatten())


@mutant("clm_loss", 24, "sum over count, without a guard", "nan-when-empty")
def _(logits, input_ids, lengths):
    targets = next_targets(input_ids, lengths)
    return token_nll(logits, targets).sum() / (targets != IGNORE_INDEX).sum()


@mutant("clm_loss", 24, "mean of the selected ones, without a guard", "nan-when-empty")
def _(logits, input_ids, lengths):
    scored = is_scored(input_ids, lengths)
    return F.cross_entropy(logits[scored], input_ids.roll(-1, 1)[scored])


@mutant("clm_loss", 24, "nothing scored gives a constant without a gradient", "nothing-scored")
def _(logits, input_ids, lengths):
    targets = next_targets(input_ids, lengths)
    if (targets == IGNORE_INDEX).all():
        return torch.tensor(0.0, dtype=logits.dtype)
    return scored_mean(logits, targets)


@mutant("clm_loss", 24, "nothing scored gives the number 0.0", "nothing-scored")
def _(logits, input_ids, lengths):
    if not is_scored(input_ids, lengths).any():
        return 0.0
    return scored_mean(logits, next_targets(input_ids, lengths))


@mutant("clm_loss", 24, "0 in value, NaN in gradient", "nothing-scored")
def _(logits, input_ids, lengths):
    targets = next_targets(input_ids, lengths)
    scored = targets != IGNORE_INDEX
    chosen = logits.log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    mean = -(chosen * scored).sum() / scored.sum()
    return torch.where(scored.any(), mean, torch.zeros_like(mean))


@mutant("clm_loss", 24, "the whole batch at least one: nothing scored gives one", "nothing-scored")
def _(logits, input_ids, lengths):
    targets = next_targets(input_ids, lengths)
    if (targets == IGNORE_INDEX).all():
        return logits.sum() * 0 + 1
    return scored_mean(logits, targets)


@mutant("clm_loss", 25, "mean over all positions", "all-positions")
def _(logits, input_ids, lengths):
    return token_nll(logits, next_targets(input_ids, lengths)).mean()


@mutant("clm_loss", 25, "mean over B (T - 1) positions", "all-positions")
def _(logits, input_ids, lengths):
    targets = next_targets(input_ids, lengths)
    B, T = input_ids.shape
    losses = F.cross_entropy(logits[:, :-1].mT, targets[:, :-1], reduction="none")
    return losses.sum() / max(B * (T - 1), 1)


@mutant("clm_loss", 25, "divided by numel", "all-positions")
def _(logits, input_ids, lengths):
    chosen = logits.log_softmax(-1).gather(-1, input_ids.roll(-1, 1)[..., None])[..., 0]
    return -(chosen * is_scored(input_ids, lengths)).sum() / chosen.numel()


@mutant("clm_loss", 25, "divided by the lengths, first tokens counted", "real-tokens")
def _(logits, input_ids, lengths):
    return token_nll(logits, next_targets(input_ids, lengths)).sum() / lengths.sum().clamp(min=1)


@mutant("clm_loss", 25, "divided by the sum of lengths - 1", "short-rows")
def _(logits, input_ids, lengths):
    total = token_nll(logits, next_targets(input_ids, lengths)).sum()
    return total / (lengths - 1).sum().clamp(min=1)


@mutant("clm_loss", 25, "divided by the batch size", "divided-by-rows")
def _(logits, input_ids, lengths):
    return token_nll(logits, next_targets(input_ids, lengths)).sum(1).mean()


@mutant("clm_loss", 26, "mean of the rows' means", "mean-of-rows")
def _(logits, input_ids, lengths):
    targets = next_targets(input_ids, lengths)
    counts = (targets != IGNORE_INDEX).sum(1).clamp(min=1)
    return (token_nll(logits, targets).sum(1) / counts).mean()


@mutant("clm_loss", 26, "mean of the means of the rows that have one", "mean-of-rows")
def _(logits, input_ids, lengths):
    targets = next_targets(input_ids, lengths)
    means = [
        F.cross_entropy(x[y != -100], y[y != -100])
        for x, y in zip(logits, targets, strict=True)
        if (y != -100).any()
    ]
    return sum(means) / len(means) if means else logits.sum() * 0


@mutant("clm_loss", 26, "mean of the positions' means")
def _(logits, input_ids, lengths):
    targets = next_targets(input_ids, lengths)
    counts = (targets != IGNORE_INDEX).sum(0)
    means = token_nll(logits, targets).sum(0) / counts.clamp(min=1)
    return means.sum() / (counts > 0).sum().clamp(min=1)


@mutant("clm_loss", 27, "view where transpose was meant", "view")
def _(logits, input_ids, lengths):
    B, T, V = logits.shape
    targets = next_targets(input_ids, lengths)
    total = F.cross_entropy(logits.view(B, V, T), targets, reduction="sum")
    return total / (targets != -100).sum().clamp(min=1)


@mutant("clm_loss", 27, "reshape where transpose was meant, after the shift", "view")
def _(logits, input_ids, lengths):
    x, y = logits[:, :-1], next_targets(input_ids, lengths)[:, :-1]
    losses = F.cross_entropy(x.reshape(x.shape[0], x.shape[2], x.shape[1]), y, reduction="none")
    return losses.sum() / (y != IGNORE_INDEX).sum().clamp(min=1)


@mutant("clm_loss", 27, "neither transposed nor flattened", "class-dimension")
def _(logits, input_ids, lengths):
    return F.cross_entropy(logits, next_targets(input_ids, lengths))


@mutant("clm_loss", 27, "neither transposed nor flattened, after slices", "class-dimension")
def _(logits, input_ids, lengths):
    labels = unshifted_targets(input_ids, lengths)
    loss = nn.CrossEntropyLoss(reduction="sum")
    return loss(logits[:, :-1], labels[:, 1:]) / (labels[:, 1:] != IGNORE_INDEX).sum()


@mutant("clm_loss", 27, "transposed, but the logits are one position longer", "raised")
def _(logits, input_ids, lengths):
    return F.cross_entropy(logits.mT, unshifted_targets(input_ids, lengths)[:, 1:])


@mutant("clm_loss", 27, "flattened in two different orders", "view")
def _(logits, input_ids, lengths):
    targets = next_targets(input_ids, lengths)
    x = logits.transpose(0, 1).reshape(-1, logits.shape[-1])
    total = F.cross_entropy(x, targets.reshape(-1), reduction="sum")
    return total / (targets != -100).sum().clamp(min=1)


@mutant("clm_loss", 28, "softmax before cross-entropy", "softmax-twice")
def _(logits, input_ids, lengths):
    return scored_mean(logits.softmax(-1), next_targets(input_ids, lengths))


@mutant("clm_loss", 28, "softmax twice, by hand", "softmax-twice")
def _(logits, input_ids, lengths):
    probs = logits.softmax(-1)
    log_probs = F.log_softmax(probs, -1)
    targets = next_targets(input_ids, lengths)
    losses = F.nll_loss(log_probs.mT, targets, reduction="none")
    return losses.sum() / (targets != -100).sum().clamp(min=1)


@mutant("clm_loss", 28, "nll_loss of probabilities", "no-log")
def _(logits, input_ids, lengths):
    targets = next_targets(input_ids, lengths)
    total = F.nll_loss(logits.softmax(-1).flatten(0, 1), targets.flatten(), reduction="sum")
    return total / (targets != -100).sum().clamp(min=1)


@mutant("clm_loss", 28, "nll_loss of logits", "no-log")
def _(logits, input_ids, lengths):
    targets = next_targets(input_ids, lengths)
    total = F.nll_loss(logits.flatten(0, 1), targets.flatten(), reduction="sum")
    return total / (targets != -100).sum().clamp(min=1)


@mutant("clm_loss", 29, "perplexity instead of loss", "perplexity")
def _(logits, input_ids, lengths):
    return scored_mean(logits, next_targets(input_ids, lengths)).exp()


@mutant("clm_loss", 29, "mean of perplexities", "perplexity")
def _(logits, input_ids, lengths):
    targets = next_targets(input_ids, lengths)
    scored = targets != IGNORE_INDEX
    return (token_nll(logits, targets).exp() * scored).sum() / scored.sum().clamp(min=1)


@mutant("clm_loss", None, "padding scored", "padding-scored")
def _(logits, input_ids, lengths):
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), input_ids[:, 1:].flatten())


@mutant("clm_loss", None, "padding scored, divided by the scored ones", "padding-scored")
def _(logits, input_ids, lengths):
    total = token_nll(logits[:, :-1], input_ids[:, 1:]).sum()
    return total / is_scored(input_ids, lengths).sum().clamp(min=1)


@mutant("clm_loss", None, "first padding cell scored", "one-too-many")
def _(logits, input_ids, lengths):
    targets = F.pad(input_ids[:, 1:], (0, 1), value=IGNORE_INDEX)
    return scored_mean(logits, targets.masked_fill(positions_of(targets) >= lengths[:, None], -100))


@mutant("clm_loss", None, "last token not scored", "one-too-few")
def _(logits, input_ids, lengths):
    targets = next_targets(input_ids, lengths)
    return scored_mean(
        logits, targets.masked_fill(positions_of(targets) >= lengths[:, None] - 2, -100)
    )


@mutant("clm_loss", None, "roll wraps around in full rows", "wraps-round")
def _(logits, input_ids, lengths):
    unscored = positions_of(input_ids) >= lengths[:, None] - 1
    unscored[lengths == input_ids.shape[1]] = False
    return scored_mean(logits, input_ids.roll(-1, 1).masked_fill(unscored, -100))


@mutant("clm_loss", None, "the sum", "sum")
def _(logits, input_ids, lengths):
    return token_nll(logits, next_targets(input_ids, lengths)).sum()


@mutant("clm_loss", None, "the library's sum", "sum")
def _(logits, input_ids, lengths):
    loss = nn.CrossEntropyLoss(reduction="sum")
    return loss(logits.flatten(0, 1), next_targets(input_ids, lengths).flatten())


@mutant("clm_loss", None, "bits", "bits")
def _(logits, input_ids, lengths):
    return scored_mean(logits, next_targets(input_ids, lengths)) / math.log(2)


@mutant("clm_loss", None, "log-probabilities turned into bits", "bits")
def _(logits, input_ids, lengths):
    targets = next_targets(input_ids, lengths)
    log2_probs = logits.log_softmax(-1) * math.log2(math.e)
    losses = F.nll_loss(log2_probs.mT, targets, reduction="none")
    return losses.sum() / (targets != IGNORE_INDEX).sum().clamp(min=1)


@mutant("clm_loss", None, "sign forgotten", "negative")
def _(logits, input_ids, lengths):
    return -scored_mean(logits, next_targets(input_ids, lengths))


@mutant("clm_loss", None, "softmax over time", "wrong-axis")
def _(logits, input_ids, lengths):
    targets = next_targets(input_ids, lengths)
    scored = targets != IGNORE_INDEX
    chosen = logits.log_softmax(dim=1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return -(chosen * scored).sum() / scored.sum().clamp(min=1)


@mutant("clm_loss", None, "softmax over the batch", "wrong-axis")
def _(logits, input_ids, lengths):
    targets = next_targets(input_ids, lengths)
    losses = F.nll_loss(F.log_softmax(logits, dim=0).mT, targets, reduction="none")
    return losses.sum() / (targets != IGNORE_INDEX).sum().clamp(min=1)


@mutant("clm_loss", None, "log of an underflowing softmax", "unstable")
def _(logits, input_ids, lengths):
    targets = next_targets(input_ids, lengths)
    scored = targets != IGNORE_INDEX
    chosen = logits.softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return -(chosen.log() * scored).sum() / scored.sum().clamp(min=1)


@mutant("clm_loss", None, "log of a softmax plus epsilon", "unstable")
def _(logits, input_ids, lengths):
    targets = next_targets(input_ids, lengths)
    losses = F.nll_loss((logits.softmax(-1) + 1e-8).log().mT, targets, reduction="none")
    return losses.sum() / (targets != IGNORE_INDEX).sum().clamp(min=1)


@mutant("clm_loss", None, "exp overflows", "unstable")
def _(logits, input_ids, lengths):
    targets = next_targets(input_ids, lengths)
    log_probs = logits - logits.exp().sum(-1, keepdim=True).log()
    losses = F.nll_loss(log_probs.mT, targets, reduction="none")
    return losses.sum() / (targets != IGNORE_INDEX).sum().clamp(min=1)


@mutant("clm_loss", None, "detached", "wrong-gradient")
def _(logits, input_ids, lengths):
    return scored_mean(logits, next_targets(input_ids, lengths)).detach()


@mutant("clm_loss", None, "under no_grad", "wrong-gradient")
@torch.no_grad()
def _(logits, input_ids, lengths):
    return scored_mean(logits, next_targets(input_ids, lengths))


@mutant("clm_loss", None, "a new tensor from the value", "wrong-gradient")
def _(logits, input_ids, lengths):
    value = scored_mean(logits, next_targets(input_ids, lengths)).item()
    return torch.tensor(value, dtype=logits.dtype, requires_grad=True)


@mutant("clm_loss", None, "a float", "wrong-type")
def _(logits, input_ids, lengths):
    return scored_mean(logits, next_targets(input_ids, lengths)).item()


@mutant("clm_loss", None, "shape (1,)", "wrong-shape")
def _(logits, input_ids, lengths):
    return scored_mean(logits, next_targets(input_ids, lengths)).reshape(1)


@mutant("clm_loss", None, "a loss per token", "wrong-shape")
def _(logits, input_ids, lengths):
    return token_nll(logits, next_targets(input_ids, lengths))


@mutant("clm_loss", None, "a loss per row", "wrong-shape")
def _(logits, input_ids, lengths):
    targets = next_targets(input_ids, lengths)
    return token_nll(logits, targets).sum(1) / (targets != IGNORE_INDEX).sum(1).clamp(min=1)


@mutant("clm_loss", None, "always float32", "wrong-dtype")
def _(logits, input_ids, lengths):
    return scored_mean(logits.float(), next_targets(input_ids, lengths))


@mutant("clm_loss", None, "one more in the denominator")
def _(logits, input_ids, lengths):
    targets = next_targets(input_ids, lengths)
    return token_nll(logits, targets).sum() / ((targets != IGNORE_INDEX).sum() + 1)


@mutant("clm_loss", None, "average probability, then the logarithm")
def _(logits, input_ids, lengths):
    targets = next_targets(input_ids, lengths)
    scored = targets != IGNORE_INDEX
    if not scored.any():
        return logits.sum() * 0
    probs = logits.softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return -probs[scored].mean().log()


@mutant("clm_loss", None, "label smoothing")
def _(logits, input_ids, lengths):
    targets = next_targets(input_ids, lengths)
    total = F.cross_entropy(logits.mT, targets, reduction="sum", label_smoothing=0.1)
    return total / (targets != -100).sum().clamp(min=1)


@mutant("clm_loss", None, "only the last prediction of each row")
def _(logits, input_ids, lengths):
    targets = next_targets(input_ids, lengths)
    last = positions_of(targets) == lengths[:, None] - 2
    return scored_mean(logits, targets.masked_fill(~last, IGNORE_INDEX))


@mutant("clm_loss", None, "first prediction dropped")
def _(logits, input_ids, lengths):
    return scored_mean(logits[:, 1:], next_targets(input_ids, lengths)[:, 1:])


@mutant("clm_loss", None, "ignored ones scored as id 0", "padding-scored")
def _(logits, input_ids, lengths):
    targets = next_targets(input_ids, lengths)
    count = (targets != IGNORE_INDEX).sum().clamp(min=1)
    return token_nll(logits, targets.clamp(min=0)).sum() / count


@mutant("clm_loss", None, "raw logits, no softmax", "no-log")
def _(logits, input_ids, lengths):
    targets = next_targets(input_ids, lengths)
    scored = targets != IGNORE_INDEX
    chosen = logits.gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return -(chosen * scored).sum() / scored.sum().clamp(min=1)
