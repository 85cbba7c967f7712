"""Wrong answers to chapter 3, as learners write them: every one must fail, for its own reason."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from labtools.vocab import eos_id as EOS

IGNORE_INDEX = -100
MUTANTS = []


@dataclass(frozen=True)
class Mutant:
    """A wrong answer.

    Args:
        function: The function that it answers.
        number: Its number in the catalogue of mistakes; None for those that are not in it.
        name: What is wrong, in a few words.
        diagnosed: Names of the mistake that a check may give it; empty where it has no name and
            a counterexample must do.
        answer: The wrong answer.
    """

    function: str
    number: int | None
    name: str
    diagnosed: frozenset[str]
    answer: Callable


def mutant(function, number, name, *diagnosed):
    """Keep an answer as a mutant."""

    def keep(answer):
        MUTANTS.append(Mutant(function, number, name, frozenset(diagnosed), answer))
        return answer

    return keep


def _positions(ids):
    return torch.arange(ids.shape[1], device=ids.device)


# next_token_targets


@mutant("next_token_targets", 19, "no shift", "no-shift")
def _(input_ids, lengths):
    return input_ids.masked_fill(_positions(input_ids) >= lengths[:, None], IGNORE_INDEX)


@mutant("next_token_targets", 19, "no shift, and the last token not scored", "no-shift")
def _(input_ids, lengths):
    targets = input_ids.clone()
    for b, n in enumerate(lengths.tolist()):
        targets[b, max(n - 1, 0) :] = -100
    return targets


@mutant("next_token_targets", 19, "labels = inputs, shifted by the library only", "no-shift")
def _(input_ids, lengths):
    labels = torch.full_like(input_ids, -100)
    for b in range(len(lengths)):
        labels[b, : lengths[b]] = input_ids[b, : lengths[b]]
    return labels


@mutant("next_token_targets", 20, "shifted twice by rolling", "shifted-twice")
def _(input_ids, lengths):
    unscored = _positions(input_ids) >= lengths[:, None] - 2
    return input_ids.roll(-2, 1).masked_fill(unscored, IGNORE_INDEX)


@mutant("next_token_targets", 20, "shifted twice by slices", "shifted-twice")
def _(input_ids, lengths):
    targets = torch.full_like(input_ids, -100)
    for b, n in enumerate(lengths.tolist()):
        if n > 2:
            targets[b, : n - 2] = input_ids[b, 2:n]
    return targets


@mutant(
    "next_token_targets", 20, "shifted twice, the last real position scored too", "shifted-twice"
)
def _(input_ids, lengths):
    unscored = _positions(input_ids) >= lengths[:, None] - 1
    return input_ids.roll(-2, 1).masked_fill(unscored, IGNORE_INDEX)


@mutant("next_token_targets", 21, "rolled to the right", "shifted-back")
def _(input_ids, lengths):
    t = _positions(input_ids)
    return input_ids.roll(1, 1).masked_fill((t == 0) | (t >= lengths[:, None]), IGNORE_INDEX)


@mutant("next_token_targets", 21, "rolled to the right under the right mask", "shifted-back")
def _(input_ids, lengths):
    return input_ids.roll(1, 1).masked_fill(
        _positions(input_ids) >= lengths[:, None] - 1, IGNORE_INDEX
    )


@mutant("next_token_targets", 21, "slices the wrong way round", "shifted-back")
def _(input_ids, lengths):
    targets = torch.full_like(input_ids, -100)
    for b, n in enumerate(lengths.tolist()):
        if n > 1:
            targets[b, 1:n] = input_ids[b, : n - 1]
    return targets


@mutant("next_token_targets", 22, "padding known by id 0", "masked-by-id")
def _(input_ids, lengths):
    targets = F.pad(input_ids[:, 1:], (0, 1), value=IGNORE_INDEX)
    return targets.masked_fill(targets == 0, IGNORE_INDEX)


@mutant("next_token_targets", 22, "padding known by <eos>, no lengths", "masked-by-id")
def _(input_ids, lengths):
    targets = F.pad(input_ids[:, 1:], (0, 1), value=IGNORE_INDEX)
    return targets.masked_fill(targets == EOS, IGNORE_INDEX)


@mutant("next_token_targets", 22, "padding known by the id in the last cell")
def _(input_ids, lengths):
    targets = F.pad(input_ids[:, 1:], (0, 1), value=IGNORE_INDEX)
    pad_id = input_ids[lengths < input_ids.shape[1]][:, -1:]
    if len(pad_id):
        targets[targets == pad_id[0]] = IGNORE_INDEX
    return targets


@mutant("next_token_targets", 22, "by length, and every id 0 dropped as well", "masked-by-id")
def _(input_ids, lengths):
    targets = input_ids.roll(-1, 1)
    unscored = (_positions(input_ids) >= lengths[:, None] - 1) | (targets == 0)
    return targets.masked_fill(unscored, IGNORE_INDEX)


@mutant("next_token_targets", 23, "labels written into the inputs", "in-place")
def _(input_ids, lengths):
    labels = input_ids
    labels[:, :-1] = input_ids[:, 1:].clone()
    labels[_positions(labels) >= lengths[:, None] - 1] = IGNORE_INDEX
    return labels


@mutant("next_token_targets", 23, "roll in place", "in-place")
def _(input_ids, lengths):
    input_ids.copy_(input_ids.roll(-1, 1))
    return input_ids.masked_fill(_positions(input_ids) >= lengths[:, None] - 1, IGNORE_INDEX)


@mutant("next_token_targets", 23, "padding overwritten in the inputs", "in-place")
def _(input_ids, lengths):
    input_ids[_positions(input_ids) >= lengths[:, None]] = IGNORE_INDEX
    return F.pad(input_ids[:, 1:], (0, 1), value=IGNORE_INDEX)


@mutant("next_token_targets", 23, "lengths made smaller in place", "in-place")
def _(input_ids, lengths):
    lengths -= 1
    return input_ids.roll(-1, 1).masked_fill(_positions(input_ids) >= lengths[:, None], -100)


@mutant("next_token_targets", None, "lengths not used", "padding-scored")
def _(input_ids, lengths):
    return F.pad(input_ids[:, 1:], (0, 1), value=IGNORE_INDEX)


@mutant("next_token_targets", None, "the longest length for every row", "one-length")
def _(input_ids, lengths):
    n = int(lengths.max())
    targets = torch.full_like(input_ids, -100)
    targets[:, : max(n - 1, 0)] = input_ids[:, 1 : max(n, 1)]
    return targets


@mutant("next_token_targets", None, "the first padding cell is a target", "one-too-many")
def _(input_ids, lengths):
    targets = F.pad(input_ids[:, 1:], (0, 1), value=IGNORE_INDEX)
    return targets.masked_fill(_positions(input_ids) >= lengths[:, None], IGNORE_INDEX)


@mutant("next_token_targets", None, "the first padding cell is a target, with <=", "one-too-many")
def _(input_ids, lengths):
    scored = _positions(input_ids) + 1 <= lengths[:, None]
    following = torch.cat([input_ids[:, 1:], input_ids.new_full((len(input_ids), 1), -100)], 1)
    return torch.where(scored, following, torch.full_like(input_ids, -100))


@mutant("next_token_targets", None, "the last real token is not a target", "one-too-few")
def _(input_ids, lengths):
    targets = F.pad(input_ids[:, 1:], (0, 1), value=IGNORE_INDEX)
    return targets.masked_fill(_positions(input_ids) >= lengths[:, None] - 2, IGNORE_INDEX)


@mutant("next_token_targets", None, "the last real token is not a target, in a loop", "one-too-few")
def _(input_ids, lengths):
    targets = torch.full_like(input_ids, -100)
    for b, n in enumerate(lengths.tolist()):
        for t in range(n - 2):
            targets[b, t] = input_ids[b, t + 1]
    return targets


@mutant("next_token_targets", None, "roll wraps around", "wraps-round")
def _(input_ids, lengths):
    targets = input_ids.roll(-1, 1)
    return targets.masked_fill(_positions(input_ids) + 1 > lengths[:, None], IGNORE_INDEX)


@mutant("next_token_targets", None, "roll wraps around in full rows only", "wraps-round")
def _(input_ids, lengths):
    targets = input_ids.roll(-1, 1)
    for row, n in zip(targets, lengths.tolist(), strict=True):
        if n < len(row):
            row[max(n - 1, 0) :] = IGNORE_INDEX
    return targets


@mutant("next_token_targets", None, "zeros behind the end", "wrong-ignore-index")
def _(input_ids, lengths):
    targets = F.pad(input_ids[:, 1:], (0, 1))
    return targets * (_positions(input_ids) < lengths[:, None] - 1)


@mutant("next_token_targets", None, "-1 where not scored", "wrong-ignore-index")
def _(input_ids, lengths):
    return input_ids.roll(-1, 1).masked_fill(_positions(input_ids) >= lengths[:, None] - 1, -1)


@mutant("next_token_targets", None, "zero in the last column")
def _(input_ids, lengths):
    real = _positions(input_ids) < lengths[:, None]
    targets = torch.zeros_like(input_ids)
    targets[:, :-1] = torch.where(real[:, 1:], input_ids[:, 1:], -100)
    return targets


@mutant("next_token_targets", None, "one column too few", "wrong-shape")
def _(input_ids, lengths):
    return input_ids[:, 1:].masked_fill(_positions(input_ids)[1:] >= lengths[:, None], -100)


@mutant("next_token_targets", None, "transposed", "wrong-shape")
def _(input_ids, lengths):
    targets = input_ids.roll(-1, 1)
    return targets.masked_fill(_positions(targets) >= lengths[:, None] - 1, -100).T


@mutant("next_token_targets", None, "flat", "wrong-shape")
def _(input_ids, lengths):
    targets = input_ids.roll(-1, 1)
    return targets.masked_fill(_positions(targets) >= lengths[:, None] - 1, -100).flatten()


@mutant("next_token_targets", None, "float ids", "wrong-dtype")
def _(input_ids, lengths):
    scored = (_positions(input_ids) < lengths[:, None] - 1).float()
    return input_ids.roll(-1, 1) * scored - 100 * (1 - scored)


@mutant("next_token_targets", None, "int32 ids", "wrong-dtype")
def _(input_ids, lengths):
    unscored = _positions(input_ids) >= lengths[:, None] - 1
    return input_ids.int().roll(-1, 1).masked_fill(unscored, IGNORE_INDEX)


@mutant("next_token_targets", None, "a slice that starts at -1 when a row is empty", "short-rows")
def _(input_ids, lengths):
    targets = input_ids.roll(-1, 1)
    for b, n in enumerate(lengths.tolist()):
        targets[b, n - 1 :] = IGNORE_INDEX
    return targets


@mutant("next_token_targets", None, "an empty row breaks it", "short-rows")
def _(input_ids, lengths):
    targets = torch.full_like(input_ids, IGNORE_INDEX)
    for b, n in enumerate(lengths.tolist()):
        targets[b, : n - 1] = input_ids[b, 1:n]
    return targets


@mutant("next_token_targets", None, "rolled over the batch, not over time")
def _(input_ids, lengths):
    return input_ids.roll(-1, 0).masked_fill(
        _positions(input_ids) >= lengths[:, None] - 1, IGNORE_INDEX
    )


@mutant("next_token_targets", None, "left padding assumed")
def _(input_ids, lengths):
    T = input_ids.shape[1]
    first = T - lengths[:, None]
    targets = F.pad(input_ids[:, 1:], (0, 1), value=IGNORE_INDEX)
    return targets.masked_fill(_positions(input_ids) < first, IGNORE_INDEX)


@mutant("next_token_targets", None, "a bool mask in place of targets", "wrong-dtype")
def _(input_ids, lengths):
    return _positions(input_ids) < lengths[:, None] - 1


@mutant("next_token_targets", 8, "lengths compared without a new dimension", "raised")
def _(input_ids, lengths):
    return input_ids.roll(-1, 1).masked_fill(_positions(input_ids) >= lengths - 1, IGNORE_INDEX)


@mutant("next_token_targets", None, "a new tensor, but of the first row only")
def _(input_ids, lengths):
    targets = torch.full_like(input_ids, IGNORE_INDEX)
    n = int(lengths[0])
    if n > 1:
        targets[0, : n - 1] = input_ids[0, 1:n]
    return targets


@mutant("next_token_targets", 23, "a view of the inputs when nothing is padded", "in-place")
def _(input_ids, lengths):
    targets = torch.as_strided(input_ids, input_ids.shape, input_ids.stride())
    targets[:, :-1] = input_ids[:, 1:].clone()
    targets.masked_fill_(_positions(targets) >= lengths[:, None] - 1, IGNORE_INDEX)
    return targets


# clm_loss


def _scored(input_ids, lengths):
    return _positions(input_ids) < lengths[:, None] - 1


def _targets(input_ids, lengths):
    return input_ids.roll(-1, 1).masked_fill(~_scored(input_ids, lengths), IGNORE_INDEX)


def _nll(logits, targets):
    """0 where ignored."""
    return F.cross_entropy(logits.mT, targets, reduction="none")


def _mean(logits, targets):
    return _nll(logits, targets).sum() / (targets != IGNORE_INDEX).sum().clamp(min=1)


def _own_targets(input_ids, lengths):
    return input_ids.masked_fill(_positions(input_ids) >= lengths[:, None], IGNORE_INDEX)


@mutant("clm_loss", 19, "no shift", "no-shift")
def _(logits, input_ids, lengths):
    return _mean(logits, _own_targets(input_ids, lengths))


@mutant("clm_loss", 19, "no shift, the count of the shifted ones", "no-shift")
def _(logits, input_ids, lengths):
    total = _nll(logits, _own_targets(input_ids, lengths)).sum()
    return total / (lengths - 1).clamp(min=0).sum().clamp(min=1)


@mutant("clm_loss", 19, "no shift, the last token left out", "no-shift")
def _(logits, input_ids, lengths):
    labels = torch.where(_scored(input_ids, lengths), input_ids, -100)
    total = F.cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="sum")
    return total / max(1, (labels != -100).sum())


@mutant("clm_loss", 20, "shifted twice: targets, then slices", "shifted-twice")
def _(logits, input_ids, lengths):
    targets = _targets(input_ids, lengths)
    return _mean(logits[:, :-1], targets[:, 1:])


@mutant("clm_loss", 20, "shifted twice by two", "shifted-twice")
def _(logits, input_ids, lengths):
    labels = _own_targets(input_ids, lengths)
    x, y = logits[:, :-2].flatten(0, 1), labels[:, 2:].flatten()
    return F.cross_entropy(x, y, reduction="sum") / (y != -100).sum().clamp(min=1)


@mutant("clm_loss", 20, "shifted twice, the count of once", "shifted-twice")
def _(logits, input_ids, lengths):
    labels = _own_targets(input_ids, lengths)
    total = _nll(logits[:, :-2], labels[:, 2:]).sum()
    return total / (lengths - 1).clamp(min=0).sum().clamp(min=1)


@mutant("clm_loss", None, "NaN made 0", "nan-hidden", "nothing-scored")
def _(logits, input_ids, lengths):
    targets = _targets(input_ids, lengths)
    return (_nll(logits, targets).sum() / (targets != -100).sum()).nan_to_num()


@mutant("clm_loss", None, "a row of one position", "nothing-scored")
def _(logits, input_ids, lengths):
    if input_ids.shape[1] == 1:
        return logits.logsumexp(-1).mean()
    return _mean(logits, _targets(input_ids, lengths))


@mutant("clm_loss", 21, "logits moved instead of the targets", "shifted-back")
def _(logits, input_ids, lengths):
    return _mean(logits[:, 1:], _own_targets(input_ids, lengths)[:, :-1])


@mutant("clm_loss", 21, "rolled the other way", "shifted-back")
def _(logits, input_ids, lengths):
    targets = input_ids.roll(1, 1).masked_fill(~_scored(input_ids, lengths), -100)
    return _mean(logits, targets)


@mutant("clm_loss", 21, "logits after the token that they saw", "shifted-back")
def _(logits, input_ids, lengths):
    labels = _own_targets(input_ids, lengths)
    labels = F.pad(labels[:, :-1], (1, 0), value=IGNORE_INDEX)
    labels = labels.masked_fill(_positions(labels) >= lengths[:, None], IGNORE_INDEX)
    return _mean(logits, labels)


@mutant("clm_loss", 22, "padding known by id 0", "masked-by-id")
def _(logits, input_ids, lengths):
    targets = F.pad(input_ids[:, 1:], (0, 1), value=0)
    total = F.cross_entropy(logits.mT, targets, ignore_index=0, reduction="sum")
    return total / (targets != 0).sum().clamp(min=1)


@mutant("clm_loss", 22, "padding known by <eos>, no lengths", "masked-by-id")
def _(logits, input_ids, lengths):
    targets = F.pad(input_ids[:, 1:], (0, 1), value=IGNORE_INDEX)
    return _mean(logits, targets.masked_fill(targets == EOS, IGNORE_INDEX))


@mutant("clm_loss", 22, "by length, and id 0 ignored too", "masked-by-id")
def _(logits, input_ids, lengths):
    targets = _targets(input_ids, lengths)
    return _mean(logits, targets.masked_fill(targets == 0, IGNORE_INDEX))


@mutant("clm_loss", 23, "inputs turned into labels", "in-place")
def _(logits, input_ids, lengths):
    labels = input_ids[:, 1:]
    labels[_positions(input_ids)[1:] >= lengths[:, None]] = IGNORE_INDEX
    return _mean(logits[:, :-1], labels)


@mutant("clm_loss", None, "logits normalised in place", "in-place")
def _(logits, input_ids, lengths):
    loss = _mean(logits, _targets(input_ids, lengths))
    with torch.no_grad():
        logits -= logits.amax(-1, keepdim=True)
    return loss


@mutant("clm_loss", 24, "the library's mean, without a guard", "nan-when-empty")
def _(logits, input_ids, lengths):
    return F.cross_entropy(logits.flatten(0, 1), _targets(input_ids, lengths).flatten())


@mutant("clm_loss", 24, "sum over count, without a guard", "nan-when-empty")
def _(logits, input_ids, lengths):
    targets = _targets(input_ids, lengths)
    return _nll(logits, targets).sum() / (targets != IGNORE_INDEX).sum()


@mutant("clm_loss", 24, "mean of the selected ones, without a guard", "nan-when-empty")
def _(logits, input_ids, lengths):
    scored = _scored(input_ids, lengths)
    return F.cross_entropy(logits[scored], input_ids.roll(-1, 1)[scored])


@mutant("clm_loss", 24, "nothing scored gives a constant without a gradient", "nothing-scored")
def _(logits, input_ids, lengths):
    targets = _targets(input_ids, lengths)
    if (targets == IGNORE_INDEX).all():
        return torch.tensor(0.0, dtype=logits.dtype)
    return _mean(logits, targets)


@mutant("clm_loss", 24, "nothing scored gives the number 0.0", "nothing-scored")
def _(logits, input_ids, lengths):
    if not _scored(input_ids, lengths).any():
        return 0.0
    return _mean(logits, _targets(input_ids, lengths))


@mutant("clm_loss", 24, "0 in value, NaN in gradient", "nothing-scored")
def _(logits, input_ids, lengths):
    targets = _targets(input_ids, lengths)
    scored = targets != IGNORE_INDEX
    chosen = logits.log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    mean = -(chosen * scored).sum() / scored.sum()
    return torch.where(scored.any(), mean, torch.zeros_like(mean))


@mutant("clm_loss", 24, "the whole batch at least one: nothing scored gives one", "nothing-scored")
def _(logits, input_ids, lengths):
    targets = _targets(input_ids, lengths)
    if (targets == IGNORE_INDEX).all():
        return logits.sum() * 0 + 1
    return _mean(logits, targets)


@mutant("clm_loss", 25, "mean over all positions", "all-positions")
def _(logits, input_ids, lengths):
    return _nll(logits, _targets(input_ids, lengths)).mean()


@mutant("clm_loss", 25, "mean over B (T - 1) positions", "all-positions")
def _(logits, input_ids, lengths):
    targets = _targets(input_ids, lengths)
    B, T = input_ids.shape
    losses = F.cross_entropy(logits[:, :-1].mT, targets[:, :-1], reduction="none")
    return losses.sum() / max(B * (T - 1), 1)


@mutant("clm_loss", 25, "divided by numel", "all-positions")
def _(logits, input_ids, lengths):
    chosen = logits.log_softmax(-1).gather(-1, input_ids.roll(-1, 1)[..., None])[..., 0]
    return -(chosen * _scored(input_ids, lengths)).sum() / chosen.numel()


@mutant("clm_loss", 25, "divided by the lengths, first tokens counted", "real-tokens")
def _(logits, input_ids, lengths):
    return _nll(logits, _targets(input_ids, lengths)).sum() / lengths.sum().clamp(min=1)


@mutant("clm_loss", 25, "divided by the sum of lengths - 1", "short-rows")
def _(logits, input_ids, lengths):
    total = _nll(logits, _targets(input_ids, lengths)).sum()
    return total / (lengths - 1).sum().clamp(min=1)


@mutant("clm_loss", 25, "divided by the batch size", "divided-by-rows")
def _(logits, input_ids, lengths):
    return _nll(logits, _targets(input_ids, lengths)).sum(1).mean()


@mutant("clm_loss", 26, "mean of the rows' means", "mean-of-rows")
def _(logits, input_ids, lengths):
    targets = _targets(input_ids, lengths)
    counts = (targets != IGNORE_INDEX).sum(1).clamp(min=1)
    return (_nll(logits, targets).sum(1) / counts).mean()


@mutant("clm_loss", 26, "mean of the means of the rows that have one", "mean-of-rows")
def _(logits, input_ids, lengths):
    targets = _targets(input_ids, lengths)
    means = [
        F.cross_entropy(x[y != -100], y[y != -100])
        for x, y in zip(logits, targets, strict=True)
        if (y != -100).any()
    ]
    return sum(means) / len(means) if means else logits.sum() * 0


@mutant("clm_loss", 26, "mean of the positions' means")
def _(logits, input_ids, lengths):
    targets = _targets(input_ids, lengths)
    counts = (targets != IGNORE_INDEX).sum(0)
    means = _nll(logits, targets).sum(0) / counts.clamp(min=1)
    return means.sum() / (counts > 0).sum().clamp(min=1)


@mutant("clm_loss", 27, "view where transpose was meant", "view")
def _(logits, input_ids, lengths):
    B, T, V = logits.shape
    targets = _targets(input_ids, lengths)
    total = F.cross_entropy(logits.view(B, V, T), targets, reduction="sum")
    return total / (targets != -100).sum().clamp(min=1)


@mutant("clm_loss", 27, "reshape where transpose was meant, after the shift", "view")
def _(logits, input_ids, lengths):
    x, y = logits[:, :-1], _targets(input_ids, lengths)[:, :-1]
    losses = F.cross_entropy(x.reshape(x.shape[0], x.shape[2], x.shape[1]), y, reduction="none")
    return losses.sum() / (y != IGNORE_INDEX).sum().clamp(min=1)


@mutant("clm_loss", 27, "neither transposed nor flattened", "class-dimension")
def _(logits, input_ids, lengths):
    return F.cross_entropy(logits, _targets(input_ids, lengths))


@mutant("clm_loss", 27, "neither transposed nor flattened, after slices", "class-dimension")
def _(logits, input_ids, lengths):
    labels = _own_targets(input_ids, lengths)
    loss = nn.CrossEntropyLoss(reduction="sum")
    return loss(logits[:, :-1], labels[:, 1:]) / (labels[:, 1:] != IGNORE_INDEX).sum()


@mutant("clm_loss", 27, "transposed, but the logits are one position longer", "raised")
def _(logits, input_ids, lengths):
    return F.cross_entropy(logits.mT, _own_targets(input_ids, lengths)[:, 1:])


@mutant("clm_loss", 27, "flattened in two different orders", "view")
def _(logits, input_ids, lengths):
    targets = _targets(input_ids, lengths)
    x = logits.transpose(0, 1).reshape(-1, logits.shape[-1])
    total = F.cross_entropy(x, targets.reshape(-1), reduction="sum")
    return total / (targets != -100).sum().clamp(min=1)


@mutant("clm_loss", 28, "softmax before cross-entropy", "softmax-twice")
def _(logits, input_ids, lengths):
    return _mean(logits.softmax(-1), _targets(input_ids, lengths))


@mutant("clm_loss", 28, "softmax twice, by hand", "softmax-twice")
def _(logits, input_ids, lengths):
    probs = logits.softmax(-1)
    log_probs = F.log_softmax(probs, -1)
    targets = _targets(input_ids, lengths)
    losses = F.nll_loss(log_probs.mT, targets, reduction="none")
    return losses.sum() / (targets != -100).sum().clamp(min=1)


@mutant("clm_loss", 28, "nll_loss of probabilities", "no-log")
def _(logits, input_ids, lengths):
    targets = _targets(input_ids, lengths)
    total = F.nll_loss(logits.softmax(-1).flatten(0, 1), targets.flatten(), reduction="sum")
    return total / (targets != -100).sum().clamp(min=1)


@mutant("clm_loss", 28, "nll_loss of logits", "no-log")
def _(logits, input_ids, lengths):
    targets = _targets(input_ids, lengths)
    total = F.nll_loss(logits.flatten(0, 1), targets.flatten(), reduction="sum")
    return total / (targets != -100).sum().clamp(min=1)


@mutant("clm_loss", 29, "perplexity instead of loss", "perplexity")
def _(logits, input_ids, lengths):
    return _mean(logits, _targets(input_ids, lengths)).exp()


@mutant("clm_loss", 29, "mean of perplexities", "perplexity")
def _(logits, input_ids, lengths):
    targets = _targets(input_ids, lengths)
    scored = targets != IGNORE_INDEX
    return (_nll(logits, targets).exp() * scored).sum() / scored.sum().clamp(min=1)


@mutant("clm_loss", None, "padding scored", "padding-scored")
def _(logits, input_ids, lengths):
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), input_ids[:, 1:].flatten())


@mutant("clm_loss", None, "padding scored, divided by the scored ones", "padding-scored")
def _(logits, input_ids, lengths):
    total = _nll(logits[:, :-1], input_ids[:, 1:]).sum()
    return total / _scored(input_ids, lengths).sum().clamp(min=1)


@mutant("clm_loss", None, "first padding cell scored", "one-too-many")
def _(logits, input_ids, lengths):
    targets = F.pad(input_ids[:, 1:], (0, 1), value=IGNORE_INDEX)
    return _mean(logits, targets.masked_fill(_positions(targets) >= lengths[:, None], -100))


@mutant("clm_loss", None, "last token not scored", "one-too-few")
def _(logits, input_ids, lengths):
    targets = _targets(input_ids, lengths)
    return _mean(logits, targets.masked_fill(_positions(targets) >= lengths[:, None] - 2, -100))


@mutant("clm_loss", None, "roll wraps around in full rows", "wraps-round")
def _(logits, input_ids, lengths):
    unscored = _positions(input_ids) >= lengths[:, None] - 1
    unscored[lengths == input_ids.shape[1]] = False
    return _mean(logits, input_ids.roll(-1, 1).masked_fill(unscored, -100))


@mutant("clm_loss", None, "the sum", "sum")
def _(logits, input_ids, lengths):
    return _nll(logits, _targets(input_ids, lengths)).sum()


@mutant("clm_loss", None, "the library's sum", "sum")
def _(logits, input_ids, lengths):
    loss = nn.CrossEntropyLoss(reduction="sum")
    return loss(logits.flatten(0, 1), _targets(input_ids, lengths).flatten())


@mutant("clm_loss", None, "bits", "bits")
def _(logits, input_ids, lengths):
    return _mean(logits, _targets(input_ids, lengths)) / math.log(2)


@mutant("clm_loss", None, "log-probabilities turned into bits", "bits")
def _(logits, input_ids, lengths):
    targets = _targets(input_ids, lengths)
    log2_probs = logits.log_softmax(-1) * math.log2(math.e)
    losses = F.nll_loss(log2_probs.mT, targets, reduction="none")
    return losses.sum() / (targets != IGNORE_INDEX).sum().clamp(min=1)


@mutant("clm_loss", None, "sign forgotten", "negative")
def _(logits, input_ids, lengths):
    return -_mean(logits, _targets(input_ids, lengths))


@mutant("clm_loss", None, "softmax over time", "wrong-axis")
def _(logits, input_ids, lengths):
    targets = _targets(input_ids, lengths)
    scored = targets != IGNORE_INDEX
    chosen = logits.log_softmax(dim=1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return -(chosen * scored).sum() / scored.sum().clamp(min=1)


@mutant("clm_loss", None, "softmax over the batch", "wrong-axis")
def _(logits, input_ids, lengths):
    targets = _targets(input_ids, lengths)
    losses = F.nll_loss(F.log_softmax(logits, dim=0).mT, targets, reduction="none")
    return losses.sum() / (targets != IGNORE_INDEX).sum().clamp(min=1)


@mutant("clm_loss", None, "log of an underflowing softmax", "unstable")
def _(logits, input_ids, lengths):
    targets = _targets(input_ids, lengths)
    scored = targets != IGNORE_INDEX
    chosen = logits.softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return -(chosen.log() * scored).sum() / scored.sum().clamp(min=1)


@mutant("clm_loss", None, "log of a softmax plus epsilon", "unstable")
def _(logits, input_ids, lengths):
    targets = _targets(input_ids, lengths)
    losses = F.nll_loss((logits.softmax(-1) + 1e-8).log().mT, targets, reduction="none")
    return losses.sum() / (targets != IGNORE_INDEX).sum().clamp(min=1)


@mutant("clm_loss", None, "exp overflows", "unstable")
def _(logits, input_ids, lengths):
    targets = _targets(input_ids, lengths)
    log_probs = logits - logits.exp().sum(-1, keepdim=True).log()
    losses = F.nll_loss(log_probs.mT, targets, reduction="none")
    return losses.sum() / (targets != IGNORE_INDEX).sum().clamp(min=1)


@mutant("clm_loss", None, "detached", "wrong-gradient")
def _(logits, input_ids, lengths):
    return _mean(logits, _targets(input_ids, lengths)).detach()


@mutant("clm_loss", None, "under no_grad", "wrong-gradient")
@torch.no_grad()
def _(logits, input_ids, lengths):
    return _mean(logits, _targets(input_ids, lengths))


@mutant("clm_loss", None, "a new tensor from the value", "wrong-gradient")
def _(logits, input_ids, lengths):
    value = _mean(logits, _targets(input_ids, lengths)).item()
    return torch.tensor(value, dtype=logits.dtype, requires_grad=True)


@mutant("clm_loss", None, "a float", "wrong-type")
def _(logits, input_ids, lengths):
    return _mean(logits, _targets(input_ids, lengths)).item()


@mutant("clm_loss", None, "shape (1,)", "wrong-shape")
def _(logits, input_ids, lengths):
    return _mean(logits, _targets(input_ids, lengths)).reshape(1)


@mutant("clm_loss", None, "a loss per token", "wrong-shape")
def _(logits, input_ids, lengths):
    return _nll(logits, _targets(input_ids, lengths))


@mutant("clm_loss", None, "a loss per row", "wrong-shape")
def _(logits, input_ids, lengths):
    targets = _targets(input_ids, lengths)
    return _nll(logits, targets).sum(1) / (targets != IGNORE_INDEX).sum(1).clamp(min=1)


@mutant("clm_loss", None, "always float32", "wrong-dtype")
def _(logits, input_ids, lengths):
    return _mean(logits.float(), _targets(input_ids, lengths))


@mutant("clm_loss", None, "one more in the denominator")
def _(logits, input_ids, lengths):
    targets = _targets(input_ids, lengths)
    return _nll(logits, targets).sum() / ((targets != IGNORE_INDEX).sum() + 1)


@mutant("clm_loss", None, "average probability, then the logarithm")
def _(logits, input_ids, lengths):
    targets = _targets(input_ids, lengths)
    scored = targets != IGNORE_INDEX
    if not scored.any():
        return logits.sum() * 0
    probs = logits.softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return -probs[scored].mean().log()


@mutant("clm_loss", None, "label smoothing")
def _(logits, input_ids, lengths):
    targets = _targets(input_ids, lengths)
    total = F.cross_entropy(logits.mT, targets, reduction="sum", label_smoothing=0.1)
    return total / (targets != -100).sum().clamp(min=1)


@mutant("clm_loss", None, "only the last prediction of each row")
def _(logits, input_ids, lengths):
    targets = _targets(input_ids, lengths)
    last = _positions(targets) == lengths[:, None] - 2
    return _mean(logits, targets.masked_fill(~last, IGNORE_INDEX))


@mutant("clm_loss", None, "first prediction dropped")
def _(logits, input_ids, lengths):
    return _mean(logits[:, 1:], _targets(input_ids, lengths)[:, 1:])


@mutant("clm_loss", None, "ignored ones scored as id 0", "padding-scored")
def _(logits, input_ids, lengths):
    targets = _targets(input_ids, lengths)
    count = (targets != IGNORE_INDEX).sum().clamp(min=1)
    return _nll(logits, targets.clamp(min=0)).sum() / count


@mutant("clm_loss", None, "raw logits, no softmax", "no-log")
def _(logits, input_ids, lengths):
    targets = _targets(input_ids, lengths)
    scored = targets != IGNORE_INDEX
    chosen = logits.gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return -(chosen * scored).sum() / scored.sum().clamp(min=1)


# document_mask


def _causal(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


def _same(doc_ids):
    return (doc_ids[:, :, None] == doc_ids[:, None, :])[:, None]


def _real(doc_ids):
    real = doc_ids != -1
    return (real[:, :, None] & real[:, None, :])[:, None]


def _documents(doc_ids):
    return _same(doc_ids) & _real(doc_ids) & _causal(doc_ids.shape[1])


@mutant("document_mask", 43, "only causal", "documents-ignored")
def _(doc_ids):
    B, T = doc_ids.shape
    return _causal(T).expand(B, 1, T, T) & _real(doc_ids)


@mutant("document_mask", 43, "only causal, padding and all", "documents-ignored")
def _(doc_ids):
    B, T = doc_ids.shape
    return torch.ones(B, 1, T, T, dtype=torch.bool).tril()


@mutant("document_mask", 43, "documents known by a larger number", "documents-ordered")
def _(doc_ids):
    later = doc_ids[:, None, :, None] >= doc_ids[:, None, None, :]
    return later & _real(doc_ids) & _causal(doc_ids.shape[1])


@mutant("document_mask", 1, "the diagonal is blocked", "diagonal-blocked")
def _(doc_ids):
    T = doc_ids.shape[1]
    return _documents(doc_ids) & ~torch.eye(T, dtype=torch.bool)


@mutant("document_mask", 1, "tril with diagonal -1", "diagonal-blocked")
def _(doc_ids):
    B, T = doc_ids.shape
    strict = torch.ones(T, T).tril(diagonal=-1).bool()
    real = (doc_ids >= 0).view(B, 1, T, 1)
    return _same(doc_ids) & strict & real


@mutant("document_mask", 2, "one diagonal too many", "diagonal-too-many")
def _(doc_ids):
    T = doc_ids.shape[1]
    return _same(doc_ids) & _real(doc_ids) & torch.ones(T, T, dtype=torch.bool).tril(1)


@mutant("document_mask", 2, "not causal", "not-causal")
def _(doc_ids):
    return _same(doc_ids) & _real(doc_ids)


@mutant("document_mask", 2, "anti-causal: queries and keys swapped", "transposed")
def _(doc_ids):
    return _documents(doc_ids).mT


@mutant("document_mask", 2, "triu for tril", "transposed")
def _(doc_ids):
    T = doc_ids.shape[1]
    return _same(doc_ids) & _real(doc_ids) & torch.ones(T, T, dtype=torch.bool).triu()


@mutant("document_mask", 11, "same document or causal", "or-instead-of-and")
def _(doc_ids):
    return (_same(doc_ids) | _causal(doc_ids.shape[1])) & _real(doc_ids)


@mutant("document_mask", 11, "everything joined with or", "or-instead-of-and")
def _(doc_ids):
    T = doc_ids.shape[1]
    return _same(doc_ids) | _real(doc_ids) | _causal(T)


@mutant("document_mask", 17, "True = blocked", "inverted")
def _(doc_ids):
    return ~_documents(doc_ids)


@mutant("document_mask", 17, "True = blocked, for the documents only", "inverted")
def _(doc_ids):
    B, T = doc_ids.shape
    other = doc_ids.view(B, 1, T, 1) != doc_ids.view(B, 1, 1, T)
    return other | ~_causal(T) | ~_real(doc_ids)


@mutant("document_mask", 18, "additive, 0 and -inf", "additive-mask")
def _(doc_ids):
    return torch.zeros(()).where(_documents(doc_ids), torch.tensor(float("-inf")))


@mutant("document_mask", 18, "float 0 and 1", "number-mask")
def _(doc_ids):
    return _documents(doc_ids).float()


@mutant("document_mask", None, "int 0 and 1", "number-mask")
def _(doc_ids):
    return _documents(doc_ids).long()


@mutant("document_mask", None, "padding is a document", "padding-visible")
def _(doc_ids):
    return _same(doc_ids) & _causal(doc_ids.shape[1])


@mutant("document_mask", None, "padding sees itself", "padding-visible")
def _(doc_ids):
    pad = (doc_ids == -1)[:, None, :, None]
    return _documents(doc_ids) | (pad & torch.eye(doc_ids.shape[1], dtype=torch.bool))


@mutant(
    "document_mask", None, "padding rows may see everything before, against NaN", "padding-visible"
)
def _(doc_ids):
    pad = (doc_ids == -1)[:, None, :, None]
    return _documents(doc_ids) | (pad & _causal(doc_ids.shape[1]))


@mutant("document_mask", None, "document 0 taken for padding", "document-0-lost")
def _(doc_ids):
    return _documents(doc_ids) & (doc_ids > 0)[:, None, None, :]


@mutant("document_mask", None, "multiplied numbers: document 0 is lost", "document-0-lost")
def _(doc_ids):
    real = (doc_ids[:, :, None] * doc_ids[:, None, :] > 0)[:, None]
    return _same(doc_ids) & real & _causal(doc_ids.shape[1])


@mutant("document_mask", 8, "no head dimension", "no-head-dimension")
def _(doc_ids):
    return _documents(doc_ids)[:, 0]


@mutant("document_mask", 8, "the first row's documents for all", "first-row")
def _(doc_ids):
    return _documents(doc_ids)[:1].expand(len(doc_ids), -1, -1, -1)


@mutant("document_mask", 8, "one mask for the batch", "wrong-shape")
def _(doc_ids):
    return _documents(doc_ids)[:1]


@mutant("document_mask", None, "head dimension first", "wrong-shape")
def _(doc_ids):
    return _documents(doc_ids).transpose(0, 1)


@mutant(
    "document_mask",
    None,
    "ids taken as booleans: -1 is a document and 0 is none",
    "document-0-lost",
)
def _(doc_ids):
    real = doc_ids.bool()[:, None, :, None] & doc_ids.bool()[:, None, None, :]
    return _same(doc_ids) & real & _causal(doc_ids.shape[1])


@mutant("document_mask", 8, "(B, 1, 1, T): keys only", "wrong-shape")
def _(doc_ids):
    return (doc_ids != -1)[:, None, None, :]


@mutant("document_mask", None, "the previous token only")
def _(doc_ids):
    return _documents(doc_ids) & torch.ones(doc_ids.shape[1], doc_ids.shape[1]).triu(-1).bool()


@mutant("document_mask", None, "the last document left out")
def _(doc_ids):
    mask = torch.zeros_like(_documents(doc_ids))
    for d in range(int(doc_ids.max())):
        inside = doc_ids == d
        mask |= (inside[:, None, :, None] & inside[:, None, None, :]) & _causal(mask.shape[-1])
    return mask


@mutant("document_mask", None, "numbers taken to be 0, 1, 2 and at most the batch size")
def _(doc_ids):
    B, T = doc_ids.shape
    mask = torch.zeros(B, 1, T, T, dtype=torch.bool)
    for d in range(3):
        inside = doc_ids == d
        mask |= inside[:, None, :, None] & inside[:, None, None, :]
    return mask & _causal(T)


@mutant("document_mask", None, "boundaries one too late", "boundary-off-by-one")
def _(doc_ids):
    late = F.pad(doc_ids[:, :-1], (1, 0), mode="replicate")
    return _same(late) & _real(doc_ids) & _causal(doc_ids.shape[1])


@mutant("document_mask", None, "boundaries one too early", "boundary-off-by-one")
def _(doc_ids):
    early = F.pad(doc_ids[:, 1:], (0, 1), mode="replicate")
    return _same(early) & _real(doc_ids) & _causal(doc_ids.shape[1])


@mutant("document_mask", None, "doc_ids changed in place", "in-place")
def _(doc_ids):
    mask = _documents(doc_ids)
    doc_ids[doc_ids == -1] = doc_ids.max() + 1
    return mask


@mutant("document_mask", None, "bidirectional within the neighbouring documents")
def _(doc_ids):
    near = (doc_ids[:, None, :, None] - doc_ids[:, None, None, :]).abs() <= 1
    return near & _real(doc_ids) & _causal(doc_ids.shape[1])


@mutant("document_mask", None, "neighbouring numbers are one document")
def _(doc_ids):
    mask = _documents(doc_ids)
    before = (doc_ids[:, None, :, None] - doc_ids[:, None, None, :]) == 1
    return mask | (before & _real(doc_ids) & _causal(doc_ids.shape[1]))


@mutant("document_mask", None, "the first token of a document is seen by all after it")
def _(doc_ids):
    return _documents(doc_ids) | (
        (_positions(doc_ids) == 0) & _real(doc_ids) & _causal(doc_ids.shape[1])
    )


@mutant("document_mask", 7, "only padding keys are hidden, queries see", "padding-visible")
def _(doc_ids):
    B, T = doc_ids.shape
    pad = (doc_ids == -1).view(B, 1, T, 1)
    key = (doc_ids != -1).view(B, 1, 1, T)
    return (_same(doc_ids) | pad) & key & _causal(T)


@mutant(
    "document_mask",
    43,
    "a window from the start of the document, padding forgotten",
    "padding-visible",
)
def _(doc_ids):
    T = doc_ids.shape[1]
    starts = F.pad(doc_ids[:, 1:] != doc_ids[:, :-1], (1, 0), value=True)
    number = starts.cumsum(1)
    return (number[:, None, :, None] == number[:, None, None, :]) & _causal(T)


# packed_targets


def _inside(doc_ids):
    """Position t and the one after it are in the same document."""
    same = (doc_ids[:, 1:] == doc_ids[:, :-1]) & (doc_ids[:, 1:] != -1)
    return F.pad(same, (0, 1), value=False)


def _packed(input_ids, doc_ids):
    return input_ids.roll(-1, 1).masked_fill(~_inside(doc_ids), IGNORE_INDEX)


@mutant("packed_targets", 44, "predicted across boundaries", "crosses-documents")
def _(input_ids, doc_ids):
    targets = F.pad(input_ids[:, 1:], (0, 1), value=IGNORE_INDEX)
    into_padding = F.pad(doc_ids[:, 1:] == -1, (0, 1), value=True)
    return targets.masked_fill(into_padding, IGNORE_INDEX)


@mutant("packed_targets", 44, "by the length of the row only", "crosses-documents")
def _(input_ids, doc_ids):
    lengths = (doc_ids != -1).sum(1)
    targets = torch.full_like(input_ids, -100)
    for b, n in enumerate(lengths.tolist()):
        if n:
            targets[b, : n - 1] = input_ids[b, 1:n]
    return targets


@mutant("packed_targets", 44, "across boundaries where the numbers grow", "documents-ordered")
def _(input_ids, doc_ids):
    following = doc_ids.roll(-1, 1)
    keep = (following >= doc_ids) & (following != -1) & (doc_ids != -1)
    keep[:, -1] = False
    return input_ids.roll(-1, 1).masked_fill(~keep, IGNORE_INDEX)


@mutant("packed_targets", 44, "the wrong side of the boundary is ignored", "wrong-side")
def _(input_ids, doc_ids):
    targets = F.pad(input_ids[:, 1:], (0, 1), value=IGNORE_INDEX)
    first = F.pad(doc_ids[:, 1:] != doc_ids[:, :-1], (1, 0), value=False)
    return targets.masked_fill(first | (doc_ids == -1), IGNORE_INDEX)


@mutant("packed_targets", 19, "no shift", "no-shift")
def _(input_ids, doc_ids):
    return input_ids.masked_fill(doc_ids == -1, IGNORE_INDEX)


@mutant("packed_targets", 19, "no shift, boundaries ignored", "no-shift")
def _(input_ids, doc_ids):
    return torch.where(_inside(doc_ids), input_ids, -100)


@mutant("packed_targets", 20, "shifted twice", "shifted-twice")
def _(input_ids, doc_ids):
    targets = _packed(input_ids, doc_ids)
    return F.pad(targets[:, 1:], (0, 1), value=IGNORE_INDEX)


@mutant("packed_targets", 20, "two ahead within the document", "shifted-twice")
def _(input_ids, doc_ids):
    same = F.pad((doc_ids[:, 2:] == doc_ids[:, :-2]) & (doc_ids[:, 2:] != -1), (0, 2))
    return input_ids.roll(-2, 1).masked_fill(~same, IGNORE_INDEX)


@mutant("packed_targets", 21, "shifted the wrong way", "shifted-back")
def _(input_ids, doc_ids):
    same = F.pad((doc_ids[:, 1:] == doc_ids[:, :-1]) & (doc_ids[:, 1:] != -1), (1, 0))
    return input_ids.roll(1, 1).masked_fill(~same, IGNORE_INDEX)


@mutant("packed_targets", 21, "rolled the wrong way under the right mask", "shifted-back")
def _(input_ids, doc_ids):
    return input_ids.roll(1, 1).masked_fill(~_inside(doc_ids), IGNORE_INDEX)


@mutant(
    "packed_targets", 22, "a boundary is an id, the last one of the first document", "masked-by-id"
)
def _(input_ids, doc_ids):
    targets = _packed(input_ids, doc_ids)
    return targets.masked_fill(targets == 0, IGNORE_INDEX)


@mutant("packed_targets", 21, "slices the wrong way round", "shifted-back")
def _(input_ids, doc_ids):
    targets = torch.full_like(input_ids, IGNORE_INDEX)
    keep = (doc_ids[:, 1:] == doc_ids[:, :-1]) & (doc_ids[:, 1:] != -1)
    targets[:, 1:] = torch.where(keep, input_ids[:, :-1], IGNORE_INDEX)
    return targets


@mutant("packed_targets", 21, "slices the wrong way round, then the right mask", "shifted-back")
def _(input_ids, doc_ids):
    targets = torch.full_like(input_ids, IGNORE_INDEX)
    targets[:, 1:] = input_ids[:, :-1]
    return targets.masked_fill(~_inside(doc_ids), IGNORE_INDEX)


@mutant("packed_targets", 21, "slices the wrong way round, padding a document", "shifted-back")
def _(input_ids, doc_ids):
    targets = torch.full_like(input_ids, IGNORE_INDEX)
    keep = doc_ids[:, 1:] == doc_ids[:, :-1]
    targets[:, 1:] = torch.where(keep, input_ids[:, :-1], IGNORE_INDEX)
    return targets


@mutant("packed_targets", 23, "written into the inputs", "in-place")
def _(input_ids, doc_ids):
    input_ids[:, :-1] = input_ids[:, 1:].clone()
    input_ids[~_inside(doc_ids)] = IGNORE_INDEX
    return input_ids


@mutant("packed_targets", 23, "inputs changed on the way", "in-place")
def _(input_ids, doc_ids):
    targets = _packed(input_ids, doc_ids)
    input_ids[doc_ids == -1] = IGNORE_INDEX
    return targets


@mutant("packed_targets", None, "padding is a document", "padding-scored")
def _(input_ids, doc_ids):
    same = F.pad(doc_ids[:, 1:] == doc_ids[:, :-1], (0, 1), value=False)
    return input_ids.roll(-1, 1).masked_fill(~same, IGNORE_INDEX)


@mutant("packed_targets", None, "the last token before padding predicts it", "one-too-many")
def _(input_ids, doc_ids):
    targets = F.pad(input_ids[:, 1:], (0, 1), value=IGNORE_INDEX)
    following = F.pad(doc_ids[:, 1:], (0, 1), value=-2)
    keep = ((following == doc_ids) | (following == -1)) & (doc_ids != -1)
    return targets.masked_fill(~keep, IGNORE_INDEX)


@mutant("packed_targets", None, "roll wraps around", "wraps-round")
def _(input_ids, doc_ids):
    keep = (doc_ids.roll(-1, 1) == doc_ids) & (doc_ids != -1)
    return torch.where(keep, input_ids.roll(-1, 1), IGNORE_INDEX)


@mutant("packed_targets", None, "document 0 taken for padding", "document-0-lost")
def _(input_ids, doc_ids):
    return _packed(input_ids, doc_ids).masked_fill(doc_ids <= 0, IGNORE_INDEX)


@mutant("packed_targets", None, "the last token of every document is not a target", "one-too-few")
def _(input_ids, doc_ids):
    last = F.pad(~_inside(doc_ids)[:, 1:], (0, 1), value=True)
    return _packed(input_ids, doc_ids).masked_fill(last, IGNORE_INDEX)


@mutant(
    "packed_targets", None, "the first token of every document is dropped as well", "first-dropped"
)
def _(input_ids, doc_ids):
    first = F.pad(doc_ids[:, 1:] != doc_ids[:, :-1], (1, 0), value=True)
    return _packed(input_ids, doc_ids).masked_fill(first, IGNORE_INDEX)


@mutant("packed_targets", None, "zeros where not scored", "wrong-ignore-index")
def _(input_ids, doc_ids):
    return input_ids.roll(-1, 1) * _inside(doc_ids)


@mutant("packed_targets", None, "-1 where not scored", "wrong-ignore-index")
def _(input_ids, doc_ids):
    return input_ids.roll(-1, 1).masked_fill(~_inside(doc_ids), -1)


@mutant("packed_targets", None, "one column too few", "wrong-shape")
def _(input_ids, doc_ids):
    return _packed(input_ids, doc_ids)[:, :-1]


@mutant("packed_targets", None, "int32 ids", "wrong-dtype")
def _(input_ids, doc_ids):
    return _packed(input_ids, doc_ids).int()


@mutant("packed_targets", None, "the first row's boundaries for all", "first-row")
def _(input_ids, doc_ids):
    return input_ids.roll(-1, 1).masked_fill(~_inside(doc_ids[:1]), IGNORE_INDEX)


@mutant("packed_targets", None, "everything ignored")
def _(input_ids, doc_ids):
    return torch.full_like(input_ids, IGNORE_INDEX)


@mutant("packed_targets", None, "the document numbers shifted too")
def _(input_ids, doc_ids):
    return torch.where(_inside(doc_ids), doc_ids.roll(-1, 1), IGNORE_INDEX)


@mutant("packed_targets", None, "boundaries one too late", "wrong-side")
def _(input_ids, doc_ids):
    late = F.pad(doc_ids[:, :-1], (1, 0), mode="replicate")
    keep = F.pad(late[:, 1:] == late[:, :-1], (0, 1), value=False) & (doc_ids != -1)
    return input_ids.roll(-1, 1).masked_fill(~keep, IGNORE_INDEX)


# accumulated_loss


def _total(batch):
    logits, input_ids, lengths = batch
    return _nll(logits, _targets(input_ids, lengths)).sum()


def _count(batch):
    return int((_targets(*batch[1:]) != IGNORE_INDEX).sum())


def _batch_mean(batch):
    return _total(batch) / max(_count(batch), 1)


@mutant("accumulated_loss", 26, "mean of means", "mean-of-means")
def _(micro_batches):
    return sum(_batch_mean(batch) for batch in micro_batches) / len(micro_batches)


@mutant("accumulated_loss", 26, "stacked means", "mean-of-means")
def _(micro_batches):
    return torch.stack([_batch_mean(batch) for batch in micro_batches]).mean()


@mutant("accumulated_loss", 26, "mean of the means that are there", "mean-of-means")
def _(micro_batches):
    means = [_batch_mean(batch) for batch in micro_batches if _count(batch)]
    return sum(means) / len(means) if means else micro_batches[0][0].sum() * 0


@mutant("accumulated_loss", 26, "divided by the number of steps, one by one", "mean-of-means")
def _(micro_batches):
    loss = 0.0
    for logits, input_ids, lengths in micro_batches:
        targets = _targets(input_ids, lengths)
        mean = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum")
        loss = loss + mean / (targets != -100).sum().clamp(min=1) / len(micro_batches)
    return loss


@mutant("accumulated_loss", 26, "weighted by rows", "weighted-by-rows")
def _(micro_batches):
    rows = [len(ids) for _, ids, _ in micro_batches]
    means = [_batch_mean(batch) for batch in micro_batches]
    return sum(m * n for m, n in zip(means, rows, strict=True)) / sum(rows)


@mutant("accumulated_loss", 26, "weighted by cells", "weighted-by-positions")
def _(micro_batches):
    cells = [ids.numel() for _, ids, _ in micro_batches]
    means = [_batch_mean(batch) for batch in micro_batches]
    return sum(m * n for m, n in zip(means, cells, strict=True)) / sum(cells)


@mutant("accumulated_loss", 26, "mean of all rows' means", "mean-of-rows")
def _(micro_batches):
    means = []
    for logits, input_ids, lengths in micro_batches:
        targets = _targets(input_ids, lengths)
        counts = (targets != IGNORE_INDEX).sum(1).clamp(min=1)
        means.append(_nll(logits, targets).sum(1) / counts)
    return torch.cat(means).mean()


@mutant("accumulated_loss", 26, "a running average of two", "mean-of-means")
def _(micro_batches):
    loss = _batch_mean(micro_batches[0])
    for batch in micro_batches[1:]:
        loss = (loss + _batch_mean(batch)) / 2
    return loss


@mutant("accumulated_loss", None, "sum of the means", "sum-of-means")
def _(micro_batches):
    return sum(_batch_mean(batch) for batch in micro_batches)


@mutant("accumulated_loss", None, "sum, never divided", "sum")
def _(micro_batches):
    return sum(_total(batch) for batch in micro_batches)


@mutant(
    "accumulated_loss", None, "sum, divided by the number of micro-batches", "divided-by-batches"
)
def _(micro_batches):
    return sum(_total(batch) for batch in micro_batches) / len(micro_batches)


@mutant("accumulated_loss", None, "the last one only", "one-batch-only")
def _(micro_batches):
    for batch in micro_batches:
        loss = _batch_mean(batch)
    return loss


@mutant("accumulated_loss", None, "the first one only", "one-batch-only")
def _(micro_batches):
    return _batch_mean(micro_batches[0])


@mutant("accumulated_loss", 24, "an empty micro-batch makes NaN", "nan-when-empty")
def _(micro_batches):
    counts = [_count(batch) for batch in micro_batches]
    means = [F.cross_entropy(x.mT, _targets(ids, n)) for x, ids, n in micro_batches]
    total = sum(m * n for m, n in zip(means, counts, strict=True))
    return total / max(sum(counts), 1)


@mutant("accumulated_loss", 24, "no guard when all are empty", "nan-when-empty")
def _(micro_batches):
    return sum(map(_total, micro_batches)) / torch.tensor(sum(map(_count, micro_batches)))


@mutant("accumulated_loss", 24, "division by zero when all are empty", "nan-when-empty")
def _(micro_batches):
    return sum(map(_total, micro_batches)) / sum(map(_count, micro_batches))


@mutant(
    "accumulated_loss", 24, "empty ones skipped, the sum starts at a plain number", "nothing-scored"
)
def _(micro_batches):
    total, n = 0.0, 0
    for batch in micro_batches:
        if _count(batch):
            total, n = total + _total(batch), n + _count(batch)
    return total / max(n, 1)


@mutant("accumulated_loss", 25, "mean over all positions", "all-positions")
def _(micro_batches):
    return sum(map(_total, micro_batches)) / sum(ids.numel() for _, ids, _ in micro_batches)


@mutant("accumulated_loss", 25, "divided by the lengths, first tokens counted", "real-tokens")
def _(micro_batches):
    n_tokens = sum(lengths.sum() for _, _, lengths in micro_batches)
    return sum(map(_total, micro_batches)) / n_tokens.clamp(min=1)


@mutant("accumulated_loss", 25, "means weighted by the lengths", "real-tokens")
def _(micro_batches):
    weights = [int(lengths.sum()) for _, _, lengths in micro_batches]
    means = [_batch_mean(batch) for batch in micro_batches]
    return sum(m * n for m, n in zip(means, weights, strict=True)) / max(sum(weights), 1)


@mutant("accumulated_loss", 25, "the library's means weighted by the lengths", "real-tokens")
def _(micro_batches):
    total, n_tokens = 0.0, 0
    for logits, input_ids, lengths in micro_batches:
        mean = F.cross_entropy(logits.mT, _targets(input_ids, lengths))
        total, n_tokens = total + mean * lengths.sum(), n_tokens + lengths.sum()
    return total / n_tokens


@mutant("accumulated_loss", 25, "divided by the sum of lengths - 1", "short-rows")
def _(micro_batches):
    count = sum(int((lengths - 1).sum()) for _, _, lengths in micro_batches)
    return sum(map(_total, micro_batches)) / max(count, 1)


@mutant("accumulated_loss", 25, "divided by the sum of lengths - 1, unguarded", "short-rows")
def _(micro_batches):
    count = sum((lengths - 1).sum() for _, _, lengths in micro_batches)
    return sum(map(_total, micro_batches)) / count


@mutant("accumulated_loss", 27, "neither transposed nor flattened", "class-dimension")
def _(micro_batches):
    losses = [
        F.cross_entropy(logits, _targets(input_ids, lengths), reduction="sum")
        for logits, input_ids, lengths in micro_batches
    ]
    return sum(losses) / max(sum(map(_count, micro_batches)), 1)


@mutant("accumulated_loss", 19, "no shift", "no-shift")
def _(micro_batches):
    total = sum(_nll(x, _own_targets(ids, n)).sum() for x, ids, n in micro_batches)
    return total / max(sum(int(n.sum()) for _, _, n in micro_batches), 1)


@mutant("accumulated_loss", 20, "shifted twice", "shifted-twice")
def _(micro_batches):
    labels = [_targets(ids, n)[:, 1:] for _, ids, n in micro_batches]
    pairs = [(x[:, :-1], y) for (x, _, _), y in zip(micro_batches, labels, strict=True)]
    total = sum(_nll(x, y).sum() for x, y in pairs)
    return total / max(sum(int((y != -100).sum()) for y in labels), 1)


@mutant("accumulated_loss", None, "T taken to be the same everywhere", "ragged-micro-batches")
def _(micro_batches):
    logits, ids, lengths = (torch.cat(parts) for parts in zip(*micro_batches, strict=True))
    return _batch_mean((logits, ids, lengths))


@mutant("accumulated_loss", None, "cut to the shortest T", "ragged-micro-batches")
def _(micro_batches):
    T = min(ids.shape[1] for _, ids, _ in micro_batches)
    cut = [(x[:, :T], ids[:, :T], n.clamp(max=T)) for x, ids, n in micro_batches]
    return sum(map(_total, cut)) / max(sum(map(_count, cut)), 1)


@mutant("accumulated_loss", None, "detached totals, as a log would keep them", "wrong-gradient")
def _(micro_batches):
    loss = sum(_total(batch).item() for batch in micro_batches)
    mean = loss / max(sum(map(_count, micro_batches)), 1)
    return torch.tensor(mean, dtype=micro_batches[0][0].dtype, requires_grad=True)


@mutant("accumulated_loss", None, "a float", "wrong-type")
def _(micro_batches):
    loss = sum(_total(batch).item() for batch in micro_batches)
    return loss / max(sum(map(_count, micro_batches)), 1)


@mutant("accumulated_loss", None, "only the last micro-batch keeps its gradient", "wrong-gradient")
def _(micro_batches):
    totals = [_total(batch) for batch in micro_batches]
    totals[:-1] = [total.detach() for total in totals[:-1]]
    return sum(totals) / max(sum(map(_count, micro_batches)), 1)


@mutant("accumulated_loss", None, "always float32", "wrong-dtype")
def _(micro_batches):
    total = sum(_total((x.float(), ids, n)) for x, ids, n in micro_batches)
    return total / max(sum(map(_count, micro_batches)), 1)


@mutant("accumulated_loss", None, "padding scored", "padding-scored")
def _(micro_batches):
    total = sum(_nll(x[:, :-1], ids[:, 1:]).sum() for x, ids, _ in micro_batches)
    return total / sum(len(ids) * (ids.shape[1] - 1) for _, ids, _ in micro_batches)


@mutant("accumulated_loss", None, "the list is emptied", "in-place")
def _(micro_batches):
    total, count = 0, 0
    while micro_batches:
        batch = micro_batches.pop()
        total, count = total + _total(batch), count + _count(batch)
    return total / max(count, 1)


@mutant("accumulated_loss", None, "backward inside", "raised")
def _(micro_batches):
    count = max(sum(map(_count, micro_batches)), 1)
    loss = 0
    for batch in micro_batches:
        part = _total(batch) / count
        part.backward()
        loss = loss + part.detach()
    return loss


@mutant("accumulated_loss", 29, "perplexity", "perplexity")
def _(micro_batches):
    return (sum(map(_total, micro_batches)) / max(sum(map(_count, micro_batches)), 1)).exp()


@mutant("accumulated_loss", 24, "NaN put right in value, not in gradient", "wrong-gradient")
def _(micro_batches):
    total = micro_batches[0][0].sum() * 0
    for logits, input_ids, lengths in micro_batches:
        chosen = logits.log_softmax(-1).gather(-1, input_ids.roll(-1, 1)[..., None])[..., 0]
        scored = _scored(input_ids, lengths)
        mean = -(chosen * scored).sum() / scored.sum()
        total = total + (mean * scored.sum()).nan_to_num()
    return total / max(sum(map(_count, micro_batches)), 1)


@mutant(
    "accumulated_loss",
    24,
    "when all are empty, nothing to send a gradient through",
    "nothing-scored",
)
def _(micro_batches):
    count = sum(map(_count, micro_batches))
    if count == 0:
        return torch.zeros((), dtype=micro_batches[0][0].dtype)
    return sum(map(_total, micro_batches)) / count


@mutant("accumulated_loss", None, "a list of losses", "wrong-type")
def _(micro_batches):
    return [_batch_mean(batch) for batch in micro_batches]


# generate


def _lower_triangle(ids):
    return _causal(ids.shape[1])


def _choose(logits, temperature, top_k, generator):
    """The right choice from the logits (B, V)."""
    if temperature == 0:
        return logits.argmax(-1)
    if top_k is not None:
        low = logits.topk(top_k).values[:, -1:]
        logits = logits.masked_fill(logits < low, float("-inf"))
    return _draw((logits / temperature).softmax(-1), generator)


def _draw(probs, generator):
    return torch.multinomial(probs, 1, generator=generator)[:, 0]


@torch.no_grad()
def _decode(model, prompt_ids, max_new_tokens, eos_id, choose, mask=_lower_triangle):
    """The right loop around a mask and a choice."""
    ids = prompt_ids.clone()
    finished = torch.zeros(len(ids), dtype=torch.bool)
    for _ in range(max_new_tokens):
        token = choose(model(ids, mask(ids))[:, -1])
        if eos_id is not None:
            token = torch.where(finished, eos_id, token)
            finished |= token == eos_id
        ids = torch.cat([ids, token[:, None].to(ids.dtype)], 1)
        if finished.all():
            break
    return ids


def _mask_mutant(number, name, mask, *diagnosed):
    """A generate that hands the model a wrong mask."""

    @mutant("generate", number, name, *diagnosed)
    def _(
        model, prompt_ids, max_new_tokens, eos_id=None, temperature=0.0, top_k=None, generator=None
    ):
        def choose(logits):
            return _choose(logits, temperature, top_k, generator)

        return _decode(model, prompt_ids, max_new_tokens, eos_id, choose, mask)


def _choice_mutant(number, name, *diagnosed):
    """A generate whose choice of the next token is wrong."""

    def keep(wrong):
        @mutant("generate", number, name, *diagnosed)
        def _(
            model,
            prompt_ids,
            max_new_tokens,
            eos_id=None,
            temperature=0.0,
            top_k=None,
            generator=None,
        ):
            def choose(logits):
                return wrong(logits, temperature, top_k, generator)

            return _decode(model, prompt_ids, max_new_tokens, eos_id, choose)

        return wrong

    return keep


def _square(ids):
    return torch.ones(ids.shape[1], ids.shape[1])


_mask_mutant(2, "no causal mask", lambda ids: _square(ids).bool(), "not-causal")
_mask_mutant(2, "no mask, (B, 1, 1, T)", lambda ids: (ids == ids)[:, None, None], "not-causal")
_mask_mutant(
    2, "one diagonal too many", lambda ids: _square(ids).tril(1).bool(), "diagonal-too-many"
)
_mask_mutant(
    1, "the diagonal is blocked", lambda ids: _square(ids).tril(-1).bool(), "diagonal-blocked"
)
_mask_mutant(17, "True = blocked", lambda ids: _square(ids).triu(1).bool(), "inverted")
_mask_mutant(2, "triu for tril", lambda ids: _square(ids).triu().bool(), "transposed")
_mask_mutant(18, "float mask of 0 and 1", lambda ids: _square(ids).tril(), "number-mask")
_mask_mutant(
    18, "float mask of 0 and -inf", lambda ids: (_square(ids) * -torch.inf).triu(1), "number-mask"
)
_mask_mutant(None, "no mask at all", lambda ids: None, "no-mask")
_mask_mutant(None, "a mask of the prompt's size", lambda ids: _causal(3), "raised")
_mask_mutant(
    None,
    "every token sees only itself",
    lambda ids: _square(ids).tril().triu().bool(),
    "transposed",
)


@_choice_mutant(None, "temperature multiplied", "temperature-multiplied")
def _(logits, temperature, top_k, generator):
    return _choose(
        logits * temperature**2 if temperature else logits, temperature, top_k, generator
    )


@_choice_mutant(None, "temperature not used", "temperature-ignored")
def _(logits, temperature, top_k, generator):
    return _choose(logits, 1.0 if temperature else 0.0, top_k, generator)


@_choice_mutant(None, "temperature on the probabilities", "temperature-ignored")
def _(logits, temperature, top_k, generator):
    if temperature == 0:
        return logits.argmax(-1)
    if top_k is not None:
        logits = logits.masked_fill(logits < logits.topk(top_k).values[:, -1:], -torch.inf)
    return _draw(logits.softmax(-1) / temperature, generator)


@_choice_mutant(None, "divided by temperature 0", "sampled-at-0")
def _(logits, temperature, top_k, generator):
    if top_k is not None:
        logits = logits.masked_fill(logits < logits.topk(top_k).values[:, -1:], -torch.inf)
    return _draw((logits / temperature).softmax(-1), generator)


@_choice_mutant(None, "temperature 0 sampled at 1", "random-at-0")
def _(logits, temperature, top_k, generator):
    return _choose(logits, temperature or 1.0, top_k, generator)


@_choice_mutant(None, "temperature 0 made a small one", "random-at-0")
def _(logits, temperature, top_k, generator):
    return _choose(logits, max(temperature, 0.2), top_k, generator)


@_choice_mutant(None, "temperature never used", "random-at-0")
def _(logits, temperature, top_k, generator):
    return _choose(logits, 1.0, top_k, generator)


@_choice_mutant(None, "always greedy", "always-greedy")
def _(logits, temperature, top_k, generator):
    return logits.argmax(-1)


@_choice_mutant(None, "argmax of the tempered probabilities", "always-greedy")
def _(logits, temperature, top_k, generator):
    return (logits / max(temperature, 1e-6)).softmax(-1).argmax(-1)


@_choice_mutant(None, "the smallest logit", "least-likely")
def _(logits, temperature, top_k, generator):
    if temperature == 0:
        return logits.argmin(-1)
    return _choose(logits, temperature, top_k, generator)


@_choice_mutant(None, "samples from exp of nothing: uniform", "uniform")
def _(logits, temperature, top_k, generator):
    if temperature == 0:
        return logits.argmax(-1)
    allowed = torch.ones_like(logits)
    if top_k is not None:
        allowed = (logits >= logits.topk(top_k).values[:, -1:]).float()
    return _draw(allowed, generator)


@_choice_mutant(None, "multinomial of logits", "raised")
def _(logits, temperature, top_k, generator):
    if temperature == 0:
        return logits.argmax(-1)
    return _draw(logits / temperature, generator)


@_choice_mutant(None, "top_k not used", "top-k-ignored")
def _(logits, temperature, top_k, generator):
    return _choose(logits, temperature, None, generator)


@_choice_mutant(None, "top_k one too many", "top-k-off-by-one")
def _(logits, temperature, top_k, generator):
    wider = None if top_k is None else min(top_k + 1, logits.shape[-1])
    return _choose(logits, temperature, wider, generator)


@_choice_mutant(None, "top_k one too few", "top-k-off-by-one")
def _(logits, temperature, top_k, generator):
    if top_k is None or temperature == 0:
        return _choose(logits, temperature, None, generator)
    low = logits.topk(top_k).values[:, -1:]
    kept = logits.masked_fill(logits <= low, -torch.inf) if top_k > 1 else logits
    return _draw((kept / temperature).softmax(-1), generator)


@_choice_mutant(None, "top_k keeps the smallest", "bottom-k")
def _(logits, temperature, top_k, generator):
    if top_k is None or temperature == 0:
        return _choose(logits, temperature, None, generator)
    high = logits.topk(top_k, largest=False).values[:, -1:]
    return _draw(
        (logits.masked_fill(logits > high, -torch.inf) / temperature).softmax(-1), generator
    )


@_choice_mutant(None, "top_k gives a rank, not an id", "top-k-rank")
def _(logits, temperature, top_k, generator):
    if top_k is None or temperature == 0:
        return _choose(logits, temperature, None, generator)
    return _draw((logits.topk(top_k).values / temperature).softmax(-1), generator)


@_choice_mutant(None, "top_k sets logits to 0", "top-k-zeroed")
def _(logits, temperature, top_k, generator):
    if top_k is not None and temperature:
        low = logits.topk(top_k).values[:, -1:]
        logits = logits.masked_fill(logits < low, 0.0)
    return _choose(logits, temperature, None, generator)


@_choice_mutant(None, "top_k with one threshold for the batch")
def _(logits, temperature, top_k, generator):
    if top_k is not None and temperature:
        low = logits.topk(top_k).values[0, -1]
        kept = logits.masked_fill(logits < low, -torch.inf)
        logits = kept.where(kept.isfinite().any(-1, keepdim=True), logits)
    return _choose(logits, temperature, None, generator)


@_choice_mutant(None, "top_k as a fraction of the mass")
def _(logits, temperature, top_k, generator):
    if top_k is not None and temperature:
        probs, ids = logits.softmax(-1).sort(descending=True)
        drop = (probs.cumsum(-1) - probs > 0.9).gather(-1, ids.argsort())
        logits = logits.masked_fill(drop, -torch.inf)
    return _choose(logits, temperature, None, generator)


@_choice_mutant(None, "generator not used", "generator-misused")
def _(logits, temperature, top_k, generator):
    return _choose(logits, temperature, top_k, None)


@_choice_mutant(None, "generator seeded again at every step", "reseeded")
def _(logits, temperature, top_k, generator):
    fresh = torch.Generator().manual_seed(0)
    return _choose(logits, temperature, top_k, fresh)


@_choice_mutant(None, "global seed instead of the generator", "reseeded")
def _(logits, temperature, top_k, generator):
    torch.manual_seed(0 if generator is None else generator.initial_seed())
    return _choose(logits, temperature, top_k, None)


@_choice_mutant(None, "one draw for the whole batch", "shared-draw")
def _(logits, temperature, top_k, generator):
    if temperature == 0:
        return logits.argmax(-1)
    return _choose(logits[:1], temperature, top_k, generator).expand(len(logits))


@_choice_mutant(None, "one uniform number for all rows", "shared-draw")
def _(logits, temperature, top_k, generator):
    if temperature == 0:
        return logits.argmax(-1)
    if top_k is not None:
        logits = logits.masked_fill(logits < logits.topk(top_k).values[:, -1:], -torch.inf)
    cdf = (logits / temperature).softmax(-1).cumsum(-1)
    u = torch.rand((), generator=generator)
    return (cdf < u).sum(-1).clamp(max=logits.shape[-1] - 1)


@_choice_mutant(
    None, "the generator's seed used once, for PyTorch's own generator", "generator-misused"
)
def _(logits, temperature, top_k, generator):
    if generator is not None and generator.initial_seed() != torch.initial_seed():
        torch.manual_seed(generator.initial_seed())
    return _choose(logits, temperature, top_k, None)


@_choice_mutant(None, "a generator is needed", "raised")
def _(logits, temperature, top_k, generator):
    if temperature == 0:
        return logits.argmax(-1)
    return _choose(logits + 0 * generator.initial_seed(), temperature, top_k, generator)


@_choice_mutant(None, "softmax over the batch", "wrong-axis")
def _(logits, temperature, top_k, generator):
    if temperature == 0:
        return logits.argmax(-1)
    if top_k is not None:
        logits = logits.masked_fill(logits < logits.topk(top_k).values[:, -1:], -torch.inf)
    return _draw((logits / temperature).softmax(0).nan_to_num() + 1e-9, generator)


@_choice_mutant(None, "argmax over the batch")
def _(logits, temperature, top_k, generator):
    if temperature == 0:
        return logits.argmax(0)[: len(logits)]
    return _choose(logits, temperature, top_k, generator)


@_choice_mutant(None, "the first row's token for all rows")
def _(logits, temperature, top_k, generator):
    return _choose(logits, temperature, top_k, generator)[:1].expand(len(logits))


@_choice_mutant(None, "temperature 0 crashes with top_k None", "raised")
def _(logits, temperature, top_k, generator):
    logits = logits.masked_fill(logits < logits.topk(top_k).values[:, -1:], -torch.inf)
    return _choose(logits, temperature, None, generator)


def _loop_mutant(number, name, *diagnosed):
    """A generate whose loop is wrong; it receives the right choice as ``choose``."""

    def keep(wrong):
        @mutant("generate", number, name, *diagnosed)
        @torch.no_grad()
        def _(
            model,
            prompt_ids,
            max_new_tokens,
            eos_id=None,
            temperature=0.0,
            top_k=None,
            generator=None,
        ):
            def choose(logits):
                return _choose(logits, temperature, top_k, generator)

            return wrong(model, prompt_ids, max_new_tokens, eos_id, choose)

        return wrong

    return keep


def _append(ids, token):
    return torch.cat([ids, token[:, None].to(ids.dtype)], 1)


def _last(model, ids):
    return model(ids, _lower_triangle(ids))[:, -1]


@_loop_mutant(None, "reads the first position", "wrong-position")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    def first(ids, mask):
        return model(ids, mask).flip(1)

    return _decode(first, prompt_ids, max_new_tokens, eos_id, choose)


@_loop_mutant(None, "reads the position before the last", "wrong-position")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    def shifted(ids, mask):
        logits = model(ids, mask)
        return logits[:, :-1] if logits.shape[1] > 1 else logits

    return _decode(shifted, prompt_ids, max_new_tokens, eos_id, choose)


@_loop_mutant(None, "averages over the positions", "wrong-position")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    def mean(ids, mask):
        return model(ids, mask).mean(1, keepdim=True)

    return _decode(mean, prompt_ids, max_new_tokens, eos_id, choose)


@_loop_mutant(None, "always reads the end of the prompt", "own-output-unread")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    def stuck(ids, mask):
        return model(ids, mask)[:, : prompt_ids.shape[1]]

    return _decode(stuck, prompt_ids, max_new_tokens, eos_id, choose)


@_loop_mutant(None, "the model only ever sees the prompt", "own-output-unread")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    def blind(ids, mask):
        return model(prompt_ids, _lower_triangle(prompt_ids))

    return _decode(blind, prompt_ids, max_new_tokens, eos_id, choose)


@_loop_mutant(None, "the model only sees the newest token", "prompt-unread")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    def newest(ids, mask):
        return model(ids[:, -1:], mask[-1:, -1:])

    return _decode(newest, prompt_ids, max_new_tokens, eos_id, choose)


@_loop_mutant(None, "after the prompt only the newest token is fed back", "prompt-unread")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    def newest(ids, mask):
        fed = ids if ids.shape == prompt_ids.shape else ids[:, -1:]
        return model(fed, _lower_triangle(fed))

    return _decode(newest, prompt_ids, max_new_tokens, eos_id, choose)


@_loop_mutant(None, "the prompt is cut to a window")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    def window(ids, mask):
        return model(ids[:, -3:], mask[-3:, -3:])

    return _decode(window, prompt_ids, max_new_tokens, eos_id, choose)


@_loop_mutant(None, "end of sequence not looked at", "eos-ignored")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    return _decode(model, prompt_ids, max_new_tokens, None, choose)


@_loop_mutant(22, "eos 0 is taken for no eos", "eos-zero")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    return _decode(model, prompt_ids, max_new_tokens, eos_id or None, choose)


@_loop_mutant(None, "stops when any row is finished", "stops-too-early")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    ids = prompt_ids.clone()
    for _ in range(max_new_tokens):
        token = choose(_last(model, ids))
        ids = _append(ids, token)
        if eos_id is not None and (token == eos_id).any():
            break
    return ids


@_loop_mutant(None, "stops only when all rows end at once", "stops-together")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    ids = prompt_ids.clone()
    for _ in range(max_new_tokens):
        token = choose(_last(model, ids))
        ids = _append(ids, token)
        if eos_id is not None and (token == eos_id).all():
            break
    return ids


@_loop_mutant(None, "finished rows go on until all are finished", "not-filled")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    ids = prompt_ids.clone()
    finished = torch.zeros(len(ids), dtype=torch.bool)
    for _ in range(max_new_tokens):
        token = choose(_last(model, ids))
        ids = _append(ids, token)
        if eos_id is not None:
            finished |= token == eos_id
        if finished.all():
            break
    return ids


@_loop_mutant(None, "finished rows are filled with 0", "filled-wrongly")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    ids = prompt_ids.clone()
    finished = torch.zeros(len(ids), dtype=torch.bool)
    for _ in range(max_new_tokens):
        token = choose(_last(model, ids)).masked_fill(finished, 0)
        ids = _append(ids, token)
        if eos_id is not None:
            finished |= token == eos_id
        if finished.all():
            break
    return ids


@_loop_mutant(None, "finished rows repeat their last real token")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    ids = prompt_ids.clone()
    finished = torch.zeros(len(ids), dtype=torch.bool)
    for _ in range(max_new_tokens):
        token = choose(_last(model, ids))
        if eos_id is not None:
            finished |= token == eos_id
            token = torch.where(finished, ids[:, -1], token)
        ids = _append(ids, token)
        if finished.all():
            break
    return ids


@mutant("generate", None, "ends are looked at only when greedy", "sampling-differs")
def _(model, prompt_ids, max_new_tokens, eos_id=None, temperature=0.0, top_k=None, generator=None):
    def choose(logits):
        return _choose(logits, temperature, top_k, generator)

    return _decode(model, prompt_ids, max_new_tokens, None if temperature else eos_id, choose)


@_loop_mutant(None, "finished rows are filled with -100", "filled-wrongly")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    ids = _decode(model, prompt_ids, max_new_tokens, eos_id, choose)
    new = ids[:, prompt_ids.shape[1] :]
    if eos_id is not None:
        new[(new == eos_id).cumsum(1) - (new == eos_id).int() > 0] = IGNORE_INDEX
    return ids


@_loop_mutant(None, "arguments of the model swapped", "raised")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    def swapped(ids, mask):
        return model(mask, ids)

    return _decode(swapped, prompt_ids, max_new_tokens, eos_id, choose)


@_loop_mutant(None, "always as long as allowed", "never-stops")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    ids = _decode(model, prompt_ids, max_new_tokens, eos_id, choose)
    missing = prompt_ids.shape[1] + max_new_tokens - ids.shape[1]
    return F.pad(ids, (0, missing), value=eos_id or 0)


@_loop_mutant(None, "the end itself is dropped", "end-dropped")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    ids = prompt_ids.clone()
    finished = torch.zeros(len(ids), dtype=torch.bool)
    for _ in range(max_new_tokens):
        token = choose(_last(model, ids))
        if eos_id is not None:
            token = torch.where(finished, eos_id, token)
            finished |= token == eos_id
        if finished.all():
            break
        ids = _append(ids, token)
    return ids


@_loop_mutant(None, "stops one step late", "stops-late")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    ids = prompt_ids.clone()
    finished = torch.zeros(len(ids), dtype=torch.bool)
    for _ in range(max_new_tokens):
        stop = bool(finished.all())
        token = choose(_last(model, ids))
        if eos_id is not None:
            token = torch.where(finished, eos_id, token)
            finished |= token == eos_id
        ids = _append(ids, token)
        if stop:
            break
    return ids


@_loop_mutant(None, "an eos in the prompt counts as an end", "eos-in-prompt")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    ids = prompt_ids.clone()
    for _ in range(max_new_tokens):
        token = choose(_last(model, ids))
        if eos_id is not None:
            token = torch.where((ids == eos_id).any(1), eos_id, token)
        ids = _append(ids, token)
        if eos_id is not None and (ids == eos_id).any(1).all():
            break
    return ids


@_loop_mutant(None, "a prompt that ends in eos is finished", "eos-in-prompt")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    ids = prompt_ids.clone()
    for _ in range(max_new_tokens):
        token = choose(_last(model, ids))
        if eos_id is not None:
            token = torch.where(ids[:, -1] == eos_id, eos_id, token)
        ids = _append(ids, token)
        if eos_id is not None and (ids[:, -1] == eos_id).all():
            break
    return ids


@_loop_mutant(None, "stops before it begins when every prompt has an eos", "eos-in-prompt")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    if eos_id is not None and (prompt_ids == eos_id).any(1).all():
        return prompt_ids.clone()
    return _decode(model, prompt_ids, max_new_tokens, eos_id, choose)


@_loop_mutant(None, "one token too many", "wrong-count")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    return _decode(model, prompt_ids, max_new_tokens + 1, eos_id, choose)


@_loop_mutant(None, "one token too few", "wrong-count")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    return _decode(model, prompt_ids, max(max_new_tokens - 1, 0), eos_id, choose)


@_loop_mutant(None, "max_new_tokens is the total length", "wrong-count")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    new = max(max_new_tokens - prompt_ids.shape[1], 0)
    return _decode(model, prompt_ids, new, eos_id, choose)


@_loop_mutant(None, "at least one token", "no-new-tokens")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    return _decode(model, prompt_ids, max(max_new_tokens, 1), eos_id, choose)


@_loop_mutant(None, "without the prompt", "no-prompt")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    return _decode(model, prompt_ids, max_new_tokens, eos_id, choose)[:, prompt_ids.shape[1] :]


@_loop_mutant(None, "the prompt itself when nothing is asked", "view")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    if max_new_tokens == 0:
        return prompt_ids
    return _decode(model, prompt_ids, max_new_tokens, eos_id, choose)


@_loop_mutant(23, "the prompt changed in place", "in-place")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    ids = _decode(model, prompt_ids, max_new_tokens, eos_id, choose)
    if max_new_tokens:
        prompt_ids[:, -1] = ids[:, -1]
    return ids


@_loop_mutant(23, "the prompt used as a sliding window", "in-place")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    out = prompt_ids.clone()
    for _ in range(max_new_tokens):
        token = choose(_last(model, prompt_ids)).to(out.dtype)
        prompt_ids[:, :-1] = prompt_ids[:, 1:].clone()
        prompt_ids[:, -1] = token
        out = _append(out, token)
    return out


@_loop_mutant(23, "the prompt resized", "in-place")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    ids = _decode(model, prompt_ids, max_new_tokens, eos_id, choose)
    prompt_ids.resize_(ids.shape).copy_(ids)
    return prompt_ids


@_loop_mutant(None, "only the first row", "wrong-shape")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    return _decode(model, prompt_ids[:1], max_new_tokens, eos_id, choose)


@_loop_mutant(None, "new tokens in front", "prompt-last")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    ids = _decode(model, prompt_ids, max_new_tokens, eos_id, choose)
    n = prompt_ids.shape[1]
    return torch.cat([ids[:, n:], ids[:, :n]], 1)


@_loop_mutant(None, "all tokens from one reading")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    longer = F.pad(prompt_ids, (0, max_new_tokens))
    logits = model(longer, _lower_triangle(longer))
    for t in range(prompt_ids.shape[1], longer.shape[1]):
        longer[:, t] = choose(logits[:, t - 1])
    return longer


@_loop_mutant(None, "never ends without an eos", "endless")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    ids = prompt_ids.clone()
    finished = torch.zeros(len(ids), dtype=torch.bool)
    while not finished.all():
        token = choose(_last(model, ids))
        ids = _append(ids, token)
        if eos_id is not None:
            finished |= token == eos_id
    return ids


@_loop_mutant(None, "float ids", "wrong-dtype")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    return _decode(model, prompt_ids, max_new_tokens, eos_id, choose).float()


@_loop_mutant(None, "a list of rows", "wrong-type")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    return _decode(model, prompt_ids, max_new_tokens, eos_id, choose).tolist()


@_loop_mutant(None, "the eos never chosen", "wrong-shape")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    def without_eos(ids, mask):
        logits = model(ids, mask).clone()
        if eos_id is not None:
            logits[..., eos_id] = -torch.inf
        return logits

    return _decode(without_eos, prompt_ids, max_new_tokens, eos_id, choose)
