"""Gradients of what a box returned: one vector–Jacobian product is asked for there."""

import weakref
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

Product = Callable[[list[Tensor | None]], list[Tensor | None]]


class Graph:
    """What the box keeps of a call, until nobody can ask for its gradients any more.

    Args:
        product: The vector–Jacobian product: gradients of the results to those of the inputs.
        release: Called when it is not needed any more.
    """

    def __init__(self, product: Product, release: Callable[[], None]) -> None:
        self.product = product
        weakref.finalize(self, release).atexit = False


def joined(graph: Graph, outputs: list[Tensor], inputs: list[Tensor]) -> tuple[Tensor, ...]:
    """The outputs as results of the inputs, as far as autograd can see."""
    with torch.enable_grad():
        root = torch.zeros((), device="cpu", requires_grad=True)  # or, without inputs, none would
        made: tuple[Tensor, ...] = _Elsewhere.apply(graph, len(outputs), root, *outputs, *inputs)
    return made


class _Elsewhere(torch.autograd.Function):
    """Computed in the box."""

    @staticmethod
    def forward(ctx: Any, graph: Graph, n: int, root: Tensor, *tensors: Tensor) -> tuple:
        ctx.graph, ctx.n, ctx.n_inputs = graph, n, len(tensors) - n
        ctx.set_materialize_grads(False)
        return tuple(tensor.detach() for tensor in tensors[:n])

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Tensor | None) -> tuple:
        found = ctx.graph.product([*grads]) if ctx.n_inputs else []
        return (None, None, None, *[None] * ctx.n, *found)


def replaced(value: Any, others: dict[int, Tensor]) -> Any:
    """The value with other tensors in the place of those that have these ids."""
    if isinstance(value, Tensor):
        return others.get(id(value), value)
    if type(value) in (list, tuple):
        return type(value)(replaced(item, others) for item in value)
    if type(value) is dict:
        return {key: replaced(item, others) for key, item in value.items()}
    return value
