"""Attention weights, for pictures."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import Tensor, nn

from labtools.model.block import Attention


@contextmanager
def attention_weights(model: nn.Module) -> Iterator[dict[str, list[Tensor]]]:
    """Keep the attention weights of every call made inside the ``with``.

    The kernel does not hand out its weights, so they are computed a second time.

    >>> with attention_weights(model) as weights:
    ...     logits = model(input_ids, attn_mask)
    >>> weights["blocks.0.attn"][-1]  # (B, H, T, S), of the last call

    Yields:
        A list of (B, H, T, S) tensors for each ``Attention`` of the model, in order of the layers,
        by its name in ``model.named_modules()``: ``blocks.0.attn``, or ``decoder.blocks.0.attn``
        and ``decoder.blocks.0.cross_attn`` in an encoder–decoder.
    """
    layers = {name: m for name, m in model.named_modules() if isinstance(m, Attention)}
    weights: dict[str, list[Tensor]] = {name: [] for name in layers}
    for name, layer in layers.items():
        layer.recorded = weights[name]
    try:
        yield weights
    finally:
        for layer in layers.values():
            layer.recorded = None
