"""The entropy rate of a hidden Markov source: the CLM floor of an endless text.

It has no closed form, but it lies between two entropies that are computed [Birch 1962; Cover and
Thomas 2006, section 4.5]: H(X_t | the last k tokens) is too high, for older tokens might help, and
H(X_t | the last k tokens, the state before them) is too low, for the state tells all that older
tokens could. Here k is not the same for every past: contexts whose two entropies differ most are
made longer, one token further back, until the two sums are close. Both bounds hold for any such
tree of contexts.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from labtools.arguments import between, positive_int
from labtools.sources.hidden_markov import HiddenMarkovSource
from labtools.sources.messages import TINY


@dataclass(frozen=True)
class EntropyRate:
    """An interval in nats a token, right but for rounding; ``nats`` is its middle."""

    lower: float
    upper: float

    @property
    def nats(self) -> float:
        """The middle of the interval."""
        return (self.lower + self.upper) / 2


def entropy_rate(
    source: HiddenMarkovSource, tolerance: float = 1e-3, max_contexts: int = 300_000
) -> EntropyRate:
    """lim H(X_1 … X_T) / T of ``source``, in an interval no wider than ``tolerance``.

    Exact when each state and the token after it tell the next state (a unifilar source): then it
    is H(X_{t+1} | Z_t).

    Args:
        source: Where it starts matters only if its states fall into parts that are never left.
        tolerance: In nats.
        max_contexts: How many contexts may be told apart; each takes 8 Z² bytes, a few times over.

    Raises:
        TypeError, ValueError: ``tolerance`` is not positive, or the contexts do not suffice.
    """
    between("tolerance", tolerance, TINY, float("inf"))
    positive_int("max_contexts", max_contexts)
    stationary = share_of_time(source.initial, source.transition)
    if _unifilar(source):
        exact = float(stationary @ _entropy(source.transition @ source.emission))
        return EntropyRate(exact, exact)
    return _refined(source, stationary, tolerance, max_contexts)


def share_of_time(initial: Tensor, transition: Tensor) -> Tensor:
    """The share of its time that the chain spends in each state in the long run, (Z,) float64.

    It is the stationary distribution when there is one. The chain that stays where it is every
    second time has the same shares and settles; 2^60 of its steps are 60 squares.
    """
    steps = (torch.eye(len(transition), dtype=torch.float64) + transition) / 2
    for _ in range(60):
        steps = steps @ steps
        steps = steps / steps.sum(-1, keepdim=True)
    return initial @ steps


def _refined(
    source: HiddenMarkovSource, stationary: Tensor, tolerance: float, max_contexts: int
) -> EntropyRate:
    """A tree of contexts, refined where it pays.

    ``paths[c, z, z']`` is p(the tokens of context c, now in z' | z before them).
    """
    steps = _distinct(source.emission).T[:, :, None] * source.transition  # (V, Z, Z)
    paths = torch.eye(len(stationary), dtype=torch.float64)[None]
    lower, upper = _bounds(paths, stationary, source.emission)
    while upper.sum() - lower.sum() > tolerance:
        widest = _widest_half(upper - lower)
        longer = (steps[:, None] @ paths[widest]).flatten(0, 1)
        longer = longer[(stationary @ longer).sum(-1) > 0]
        keep = torch.ones(len(paths), dtype=torch.bool)
        keep[widest] = False
        if int(keep.sum()) + len(longer) > max_contexts:
            raise ValueError(
                f"tolerance: {len(paths)} contexts leave the entropy rate between "
                f"{float(lower.sum())} and {float(upper.sum())}, expected them within {tolerance}; "
                "raise tolerance or max_contexts"
            )
        new_lower, new_upper = _bounds(longer, stationary, source.emission)
        paths = torch.cat([paths[keep], longer])
        lower, upper = torch.cat([lower[keep], new_lower]), torch.cat([upper[keep], new_upper])
    return EntropyRate(float(lower.sum()), float(upper.sum()))


def _bounds(paths: Tensor, stationary: Tensor, emission: Tensor) -> tuple[Tensor, Tensor]:
    """What each context adds to the two sums, (C,) each."""
    joint = stationary[:, None] * paths  # (C, Z, Z): p(state before, tokens, state now)
    return _weighted_entropy(joint @ emission).sum(-1), _weighted_entropy(joint.sum(1) @ emission)


def _weighted_entropy(joint: Tensor) -> Tensor:
    """p(context) H(X | context) from p(context, x), (…, V) -> (…)."""
    total = joint.sum(-1)
    return total * _entropy(joint / total.clamp_min(TINY)[..., None])


def _entropy(probs: Tensor) -> Tensor:
    return torch.special.entr(probs).sum(-1)


def _widest_half(gaps: Tensor) -> Tensor:
    """The fewest contexts that hold half of the sum of the gaps."""
    gaps, order = gaps.sort(descending=True)
    return order[: int((gaps.cumsum(0) < gaps.sum() / 2).sum()) + 1]


def _distinct(emission: Tensor) -> Tensor:
    """The emissions with tokens that say the same about the state added up, (Z, ≤ V)."""
    used = emission[:, emission.sum(0) > 0]
    says = (used / used.sum(0)).mul(1e12).round()
    _, group = says.unique(dim=1, return_inverse=True)
    sums = torch.zeros(len(emission), int(group.max()) + 1, dtype=torch.float64)
    return sums.index_add_(1, group, used)


def _unifilar(source: HiddenMarkovSource) -> bool:
    """Whether no two states that may follow the same state can emit the same token."""
    follows = (source.transition > 0).double()
    return bool(((follows @ (source.emission > 0).double()) <= 1).all())
