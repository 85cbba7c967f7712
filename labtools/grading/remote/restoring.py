"""Arguments that were changed in place in the box are changed here."""

import contextlib
from typing import Any

from torch import Tensor


def restored(original: Any, after: Any) -> Any:
    """``original``, changed to what became of it; or ``after``, if it is another object now."""
    if type(original) is not type(after):
        return after
    if isinstance(original, Tensor):
        _restore_tensor(original, after)
    elif type(original) is list:
        original[:] = _items(original, after)
    elif type(original) is tuple:
        return original if len(original) == len(after) and _unchanged(original, after) else after
    elif type(original) is dict:
        pairs = {key: restored(original.get(key), item) for key, item in after.items()}
        original.clear()
        original.update(pairs)
    else:
        return after
    return original


def _items(original: list, after: list) -> list:
    known = [restored(o, a) for o, a in zip(original, after, strict=False)]
    return known + after[len(known) :]


def _unchanged(original: tuple, after: tuple) -> bool:
    """A tuple keeps its entries, which may themselves have changed."""
    return all(restored(o, a) is o for o, a in zip(original, after, strict=True))


def _restore_tensor(original: Tensor, after: Tensor) -> None:
    same = original.shape == after.shape and original.dtype == after.dtype
    if same and (original.is_meta or original.data_ptr() == after.data_ptr()):
        return  # its memory was changed already
    with contextlib.suppress(RuntimeError):
        original.data = after.detach()
