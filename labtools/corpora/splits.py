"""Training and held-out sides, fixed once: no seed, no order of calls moves a text across."""

import zlib
from collections.abc import Sequence

HELD_OUT_EVERY = 10  # one document in ten is never trained on


def split(documents: Sequence[str]) -> tuple[list[str], list[str]]:
    """Training and held-out documents: every tenth is held out, and no text is in both.

    Raises:
        ValueError: A document occurs twice, so that it could land on both sides.
    """
    if len(set(documents)) != len(documents):
        raise ValueError("documents: expected each document once, got some more than once")
    held_out = list(documents[HELD_OUT_EVERY - 1 :: HELD_OUT_EVERY])
    train = [d for i, d in enumerate(documents, 1) if i % HELD_OUT_EVERY]
    return train, held_out


def is_held_out(key: str) -> bool:
    """Whether all that belongs to ``key`` is held out: about one key in ten.

    A corpus says what its key is: the thing that must not be known from training. The side depends
    on the key alone (its CRC-32), so that a larger corpus keeps the sides of a smaller one.
    """
    return zlib.crc32(key.encode()) % HELD_OUT_EVERY == 0
