"""Wrong answers to ``mlm_loss``."""

import math

import torch
import torch.nn.functional as F
from ch04_mlm.mutants.parts import mutant
from torch import nn

from labtools.vocab import IGNORE_INDEX, eos_id, mask_id


def labels_of(input_ids, selected):
    return input_ids.masked_fill(~selected, IGNORE_INDEX)


def token_nll(logits, targets):
    """0 where ignored."""
    return F.cross_entropy(logits.mT, targets, reduction="none")


def scored_mean(logits, targets):
    return token_nll(logits, targets).sum() / (targets != IGNORE_INDEX).sum().clamp(min=1)


def right(logits, input_ids, selected):
    return scored_mean(logits, labels_of(input_ids, selected))


@mutant("mlm_loss", 19, "shifted as for a causal model: slices", "shifted")
def _(logits, input_ids, selected):
    return scored_mean(logits[:, :-1], labels_of(input_ids, selected)[:, 1:])


@mutant("mlm_loss", 19, "shifted, divided by all selected", "shifted")
def _(logits, input_ids, selected):
    nll = token_nll(logits[:, :-1], labels_of(input_ids, selected)[:, 1:])
    return nll.sum() / selected.sum().clamp(min=1)


@mutant("mlm_loss", 19, "the next token at selected positions", "shifted")
def _(logits, input_ids, selected):
    return scored_mean(logits, labels_of(input_ids.roll(-1, 1), selected))


@mutant("mlm_loss", 19, "shifted, mean over all positions", "shifted")
def _(logits, input_ids, selected):
    targets = F.pad(labels_of(input_ids, selected)[:, 1:], (0, 1), value=IGNORE_INDEX)
    return token_nll(logits, targets).mean()


@mutant("mlm_loss", 21, "shifted the other way", "shifted")
def _(logits, input_ids, selected):
    return scored_mean(logits[:, 1:], labels_of(input_ids, selected)[:, :-1])


@mutant("mlm_loss", 21, "rolled to the right", "shifted")
def _(logits, input_ids, selected):
    return scored_mean(logits, labels_of(input_ids, selected).roll(1, 1))


@mutant("mlm_loss", 22, "token 0 ignored", "masked-by-id")
def _(logits, input_ids, selected):
    targets = input_ids * selected
    nll = F.cross_entropy(logits.mT, targets, ignore_index=0, reduction="sum")
    return nll / (targets != 0).sum().clamp(min=1)


@mutant("mlm_loss", 22, "token 0 ignored, divided by the selected", "masked-by-id")
def _(logits, input_ids, selected):
    nll = F.cross_entropy(logits.mT, input_ids * selected, ignore_index=0, reduction="sum")
    return nll / selected.sum().clamp(min=1)


@mutant("mlm_loss", 22, "<eos> never scored", "masked-by-id")
def _(logits, input_ids, selected):
    return right(logits, input_ids, selected & (input_ids != eos_id))


@mutant("mlm_loss", 22, "special tokens never scored", "masked-by-id")
def _(logits, input_ids, selected):
    return right(logits, input_ids, selected & (input_ids > mask_id))


@mutant("mlm_loss", 34, "positions that hold <mask> only", "by-mask-token")
def _(logits, input_ids, selected):
    return right(logits, input_ids, input_ids == mask_id)


@mutant("mlm_loss", 34, "selected and holding <mask>", "by-mask-token")
def _(logits, input_ids, selected):
    return right(logits, input_ids, selected & (input_ids == mask_id))


@mutant("mlm_loss", 34, "positions that hold <mask>, divided by the selected", "by-mask-token")
def _(logits, input_ids, selected):
    nll = token_nll(logits, labels_of(input_ids, input_ids == mask_id))
    return nll.sum() / selected.sum().clamp(min=1)


@mutant("mlm_loss", None, "every position scored", "all-scored")
def _(logits, input_ids, selected):
    return F.cross_entropy(logits.flatten(0, 1), input_ids.flatten())


@mutant("mlm_loss", None, "every position scored, divided by the selected", "all-scored")
def _(logits, input_ids, selected):
    return token_nll(logits, input_ids).sum() / selected.sum().clamp(min=1)


@mutant("mlm_loss", None, "the unselected scored", "inverted")
def _(logits, input_ids, selected):
    return right(logits, input_ids, ~selected)


@mutant("mlm_loss", None, "labels ignored where selected", "inverted")
def _(logits, input_ids, selected):
    return scored_mean(logits, input_ids.masked_fill(selected, IGNORE_INDEX))


@mutant("mlm_loss", None, "the unselected scored, divided by all", "inverted")
def _(logits, input_ids, selected):
    return (token_nll(logits, input_ids) * ~selected).sum() / input_ids.numel()


@mutant("mlm_loss", None, "the unselected scored as token 0", "wrong-ignore-index")
def _(logits, input_ids, selected):
    return F.cross_entropy(logits.mT, input_ids * selected)


@mutant(
    "mlm_loss", None, "the unselected as token 0, divided by the selected", "wrong-ignore-index"
)
def _(logits, input_ids, selected):
    total = F.cross_entropy(logits.mT, input_ids.where(selected, 0), reduction="sum")
    return total / selected.sum().clamp(min=1)


@mutant("mlm_loss", None, "the unselected scored as token 1", "wrong-ignore-index")
def _(logits, input_ids, selected):
    return F.cross_entropy(logits.mT, input_ids.masked_fill(~selected, 1))


@mutant("mlm_loss", None, "-1 is no token", "raised")
def _(logits, input_ids, selected):
    return F.cross_entropy(logits.mT, input_ids.masked_fill(~selected, -1))


@mutant("mlm_loss", None, "the first row's selection", "one-row")
def _(logits, input_ids, selected):
    return right(logits, input_ids, selected[:1].expand_as(selected))


@mutant("mlm_loss", None, "selected in any row", "one-row")
def _(logits, input_ids, selected):
    return right(logits, input_ids, selected.any(0).expand_as(selected))


@mutant("mlm_loss", 24, "cross_entropy without a guard", "nan-when-empty")
def _(logits, input_ids, selected):
    return F.cross_entropy(logits.flatten(0, 1), labels_of(input_ids, selected).flatten())


@mutant("mlm_loss", 24, "mean of the selected without a guard", "nan-when-empty")
def _(logits, input_ids, selected):
    return F.cross_entropy(logits[selected], input_ids[selected])


@mutant("mlm_loss", 24, "sum over count without a guard", "nan-when-empty")
def _(logits, input_ids, selected):
    return (token_nll(logits, input_ids) * selected).sum() / selected.sum()


@mutant("mlm_loss", 24, "nothing selected gives a constant", "nothing-scored")
def _(logits, input_ids, selected):
    if not selected.any():
        return logits.new_zeros(())
    return F.cross_entropy(logits[selected], input_ids[selected])


@mutant("mlm_loss", 24, "nothing selected gives the number 0", "nothing-scored")
def _(logits, input_ids, selected):
    if not selected.any():
        return 0.0
    return right(logits, input_ids, selected)


@mutant("mlm_loss", 24, "a constant that wants a gradient", "nothing-scored")
def _(logits, input_ids, selected):
    if not selected.any():
        return torch.zeros((), dtype=logits.dtype, requires_grad=True)
    return right(logits, input_ids, selected)


@mutant("mlm_loss", 24, "0 in value, NaN in gradient", "nothing-scored")
def _(logits, input_ids, selected):
    nll = token_nll(logits, input_ids)
    mean = (nll * selected).sum() / selected.sum()
    return torch.where(selected.any(), mean, torch.zeros_like(mean))


@mutant("mlm_loss", 24, "nothing selected: everything is scored", "nothing-scored")
def _(logits, input_ids, selected):
    return right(logits, input_ids, selected if selected.any() else ~selected)


@mutant("mlm_loss", 24, "NaN made 0", "nan-hidden", "nothing-scored")
def _(logits, input_ids, selected):
    return F.cross_entropy(logits[selected], input_ids[selected]).nan_to_num()


@mutant("mlm_loss", None, "NaN logits left out", "nan-hidden")
def _(logits, input_ids, selected):
    nll = token_nll(logits, labels_of(input_ids, selected))
    return nll.nansum() / selected.sum().clamp(min=1)


@mutant("mlm_loss", 25, "mean over all positions", "all-positions")
def _(logits, input_ids, selected):
    return token_nll(logits, labels_of(input_ids, selected)).mean()


@mutant("mlm_loss", 25, "masked product, then mean", "all-positions")
def _(logits, input_ids, selected):
    return (token_nll(logits, input_ids) * selected).mean()


@mutant("mlm_loss", 25, "divided by the unselected", "unselected-counted")
def _(logits, input_ids, selected):
    total = token_nll(logits, labels_of(input_ids, selected)).sum()
    return total / (~selected).sum().clamp(min=1)


@mutant("mlm_loss", 25, "divided by the batch size", "divided-by-rows")
def _(logits, input_ids, selected):
    return token_nll(logits, labels_of(input_ids, selected)).sum(1).mean()


@mutant("mlm_loss", 25, "divided by T", "divided-by-length")
def _(logits, input_ids, selected):
    return token_nll(logits, labels_of(input_ids, selected)).sum() / logits.shape[1]


@mutant("mlm_loss", None, "divided by one more than N", "count-off")
def _(logits, input_ids, selected):
    nll = token_nll(logits, labels_of(input_ids, selected))
    return nll.sum() / (selected.sum() + 1)


@mutant("mlm_loss", 26, "mean of the rows' means", "mean-of-rows")
def _(logits, input_ids, selected):
    nll = token_nll(logits, labels_of(input_ids, selected))
    return (nll.sum(1) / selected.sum(1).clamp(min=1)).mean()


@mutant("mlm_loss", 26, "mean of the means of the rows that have one", "mean-of-rows")
def _(logits, input_ids, selected):
    means = [
        F.cross_entropy(z[chosen], ids[chosen])
        for z, ids, chosen in zip(logits, input_ids, selected, strict=True)
        if chosen.any()
    ]
    return torch.stack(means).mean() if means else logits.sum() * 0


@mutant("mlm_loss", 26, "mean of the columns' means")
def _(logits, input_ids, selected):
    nll = token_nll(logits, labels_of(input_ids, selected))
    counts = selected.sum(0)
    return (nll.sum(0) / counts.clamp(min=1)).sum() / (counts > 0).sum().clamp(min=1)


@mutant("mlm_loss", 27, "view where transpose was meant", "view")
def _(logits, input_ids, selected):
    B, T, V = logits.shape
    total = F.cross_entropy(logits.view(B, V, T), labels_of(input_ids, selected), reduction="sum")
    return total / selected.sum().clamp(min=1)


@mutant("mlm_loss", 27, "flattened in two orders", "view")
def _(logits, input_ids, selected):
    x = logits.transpose(0, 1).reshape(-1, logits.shape[-1])
    total = F.cross_entropy(x, labels_of(input_ids, selected).reshape(-1), reduction="sum")
    return total / selected.sum().clamp(min=1)


@mutant("mlm_loss", 27, "neither transposed nor flattened", "class-dimension")
def _(logits, input_ids, selected):
    return F.cross_entropy(logits, labels_of(input_ids, selected))


@mutant("mlm_loss", 27, "selected logits, all ids", "raised")
def _(logits, input_ids, selected):
    return F.cross_entropy(logits[selected], input_ids.flatten())


@mutant("mlm_loss", 28, "softmax before cross-entropy", "softmax-twice")
def _(logits, input_ids, selected):
    return right(logits.softmax(-1), input_ids, selected)


@mutant("mlm_loss", 28, "nll_loss of probabilities", "no-log")
def _(logits, input_ids, selected):
    targets = labels_of(input_ids, selected)
    total = F.nll_loss(logits.softmax(-1).flatten(0, 1), targets.flatten(), reduction="sum")
    return total / selected.sum().clamp(min=1)


@mutant("mlm_loss", 28, "nll_loss of logits", "no-log")
def _(logits, input_ids, selected):
    total = F.nll_loss(logits.mT, labels_of(input_ids, selected), reduction="sum")
    return total / selected.sum().clamp(min=1)


@mutant("mlm_loss", 28, "raw logits, gathered", "no-log")
def _(logits, input_ids, selected):
    z = logits.gather(-1, input_ids[..., None])[..., 0]
    return -(z * selected).sum() / selected.sum().clamp(min=1)


@mutant("mlm_loss", 29, "perplexity", "perplexity")
def _(logits, input_ids, selected):
    return right(logits, input_ids, selected).exp()


@mutant("mlm_loss", 29, "mean of perplexities", "perplexity")
def _(logits, input_ids, selected):
    nll = token_nll(logits, input_ids)
    return (nll.exp() * selected).sum() / selected.sum().clamp(min=1)


@mutant("mlm_loss", None, "the sum", "sum")
def _(logits, input_ids, selected):
    loss = nn.CrossEntropyLoss(reduction="sum")
    return loss(logits.mT, labels_of(input_ids, selected))


@mutant("mlm_loss", None, "bits", "bits")
def _(logits, input_ids, selected):
    return right(logits, input_ids, selected) / math.log(2)


@mutant("mlm_loss", None, "sign forgotten", "negative")
def _(logits, input_ids, selected):
    log_p = logits.log_softmax(-1).gather(-1, input_ids[..., None])[..., 0]
    return (log_p * selected).sum() / selected.sum().clamp(min=1)


@mutant("mlm_loss", None, "softmax over time", "wrong-axis")
def _(logits, input_ids, selected):
    log_p = logits.log_softmax(1).gather(-1, input_ids[..., None])[..., 0]
    return -(log_p * selected).sum() / selected.sum().clamp(min=1)


@mutant("mlm_loss", None, "softmax over the batch", "wrong-axis")
def _(logits, input_ids, selected):
    log_p = F.log_softmax(logits, dim=0).gather(-1, input_ids[..., None])[..., 0]
    return -(log_p * selected).sum() / selected.sum().clamp(min=1)


@mutant("mlm_loss", None, "label smoothing", "smoothed")
def _(logits, input_ids, selected):
    targets = labels_of(input_ids, selected)
    total = F.cross_entropy(logits.mT, targets, reduction="sum", label_smoothing=0.1)
    return total / selected.sum().clamp(min=1)


@mutant("mlm_loss", None, "probabilities averaged, then the logarithm", "mean-of-probabilities")
def _(logits, input_ids, selected):
    if not selected.any():
        return logits.sum() * 0
    p = logits.softmax(-1).gather(-1, input_ids[..., None])[..., 0]
    return -p[selected].mean().log()


@mutant("mlm_loss", None, "log of an underflowing softmax", "unstable")
def _(logits, input_ids, selected):
    p = logits.softmax(-1).gather(-1, input_ids[..., None])[..., 0]
    return -p[selected].log().sum() / selected.sum().clamp(min=1)


@mutant("mlm_loss", None, "log of a softmax plus epsilon", "unstable")
def _(logits, input_ids, selected):
    log_p = (logits.softmax(-1) + 1e-8).log()
    total = F.nll_loss(log_p.mT, labels_of(input_ids, selected), reduction="sum")
    return total / selected.sum().clamp(min=1)


@mutant("mlm_loss", None, "exp overflows", "unstable")
def _(logits, input_ids, selected):
    log_p = logits - logits.exp().sum(-1, keepdim=True).log()
    total = F.nll_loss(log_p.mT, labels_of(input_ids, selected), reduction="sum")
    return total / selected.sum().clamp(min=1)


@mutant("mlm_loss", None, "logits of the unselected zeroed, all scored", "logits-times-selected")
def _(logits, input_ids, selected):
    return F.cross_entropy((logits * selected[..., None]).mT, input_ids)


@mutant("mlm_loss", None, "the largest cost")
def _(logits, input_ids, selected):
    return (token_nll(logits, input_ids) * selected).max()


@mutant("mlm_loss", None, "the first selected position of each row alone")
def _(logits, input_ids, selected):
    return right(logits, input_ids, selected & (selected.cumsum(1) == 1))


@mutant("mlm_loss", None, "always float32", "double-precision")
def _(logits, input_ids, selected):
    return right(logits.float(), input_ids, selected)


@mutant("mlm_loss", None, "a float", "wrong-type")
def _(logits, input_ids, selected):
    return right(logits, input_ids, selected).item()


@mutant("mlm_loss", None, "shape (1,)", "wrong-shape")
def _(logits, input_ids, selected):
    return right(logits, input_ids, selected).reshape(1)


@mutant("mlm_loss", None, "a cost per position", "not-reduced")
def _(logits, input_ids, selected):
    return token_nll(logits, labels_of(input_ids, selected))


@mutant("mlm_loss", None, "the costs of the selected, not averaged", "not-reduced")
def _(logits, input_ids, selected):
    return token_nll(logits, input_ids)[selected]


@mutant("mlm_loss", None, "detached", "wrong-gradient")
def _(logits, input_ids, selected):
    return right(logits, input_ids, selected).detach()


@mutant("mlm_loss", None, "under no_grad", "wrong-gradient")
@torch.no_grad()
def _(logits, input_ids, selected):
    return right(logits, input_ids, selected)


@mutant("mlm_loss", None, "a gradient through the mean only", "wrong-gradient")
def _(logits, input_ids, selected):
    value = right(logits, input_ids, selected)
    return value.detach() + (logits - logits.detach()).sum()


@mutant("mlm_loss", None, "a trace of the other positions in the gradient", "wrong-gradient")
def _(logits, input_ids, selected):
    others = token_nll(logits, input_ids)[~selected].sum()
    return right(logits, input_ids, selected) + (others - others.detach())


@mutant("mlm_loss", 23, "labels written into the input", "in-place")
def _(logits, input_ids, selected):
    labels = input_ids
    labels[~selected] = IGNORE_INDEX
    return scored_mean(logits, labels)


@mutant("mlm_loss", 23, "the selection turned round in place", "in-place")
def _(logits, input_ids, selected):
    loss = right(logits, input_ids, selected)
    selected.logical_not_()
    return loss


@mutant("mlm_loss", None, "logits shifted in place", "in-place")
def _(logits, input_ids, selected):
    loss = right(logits, input_ids, selected)
    with torch.no_grad():
        logits -= logits.amax(-1, keepdim=True)
    return loss


@mutant(
    "mlm_loss", None, "logits times selected, all positions in the mean", "logits-times-selected"
)
def _(logits, input_ids, selected):
    return F.cross_entropy((logits * selected.unsqueeze(-1)).mT, input_ids)


@mutant("mlm_loss", 25, "the mean divided by N again", "divided-twice")
def _(logits, input_ids, selected):
    if not selected.any():
        return logits.sum() * 0
    return F.cross_entropy(logits.mT, labels_of(input_ids, selected)) / selected.sum()


@mutant("mlm_loss", 25, "the mean of the selected divided by N again", "divided-twice")
def _(logits, input_ids, selected):
    nll = F.cross_entropy(logits[selected], input_ids[selected])
    return nll / selected.sum().clamp(min=1)


@mutant("mlm_loss", 27, "targets flattened after a transpose", "orders-differ")
def _(logits, input_ids, selected):
    targets = labels_of(input_ids, selected).T.flatten()
    nll = F.cross_entropy(logits.flatten(0, 1), targets, reduction="sum")
    return nll / selected.sum().clamp(min=1)


@mutant("mlm_loss", 25, "a mean for each row", "not-reduced")
def _(logits, input_ids, selected):
    sums = token_nll(logits, labels_of(input_ids, selected)).sum(1)
    return sums / selected.sum(1).clamp(min=1)


@mutant("mlm_loss", None, "a number made a tensor again", "double-precision")
def _(logits, input_ids, selected):
    return torch.tensor(right(logits, input_ids, selected).item())


@mutant("mlm_loss", 24, "1e-8 added in half precision", "half-precision")
def _(logits, input_ids, selected):
    weight = selected.to(logits.dtype)
    return (token_nll(logits, input_ids) * weight).sum() / (weight.sum() + 1e-8)
