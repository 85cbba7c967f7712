"""A small Transformer. Masks come in as arguments and are never built here.

One pre-norm block, as in GPT-2 [Radford et al. 2019]: x + attention(norm(x)), then
x + feed_forward(norm(x)).
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from labtools.arguments import BOOL, INTEGER, Shapes, between, positive_int


@dataclass(frozen=True)
class ModelConfig:
    """Sizes of a model.

    Args:
        vocab_size: V, the number of token ids.
        context_len: The longest sequence the model can read.
        n_layers: The number of blocks.
        n_heads: H, attention heads in each block.
        d_model: D, the width of the residual stream; a multiple of ``n_heads``.
        d_ff: The width inside the feed-forward layer; 4 D when left out.
    """

    vocab_size: int
    context_len: int
    n_layers: int = 2
    n_heads: int = 4
    d_model: int = 64
    d_ff: int | None = None

    def __post_init__(self) -> None:
        if self.d_ff is None:
            object.__setattr__(self, "d_ff", 4 * self.d_model)
        for name, value in vars(self).items():
            positive_int(name, value)
        if self.d_model % self.n_heads:
            raise ValueError(
                f"d_model: expected a multiple of n_heads = {self.n_heads}, got {self.d_model}"
            )

    @property
    def d_head(self) -> int:
        """K, the width of one head."""
        return self.d_model // self.n_heads


class Attention(nn.Module):
    """Multi-head attention [Vaswani et al. 2017, section 3.2]."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.n_heads = config.n_heads
        self.qkv = nn.Linear(config.d_model, 3 * config.d_model)
        self.out = nn.Linear(config.d_model, config.d_model)

    def forward(self, x: Tensor, attn_mask: Tensor) -> Tensor:
        """(B, T, D), bool mask that broadcasts to (B, H, T, T) -> (B, T, D)."""
        qkv = self.qkv(x).unflatten(-1, (3, self.n_heads, -1))  # (B, T, 3, H, K)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)  # each (B, H, T, K)
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=attn_mask)
        return self.out(y.transpose(1, 2).flatten(2))


class Block(nn.Module):
    """One pre-norm Transformer block."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.norm_attn = nn.LayerNorm(config.d_model)
        self.attn = Attention(config)
        self.norm_ff = nn.LayerNorm(config.d_model)
        self.ff = nn.Sequential(
            nn.Linear(config.d_model, config.d_ff),
            nn.GELU(approximate="tanh"),
            nn.Linear(config.d_ff, config.d_model),
        )

    def forward(self, x: Tensor, attn_mask: Tensor) -> Tensor:
        """(B, T, D) -> (B, T, D)."""
        x = x + self.attn(self.norm_attn(x), attn_mask)
        return x + self.ff(self.norm_ff(x))


class DecoderOnly(nn.Module):
    """Token and position embeddings, ``n_layers`` blocks, and logits over the vocabulary.

    The output layer shares its weights with the token embedding.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.token_embedding = nn.Embedding(config.vocab_size, config.d_model)
        self.position_embedding = nn.Embedding(config.context_len, config.d_model)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.n_layers))
        self.norm_out = nn.LayerNorm(config.d_model)
        self.apply(self._init)

    def forward(
        self, input_ids: Tensor, attn_mask: Tensor, positions: Tensor | None = None
    ) -> Tensor:
        """Logits for every position.

        Args:
            input_ids: (B, T) int64.
            attn_mask: bool, True = may attend; broadcasts to (B, H, T, T), queries before keys.
            positions: (B, T) int64, for text whose positions do not simply count from 0.

        Returns:
            (B, T, V).

        Raises:
            TypeError, ValueError: Wrong shapes, dtypes or ids, or more than ``context_len`` tokens.
        """
        if positions is None:
            positions = torch.arange(input_ids.shape[-1], device=input_ids.device)
            positions = positions.expand(input_ids.shape)
        self._refuse_wrong(input_ids, attn_mask, positions)
        x = self.token_embedding(input_ids) + self.position_embedding(positions)  # (B, T, D)
        for block in self.blocks:
            x = block(x, attn_mask)
        return F.linear(self.norm_out(x), self.token_embedding.weight)

    def _refuse_wrong(self, input_ids: Tensor, attn_mask: Tensor, positions: Tensor) -> None:
        shapes = Shapes()
        shapes.tensor("input_ids", input_ids, "B T", INTEGER)
        shapes.tensor("positions", positions, "B T", INTEGER)
        between("input_ids", input_ids, 0, self.config.vocab_size - 1)
        B, T = input_ids.shape
        longest = self.config.context_len
        if longest < T:
            raise ValueError(f"input_ids: expected at most context_len = {longest} tokens, got {T}")
        between("positions", positions, 0, longest - 1)
        refuse_wrong_mask(attn_mask, (B, self.config.n_heads, T, T))

    @staticmethod
    def _init(module: nn.Module) -> None:
        if isinstance(module, nn.Linear | nn.Embedding):
            nn.init.normal_(module.weight, std=0.02)
        if isinstance(module, nn.Linear):
            nn.init.zeros_(module.bias)


def refuse_wrong_mask(attn_mask: Tensor, shape: tuple[int, ...]) -> None:
    """Check that ``attn_mask`` is boolean and broadcasts to ``shape`` without growing it.

    Raises:
        TypeError: Not a boolean tensor.
        ValueError: Does not broadcast to ``shape``.
    """
    if not isinstance(attn_mask, Tensor) or attn_mask.dtype not in BOOL:
        got = attn_mask.dtype if isinstance(attn_mask, Tensor) else type(attn_mask).__name__
        raise TypeError(f"attn_mask: expected a bool tensor (True = may attend), got {got}")
    try:
        fits = torch.broadcast_shapes(attn_mask.shape, shape) == torch.Size(shape)
    except RuntimeError:
        fits = False
    if not fits:
        raise ValueError(
            f"attn_mask: expected a shape that broadcasts to (B, H, T, S) = {shape}, "
            f"got {tuple(attn_mask.shape)}"
        )


def n_parameters(model: nn.Module) -> int:
    """The number of weights, those that are shared counted once."""
    return sum(p.numel() for p in model.parameters())
