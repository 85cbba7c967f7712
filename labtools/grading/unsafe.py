"""Grading without a sandbox, where whoever grades has asked for it."""

import os

UNSAFE = "LABTOOLS_UNSAFE"


def asked_unsafe() -> bool:
    """Whether the environment variable `UNSAFE` is 1: the same as `labtools grade --unsafe`."""
    return os.environ.get(UNSAFE) == "1"
