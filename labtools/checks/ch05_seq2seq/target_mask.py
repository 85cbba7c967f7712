"""Who may see the past, and no padding: ``decoder_mask``."""

import functools
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from labtools import definitions
from labtools.checks.ch02_attention_masks.forms import Dress, as_it_is
from labtools.checks.ch05_seq2seq.sections import MASKS
from labtools.checks.ch05_seq2seq.target_mistakes import RULES, WORDS, See
from labtools.checks.ch05_seq2seq.words import MASK_DEVICE
from labtools.checks.properties import follows_device
from labtools.checks.spec import Case, Spec, Special, Words, mistakes
from labtools.checks.values import plain
from labtools.vocab import IGNORE_INDEX


def _allowed(labels: list[int], i: int, j: int) -> bool:
    known = [None if label == IGNORE_INDEX else label for label in labels]
    return definitions.decoder_causal(known, i, j)


def _mask(
    labels: Tensor,
    *,
    see: See = _allowed,
    read: Callable[[Tensor], Tensor] = lambda labels: labels,
    batch: Callable[[Tensor], Tensor] = lambda mask: mask,
    dress: Dress = as_it_is,
) -> Tensor:
    """Query i sees key j where ``see(labels, i, j)``; right when no knob is turned."""
    return settled(dress(batch(_relation(read(labels), see))), labels)


def _relation(labels: Tensor, see: See) -> Tensor:
    B, T = labels.shape
    rows = [[[see(row, i, j) for j in range(T)] for i in range(T)] for row in labels.tolist()]
    return torch.tensor(rows, dtype=torch.bool).reshape(B, 1, T, T)


def free(labels: Tensor) -> Tensor:
    """(B, 1, T, T): where nobody can tell what is right.

    A query whose own label is padding is not scored, so it may see real keys of its past or not.
    """
    unscored = (labels == IGNORE_INDEX)[:, None, :, None]
    real = F.pad(labels[:, :-1] != IGNORE_INDEX, (1, 0), value=True)[:, None, None]
    return (unscored & real).tril()


def settled(mask: Any, labels: Tensor) -> Any:
    """The mask with its free entries as if they were allowed; what is no such mask, as it is."""
    mask = plain(mask)
    B, T = labels.shape
    if not _fits(mask, B * T * T):
        return mask
    entries = mask.reshape(B, 1, T, T)
    with torch.device("cpu"):  # whatever the default is just now
        either = free(labels)
    # in a mask of numbers it shows at the first query of a scored row what stands for "allowed"
    scored = int((labels[:, 0] != IGNORE_INDEX).byte().argmax())
    allowed = True if mask.dtype == torch.bool else entries[scored, 0, 0, 0]
    return entries.masked_fill(either, allowed).reshape(mask.shape)


def _fits(mask: Any, numbers: int) -> bool:
    if type(mask) is not Tensor or mask.is_nested or mask.layout != torch.strided:
        return False
    return mask.device.type == "cpu" and mask.numel() == numbers


def free_entries_settled(function: Any) -> Any:
    """The function, but for what its result holds where either is right."""
    if not callable(function):
        return function

    @functools.wraps(function)
    def compared(labels: Tensor) -> Any:
        given = labels.clone()  # it may change its own
        return settled(function(labels), given)

    return compared


def targets(generator: torch.Generator, lengths: list[int], T: int) -> Tensor:
    """(B, T) labels, row b with ``lengths[b]`` of them and then padding.

    The ids 0 to 3 come as labels as well: nothing but −100 is padding.
    """
    size = len(lengths), T
    labels = torch.randint(4, 13, size, generator=generator)
    low = torch.randint(0, 4, size, generator=generator)
    labels = low.where(torch.rand(size, generator=generator) < 0.4, labels)
    labels[torch.tensor(lengths).argmax(), :4] = torch.randperm(4, generator=generator)[:T]
    padding = torch.arange(T) >= torch.tensor(lengths)[:, None]
    return labels.masked_fill(padding, IGNORE_INDEX)


ONLY_PADDING = Special(
    "only-padding",
    Words(
        "a row of nothing but padding goes wrong",
        "Its decoder reads the start token and then padding, which nobody may see. No query of it "
        "is scored.",
        MASKS,
    ),
)
ONE_POSITION = Special(
    "one-position",
    Words(
        "it goes wrong for labels of one position",
        "Then the decoder reads the start token alone, and its query sees it: [[True]].",
        MASKS,
    ),
)


def _cases(generator: torch.Generator) -> list[Case]:
    return [
        Case((torch.tensor([[5, 2, -100, -100]]),)),
        Case((torch.tensor([[7, 0, 2]]),)),
        Case((torch.tensor([[6, 2, -100, -100, -100], [0, 8, 1, 6, 2]]),)),
        Case((targets(generator, [4, 6, 2], 7),)),
        Case((targets(generator, [5, 8, 1, 7], 8),)),
        Case((targets(generator, [9, 3], 11),)),
        Case((targets(generator, [20, 17], 20),)),
        Case((targets(generator, torch.randint(1, 10, (3,), generator=generator).tolist(), 9),)),
        Case((torch.tensor([[4]]),), special=ONE_POSITION),
        Case((torch.tensor([[0], [5], [-100]]),), special=ONE_POSITION),
        Case((torch.full((2, 3), IGNORE_INDEX),), special=ONLY_PADDING),
        Case((targets(generator, [0, 4, 2], 5),), special=ONLY_PADDING),
    ]


DECODER_MASK = Spec(
    "decoder_mask",
    ("labels",),
    MASKS,
    _mask,
    _cases,
    mistakes(WORDS, _mask, RULES),
    (follows_device(MASK_DEVICE, lambda: (torch.tensor([[5, 2, -100], [7, 8, 2]]),), ["meta"]),),
    axes=("query", "key"),
)
