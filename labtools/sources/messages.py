"""Forward–backward: what the tokens before a position, and those after it, say of its state.

The two recursions of Rabiner [1989], each message divided by its sum so that no text is too long.
``seen`` (Z, T, B) holds p(what is seen at t | z_t); it is all ones where nothing is seen, which is
how a missing observation is summed out. The batch comes last: it is long, the states are few, and
one step is then a few operations on long rows.

A message of zeros says that what was seen is impossible; it stays zeros, and never becomes 0/0.
"""

import torch
from torch import Tensor

TINY = torch.finfo(torch.float64).tiny


def emitted(emission: Tensor, ids: Tensor, seen: Tensor) -> Tensor:
    """p(token | z) from ``emission`` (Z, V) for ``ids`` (B, T), 1 where not ``seen``. (Z, T, B)."""
    return emission[:, ids.T].masked_fill_(~seen.T, 1.0)


def step(transition: Tensor, message: Tensor) -> Tensor:
    """``message`` (Z, B) carried over ``transition`` (Z, Z), each column divided by its sum."""
    moved = transition @ message
    return moved / moved.sum(0).clamp_min(TINY)


def forward(initial: Tensor, transition: Tensor, seen: Tensor) -> Tensor:
    """p(z_t | what is seen before t), (Z, T, B)."""
    messages = torch.empty_like(seen)
    message = initial[:, None].expand(-1, seen.shape[2])
    for t in range(seen.shape[1]):
        messages[:, t] = message
        message = step(transition.T, message * seen[:, t])
    return messages


def backward(transition: Tensor, seen: Tensor) -> Tensor:
    """p(what is seen after t | z_t) up to a factor that does not depend on z_t, (Z, T, B)."""
    messages = torch.empty_like(seen)
    message = seen.new_ones(len(seen), seen.shape[2])
    for t in reversed(range(seen.shape[1])):
        messages[:, t] = message
        message = step(transition, message * seen[:, t])
    return messages


def surprisal(part: Tensor, whole: Tensor) -> Tensor:
    """−log(Σ_z part / Σ_z whole) in nats, (Z, T, B) twice -> (B, T); inf where either sum is 0."""
    ratio = part.sum(0) / whole.sum(0).clamp_min(TINY)
    # part ≤ whole but for rounding
    return -ratio.clamp_max(1).log().T


def revealed(
    initial: Tensor, transition: Tensor, seen: Tensor, later: Tensor, order: list[int]
) -> Tensor:
    """p(z at place order[t] | all of ``seen``, ``later`` at order[0 … t-1]), up to a factor.

    Messages from the left are kept valid up to the last place visited and messages from the right
    down to it. Going to the next place renews only those in between, so an order that moves in
    small steps, such as the reverse, costs T steps and not T².

    Args:
        initial: (Z,).
        transition: (Z, Z).
        seen: (Z, T, B), what is known from the start.
        later: (Z, T, B), what becomes known at each place after it was visited.
        order: The places in the order of the visits.

    Returns:
        (Z, T, B), the visits along T.
    """
    seen, visits = seen.clone(), torch.empty_like(seen)
    before, after = forward(initial, transition, seen), backward(transition, seen)
    at = 0
    for t, place in enumerate(order):
        for s in range(at, place):
            before[:, s + 1] = step(transition.T, before[:, s] * seen[:, s])
        for s in range(at, place, -1):
            after[:, s - 1] = step(transition, after[:, s] * seen[:, s])
        visits[:, t] = before[:, place] * after[:, place] * seen[:, place]
        seen[:, place] *= later[:, place]
        at = place
    return visits
