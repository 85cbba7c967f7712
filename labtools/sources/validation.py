"""What every source checks before it computes: rows that are distributions, and real tokens."""

import torch
from torch import Tensor

from labtools.arguments import BOOL, FLOAT, INTEGER, Shapes, between


def distribution(shapes: Shapes, name: str, probs: Tensor, dims: str) -> Tensor:
    """``probs`` in float64, every row divided by its sum, which must be 1 up to 1e-6.

    Raises:
        TypeError, ValueError: Wrong shape or dtype, or a row that is no distribution.
    """
    shapes.tensor(name, probs, dims, FLOAT)
    between(name, probs, 0, 1)
    probs = probs.double()
    if not torch.allclose(probs.sum(-1), torch.ones_like(probs[..., 0]), atol=1e-6):
        raise ValueError(f"{name}: expected rows that sum to 1, got {probs.sum(-1).tolist()}")
    return probs / probs.sum(-1, keepdim=True)


def real_tokens(
    shapes: Shapes, name: str, ids: Tensor, lengths: Tensor | None, vocab_size: int
) -> tuple[Tensor, Tensor]:
    """Where ``ids`` (B, T) holds real tokens, and the ids with 0 in place of padding.

    Raises:
        TypeError, ValueError: Wrong shapes or dtypes, ids outside the vocabulary, lengths outside
            0 … T.
    """
    shapes.tensor(name, ids, "B T", INTEGER)
    if lengths is None:
        lengths = torch.full((len(ids),), ids.shape[1])
    shapes.tensor("lengths", lengths, "B", INTEGER)
    between("lengths", lengths, 0, ids.shape[1])
    real = torch.arange(ids.shape[1], device=ids.device) < lengths.to(ids.device)[:, None]
    between(name, ids[real], 0, vocab_size - 1)
    return real, ids.where(real, torch.zeros_like(ids)).long()


def mean_over(nll: Tensor, scored: Tensor, name: str) -> float:
    """The mean of ``nll`` (B, T) where ``scored``.

    Raises:
        ValueError: Nothing is scored.
    """
    if not scored.any():
        raise ValueError(f"{name}: expected at least one real token to score, got none")
    return float(nll[scored].mean())


def visible_tokens(shapes: Shapes, name: str, visible: Tensor, real: Tensor) -> Tensor:
    """``visible``, (T, T) or (B, T, T) bool, as (B, T, T) with padding never seen.

    Raises:
        TypeError, ValueError: Wrong shape or dtype.
    """
    batched = isinstance(visible, Tensor) and visible.ndim == 3
    shapes.tensor(name, visible, "B T T" if batched else "T T", BOOL)
    return visible & real[:, None]
