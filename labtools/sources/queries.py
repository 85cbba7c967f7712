"""−log p(token | what is visible), when every position sees something else.

Every query has messages of its own, so this takes T² steps where :mod:`.messages` takes T.
"""

import torch
from torch import Tensor

from labtools.sources.messages import step, surprisal


def queried_nll(
    initial: Tensor, transition: Tensor, seen: list[Tensor], visible: list[Tensor]
) -> Tensor:
    """−log p(the token of place q | what query q sees) for every place q.

    Args:
        initial: (Z,).
        transition: (Z, Z).
        seen: (Z, T, B) each, p(token | z) for each kind of token that a place emits; the last kind
            is the one that is predicted.
        visible: (B, T, T) bool each, for the same kinds: query q sees the token of place s.

    Returns:
        (B, T) float64; 0 where the predicted token is itself visible and possible.
    """
    visible = [sees.permute(1, 2, 0) for sees in visible]  # (Q, T, B)
    state = _state(initial, transition, seen, visible)
    knows = torch.diagonal(visible[-1]).T  # (Q, B)
    return surprisal(state * seen[-1].where(~knows, 1.0), state)


def _state(
    initial: Tensor, transition: Tensor, seen: list[Tensor], visible: list[Tensor]
) -> Tensor:
    """p(z_q | what query q sees), up to a factor, (Z, Q, B)."""
    before = initial[:, None, None].expand(seen[0].shape).clone()
    after = torch.ones_like(before)
    T = before.shape[1]
    for s in range(T):
        right = slice(s + 1, T)
        before[:, right] = _carried(transition.T, before[:, right], _at(s, right, seen, visible))
    for s in reversed(range(T)):
        left = slice(0, s)
        after[:, left] = _carried(transition, after[:, left], _at(s, left, seen, visible))
    state = before * after
    for token, sees in zip(seen, visible, strict=True):
        state *= token.where(torch.diagonal(sees).T, 1.0)
    return state


def _at(place: int, queries: slice, seen: list[Tensor], visible: list[Tensor]) -> Tensor:
    """p(what each of ``queries`` sees at ``place`` | z), (Z, Q, B)."""
    parts = [
        token[:, None, place].where(sees[queries, place], 1.0)
        for token, sees in zip(seen, visible, strict=True)
    ]
    return torch.stack(parts).prod(0)


def _carried(transition: Tensor, message: Tensor, seen: Tensor) -> Tensor:
    return step(transition, (message * seen).flatten(1)).view(message.shape)
