"""From logits to log-probabilities: ``log_softmax``."""

import math
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from labtools import definitions
from labtools.checks.ch01_prediction.sections import LOG_SOFTMAX as SECTION
from labtools.checks.ch01_prediction.words import DEVICE
from labtools.checks.properties import follows_device, gradient, unaffected
from labtools.checks.spec import Case, Property, Refused, Rules, Spec, Special, Words, mistakes


def _oracle(logits: Tensor) -> Tensor:
    rows = logits.reshape(-1, logits.shape[-1]).tolist()
    log_probs = [definitions.log_softmax(row) for row in rows]
    return torch.tensor(log_probs, dtype=logits.dtype).reshape(logits.shape)


FROM_LARGEST = (
    "log Σ exp z = m + log Σ exp(z − m) for any m. With m the largest logit of the row, no exp "
    "exceeds 1 and one of them is 1."
)
LARGE_LOGITS = Words(
    "large logits go wrong",
    f"exp overflows, or every exp of a row underflows to 0. {FROM_LARGEST}",
    SECTION,
)
LARGE = Special("unstable", LARGE_LOGITS)
BLOCKED = Special(
    "blocked-token",
    Words(
        "a logit of −∞ goes wrong",
        "It stands for a token that cannot come: its probability is exp(−∞) = 0, its "
        "log-probability stays −∞, and the others are what they would be without it.",
        SECTION,
    ),
)
HALF = Special(
    "half-precision",
    Words(
        "half precision goes wrong",
        "The result has the dtype of the logits. float16 ends at 65,504, which is less than exp "
        f"12, and 1e-8 is 0 in it. {FROM_LARGEST}",
        SECTION,
    ),
)
VECTOR = Special(
    "one-row",
    Words(
        "logits of a single position, of shape (V,), go wrong",
        "How many dimensions stand before the vocabulary is free, and there may be none: dim=-1 is "
        "always the last.",
        SECTION,
    ),
)
NAN_HIDDEN = Special(
    "nan-hidden",
    Words(
        "a row that holds NaN should give NaN, and the other rows what they gave before",
        "NaN comes from a model that has broken down. nan_to_num makes it a number like any other, "
        "and nobody notices.",
        SECTION,
    ),
)


def _cases(generator: torch.Generator) -> list[Case]:
    def draw(*shape: int, scale: float = 2.0, dtype: torch.dtype = torch.float32) -> Tensor:
        return (scale * torch.randn(*shape, generator=generator, dtype=torch.float64)).to(dtype)

    broken = draw(2, 4)
    broken[1, 2] = math.nan
    return [
        Case((draw(1, 3),)),
        Case((draw(2, 5),)),
        Case((draw(2, 3, 7) + 4,)),
        Case((draw(3, 2, 4, 6, dtype=torch.float64) - 3,)),
        Case((_extreme(_exact(draw(4, 5, dtype=torch.float64))),), special=LARGE),
        Case((_far_apart(draw(3, 7), 3000),), special=LARGE),
        Case((_with_blocked(draw(3, 5)),), special=BLOCKED),
        Case((draw(4),), special=VECTOR),
        Case((draw(2, 6, dtype=torch.float16),), special=HALF),
        Case((draw(3, 5, scale=1.0, dtype=torch.bfloat16),), special=HALF),
        Case((_far_apart(draw(3, 6, dtype=torch.float16), 3000),), special=HALF),
        Case((broken,), special=NAN_HIDDEN, raises=ValueError),
    ]


def _exact(logits: Tensor) -> Tensor:
    """Rounded so that float32 holds them exactly: a right answer may well compute in it."""
    return (64 * logits).round() / 64


def _extreme(logits: Tensor) -> Tensor:
    """Of four rows one lies far above 0, one far below, and one reaches from end to end."""
    logits[0] += 1e4
    logits[1] -= 1e4
    logits[2, :2] = torch.tensor([1e4, -1e4])
    return logits


def _far_apart(logits: Tensor, step: int) -> Tensor:
    """Ranks times a step: near-ties of large numbers would be lost in rounding by right answers."""
    rank = logits.argsort(-1).argsort(-1)
    return ((rank - logits.shape[-1] // 2) * step).to(logits.dtype)


def _with_blocked(logits: Tensor) -> Tensor:
    logits[0, 3] = logits[1, :2] = -math.inf
    logits[2, 1:] = -math.inf
    return logits


def _shift(words: Words) -> Property:
    def logits() -> Tensor:
        generator = torch.Generator().manual_seed(5)
        return _exact(torch.randn(3, 5, generator=generator, dtype=torch.float64))

    return unaffected(
        "shift", words, lambda: (logits(),), lambda: (logits() + 1e5,), lambda value: value
    )


def _true_gradient(logits: Tensor) -> Tensor:
    """Of Σ k · log p_k: k − p · Σ k, with the sum over the row."""
    weights = torch.arange(1, logits.numel() + 1, dtype=logits.dtype).reshape(logits.shape)
    return weights - logits.softmax(-1) * weights.sum(-1, keepdim=True)


def _gradient_args() -> tuple:
    generator = torch.Generator().manual_seed(6)
    return (2 * torch.randn(2, 3, 5, generator=generator, dtype=torch.float64),)


def _infinite_gradient(answer: Callable) -> str | None:
    """Whether a logit of −∞ gets a gradient of k or 0 is a matter of taste, but not NaN."""
    logits = torch.tensor([[0.5, -math.inf, 1.5, -0.5]], dtype=torch.float64, requires_grad=True)
    outcome = answer(logits)
    finite = torch.isfinite(outcome.value)
    (got,) = torch.autograd.grad(outcome.value, outcome.args[0], finite.double())
    if got.isfinite().all():
        return None
    return f"  for the logits {logits.tolist()} the gradient is {got.tolist()}"


WORDS = {
    "wrong-axis": Words(
        "it normalises over the wrong dimension",
        "The V probabilities of one position sum to 1: max and sum go over the last dimension, "
        "with dim=-1, however many dimensions come before it.",
        SECTION,
    ),
    "all-at-once": Words(
        "it normalises over the whole tensor",
        "Each position has a distribution of its own. A sum without dim= adds up all positions: "
        "use dim=-1 with keepdim=True.",
        SECTION,
    ),
    "no-log": Words(
        "these are probabilities, not their logarithms",
        "A log-probability is 0 at most: log p = z − log Σ exp z.",
        SECTION,
    ),
    "negative": Words(
        "the sign is wrong: these are costs, −log p",
        "log_softmax gives log p itself, which is never above 0.",
        SECTION,
    ),
    "shift-lost": Words(
        "the largest logit is taken out of the sum but not put back",
        "log Σ exp z = m + log Σ exp(z − m): either add m again, or subtract it from z as well.",
        SECTION,
    ),
    "shift-twice": Words(
        "the largest logit is subtracted once too often",
        "After z = z − m, the sum over exp z needs no m any more: subtract log Σ exp(z − m) only.",
        SECTION,
    ),
    "no-normaliser": Words(
        "nothing is subtracted but the largest logit, so the probabilities do not sum to 1",
        "log p = z − log Σ exp z: the second term makes Σ p = 1.",
        SECTION,
    ),
    "sum-of-logits": Words(
        "the normaliser is not log Σ exp z",
        "First exp of every logit, then their sum, then its logarithm, in this order.",
        SECTION,
    ),
    "softmax-twice": Words(
        "softmax was applied twice",
        "The second softmax takes the probabilities for logits, and squeezes them towards 1/V.",
        SECTION,
    ),
    "wrong-base": Words(
        "the logarithm has the wrong base",
        "The course counts in nats: torch.log, which undoes torch.exp.",
        SECTION,
    ),
    "row-mixed": Words(
        "the normaliser of one position is subtracted from another",
        "Without keepdim=True a sum over the last dimension loses it, and broadcasting pairs it "
        "with the wrong one, or fails. Keep it: (…, 1).",
        SECTION,
    ),
    "overflow": LARGE_LOGITS,
    "underflow": Words(
        "it is the logarithm of a probability that has underflowed to 0",
        "e^−1000 is 0 in a computer, and log 0 = −∞, though log p is −1000, a harmless number. Do "
        "not go through the probability: log p = z − m − log Σ exp(z − m).",
        SECTION,
    ),
    "one-shift": Words(
        "one number is subtracted from all rows",
        "Far below the largest logit of the whole tensor every exp of a row underflows to 0. Each "
        "row needs its own: amax(dim=-1, keepdim=True).",
        SECTION,
    ),
    "fixed-shift": Words(
        "a fixed number is subtracted from the logits",
        "It only moves the limit: exp overflows or underflows all the same, a little later. Each "
        "row needs its own largest logit: amax(dim=-1, keepdim=True).",
        SECTION,
    ),
    "eps-in-log": Words(
        "a small number is added inside the logarithm, or probabilities are cut off",
        "So no log-probability falls below log(eps), and an unlikely token costs too little. "
        "Computed as z − m − log Σ exp(z − m), nothing needs to be added.",
        SECTION,
    ),
}  # fmt: skip


def _by(logits: Tensor, *, by: Callable[[Tensor], Tensor]) -> Tensor:
    return by(logits)


def _log_sum(z: Tensor) -> Tensor:
    return z.logsumexp(-1, keepdim=True)


def _largest(z: Tensor) -> Tensor:
    return z.amax(-1, keepdim=True)


def _naive(z: Tensor) -> Tensor:
    return z.exp() / z.exp().sum(-1, keepdim=True)


def _globally_shifted(z: Tensor) -> Tensor:
    shifted = z - z.max()
    return shifted - shifted.exp().sum(-1, keepdim=True).log()


def _shifted_by(z: Tensor, fixed: float) -> Tensor:
    return z - fixed - (z - fixed).exp().sum(-1, keepdim=True).log()


def _shifted_along(z: Tensor, dim: int) -> Tensor:
    return (z - z.amax(dim, keepdim=True)).log_softmax(-1)


def _summed_along(z: Tensor, dim: int) -> Tensor:
    shifted = z - _largest(z)
    return shifted - shifted.exp().sum(dim, keepdim=True).log()


def _plus(z: Tensor, eps: float) -> Tensor:
    return (z.softmax(-1) + eps).log()


EPS = (1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15, 1e-20, 1e-30)
BY: list[tuple[str, Callable[[Tensor], Tensor]]] = [
    ("wrong-axis", lambda z: z.log_softmax(0)),
    ("wrong-axis", lambda z: z.log_softmax(1)),
    ("wrong-axis", lambda z: z.log_softmax(-2)),
    ("wrong-axis", lambda z: z.log_softmax(2)),
    *(("wrong-axis", partial(_shifted_along, dim=dim)) for dim in (0, 1, -2)),
    *(("wrong-axis", partial(_summed_along, dim=dim)) for dim in (0, 1, -2)),
    ("all-at-once", lambda z: z - z.flatten().logsumexp(0)),
    ("no-log", lambda z: z.softmax(-1)),
    ("no-log", lambda z: z.exp()),
    ("no-log", lambda z: (z - _largest(z)).exp()),
    ("negative", lambda z: -z.log_softmax(-1)),
    ("negative", lambda z: z + _log_sum(z)),
    ("shift-lost", lambda z: z - _log_sum(z) + _largest(z)),
    ("shift-twice", lambda z: z - _log_sum(z) - _largest(z)),
    ("no-normaliser", lambda z: z - _largest(z)),
    ("no-normaliser", lambda z: z - z.max()),
    ("sum-of-logits", lambda z: z - z.sum(-1, keepdim=True)),
    ("sum-of-logits", lambda z: z - z.sum(-1, keepdim=True).log()),
    ("sum-of-logits", lambda z: z - z.exp().sum(-1, keepdim=True)),
    ("sum-of-logits", lambda z: z - (z - _largest(z)).exp().sum(-1, keepdim=True)),
    ("sum-of-logits", lambda z: z - _largest(z) - (z - _largest(z)).exp().sum(-1, keepdim=True)),
    ("sum-of-logits", lambda z: z - z.exp().mean(-1, keepdim=True).log()),
    ("sum-of-logits", lambda z: z.log_softmax(-1) + math.log(z.shape[-1])),
    ("sum-of-logits", lambda z: z.log() - z.sum(-1, keepdim=True).log()),
    ("sum-of-logits", lambda z: (z / z.sum(-1, keepdim=True)).log()),
    ("softmax-twice", lambda z: z.softmax(-1).log_softmax(-1)),
    ("wrong-base", lambda z: z.log_softmax(-1) / math.log(2)),
    ("wrong-base", lambda z: z.log_softmax(-1) / math.log(10)),
    ("wrong-base", lambda z: z - z.exp().sum(-1, keepdim=True).log2()),
    ("wrong-base", lambda z: z - _largest(z) - (z - _largest(z)).exp().sum(-1, True).log2()),
    ("wrong-base", lambda z: z - _largest(z) - (z - _largest(z)).exp().sum(-1, True).log10()),
    ("row-mixed", lambda z: z - z.logsumexp(-1)),
    ("row-mixed", lambda z: z - z.max(-1).values - z.logsumexp(-1)),
    ("overflow", lambda z: z - z.exp().sum(-1, keepdim=True).log()),
    ("overflow", lambda z: _naive(z).log()),
    ("overflow", lambda z: _naive(z).clamp(min=1e-12).log()),
    *(
        ("fixed-shift", partial(_shifted_by, fixed=fixed))
        for fixed in (10.0, 50.0, 80.0, 88.0, 100.0)
    ),
    ("underflow", lambda z: z.softmax(-1).log()),
    ("one-shift", _globally_shifted),
    ("one-shift", lambda z: _naive(z - z.max()).log()),
    *(("eps-in-log", partial(_plus, eps=eps)) for eps in EPS),
    *(("eps-in-log", lambda z, eps=eps: z.softmax(-1).clamp(min=eps).log()) for eps in EPS),
]
RULES: Rules = [(name, {"by": by}) for name, by in BY]
WRONG_GRADIENT = Words(
    "the value is right, its gradient is not",
    "The normaliser depends on every logit too, so it must not be detached: "
    "∂ log p(v) / ∂ z(u) is 1[u = v] − p(u). Only the largest logit may be detached, for it "
    "cancels.",
    SECTION,
)
NAN_GRADIENT = Words(
    "beside a logit of −∞ the gradient is NaN",
    "Somewhere 0 is multiplied by ∞ on the way back, as in the derivative of log at 0. Take the "
    "logarithm of the sum, not of each probability.",
    SECTION,
)
SHIFTED = Words(
    "adding the same number to all logits of a row changes the result",
    "log p depends on the differences of logits alone. Is something clamped, or added?",
    SECTION,
)

LOG_SOFTMAX = Spec(
    "log_softmax",
    ("logits",),
    SECTION,
    _oracle,
    _cases,
    mistakes(WORDS, _by, RULES),
    (
        gradient(WRONG_GRADIENT, _gradient_args, _true_gradient),
        Property("nan-gradient", NAN_GRADIENT, _infinite_gradient),
        _shift(SHIFTED),
        follows_device(DEVICE, _gradient_args),
    ),
    refused=Refused(
        "softmax",
        "log_softmax",
        "logsumexp",
        "logaddexp",
        "logaddexp2",
        "logcumsumexp",
        "softmin",
        "gumbel_softmax",
        "cross_entropy",
        instead="Use exp, sum, log and max (or amax).",
    ),
)
