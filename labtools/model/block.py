"""One pre-norm Transformer block, as in GPT-2 [Radford et al. 2019]."""

import torch.nn.functional as F
from torch import Tensor, nn

from labtools.model.cache import LayerCache
from labtools.model.config import ModelConfig
from labtools.model.masks import KernelMask


class Attention(nn.Module):
    """Multi-head attention [Vaswani et al. 2017, section 3.2], to itself or to a ``memory``."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.n_heads = config.n_heads
        self.qkv = nn.Linear(config.d_model, 3 * config.d_model)
        self.out = nn.Linear(config.d_model, config.d_model)
        self.recorded: list[Tensor] | None = None  # see attention_weights

    def forward(
        self,
        x: Tensor,
        attn_mask: Tensor | KernelMask,
        memory: Tensor | None = None,
        cache: LayerCache | None = None,
    ) -> Tensor:
        """Queries from ``x``; keys and values from ``memory``, or from ``x`` and the cache.

        Args:
            x: (B, T, D).
            attn_mask: bool, True = may attend; broadcasts to (B, H, T, S).
            memory: (B, S, D), the encoder's output, in cross-attention.
            cache: Of this block; gets the new keys and values.

        Returns:
            (B, T, D); a query that sees nothing gets 0 from every head.
        """
        mask = KernelMask.of(attn_mask)
        q, k, v = self._self(x, cache) if memory is None else self._cross(x, memory, cache)
        y = F.scaled_dot_product_attention(q, k, v, mask.attn_mask, is_causal=mask.is_causal)
        if mask.blocked is not None:
            y = y.masked_fill(mask.blocked, 0.0)
        if self.recorded is not None:
            self.recorded.append(mask.weights(q, k).detach())
        return self.out(y.transpose(1, 2).flatten(2))

    def _self(self, x: Tensor, cache: LayerCache | None) -> tuple[Tensor, Tensor, Tensor]:
        q, k, v = self._heads(self.qkv(x), 3)
        return (q, k, v) if cache is None else (q, *cache.extend(k, v))

    def _cross(
        self, x: Tensor, memory: Tensor, cache: LayerCache | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        D = x.shape[-1]
        (q,) = self._heads(F.linear(x, self.qkv.weight[:D], self.qkv.bias[:D]), 1)
        if cache is not None and cache.memory is not None:
            return q, *cache.memory
        k, v = self._heads(F.linear(memory, self.qkv.weight[D:], self.qkv.bias[D:]), 2)
        if cache is not None:
            cache.memory = k, v
        return q, k, v

    def _heads(self, x: Tensor, n: int) -> list[Tensor]:
        B, T, _ = x.shape
        parts = x.view(B, T, n, self.n_heads, -1).unbind(2)
        return [part.transpose(1, 2) for part in parts]  # n times (B, H, T, K)


class Block(nn.Module):
    """x + attention(norm(x)); with ``cross``, the same to the memory; x + feed_forward(norm(x))."""

    def __init__(self, config: ModelConfig, cross: bool = False) -> None:
        super().__init__()
        self.norm_attn = nn.LayerNorm(config.d_model)
        self.attn = Attention(config)
        if cross:
            self.norm_cross = nn.LayerNorm(config.d_model)
            self.cross_attn = Attention(config)
        self.norm_ff = nn.LayerNorm(config.d_model)
        self.ff = nn.Sequential(
            nn.Linear(config.d_model, config.d_ff),
            nn.GELU(config.gelu_approximate),
            nn.Linear(config.d_ff, config.d_model),
        )

    def forward(
        self,
        x: Tensor,
        attn_mask: Tensor | KernelMask,
        memory: Tensor | None = None,
        cross_mask: Tensor | KernelMask | None = None,
        cache: LayerCache | None = None,
    ) -> Tensor:
        """(B, T, D) -> (B, T, D); ``memory`` (B, S, D) and ``cross_mask`` only with ``cross``."""
        x = x + self.attn(self.norm_attn(x), attn_mask, cache=cache)
        if memory is not None:
            x = x + self.cross_attn(self.norm_cross(x), cross_mask, memory, cache)
        return x + self.ff(self.norm_ff(x))
