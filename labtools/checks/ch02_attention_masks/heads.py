"""The mask as ``nn.MultiheadAttention`` reads it: ``mha_mask``."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from labtools.checks.ch02_attention_masks.bias import random_mask
from labtools.checks.ch02_attention_masks.sections import LIBRARIES
from labtools.checks.properties import follows_device
from labtools.checks.spec import Case, Rules, Spec, Words, mistakes

Arrange = Callable[[Tensor], Tensor]  # (B, H, T, S) -> (B·H, T, S)


def _in_order(mask: Tensor) -> Tensor:
    return torch.stack([of_head for of_item in mask for of_head in of_item])


def _mha_mask(
    mask: Tensor,
    *,
    arrange: Arrange = _in_order,
    polarity: Callable[[Tensor], Tensor] = torch.logical_not,
    dress: Callable[[Tensor], Tensor] = lambda blocked: blocked,
) -> Tensor:
    """``dress(polarity(arrange(mask)))``; right when no knob is turned."""
    return dress(polarity(arrange(mask)))


def _oracle(mask: Tensor) -> Tensor:
    B, H, T, S = mask.shape
    blocked = [
        [[not mask[b, h, i, j] for j in range(S)] for i in range(T)]
        for b in range(B)
        for h in range(H)
    ]
    return torch.tensor(blocked, dtype=torch.bool).reshape(B * H, T, S)


def _cases(generator: torch.Generator) -> list[Case]:
    by_hand = torch.tensor([[[[1, 0, 0]], [[0, 1, 0]]], [[[1, 1, 0]], [[0, 0, 0]]]]).bool()
    shapes = (2, 3, 2, 4), (3, 2, 4, 5), (2, 3, 5, 5), (1, 3, 4, 7), (3, 1, 2, 5), (1, 1, 3, 4)
    return [Case((by_hand,)), *(Case((random_mask(generator, *shape),)) for shape in shapes)]


INTERLEAVED = (
    "nn.MultiheadAttention reads entry b · H + h for head h of batch item b: all heads of item 0, "
    "then all heads of item 1."
)
WORDS = {
    "not-inverted": Words(
        "True still means “may attend”",
        "nn.MultiheadAttention reads True as blocked, the other way round than "
        "scaled_dot_product_attention. Handed over as it is, the mask shows every query just what "
        "it must not see.",
        LIBRARIES,
    ),
    "repeated": Words(
        "one head's masks are repeated as a block, not interleaved",
        f"With mask.repeat(H, 1, 1) the heads read another batch item's mask. {INTERLEAVED}",
        LIBRARIES,
    ),
    "heads-first": Words(
        "the order is all batch items of head 0, then all of head 1",
        f"So the heads read another batch item's mask. {INTERLEAVED}",
        LIBRARIES,
    ),
    "one-head": Words(
        "every head is given the mask of one and the same head",
        f"Each head may have a mask of its own. {INTERLEAVED}",
        LIBRARIES,
    ),
    "one-item": Words(
        "every batch item is given the mask of one and the same item",
        f"Each batch item has a mask of its own. {INTERLEAVED}",
        LIBRARIES,
    ),
    "not-flattened": Words(
        "batch and heads are still two dimensions",
        f"nn.MultiheadAttention wants three dimensions, (B·H, T, S). {INTERLEAVED}",
        LIBRARIES,
    ),
    "heads-dropped": Words(
        "the head dimension is gone: one mask for each batch item",
        f"nn.MultiheadAttention wants a mask for every head of every item. {INTERLEAVED}",
        LIBRARIES,
    ),
    "torn": Words(
        "the entries are in the wrong places: something was reshaped in the wrong order",
        "Only the two leading dimensions are joined, and neither T nor S is touched: flatten(0, 1) "
        "or reshape(B * H, T, S), with nothing transposed before.",
        LIBRARIES,
    ),
    "transposed": Words(
        "queries and keys have changed places",
        "Queries are rows and keys are columns: (B·H, T, S).",
        LIBRARIES,
    ),
    "number-mask": Words(
        "a mask of numbers 0 and 1, not of booleans",
        "nn.MultiheadAttention adds a float mask to the scores, where 1 is a small bias and blocks "
        "nothing. Return a bool tensor: True = blocked.",
        LIBRARIES,
    ),
    "additive-mask": Words(
        "an additive mask (0 and −∞); a bool mask was asked for",
        "nn.MultiheadAttention takes either, but here True = blocked is asked for.",
        LIBRARIES,
    ),
}


def _heads_first(mask: Tensor) -> Tensor:
    return mask.transpose(0, 1).flatten(0, 1)


def _flattened(mask: Tensor, *order: int) -> Tensor:
    """All entries in another order of the dimensions, read as if they were in the right one."""
    B, H, T, S = mask.shape
    return mask.permute(order).reshape(B * H, T, S)


def _repeated(h: int) -> Arrange:
    return lambda mask: mask[:, h].repeat(mask.shape[1], 1, 1)


def _head(h: int) -> Arrange:
    return lambda mask: mask[:, h].repeat_interleave(mask.shape[1], 0)


def _item(b: int) -> Arrange:
    return lambda mask: mask[b].repeat(mask.shape[0], 1, 1)


def _kept(mask: Tensor) -> Tensor:
    return mask.clone()


def _additive(blocked: Tensor) -> Tensor:
    return torch.zeros(()).where(~blocked, -math.inf)


WRONG_ORDERS: list[tuple[str, Arrange]] = [
    ("heads-first", _heads_first),
    ("repeated", _repeated(0)),
    ("one-head", _head(0)),
    ("one-head", _head(-1)),
    ("one-head", lambda mask: mask.any(1).repeat_interleave(mask.shape[1], 0)),
    ("one-head", lambda mask: mask.all(1).repeat_interleave(mask.shape[1], 0)),
    ("one-item", _item(0)),
    ("one-item", lambda mask: mask[0].repeat_interleave(mask.shape[0], 0)),
    ("not-flattened", lambda mask: mask),
    ("heads-dropped", lambda mask: mask[:, 0]),
    ("heads-dropped", lambda mask: mask.any(1)),
    ("heads-dropped", lambda mask: mask.all(1)),
    ("torn", lambda mask: _flattened(mask, 0, 2, 1, 3)),
    ("torn", lambda mask: _flattened(mask, 2, 3, 0, 1)),
    ("torn", lambda mask: _flattened(mask, 2, 0, 1, 3)),
    ("torn", lambda mask: _flattened(mask, 0, 2, 3, 1)),
    ("torn", lambda mask: _flattened(mask, 0, 1, 3, 2)),
    ("transposed", lambda mask: mask.mT.flatten(0, 1)),
]
RULES: Rules = (
    ("not-inverted", {"polarity": _kept}),
    *((name, {"arrange": arrange}) for name, arrange in WRONG_ORDERS),
    # two faults: the order is the harder one to see, so it is named first
    *((name, {"arrange": arrange, "polarity": _kept}) for name, arrange in WRONG_ORDERS),
    ("number-mask", {"dress": Tensor.float}),
    ("number-mask", {"dress": Tensor.long}),
    ("number-mask", {"dress": Tensor.int}),
    ("number-mask", {"dress": Tensor.float, "polarity": _kept}),
    ("number-mask", {"dress": Tensor.long, "polarity": _kept}),
    ("additive-mask", {"dress": _additive}),
    ("additive-mask", {"dress": _additive, "polarity": _kept}),
)


def _args() -> tuple:
    return (torch.tensor([[[[True, False, True]], [[False, False, True]]]]),)


DEVICE = Words(
    "it does not stay on the device of its input",
    "On a GPU this raises an error. Make new tensors where the input is: device=x.device, or "
    "torch.zeros_like, x.new_zeros and the like.",
    LIBRARIES,
)
MHA_MASK = Spec(
    "mha_mask",
    ("mask",),
    LIBRARIES,
    _oracle,
    _cases,
    mistakes(WORDS, _mha_mask, RULES),
    (follows_device(DEVICE, _args), follows_device(DEVICE, _args, ["meta"])),
    axes=("query", "key"),
)
