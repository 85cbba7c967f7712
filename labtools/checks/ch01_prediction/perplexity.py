"""The perplexity of a corpus that comes in batches: ``corpus_perplexity``."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor

from labtools import definitions
from labtools.checks.ch01_prediction.batches import costs, scored_nll
from labtools.checks.ch01_prediction.sections import UNITS
from labtools.checks.ch01_prediction.words import (
    COUNTED,
    HALF,
    NOTHING,
    unit_special,
)
from labtools.checks.losses import right_in_half
from labtools.checks.spec import Case, Rules, Spec, Words, mistakes
from labtools.vocab import IGNORE_INDEX

Batches = list[tuple[Tensor, Tensor]]
Count = Callable[[Tensor, Tensor], int]


EMPTY_BATCH = unit_special(
    "empty-batch",
    "a batch in which nothing is scored goes wrong",
    "It adds 0 to the sum and 0 to the count, and must not make the whole corpus NaN.",
)
RAGGED = unit_special(
    "ragged-batches",
    "batches of different shapes go wrong",
    "The last batch often has fewer rows, and each is padded to its own longest row only, so they "
    "cannot simply be stacked. Sum over each of them instead.",
)


def _n_scored(nll: Tensor, targets: Tensor) -> int:
    return int((targets != IGNORE_INDEX).sum())


def _total(batches: Batches) -> Tensor:
    return torch.stack([nll.sum() for nll, _ in batches]).sum()


def _oracle_perplexity(nlls: list[Tensor], targets: list[Tensor]) -> Tensor:
    all_nll = [x for nll, y in zip(nlls, targets, strict=True) for x in scored_nll(nll, y)]
    return torch.tensor(definitions.perplexity(all_nll), dtype=nlls[0].dtype)


def _per(count: Count) -> Callable[[Batches], Tensor]:
    """The sum over a count, 1 at least."""
    return lambda batches: _total(batches) / max(1, sum(count(*batch) for batch in batches))


_by_tokens = _per(_n_scored)


def _perplexity(
    nlls: list[Tensor],
    targets: list[Tensor],
    *,
    mean: Callable[[Batches], Tensor] = _by_tokens,
    exp: Callable[[Tensor], Tensor] = torch.exp,
) -> Tensor:
    """Right when no knob is turned."""
    batches = [(nll.double(), y) for nll, y in zip(nlls, targets, strict=True)]
    return exp(mean(batches)).to(nlls[0].dtype)


def _corpus(
    generator: torch.Generator, *batches: tuple[list[int], int], **options: Any
) -> tuple[list[Tensor], list[Tensor]]:
    made = [costs(generator, scored, T, **options) for scored, T in batches]
    return [nll for nll, _ in made], [targets for _, targets in made]


def _halves() -> list[tuple]:
    generator = torch.Generator().manual_seed(5)
    return [_corpus(generator, ([2, 3], 4), ([1, 2], 4), dtype=torch.float16)]


def _perplexity_cases(generator: torch.Generator) -> list[Case]:
    corpus = partial(_corpus, generator)
    return [
        Case(corpus(([2], 3))),
        Case(corpus(([1], 3), ([3], 3))),
        Case(corpus(([2, 5], 6), ([1], 6), ([4, 3, 6], 6), free=1)),
        Case(corpus(([2, 4, 1], 5), ([1, 2, 5], 5), free=1, dtype=torch.float64)),
        Case(corpus(([3], 4), ([5, 2], 6), ([1, 1, 2], 3)), special=RAGGED),
        Case(corpus(([2, 1], 4), ([0, 0], 4), ([3, 4], 4)), special=EMPTY_BATCH),
        Case(corpus(([0], 3), ([0], 3)), special=NOTHING),
    ]


ONCE = (
    "Perplexity is exp(Σ NLL / N), with both sums over the whole corpus: sum all costs, count all "
    "scored tokens, divide once, and take exp last."
)
PERPLEXITY_WORDS = COUNTED | {
    "mean-of-perplexities": Words(
        "the batches' perplexities are averaged",
        f"exp is steep, so one bad batch outweighs many good ones. {ONCE}",
        UNITS,
    ),
    "mean-of-means": Words(
        "it is exp of the mean of the batches' means",
        f"So a token in a small batch weighs more than one in a large batch. {ONCE}",
        UNITS,
    ),
    "mean-of-rows": Words(
        "it is exp of the mean of the rows' means",
        f"So a token in a short row weighs more than one in a long row. {ONCE}",
        UNITS,
    ),
    "mean-of-exps": Words(
        "it is the mean of exp(nll), not exp of the mean",
        f"That is the mean of 1/p, which one unlikely token can make as large as it likes. {ONCE}",
        UNITS,
    ),
    "weighted-wrongly": Words(
        "the batches' means are weighted by their rows or positions",
        f"What counts is the number of scored tokens. {ONCE}",
        UNITS,
    ),
    "no-exp": Words(
        "this is the mean cost in nats; the exp is missing", "Perplexity is exp of it.", UNITS
    ),
    "not-averaged": Words(
        "the sum is not divided by N",
        f"exp(Σ NLL) is 1 / p of the whole corpus, a number beyond all measure. {ONCE}",
        UNITS,
    ),
    "divided-by-batches": Words(
        "the sum is divided by the number of batches or rows", ONCE, UNITS
    ),
    "wrong-base": Words(
        "the costs are in nats, but the power is of another base",
        "exp undoes the natural logarithm. 2 ** x is for x in bits, that is, divided by ln 2; both "
        "give the same perplexity.",
        UNITS,
    ),
    "inverted": Words(
        "this is exp(−mean): a probability, not a perplexity",
        "A perplexity is 1 at least: the number of equally likely tokens between which the model "
        "hesitates.",
        UNITS,
    ),
    "one-batch-only": Words(
        "only one of the batches counts",
        "Both sums go over all of them. Is one overwritten (=) instead of added to (+=), or does "
        "the loop return too early?",
        UNITS,
    ),
    "nan-when-empty": Words(
        "NaN when nothing is scored: 0 / 0",
        "Guard the denominator with max(N, 1): the perplexity of nothing is exp(0) = 1.",
        UNITS,
    ),
}  # fmt: skip


def _mean(nll: Tensor, targets: Tensor) -> Tensor:
    """Of one batch, NaN if nothing is scored."""
    return nll.sum() / _n_scored(nll, targets)


def _means(batches: Batches, keep: Callable[[Tensor], Tensor]) -> Tensor:
    return keep(torch.stack([_mean(*batch) for batch in batches]))


def _row_means(batches: Batches) -> Tensor:
    rows = torch.cat([nll.sum(1) / (y != IGNORE_INDEX).sum(1) for nll, y in batches])
    return rows[~rows.isnan()].mean()


def _weighted(weigh: Callable[[Tensor], int]) -> Callable[[Batches], Tensor]:
    def mean(batches: Batches) -> Tensor:
        weights = torch.tensor([weigh(nll) for nll, _ in batches])
        return (_means(batches, torch.nan_to_num) * weights).sum() / weights.sum()

    return mean


def _token_exps(batches: Batches) -> Tensor:
    return torch.cat([nll[y != IGNORE_INDEX] for nll, y in batches]).exp().mean()


def _all_exps(batches: Batches) -> Tensor:
    return torch.cat([nll.flatten() for nll, _ in batches]).exp().mean()


def _summed_over_count_of(i: int) -> Callable[[Batches], Tensor]:
    return lambda batches: _total(batches) / max(1, _n_scored(*batches[i]))


def _one_over_all(batches: Batches) -> Tensor:
    return batches[-1][0].sum() / sum(_n_scored(*batch) for batch in batches)


KEEPS: list[Callable[[Tensor], Tensor]] = [
    lambda means: means,
    torch.nan_to_num,
    lambda means: means[~means.isnan()],
]
BY_ID: list[tuple[Callable[[Batches], Tensor], Count]] = [
    (total, count)
    for total in (_total, lambda batches: _total([(nll * (y != 0), y) for nll, y in batches]))
    for count in (lambda nll, y: int((y != 0).sum()), lambda nll, y: int((y > 0).sum()))
]
AS_IT_IS: dict[str, Any] = {"exp": lambda x: x}


def _over(total: Callable[[Batches], Tensor], count: Count) -> Callable[[Batches], Tensor]:
    return lambda batches: total(batches) / max(1, sum(count(*batch) for batch in batches))


PERPLEXITY_RULES: Rules = (
    *(
        (
            "mean-of-perplexities",
            AS_IT_IS | {"mean": lambda batches, k=keep: _means(batches, k).exp().mean()},
        )
        for keep in KEEPS
    ),
    (
        "mean-of-perplexities",
        AS_IT_IS | {"mean": lambda batches: _means(batches, torch.nan_to_num).exp().sum()},
    ),
    (
        "mean-of-perplexities",
        AS_IT_IS
        | {
            "mean": lambda batches: (
                sum(_mean(*b).nan_to_num().exp() * _n_scored(*b) for b in batches)
                / max(1, sum(_n_scored(*b) for b in batches))
            )
        },
    ),
    *(
        ("mean-of-means", {"mean": lambda batches, k=keep: _means(batches, k).mean()})
        for keep in KEEPS
    ),
    ("mean-of-means", {"mean": lambda batches: _means(batches, torch.nan_to_num).sum()}),
    ("mean-of-rows", {"mean": _row_means}),
    ("mean-of-exps", AS_IT_IS | {"mean": _token_exps}),
    ("mean-of-exps", AS_IT_IS | {"mean": _all_exps}),
    ("weighted-wrongly", {"mean": _weighted(len)}),
    ("weighted-wrongly", {"mean": _weighted(Tensor.numel)}),
    ("no-exp", AS_IT_IS),
    ("not-averaged", {"mean": _total}),
    ("divided-by-batches", {"mean": _per(lambda nll, y: 1)}),
    ("divided-by-batches", {"mean": _per(lambda nll, y: len(nll))}),
    ("wrong-base", {"exp": torch.exp2}),
    ("wrong-base", {"exp": lambda x: 10**x}),
    ("wrong-base", {"exp": lambda x: (x / math.log(2)).exp()}),
    ("inverted", {"exp": lambda x: (-x).exp()}),
    ("one-batch-only", {"mean": lambda batches: _mean(*batches[-1])}),
    ("one-batch-only", {"mean": lambda batches: _mean(*batches[0])}),
    ("one-batch-only", {"mean": _summed_over_count_of(-1)}),
    ("one-batch-only", {"mean": _summed_over_count_of(0)}),
    ("one-batch-only", {"mean": _one_over_all}),
    (
        "nan-when-empty",
        {"mean": lambda batches: _total(batches) / sum(_n_scored(*b) for b in batches)},
    ),
    (
        "nan-when-empty",
        {
            "mean": lambda batches: (
                _total(batches) / torch.tensor(sum(_n_scored(*b) for b in batches))
            )
        },
    ),
    ("all-positions", {"mean": _per(lambda nll, y: nll.numel())}),
    ("free-tokens-lost", {"mean": _per(lambda nll, y: int((nll != 0).sum()))}),
    *(("masked-by-id", {"mean": _over(*by_id)}) for by_id in BY_ID),
)

ARGUMENTS = "nlls", "targets"
CORPUS_PERPLEXITY = Spec(
    "corpus_perplexity",
    ARGUMENTS,
    UNITS,
    _oracle_perplexity,
    _perplexity_cases,
    mistakes(PERPLEXITY_WORDS, _perplexity, PERPLEXITY_RULES),
    (right_in_half(HALF, ARGUMENTS, _oracle_perplexity, _halves),),
)
