"""Keys and values of earlier tokens, so that generation reads each token once."""

import torch
from torch import Tensor


class LayerCache:
    """The keys and values of one block: of the tokens so far, and of the encoder's output."""

    def __init__(self) -> None:
        self.so_far: tuple[Tensor, Tensor] | None = None
        self.memory: tuple[Tensor, Tensor] | None = None

    def extend(self, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Add the (B, H, T, K) of new tokens; returns those of all S tokens, (B, H, S, K)."""
        if self.so_far is not None:
            k, v = (torch.cat(pair, dim=2) for pair in zip(self.so_far, (k, v), strict=True))
        self.so_far = k, v
        return k, v


class KeyValueCache:
    """An empty cache for a model of ``n_layers``; each call of the model adds its tokens.

    ``len(cache)`` is the number of tokens in it. Masks then have a column for each of these and
    for each new token: with T queries, S = len(cache) + T keys.
    """

    def __init__(self, n_layers: int) -> None:
        self.layers = [LayerCache() for _ in range(n_layers)]

    def __len__(self) -> int:
        so_far = self.layers[0].so_far
        return 0 if so_far is None else so_far[0].shape[2]
