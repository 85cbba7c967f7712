"""Looks at what goes through every module of a model while it runs."""

import inspect
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from labtools.training.batches import tensors_of


@dataclass(frozen=True)
class Finding:
    """A module whose output is not finite.

    Attributes:
        name: Its name in the model, "" for the model itself.
        where: The name and position of the number, for a message.
        largest: The largest finite number among the module's inputs, 0 without one.
        half: The dtype of the output if it is a half-precision one.
        blocked: The argument that blocks every key of a query, of it or what it is part of, or "".
    """

    name: str
    where: str
    largest: float
    half: torch.dtype | None
    blocked: str


class Watch:
    """Inside its block, keeps the first module that gives NaN and the first that gives ±inf.

    A module's parts run before it is done, so the first to give such a number is the innermost.
    """

    def __init__(self, model: nn.Module) -> None:
        self.names = {module: name for name, module in model.named_modules()}
        self.nan: Finding | None = None
        self.inf: Finding | None = None
        self._inside: list[tuple[nn.Module, dict[str, Any]]] = []

    def __enter__(self) -> "Watch":
        self._handles = [
            handle
            for module in self.names
            for handle in (
                module.register_forward_pre_hook(self._enters, with_kwargs=True),
                module.register_forward_hook(self._leaves),
            )
        ]
        return self

    def __exit__(self, *error: object) -> None:
        for handle in self._handles:
            handle.remove()

    def _enters(self, module: nn.Module, args: tuple, kwargs: dict[str, Any]) -> None:
        self._inside.append((module, _arguments(module, args, kwargs)))

    def _leaves(self, module: nn.Module, args: tuple, output: Any) -> None:
        for _, tensor in tensors_of(output):
            if self.nan is None and tensor.isnan().any():
                self.nan = self._finding(module, tensor, tensor.isnan())
            if self.inf is None and tensor.isinf().any():
                self.inf = self._finding(module, tensor, tensor.isinf())
        self._inside.pop()

    def _finding(self, module: nn.Module, output: Tensor, bad: Tensor) -> Finding:
        index, name = first_index(bad), self.names[module]
        inputs = [t for _, t in tensors_of(self._inside[-1][1]) if t.is_floating_point()]
        finite = [t[t.isfinite()] for t in inputs]
        return Finding(
            name=name,
            where=f"{name or 'the model itself'} ({output[index].item()} at {list(index)})",
            # not of magnitudes: a mask may hold finfo.min
            largest=max((t.max().item() for t in finite if t.numel()), default=0.0),
            half=output.dtype if output.dtype in (torch.float16, torch.bfloat16) else None,
            blocked=self._blocked(),
        )

    def _blocked(self) -> str:
        for module, arguments in reversed(self._inside):
            for name, tensor in (t for key in arguments for t in tensors_of(arguments[key], key)):
                index = blocked_queries(tensor, _blocks_where_true(module))
                if index is not None:
                    owner = self.names[module] or "the model"
                    return f"{name} of {owner} blocks every key at {list(index)}"
        return ""


def blocked_queries(mask: Tensor, true_blocks: bool = False) -> tuple[int, ...] | None:
    """The first row of a mask, of its last dimension, in which no key may be seen; else None.

    A bool mask is read as the book does (True = may attend), or the other way round; a float one
    as additive.
    """
    if mask.ndim < 2 or mask.shape[-1] < 2:
        return None
    if mask.dtype == torch.bool:
        rows = (mask if true_blocks else ~mask).all(-1)
    else:
        rows = (mask == -torch.inf).all(-1)
    return first_index(rows) if rows.any() else None


def first_index(where: Tensor) -> tuple[int, ...]:
    """The index of the first True."""
    return tuple(where.nonzero()[0].tolist())


def _blocks_where_true(module: nn.Module) -> bool:
    return type(module).__module__.startswith("torch.nn.modules")


def _arguments(module: nn.Module, args: tuple, kwargs: dict[str, Any]) -> dict[str, Any]:
    try:
        return inspect.signature(module.forward).bind(*args, **kwargs).arguments
    except (TypeError, ValueError):
        return {f"argument {i}": value for i, value in enumerate(args)} | kwargs
