"""The gradient of a loss: (softmax − target) / N where a token is scored, and 0 elsewhere.

The target is one-hot, with label smoothing (1 − ε) one-hot + ε / V.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from labtools.checks.values import agree
from labtools.vocab import IGNORE_INDEX


def gradient_differs(
    value: Tensor,
    logits: list[Tensor],
    given: list[Tensor],
    targets: list[Tensor],
    label_smoothing: float = 0.0,
) -> str | None:
    """Where the gradient of a loss is wrong, in words.

    Args:
        value: The loss.
        logits: Per micro-batch, what the function was given, (B, T, V).
        given: The same numbers, as they were made.
        targets: Per micro-batch, (B, T), some of them ignored.
        label_smoothing: ε, the share of the target that all V tokens get evenly.
    """
    gradients = _gradients(value, logits)
    if isinstance(gradients, str):
        return gradients
    n_tokens = sum(int((y != IGNORE_INDEX).sum()) for y in targets)
    for m, (got, z, y) in enumerate(zip(gradients, given, targets, strict=True)):
        place = f"micro-batch {m}, " if len(given) > 1 else ""
        got = torch.zeros_like(z) if got is None else got
        where = _first_difference(got, _true_gradient(z.detach(), y, n_tokens, label_smoothing))
        if where:
            return f"  {place}{where}"
    return None


def _gradients(value: Tensor, logits: list[Tensor]) -> tuple | str:
    if not value.requires_grad:
        return "  The result has no gradient (was .item(), .detach() or no_grad used?)"
    try:
        return torch.autograd.grad(value, logits, allow_unused=True)
    except RuntimeError as error:
        return f"  backward() raised RuntimeError: {error}"


def _true_gradient(logits: Tensor, targets: Tensor, n_tokens: int, epsilon: float) -> Tensor:
    scored, V = targets != IGNORE_INDEX, logits.shape[-1]
    one_hot = F.one_hot(targets.where(scored, 0), V)
    target = (1 - epsilon) * one_hot + epsilon / V
    return (logits.softmax(-1) - target) * scored[..., None] / n_tokens


def _first_difference(got: Tensor, expected: Tensor) -> str:
    if agree(got, expected):
        return ""
    error = (got - expected).abs().nan_to_num(torch.inf)
    b, t, v = torch.unravel_index(error.argmax(), error.shape)
    return (
        f"row {b}, position {t}, logit {v}: "
        f"the gradient is {got[b, t, v]:.4g}, expected {expected[b, t, v] + 0.0:.4g}"
    )


def gradient_is_not_0(value: Tensor, logits: list[Tensor]) -> str | None:
    """What is wrong with the gradient of a loss where nothing is scored, in words."""
    gradients = _gradients(value, logits)
    if isinstance(gradients, str):
        return "  The result does not depend on the logits, so backward() raises an error."
    found = [g for g in gradients if g is not None]
    if not found:
        return "  The result does not depend on the logits, so backward() gives them no gradient."
    wrong = [g for g in found if not (g == 0).all()]
    return f"  gradient: {wrong[0].flatten()[0]:.4g} …" if wrong else None
