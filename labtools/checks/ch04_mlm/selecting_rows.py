"""Rows of which positions may be selected, and what came back."""

import torch
from torch import Generator, Tensor

T = 60
LONG, SHORT = 40, 20  # maskable positions of a row


def layout(longer: int, shorter: int, generator: Generator) -> Tensor:
    """(rows, T) bool: <bos>, tokens, a special token amid them, tokens, <eos>, padding."""
    amid = int(torch.randint(5, SHORT - 5, (), generator=generator))
    rows = torch.zeros(longer + shorter, T, dtype=torch.bool)
    for n, some in ((LONG, rows[:longer]), (SHORT, rows[longer:])):
        some[:, 1 : n + 2] = True
        some[:, 1 + amid] = False
    return rows


def neighbours(x: Tensor) -> Tensor:
    """(rows, T − 1) bool: two positions, one beside the other, of which both have it."""
    return x[:, :-1] & x[:, 1:]


def forbidden(maskable: Tensor, selected: Tensor) -> str | None:
    if not (selected & ~maskable).any():
        return None
    return "unmaskable-selected" if (selected & maskable).any() else "maskable-inverted"


def example(maskable: Tensor, selected: Tensor, rate: float) -> str:
    """The first row that has something unmaskable selected, or the first three."""
    wrong = (selected & ~maskable).any(1).nonzero()[:1, 0].tolist()
    lines = [f"  {rate = }, maskable of shape {tuple(maskable.shape)}"]
    for b in wrong or range(3):
        lines.append(f"  row {b}  maskable  {_drawn(maskable[b])}")
        lines.append(f"  {' ' * len(f'row {b}')}  selected  {_drawn(selected[b])}")
    return "\n".join(lines)


def _drawn(row: Tensor) -> str:
    return "".join("■" if x else "·" for x in row.tolist())
