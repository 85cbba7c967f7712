"""Wrong answers to ``mean_nll``."""

import math

import torch
from ch01_prediction.mutants.parts import IGNORE_INDEX, count, mean, mutant


@mutant("mean_nll", 25, "mean over all positions", "all-positions")
def _(nll, targets):
    return nll.mean()


@mutant("mean_nll", 25, "divided by numel", "all-positions")
def _(nll, targets):
    return (nll * (targets != IGNORE_INDEX)).sum() / targets.numel()


@mutant("mean_nll", 25, "divided by B T", "all-positions")
def _(nll, targets):
    B, T = targets.shape
    return nll.sum() / (B * T)


@mutant("mean_nll", 25, "mean of a product", "all-positions")
def _(nll, targets):
    mask = (targets != -100).to(nll.dtype)
    return torch.mean(nll * mask)


@mutant("mean_nll", 25, "−1 taken for the ignored index", "all-positions")
def _(nll, targets):
    return nll.sum() / (targets != -1).sum().clamp(min=1)


@mutant("mean_nll", 24, "sum over count, without a guard", "nan-when-empty")
def _(nll, targets):
    return nll.sum() / (targets != IGNORE_INDEX).sum()


@mutant("mean_nll", 24, "mean of the selected ones, without a guard", "nan-when-empty")
def _(nll, targets):
    return nll[targets != IGNORE_INDEX].mean()


@mutant("mean_nll", 24, "division of numbers without a guard", "nan-when-empty", "nothing-scored")
def _(nll, targets):
    return nll.sum() / int(count(targets))


@mutant("mean_nll", 24, "nothing scored gives a constant without a gradient", "nothing-scored")
def _(nll, targets):
    if (targets == IGNORE_INDEX).all():
        return torch.tensor(0.0, dtype=nll.dtype)
    return mean(nll, targets)


@mutant("mean_nll", 24, "nothing scored gives the number 0.0", "nothing-scored")
def _(nll, targets):
    n = count(targets)
    return nll.sum() / n if n > 0 else 0.0


@mutant("mean_nll", 24, "nothing scored gives None", "nothing-scored")
def _(nll, targets):
    if count(targets):
        return mean(nll, targets)
    return None


@mutant("mean_nll", 24, "0 in value, NaN in gradient", "nothing-scored")
def _(nll, targets):
    total, n = nll.sum(), count(targets)
    return torch.where(n > 0, total / n, torch.zeros_like(total))


@mutant("mean_nll", 24, "nothing scored raises an error", "nothing-scored")
def _(nll, targets):
    if not count(targets):
        raise ValueError("nothing is scored")
    return mean(nll, targets)


@mutant("mean_nll", 24, "nothing scored gives infinity", "nothing-scored")
def _(nll, targets):
    return mean(nll, targets) if count(targets) else nll.sum() + float("inf")


@mutant("mean_nll", None, "NaN made 0", "nan-hidden", "nothing-scored")
def _(nll, targets):
    return (nll.sum() / count(targets)).nan_to_num()


@mutant("mean_nll", None, "NaN left out of the sum", "nan-hidden")
def _(nll, targets):
    return nll.nansum() / count(targets).clamp(min=1)


@mutant("mean_nll", None, "only finite costs", "nan-hidden")
def _(nll, targets):
    costs = nll[(targets != IGNORE_INDEX) & nll.isfinite()]
    return costs.sum() / max(len(costs), 1)


@mutant("mean_nll", 26, "mean of the rows' means", "mean-of-rows")
def _(nll, targets):
    return (nll.sum(1) / (targets != IGNORE_INDEX).sum(1).clamp(min=1)).mean()


@mutant("mean_nll", 26, "mean of the rows' means, unguarded", "mean-of-rows")
def _(nll, targets):
    scored = targets != IGNORE_INDEX
    return torch.stack([row[s].mean() for row, s in zip(nll, scored, strict=True)]).mean()


@mutant("mean_nll", 26, "mean of the rows that have something", "mean-of-rows")
def _(nll, targets):
    rows = [
        mean(row, ids) for row, ids in zip(nll, targets, strict=True) if (ids != IGNORE_INDEX).any()
    ]
    return sum(rows) / len(rows) if rows else nll.sum()


@mutant("mean_nll", 25, "divided by the number of rows", "divided-by-rows")
def _(nll, targets):
    return nll.sum() / len(nll)


@mutant("mean_nll", 25, "mean over the rows of sums", "divided-by-rows")
def _(nll, targets):
    return nll.sum(dim=1).mean()


@mutant("mean_nll", 25, "divided by the length", "divided-by-rows")
def _(nll, targets):
    return nll.sum() / nll.size(1)


@mutant("mean_nll", None, "never divided", "sum")
def _(nll, targets):
    return nll.sum()


@mutant("mean_nll", None, "the selected ones summed", "sum")
def _(nll, targets):
    return nll[targets != IGNORE_INDEX].sum()


@mutant("mean_nll", 25, "mean of the costs above 0", "free-tokens-lost")
def _(nll, targets):
    return nll[nll > 0].mean()


@mutant("mean_nll", 25, "count of the costs that are not 0", "free-tokens-lost")
def _(nll, targets):
    return nll.sum() / nll.count_nonzero().clamp(min=1)


@mutant("mean_nll", 22, "scored if greater than 0", "masked-by-id")
def _(nll, targets):
    scored = targets > 0
    return (nll * scored).sum() / scored.sum().clamp(min=1)


@mutant("mean_nll", 22, "counted if greater than 0", "masked-by-id")
def _(nll, targets):
    return nll.sum() / (targets > 0).sum().clamp(min=1)


@mutant("mean_nll", 22, "scored if not pad", "masked-by-id")
def _(nll, targets, pad_id=0):
    scored = targets != pad_id
    return nll[scored].sum() / scored.sum().clamp(min=1)


@mutant("mean_nll", 22, "mean of those that are not pad", "masked-by-id")
def _(nll, targets):
    return nll[targets != 0].mean()


@mutant("mean_nll", 22, "counted by the truth of an id", "masked-by-id")
def _(nll, targets):
    return nll.sum() / targets.bool().sum().clamp(min=1)


@mutant("mean_nll", None, "the ignored ones counted", "ignored-counted")
def _(nll, targets):
    return nll.sum() / (targets == IGNORE_INDEX).sum().clamp(min=1)


@mutant("mean_nll", None, "one more in the denominator", "count-off")
def _(nll, targets):
    return nll.sum() / (count(targets) + 1)


@mutant("mean_nll", None, "one less in the denominator", "count-off")
def _(nll, targets):
    return nll.sum() / (count(targets) - 1).clamp(min=1)


@mutant("mean_nll", None, "ids added up instead of counted", "ids-summed")
def _(nll, targets):
    return nll.sum() / targets[targets != IGNORE_INDEX].sum().clamp(min=1)


@mutant("mean_nll", None, "the sign", "negative")
def _(nll, targets):
    return -nll.sum() / count(targets).clamp(min=1)


@mutant("mean_nll", 30, "in bits", "bits")
def _(nll, targets):
    return mean(nll, targets) / math.log(2)


@mutant("mean_nll", 29, "perplexity", "perplexity")
def _(nll, targets):
    return mean(nll, targets).exp()


@mutant("mean_nll", 29, "mean of exps", "perplexity")
def _(nll, targets):
    return nll[targets != IGNORE_INDEX].exp().sum() / count(targets).clamp(min=1)


@mutant("mean_nll", None, "the median", "median")
def _(nll, targets):
    return nll[targets != IGNORE_INDEX].median()


@mutant("mean_nll", None, "the largest cost", "median")
def _(nll, targets):
    return nll.max()


@mutant("mean_nll", None, "the mean of each row", "wrong-shape")
def _(nll, targets):
    return nll.sum(1) / (targets != IGNORE_INDEX).sum(1).clamp(min=1)


@mutant("mean_nll", None, "a vector of one number", "wrong-shape")
def _(nll, targets):
    return mean(nll, targets).reshape(1)


@mutant("mean_nll", None, "a float", "wrong-type")
def _(nll, targets):
    return mean(nll, targets).item()


@mutant("mean_nll", None, "sum and count", "wrong-type")
def _(nll, targets):
    return nll.sum(), count(targets)


@mutant("mean_nll", None, "always float32", "wrong-dtype")
def _(nll, targets):
    return mean(nll.float(), targets)


@mutant("mean_nll", None, "half precision returned as float64", "half-precision")
def _(nll, targets):
    return mean(nll.double() if nll.dtype.itemsize == 2 else nll, targets)


@mutant("mean_nll", None, "a number made a tensor again", "wrong-gradient")
def _(nll, targets):
    return torch.tensor(mean(nll, targets).item(), dtype=nll.dtype)


@mutant("mean_nll", None, "a new leaf that wants a gradient", "wrong-gradient")
def _(nll, targets):
    return mean(nll, targets).detach().requires_grad_()


@mutant("mean_nll", None, "no gradient", "wrong-gradient")
@torch.no_grad()
def _(nll, targets):
    return mean(nll, targets)


@mutant("mean_nll", None, "the last row detached", "wrong-gradient")
def _(nll, targets):
    total = nll[:-1].sum() + nll[-1].detach().sum()
    return (total + 0 * nll.sum()) / count(targets).clamp(min=1)


@mutant("mean_nll", None, "ignored costs deleted in place", "in-place")
def _(nll, targets):
    targets[targets == IGNORE_INDEX] = -1
    return nll.sum() / (targets >= 0).sum().clamp(min=1)


@mutant("mean_nll", None, "divided in place", "in-place")
def _(nll, targets):
    nll /= count(targets).clamp(min=1)
    return nll.sum()
