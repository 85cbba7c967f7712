"""Wrong answers to ``next_token_targets``."""

import torch
import torch.nn.functional as F
from ch03_clm.mutants.parts import (
    IGNORE_INDEX,
    mutant,
    positions_of,
)

from labtools.vocab import eos_id as EOS


@mutant("next_token_targets", 19, "no shift", "no-shift")
def _(input_ids, lengths):
    return input_ids.masked_fill(positions_of(input_ids) >= lengths[:, None], IGNORE_INDEX)


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
    unscored = positions_of(input_ids) >= lengths[:, None] - 2
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
    unscored = positions_of(input_ids) >= lengths[:, None] - 1
    return input_ids.roll(-2, 1).masked_fill(unscored, IGNORE_INDEX)


@mutant("next_token_targets", 21, "rolled to the right", "shifted-back")
def _(input_ids, lengths):
    t = positions_of(input_ids)
    return input_ids.roll(1, 1).masked_fill((t == 0) | (t >= lengths[:, None]), IGNORE_INDEX)


@mutant("next_token_targets", 21, "rolled to the right under the right mask", "shifted-back")
def _(input_ids, lengths):
    return input_ids.roll(1, 1).masked_fill(
        positions_of(input_ids) >= lengths[:, None] - 1, IGNORE_INDEX
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
    unscored = (positions_of(input_ids) >= lengths[:, None] - 1) | (targets == 0)
    return targets.masked_fill(unscored, IGNORE_INDEX)


@mutant("next_token_targets", 23, "labels written into the inputs", "in-place")
def _(input_ids, lengths):
    labels = input_ids
    labels[:, :-1] = input_ids[:, 1:].clone()
    labels[positions_of(labels) >= lengths[:, None] - 1] = IGNORE_INDEX
    return labels


@mutant("next_token_targets", 23, "roll in place", "in-place")
def _(input_ids, lengths):
    input_ids.copy_(input_ids.roll(-1, 1))
    return input_ids.masked_fill(positions_of(input_ids) >= lengths[:, None] - 1, IGNORE_INDEX)


@mutant("next_token_targets", 23, "padding overwritten in the inputs", "in-place")
def _(input_ids, lengths):
    input_ids[positions_of(input_ids) >= lengths[:, None]] = IGNORE_INDEX
    return F.pad(input_ids[:, 1:], (0, 1), value=IGNORE_INDEX)


@mutant("next_token_targets", 23, "lengths made smaller in place", "in-place")
def _(input_ids, lengths):
    lengths -= 1
    return input_ids.roll(-1, 1).masked_fill(positions_of(input_ids) >= lengths[:, None], -100)


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
    return targets.masked_fill(positions_of(input_ids) >= lengths[:, None], IGNORE_INDEX)


@mutant("next_token_targets", None, "the first padding cell is a target, with <=", "one-too-many")
def _(input_ids, lengths):
    scored = positions_of(input_ids) + 1 <= lengths[:, None]
    following = torch.cat([input_ids[:, 1:], input_ids.new_full((len(input_ids), 1), -100)], 1)
    return torch.where(scored, following, torch.full_like(input_ids, -100))


@mutant("next_token_targets", None, "the last real token is not a target", "one-too-few")
def _(input_ids, lengths):
    targets = F.pad(input_ids[:, 1:], (0, 1), value=IGNORE_INDEX)
    return targets.masked_fill(positions_of(input_ids) >= lengths[:, None] - 2, IGNORE_INDEX)


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
    return targets.masked_fill(positions_of(input_ids) + 1 > lengths[:, None], IGNORE_INDEX)


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
    return targets * (positions_of(input_ids) < lengths[:, None] - 1)


@mutant("next_token_targets", None, "-1 where not scored", "wrong-ignore-index")
def _(input_ids, lengths):
    return input_ids.roll(-1, 1).masked_fill(positions_of(input_ids) >= lengths[:, None] - 1, -1)


@mutant("next_token_targets", None, "zero in the last column")
def _(input_ids, lengths):
    real = positions_of(input_ids) < lengths[:, None]
    targets = torch.zeros_like(input_ids)
    targets[:, :-1] = torch.where(real[:, 1:], input_ids[:, 1:], -100)
    return targets


@mutant("next_token_targets", None, "one column too few", "wrong-shape")
def _(input_ids, lengths):
    return input_ids[:, 1:].masked_fill(positions_of(input_ids)[1:] >= lengths[:, None], -100)


@mutant("next_token_targets", None, "transposed", "wrong-shape")
def _(input_ids, lengths):
    targets = input_ids.roll(-1, 1)
    return targets.masked_fill(positions_of(targets) >= lengths[:, None] - 1, -100).T


@mutant("next_token_targets", None, "flat", "wrong-shape")
def _(input_ids, lengths):
    targets = input_ids.roll(-1, 1)
    return targets.masked_fill(positions_of(targets) >= lengths[:, None] - 1, -100).flatten()


@mutant("next_token_targets", None, "float ids", "wrong-dtype")
def _(input_ids, lengths):
    scored = (positions_of(input_ids) < lengths[:, None] - 1).float()
    return input_ids.roll(-1, 1) * scored - 100 * (1 - scored)


@mutant("next_token_targets", None, "int32 ids", "wrong-dtype")
def _(input_ids, lengths):
    unscored = positions_of(input_ids) >= lengths[:, None] - 1
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
        positions_of(input_ids) >= lengths[:, None] - 1, IGNORE_INDEX
    )


@mutant("next_token_targets", None, "left padding assumed")
def _(input_ids, lengths):
    T = input_ids.shape[1]
    first = T - lengths[:, None]
    targets = F.pad(input_ids[:, 1:], (0, 1), value=IGNORE_INDEX)
    return targets.masked_fill(positions_of(input_ids) < first, IGNORE_INDEX)


@mutant("next_token_targets", None, "a bool mask in place of targets", "wrong-dtype")
def _(input_ids, lengths):
    return positions_of(input_ids) < lengths[:, None] - 1


@mutant("next_token_targets", 8, "lengths compared without a new dimension", "raised")
def _(input_ids, lengths):
    return input_ids.roll(-1, 1).masked_fill(positions_of(input_ids) >= lengths - 1, IGNORE_INDEX)


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
    targets.masked_fill_(positions_of(targets) >= lengths[:, None] - 1, IGNORE_INDEX)
    return targets
