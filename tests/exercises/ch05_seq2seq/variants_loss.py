"""Right answers that score the labels."""

import torch
import torch.nn.functional as F
from ch05_seq2seq.parts import variant
from torch import nn

IGNORE_INDEX = -100


@variant("seq2seq_loss")
def cross_entropy_summed(logits, labels, label_smoothing=0.0):
    n = (labels != IGNORE_INDEX).sum().clamp(min=1)
    total = F.cross_entropy(
        logits.flatten(0, 1),
        labels.flatten(),
        reduction="sum",
        label_smoothing=label_smoothing,
    )
    return total / n


@variant("seq2seq_loss")
def cross_entropy_transposed(logits, labels, label_smoothing=0.0):
    loss = nn.CrossEntropyLoss(reduction="none", label_smoothing=label_smoothing)
    nll = loss(logits.transpose(1, 2), labels)
    return nll.sum() / max(1, int((labels != IGNORE_INDEX).sum()))


@variant("seq2seq_loss")
def guarded_mean(logits, labels, label_smoothing=0.0):
    if (labels == IGNORE_INDEX).all():
        return 0.0 * logits.sum()
    return F.cross_entropy(logits.mT, labels, label_smoothing=label_smoothing)


@variant("seq2seq_loss")
def by_hand(logits, labels, label_smoothing=0.0):
    scored = labels != IGNORE_INDEX
    log_probs = logits.log_softmax(-1)
    true = -log_probs.gather(-1, labels.clamp(min=0).unsqueeze(-1)).squeeze(-1)
    even = -log_probs.mean(-1)
    nll = (1 - label_smoothing) * true + label_smoothing * even
    return nll.masked_fill(~scored, 0.0).sum() / scored.sum().clamp(min=1)


@variant("seq2seq_loss")
def only_scored_positions(logits, labels, label_smoothing=0.0):
    scored = labels >= 0
    z, y = logits[scored], labels[scored]  # (N, V), (N,)
    return F.cross_entropy(z, y, reduction="sum", label_smoothing=label_smoothing) / max(len(y), 1)


@variant("seq2seq_loss")
def two_means(logits, labels, label_smoothing=0.0):
    log_probs = F.log_softmax(logits[labels != IGNORE_INDEX], dim=-1)
    y = labels[labels != IGNORE_INDEX]
    n = max(1, y.numel())
    true = F.nll_loss(log_probs, y, reduction="sum") / n
    even = -log_probs.sum() / (n * logits.size(-1))
    return true * (1 - label_smoothing) + even * label_smoothing


@variant("seq2seq_loss")
def one_hot_einsum(logits, labels, label_smoothing=0.0):
    V = logits.shape[-1]
    scored = labels != IGNORE_INDEX
    q = F.one_hot(torch.where(scored, labels, 0), V).to(logits.dtype)
    q = (1 - label_smoothing) * q + label_smoothing / V
    q = q * scored.unsqueeze(-1)
    total = -torch.einsum("btv,btv->", q, logits.log_softmax(-1))
    return total / scored.sum().clamp_min(1)


@variant("seq2seq_loss")
def kl_and_the_entropy_of_the_target(logits, labels, label_smoothing=0.0):
    V = logits.shape[-1]
    scored = labels != IGNORE_INDEX
    z, y = logits[scored].float() if logits.dtype.itemsize < 4 else logits[scored], labels[scored]
    q = torch.full_like(z, label_smoothing / V)
    q.scatter_(1, y[:, None], 1 - label_smoothing + label_smoothing / V)
    kl = F.kl_div(z.log_softmax(-1), q, reduction="sum")
    return (kl + torch.special.entr(q).sum()) / max(1, len(y))


@variant("seq2seq_loss")
def cross_entropy_of_a_distribution(logits, labels, label_smoothing=0.0):
    V = logits.shape[-1]
    z, y = logits[labels != IGNORE_INDEX], labels[labels != IGNORE_INDEX]
    q = torch.eye(V, dtype=z.dtype, device=z.device)[y]
    q = torch.lerp(q, torch.full_like(q, 1 / V), label_smoothing)
    return F.cross_entropy(z, q, reduction="sum") / max(1, y.shape[0])


@variant("seq2seq_loss")
def lse_minus_logits(logits, labels, label_smoothing=0.0):
    scored = labels.ne(IGNORE_INDEX)
    z = logits.double()
    lse = torch.logsumexp(z, -1)
    picked = torch.take_along_dim(z, labels.where(scored, 0)[..., None], -1)[..., 0]
    kept = (1 - label_smoothing) * picked + label_smoothing * z.mean(-1)
    nll = torch.where(scored, lse - kept, torch.zeros_like(lse))
    return (nll.sum() / torch.clamp(scored.sum(), min=1)).to(logits.dtype)


@variant("seq2seq_loss")
def loops(logits, labels, label_smoothing=0.0):
    total, n = logits.sum() * 0, 0
    for z, y in zip(logits.flatten(0, 1), labels.flatten().tolist(), strict=True):
        if y == IGNORE_INDEX:
            continue
        log_p = torch.log_softmax(z, 0)
        total = total - (1 - label_smoothing) * log_p[y] - label_smoothing * log_p.mean()
        n += 1
    return total / n if n else total


@variant("seq2seq_loss")
def row_by_row(logits, labels, label_smoothing=0.0):
    sums, counts = [], []
    for z, y in zip(logits, labels, strict=True):
        sums.append(
            F.cross_entropy(
                z, y, ignore_index=IGNORE_INDEX, reduction="sum", label_smoothing=label_smoothing
            )
        )
        counts.append((y != IGNORE_INDEX).sum())
    return torch.stack(sums).sum() / torch.stack(counts).sum().clamp(min=1)
