"""A loss or a gradient that is not finite: where the first such number came from, and why.

Nothing here runs in a healthy step. In a bad one the forward pass is made once more, with a hook on
every module, from the same random state.
"""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from labtools.training.batches import tensors_of
from labtools.training.history import History
from labtools.training.randomness import Moment
from labtools.training.watching import Finding, Watch
from labtools.vocab import IGNORE_INDEX

Loss = Callable[[nn.Module, Any], Tensor]

SLOWER = "Try a lower learning rate, a longer warm-up or a smaller clip"


class NonFiniteError(FloatingPointError):
    """The loss or a gradient is not finite. The model is as it was before that step.

    Attributes:
        step: The index of the step, and so of its batch, counted from 0.
        batch: The batch, as ``loss`` got it.
        history: What the run did before that step.
    """

    def __init__(self, message: str, *, step: int, batch: Any, history: History) -> None:
        super().__init__(message)
        self.step, self.batch, self.history = step, batch, history


def explain(model: nn.Module, loss: Loss, batch: Any, before: Moment, value: float) -> str:
    """Sentences that say where the first number that is not finite came from, and why.

    Args:
        model: With the gradients of this step, not clipped, and the weights from before it.
        loss: As ``fit`` got it.
        batch: The batch of this step.
        before: The moment before the forward pass, from which it is made again.
        value: The loss.
    """
    before.restore()
    bad = [name for name, p in model.named_parameters() if not p.isfinite().all()]
    if bad:
        return (
            f"{_some(bad)} held such numbers before this step: the update before it diverged, or "
            f"the model came with them. {SLOWER}"
        )
    if math.isfinite(value):
        return _of_gradients(model)
    watch, again = Watch(model), None
    try:
        with watch, torch.no_grad():
            again = loss(model, batch).item()
    except Exception as error:
        return f"looking for the cause failed: {type(error).__name__}: {error}"
    if math.isfinite(again):
        return (
            "run again, the same batch gave a finite loss: something besides the model and the "
            "batch goes into it"
        )
    return _of_outputs(watch, batch, value)


def _of_outputs(watch: Watch, batch: Any, value: float) -> str:
    if watch.nan is not None:
        return _of_a_module(watch.nan, watch.inf)
    came = f" The first infinite number came out of {watch.inf.where}." if watch.inf else ""
    if value == -math.inf:
        return f"the logarithm of 0 was taken and its minus sign is missing.{came}"
    if value == math.inf:
        return (
            "a target has probability 0: its logit is −inf, or the probability was rounded to 0 "
            f"before its logarithm was taken (use log_softmax).{came}"
        )
    if watch.inf:
        return f"the loss made it of infinite numbers: 0 · inf, or inf − inf.{came}"
    empty = [name for name, tensor in tensors_of(batch) if _scores_nothing(tensor)]
    evidence = f": {_some(empty)} scores no position" if empty else ""
    return (
        "all that came out of the model is finite, so the loss made it: 0/0 where this batch has "
        f"nothing to score{evidence}. Guard the denominator; otherwise look for 0 · −inf, or the "
        "logarithm or root of a negative number"
    )


def _of_a_module(nan: Finding, inf: Finding | None) -> str:
    text = f"the first nan came out of {nan.where}"
    if inf is not None and inf.name != nan.name:
        text += f", after the first infinite number out of {inf.where}"
    text += ". "
    if nan.largest > 1e6:
        return text + f"Its input is as large as {nan.largest:.1g}: the run diverges. {SLOWER}"
    if nan.blocked:
        return text + f"{nan.blocked}: a softmax over nothing but −inf. Such rows should give zeros"
    if nan.half:
        text += f"{nan.half} ends at {torch.finfo(nan.half).max:.3g}; "
    return text + (
        "usual causes: a query with every key blocked, −inf added to finfo.min, 0 · inf in a mask"
    )


def _of_gradients(model: nn.Module) -> str:
    gradients = {n: p.grad for n, p in model.named_parameters() if p.grad is not None}
    bad = [name for name, gradient in gradients.items() if not gradient.isfinite().all()]
    if not bad:
        largest = max(g.abs().max().item() for g in gradients.values())
        return f"every entry is finite, up to {largest:.1g}, but the sum of their squares overflows"
    return (
        f"the gradient of {_some(bad[::-1])} is not finite, though the loss is. Usual causes: "
        "numbers that torch.where or masked_fill throws away later (their gradient is 0 · inf: "
        "make the input safe before, not the output after), a root or a norm at 0, a softmax over "
        "a query with every key blocked"
    )


def _scores_nothing(tensor: Tensor) -> bool:
    if tensor.dtype == torch.bool:
        return not tensor.any()
    return tensor.dtype == torch.int64 and bool((tensor == IGNORE_INDEX).all())


def _some(names: list[str]) -> str:
    return names[0] + (f" (and {len(names) - 1} more)" if names[1:] else "")
