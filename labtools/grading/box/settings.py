"""Torch's settings, as they are where a call comes from."""

import contextlib
from collections.abc import Iterator

import torch

from labtools.grading.wire.tensors import DTYPES


@contextlib.contextmanager
def as_there(dtype: str, device: str, grad: bool) -> Iterator[None]:
    """Default dtype and device, and whether gradients are recorded."""
    before = torch.get_default_dtype()
    with contextlib.ExitStack() as stack:
        stack.callback(torch.set_default_dtype, before)
        torch.set_default_dtype(DTYPES[dtype])
        stack.enter_context(torch.set_grad_enabled(grad))
        if device != "cpu":
            stack.enter_context(torch.device(device))
        yield
