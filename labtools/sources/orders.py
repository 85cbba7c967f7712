"""In which order a paired source emits its targets: functions from a length to a permutation.

``order(length)[t]`` is the place, counted from 0, whose state emits target t.
"""

from collections.abc import Callable

from labtools.arguments import positive_int

Order = Callable[[int], list[int]]


def same_order(length: int) -> list[int]:
    """0 1 2 …: target t belongs to source t."""
    return list(range(length))


def reverse_order(length: int) -> list[int]:
    """… 2 1 0: the first target belongs to the last source token."""
    return list(reversed(range(length)))


def swapped_blocks(size: int) -> Order:
    """Neighbouring blocks of ``size`` places change places.

    >>> swapped_blocks(2)(9)
    [2, 3, 0, 1, 6, 7, 4, 5, 8]
    """
    positive_int("size", size)

    def order(length: int) -> list[int]:
        places = range(length)
        pairs = (places[start : start + 2 * size] for start in range(0, length, 2 * size))
        return [place for pair in pairs for place in (*pair[size:], *pair[:size])]

    return order
