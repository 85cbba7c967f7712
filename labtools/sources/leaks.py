"""What a model really sees through its mask, layer upon layer: the floor of a wrong mask.

A mask says what one layer may read. A stack of layers sees further: position i reads j, which has
read k. With what the last layer sees, :meth:`HiddenMarkovSource.conditional_floor` tells the loss
that a wrong mask leads to, before a model is trained.
"""

import torch
from torch import Tensor

from labtools.arguments import BOOL, positive_int


def receptive_field(attn_mask: Tensor, n_layers: int) -> Tensor:
    """Which inputs reach which outputs of ``n_layers`` layers.

    Every layer adds what it reads to what the position already holds (the residual path), so a
    position reaches itself whatever the mask says.

    Args:
        attn_mask: (…, T, T) bool, True = may attend, queries before keys; the same in all layers.
        n_layers: The number of layers; without any, each output has its own input.

    Returns:
        (…, T, T) bool: entry (t, j) says that output t depends on input j.

    Raises:
        TypeError, ValueError: Not a bool tensor, not square, or ``n_layers`` is no number.
    """
    positive_int("n_layers", n_layers, 0)
    if not isinstance(attn_mask, Tensor) or attn_mask.dtype not in BOOL:
        got = attn_mask.dtype if isinstance(attn_mask, Tensor) else type(attn_mask).__name__
        raise TypeError(f"attn_mask: expected a bool tensor (True = may attend), got {got}")
    if attn_mask.ndim < 2 or attn_mask.shape[-1] != attn_mask.shape[-2]:
        raise ValueError(f"attn_mask: expected shape (…, T, T), got {tuple(attn_mask.shape)}")
    own = torch.eye(attn_mask.shape[-1], device=attn_mask.device)
    one_layer = (attn_mask | own.bool()).float()
    reached = own.expand(attn_mask.shape)
    for _ in range(n_layers):
        reached = ((one_layer @ reached) > 0).float()
    return reached.bool()


def visible_after_shift(field: Tensor) -> Tensor:
    """Which tokens are visible to which prediction, when the inputs are shifted right by one.

    A causal model reads (<bos>, x_1, …, x_{T-1}) and its output t predicts x_t: input j holds the
    token before x_j. The last token is no input, and nothing sees it. (A masked language model is
    not shifted: what its outputs see is ``field`` itself, at the positions not selected.)

    >>> one_too_many = torch.ones(3, 3, dtype=torch.bool).tril(1)
    >>> visible_after_shift(receptive_field(one_too_many, 1)).int()
    tensor([[1, 0, 0],
            [1, 1, 0],
            [1, 1, 0]], dtype=torch.int32)

    Here x_1 and x_2 are visible to their own predictions: they cost nothing.

    Args:
        field: (…, T, T) bool, from :func:`receptive_field`.

    Returns:
        (…, T, T) bool: entry (t, j) says that x_j is known when x_t is predicted.
    """
    visible = field.roll(-1, dims=-1)
    visible[..., -1:] = False
    return visible
