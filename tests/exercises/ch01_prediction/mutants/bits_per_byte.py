"""Wrong answers to ``bits_per_byte``."""

import math

import torch
from ch01_prediction.mutants.parts import IGNORE_INDEX, count, mean, mutant


@mutant("bits_per_byte", 30, "bits per token", "bits-per-token")
def _(nll, targets, n_bytes):
    return mean(nll, targets) / math.log(2)


@mutant("bits_per_byte", 30, "bits per token, unguarded", "bits-per-token")
def _(nll, targets, n_bytes):
    return nll[targets != IGNORE_INDEX].mean() / math.log(2)


@mutant("bits_per_byte", 30, "the number of tokens instead of bytes", "bits-per-token")
def _(nll, targets, n_bytes):
    n_bytes = count(targets)
    return nll.sum() / (n_bytes * math.log(2))


@mutant("bits_per_byte", 30, "bits per position", "all-positions")
def _(nll, targets, n_bytes):
    return nll.mean() / math.log(2)


@mutant("bits_per_byte", 30, "mean over positions, times tokens per byte", "all-positions")
def _(nll, targets, n_bytes):
    return nll.mean() / math.log(2) * count(targets) / n_bytes


@mutant("bits_per_byte", 30, "nats per byte", "nats")
def _(nll, targets, n_bytes):
    return nll.sum() / n_bytes


@mutant("bits_per_byte", 30, "nats per byte of the selected ones", "nats")
def _(nll, targets, n_bytes):
    return nll[targets != IGNORE_INDEX].sum() / n_bytes


@mutant("bits_per_byte", 30, "nats per token", "nats-per-token")
def _(nll, targets, n_bytes):
    return mean(nll, targets)


@mutant("bits_per_byte", 30, "multiplied by ln 2", "times-ln2")
def _(nll, targets, n_bytes):
    return nll.sum() * math.log(2) / n_bytes


@mutant("bits_per_byte", 30, "a parenthesis forgotten", "times-ln2")
def _(nll, targets, n_bytes):
    return nll.sum() / n_bytes * math.log(2)


@mutant("bits_per_byte", 30, "divided by log2 of e", "times-ln2")
def _(nll, targets, n_bytes):
    return nll.sum() / n_bytes / math.log2(math.e)


@mutant("bits_per_byte", 30, "log10 instead of ln", "wrong-base")
def _(nll, targets, n_bytes):
    return nll.sum() / (n_bytes * math.log10(2))


@mutant("bits_per_byte", 30, "divided by ln 10", "wrong-base")
def _(nll, targets, n_bytes):
    return nll.sum() / (n_bytes * math.log(10))


@mutant("bits_per_byte", 30, "divided by 2", "wrong-base")
def _(nll, targets, n_bytes):
    return nll.sum() / 2 / n_bytes


@mutant("bits_per_byte", 30, "mean instead of sum", "mean-per-byte")
def _(nll, targets, n_bytes):
    return mean(nll, targets) / (n_bytes * math.log(2))


@mutant("bits_per_byte", 30, "mean of the selected ones instead of sum", "mean-per-byte")
def _(nll, targets, n_bytes):
    return nll[targets != IGNORE_INDEX].mean() / math.log(2) / n_bytes


@mutant("bits_per_byte", 25, "mean over all positions instead of sum", "mean-per-byte")
def _(nll, targets, n_bytes):
    return nll.mean() / (n_bytes * math.log(2))


@mutant("bits_per_byte", None, "mean in nats over bytes", "mean-per-byte")
def _(nll, targets, n_bytes):
    return mean(nll, targets) / n_bytes


@mutant("bits_per_byte", None, "a parenthesis forgotten: times bytes", "times-bytes")
def _(nll, targets, n_bytes):
    return nll.sum() / math.log(2) * n_bytes


@mutant("bits_per_byte", None, "bits per token times bytes", "times-bytes")
def _(nll, targets, n_bytes):
    return mean(nll, targets) / math.log(2) * n_bytes


@mutant("bits_per_byte", None, "bits of the whole text", "sum")
def _(nll, targets, n_bytes):
    return nll.sum() / math.log(2)


@mutant("bits_per_byte", None, "nats of the whole text", "sum")
def _(nll, targets, n_bytes):
    return nll.sum()


@mutant("bits_per_byte", None, "bits per bit", "per-bit")
def _(nll, targets, n_bytes):
    return nll.sum() / math.log(2) / (8 * n_bytes)


@mutant("bits_per_byte", None, "nats divided by 8 bits", "per-bit")
def _(nll, targets, n_bytes):
    return nll.sum() / (n_bytes * 8)


@mutant("bits_per_byte", None, "sum over bytes per token", "bytes-per-token")
def _(nll, targets, n_bytes):
    bytes_per_token = n_bytes / count(targets).clamp(min=1)
    return nll.sum() / math.log(2) / bytes_per_token


@mutant("bits_per_byte", None, "upside down", "upside-down")
def _(nll, targets, n_bytes):
    return n_bytes * math.log(2) / nll.sum()


@mutant("bits_per_byte", 29, "two to the bits per byte", "perplexity")
def _(nll, targets, n_bytes):
    return 2 ** (nll.sum() / (n_bytes * math.log(2)))


@mutant("bits_per_byte", 29, "exp of the bits per byte", "perplexity")
def _(nll, targets, n_bytes):
    return (nll.sum() / (n_bytes * math.log(2))).exp()


@mutant("bits_per_byte", 29, "perplexity of the tokens", "perplexity")
def _(nll, targets, n_bytes):
    return mean(nll, targets).exp()


@mutant("bits_per_byte", 29, "log2 of the sum", "log-of-cost")
def _(nll, targets, n_bytes):
    return nll.sum().log2() / n_bytes


@mutant("bits_per_byte", 29, "log2 of each cost", "log-of-cost")
def _(nll, targets, n_bytes):
    return nll[targets != IGNORE_INDEX].log2().sum() / n_bytes


@mutant("bits_per_byte", 29, "log2 of the mean", "log-of-cost")
def _(nll, targets, n_bytes):
    return mean(nll, targets).log2()


@mutant("bits_per_byte", None, "divided without a rest", "whole-number")
def _(nll, targets, n_bytes):
    return nll.sum() / math.log(2) // n_bytes


@mutant("bits_per_byte", None, "rounded", "whole-number")
def _(nll, targets, n_bytes):
    return (nll.sum() / math.log(2) / n_bytes).round()


@mutant("bits_per_byte", None, "the sign", "negative")
def _(nll, targets, n_bytes):
    return -nll.sum() / (n_bytes * math.log(2))


@mutant("bits_per_byte", 22, "scored if greater than 0", "masked-by-id")
def _(nll, targets, n_bytes):
    return nll[targets > 0].sum() / (n_bytes * math.log(2))


@mutant("bits_per_byte", 22, "scored if not pad", "masked-by-id")
def _(nll, targets, n_bytes):
    return (nll * (targets != 0)).sum() / math.log(2) / n_bytes


@mutant("bits_per_byte", 24, "0 / 0 on the way", "nothing-scored")
def _(nll, targets, n_bytes):
    n = count(targets)
    return nll.sum() / n / math.log(2) * n / n_bytes


@mutant("bits_per_byte", 24, "the number 0.0 when nothing is scored", "nothing-scored")
def _(nll, targets, n_bytes):
    if not count(targets):
        return 0.0
    return nll.sum() / (n_bytes * math.log(2))


@mutant("bits_per_byte", None, "NaN left out", "nan-hidden")
def _(nll, targets, n_bytes):
    return nll.nansum() / (n_bytes * math.log(2))


@mutant("bits_per_byte", None, "a float", "wrong-type")
def _(nll, targets, n_bytes):
    return nll.sum().item() / (n_bytes * math.log(2))


@mutant("bits_per_byte", None, "one for each token", "wrong-shape")
def _(nll, targets, n_bytes):
    return nll / (n_bytes * math.log(2))


@mutant("bits_per_byte", None, "one for each row", "wrong-shape")
def _(nll, targets, n_bytes):
    return nll.sum(1) / (n_bytes * math.log(2))


@mutant("bits_per_byte", None, "always float32", "wrong-dtype")
def _(nll, targets, n_bytes):
    return nll.float().sum() / (n_bytes * math.log(2))


@mutant("bits_per_byte", None, "a new tensor of the default type", "wrong-dtype")
def _(nll, targets, n_bytes):
    return torch.tensor(nll.sum().item() / (n_bytes * math.log(2)))


@mutant("bits_per_byte", None, "half precision returned as float64", "half-precision")
def _(nll, targets, n_bytes):
    up = nll.double() if nll.dtype.itemsize == 2 else nll
    return up.sum() / (n_bytes * math.log(2))


@mutant("bits_per_byte", None, "converted in place", "in-place")
def _(nll, targets, n_bytes):
    nll /= math.log(2)
    return nll.sum() / n_bytes
