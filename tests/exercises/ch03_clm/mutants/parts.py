"""What several mutants share."""

import torch
import torch.nn.functional as F
from answers import Mutants

IGNORE_INDEX = -100
MUTANTS = mutant = Mutants()


def positions_of(ids):
    return torch.arange(ids.shape[1], device=ids.device)


def is_scored(input_ids, lengths):
    return positions_of(input_ids) < lengths[:, None] - 1


def next_targets(input_ids, lengths):
    return input_ids.roll(-1, 1).masked_fill(~is_scored(input_ids, lengths), IGNORE_INDEX)


def token_nll(logits, targets):
    """0 where ignored."""
    return F.cross_entropy(logits.mT, targets, reduction="none")


def scored_mean(logits, targets):
    return token_nll(logits, targets).sum() / (targets != IGNORE_INDEX).sum().clamp(min=1)


def unshifted_targets(input_ids, lengths):
    return input_ids.masked_fill(positions_of(input_ids) >= lengths[:, None], IGNORE_INDEX)


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()
