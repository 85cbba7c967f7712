"""The text from source and target: ``invert_span_corruption``."""

from functools import partial

import torch
from torch import Tensor

from labtools import definitions
from labtools.checks.ch06_denoising.restoring_mistakes import MISTAKES, is_sentinel
from labtools.checks.ch06_denoising.restoring_words import (
    ALL_NOISE,
    BEGINS,
    DEVICE,
    ENDS,
    MANY,
    NEXT_BELOW,
    NO_NOISE,
    REPEATS,
    TOKEN_0,
)
from labtools.checks.ch06_denoising.sections import INVERSE
from labtools.checks.properties import follows_device
from labtools.checks.spec import Case, Spec


def _oracle(source: Tensor, target: Tensor, first_sentinel_id: int, eos_id: int) -> Tensor:
    """Spans by their sentinels, then token by token."""
    spans: dict[int, list[int]] = {}
    for token in target.tolist():
        if is_sentinel(token, first_sentinel_id):
            latest = spans.setdefault(token, [])
        elif token != eos_id:
            latest.append(token)
    text: list[int] = []
    for token in source.tolist():
        if token != eos_id:
            text += spans.get(token, [token])
    return torch.tensor(text, dtype=source.dtype)


def _given(ids: Tensor, noise: list[bool], first_sentinel_id: int, eos_id: int) -> tuple:
    """What the text becomes; all ids must lie below the sentinels."""
    sentinels = range(first_sentinel_id, first_sentinel_id - len(noise) - 1, -1)
    rows = definitions.span_corruption(ids.tolist(), noise, sentinels, eos_id)
    source, target = (torch.tensor(row) for row in rows)
    return source, target, first_sentinel_id, eos_id


def _cases(generator: torch.Generator) -> list[Case]:
    def text(*lengths: int, first: int = 199, eos: int = 1) -> tuple:
        """Different tokens; runs of these lengths in turn, the first of text that is kept."""
        noise = [k % 2 == 1 for k, length in enumerate(lengths) for _ in range(length)]
        ids = 10 + torch.randperm(80, generator=generator)[: len(noise)]
        return _given(ids, noise, first, eos)

    def with_ids(ids: list[int], *lengths: int) -> tuple:
        noise = [k % 2 == 1 for k, length in enumerate(lengths) for _ in range(length)]
        return _given(torch.tensor(ids), noise, 199, 1)

    by_hand = partial(with_ids, [*range(11, 20)])
    hundred = [*torch.randint(10, 60, (198,), generator=generator).tolist(), 60]
    return [
        Case(by_hand(2, 1, 3, 2, 1)),
        Case(with_ids([*range(11, 23)], 3, 2, 2, 3, 2)),
        Case(text(2, 3, 1, 1, 4, 2, 3, first=227, eos=5)),
        Case(text(1, 2, 3, 4, 1, 1, 2, 3, 2, first=32099, eos=0)),
        Case(text(3, *[1, 2, 2, 1] * 6, 3, 1, first=559, eos=7)),
        Case(text(0, 2, 3, 1, 2), special=BEGINS),
        Case(text(0, 1, 1, 3, 2, 2, 3, first=231, eos=3), special=BEGINS),
        Case(text(2, 1, 3, 2), special=ENDS),
        Case(text(0, 3, 1, 2, 4, 1, first=222, eos=4), special=ENDS),
        Case(text(4), special=NO_NOISE),
        Case(text(1, first=240, eos=2), special=NO_NOISE),
        Case(text(0, 3), special=ALL_NOISE),
        Case(text(0, 1), special=ALL_NOISE),
        Case(
            with_ids([11, 12, 13, 11, 12, 14, 12, 11, 12, 15], 1, 2, 1, 2, 1, 2, 1), special=REPEATS
        ),
        Case(
            with_ids([11, 11, 11, 11, 11, 11, 12, 12, 12, 12], 1, 2, 1, 2, 2, 1, 1), special=REPEATS
        ),
        Case(with_ids([10, 0, 12, 0, 0, 15, 0, 17, 0], 2, 2, 2, 1, 2), special=TOKEN_0),
        Case(with_ids([11, 99, 13, 14, 98, 16], 2, 1, 3), special=NEXT_BELOW),
        Case(with_ids([11, 12, 13, 99, 15, 99, 17], 1, 3, 1, 2), special=NEXT_BELOW),
        Case(with_ids(hundred, *[1] * 199), special=MANY),
    ]


def _args() -> tuple:
    return _given(torch.arange(11, 18), [False, True, True, False, True, False, False], 199, 1)


INVERT_SPAN_CORRUPTION = Spec(
    "invert_span_corruption",
    ("source", "target", "first_sentinel_id", "eos_id"),
    INVERSE,
    _oracle,
    _cases,
    MISTAKES,
    (follows_device(DEVICE, _args),),
)
