"""A result beside the expected one, as text."""

from typing import Any

import torch
from torch import Tensor

from labtools.checks.values import Difference, difference
from labtools.closeness import differs

WIDEST, WIDEST_FLOATS = 16, 8  # columns; beyond them two matrices do not fit on a line
HIGHEST = 24  # rows; beyond them nobody reads on
Names = tuple[str, str]
LONGEST = 300  # characters of a text that somebody else wrote


def dtype_name(x: Tensor) -> str:
    """``int64`` and so on."""
    return str(x.dtype).removeprefix("torch.")


def show(value: Any, depth: int = 4) -> str:
    """A short text of a value: a tensor in full when it is small, its shape otherwise.

    Of objects that are neither tensors nor Python's own it names the class alone: their own
    ``__repr__`` is the learner's code.
    """
    kind = type(value)
    if kind is Tensor:
        return _show_tensor(value.detach())
    if kind is torch.Generator:
        return f"torch.Generator().manual_seed({value.initial_seed()})"
    if kind in (list, tuple, dict) and not depth:
        return "…"
    if kind is dict:
        return short(
            "{" + ", ".join(f"{k!r}: {show(v, depth - 1)}" for k, v in value.items()) + "}"
        )
    if kind in (list, tuple):
        left, right = "()" if kind is tuple else "[]"
        return short(left + ", ".join(show(v, depth - 1) for v in value) + right)
    if kind in (int, float, complex, bool, str, bytes, type(None)):
        return short(repr(value))
    if issubclass(kind, Exception):
        return kind.__name__
    name = getattr(value, "__name__", None) if callable(value) else None
    return short(name) if type(name) is str else a(f"{kind.__name__} object")


def short(text: str) -> str:
    """The text, its middle left out where it is long."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 40]} … {text[-30:]}"


def a(noun: str) -> str:
    """The noun with its article."""
    return f"an {noun}" if noun[:1].lower() in tuple("aeiou") else f"a {noun}"


def _show_tensor(value: Tensor) -> str:
    if odd(value):
        return f"{odd(value)} tensor {dtype_name(value)}"
    if value.ndim == 0:
        return f"{value.item() + 0.0:.6g}" if value.is_floating_point() else str(value.item())
    if value.numel() <= _most(value):
        cells = (_cell(v, "True", "False") if v.ndim == 0 else _show_tensor(v) for v in value)
        return "[" + ", ".join(cells) + "]"
    return f"tensor of shape {tuple(value.shape)} {dtype_name(value)}"


def _most(value: Tensor) -> int:
    """How many numbers are shown: those of a vector must fit on a line."""
    if value.ndim > 2 or value.is_complex():
        return 8
    if not value.is_floating_point():
        return 48
    return 24 if value.ndim == 0 or value.shape[-1] <= 12 else 8


def odd(value: Tensor) -> str:
    """In a word what keeps a tensor's numbers from being read one by one, if something does."""
    if value.is_nested:
        return "nested"
    if value.is_quantized:
        return "quantized"
    if value.layout != torch.strided:
        return "sparse"
    return "meta" if value.is_meta else ""


def compare(yours: Any, expected: Any, names: Names = ("yours", "expected")) -> str:
    """Yours beside the expected: numbers in a line, matrices as drawings, wrong cells marked."""
    found = difference(yours, expected)
    if found is None or not found.place:
        return _pair(yours, expected, found, names)
    pair = _pair(found.yours, found.expected, found, names)
    return f"  result{found.place} differs\n{pair}"


def _pair(yours: Any, expected: Any, found: Difference | None, names: Names) -> str:
    matrices = first_wrong_matrix(found)
    vector = type(expected) is Tensor and expected.ndim == 1
    if matrices and not vector and _fits(matrices[2]):
        return _drawn(*matrices, names)
    width = max(map(len, names))
    told = _told(yours, expected), _told(expected, yours)
    lines = [f"  {name.ljust(width)}  {text}" for name, text in zip(names, told, strict=True)]
    if matrices:
        lines.append(_first(*matrices, vector=vector))
    return "\n".join(lines)


def _told(value: Any, other: Any) -> str:
    """The value, with its dtype or kind where that is what differs."""
    shown = show(value)
    if type(value) is not type(other):
        return f"{a(KINDS[type(value)])}: {shown}" if _needs_its_kind(value, other) else shown
    if type(value) is not Tensor or value.dtype == other.dtype:
        return shown
    return shown if shown.endswith(dtype_name(value)) else f"{shown} {dtype_name(value)}"


KINDS: dict[type, str] = {Tensor: "tensor", list: "list", tuple: "tuple", dict: "dict"}
KINDS |= {kind: kind.__name__ for kind in (int, float, bool, complex)}


def _needs_its_kind(value: Any, other: Any) -> bool:
    """Of two kinds that read alike; what has a shape beside it says that it is a tensor."""
    told = type(value) is Tensor and (odd(value) or value.numel() > _most(value))
    return type(value) in KINDS and type(other) in KINDS and not told


def first_wrong_matrix(found: Difference | None) -> tuple[str, Tensor, Tensor] | None:
    """The first two-dimensional part that differs, and which one it is; a vector is one row."""
    if found is None or found.kind != "value" or type(found.expected) is not Tensor:
        return None
    if found.expected.ndim == 0:
        return None
    shape = (1, *found.expected.shape)[-2:]
    left, right = (x.detach().reshape(-1, *shape) for x in (found.yours, found.expected))
    b = int(differs(left, right).flatten(1).any(1).nonzero()[0])
    return _which(b, tuple(found.expected.shape[:-2])), left[b], right[b]


def _which(b: int, leading: tuple[int, ...]) -> str:
    """The name of matrix b of all those in a tensor."""
    index = [int(i) for i in torch.unravel_index(torch.tensor(b), leading)] if leading else []
    counted = [i for i, size in zip(index, leading, strict=True) if size > 1]
    if not counted:
        return ""
    return f"batch item {index[0]}, " if counted == index[:1] else f"matrix {index}, "


def _fits(matrix: Tensor) -> bool:
    rows, columns = matrix.shape
    numbers = matrix.is_floating_point() or matrix.is_complex()
    return rows <= HIGHEST and columns <= (WIDEST_FLOATS if numbers else WIDEST)


def _drawn(place: str, yours: Tensor, expected: Tensor, names: Names) -> str:
    drawn = _columns(yours, expected), _columns(expected, expected)
    gap = max(len(line) for line in [names[0], *drawn[0]])
    lines = [f"  {names[0].ljust(gap)}    {names[1]}"]
    lines += [f"  {mine.ljust(gap)}    {wanted}" for mine, wanted in zip(*drawn, strict=True)]
    return "\n".join(line.rstrip() for line in [*lines, _first(place, yours, expected)])


def _first(place: str, yours: Tensor, expected: Tensor, vector: bool = False) -> str:
    i, j = differs(yours, expected).nonzero()[0].tolist()
    where = f"position {j}" if vector else f"row {i}, column {j}"
    mine, wanted = _cell(yours[i, j]), _cell(expected[i, j])
    return f"  first difference: {place}{where}: {mine} instead of {wanted}"


def _columns(matrix: Tensor, expected: Tensor) -> list[str]:
    wrong = differs(matrix, expected)
    cells = [
        [_cell(v) + ("✗" if w else " ") for v, w in zip(row, marks, strict=True)]
        for row, marks in zip(matrix, wrong, strict=True)
    ]
    width = max(len(cell) for row in cells for cell in row)
    return [" ".join(cell.rjust(width) for cell in row) for row in cells]


def _cell(value: Tensor, true: str = "■", false: str = "·") -> str:
    """A mask's cell is a filled square where it may attend; a number is a number."""
    if value.dtype == torch.bool:
        return true if value else false
    return f"{value.item() + 0.0:.4g}" if value.is_floating_point() else str(value.item())
