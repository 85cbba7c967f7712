"""The words of a failed check: what is wrong, where, and what to look up."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

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
        parts = [f"{function}: {diagnosis.title}", diagnosis.explain, diagnosis.where, look_up]
        super().__init__("\n\n".join(part for part in parts if part))

    @property
    def mistake(self) -> str | None:
        """The name of the known mistake that explains every result, if one does."""
        return self.diagnosis.mistake

    def _render_traceback_(self) -> list[str]:  # IPython shows this instead of a traceback
        return str(self).splitlines()


def show(value: Any) -> str:
    """A short text of a value: a tensor in full when it is small, its shape otherwise."""
    if isinstance(value, Tensor):
        if value.ndim == 0:
            return f"{value.item():.6g}" if value.is_floating_point() else str(value.item())
        kind = f"{tuple(value.shape)} {str(value.dtype).removeprefix('torch.')}"
        return f"{value.tolist()}" if _is_small(value) else f"tensor of shape {kind}"
    if isinstance(value, list | tuple) and any(isinstance(v, Tensor | list | tuple) for v in value):
        return "[" + ", ".join(show(v) for v in value) + "]"
    return getattr(value, "__name__", None) or repr(value)


def _is_small(value: Tensor) -> bool:
    return value.numel() <= 32 and not value.is_floating_point()


def compare(yours: Any, expected: Any) -> str:
    """Yours beside the expected: numbers in a line, matrices as drawings, wrong cells marked."""
    if not _drawable(yours, expected):
        return f"  yours     {show(yours)}\n  expected  {show(expected)}"
    left, right = _as_matrix(yours), _as_matrix(expected)
    cells = [_cells(left, right), _cells(right, right)]
    width = max(len(c) for side in cells for row in side for c in row)
    drawn = [[" ".join(c.rjust(width) for c in row) for row in side] for side in cells]
    gap = max(len(line) for line in drawn[0])
    lines = [f"  {'yours'.ljust(gap)}    expected"]
    lines += [f"  {a.ljust(gap)}    {b}" for a, b in zip(*drawn, strict=True)]
    i, j = (left != right).nonzero()[0].tolist()
    first = f"  first difference at row {i}, column {j}"
    return "\n".join([*lines, f"{first}: {_cell(left[i, j])} instead of {_cell(right[i, j])}"])


def _drawable(yours: Any, expected: Any) -> bool:
    if not (isinstance(yours, Tensor) and isinstance(expected, Tensor)):
        return False
    same = yours.shape == expected.shape and yours.dtype == expected.dtype
    grid = expected.ndim >= 2 and 0 < expected.shape[-1] <= WIDEST_PICTURE
    return same and grid and not expected.is_floating_point() and not yours.equal(expected)


def _as_matrix(x: Tensor) -> Tensor:
    """The last two dimensions; the batch item is kept when it is the only one."""
    return x.detach().flatten(0, -2)


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
    """The arguments of a call in a line each, with their names."""
    return "\n".join(f"  {name} = {show(arg)}" for name, arg in zip(names, args, strict=False))


def require(condition: bool, function: str, title: str) -> None:
    """Raise ``CheckFailed`` with one line about ``function`` unless ``condition`` holds."""
    if not condition:
        raise CheckFailed(function, Diagnosis(title))
