"""How far a Mersenne twister has gone from one state to another.

A process that is not trusted tells no state, only how many numbers it has drawn: so it can choose
how far on the next ones are, in a row that it has not chosen, and nothing else. The twister of
torch, of Python and of NumPy is the same one [Matsumoto and Nishimura 1998].
"""

import ctypes
from functools import cache
from typing import Any

from numpy.random import MT19937

N = 624  # numbers of a state; 32 bits each
SIZE = 4 * (N + 1)  # bytes of a state: its numbers, and how many of them were drawn
MOST = 1 << 24  # numbers that may be drawn between two messages


def place(state: bytes) -> int:
    """How many numbers were drawn of a state, from 0 to N."""
    return int.from_bytes(state[-4:], "little")


def advanced(state: bytes, n: int) -> bytes:
    """The state after n more numbers."""
    twister, address = _at(state)
    twister.random_raw(n, output=False)
    return ctypes.string_at(address, SIZE)


def distance(before: bytes, after: bytes, most: int) -> int | None:
    """The numbers that were drawn between two states, or None if it is not at most ``most``."""
    n, wanted = place(after) - place(before), after[:-4]
    if before[:-4] == wanted and n >= 0:
        return n
    twister, address = _at(before)
    step = n = N + 1 - place(before)  # to the first number of the next state
    while n <= most:
        twister.random_raw(step, output=False)
        if ctypes.string_at(address, SIZE - 4) == wanted:
            return n + place(after) - 1
        step = N
        n += step
    return None


def _at(state: bytes) -> tuple[Any, int]:
    """A twister in that state, until the next call, and where its state lies."""
    twister, address = _twister()
    ctypes.memmove(address, state, SIZE)
    return twister, address


@cache  # to make one takes longer than to ask a function for a result
def _twister() -> tuple[Any, int]:
    twister = MT19937(0)
    return twister, twister.ctypes.state_address
