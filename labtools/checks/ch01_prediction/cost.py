"""What each token costs: ``token_nll``."""

import math
from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from labtools import definitions
from labtools.checks.ch01_prediction.batches import ragged_targets
from labtools.checks.ch01_prediction.sections import COST, LIKELIHOOD, LOG_SOFTMAX
from labtools.checks.ch01_prediction.words import DEVICE
from labtools.checks.losses import half_precision, right_in_half
from labtools.checks.properties import follows_device, gradient, no_gradient_where
from labtools.checks.spec import Case, Rules, Spec, Special, Words, mistakes
from labtools.vocab import IGNORE_INDEX

Scored = Callable[[Tensor], Tensor]


def _is_scored(targets: Tensor) -> Tensor:
    return targets != IGNORE_INDEX


def _oracle(logits: Tensor, targets: Tensor) -> Tensor:
    rows = [
        [
            0.0 if target == IGNORE_INDEX else -definitions.log_softmax(row)[target]
            for row, target in zip(z, ids, strict=True)
        ]
        for z, ids in zip(logits.tolist(), targets.tolist(), strict=True)
    ]
    return torch.tensor(rows, dtype=logits.dtype)


def _picked(log_probs: Tensor, targets: Tensor) -> Tensor:
    """The entry of every target, of token 0 where the target is ignored."""
    return log_probs.gather(-1, targets.clamp(min=0)[..., None]).squeeze(-1)


def _costs(
    logits: Tensor,
    targets: Tensor,
    *,
    log_probs: Callable[[Tensor], Tensor] = lambda z: z.log_softmax(-1),
    pick: Callable[[Tensor, Tensor], Tensor] = _picked,
    cost: Callable[[Tensor], Tensor] = lambda log_p: -log_p,
    read: Callable[[Tensor], Tensor] = lambda targets: targets,
    scored: Scored = _is_scored,
    ignored: float = 0.0,
    result: Callable[[Tensor, Tensor], Tensor] = lambda nll, scored: nll,
) -> Tensor:
    """(B, T) costs; right when no knob is turned."""
    targets = read(targets)
    nll = cost(pick(log_probs(logits.double()), targets))
    nll = torch.where(scored(targets), nll, ignored)
    return result(nll, _is_scored(targets)).to(logits.dtype)


def _special(name: str, title: str, explain: str) -> Special:
    return Special(name, Words(title, explain, COST))


LARGE = Special(
    "unstable",
    Words(
        "large logits go wrong",
        "exp of a large logit overflows, and the probability of an unlikely token underflows to 0, "
        "whose logarithm is −∞. Work with log_softmax of the logits, not with probabilities.",
        LOG_SOFTMAX,
    ),
)
NOTHING = _special(
    "nothing-scored",
    "targets that are all ignored go wrong",
    "Then every cost is 0, and the shape is (B, T) as ever.",
)


def _batch(
    generator: torch.Generator,
    scored: list[int],
    T: int,
    V: int,
    *,
    scale: float = 2.0,
    dtype: torch.dtype = torch.float32,
) -> tuple[Tensor, Tensor]:
    shape = len(scored), T, V
    logits = scale * torch.randn(shape, generator=generator, dtype=torch.float64)
    return logits.to(dtype), ragged_targets(generator, scored, T, V)


def _cases(generator: torch.Generator) -> list[Case]:
    make = partial(_batch, generator)
    return [
        Case(make([2], 2, 3)),
        Case(make([2], 3, 4)),
        Case(make([3, 4, 2], 4, 6)),
        Case(make([2, 5], 5, 11, dtype=torch.float64)),
        Case(make([3, 0, 2], 4, 5)),
        Case(make([3, 4], 4, 5, scale=3e3, dtype=torch.float64), special=LARGE),
        Case(make([0, 0], 3, 4), special=NOTHING),
    ]


def _halves() -> list[tuple]:
    make = partial(_batch, torch.Generator().manual_seed(9))
    return [
        make([2, 3], 4, 6, scale=1.0, dtype=torch.bfloat16),
        make([3, 2], 4, 7, dtype=torch.float16),
    ]


def _gradient_args() -> tuple[Tensor, Tensor]:
    return _batch(torch.Generator().manual_seed(9), [2, 3], 4, 5, dtype=torch.float64)


def _true_gradient(logits: Tensor, targets: Tensor) -> Tensor:
    weights = torch.arange(1, targets.numel() + 1).reshape(targets.shape)
    one_hot = F.one_hot(targets.clamp(min=0), logits.shape[-1])
    return (logits.softmax(-1) - one_hot) * (weights * _is_scored(targets))[..., None]


IGNORED = (
    f"A target of IGNORE_INDEX = {IGNORE_INDEX} is no token: there is nothing to pick, and the "
    "cost is 0. To index or gather, put a harmless id in its place, as targets.clamp(min=0), and "
    "set the cost to 0 afterwards."
)
WORDS = {
    "negative": Words(
        "the sign is wrong: these are log-probabilities",
        "A cost is −log p, and never below 0: the likelier the token, the cheaper.",
        LIKELIHOOD,
    ),
    "probability": Words(
        "these are probabilities, not costs",
        "A token of probability p costs −log p: independent costs add up where probabilities "
        "multiply.",
        LIKELIHOOD,
    ),
    "no-log": Words(
        "the numbers picked are no log-probabilities",
        "nll_loss, and picking by hand, need log_softmax of the logits over the vocabulary. "
        "cross_entropy does both steps at once.",
        LOG_SOFTMAX,
    ),
    "softmax-twice": Words(
        "softmax was applied before a function that applies it again",
        "cross_entropy and log_softmax expect raw logits. Applied twice, softmax squeezes every "
        "cost towards ln V.",
        LOG_SOFTMAX,
    ),
    "wrong-axis": Words(
        "softmax was taken over the wrong dimension",
        "The V probabilities at one position sum to 1: dim=-1 of (B, T, V).",
        LOG_SOFTMAX,
    ),
    "all-at-once": Words(
        "softmax was taken over the whole batch at once",
        "Each position has a distribution of its own: dim=-1 of (B, T, V).",
        LOG_SOFTMAX,
    ),
    "ignored-scored": Words(
        "ignored positions are charged for some token, as token 0", IGNORED, COST
    ),
    "ignored-as-index": Words(
        f"IGNORE_INDEX = {IGNORE_INDEX} is used as if it were a token", IGNORED, COST
    ),
    "ignored-not-0": Words("ignored positions are not 0", IGNORED, COST),
    "ignored-alone": Words(
        "the scored positions are set to 0, and the ignored ones are kept",
        "The mask is upside down: scored = targets != IGNORE_INDEX.",
        COST,
    ),
    "masked-by-id": Words(
        "a token is ignored by its id",
        "0 is the id of a token like any other, even where it is <pad>. Only IGNORE_INDEX says "
        "that a position is not scored.",
        COST,
    ),
    "ignored-dropped": Words(
        "ignored positions are left out, so the shape is lost",
        "The result has the shape of targets, (B, T), with 0 where the target is ignored.",
        COST,
    ),
    "averaged": Words(
        "the costs are already summed or averaged",
        'One cost per position is asked for, (B, T): reduction="none". How they are summed is '
        "decided by whoever knows the whole batch.",
        COST,
    ),
    "divided": Words(
        "the costs are divided by the number of tokens",
        "One cost per position is asked for, −log p as it is. The mean comes later.",
        COST,
    ),
    "bits": Words(
        "the costs are not in nats",
        "The course counts in nats: the natural logarithm.",
        COST,
    ),
    "exponential": Words(
        "these are 1/p, not −log p",
        "exp of a cost is a perplexity. Return −log p itself.",
        COST,
    ),
    "likeliest": Words(
        "it is the likeliest token that is charged for, not the target",
        "What came is what counts, whatever the model would have preferred: pick by targets.",
        LIKELIHOOD,
    ),
    "entropy": Words(
        "this is the entropy: what the model expects to pay, whatever comes",
        "The cost is −log p of the one token that came. Its mean over the model's own "
        "distribution is the entropy.",
        LIKELIHOOD,
    ),
    "shifted": Words(
        "the targets are shifted by one, but they are aligned already",
        "targets[b, t] is what logits[b, t] predicts. Whoever made the targets has shifted them.",
        COST,
    ),
    "view": Words(
        "view or reshape was used where a transpose was meant",
        "Reshaping (B, T, V) to (B, V, T) tears each row of logits apart; "
        "`logits.transpose(1, 2)` keeps it. At the start of training all costs are near ln V, "
        "which hides it.",
        COST,
    ),
    "scrambled": Words(
        "the costs are right, but stand at the wrong places",
        "Costs that were computed in a row of B · T come back with reshape(B, T): the rows of the "
        "batch first, then the positions.",
        COST,
    ),
    "class-dimension": Words(
        "cross_entropy takes the positions for the classes",
        "It expects the class dimension second, (B, V, T), or (N, V) with targets (N,). Give it "
        "logits.transpose(1, 2), or flatten both and give the result its shape again.",
        COST,
    ),
    "eps-in-log": Words(
        "a small number is added inside the logarithm, or probabilities are cut off",
        "So no token costs more than −log(eps), and an impossible one is cheap. Take log_softmax "
        "of the logits, and nothing needs to be added.",
        LOG_SOFTMAX,
    ),
}  # fmt: skip


def _reshaped(logits: Tensor) -> Tensor:
    """(B, T, V) read as if it were (B, V, T)."""
    B, T, V = logits.shape
    return logits.reshape(B, V, T).transpose(1, 2).log_softmax(-1)


def _time_first(logits: Tensor) -> Tensor:
    return logits.transpose(0, 1).reshape(logits.shape).log_softmax(-1)


def _entropy(log_probs: Tensor, targets: Tensor) -> Tensor:
    return (log_probs.exp() * log_probs).sum(-1)


def _shift(logits: Tensor, targets: Tensor) -> Tensor:
    """Costs of what comes after, 0 at the end."""
    return F.pad(_costs(logits[:, :-1], targets[:, 1:]), (0, 1))


def _shift_back(logits: Tensor, targets: Tensor) -> Tensor:
    return F.pad(_costs(logits[:, 1:], targets[:, :-1]), (1, 0))


def _by(logits: Tensor, targets: Tensor, *, by: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    return by(logits, targets)


def _indexed(logits: Tensor, targets: Tensor) -> Tensor:
    B, T = targets.shape
    return -logits.log_softmax(-1)[torch.arange(B)[:, None], torch.arange(T), targets]


def _gathered(logits: Tensor, targets: Tensor) -> Tensor:
    return -logits.log_softmax(-1).gather(-1, targets[..., None]).squeeze(-1)


def _one_hot(logits: Tensor, targets: Tensor) -> Tensor:
    return -(F.one_hot(targets, logits.shape[-1]) * logits.log_softmax(-1)).sum(-1)


def _looped(logits: Tensor, targets: Tensor) -> Tensor:
    log_probs = logits.log_softmax(-1)
    rows = zip(log_probs, targets, strict=True)
    return torch.stack(
        [torch.stack([-row[y] for row, y in zip(z, ys, strict=True)]) for z, ys in rows]
    )


def _cross_entropy(reduction: str, ignore_index: int = IGNORE_INDEX) -> Callable:
    def by(logits: Tensor, targets: Tensor) -> Tensor:
        return F.cross_entropy(logits.mT, targets, reduction=reduction, ignore_index=ignore_index)

    return by


EPS = (1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15, 1e-20, 1e-30)
BY: list[tuple[str, Callable[[Tensor, Tensor], Tensor]]] = [
    ("ignored-as-index", _indexed),
    ("ignored-as-index", _gathered),
    ("ignored-as-index", _one_hot),
    ("ignored-as-index", _looped),
    ("ignored-as-index", _cross_entropy("none", -1)),
    ("ignored-as-index", _cross_entropy("none", 0)),
    ("averaged", _cross_entropy("mean")),
    ("averaged", _cross_entropy("sum")),
    ("averaged", lambda z, y: _costs(z, y).mean()),
    ("averaged", lambda z, y: _costs(z, y).sum() / _is_scored(y).sum().clamp(min=1)),
    ("averaged", lambda z, y: _costs(z, y).mean(1)),
    ("averaged", lambda z, y: _costs(z, y).sum(1)),
    ("shifted", _shift),
    ("shifted", _shift_back),
    ("shifted", lambda z, y: _costs(z[:, :-1], y[:, 1:])),
    ("shifted", lambda z, y: _costs(z[:, 1:], y[:, :-1])),
    ("ignored-dropped", lambda z, y: _costs(z, y)[_is_scored(y)]),
    ("class-dimension", lambda z, y: F.cross_entropy(z, y, reduction="none")),
    ("class-dimension", lambda z, y: F.nll_loss(z.log_softmax(-1), y, reduction="none")),
    ("scrambled", lambda z, y: _costs(z, y).T),
    ("scrambled", lambda z, y: _costs(z, y).flatten()),
]
RULES: Rules = (
    ("negative", {"cost": lambda log_p: log_p}),
    ("probability", {"cost": lambda log_p: log_p.exp()}),
    ("probability", {"cost": lambda log_p: 1 - log_p.exp()}),
    ("probability", {"cost": lambda log_p: -log_p.exp()}),
    ("no-log", {"log_probs": lambda z: z}),
    ("no-log", {"log_probs": lambda z: z - z.amax(-1, keepdim=True)}),
    ("no-log", {"log_probs": lambda z: z, "cost": lambda z: z}),
    ("no-log", {"log_probs": lambda z: z, "cost": lambda z: -z.log()}),
    ("softmax-twice", {"log_probs": lambda z: z.softmax(-1).log_softmax(-1)}),
    ("wrong-axis", {"log_probs": lambda z: z.log_softmax(1)}),
    ("wrong-axis", {"log_probs": lambda z: z.log_softmax(0)}),
    ("all-at-once", {"log_probs": lambda z: z - z.flatten().logsumexp(0)}),
    ("all-at-once", {"log_probs": lambda z: z - z.flatten(1).logsumexp(1)[:, None, None]}),
    ("ignored-scored", {"scored": lambda y: torch.ones_like(y, dtype=torch.bool)}),
    (
        "ignored-scored",
        {
            "pick": lambda p, y: _picked(p, y.remainder(p.shape[-1])),
            "scored": lambda y: torch.ones_like(y, dtype=torch.bool),
        },
    ),
    (
        "ignored-scored",
        {
            "pick": lambda p, y: _picked(p, y.where(_is_scored(y), p.shape[-1] - 1)),
            "scored": lambda y: torch.ones_like(y, dtype=torch.bool),
        },
    ),
    *(("ignored-not-0", {"ignored": x}) for x in (math.nan, -100.0, 100.0, math.inf, 1.0, -1.0)),
    ("ignored-alone", {"scored": lambda y: y == IGNORE_INDEX}),
    ("masked-by-id", {"scored": lambda y: y > 0}),
    ("masked-by-id", {"scored": lambda y: y != 0}),
    ("divided", {"result": lambda nll, scored: nll / nll.numel()}),
    ("divided", {"result": lambda nll, scored: nll / scored.sum().clamp(min=1)}),
    ("divided", {"result": lambda nll, scored: nll / scored.sum(1, keepdim=True).clamp(min=1)}),
    ("bits", {"cost": lambda log_p: -log_p / math.log(2)}),
    ("bits", {"cost": lambda log_p: -log_p / math.log(10)}),
    ("bits", {"cost": lambda log_p: -log_p * math.log(2)}),
    ("exponential", {"cost": lambda log_p: (-log_p).exp()}),
    ("exponential", {"result": lambda nll, scored: nll.exp()}),
    ("likeliest", {"pick": lambda log_p, y: log_p.amax(-1)}),
    ("entropy", {"pick": _entropy}),
    ("view", {"log_probs": _reshaped}),
    ("view", {"log_probs": _time_first}),
    (
        "view",
        {"log_probs": lambda z: z.mT.reshape(z.shape).log_softmax(-1)},
    ),
    ("scrambled", {"result": lambda nll, scored: nll.T.reshape(nll.shape)}),
    ("scrambled", {"result": lambda nll, scored: nll.reshape(nll.T.shape).T}),
    *(("eps-in-log", {"log_probs": lambda z, e=eps: (z.softmax(-1) + e).log()}) for eps in EPS),
    *(
        ("eps-in-log", {"log_probs": lambda z, e=eps: z.softmax(-1).clamp(min=e).log()})
        for eps in EPS
    ),
)
WRONG_GRADIENT = Words(
    "the value is right, its gradient is not",
    "For the logits of a scored position it is softmax − one-hot: what the model expects, less "
    "what came. At an ignored position it is exactly 0.",
    COST,
)
IGNORED_GRADIENT = Words(
    "an ignored position has a gradient, or NaN",
    "Nothing is to be learned there. Select with torch.where or masked_fill instead of multiplying "
    "by 0: on the way back 0 · ∞ is NaN.",
    COST,
)

ARGUMENTS = "logits", "targets"
TOKEN_NLL = Spec(
    "token_nll",
    ARGUMENTS,
    COST,
    _oracle,
    _cases,
    (
        *mistakes(WORDS, _costs, RULES),
        *mistakes(WORDS, _by, [(name, {"by": by}) for name, by in BY]),
    ),
    (
        gradient(WRONG_GRADIENT, _gradient_args, _true_gradient),
        no_gradient_where(IGNORED_GRADIENT, _gradient_args, lambda z, y: ~_is_scored(y)[..., None]),
        follows_device(DEVICE, _gradient_args),
        right_in_half(half_precision(COST, "a cost"), ARGUMENTS, _oracle, _halves),
    ),
    axes=("row", "position"),
)
