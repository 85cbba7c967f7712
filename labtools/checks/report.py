"""The words of a failed check: what is wrong, where, and what to look up."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

WIDTH = 88  # of explanations; neither a notebook nor a page of feedback breaks lines by itself
WIDEST_PICTURE = 16  # columns of a drawing; beyond it two of them do not fit on a line


@dataclass(frozen=True)
class Diagnosis:
    """Why an answer is wrong.

    Args:
        title: One line: what is wrong.
        explain: Plain words: why that is wrong and what is right.
        where: The smallest input that shows it, and a drawing of yours beside the expected.
        section: The label of the book's section to read.
        mistake: The name of the known mistake, or None.
    """

    title: str
    explain: str = ""
    where: str = ""
    section: str = ""
    mistake: str | None = None


class CheckFailed(AssertionError):
    """A wrong answer, diagnosed. Its text is all that a learner is shown: no traceback."""

    def __init__(self, function: str, diagnosis: Diagnosis) -> None:
        self.function, self.diagnosis = function, diagnosis
        look_up = f"Look up: {diagnosis.section}" if diagnosis.section else ""
        explain = textwrap.fill(diagnosis.explain, WIDTH, break_on_hyphens=False)
        parts = [f"{function}: {diagnosis.title}", explain, diagnosis.where, look_up]
        super().__init__("\n\n".join(part for part in parts if part))

    @property
    def mistake(self) -> str | None:
        """The name of the known mistake that explains every result, if one does."""
        return self.diagnosis.mistake

    def _render_traceback_(self) -> list[str]:  # IPython shows this instead of a traceback
        return str(self).splitlines()


def a(noun: str) -> str:
    """The noun with its article."""
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def show(value: Any) -> str:
    """A short text of a value: a tensor in full when it is small, its shape otherwise."""
    if isinstance(value, Tensor):
        return _show_tensor(value.detach())
    if isinstance(value, torch.Generator):
        return f"torch.Generator().manual_seed({value.initial_seed()})"
    if isinstance(value, list | tuple) and any(isinstance(v, Tensor | list | tuple) for v in value):
        return "(" + ", ".join(show(v) for v in value) + ")"
    return getattr(value, "__name__", None) or repr(value)


def _show_tensor(value: Tensor) -> str:
    if value.ndim == 0:
        return f"{value.item():.6g}" if value.is_floating_point() else str(value.item())
    rows_of_ids = value.ndim <= 2 and not value.is_floating_point()
    if value.numel() <= (48 if rows_of_ids else 8):
        return "[" + ", ".join(_show_tensor(v) for v in value) + "]"
    return f"tensor of shape {tuple(value.shape)} {_dtype(value)}"


def _dtype(value: Tensor) -> str:
    return str(value.dtype).removeprefix("torch.")


def compare(yours: Any, expected: Any) -> str:
    """Yours beside the expected: numbers in a line, matrices as drawings, wrong cells marked."""
    if not _drawable(yours, expected):
        return f"  yours     {_told(yours, expected)}\n  expected  {_told(expected, yours)}"
    place, left, right = _first_wrong_matrix(yours, expected)
    drawn = _columns(left, right), _columns(right, right)
    gap = max(len(line) for line in ["yours", *drawn[0]])
    lines = [f"  {'yours'.ljust(gap)}    expected"]
    lines += [f"  {mine.ljust(gap)}    {wanted}" for mine, wanted in zip(*drawn, strict=True)]
    i, j = (left != right).nonzero()[0].tolist()
    lines.append(
        f"  first difference: {place}row {i}, column {j}: "
        f"{_cell(left[i, j])} instead of {_cell(right[i, j])}"
    )
    return "\n".join(line.rstrip() for line in lines)


def _told(value: Any, other: Any) -> str:
    """The value, with its dtype where that is what differs."""
    shown, both = show(value), isinstance(value, Tensor) and isinstance(other, Tensor)
    if not both or value.dtype == other.dtype or shown.endswith(_dtype(value)):
        return shown
    return f"{shown} {_dtype(value)}"


def _drawable(yours: Any, expected: Any) -> bool:
    if not (isinstance(yours, Tensor) and isinstance(expected, Tensor)):
        return False
    same = yours.shape == expected.shape and yours.dtype == expected.dtype
    grid = expected.ndim >= 2 and 0 < expected.shape[-1] <= WIDEST_PICTURE
    return same and grid and not expected.is_floating_point() and not yours.equal(expected)


def _first_wrong_matrix(yours: Tensor, expected: Tensor) -> tuple[str, Tensor, Tensor]:
    """The first two-dimensional part that differs, and which one it is."""
    T, S = expected.shape[-2:]
    left, right = yours.reshape(-1, T, S), expected.reshape(-1, T, S)
    b = int((left != right).flatten(1).any(1).nonzero()[0])
    return (f"batch item {b}, " if len(left) > 1 else ""), left[b], right[b]


def _columns(matrix: Tensor, expected: Tensor) -> list[str]:
    cells = _cells(matrix, expected)
    width = max(len(cell) for row in cells for cell in row)
    return [" ".join(cell.rjust(width) for cell in row) for row in cells]


def _cells(matrix: Tensor, expected: Tensor) -> list[list[str]]:
    return [
        [_cell(v) + ("✗" if v != e else " ") for v, e in zip(row, wanted, strict=True)]
        for row, wanted in zip(matrix, expected, strict=True)
    ]


def _cell(value: Tensor) -> str:
    """A mask's cell is a filled square where it may attend; an id is its number."""
    if value.dtype == torch.bool:
        return "■" if value else "·"
    return str(value.item())


def describe_args(names: Sequence[str], args: Sequence[Any]) -> str:
    """The arguments of a call with their names, a list item by item."""
    lines = []
    for name, arg in zip(names, args, strict=False):
        items = (
            [(f"{name}[{i}]", item) for i, item in enumerate(arg)] if isinstance(arg, list) else []
        )
        lines += [_named(name, value) for name, value in items or [(name, arg)]]
    return "\n".join(lines)


def _named(name: str, value: Any) -> str:
    """``name = value``, a matrix row by row."""
    start, shown = f"  {name} = ", show(value)
    if isinstance(value, Tensor) and value.ndim == 2:
        shown = shown.replace("], ", "],\n" + " " * (len(start) + 1))
    return start + shown


def require(condition: bool, function: str, title: str) -> None:
    """Raise ``CheckFailed`` with one line about ``function`` unless ``condition`` holds."""
    if not condition:
        raise CheckFailed(function, Diagnosis(title))
