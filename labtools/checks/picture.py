"""In a notebook, a figure of a wrong result beside the expected one."""

import contextlib
import io
import sys
import warnings

from torch import Tensor

from labtools.checks.drawing import first_wrong_matrix
from labtools.checks.values import Difference

LARGEST = 64  # rows or columns; beyond them the cells are too small to be seen


def pair(found: Difference | None) -> tuple[Tensor, Tensor] | None:
    """The first two matrices that differ, where there is something to be seen."""
    matrices = first_wrong_matrix(found)
    if matrices is None or matrices[1].is_complex() or max(matrices[1].shape) > LARGEST:
        return None
    return matrices[1].clone(), matrices[2].clone()


def display(picture: tuple[Tensor, Tensor] | None) -> None:
    """Show the figure if this is a notebook; never raises, never prints.

    The figure is an output of its own before the error, because an error holds nothing but text.
    The library of plots is imported here and not above: it is slow, and a terminal needs none.
    """
    if picture is None or not _in_notebook():
        return
    with contextlib.suppress(Exception):
        with _quiet():
            from labtools.plots import compare

            figure = compare(*picture)
        from IPython.display import display as show

        show(figure)


def _in_notebook() -> bool:
    """Whether a kernel runs this, which can show more than text."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return getattr(shell, "kernel", None) is not None


@contextlib.contextmanager
def _quiet():  # type: ignore[no-untyped-def]
    with (
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        yield
