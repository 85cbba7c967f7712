"""Tensors as a dtype, a shape and bytes."""

import ctypes
import math
import warnings
from collections.abc import Sequence

import torch
from torch import Tensor

from labtools.grading.wire.channel import Malformed, Message

NAMES = {
    getattr(torch, name): name
    for name in (
        *("bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64"),
        *("float16", "bfloat16", "float32", "float64", "complex64", "complex128"),
        *("float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz", "float8_e8m0fnu"),
    )
}
DTYPES = {name: dtype for dtype, name in NAMES.items()}
MOST_DIMS = 32
MOST_NUMBERS = 1 << 40  # of a tensor that has no memory
ODD = "sparse", "nested", "quantized"


def content(tensor: Tensor) -> bytes:
    """The numbers of a dense tensor on the CPU, in reading order."""
    tensor = tensor.detach().resolve_conj().resolve_neg().contiguous()
    return ctypes.string_at(tensor.data_ptr(), tensor.numel() * tensor.itemsize)


def extent(tensor: Tensor) -> tuple[int, int]:
    """The first and the last byte, exclusive, of its storage that a tensor with numbers uses."""
    size, offset = tensor.itemsize, int(tensor.storage_offset())
    if tensor.is_contiguous():
        return offset * size, (offset + tensor.numel()) * size
    return span(offset, tensor.shape, tensor.stride(), size)


def span(
    offset: int, shape: Sequence[int], stride: Sequence[int], itemsize: int
) -> tuple[int, int]:
    """As ``extent``, of a tensor with numbers; ``offset`` and ``stride`` are counted in them."""
    last = offset + sum((n - 1) * step for n, step in zip(shape, stride, strict=True))
    return offset * itemsize, (last + 1) * itemsize


def dtype_of(name: object) -> torch.dtype:
    """The dtype of that name; Malformed if there is none."""
    if type(name) is not str or name not in DTYPES:
        raise Malformed("expected the name of a dtype")
    return DTYPES[name]


def shape_of(sizes: object) -> list[int]:
    """A list of sizes; Malformed if it is none."""
    if type(sizes) is not list or len(sizes) > MOST_DIMS:
        raise Malformed("expected a shape")
    if sizes and (set(map(type, sizes)) != {int} or min(sizes) < 0 or max(sizes) > MOST_NUMBERS):
        raise Malformed("expected a shape of ints from 0 on")
    return sizes


def dense(message: Message, number: object, name: object, sizes: object) -> Tensor:
    """The tensor whose numbers are buffer ``number``; it shares the message's memory."""
    dtype, shape = dtype_of(name), shape_of(sizes)
    start, end = message.buffer(number)
    n = math.prod(shape)
    if n * dtype.itemsize != end - start:
        raise Malformed(f"expected {n} numbers of {name}, got {end - start} bytes")
    if not n:
        return torch.empty(shape, dtype=dtype, device="cpu")
    flat = torch.frombuffer(message.region, dtype=dtype, count=n, offset=start)
    return flat.view(shape)


def numberless(name: object, sizes: object) -> Tensor:
    """A tensor on the device "meta"."""
    dtype, shape = dtype_of(name), shape_of(sizes)
    if math.prod(shape) > MOST_NUMBERS:
        raise Malformed("expected a shape of fewer numbers")
    return torch.empty(shape, dtype=dtype, device="meta")


def odd_kind(tensor: Tensor) -> str:
    """ "nested", "quantized" or "sparse" if a tensor has no plain numbers, or "" if it has."""
    if tensor.is_nested:
        return "nested"
    if tensor.is_quantized:
        return "quantized"
    return "" if tensor.layout == torch.strided else "sparse"


def odd(kind: object, name: object, sizes: object) -> Tensor:
    """An empty tensor of that layout, which is all that is told of one."""
    dtype, shape = dtype_of(name), shape_of(sizes)
    if kind not in ODD or math.prod(shape) > MOST_NUMBERS:
        raise Malformed(f"expected one of {', '.join(ODD)}, of no more than a shape")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that they are new, or will go
        if kind == "nested":
            return torch.nested.nested_tensor([], dtype=dtype)
        if kind == "quantized":
            return torch.quantize_per_tensor(torch.zeros(1), 1.0, 0, torch.qint8)
        return torch.sparse_coo_tensor(
            torch.empty(len(shape), 0, dtype=torch.int64), torch.empty(0, dtype=dtype), shape
        )
