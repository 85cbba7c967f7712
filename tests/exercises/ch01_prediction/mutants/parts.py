"""What several mutants share."""

import torch.nn.functional as F
from answers import Mutants

IGNORE_INDEX = -100
MUTANTS = mutant = Mutants()


def log_softmax(logits):
    z = logits - logits.amax(-1, keepdim=True)
    return z - z.exp().sum(-1, keepdim=True).log()


def token_nll(logits, targets):
    return F.cross_entropy(logits.mT, targets, reduction="none")


def count(targets):
    return (targets != IGNORE_INDEX).sum()


def mean(nll, targets):
    return nll.sum() / count(targets).clamp(min=1)
