"""What a mutant is, and what several of them share."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F

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
