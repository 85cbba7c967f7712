"""Attention masks on their way to the kernel: checked and looked at once, not in every layer."""

from dataclasses import dataclass

import torch
from torch import Tensor

from labtools.arguments import BOOL


@dataclass(frozen=True)
class KernelMask:
    """What ``scaled_dot_product_attention`` is told of a mask.

    Attributes:
        attn_mask: The mask, or None when the kernel needs none: every key is seen, or it is causal.
        is_causal: The mask is the causal one, for which the kernel skips half of the work.
        blocked: True for queries that see nothing, (…, T, 1); None when there are none. They are
            shown every key and their output is set to 0, because some kernels answer NaN.
    """

    attn_mask: Tensor | None
    is_causal: bool = False
    blocked: Tensor | None = None

    @classmethod
    def of(cls, attn_mask: "Tensor | KernelMask") -> "KernelMask":
        """The fewest restrictions that say the same as a bool ``attn_mask`` (True = may attend)."""
        if isinstance(attn_mask, KernelMask):
            return attn_mask
        if attn_mask.all():
            return cls(None)
        if _is_causal(attn_mask):
            return cls(None, is_causal=True)
        blocked = ~attn_mask.any(-1, keepdim=True)
        if not blocked.any():
            return cls(attn_mask)
        return cls(attn_mask | blocked, blocked=blocked)

    def weights(self, q: Tensor, k: Tensor) -> Tensor:
        """softmax(q kᵀ / √K) under this mask: (B, H, T, K), (B, H, S, K) -> (B, H, T, S)."""
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        mask = self.attn_mask
        if self.is_causal:
            mask = torch.ones_like(scores, dtype=torch.bool).tril()
        if mask is not None:
            scores = scores.masked_fill(~mask, float("-inf"))
        weights = scores.softmax(-1)
        return weights if self.blocked is None else weights.masked_fill(self.blocked, 0.0)


def _is_causal(attn_mask: Tensor) -> bool:
    T, S = attn_mask.shape[-2:]
    if T != S or attn_mask.numel() != T * T:
        return False
    return torch.equal(attn_mask, torch.ones_like(attn_mask).tril())


def refuse_wrong_mask(attn_mask: Tensor, shape: tuple[int, ...], name: str = "attn_mask") -> None:
    """Check that ``attn_mask`` is boolean and broadcasts to ``shape`` without growing it.

    Raises:
        TypeError: Not a boolean tensor.
        ValueError: Does not broadcast to ``shape``.
    """
    if not isinstance(attn_mask, Tensor) or attn_mask.dtype not in BOOL:
        got = attn_mask.dtype if isinstance(attn_mask, Tensor) else type(attn_mask).__name__
        raise TypeError(f"{name}: expected a bool tensor (True = may attend), got {got}")
    sizes = tuple(attn_mask.shape)
    pairs = zip(reversed(sizes), reversed(shape), strict=False)
    if len(sizes) > len(shape) or any(size not in (1, wanted) for size, wanted in pairs):
        raise ValueError(
            f"{name}: expected a shape that broadcasts to (B, H, T, S) = {shape}, got {sizes}"
        )
