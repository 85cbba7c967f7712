"""Ready-made sources. Each is there to show one thing; the floors it states are tested."""

import torch

from labtools.sources.hidden_markov import HiddenMarkovSource
from labtools.sources.orders import Order, reverse_order
from labtools.sources.paired import PairedSource
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


EASY_PAIRS_SYMBOLS = EASY_SYMBOLS + tuple("ABCDEFGHIJKLMNOPQRSTUVWX")
"""The symbols of :func:`easy_pairs`: source words first, then target words, in one vocabulary."""


def easy_pairs(order: Order = reverse_order) -> PairedSource:
    """Six meanings in a ring, two styles: the source tells what is said, the target's past how.

    From a meaning the text goes on to one of the three that follow it round the ring. In the
    source, meaning k is one of four words: a, b, c or d, then e, f, g or h, and so on. In the
    target it is A or B (0.2 each) whatever the style, C (0.6) in the first style and D (0.6) in the
    second, then E … H. The style is the same throughout a text, and the source does not show it, as
    English does not show whether "you" is "tu" or "vous". The target comes in reverse, so that a
    decoder has to look up where its next word is.

    On sequences of 16 the Seq2Seq floor is about 0.995 nats a token. A model without the target's
    past pays 1.367, for it cannot keep to a style; one without the source pays 2.14 as a language
    model, and 1.78 with 15 % of the target masked.
    """
    n_meanings, n_ahead = 6, 3
    meaning = torch.eye(n_meanings)
    ahead = torch.stack([meaning.roll(k, dims=1) for k in range(1, n_ahead + 1)]).mean(0)
    words = torch.kron(meaning, torch.tensor([[0.4, 0.3, 0.2, 0.1]])).repeat(2, 1)
    styles = torch.tensor([[[0.2, 0.2, 0.6, 0.0]], [[0.2, 0.2, 0.0, 0.6]]])
    translations = torch.cat([torch.kron(meaning, style) for style in styles])
    n_states = len(words)
    special, other = torch.zeros(n_states, len(SPECIAL)), torch.zeros_like(words)
    return PairedSource(
        torch.full((n_states,), 1 / n_states),
        torch.kron(torch.eye(2), ahead),
        torch.cat([special, words, other], dim=1),
        torch.cat([special, other, translations], dim=1),
        order,
    )
