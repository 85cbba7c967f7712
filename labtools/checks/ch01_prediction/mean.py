"""The mean cost of a batch: ``mean_nll``."""

import math
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from labtools import definitions
from labtools.checks.ch01_prediction.batches import costs, scored_nll
from labtools.checks.ch01_prediction.sections import COST, UNITS
from labtools.checks.ch01_prediction.words import COUNTED, DEVICE
from labtools.checks.losses import half_precision, right_in_half
from labtools.checks.properties import follows_device
from labtools.checks.spec import Case, Property, Rules, Spec, Special, Words, mistakes
from labtools.checks.values import agree
from labtools.vocab import IGNORE_INDEX

Count = Callable[[Tensor, Tensor], Tensor | int]
Reduce = Callable[[Tensor, Tensor], Tensor]


def _oracle(nll: Tensor, targets: Tensor) -> Tensor:
    return torch.tensor(definitions.mean(scored_nll(nll, targets)), dtype=nll.dtype)


def n_scored(nll: Tensor, targets: Tensor) -> Tensor:
    """N, unguarded."""
    return (targets != IGNORE_INDEX).sum()


def _sum(nll: Tensor, targets: Tensor) -> Tensor:
    return nll.sum()


def _mean(
    nll: Tensor,
    targets: Tensor,
    *,
    total: Reduce = _sum,
    count: Count = lambda nll, y: n_scored(nll, y).clamp(min=1),
    result: Callable[[Tensor], Tensor] = lambda mean: mean,
) -> Tensor:
    """Right when no knob is turned."""
    nll64 = nll.double()
    return result(total(nll64, targets) / count(nll64, targets)).to(nll.dtype)


NOTHING_SCORED = Words(
    "when nothing is scored, the mean should be 0 with a gradient of 0",
    "A batch without a single target happens in practice and must not stop the training. Guard the "
    "denominator, N.clamp(min=1), and let the mean stay a tensor that depends on nll.",
    COST,
)
NOTHING = Special("nothing-scored", NOTHING_SCORED)
NAN_HIDDEN = Special(
    "nan-hidden",
    Words(
        "a cost of NaN should make the mean NaN",
        "It comes from a model that has broken down. nansum and nan_to_num make its loss small, "
        "and nobody notices. To have 0 where nothing is scored, guard the denominator.",
        COST,
    ),
)


def _cases(generator: torch.Generator) -> list[Case]:
    make = partial(costs, generator)
    broken = make([2, 3], 4)
    broken[0][broken[1] != IGNORE_INDEX] = torch.tensor([1.0, math.nan, 2.0, 0.5, 3.0])
    return [
        Case(make([2], 3)),
        Case(make([4, 1], 5)),
        Case(make([2, 6, 3], 7, free=1)),
        Case(make([5, 0, 2], 6, free=2, dtype=torch.float64)),
        Case(make([0, 0], 3), special=NOTHING),
        Case(broken, special=NAN_HIDDEN, raises=ValueError),
    ]


def _halves() -> list[tuple]:
    make = partial(costs, torch.Generator().manual_seed(5))
    return [make([4, 2], 5, dtype=torch.bfloat16), make([0], 4, dtype=torch.float16)]


def _gradient_at_scored(answer: Callable) -> str | None:
    """1/N where scored; elsewhere token_nll passes nothing on, whatever finite number it is."""
    nll, targets = costs(torch.Generator().manual_seed(3), [2, 4], 5, dtype=torch.float64)
    got = _gradient(answer, nll, targets)
    if isinstance(got, str):
        return got
    scored = targets != IGNORE_INDEX
    expected = torch.where(scored, 1 / scored.sum(), got.nan_to_num())
    if agree(got, expected):
        return None
    b, t = (~torch.isclose(got, expected)).nonzero()[0].tolist()
    return f"  row {b}, position {t}: it is {got[b, t]:.4g}, expected {expected[b, t]:.4g}"


def _gradient_of_nothing(answer: Callable) -> str | None:
    targets = torch.full((2, 3), IGNORE_INDEX)
    got = _gradient(answer, torch.zeros(2, 3), targets)
    if isinstance(got, str) or got.isfinite().all():
        return got if isinstance(got, str) else None
    return f"  its gradient is {got.flatten()[0]:.4g}"


def _gradient(answer: Callable, nll: Tensor, targets: Tensor) -> Tensor | str:
    outcome = answer(nll.requires_grad_(), targets)
    if not outcome.value.requires_grad:
        return "  The result has no gradient (was .item(), .detach() or a new tensor used?)"
    (found,) = torch.autograd.grad(outcome.value, outcome.args[0], allow_unused=True)
    return "  The result does not depend on nll." if found is None else found


DIVIDE_BY_N = "All scored tokens weigh the same: sum them all, divide once by N, their number."
WORDS = COUNTED | {
    "all-positions": Words(
        "the sum is divided by the number of all positions, not of the scored ones",
        "Ignored positions add 0 to the sum, so they must not be counted: otherwise the same "
        "tokens have a smaller loss beside more padding. Divide by N, the number of targets that "
        "are not IGNORE_INDEX.",
        COST,
    ),
    "sum": Words(
        "the costs are summed, not averaged",
        "Divide by N, the number of scored tokens, or the learning rate would depend on the size "
        "of the batch.",
        COST,
    ),
    "nan-when-empty": Words(
        "NaN when nothing is scored: 0 / 0",
        "A batch without a single target happens in practice. Guard the denominator: "
        "N.clamp(min=1).",
        COST,
    ),
    "mean-of-rows": Words(
        "the mean is taken row by row, then over the rows",
        f"So a token in a row with few of them weighs more than one among many. {DIVIDE_BY_N}",
        COST,
    ),
    "divided-by-rows": Words(
        "the sum is divided by the number of rows, or of positions in a row", DIVIDE_BY_N, COST
    ),
    "ignored-counted": Words(
        "the ignored positions are counted, and not the scored ones",
        "The mask is upside down: scored = targets != IGNORE_INDEX.",
        COST,
    ),
    "count-off": Words("the number of scored tokens is off by one", DIVIDE_BY_N, COST),
    "ids-summed": Words(
        "the ids themselves are added up, not counted",
        "N is how many targets there are: (targets != IGNORE_INDEX).sum().",
        COST,
    ),
    "bits": Words(
        "the mean is not in nats",
        "The course counts in nats: leave the costs as they are.",
        UNITS,
    ),
    "perplexity": Words(
        "this is a perplexity, not a mean cost",
        "Return the mean of nll itself, not exp.",
        UNITS,
    ),
    "median": Words("this is a median or a largest cost, not the mean", DIVIDE_BY_N, COST),
}  # fmt: skip


def _rows(nll: Tensor, targets: Tensor) -> Tensor:
    """The mean of every row, NaN of an empty one."""
    return nll.sum(1) / (targets != IGNORE_INDEX).sum(1)


def _of_rows(choose: Callable[[Tensor], Tensor]) -> Reduce:
    return lambda nll, targets: choose(_rows(nll, targets)).mean()


def _scored_only(nll: Tensor, targets: Tensor) -> Tensor:
    return nll[targets != IGNORE_INDEX]


BY_ID: list[tuple[Reduce, Count]] = [
    (total, count)
    for total in (_sum, lambda nll, y: nll[y != 0].sum())
    for count in (lambda nll, y: (y != 0).sum(), lambda nll, y: (y > 0).sum())
]
RULES: Rules = (
    ("all-positions", {"count": lambda nll, y: nll.numel()}),
    ("sum", {"count": lambda nll, y: 1}),
    ("nan-when-empty", {"count": n_scored}),
    *(
        ("mean-of-rows", {"total": _of_rows(choose), "count": lambda nll, y: 1})
        for choose in (
            lambda rows: rows,
            lambda rows: rows.nan_to_num(),
            lambda rows: rows[~rows.isnan()],
        )
    ),
    ("divided-by-rows", {"count": lambda nll, y: len(nll)}),
    ("divided-by-rows", {"count": lambda nll, y: nll.shape[1]}),
    ("free-tokens-lost", {"count": lambda nll, y: (nll != 0).sum()}),
    ("free-tokens-lost", {"count": lambda nll, y: (nll != 0).sum().clamp(min=1)}),
    *(("masked-by-id", {"total": total, "count": count}) for total, count in BY_ID),
    ("ignored-counted", {"count": lambda nll, y: (y == IGNORE_INDEX).sum()}),
    ("ignored-counted", {"count": lambda nll, y: (y == IGNORE_INDEX).sum().clamp(min=1)}),
    ("count-off", {"count": lambda nll, y: n_scored(nll, y) + 1}),
    ("count-off", {"count": lambda nll, y: n_scored(nll, y) - 1}),
    ("count-off", {"count": lambda nll, y: (n_scored(nll, y) - 1).clamp(min=1)}),
    ("ids-summed", {"count": lambda nll, y: y.sum()}),
    ("ids-summed", {"count": lambda nll, y: y.clamp(min=0).sum()}),
    ("ids-summed", {"count": lambda nll, y: y[y != IGNORE_INDEX].sum()}),
    ("negative", {"result": lambda mean: -mean}),
    ("bits", {"result": lambda mean: mean / math.log(2)}),
    ("bits", {"result": lambda mean: mean * math.log(2)}),
    ("perplexity", {"result": lambda mean: mean.exp()}),
    ("perplexity", {"total": lambda nll, y: _scored_only(nll, y).exp().sum()}),
    ("median", {"total": lambda nll, y: _scored_only(nll, y).median(), "count": lambda nll, y: 1}),
    ("median", {"total": lambda nll, y: nll.median(), "count": lambda nll, y: 1}),
    ("median", {"total": lambda nll, y: nll.max(), "count": lambda nll, y: 1}),
)
WRONG_GRADIENT = Words(
    "the value is right, its gradient is not",
    "Training uses the gradient alone. Every scored cost has a share of 1/N in the mean.",
    COST,
)

ARGUMENTS = "nll", "targets"
MEAN_NLL = Spec(
    "mean_nll",
    ARGUMENTS,
    COST,
    _oracle,
    _cases,
    mistakes(WORDS, _mean, RULES),
    (
        Property("wrong-gradient", WRONG_GRADIENT, _gradient_at_scored),
        Property("nothing-scored", NOTHING_SCORED, _gradient_of_nothing),
        follows_device(DEVICE, lambda: costs(torch.Generator().manual_seed(4), [2, 4], 5)),
        right_in_half(half_precision(COST, "the mean"), ARGUMENTS, _oracle, _halves),
    ),
)
