"""Where the gradients of one process end, because a tensor came from the other."""

from typing import Any

import torch
from torch import Tensor

from labtools.grading.wire.writing import LEAF


class Leaves:
    """The tensors of a call for which there may be a gradient.

    Attributes:
        entered: In the order in which they came.
    """

    def __init__(self) -> None:
        self.entered: list[Tensor] = []

    def enter(self, tensor: Tensor, flag: int) -> Tensor:
        """The tensor as one that requires a gradient, in the same memory.

        Of what is no leaf where it comes from, changes in place are allowed here too.
        """
        with torch.inference_mode(False), torch.enable_grad():
            leaf = tensor.detach().requires_grad_()
            self.entered.append(leaf)
            return leaf if flag == LEAF else _Inner.apply(leaf)


class _Inner(torch.autograd.Function):
    """The same numbers, in the same memory, and not a leaf."""

    @staticmethod
    def forward(ctx: Any, leaf: Tensor) -> Tensor:
        return leaf.detach()

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tensor:
        return grads[0]
