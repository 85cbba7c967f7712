"""When two numbers count as different: for the checks that compare and the figures that show it."""

import torch
from torch import Tensor


def differs(yours: Tensor, expected: Tensor) -> Tensor:
    """The cells in which two tensors of one shape differ, floats by more than rounding explains.

    NaN equals NaN. For the tolerances see :func:`labtools.checks.agree`; of two dtypes the coarser
    decides.
    """
    if not (expected.is_floating_point() or expected.is_complex()):
        return yours != expected
    # no closer in float64: a right answer may well compute in float32 on the way
    half = min(yours.dtype.itemsize, expected.dtype.itemsize) < 4
    rtol, atol = (2e-2, 2e-2) if half else (1e-4, 1e-5)
    exact = torch.complex128 if expected.is_complex() else torch.float64
    pair = yours.detach().to(exact), expected.detach().to(exact)
    return ~torch.isclose(*pair, rtol=rtol, atol=atol, equal_nan=True)
