"""How likely a text is, token by token, each from all the others: ``pseudo_log_likelihood``."""

import functools
import math
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from labtools import definitions
from labtools.checks.ch04_mlm.scoring_copies import per_row
from labtools.checks.ch04_mlm.scoring_mistakes import MISTAKES
from labtools.checks.ch04_mlm.scoring_words import (
    DEVICE,
    LARGE,
    MASK_IN_TEXT,
    NOTHING,
    ONE_POSITION,
    PROPERTY_WORDS,
    SHARED_MASK,
)
from labtools.checks.ch04_mlm.sections import SCORING
from labtools.checks.drawing import show
from labtools.checks.properties import follows_device, unaffected
from labtools.checks.spec import Case, Property, Spec
from labtools.checks.toy_model import ToyModel
from labtools.checks.values import agree


def _oracle(
    model: Callable, input_ids: Tensor, maskable: Tensor, attn_mask: Tensor, mask_id: int
) -> Tensor:
    def logits(tokens: list[int], mask: Tensor) -> list[list[float]]:
        return model(input_ids.new_tensor([tokens]), mask[None])[0].tolist()

    rows = zip(
        input_ids.tolist(), maskable.tolist(), per_row(attn_mask, len(input_ids)), strict=True
    )
    scores = [
        definitions.pseudo_log_likelihood(partial(logits, mask=mask), tokens, scored, mask_id)
        for tokens, scored, mask in rows
    ]
    return torch.tensor(scores, device=input_ids.device)


def _text(
    generator: torch.Generator, lengths: list[int], T: int, V: int, mask_id: int, scale: float = 1.0
) -> tuple:
    """A model, rows of so many real tokens, some of them maskable, and their key mask.

    Any id stands anywhere, but for ``mask_id``.
    """
    B = len(lengths)
    model = ToyModel(V, int(torch.randint(0, 10**6, (), generator=generator)))
    model.logits = model.logits * scale
    ids = torch.randint(0, V - 1, (B, T), generator=generator)
    ids = ids + (ids >= mask_id)
    real = torch.arange(T) < torch.tensor(lengths)[:, None]
    maskable = real & (torch.rand(B, T, generator=generator) < 0.8)
    maskable[:, 0] = False  # as <bos>
    maskable[:, 1:3] = real[:, 1:3]
    return model, ids, maskable, real[:, None, None, :], mask_id


def _cases(generator: torch.Generator) -> list[Case]:
    make = partial(_text, generator)
    return [
        Case(_small(generator)),
        Case(make([5, 3, 4], 5, 8, 3)),
        Case(make([4, 6, 5, 3], 6, 11, 10)),
        Case(make([12, 4, 9, 12, 3], 12, 9, 5)),
        Case(_nothing_maskable(make([4, 3, 2], 4, 6, 3), [1]), special=NOTHING),
        Case(_nothing_maskable(make([4, 2, 3], 4, 6, 3), [0, 1, 2]), special=NOTHING),
        Case(_shared(make([4] * 3, 5, 7, 3), 1), special=SHARED_MASK),
        Case(_shared(make([7] * 4, 7, 6, 2), 2), special=SHARED_MASK),
        Case(_mask_in_text(make([6, 5, 6], 6, 9, 3)), special=MASK_IN_TEXT),
        Case(_one_position(make([1] * 3, 1, 5, 3)), special=ONE_POSITION),
        Case(make([4, 5, 3], 5, 7, 3, scale=300.0), special=LARGE),
    ]


def _small(generator: torch.Generator) -> tuple:
    model = _text(generator, [4], 4, 6, 3)[0]
    maskable = torch.tensor([[False, True, True, False]])
    seen = torch.ones(1, 1, 1, 4, dtype=torch.bool)
    return model, torch.tensor([[1, 5, 4, 2]]), maskable, seen, 3


def _nothing_maskable(text: tuple, rows: list[int]) -> tuple:
    text[2][rows] = False
    return text


def _shared(text: tuple, ndim: int) -> tuple:
    """One mask for all rows: of keys, (1, 1, 1, T), or of queries and keys, (T, T)."""
    model, ids, maskable, keys, mask_id = text
    t = torch.arange(ids.shape[1])
    mask = keys[:1] if ndim == 1 else (t[:, None] - t).abs() <= 2
    return model, ids, maskable, mask, mask_id


def _mask_in_text(text: tuple) -> tuple:
    """A text that has <mask> in it, where it is given like any other token."""
    model, ids, maskable, mask, mask_id = text
    for b, t in ((0, 2), (1, 4), (2, 0)):
        ids[b, t], maskable[b, t] = mask_id, False
    return model, ids, maskable, mask, mask_id


def _one_position(text: tuple) -> tuple:
    text[2][:2] = True
    return text


def in_float32(function: Any) -> Any:
    """What sums in float64 and returns that is as right; what is no function is left as it is."""
    if not callable(function):
        return function

    @functools.wraps(function)
    def converted(*args: Any, **kwargs: Any) -> Any:
        value = function(*args, **kwargs)
        return value.float() if type(value) is Tensor and value.dtype == torch.float64 else value

    return converted


def _args() -> tuple:
    return _text(torch.Generator().manual_seed(3), [14, 7, 5], 14, 12, 3)


def _other_padding() -> tuple:
    model, ids, maskable, mask, mask_id = _args()
    return model, ids.where(mask[:, 0, 0], (ids + 5) % 12), maskable, mask, mask_id


def _more_padding() -> tuple:
    model, ids, maskable, mask, mask_id = _args()
    wider = F.pad(ids, (0, 3), value=4), F.pad(maskable, (0, 3)), F.pad(mask, (0, 3))
    return model, *wider, mask_id


def _more_rows() -> tuple:
    model, ids, maskable, mask, mask_id = _args()
    return model, *(torch.cat([x, x.flip(0)]) for x in (ids, maskable, mask)), mask_id


def _first_rows(scores: Tensor) -> Tensor:
    return scores[:3]


def _do_not_sum_to_1(answer: Callable) -> str | None:
    """p(v | the others) over all tokens v of one position: the texts differ in it alone."""
    model, ids, _, mask, mask_id = _args()
    V, T, t = 12, ids.shape[1], 12
    texts = ids[:1].repeat(V, 1)
    texts[:, t] = torch.arange(V)
    only = (torch.arange(T) == t).expand(V, T).clone()
    scores = answer(model, texts, only, mask[:1].repeat(V, 1, 1, 1), mask_id).value
    total = scores.exp().sum().item()
    if math.isclose(total, 1.0, rel_tol=1e-4):
        return None
    return (
        f"  {V} texts that differ in the token at position {t} alone, which alone is maskable\n"
        f"  the probabilities, exp of your results, sum to {total:.4g} instead of 1"
    )


def _do_not_add_up(answer: Callable) -> str | None:
    """All positions at once, and each for itself."""
    model, ids, maskable, mask, mask_id = _args()
    whole = answer(model, ids, maskable, mask, mask_id).value
    parts = torch.zeros(3)
    for t in range(ids.shape[1]):
        one = maskable & (torch.arange(ids.shape[1]) == t)
        parts = parts + answer(model, ids, one, mask, mask_id).value
    if agree(whole, parts):
        return None
    return (
        f"  all maskable positions in one call: {show(whole)}\n  summed one by one: {show(parts)}"
    )


PSEUDO_LOG_LIKELIHOOD = Spec(
    "pseudo_log_likelihood",
    ("model", "input_ids", "maskable", "attn_mask", "mask_id"),
    SCORING,
    _oracle,
    _cases,
    MISTAKES,
    (
        Property("sees-itself", PROPERTY_WORDS["sees-itself"], _do_not_sum_to_1),
        Property("not-a-sum", PROPERTY_WORDS["not-a-sum"], _do_not_add_up),
        *(
            unaffected(
                "padding-matters", PROPERTY_WORDS["padding-matters"], _args, other, _first_rows
            )
            for other in (_other_padding, _more_padding)
        ),
        unaffected("rows-matter", PROPERTY_WORDS["rows-matter"], _args, _more_rows, _first_rows),
        follows_device(DEVICE, _args),
    ),
)
