"""Mistakes in scoring a text that are made with the logits of all its copies at hand."""

from collections.abc import Callable

import torch
from torch import Tensor

from labtools.checks.spec import Rules

# (B, T, T, V) logits, (B, T) ids and maskable -> (B, T) what each copy adds
Read = Callable[[Tensor, Tensor, Tensor], Tensor]


def per_row(attn_mask: Tensor, B: int) -> Tensor:
    """The mask of every row, (B, 1 or H, 1 or T, T)."""
    whole = attn_mask[(None,) * (4 - attn_mask.ndim)]
    return whole.expand(B, *whole.shape[1:])


def of_copies(
    model: Callable,
    input_ids: Tensor,
    maskable: Tensor,
    attn_mask: Tensor,
    mask_id: int,
    *,
    read: Read,
) -> Tensor:
    """What ``read`` takes from the copies of a text, each with one position hidden."""
    B, T = input_ids.shape
    alone = torch.eye(T, dtype=torch.bool)
    logits = torch.stack(
        [
            model(ids.repeat(T, 1).masked_fill(alone, mask_id), mask[None])
            for ids, mask in zip(input_ids, per_row(attn_mask, B), strict=True)
        ]
    )
    terms = read(logits.double(), input_ids, maskable)
    return terms.where(maskable, 0.0).sum(1).float()


def _at_hidden(logits: Tensor) -> Tensor:
    """(B, T, V): of each copy, the position that is hidden in it."""
    return logits.diagonal(dim1=1, dim2=2).mT


def _true(values: Tensor, ids: Tensor) -> Tensor:
    """(B, T, V) at the true tokens, (B, T)."""
    return values.gather(-1, ids[..., None])[..., 0]


def _of_every_position(logits: Tensor, ids: Tensor) -> Tensor:
    """(B, T, T): of each copy, the true token's entry at every position."""
    tokens = ids[:, None, :, None].expand(*logits.shape[:3], 1)
    return logits.gather(-1, tokens)[..., 0]


def _maskable_alone(values: Tensor, maskable: Tensor) -> Tensor:
    """−∞ for the copies that are not made."""
    return values.where(maskable.reshape(*maskable.shape, *[1] * (values.ndim - 2)), -torch.inf)


def _over_texts(logits: Tensor, ids: Tensor, maskable: Tensor) -> Tensor:
    return _true(_at_hidden(logits).log_softmax(0), ids)


def _over_true_tokens(logits: Tensor, ids: Tensor, maskable: Tensor) -> Tensor:
    return _of_every_position(logits, ids).log_softmax(-1).diagonal(dim1=1, dim2=2)


def _over_copies(
    picked_first: bool, all_texts: bool, select: Callable[[Tensor, Tensor], Tensor]
) -> Read:
    """Softmax over the copies of a text or of all, before or after the position is picked."""

    def read(logits: Tensor, ids: Tensor, maskable: Tensor) -> Tensor:
        values = select(_at_hidden(logits) if picked_first else logits, maskable)
        flat = values.flatten(0, 1)
        log_p = flat.log_softmax(0).view_as(values) if all_texts else values.log_softmax(1)
        return _true(log_p if picked_first else _at_hidden(log_p), ids)

    return read


def _summed(select: Callable[[Tensor], Tensor]) -> Read:
    """All positions of each copy are summed, not the hidden one alone."""

    def read(logits: Tensor, ids: Tensor, maskable: Tensor) -> Tensor:
        log_p = _of_every_position(logits.log_softmax(-1), ids)
        return (log_p * select(maskable)[:, None]).sum(-1)

    return read


COPIES: Rules = (
    ("all-read", {"read": _summed(lambda maskable: maskable)}),
    ("all-read", {"read": _summed(torch.ones_like)}),
    ("wrong-axis", {"read": _over_texts}),
    ("wrong-axis", {"read": _over_true_tokens}),
    *(
        ("wrong-axis", {"read": _over_copies(picked_first, all_texts, select)})
        for picked_first in (True, False)
        for all_texts in (True, False)
        for select in (lambda values, maskable: values, _maskable_alone)
    ),
)
