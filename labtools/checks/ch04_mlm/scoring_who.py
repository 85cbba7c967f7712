"""Which positions of a text are scored, by mistake."""

from collections.abc import Callable

import torch
from torch import Tensor

# (B, T) maskable and ids, a row's mask and its number -> (T,) which of its positions
Scored = Callable[[Tensor, Tensor, Tensor, int], Tensor]

SPECIALS = ((0,), (0, 1, 2), (0, 1, 2, 3), (0, 2), (2,), (1, 2), (3,))


def _without(ids: Tensor, special: tuple[int, ...]) -> Tensor:
    return ~torch.isin(ids, torch.tensor(special))


def _real(mask: Tensor) -> Tensor:
    """The keys that any query sees."""
    return mask.flatten(0, -2).any(0)


def inner(row: Tensor, first: int = 1, last: int = 1) -> Tensor:
    """Without so many positions at the start and at the end."""
    t = torch.arange(len(row))
    return row & (t >= first) & (t < len(row) - last)


def _inner_real(mask: Tensor) -> Tensor:
    """The real positions but for the first and the last of them."""
    real = _real(mask)
    return inner(real, 1, 0) & (real.cumsum(0) < real.sum())


SCORED: list[tuple[str, Scored]] = [
    ("special-scored", lambda maskable, ids, mask, b: _real(mask)),
    ("special-scored", lambda maskable, ids, mask, b: inner(_real(mask), 1, 0)),
    ("maskable-ignored", lambda maskable, ids, mask, b: torch.ones_like(maskable[b])),
    (
        "maskable-ignored",
        lambda maskable, ids, mask, b: inner(torch.ones_like(maskable[b]), 1, 0),
    ),
    ("ends-special", lambda maskable, ids, mask, b: inner(torch.ones_like(maskable[b]))),
    ("ends-special", lambda maskable, ids, mask, b: inner(maskable[b])),
    ("ends-special", lambda maskable, ids, mask, b: inner(_real(mask))),
    ("ends-special", lambda maskable, ids, mask, b: _inner_real(mask)),
    ("ends-special", lambda maskable, ids, mask, b: maskable[b] & _inner_real(mask)),
    ("padding-scored", lambda maskable, ids, mask, b: maskable[b] | ~_real(mask)),
    ("inverted", lambda maskable, ids, mask, b: ~maskable[b]),
    ("inverted", lambda maskable, ids, mask, b: ~maskable[b] & _real(mask)),
    ("one-row", lambda maskable, ids, mask, b: maskable[0]),
    ("one-row", lambda maskable, ids, mask, b: maskable.any(0)),
    ("one-row", lambda maskable, ids, mask, b: maskable.all(0)),
    *(
        ("masked-by-id", lambda maskable, ids, mask, b, x=x: maskable[b] & _without(ids[b], x))
        for x in SPECIALS
    ),
    *(("masked-by-id", lambda maskable, ids, mask, b, x=x: _without(ids[b], x)) for x in SPECIALS),
    *(
        ("masked-by-id", lambda maskable, ids, mask, b, x=x: _without(ids[b], x) & _real(mask))
        for x in SPECIALS
    ),
    ("one-lost", lambda maskable, ids, mask, b: maskable[b] & (maskable[b].cumsum(0) > 1)),
    (
        "one-lost",
        lambda maskable, ids, mask, b: maskable[b] & (maskable[b].cumsum(0) < maskable[b].sum()),
    ),
    ("one-lost", lambda maskable, ids, mask, b: maskable[b] & (maskable[b].cumsum(0) == 1)),
]
