"""What the cases of several functions are made of: targets of which some are not scored."""

import torch
from torch import Tensor

from labtools.vocab import IGNORE_INDEX


def ragged_targets(generator: torch.Generator, scored: list[int], T: int, V: int) -> Tensor:
    """(B, T) target ids, row b with ``scored[b]`` of them and IGNORE_INDEX at any other place.

    The first that is scored is 0, and the last of many: 0 is the id of a token like any other.
    """
    targets = torch.randint(1, V, (len(scored), T), generator=generator)
    order = torch.rand(len(scored), T, generator=generator).argsort(1)
    targets[order >= torch.tensor(scored)[:, None]] = IGNORE_INDEX
    places = (targets != IGNORE_INDEX).nonzero()
    ends = places[[0, -1]] if len(places) > 3 else places[:1]
    targets[tuple(ends.T)] = 0
    return targets


def scored_nll(nll: Tensor, targets: Tensor) -> list[float]:
    """The costs of the scored tokens, row after row."""
    return [
        cost
        for row, ids in zip(nll.tolist(), targets.tolist(), strict=True)
        for cost, target in zip(row, ids, strict=True)
        if target != IGNORE_INDEX
    ]


def costs(
    generator: torch.Generator,
    scored: list[int],
    T: int,
    *,
    free: int = 0,
    dtype: torch.dtype = torch.float32,
) -> tuple[Tensor, Tensor]:
    """(B, T) nll and its targets: 0 where nothing is scored, and for ``free`` tokens besides."""
    targets = ragged_targets(generator, scored, T, 13)
    is_scored = targets != IGNORE_INDEX
    drawn = torch.rand(targets.shape, generator=generator, dtype=torch.float64)
    nll = ((0.3 + 3 * drawn) * is_scored).to(dtype)
    nll[tuple(is_scored.nonzero()[1 : 1 + free].T)] = 0.0
    return nll, targets
