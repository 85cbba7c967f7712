"""Wrong answers to ``accumulated_loss``."""

import torch
import torch.nn.functional as F
from ch03_clm.mutants.parts import (
    IGNORE_INDEX,
    is_scored,
    mutant,
    next_targets,
    token_nll,
    unshifted_targets,
)


def _total(batch):
    logits, input_ids, lengths = batch
    return token_nll(logits, next_targets(input_ids, lengths)).sum()


def _count(batch):
    return int((next_targets(*batch[1:]) != IGNORE_INDEX).sum())


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
        targets = next_targets(input_ids, lengths)
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
        targets = next_targets(input_ids, lengths)
        counts = (targets != IGNORE_INDEX).sum(1).clamp(min=1)
        means.append(token_nll(logits, targets).sum(1) / counts)
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
    means = [F.cross_entropy(x.mT, next_targets(ids, n)) for x, ids, n in micro_batches]
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
        mean = F.cross_entropy(logits.mT, next_targets(input_ids, lengths))
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
        F.cross_entropy(logits, next_targets(input_ids, lengths), reduction="sum")
        for logits, input_ids, lengths in micro_batches
    ]
    return sum(losses) / max(sum(map(_count, micro_batches)), 1)


@mutant("accumulated_loss", 19, "no shift", "no-shift")
def _(micro_batches):
    total = sum(token_nll(x, unshifted_targets(ids, n)).sum() for x, ids, n in micro_batches)
    return total / max(sum(int(n.sum()) for _, _, n in micro_batches), 1)


@mutant("accumulated_loss", 20, "shifted twice", "shifted-twice")
def _(micro_batches):
    labels = [next_targets(ids, n)[:, 1:] for _, ids, n in micro_batches]
    pairs = [(x[:, :-1], y) for (x, _, _), y in zip(micro_batches, labels, strict=True)]
    total = sum(token_nll(x, y).sum() for x, y in pairs)
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
    total = sum(token_nll(x[:, :-1], ids[:, 1:]).sum() for x, ids, _ in micro_batches)
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
        scored = is_scored(input_ids, lengths)
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
