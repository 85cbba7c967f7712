"""Which token each position is scored against."""

from collections.abc import Callable

import torch
from torch import Tensor

from labtools.vocab import IGNORE_INDEX


def aligned(
    input_ids: Tensor,
    scored: Callable[[int, list[int], int, int], bool],
    *,
    shift: int = 1,
    wrap: bool = False,
    ignore: int = IGNORE_INDEX,
) -> Tensor:
    """Row b's position t is scored against s = t + shift where ``scored(b, ids, t, s)``.

    With ``wrap``, s goes round the end, as torch.roll does.
    """
    T = input_ids.shape[1]
    out = torch.full_like(input_ids, ignore)
    for b, ids in enumerate(input_ids.tolist()):
        for t in range(T):
            s = (t + shift) % T if wrap else t + shift
            if 0 <= s < T and scored(b, ids, t, s):
                out[b, t] = ids[s]
    return out
