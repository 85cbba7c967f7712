"""What every model here is made of: embeddings, blocks, and the output tied to the embedding."""

import torch.nn.functional as F
from torch import Tensor, nn

from labtools.arguments import INTEGER, Shapes, between
from labtools.model.block import Block
from labtools.model.cache import KeyValueCache
from labtools.model.config import ModelConfig
from labtools.model.masks import KernelMask, refuse_wrong_mask


class Stack(nn.Module):
    """Token and position embeddings, ``n_layers`` blocks, a last norm.

    Weights start as normal with a standard deviation of 1/√D, so that queries and keys are of
    order 1 whatever the width. (0.02, as in GPT-2, is made for D = 768 and more: with 64, attention
    starts so flat that a masked model learns the frequencies of tokens and stays there.) A fresh
    model's loss is therefore about ½ above ln V.

    Args:
        config: The sizes.
        token_embedding: One to share with another stack; a new one when left out.
        cross: Whether the blocks have cross-attention.
    """

    def __init__(
        self,
        config: ModelConfig,
        token_embedding: nn.Embedding | None = None,
        cross: bool = False,
    ) -> None:
        super().__init__()
        self.config = config
        if token_embedding is None:
            token_embedding = nn.Embedding(config.vocab_size, config.d_model)
        self.token_embedding = token_embedding
        self.position_embedding = nn.Embedding(config.context_len, config.d_model)
        self.blocks = nn.ModuleList(Block(config, cross) for _ in range(config.n_layers))
        self.norm_out = nn.LayerNorm(config.d_model)
        self.apply(self._initialise)

    def embed(
        self, name: str, ids: Tensor, positions: Tensor | None = None, start: int = 0
    ) -> Tensor:
        """(B, T) ids -> (B, T, D); positions count from ``start`` unless given."""
        shapes, last = Shapes(), self.config.context_len - 1
        shapes.tensor(name, ids, "B T", INTEGER)
        between(name, ids, 0, self.config.vocab_size - 1)
        end = start + ids.shape[1]
        if end > last + 1:
            raise ValueError(f"{name}: expected at most context_len = {last + 1} tokens, got {end}")
        if positions is None:
            return self.token_embedding(ids) + self.position_embedding.weight[start:end]
        shapes.tensor("positions", positions, "B T", INTEGER)
        between("positions", positions, 0, last)
        return self.token_embedding(ids) + self.position_embedding(positions)

    def mask(self, name: str, attn_mask: Tensor, x: Tensor, n_keys: int) -> KernelMask:
        """Check a mask for the queries ``x`` (B, T, D) and look at it once for all blocks."""
        refuse_wrong_mask(attn_mask, (len(x), self.config.n_heads, x.shape[1], n_keys), name)
        return KernelMask.of(attn_mask)

    def transform(
        self,
        x: Tensor,
        mask: KernelMask,
        memory: Tensor | None = None,
        cross_mask: KernelMask | None = None,
        cache: KeyValueCache | None = None,
    ) -> Tensor:
        """Embedded tokens (B, T, D) -> final hidden states (B, T, D)."""
        caches = cache.layers if cache is not None else [None] * len(self.blocks)
        for block, layer_cache in zip(self.blocks, caches, strict=True):
            x = block(x, mask, memory, cross_mask, layer_cache)
        return self.norm_out(x)

    def logits(self, hidden: Tensor) -> Tensor:
        """(B, T, D) -> (B, T, V), with the weights of the token embedding [Press and Wolf 2017]."""
        return F.linear(hidden, self.token_embedding.weight)

    def _initialise(self, module: nn.Module) -> None:
        if isinstance(module, nn.Linear | nn.Embedding):
            nn.init.normal_(module.weight, std=self.config.d_model**-0.5)
        if isinstance(module, nn.Linear):
            nn.init.zeros_(module.bias)


def n_parameters(model: nn.Module) -> int:
    """The number of weights, those that are shared counted once."""
    return sum(p.numel() for p in model.parameters())
