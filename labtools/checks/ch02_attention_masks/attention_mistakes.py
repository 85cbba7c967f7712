"""The known mistakes of ``masked_attention``: attention with knobs."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from labtools.checks.spec import Rules

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
    """The queries divided by a number that may depend on q and k, times the keys."""
    return lambda q, k: q / by(q, k) @ k.transpose(-2, -1)


def _divided_late(q: Tensor, k: Tensor) -> Tensor:
    """The products divided by √K, which overflows sooner in float16."""
    return q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])


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


def _in_float32(q: Tensor, k: Tensor) -> Tensor:
    return _scaled(_promoted(q), _promoted(k))


def _weigh_in_float32(scores: Tensor, mask: Tensor) -> Tensor:
    return _right(_promoted(scores), mask)


def _in_half_again(weights: Tensor, v: Tensor, scores: Tensor) -> Tensor:
    return weights.to(v.dtype) @ v


FILLS: list[Callable[[torch.dtype], float]] = [
    lambda dtype: torch.finfo(dtype).min,
    lambda dtype: -1e4,
    lambda dtype: torch.finfo(torch.float32).min,
    *(lambda dtype, number=number: number for number in (-1e9, -1e10, -1e20, -1e30)),
    *(lambda dtype, number=number: number for number in (-1e5, -1e6, -1e8)),
]
TOO_LARGE = FILLS[2:]  # for float16
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
        ("renormalised", {"scores": scores, "weigh": _renormalised(guard)})
        for scores in (_scaled, _divided_late)
        for guard in (
            lambda total: total,
            lambda total: total.clamp(min=1e-9),
            lambda total: total.where(total > 0, 1),
        )
    ),
    ("queries-masked", {"read": lambda mask: mask.mT}),
    ("first-item", {"read": lambda mask: mask[:1] if mask.ndim > 2 else mask}),
    ("first-head", {"read": lambda mask: mask[:, :1] if mask.ndim > 2 else mask}),
    *(
        ("blocked-nan", {"scores": scores, "weigh": _weigh(empty=False)})
        for scores in (_scaled, _divided_late)
    ),
    *(
        ("blocked-uniform", {"scores": scores, "weigh": _weigh(hide(fill), empty=False)})
        for scores in (_scaled, _divided_late)
        for fill in FILLS
        for hide in (_filled, _biased)
    ),
    *(
        ("fill-overflows", {"scores": scores, "weigh": _weigh(_filled(fill))})
        for scores in (_scaled, _divided_late)
        for fill in TOO_LARGE
    ),
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
    ("promoted", {"scores": _in_float32, "values": lambda k, v: _promoted(v)}),
    ("promoted", {"scores": _in_float32, "average": _in_half_again}),
    ("promoted", {"weigh": _weigh_in_float32, "average": _in_half_again}),
    ("promoted", {"weigh": _weigh_in_float32, "values": lambda k, v: _promoted(v)}),
)
