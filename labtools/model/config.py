"""The sizes of a model."""

from dataclasses import dataclass

from labtools.arguments import positive_int


@dataclass(frozen=True)
class ModelConfig:
    """Sizes of a model.

    Args:
        vocab_size: V, the number of token ids.
        context_len: The longest sequence the model can read.
        n_layers: The number of blocks; an encoder–decoder has as many in each half.
        n_heads: H, attention heads in each block.
        d_model: D, the width of the residual stream; a multiple of ``n_heads``.
        d_ff: The width inside the feed-forward layer; 4 D when left out.
        gelu_approximate: "none" for the exact GELU, as in BERT; "tanh" for the approximation that
            GPT-2 was trained with, which costs a CPU a tenth more time per training step.
    """

    vocab_size: int
    context_len: int
    n_layers: int = 2
    n_heads: int = 4
    d_model: int = 64
    d_ff: int = None  # type: ignore[assignment]  # 4 D, filled in below
    gelu_approximate: str = "none"

    def __post_init__(self) -> None:
        if self.d_ff is None:
            object.__setattr__(self, "d_ff", 4 * self.d_model)
        for name in ("vocab_size", "context_len", "n_layers", "n_heads", "d_model", "d_ff"):
            positive_int(name, getattr(self, name))
        if self.gelu_approximate not in ("none", "tanh"):
            raise ValueError(
                f'gelu_approximate: expected "none" or "tanh", got {self.gelu_approximate!r}'
            )
        if self.d_model % self.n_heads:
            raise ValueError(
                f"d_model: expected a multiple of n_heads = {self.n_heads}, got {self.d_model}"
            )

    @property
    def d_head(self) -> int:
        """K, the width of one head."""
        return self.d_model // self.n_heads
