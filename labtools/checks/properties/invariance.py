"""What must not change a result."""

import torch
from torch import Tensor

from labtools.checks.drawing import compare
from labtools.checks.properties.shared import Answer, Args, Part, part_of, shown
from labtools.checks.spec import Property, Words
from labtools.checks.values import agree


def unaffected(name: str, words: Words, args: Args, other: Args, part: Part) -> Property:
    """Two calls give the same in one part of their results.

    So padding may hold any id, and rows of a batch know nothing of each other.

    Args:
        name, words: Of the property.
        args, other: Make the arguments of the two calls.
        part: Takes from a result what must be the same.
    """

    def holds(answer: Answer) -> str | None:
        calls = args(), other()
        first, second = (part_of(answer(*made), part) for made in calls)
        if agree(first, second):
            return None
        given = f"  the first call was with\n{shown(*calls[0])}\n  the second with\n"
        return f"{given}{shown(*calls[1])}\n{compare(second, first, ('second', 'first'))}"

    return Property(name, words, holds)


def future_unseen(
    words: Words,
    args: Args,
    i: int = 0,
    dim: int = 1,
    part: Part | None = None,
    name: str = "sees-the-future",
) -> Property:
    """Whatever argument ``i`` holds after position t along ``dim``, results up to t are the same.

    Args:
        i: The position of the argument, a tensor of floats, ids or booleans; ids must not all be
            equal, for they are changed to others that occur.
        dim: Of the positions, in this argument and in the result.
    """

    def holds(answer: Answer) -> str | None:
        made = args()
        _refuse_nothing_to_change(made[i], dim)
        whole = part_of(answer(*made), part)
        for t in range(made[i].shape[dim] - 1):
            changed = list(made)
            changed[i] = _changed_after(made[i], t, dim)
            was, became = (
                x.narrow(dim, 0, t + 1) for x in (whole, part_of(answer(*changed), part))
            )
            if not agree(became, was):
                return (
                    f"  it was called with\n{shown(*made)}\n"
                    f"  then only what comes after position {t} was changed, to\n"
                    f"{shown(changed[i].narrow(dim, t + 1, made[i].shape[dim] - t - 1))}\n"
                    f"  and the result up to position {t} changed with it:\n"
                    f"{compare(became, was, ('became', 'was'))}"
                )
        return None

    return Property(name, words, holds)


def _refuse_nothing_to_change(x: Tensor, dim: int) -> None:
    """A property that changes nothing would hold of everything."""
    if x.shape[dim] < 2:
        raise ValueError(f"expected at least 2 positions to change, got shape {tuple(x.shape)}")
    ids = not x.is_floating_point() and x.dtype != torch.bool
    if ids and x.min() == x.max():
        raise ValueError(f"expected at least 2 different ids, got {x.min().item()} alone")


def _changed_after(x: Tensor, t: int, dim: int) -> Tensor:
    """Every value after position t is another one, of those that occur if they are ids."""
    future = x.narrow(dim, t + 1, x.shape[dim] - t - 1)
    if x.dtype == torch.bool:
        other = ~future
    elif x.is_floating_point():
        other = future + 1 + future.abs()
    else:
        other = torch.where(future == x.max(), x.min(), x.max())
    return torch.cat([x.narrow(dim, 0, t + 1), other], dim)
