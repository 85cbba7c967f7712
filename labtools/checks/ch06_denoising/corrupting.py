"""Spans of noise change places with sentinels: ``span_corrupt``."""

import functools
from collections.abc import Callable
from functools import partial
from itertools import zip_longest
from typing import Any

import torch
from torch import Tensor

from labtools import definitions
from labtools.checks import engine
from labtools.checks.calling import call
from labtools.checks.ch06_denoising.corrupting_mistakes import Pair, corrupted, mistakes_of
from labtools.checks.ch06_denoising.corrupting_words import (
    ALL_NOISE,
    BEGINS,
    BOTH_ENDS,
    DEVICE,
    ENDS,
    NO_NOISE,
    REPEATS,
    TOKEN_0,
)
from labtools.checks.ch06_denoising.sections import SENTINELS
from labtools.checks.isolation import undisturbed
from labtools.checks.properties import follows_device
from labtools.checks.spec import Case, Refused, Spec
from labtools.checks.values import agree, plain

NAME, ARGUMENTS = "span_corrupt", ("ids", "noise", "first_sentinel_id", "eos_id")


def _oracle(ids: Tensor, noise: Tensor, first_sentinel_id: int, eos_id: int) -> Pair:
    """By the definition, whose targets are always closed."""
    sentinels = range(first_sentinel_id, first_sentinel_id - len(ids) - 1, -1)
    rows = definitions.span_corruption(ids.tolist(), noise.tolist(), sentinels, eos_id)
    source, target = (torch.tensor(row, dtype=ids.dtype) for row in rows)
    return source, target


def settled(function: Any, *, closed: bool, marked: bool) -> Any:
    """The same function, with a target that is right in any form brought into the one asked for.

    A target may be closed or not where the text ends in noise (T5's published code does not close
    it), and have a sentinel or none where there is no noise. A list of two is as good as a tuple.
    """
    if not callable(function):
        return function

    @functools.wraps(function)
    def in_form(
        ids: Tensor, noise: Tensor, first_sentinel_id: int, eos_id: int, **knobs: Any
    ) -> Any:
        args = ids, noise, first_sentinel_id, eos_id
        # of the two forms, one choice at most matters to a text; made before it can be changed
        right = [corrupted(*args, closed=both, marked=both) for both in (True, False)]
        _, target = corrupted(*args, closed=closed, marked=marked)
        value = plain(function(*args, **knobs))
        value = tuple(value) if type(value) is list else value
        return (value[0], target) if any(agree(value, pair) for pair in right) else value

    return in_form


def _noise(
    generator: torch.Generator, kept: list[int], noisy: list[int], *, begins: bool = False
) -> Tensor:
    """Runs of these lengths in turn, each kind in any order; noise first if it ``begins``."""
    lengths = ((False, kept), (True, noisy))
    drawn = [[(n, kind) for n in _shuffled(generator, many)] for kind, many in lengths]
    turns = zip_longest(*(drawn[::-1] if begins else drawn))
    parts = [part for turn in turns for part in turn if part]
    return torch.tensor([kind for n, kind in parts for _ in range(n)])


def _shuffled(generator: torch.Generator, many: list[int]) -> list[int]:
    return [many[i] for i in torch.randperm(len(many), generator=generator).tolist()]


def _cases(generator: torch.Generator) -> list[Case]:
    pattern = partial(_noise, generator)

    def text(noise: Tensor, first_sentinel_id: int = 99, eos_id: int = 1) -> tuple:
        """Different tokens."""
        ids = 10 + torch.randperm(60, generator=generator)[: len(noise)]
        return ids, noise, first_sentinel_id, eos_id

    def repeated(noise: Tensor, tokens: list[int]) -> tuple:
        """Each token up to three times in a row."""
        ids = [token for token in tokens for _ in range(3)][: len(noise)]
        return torch.tensor(ids), noise, 99, 1

    def with_0(noise: Tensor, places: list[int]) -> tuple:
        ids, *others = text(noise)
        ids[places] = 0
        return ids, *others

    # as in "Thank you <X> me to your party <Y> week"
    words = torch.tensor([False, False, True, True, False, False, False, False, True, False])
    close = torch.tensor([False, True, False, True, True, False])
    return [
        Case((torch.arange(11, 17), close, 99, 1)),
        Case((torch.arange(11, 21), words, 99, 1)),
        Case(text(pattern([1, 2, 1, 4], [1, 3, 2]), 127, 5)),
        Case(text(pattern([2, 1, 3, 1, 2], [4, 1, 2, 3]), 259, 3)),
        Case(text(pattern([3] + 11 * [1], 6 * [1] + 5 * [2]), 32099, 0)),
        Case(text(pattern([2, 3], [2, 1], begins=True)), special=BEGINS),
        Case(text(pattern([2, 1, 3], [1, 3, 2], begins=True), 118, 4), special=BEGINS),
        Case(text(pattern([2, 3], [1, 2])), special=ENDS),
        Case(text(pattern([1, 4, 2], [1, 3, 2]), 131, 6), special=ENDS),
        Case(text(pattern([3, 1], [1, 2, 4], begins=True), 140, 2), special=BOTH_ENDS),
        Case(text(pattern([4], [])), special=NO_NOISE),
        Case(text(pattern([1], [])), special=NO_NOISE),
        Case(text(pattern([], [3])), special=ALL_NOISE),
        Case(text(pattern([], [1])), special=ALL_NOISE),
        Case(repeated(pattern([2, 3, 2], [3, 2]), [17, 12, 17, 12]), special=REPEATS),
        Case(repeated(pattern([3, 3, 3], [3, 3]), [11, 11, 12, 11, 11]), special=REPEATS),
        Case(with_0(pattern([2, 3, 2], [2, 1]), [0, 3, 8]), special=TOKEN_0),
        Case(with_0(pattern([2, 2, 2], [2, 2]), [2, 3, 5, 7]), special=TOKEN_0),
    ]


def _args() -> tuple:
    noise = torch.tensor([False, True, True, False, True, False, False])
    return torch.arange(11, 18), noise, 99, 1


@functools.cache
def specification(*, closed: bool, marked: bool) -> Spec:
    """What is asked of ``span_corrupt``, with expected results in one form."""
    in_form = partial(settled, closed=closed, marked=marked)
    return Spec(
        NAME,
        ARGUMENTS,
        SENTINELS,
        in_form(_oracle),
        _cases,
        mistakes_of(in_form),
        (follows_device(DEVICE, _args, part=lambda pair: torch.cat(pair)),),
        refused=Refused(
            definitions.span_corruption,
            definitions.noise_spans,
            instead="Go through the runs of noise yourself.",
        ),
    )


def check(function: Callable, seed: int) -> None:
    """Against the form of the function's own targets, of those that are right."""
    form = _form_of(function)
    engine.check(specification(**form), settled(function, **form), seed)


def _form_of(function: Callable) -> dict[str, bool]:
    """Whether it closes a target whose text ends in noise, and marks one that has no noise."""
    ids, first_sentinel_id = torch.arange(11, 16), 99
    ends = torch.tensor([False, True, False, False, True])
    with undisturbed():
        calls = [call(function, (ids, x, first_sentinel_id, 1)) for x in (ends, ends & False)]
    closed, marked = (
        _has(outcome.value, closing) for outcome, closing in zip(calls, (97, 99), strict=True)
    )
    return {"closed": closed, "marked": marked}


def _has(value: Any, token: int) -> bool:
    """Whether the token is in the target; where there is no target, it is said to be."""
    target = value[1] if type(value) in (list, tuple) and len(value) == 2 else None
    return bool((target == token).any()) if type(target) is Tensor else True
