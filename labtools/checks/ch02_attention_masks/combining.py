"""Several rules at once: ``combine_masks``."""

from collections.abc import Callable, Sequence
from itertools import takewhile
from typing import Any

import torch
from torch import Tensor

from labtools.checks.ch02_attention_masks.forms import FORM_WORDS, FORMS, Dress, as_it_is
from labtools.checks.ch02_attention_masks.sections import KINDS, RELATION
from labtools.checks.spec import Case, Mistake, Rules, Spec, Special, Words, mistakes

Masks = Sequence[Tensor | None]


def _combine(
    *masks: Tensor | None,
    keep: Callable[[Masks], Masks] = lambda masks: masks,
    join: Callable[[Sequence[bool]], Any] = all,
    dress: Dress = as_it_is,
) -> Tensor | None:
    """``join`` of each cell of the masks that are kept; right when no knob is turned."""
    given = [mask for mask in keep(masks) if mask is not None]
    if not given:
        return None
    wide = torch.broadcast_tensors(*given)
    cells = [join(cell) for cell in zip(*(m.flatten().tolist() for m in wide), strict=True)]
    return dress(torch.tensor(cells).reshape(wide[0].shape))


NONE_AMONG = Special(
    "none-among-masks",
    Words(
        "a None among the masks goes wrong",
        "None restricts nothing: leave it out and join the others, wherever it stands.",
        KINDS,
    ),
)
NOTHING = Special(
    "nothing-to-combine",
    Words(
        "with nothing to combine the result is None",
        "No mask at all, or nothing but None, is no restriction, and that is what None says. A "
        "mask of True would have to know its shape.",
        KINDS,
    ),
)


def _cases(generator: torch.Generator) -> list[Case]:
    def draw(*size: int) -> Tensor:
        return torch.rand(size, generator=generator) < 0.7

    a = torch.tensor([[True, True, False], [True, False, False]])
    b = torch.tensor([[True, False, True], [True, True, False]])
    c = torch.tensor([[True, False, True]])
    B, H, T, S = 2, 3, 4, 5
    return [
        Case((a, b)),
        Case((a,)),
        Case((a, c)),
        Case((draw(T, S), draw(B, 1, 1, S))),
        Case((draw(B, 1, 1, S), draw(B, 1, T, S))),
        Case((draw(T, S), draw(T, S), draw(T, S))),
        Case((draw(T, S), draw(B, 1, 1, S), draw(B, 1, T, S))),
        Case((draw(1, S), draw(T, S), draw(B, 1, 1, S), draw(B, H, T, S))),
        Case((draw(B, 1, T, S),)),
        Case((a, None, b), special=NONE_AMONG),
        Case((None, b), special=NONE_AMONG),
        Case((draw(T, S), None), special=NONE_AMONG),
        Case((None, draw(T, S), None, draw(B, 1, 1, S)), special=NONE_AMONG),
        Case((), special=NOTHING),
        Case((None,), special=NOTHING),
        Case((None, None), special=NOTHING),
    ]


WORDS = FORM_WORDS | {
    "or-instead-of-and": Words(
        "the masks were joined with |, but all of them must allow it",
        "With True = may attend, masks are joined with &. With |, or + of booleans, each one opens "
        "what the others close, and that is a leak.",
        KINDS,
    ),
    "exclusive": Words(
        "the masks are compared instead of joined",
        "^ and != keep what one mask alone allows, == what both say alike. A key may be seen where "
        "every mask is True: &.",
        KINDS,
    ),
    "added": Words(
        "the masks were added: the result counts them",
        "Counted, a key that one mask blocks and another allows is still above 0. Join with &, "
        "which gives booleans.",
        KINDS,
    ),
    "inverted": Words(
        "the mask is upside down: True where attention is blocked",
        "Here True = may attend, in the masks that come in and in the one that goes out.",
        RELATION,
    ),
    "masks-ignored": Words(
        "not all masks are looked at",
        "There may be any number of them. Go through all, as `for mask in masks` does.",
        KINDS,
    ),
    "none-blocks": Words(
        "None is taken for a mask that blocks everything",
        "None restricts nothing: leave it out and join the others.",
        KINDS,
    ),
    "none-wins": Words(
        "one None makes the whole result None: the other masks are forgotten",
        "None restricts nothing, but the others still do: leave it out and join them.",
        KINDS,
    ),
    "stops-at-none": Words(
        "masks that come after a None are forgotten",
        "None restricts nothing, but those after it still do: `continue`, not `break`.",
        KINDS,
    ),
    "not-broadcast": Words(
        "the masks were not broadcast: they cannot be stacked as they are",
        "Masks come as (T, S), (B, 1, 1, S) or (B, 1, T, S). & broadcasts them; before "
        "torch.stack, torch.broadcast_tensors does.",
        RELATION,
    ),
    "joined-in-place": Words(
        "&= writes into the first mask, which cannot grow to the common shape",
        "It also changes a mask that belongs to somebody else. `result = result & mask` makes a "
        "new tensor, of the shape that both broadcast to.",
        RELATION,
    ),
    "truth-value": Words(
        "a mask is asked whether it is true: it has many truth values",
        "`if mask`, `not mask` and `mask and other` ask the whole tensor. `mask is not None` asks "
        "whether there is one, and `mask & other` joins cell by cell.",
        RELATION,
    ),
    "extra-dimensions": Words(
        "dimensions were added that no mask has",
        "(T, S) with (1, S) gives (T, S): it broadcasts to (B, H, T, S) as it is.",
        RELATION,
    ),
}


def _none(masks: Masks) -> list[bool]:
    return [mask is None for mask in masks]


def _blocking(masks: Masks) -> Masks:
    return [torch.tensor(False) if mask is None else mask for mask in masks]


def _four_dimensions(mask: Tensor) -> Tensor:
    return mask[(None,) * (4 - mask.ndim)]


RULES: Rules = (
    ("or-instead-of-and", {"join": any}),
    ("exclusive", {"join": lambda cell: sum(cell) % 2 == 1}),
    ("exclusive", {"join": lambda cell: sum(not x for x in cell) % 2 == 0}),
    ("exclusive", {"join": lambda cell: len({*cell}) > 1}),
    ("added", {"join": sum}),
    ("inverted", {"join": lambda cell: not all(cell)}),
    ("inverted", {"join": lambda cell: not any(cell)}),
    ("masks-ignored", {"keep": lambda masks: masks[:1]}),
    ("masks-ignored", {"keep": lambda masks: masks[:2]}),
    ("masks-ignored", {"keep": lambda masks: masks[-1:]}),
    ("masks-ignored", {"keep": lambda masks: masks[-2:]}),
    ("masks-ignored", {"keep": lambda masks: masks[:1] + masks[-1:]}),
    ("masks-ignored", {"keep": lambda masks: [m for m in masks if m is not None][:1]}),
    ("masks-ignored", {"keep": lambda masks: [m for m in masks if m is not None][-1:]}),
    ("none-blocks", {"keep": _blocking}),
    ("none-blocks", {"keep": lambda masks: [] if all(_none(masks)) else _blocking(masks)}),
    ("none-wins", {"keep": lambda masks: [] if any(_none(masks)) else masks}),
    ("none-wins", {"keep": lambda masks: [] if _none(masks)[:1] == [True] else masks}),
    ("stops-at-none", {"keep": lambda masks: [*takewhile(lambda m: m is not None, masks)]}),
    ("extra-dimensions", {"dress": _four_dimensions}),
    *FORMS,
)


def _given(masks: Masks) -> list[Tensor]:
    return [mask for mask in masks if mask is not None]


def _stacked(*masks: Tensor | None) -> Tensor:
    return torch.stack(_given(masks)).all(0)


def _in_place(*masks: Tensor | None) -> Tensor:
    first, *others = _given(masks)
    for mask in others:
        first &= mask
    return first


def _truth_of_each(*masks: Tensor | None) -> bool:
    return any(not mask for mask in masks)


def _truth_of_pairs(*masks: Tensor | None) -> Tensor | None:
    first, *others = _given(masks)
    return first and others[0] if others else first


RAISING = {
    "not-broadcast": (_stacked,),
    "joined-in-place": (_in_place,),
    "truth-value": (_truth_of_each, _truth_of_pairs),
}

COMBINE_MASKS = Spec(
    "combine_masks",
    ("mask_1", "mask_2", "mask_3", "mask_4"),
    KINDS,
    _combine,
    _cases,
    (
        *mistakes(WORDS, _combine, RULES),
        *(Mistake(name, WORDS[name], wrong) for name, many in RAISING.items() for wrong in many),
    ),
    axes=("query", "key"),
)
