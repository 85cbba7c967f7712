"""One mask for any number of tokens: ``text_infill``."""

import torch
from torch import Generator, Tensor

from labtools import definitions
from labtools.checks.ch06_denoising.infilling_mistakes import MISTAKES
from labtools.checks.ch06_denoising.infilling_words import (
    AT_END,
    DEVICE,
    MASK_IN_TEXT,
    NO_SPANS,
    SAME_START,
    WHOLE,
)
from labtools.checks.ch06_denoising.sections import INFILLING
from labtools.checks.properties import follows_device
from labtools.checks.spec import Case, Refused, Spec

Spans = list[tuple[int, int]]
MASK = 1


def _oracle(ids: Tensor, spans: Spans, mask_id: int) -> Tensor:
    return ids.new_tensor(definitions.infilled(ids.tolist(), spans, mask_id))


def _text(generator: Generator, T: int) -> Tensor:
    """Ids of which some come twice, none of them ``MASK``."""
    return torch.randint(2, 30, (T,), generator=generator)


def random_layout(generator: Generator, lengths: list[int], kept: list[int]) -> Spans:
    """Spans of these lengths in any order, after so many kept tokens each, in any order too."""
    spans, read = [], 0
    order = torch.randperm(len(lengths), generator=generator).tolist()
    gaps = torch.randperm(len(kept), generator=generator).tolist()
    for i, gap in zip(order, gaps, strict=True):
        spans.append((read + kept[gap], lengths[i]))
        read = sum(spans[-1])
    return spans


def _cases(generator: Generator) -> list[Case]:
    counted = torch.arange(10, 18)
    many = _text(generator, 31)
    holds_mask = _text(generator, 12)
    holds_mask[1:11:3] = holds_mask[5] = MASK
    return [
        Case((torch.tensor([11, 12, 13, 14, 15]), [(1, 3)], MASK)),
        Case((counted, [(1, 2), (5, 1)], MASK)),
        Case((counted, [(4, 0)], MASK)),
        Case((counted, [(0, 3), (4, 2), (7, 1)], MASK)),
        Case((counted, [(1, 0), (3, 4)], MASK)),
        Case((counted, [(0, 2), (2, 3), (6, 1)], MASK)),
        Case((counted, [(2, 2), (4, 0), (5, 2), (7, 0)], MASK)),
        Case((counted, [(0, 0), (2, 4)], 900)),
        Case((many, random_layout(generator, [0, 1, 2, 3, 5], [1, 2, 3, 4, 5]), 5)),
        Case((many, random_layout(generator, [0, 4, 1, 0, 3, 2], [1, 3, 1, 2, 4, 2]), 2)),
        Case((counted, [], MASK), special=NO_SPANS),
        Case((counted[:5], [(1, 2), (5, 0)], MASK), special=AT_END),
        Case((counted[:5], [(1, 0), (1, 1)], MASK), special=SAME_START),
        Case((counted, [(0, 0), (0, 2), (6, 0), (6, 1)], MASK), special=SAME_START),
        Case((counted[:6], [(2, 0), (2, 0), (4, 1)], MASK), special=SAME_START),
        Case((counted[:4], [(0, 4)], MASK), special=WHOLE),
        Case((holds_mask, [(2, 3), (6, 0), (8, 2)], MASK), special=MASK_IN_TEXT),
    ]


def _small() -> tuple:
    return torch.tensor([11, 12, 13, 14, 15]), [(1, 2), (4, 0)], MASK


TEXT_INFILL = Spec(
    "text_infill",
    ("ids", "spans", "mask_id"),
    INFILLING,
    _oracle,
    _cases,
    MISTAKES,
    (follows_device(DEVICE, _small),),
    refused=Refused(definitions.infilled, instead="Write it with slices, and torch.cat or lists."),
)
