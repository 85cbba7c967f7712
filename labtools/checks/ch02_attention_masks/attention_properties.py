"""What must hold of ``masked_attention`` beyond single results: gradients, and what is not seen."""

import math

import torch
from torch import Tensor

from labtools.checks.ch02_attention_masks.sections import ADDITIVE, AVERAGE, BLOCKED, RELATION
from labtools.checks.properties import (
    follows_device,
    gradient,
    no_gradient_where,
    unaffected,
)
from labtools.checks.properties.shared import Answer
from labtools.checks.spec import Property, Words

NAN_GRADIENT = Words(
    "the result is right, but the gradient is NaN",
    "The softmax of a query that sees nobody is NaN. nan_to_num and where repair its value, but "
    "the chain rule still multiplies by the NaN, and 0 · NaN is NaN: one such query spoils every "
    "weight of the model. Let no NaN arise: give its row harmless scores before the softmax, and "
    "set its weights to 0 after it. (masked_fill stops the gradient on its way back; adding a bias "
    "does not.)",
    BLOCKED,
)
WRONG_GRADIENT = Words(
    "the result is right, its gradient is not",
    "Training uses the gradient alone. Nothing on the way from q, k and v to the output may cut it "
    "off: no detach, no item, no new tensor made of numbers.",
    AVERAGE,
)
NO_GRADIENT = Words(
    "the gradient is not 0 where nothing may be seen",
    "A key that nobody sees, and a query that sees nobody, have no influence on the output, so "
    "their gradient is exactly 0.",
    RELATION,
)
BLOCKED_SEEN = Words(
    "what a blocked key holds changes the output",
    "A key that may not be seen must have a weight of exactly 0. If it is merely small, a large "
    "value shines through. Is a blocked score −∞ when it comes to the softmax?",
    ADDITIVE,
)
BLOCKED_ORDER = Words(
    "the order of blocked keys changes the output",
    "Keys that may not be seen have no influence, in whatever order they are.",
    RELATION,
)


def _args() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Query 1 of item 0 sees nobody, and nobody sees its key 2, nor keys 0 and 3 of item 1."""
    generator = torch.Generator().manual_seed(7)
    q, k, v = (torch.randn(2, 1, n, 4, generator=generator, dtype=torch.float64) for n in (3, 4, 4))
    item_0 = [[True, True, False, False], [False] * 4, [False, True, False, True]]
    item_1 = [[False, True, True, False], [False, False, True, False], [False, True, False, False]]
    return q, k, v, torch.tensor([item_0, item_1])[:, None]


def _output(value: tuple[Tensor, Tensor]) -> Tensor:
    return value[0]


def _gradients(q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Of Σ_n n · output_n, by the formulas."""
    q, k, v = (x.detach() for x in (q, k, v))
    shown = torch.where(mask, q @ k.mT / math.sqrt(q.shape[-1]), -1e30)
    weights = shown.softmax(-1) * mask
    to_output = torch.arange(1, q.numel() + 1, dtype=q.dtype).reshape(q.shape)
    to_weights = to_output @ v.mT
    centred = to_weights - (weights * to_weights).sum(-1, keepdim=True)
    to_scores = weights * centred / math.sqrt(q.shape[-1])
    return to_scores @ k, to_scores.mT @ q, weights.mT @ to_output


def _nan_in_gradient(answer: Answer) -> str | None:
    q, k, v, mask = _args()
    outcome = answer(*(x.requires_grad_() for x in (q, k, v)), mask)
    output = outcome.value[0]
    if not output.requires_grad:
        return None  # which the next property says
    ones = torch.ones_like(output)  # not output.sum(), which no_grad would cut off
    found = torch.autograd.grad(output, outcome.args[:3], ones, allow_unused=True)
    for name, got in zip("qkv", found, strict=True):
        if got is not None and got.isnan().any():
            b, _, i, _ = got.isnan().nonzero()[0].tolist()
            return (
                f"  called with a mask whose query 1 sees nobody\n    {mask[0, 0].tolist()}\n"
                f"  the gradient of output.sum() for {name} is NaN at batch item {b}, position {i}"
            )
    return None


def _unseen_keys(q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    return ~mask.any(-2)[..., None]


def _unseeing_queries(q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    return ~mask.any(-1)[..., None]


def _with_huge_blocked() -> tuple:
    q, k, v, mask = (x.float() if x.is_floating_point() else x for x in _args())
    blocked = _unseen_keys(q, k, v, mask)
    return q, k.masked_fill(blocked, 500.0), v.masked_fill(blocked, 1e30), mask


def _in_float32() -> tuple:
    return tuple(x.float() if x.is_floating_point() else x for x in _args())


def _with_blocked_swapped() -> tuple:
    """Keys 0 and 3 of item 1 in the other order."""
    q, k, v, mask = _in_float32()
    k[1], v[1] = k[1][:, [3, 1, 2, 0]], v[1][:, [3, 1, 2, 0]]
    return q, k, v, mask


DEVICE = Words(
    "it does not stay on the device of its input",
    "On a GPU this raises an error. Make new tensors where the input is: device=x.device, or "
    "torch.zeros_like, x.new_zeros and the like.",
    AVERAGE,
)
PROPERTIES = (
    Property("nan-gradient", NAN_GRADIENT, _nan_in_gradient),
    *(
        gradient(WRONG_GRADIENT, _args, lambda *args, i=i: _gradients(*args)[i], i, _output)
        for i in range(3)
    ),
    no_gradient_where(NO_GRADIENT, _args, _unseeing_queries, 0, _output),
    no_gradient_where(NO_GRADIENT, _args, _unseen_keys, 1, _output),
    no_gradient_where(NO_GRADIENT, _args, _unseen_keys, 2, _output),
    unaffected("blocked-seen", BLOCKED_SEEN, _in_float32, _with_huge_blocked, _output),
    unaffected("blocked-order", BLOCKED_ORDER, _in_float32, _with_blocked_swapped, _output),
    follows_device(DEVICE, _in_float32, part=_output),
    follows_device(DEVICE, _in_float32, ["meta"], _output),
)
