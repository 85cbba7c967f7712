"""A batch is a tensor, or any nest of tuples, lists, dicts and dataclasses of tensors."""

import copy
import dataclasses
import hashlib
from collections.abc import Iterator, MutableMapping
from typing import Any

import torch
from torch import Tensor


def tensors_of(batch: Any, name: str = "batch") -> Iterator[tuple[str, Tensor]]:
    """Every tensor with its name: ``batch``, ``batch[0]``, ``batch['labels']``, ``batch.src``."""
    if isinstance(batch, Tensor):
        yield name, batch
    elif isinstance(batch, MutableMapping):
        for key, part in batch.items():
            yield from tensors_of(part, f"{name}[{key!r}]")
    elif isinstance(batch, tuple | list):
        for i, part in enumerate(batch):
            yield from tensors_of(part, f"{name}[{i}]")
    elif _is_dataclass(batch):
        for field in dataclasses.fields(batch):
            yield from tensors_of(getattr(batch, field.name), f"{name}.{field.name}")


def to_device(batch: Any, device: torch.device) -> Any:
    """The batch with its tensors on ``device``; the containers are new, of the same types.

    What has a method ``to`` is moved by it: tensors, a tokenizer's batches, packed sequences. What
    is neither that nor a container is handed on as it is.
    """
    if callable(getattr(batch, "to", None)):
        return batch.to(device)
    if isinstance(batch, MutableMapping):
        moved = copy.copy(batch)
        for key, part in batch.items():
            moved[key] = to_device(part, device)
        return moved
    if isinstance(batch, tuple | list):
        parts = [to_device(part, device) for part in batch]
        return type(batch)(*parts) if hasattr(batch, "_fields") else type(batch)(parts)
    if _is_dataclass(batch):
        moved = copy.copy(batch)
        for field in dataclasses.fields(batch):
            # also where the dataclass is frozen
            object.__setattr__(moved, field.name, to_device(getattr(batch, field.name), device))
        return moved
    return batch


def digest(batch: Any) -> str:
    """A digest of the names, shapes, dtypes and numbers of the batch's tensors."""
    sha = hashlib.sha256()
    for name, tensor in tensors_of(batch):
        sha.update(f"{name} {tuple(tensor.shape)} {tensor.dtype}".encode())
        flat = tensor.detach().cpu().contiguous().reshape(-1)
        sha.update(flat.view(torch.uint8).numpy().data)
    return sha.hexdigest()


def _is_dataclass(value: Any) -> bool:
    return dataclasses.is_dataclass(value) and not isinstance(value, type)
