"""The known mistakes of ``masked_attention``: attention with knobs."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from labtools.checks.ch02_attention_masks.sections import (
    ADDITIVE,
    AVERAGE,
    BLOCKED,
    KINDS,
    LIBRARIES,
    RELATION,
)
from labtools.checks.spec import Rules, Words

Scores = Callable[[Tensor, Tensor], Tensor]
Weigh = Callable[[Tensor, Tensor], Tensor]  # scores and mask -> weights
Hide = Callable[[Tensor, Tensor], Tensor]  # scores and mask -> scores


def _hide(scores: Tensor, mask: Tensor) -> Tensor:
    return scores.masked_fill(~mask, -math.inf)


def _weigh(hide: Hide = _hide, empty: bool = True, dim: int = -1) -> Weigh:
    """Hide, softmax, and set what is blocked to 0 if ``empty``."""

    def weigh(scores: Tensor, mask: Tensor) -> Tensor:
        weights = hide(scores, mask).softmax(dim)
        return weights.masked_fill(~mask, 0) if empty else weights

    return weigh


def _divided(by: Callable[[Tensor, Tensor], float]) -> Scores:
    """The products divided by a number that may depend on q and k."""
    return lambda q, k: q @ k.transpose(-2, -1) / by(q, k)


_scaled = _divided(lambda q, k: math.sqrt(q.shape[-1]))
_right = _weigh()


def attend(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    mask: Tensor | None = None,
    *,
    read: Callable[[Tensor], Tensor] = lambda mask: mask,
    scores: Scores = _scaled,
    weigh: Weigh = _right,
    values: Callable[[Tensor, Tensor], Tensor] = lambda k, v: v,
    average: Callable[[Tensor, Tensor, Tensor], Tensor] = lambda weights, v, scores: weights @ v,
    dress: Callable[..., Any] = lambda output, weights, **made: (output, weights),
) -> Any:
    """Scores, weights, average; in ordinary cases right when no knob is turned.

    Args:
        read: The mask as the learner takes it.
        scores, weigh, average: The three steps.
        values: What is averaged, of k and v.
        dress: What is returned of ``output``, ``weights``, ``scores`` and ``mask``.
    """
    if mask is None:
        mask = torch.ones(q.shape[-2], k.shape[-2], dtype=torch.bool, device=q.device)
    mask, made = read(mask), scores(q, k)
    weights = weigh(made, mask)
    return dress(average(weights, values(k, v), made), weights, scores=made, mask=mask)


NEEDS = "Its row of weights must be 0: set it to 0 after the softmax."
WORDS = {
    "not-scaled": Words(
        "the scores are not divided by √K",
        "A product of K random numbers grows like √K, and the softmax of large scores is nearly "
        "one key alone, with hardly a gradient. Divide by √K, the width of a head.",
        AVERAGE,
    ),
    "wrong-scale": Words(
        "the scores are divided by something other than √K",
        "It is the square root of K, the width of a head, which is the last dimension of q: not of "
        "the number of positions, nor of all heads together; and it is not K.",
        AVERAGE,
    ),
    "inverted": Words(
        "the mask is read upside down: queries see what is blocked",
        "True = may attend, so what is hidden is ~mask: masked_fill(~mask, −inf).",
        ADDITIVE,
    ),
    "mask-ignored": Words(
        "the mask is not used",
        "Its blocked keys take part in the average like all others.",
        RELATION,
    ),
    "always-causal": Words(
        "a causal mask is used, whatever mask is given",
        "Attention does not know what may be seen; the mask that comes in says it.",
        KINDS,
    ),
    "multiplied": Words(
        "a blocked key gets a score of 0 and keeps the weight e⁰",
        "0 is a score like any other, and better than all negative ones. Only a score of −∞ has "
        "the weight exp(−∞) = 0.",
        ADDITIVE,
    ),
    "mask-by-value": Words(
        "a score that happens to be 0 is taken for a blocked one",
        "The scores were multiplied by the mask, then those that are 0 hidden. Visible keys may "
        "have a score of 0: who is blocked is in the mask, never in the scores.",
        ADDITIVE,
    ),
    "after-softmax": Words(
        "the mask is applied after the softmax, so rows do not sum to one",
        "The blocked keys have taken their part of the weight before. Hide them before the "
        "softmax, with scores of −∞.",
        ADDITIVE,
    ),
    "renormalised": Words(
        "softmax over all keys, then masked and divided by the sum of the rest",
        "That is right on paper. But a blocked key with a large score makes the visible ones "
        "underflow to 0, and 0/0 brings nothing back. Hide blocked keys before the softmax.",
        ADDITIVE,
    ),
    "number-mask": Words(
        "the mask was added to the scores as numbers 0 and 1",
        "So a visible key is only e times as likely, and no key is blocked. What is added must be "
        "0 where attention is allowed and −∞ where it is blocked.",
        ADDITIVE,
    ),
    "zero-times-infinity": Words(
        "0 · ∞ is NaN: the mask was multiplied by infinity",
        "Choose instead of multiplying: scores.masked_fill(~mask, −inf), or torch.where.",
        ADDITIVE,
    ),
    "plus-infinity": Words(
        "blocked keys get a score of +∞ instead of −∞",
        "exp(+∞) is ∞, and ∞/∞ is NaN. exp(−∞) is 0, which is the weight that they should have.",
        ADDITIVE,
    ),
    "queries-masked": Words(
        "rows and columns of the mask have changed places: queries are masked, not keys",
        "Queries are rows and keys columns, in the mask as in the scores: (…, T, S).",
        RELATION,
    ),
    "first-item": Words(
        "the whole batch is given the mask of its first item",
        "Each item may have a mask of its own. Let it broadcast as it is.",
        RELATION,
    ),
    "first-head": Words(
        "all heads are given the mask of the first",
        "Each head may have a mask of its own. Let it broadcast as it is.",
        RELATION,
    ),
    "blocked-nan": Words(
        "a query that sees nobody gives NaN",
        f"The softmax of nothing but −∞ is 0/0. {NEEDS}",
        BLOCKED,
    ),
    "blocked-uniform": Words(
        "a query that sees nobody averages over the keys that it may not see",
        "Blocked scores are finite there (−1e9, finfo.min), and softmax looks at differences "
        f"only: when all are that low, none is. {NEEDS}",
        BLOCKED,
    ),
    "fill-overflows": Words(
        "the number that blocked scores are filled with does not fit into float16",
        "float16 ends at 65504, so −1e9 raises an error there. −inf exists in every dtype.",
        ADDITIVE,
    ),
    "wrong-axis": Words(
        "the softmax is not over the keys",
        "The weights of one query over all keys sum to one: dim=-1 of (B, H, T, S).",
        AVERAGE,
    ),
    "no-softmax": Words(
        "there is no softmax: scores are used as weights",
        "Weights are softmax(scores): positive, and of sum one in each row.",
        AVERAGE,
    ),
    "scores-returned": Words(
        "the scores are returned in place of the weights",
        "The output is right. Beside it, return the weights that it was made with, after softmax.",
        AVERAGE,
    ),
    "values-forgotten": Words(
        "the average is taken of the wrong tensor: it should be of v",
        "Queries and keys decide the weights; what is averaged are the values.",
        AVERAGE,
    ),
    "swapped": Words(
        "weights and output are returned in the wrong order", "Return output, weights.", AVERAGE
    ),
    "torn": Words(
        "a reshape was used where a transpose was meant",
        "view and reshape keep the reading order of the numbers and tear the vectors apart; "
        "k.transpose(-2, -1) turns (S, K) into (K, S). Heads are dimension 1 already, and need "
        "neither.",
        AVERAGE,
    ),
    "promoted": Words(
        "float16 and bfloat16 come out as another dtype",
        "Output and weights have the dtype of q. A float32 tensor that is added on the way makes "
        "everything float32: give it dtype=q.dtype, or convert at the end.",
        LIBRARIES,
    ),
}


def _filled(number: Callable[[torch.dtype], float]) -> Hide:
    return lambda scores, mask: scores.masked_fill(~mask, number(scores.dtype))


def _biased(number: Callable[[torch.dtype], float]) -> Hide:
    """A finite number, added."""
    return lambda scores, mask: scores + (1 - mask.to(scores.dtype)) * number(scores.dtype)


def _times(scores: Tensor, mask: Tensor) -> Tensor:
    return scores * mask


def _by_value(scores: Tensor, mask: Tensor) -> Tensor:
    shown = scores * mask
    return shown.masked_fill(shown == 0, -math.inf)


def _causal(scores: Tensor, mask: Tensor) -> Tensor:
    allowed = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).tril()
    return _hide(scores, allowed)


def _masked_weights(scores: Tensor, mask: Tensor) -> Tensor:
    return scores.softmax(-1) * mask


def _renormalised(guard: Callable[[Tensor], Tensor]) -> Weigh:
    """Masked after the softmax, divided by a guarded sum."""

    def weigh(scores: Tensor, mask: Tensor) -> Tensor:
        left = _masked_weights(scores, mask)
        return left / guard(left.sum(-1, keepdim=True))

    return weigh


def _torn(x: Tensor) -> Tensor:
    """(B, H, T, K) read as if it were (B, T, H, K)."""
    B, H, T, K = x.shape
    return x.reshape(B, T, H, K).transpose(1, 2)


def _promoted(x: Tensor) -> Tensor:
    return x.to(torch.promote_types(x.dtype, torch.float32))


def _to_float32(*parts: int) -> Callable[..., tuple]:
    def dress(*returned: Tensor, **made: Tensor) -> tuple:
        return tuple(_promoted(x) if i in parts else x for i, x in enumerate(returned))

    return dress


FILLS: list[Callable[[torch.dtype], float]] = [
    lambda dtype: torch.finfo(dtype).min,
    lambda dtype: torch.finfo(torch.float32).min,
    *(lambda dtype, number=number: number for number in (-1e9, -1e10, -1e20, -1e30)),
    *(lambda dtype, number=number: number for number in (-1e4, -1e5, -1e6, -1e8)),
]
SCALES: list[Callable[[Tensor, Tensor], float]] = [
    lambda q, k: q.shape[-1],
    lambda q, k: 1 / math.sqrt(q.shape[-1]),
    lambda q, k: math.sqrt(q.shape[-2]),
    lambda q, k: math.sqrt(k.shape[-2]),
    lambda q, k: math.sqrt(q.shape[1]),
    lambda q, k: math.sqrt(q.shape[1] * q.shape[-1]),
    lambda q, k: q.shape[-1] ** 0.25,
    lambda q, k: math.sqrt(q.shape[-1] / q.shape[1]),
]
RULES: Rules = (
    ("not-scaled", {"scores": _divided(lambda q, k: 1)}),
    *(("wrong-scale", {"scores": _divided(scale)}) for scale in SCALES),
    ("inverted", {"read": torch.logical_not}),
    ("inverted", {"read": torch.logical_not, "weigh": _weigh(empty=False)}),
    ("mask-ignored", {"read": torch.ones_like}),
    ("always-causal", {"weigh": _weigh(_causal, empty=False)}),
    *(
        (name, {"weigh": _weigh(hide, empty)})
        for name, hide in (
            ("multiplied", _times),
            ("mask-by-value", _by_value),
            ("number-mask", lambda scores, mask: scores + mask.to(scores.dtype)),
            ("zero-times-infinity", _biased(lambda dtype: -math.inf)),
            ("plus-infinity", _filled(lambda dtype: math.inf)),
        )
        for empty in (False, True)
    ),
    (
        "mask-by-value",
        {"weigh": lambda scores, mask: _weigh(_by_value, False)(scores, mask).nan_to_num(0)},
    ),
    ("after-softmax", {"weigh": _masked_weights}),
    *(
        ("renormalised", {"weigh": _renormalised(guard)})
        for guard in (
            lambda total: total,
            lambda total: total.clamp(min=1e-9),
            lambda total: total.where(total > 0, 1),
        )
    ),
    ("queries-masked", {"read": lambda mask: mask.mT}),
    ("first-item", {"read": lambda mask: mask[:1] if mask.ndim > 2 else mask}),
    ("first-head", {"read": lambda mask: mask[:, :1] if mask.ndim > 2 else mask}),
    ("blocked-nan", {"weigh": _weigh(empty=False)}),
    *(
        ("blocked-uniform", {"weigh": _weigh(hide(fill), empty=False)})
        for fill in FILLS
        for hide in (_filled, _biased)
    ),
    *(("fill-overflows", {"weigh": _weigh(_filled(fill))}) for fill in FILLS[1:]),
    *(
        ("wrong-axis", {"weigh": _weigh(dim=dim, empty=empty)})
        for dim in (-2, 1, 0)
        for empty in (False, True)
    ),
    *(
        ("wrong-axis", {"weigh": _weigh(_filled(lambda dtype: -1e9), dim=dim, empty=False)})
        for dim in (-2, 1, 0)
    ),
    ("no-softmax", {"weigh": _times}),
    ("no-softmax", {"average": lambda weights, v, scores: scores @ v}),
    ("no-softmax", {"weigh": _hide}),
    ("scores-returned", {"dress": lambda output, weights, scores, mask: (output, scores)}),
    (
        "scores-returned",
        {"dress": lambda output, weights, scores, mask: (output, _hide(scores, mask))},
    ),
    ("values-forgotten", {"values": lambda k, v: k}),
    ("swapped", {"dress": lambda output, weights, **made: (weights, output)}),
    ("torn", {"scores": lambda q, k: _scaled(q, k.reshape(*k.shape[:2], *k.shape[:1:-1]).mT)}),
    ("torn", {"scores": lambda q, k: _scaled(_torn(q), _torn(k))}),
    ("torn", {"scores": lambda q, k: _scaled(q, _torn(k))}),
    ("torn", {"dress": lambda output, weights, **made: (_torn(output), weights)}),
    (
        "torn",
        {"dress": lambda o, weights, **made: (o.transpose(1, 2).reshape(o.shape), weights)},
    ),
    ("torn", {"values": lambda k, v: _torn(v)}),
    ("promoted", {"dress": _to_float32(0, 1)}),
    ("promoted", {"dress": _to_float32(0)}),
    ("promoted", {"dress": _to_float32(1)}),
)
