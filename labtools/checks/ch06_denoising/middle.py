"""The middle of a text last: ``fill_in_middle``."""

from collections.abc import Callable

import torch
from torch import Tensor

from labtools import definitions
from labtools.checks import engine
from labtools.checks.calling import call
from labtools.checks.ch06_denoising.middle_mistakes import JOINT, SPM, mistakes_of
from labtools.checks.ch06_denoising.middle_words import (
    DEVICE,
    EMPTY_MIDDLE,
    EMPTY_PREFIX,
    EMPTY_SUFFIX,
    ORDER,
    PREFIX_ALONE,
)
from labtools.checks.ch06_denoising.sections import MIDDLE
from labtools.checks.isolation import undisturbed
from labtools.checks.properties import follows_device
from labtools.checks.spec import Case, Refused, Spec

NAME = "fill_in_middle"
ARGUMENTS = ("ids", "start", "end", "prefix_id", "middle_id", "suffix_id", "order")


def _oracle(
    ids: Tensor, start: int, end: int, prefix_id: int, middle_id: int, suffix_id: int, order: str
) -> Tensor:
    """By the definition."""
    if order not in ("psm", "spm"):
        raise ValueError(f"order: expected 'psm' or 'spm', got {order!r}")
    marks = prefix_id, middle_id, suffix_id
    made = definitions.fill_in_middle(ids.tolist(), start, end, *marks, suffix_first=order == "spm")
    return torch.tensor(made, dtype=ids.dtype)


def _joint(
    ids: Tensor, start: int, end: int, prefix_id: int, middle_id: int, suffix_id: int, order: str
) -> Tensor:
    """The other published layout of "spm": the prefix stands before the middle, after its mark.

    It is that of Bavarian et al., Efficient Training of Language Models to Fill in the Middle
    (2022), who train with both orders at once.
    """
    if order != "spm":
        return _oracle(ids, start, end, prefix_id, middle_id, suffix_id, order)
    row = ids.tolist()
    context = [prefix_id, suffix_id, *row[end:], middle_id, *row[:start]]
    return torch.tensor([*context, *row[start:end]], dtype=ids.dtype)


def _text(
    generator: torch.Generator, T: int, start: int, end: int, order: str, marks: list[int]
) -> tuple:
    """Any tokens, which come more than once, and none of them a mark."""
    ids = torch.randint(10, 10 + max(2, T - 2), (T,), generator=generator)
    return ids, start, end, *marks, order


def _cases(generator: torch.Generator) -> list[Case]:
    def drawn(T: int, start: int, end: int, order: str, *marks: int) -> tuple:
        return _text(generator, T, start, end, order, [*marks] or [95, 97, 96])

    small = torch.tensor([11, 12, 13, 14, 15, 16]), 1, 3, 91, 92, 93
    both = "psm", "spm"
    return [
        *(Case((*small, order)) for order in both),
        *(Case(drawn(9, 2, 6, order, 7, 5, 3)) for order in both),
        *(Case(drawn(13, 7, 8, order, 0, 2, 1)) for order in both),
        *(Case(drawn(11, 1, 10, order, 201, 200, 202)) for order in both),
        *(Case(drawn(5, 0, 2, order), special=EMPTY_PREFIX) for order in both),
        *(Case(drawn(6, 4, 6, order), special=EMPTY_SUFFIX) for order in both),
        *(Case(drawn(7, 3, 3, order), special=EMPTY_MIDDLE) for order in both),
        *(Case(drawn(4, 0, 4, order), special=EMPTY_PREFIX) for order in both),
        *(Case(drawn(3, 0, 0, order), special=EMPTY_MIDDLE) for order in both),
        *(Case(drawn(3, 3, 3, order), special=PREFIX_ALONE) for order in both),
        *(Case((*small, order), special=ORDER) for order in ("mps", "pms", "PSM", "")),
    ]


def _args() -> tuple:
    return _text(torch.Generator().manual_seed(4), 9, 3, 5, "spm", [95, 97, 96])


def _specification(oracle: Callable, layout: str) -> Spec:
    return Spec(
        NAME,
        ARGUMENTS,
        MIDDLE,
        oracle,
        _cases,
        mistakes_of(layout),
        (follows_device(DEVICE, _args),),
        refused=Refused(definitions.fill_in_middle, instead="Cut the text and join it yourself."),
    )


APART = _specification(_oracle, SPM)
TOGETHER = _specification(_joint, JOINT)


def check(function: Callable, seed: int) -> None:
    """Against the layout of "spm" that the function has, of the two that are right."""
    engine.check(TOGETHER if _begins_with_both_marks(function) else APART, function, seed)


def _begins_with_both_marks(function: Callable) -> bool:
    ids, prefix_id, middle_id, suffix_id = torch.arange(11, 18), 91, 92, 93
    with undisturbed():
        value = call(function, (ids, 2, 4, prefix_id, middle_id, suffix_id, "spm")).value
    return isinstance(value, Tensor) and value[:2].tolist() == [prefix_id, suffix_id]
