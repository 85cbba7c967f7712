"""Wrong answers to ``corpus_perplexity``."""

import math

import torch
from ch01_prediction.mutants.parts import IGNORE_INDEX, count, mean, mutant


def _means(nlls, targets):
    return torch.stack([mean(nll, y) for nll, y in zip(nlls, targets, strict=True)])


def _total(nlls):
    return sum(nll.sum() for nll in nlls)


def _count(targets):
    return max(sum(int(count(y)) for y in targets), 1)


@mutant("corpus_perplexity", 29, "mean of the batches' perplexities", "mean-of-perplexities")
def _(nlls, targets):
    return _means(nlls, targets).exp().mean()


@mutant("corpus_perplexity", 29, "mean of perplexities, one by one", "mean-of-perplexities")
def _(nlls, targets):
    perplexities = [torch.exp(nll.sum() / count(y)) for nll, y in zip(nlls, targets, strict=True)]
    return sum(perplexities) / len(perplexities)


@mutant("corpus_perplexity", 29, "perplexities weighted by tokens", "mean-of-perplexities")
def _(nlls, targets):
    total = sum(mean(x, y).exp() * count(y) for x, y in zip(nlls, targets, strict=True))
    return total / _count(targets)


@mutant("corpus_perplexity", 29, "sum of the batches' perplexities", "mean-of-perplexities")
def _(nlls, targets):
    return sum(mean(nll, y).exp() for nll, y in zip(nlls, targets, strict=True))


@mutant("corpus_perplexity", 29, "exp of the mean of the means", "mean-of-means")
def _(nlls, targets):
    return _means(nlls, targets).mean().exp()


@mutant("corpus_perplexity", 29, "exp of the mean of the means, unguarded", "mean-of-means")
def _(nlls, targets):
    losses = [nll[y != IGNORE_INDEX].mean() for nll, y in zip(nlls, targets, strict=True)]
    return torch.exp(sum(losses) / len(losses))


@mutant("corpus_perplexity", 29, "exp of the mean of the means that are there", "mean-of-means")
def _(nlls, targets):
    losses = [mean(nll, y) for nll, y in zip(nlls, targets, strict=True) if count(y)]
    return torch.exp(sum(losses) / len(losses)) if losses else torch.ones(())


@mutant("corpus_perplexity", 29, "geometric mean of perplexities", "mean-of-means")
def _(nlls, targets):
    return _means(nlls, targets).exp().prod() ** (1 / len(nlls))


@mutant("corpus_perplexity", 29, "exp of the sum of the means", "mean-of-means")
def _(nlls, targets):
    return _means(nlls, targets).sum().exp()


@mutant("corpus_perplexity", 29, "product of perplexities", "mean-of-means")
def _(nlls, targets):
    return _means(nlls, targets).exp().prod()


@mutant("corpus_perplexity", 29, "mean of exps", "mean-of-exps")
def _(nlls, targets):
    costs = torch.cat([nll[y != -100] for nll, y in zip(nlls, targets, strict=True)])
    return costs.exp().mean()


@mutant("corpus_perplexity", 29, "mean of exps over all positions", "mean-of-exps")
def _(nlls, targets):
    return torch.cat([nll.exp().flatten() for nll in nlls]).mean()


@mutant("corpus_perplexity", 26, "mean of the rows' means", "mean-of-rows")
def _(nlls, targets):
    rows = [
        mean(row, ids)
        for nll, y in zip(nlls, targets, strict=True)
        for row, ids in zip(nll, y, strict=True)
        if count(ids)
    ]
    return torch.stack(rows).mean().exp()


@mutant("corpus_perplexity", 26, "means weighted by rows", "weighted-wrongly")
def _(nlls, targets):
    rows = torch.tensor([len(nll) for nll in nlls])
    return ((_means(nlls, targets) * rows).sum() / rows.sum()).exp()


@mutant("corpus_perplexity", 26, "means weighted by positions", "weighted-wrongly")
def _(nlls, targets):
    cells = [nll.numel() for nll in nlls]
    weighted = [m * n for m, n in zip(_means(nlls, targets), cells, strict=True)]
    return (sum(weighted) / sum(cells)).exp()


@mutant("corpus_perplexity", 25, "all positions counted", "all-positions")
def _(nlls, targets):
    return (_total(nlls) / sum(y.numel() for y in targets)).exp()


@mutant("corpus_perplexity", 25, "mean of everything joined", "all-positions")
def _(nlls, targets):
    return torch.cat([nll.reshape(-1) for nll in nlls]).mean().exp()


@mutant("corpus_perplexity", 25, "free tokens not counted", "free-tokens-lost")
def _(nlls, targets):
    n = sum(int((nll > 0).sum()) for nll in nlls)
    return (_total(nlls) / max(n, 1)).exp()


@mutant("corpus_perplexity", 22, "scored if greater than 0", "masked-by-id")
def _(nlls, targets):
    costs = torch.cat([nll[y > 0] for nll, y in zip(nlls, targets, strict=True)])
    return (costs.sum() / max(len(costs), 1)).exp()


@mutant("corpus_perplexity", 22, "counted if not pad", "masked-by-id")
def _(nlls, targets):
    n = sum(int((y != 0).sum()) for y in targets)
    return (_total(nlls) / n).exp()


@mutant("corpus_perplexity", None, "exp forgotten", "no-exp")
def _(nlls, targets):
    return _total(nlls) / _count(targets)


@mutant("corpus_perplexity", None, "never divided", "not-averaged")
def _(nlls, targets):
    return _total(nlls).exp()


@mutant("corpus_perplexity", None, "divided by the number of batches", "divided-by-batches")
def _(nlls, targets):
    return (_total(nlls) / len(nlls)).exp()


@mutant("corpus_perplexity", None, "divided by the number of rows", "divided-by-batches")
def _(nlls, targets):
    return (_total(nlls) / sum(len(nll) for nll in nlls)).exp()


@mutant("corpus_perplexity", 30, "two to the nats", "wrong-base")
def _(nlls, targets):
    return 2 ** (_total(nlls) / _count(targets))


@mutant("corpus_perplexity", 30, "exp of bits", "wrong-base")
def _(nlls, targets):
    return torch.exp(_total(nlls) / math.log(2) / _count(targets))


@mutant("corpus_perplexity", 30, "ten to the nats", "wrong-base")
def _(nlls, targets):
    return torch.pow(10.0, _total(nlls) / _count(targets))


@mutant("corpus_perplexity", None, "the sign", "inverted")
def _(nlls, targets):
    return torch.exp(-_total(nlls) / _count(targets))


@mutant("corpus_perplexity", None, "the last batch only", "one-batch-only")
def _(nlls, targets):
    for nll, y in zip(nlls, targets, strict=True):
        total, n = nll.sum(), count(y)
    return (total / n.clamp(min=1)).exp()


@mutant("corpus_perplexity", None, "returned from inside the loop", "one-batch-only")
def _(nlls, targets):
    total, n = 0, 0
    for nll, y in zip(nlls, targets, strict=True):
        total, n = total + nll.sum(), n + count(y)
        return (total / n.clamp(min=1)).exp()


@mutant("corpus_perplexity", None, "the count overwritten", "one-batch-only")
def _(nlls, targets):
    total = 0
    for nll, y in zip(nlls, targets, strict=True):
        total = total + nll.sum()
        n = count(y)
    return (total / n.clamp(min=1)).exp()


@mutant("corpus_perplexity", None, "the sum overwritten", "one-batch-only")
def _(nlls, targets):
    n = 0
    for nll, y in zip(nlls, targets, strict=True):
        total = nll.sum()
        n += int(count(y))
    return (total / max(n, 1)).exp()


@mutant("corpus_perplexity", 24, "no guard", "nan-when-empty")
def _(nlls, targets):
    return (_total(nlls) / sum(count(y) for y in targets)).exp()


@mutant("corpus_perplexity", 24, "no guard, joined", "nan-when-empty")
def _(nlls, targets):
    return torch.cat([n[y != -100] for n, y in zip(nlls, targets, strict=True)]).mean().exp()


@mutant("corpus_perplexity", 24, "0 when nothing is scored", "nothing-scored")
def _(nlls, targets):
    n = sum(int(count(y)) for y in targets)
    return (_total(nlls) / n).exp() if n else torch.zeros(())


@mutant("corpus_perplexity", 24, "an empty batch makes NaN", "empty-batch")
def _(nlls, targets):
    counts = [count(y) for y in targets]
    means = [nll[y != -100].mean() for nll, y in zip(nlls, targets, strict=True)]
    total = sum(m * n for m, n in zip(means, counts, strict=True))
    return (total / sum(counts)).exp()


@mutant("corpus_perplexity", 24, "a batch with nothing stops the loop", "empty-batch")
def _(nlls, targets):
    total, n = nlls[0].sum() * 0, 0
    for nll, y in zip(nlls, targets, strict=True):
        if not count(y):
            break
        total, n = total + nll.sum(), n + int(count(y))
    return (total / max(n, 1)).exp()


@mutant("corpus_perplexity", None, "batches joined as they are", "ragged-batches")
def _(nlls, targets):
    return mean(torch.cat(nlls), torch.cat(targets)).exp()


@mutant("corpus_perplexity", None, "batches stacked", "ragged-batches", "raised")
def _(nlls, targets):
    return mean(torch.stack(nlls), torch.stack(targets)).exp()


@mutant("corpus_perplexity", None, "cut to the shortest", "ragged-batches")
def _(nlls, targets):
    T = min(nll.shape[1] for nll in nlls)
    total = sum(nll[:, :T].sum() for nll in nlls)
    return (total / max(sum(int(count(y[:, :T])) for y in targets), 1)).exp()


@mutant("corpus_perplexity", None, "a float", "wrong-type")
def _(nlls, targets):
    return math.exp(sum(nll.sum().item() for nll in nlls) / _count(targets))


@mutant("corpus_perplexity", None, "a list, one for each batch", "wrong-type")
def _(nlls, targets):
    return [mean(nll, y).exp() for nll, y in zip(nlls, targets, strict=True)]


@mutant("corpus_perplexity", None, "a vector, one for each batch", "wrong-shape")
def _(nlls, targets):
    return _means(nlls, targets).exp()


@mutant("corpus_perplexity", None, "always float32", "wrong-dtype")
def _(nlls, targets):
    return (_total([nll.float() for nll in nlls]) / _count(targets)).exp()


@mutant("corpus_perplexity", None, "always float64", "wrong-dtype")
def _(nlls, targets):
    return (_total([nll.double() for nll in nlls]) / _count(targets)).exp()


@mutant("corpus_perplexity", None, "half precision returned as float64", "half-precision")
def _(nlls, targets):
    up = [nll.double() if nll.dtype.itemsize == 2 else nll for nll in nlls]
    return (_total(up) / _count(targets)).exp()


@mutant("corpus_perplexity", None, "the lists are emptied", "in-place")
def _(nlls, targets):
    total, n = 0, 0
    while nlls:
        total, n = total + nlls.pop().sum(), n + int(count(targets.pop()))
    return (total / max(n, 1)).exp()


@mutant("corpus_perplexity", None, "added up in the first batch", "in-place")
def _(nlls, targets):
    total = nlls[0].sum()
    for i in range(1, len(nlls)):
        total = total + nlls[i].sum()
        nlls[i].zero_()
    nlls[0].zero_()
    return (total / _count(targets)).exp()
