"""Ready-made sources. Each is there to show one thing; the floors it states are tested."""

import torch

from labtools.sources.hidden_markov import HiddenMarkovSource
from labtools.vocab import SPECIAL

EASY_SYMBOLS = tuple("abcdefghijklmnopqrstuvwx")
"""The symbols of :func:`easy`, for a :class:`labtools.vocab.Vocab`."""


def easy() -> HiddenMarkovSource:
    """Six states in a ring, three groups of symbols: one token of context is not enough.

    The symbols are a … h, i … p and q … x, in three groups of eight. Around the ring the groups go
    1 2 3 1 3 2: after a symbol of group 1, group 2 or 3 may follow, and only the token before it
    tells which. The state moves on with probability 0.92 and jumps anywhere otherwise; a symbol is
    of its state's group with probability 0.97.

    On sequences of 48 the CLM floor is about 2.31 nats a token. The best loss that looks one token
    back is 2.66, the best that looks nowhere 2.88, a uniform guess ln 24 = 3.18.
    """
    n_states, n_groups, per_group = 6, 3, 8
    jump = 0.1
    move = (1 - jump) * torch.eye(n_states).roll(1, dims=1) + jump / n_states
    group = torch.eye(n_groups)[[0, 1, 2, 0, 2, 1]].repeat_interleave(per_group, dim=1)  # (Z, 24)
    tilt = torch.tensor([0.4, 0.2, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05]).repeat(n_groups)
    stray = 0.05
    symbols = (1 - stray) * group * tilt + stray / (n_groups * per_group)
    emission = torch.cat([torch.zeros(n_states, len(SPECIAL)), symbols], dim=1)
    return HiddenMarkovSource(torch.full((n_states,), 1 / n_states), move, emission)
