"""Make a process cheap to fork: its memory in few large pages, which a fork copies the list of."""

import contextlib
import ctypes
import gc
from collections.abc import Iterator

HUGE = 2 << 20  # bytes
MADV_COLLAPSE = 25  # since Linux 6.1


def settle() -> None:
    """Call once everything is imported, before the first fork; half a second of computing.

    What is collected from now on is not what was there before, so that the collector does not
    write into pages that the children share. On a machine without large pages nothing else is
    done; with them, a process with torch is forked and ended at a third of the cost.
    """
    gc.collect()
    gc.freeze()
    with contextlib.suppress(OSError, AttributeError):
        advise = ctypes.CDLL(None).madvise
        advise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
        for start, length in list(_large()):
            advise(start, length, MADV_COLLAPSE)  # it may refuse, and then the pages stay small


def _large() -> Iterator[tuple[int, int]]:
    """Start and length of where large pages fit into memory that is this process's own."""
    with open("/proc/self/maps", encoding="utf-8") as maps:
        for line in maps:
            addresses, access, _, _, _, *name = line.split()
            if access.startswith("rw") and access.endswith("p") and name in ([], ["[heap]"]):
                first, last = (int(x, 16) for x in addresses.split("-"))
                start = -(-first // HUGE) * HUGE
                if last - start >= HUGE:
                    yield start, (last - start) // HUGE * HUGE
