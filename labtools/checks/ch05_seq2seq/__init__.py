"""Checks of the exercises of chapter 5, sequence to sequence."""

from collections.abc import Callable

from labtools.checks.engine import check
