"""Clear errors for wrong arguments: what was expected, and what came."""

from collections.abc import Iterable

import torch
from torch import Tensor

INTEGER = (torch.int64, torch.int32)
FLOAT = (torch.float64, torch.float32, torch.bfloat16, torch.float16)
BOOL = (torch.bool,)


class Shapes:
    """Binds dimension letters to sizes while the arguments of one call are checked.

    >>> shapes = Shapes()
    >>> shapes.tensor("input_ids", torch.zeros(2, 5, dtype=torch.int64), "B T", INTEGER)
    >>> shapes.tensor("lengths", torch.tensor([5, 3, 1]), "B", INTEGER)
    Traceback (most recent call last):
    ValueError: lengths: expected shape (B,) with B = 2 (from input_ids), got (3,)
    """

    def __init__(self) -> None:
        self.sizes: dict[str, tuple[int, str]] = {}

    def tensor(self, name: str, value: Tensor, dims: str, dtypes: Iterable[torch.dtype]) -> None:
        """Check that ``value`` is a tensor of shape ``dims`` and one of ``dtypes``.

        Raises:
            TypeError: not a tensor, or of another dtype.
            ValueError: of another number of dimensions, or a size that contradicts an earlier one.
        """
        dtypes, letters = tuple(dtypes), dims.split()
        if not isinstance(value, Tensor):
            raise TypeError(f"{name}: expected a tensor, got {type(value).__name__}")
        if value.dtype not in dtypes:
            wanted = " or ".join(str(d).removeprefix("torch.") for d in dtypes)
            raise TypeError(
                f"{name}: expected dtype {wanted}, got {str(value.dtype).removeprefix('torch.')}"
            )
        if value.ndim != len(letters) or not self._agree(name, value, letters):
            raise ValueError(
                f"{name}: expected shape {self._wanted(letters)}, got {tuple(value.shape)}"
            )

    def _agree(self, name: str, value: Tensor, letters: list[str]) -> bool:
        sizes = dict(self.sizes)
        for letter, size in zip(letters, value.shape, strict=True):
            if sizes.setdefault(letter, (size, name))[0] != size:
                return False
        self.sizes = sizes
        return True

    def _wanted(self, letters: list[str]) -> str:
        shape = f"({letters[0]},)" if len(letters) == 1 else f"({', '.join(letters)})"
        known = [
            f"{x} = {self.sizes[x][0]} (from {self.sizes[x][1]})"
            for x in letters
            if x in self.sizes
        ]
        return shape + (f" with {', '.join(known)}" if known else "")


def between(name: str, value: float | Tensor, low: float, high: float) -> None:
    """Check that a number, or every entry of a tensor, lies in [low, high].

    Raises:
        ValueError: one of them does not; the message names the first.
    """
    if not isinstance(value, Tensor):
        if not low <= value <= high:
            raise ValueError(f"{name}: expected a value from {low} to {high}, got {value}")
        return
    outside = (~((value >= low) & (value <= high))).nonzero()  # NaN is outside too
    if len(outside):
        where = tuple(outside[0].tolist())
        raise ValueError(
            f"{name}: expected values from {low} to {high}, got {value[where].item()} at {where}"
        )


def positive_int(name: str, value: int, low: int = 1) -> None:
    """Check that ``value`` is an int of at least ``low``.

    Raises:
        TypeError: not an int (a bool is not one).
        ValueError: smaller than ``low``.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name}: expected an int, got {value!r} ({type(value).__name__})")
    if value < low:
        raise ValueError(f"{name}: expected an int of at least {low}, got {value}")
