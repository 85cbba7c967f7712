"""In a notebook, a figure of a wrong result beside the expected one."""

import contextlib
import io
import sys
import warnings
from dataclasses import dataclass

from torch import Tensor

from labtools.checks.drawing import first_wrong_matrix
from labtools.checks.values import Difference


@dataclass(frozen=True)
class Picture:
    """A wrong matrix and the expected one, and what their rows and columns are."""

    yours: Tensor
    expected: Tensor
    axes: tuple[str, str] = ("row", "column")


def of(found: Difference | None, axes: tuple[str, str]) -> Picture | None:
    """The first two matrices that differ, if there are any."""
    matrices = first_wrong_matrix(found)
    return Picture(matrices[1].clone(), matrices[2].clone(), axes) if matrices else None


def display(picture: Picture | None) -> None:
    """Show the figure if this is a notebook; never raises, never prints.

    The figure is an output of its own before the error, because an error holds nothing but text.
    The library of plots is imported here and not above: it is slow, and a terminal needs none.
    """
    if picture is None or not _in_notebook():
        return
    with (
        contextlib.suppress(Exception),
        contextlib.redirect_stderr(io.StringIO()),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        from IPython.display import display as show

        from labtools.plots import compare

        show(compare(picture.yours, picture.expected, axis_labels=picture.axes))


def _in_notebook() -> bool:
    """Whether a kernel runs this, which can show more than text."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return getattr(shell, "kernel", None) is not None
