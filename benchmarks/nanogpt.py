"""nanoGPT's design [Karpathy 2022], written anew, as something to be measured against.

Its choices are kept where they cost or save time: one projection for queries, keys and values, the
causal kernel, the exact GELU, two parameter groups, and fused AdamW on a GPU only.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from labtools.model import ModelConfig


class SelfAttention(nn.Module):
    """Causal attention; the mask is built in."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.n_heads, self.d_model = config.n_heads, config.d_model
        self.c_attn = nn.Linear(config.d_model, 3 * config.d_model)
        self.c_proj = nn.Linear(config.d_model, config.d_model)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, D) -> (B, T, D)."""
        B, T, D = x.size()
        q, k, v = (
            part.view(B, T, self.n_heads, D // self.n_heads).transpose(1, 2)
            for part in self.c_attn(x).split(self.d_model, dim=2)
        )
        y = F.scaled_dot_product_attention(q, k, v, dropout_p=0.0, is_causal=True)
        return self.c_proj(y.transpose(1, 2).contiguous().view(B, T, D))


class MLP(nn.Module):
    """Two layers with the exact GELU between them."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.c_fc = nn.Linear(config.d_model, 4 * config.d_model)
        self.gelu = nn.GELU()
        self.c_proj = nn.Linear(4 * config.d_model, config.d_model)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, D) -> (B, T, D)."""
        return self.c_proj(self.gelu(self.c_fc(x)))


class Block(nn.Module):
    """Pre-norm, as everywhere."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.ln_1, self.attn = nn.LayerNorm(config.d_model), SelfAttention(config)
        self.ln_2, self.mlp = nn.LayerNorm(config.d_model), MLP(config)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, D) -> (B, T, D)."""
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class NanoGPT(nn.Module):
    """The model gives the loss itself."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.wte = nn.Embedding(config.vocab_size, config.d_model)
        self.wpe = nn.Embedding(config.context_len, config.d_model)
        self.h = nn.ModuleList(Block(config) for _ in range(config.n_layers))
        self.ln_f = nn.LayerNorm(config.d_model)
        self.lm_head = nn.Linear(config.d_model, config.vocab_size, bias=False)
        self.lm_head.weight = self.wte.weight
        for weight in self.parameters():
            if weight.dim() > 1:
                nn.init.normal_(weight, std=0.02)

    def forward(self, idx: Tensor, targets: Tensor) -> Tensor:
        """(B, T), (B, T) -> mean loss in nats."""
        x = self.wte(idx) + self.wpe(torch.arange(idx.size(1), device=idx.device))
        for block in self.h:
            x = block(x)
        logits = self.lm_head(self.ln_f(x))
        return F.cross_entropy(logits.view(-1, logits.size(-1)), targets.view(-1), ignore_index=-1)

    def optimizer(self, lr: float) -> torch.optim.Optimizer:
        """AdamW that does not decay biases and norms."""
        groups = [
            {"params": [p for p in self.parameters() if p.dim() >= 2], "weight_decay": 0.1},
            {"params": [p for p in self.parameters() if p.dim() < 2], "weight_decay": 0.0},
        ]
        return torch.optim.AdamW(groups, lr=lr, betas=(0.9, 0.95), fused=self.wte.weight.is_cuda)
