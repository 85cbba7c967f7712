"""What a corpus costs, in units that can be compared: ``corpus_perplexity``, ``bits_per_byte``."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor

from labtools import definitions
from labtools.checks.ch01_prediction.batches import costs, scored_nll
from labtools.checks.ch01_prediction.sections import COST, UNITS
from labtools.checks.spec import Case, Rules, Spec, Special, Words, mistakes
from labtools.vocab import IGNORE_INDEX

Batches = list[tuple[Tensor, Tensor]]
Count = Callable[[Tensor, Tensor], int]


def _special(name: str, title: str, explain: str) -> Special:
    return Special(name, Words(title, explain, UNITS))


HALF = _special(
    "half-precision",
    "half precision goes wrong",
    "The result has the dtype of nll. Count in integers or in float32: 1e-8 vanishes in half "
    "precision, and sums lose their last digits.",
)
NAN_HIDDEN = _special(
    "nan-hidden",
    "a cost of NaN should make the result NaN",
    "It comes from a model that has broken down. nansum and nan_to_num make its result good, and "
    "nobody notices.",
)
EMPTY_BATCH = _special(
    "empty-batch",
    "a batch in which nothing is scored goes wrong",
    "It adds 0 to the sum and 0 to the count, and must not make the whole corpus NaN.",
)
RAGGED = _special(
    "ragged-batches",
    "batches of different shapes go wrong",
    "The last batch often has fewer rows, and each is padded to its own longest row only, so they "
    "cannot simply be stacked. Sum over each of them instead.",
)
NOTHING = _special(
    "nothing-scored",
    "it goes wrong when nothing is scored",
    "Then Σ NLL is 0: a perplexity of exp(0) = 1, and 0 bits. Guard a division by N = 0.",
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


def _perplexity(
    nlls: list[Tensor],
    targets: list[Tensor],
    *,
    mean: Callable[[Batches], Tensor] = _per(_n_scored),
    exp: Callable[[Tensor], Tensor] = torch.exp,
) -> Tensor:
    """Right when no knob is turned."""
    batches = [(nll.double(), y) for nll, y in zip(nlls, targets, strict=True)]
    return exp(mean(batches)).to(nlls[0].dtype)


def _perplexity_cases(generator: torch.Generator) -> list[Case]:
    def corpus(*batches: tuple[list[int], int], **options: Any) -> tuple:
        made = [costs(generator, scored, T, **options) for scored, T in batches]
        return [nll for nll, _ in made], [targets for _, targets in made]

    broken = corpus(([2, 3], 4), ([1, 2], 4))
    broken[0][1][broken[1][1] != IGNORE_INDEX] = torch.tensor([1.0, math.nan, 2.0])
    return [
        Case(corpus(([2], 3))),
        Case(corpus(([1], 3), ([3], 3))),
        Case(corpus(([2, 5], 6), ([1, 1], 6), ([4, 3], 6), free=1)),
        Case(corpus(([2, 4, 1], 5), ([1, 2, 5], 5), free=1, dtype=torch.float64)),
        Case(corpus(([3], 4), ([5, 2], 6), ([1, 1, 2], 3)), special=RAGGED),
        Case(corpus(([2, 1], 4), ([0, 0], 4), ([3, 4], 4)), special=EMPTY_BATCH),
        Case(corpus(([0], 3), ([0], 3)), special=NOTHING),
        Case(corpus(([2, 3], 4), ([1, 2], 4), dtype=torch.float16), special=HALF),
        Case(broken, special=NAN_HIDDEN, raises=ValueError),
    ]


ONCE = (
    "Perplexity is exp(Σ NLL / N), with both sums over the whole corpus: sum all costs, count all "
    "scored tokens, divide once, and take exp last."
)
COUNTED = {
    "all-positions": Words(
        "ignored positions are counted as tokens",
        "They add 0 to the sum, so they must not be counted: otherwise padding makes the model "
        "look better. N is the number of targets that are not IGNORE_INDEX.",
        COST,
    ),
    "free-tokens-lost": Words(
        "a token that costs nothing is not counted",
        "A cost of 0 says that the model was certain and right: that token is scored like any "
        "other. What is scored is told by targets, not by nll.",
        COST,
    ),
    "masked-by-id": Words(
        "what is scored is recognised by an id of 0",
        "0 is the id of a token like any other, even where it is <pad>. Only IGNORE_INDEX says "
        "that a position is not scored: targets != IGNORE_INDEX.",
        COST,
    ),
    "negative": Words("the sign is wrong", "nll is −log p already.", COST),
}
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


def _over(
    total: Callable[[Batches], Tensor], count: Count
) -> Callable[[Batches], Tensor]:
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
    ("nan-when-empty", {
        "mean": lambda batches: _total(batches) / torch.tensor(sum(_n_scored(*b) for b in batches))
    }),
    ("all-positions", {"mean": _per(lambda nll, y: nll.numel())}),
    ("free-tokens-lost", {"mean": _per(lambda nll, y: int((nll != 0).sum()))}),
    *(("masked-by-id", {"mean": _over(*by_id)}) for by_id in BY_ID),
)

CORPUS_PERPLEXITY = Spec(
    "corpus_perplexity",
    ("nlls", "targets"),
    UNITS,
    _oracle_perplexity,
    _perplexity_cases,
    mistakes(PERPLEXITY_WORDS, _perplexity, PERPLEXITY_RULES),
)


def _oracle_bits(nll: Tensor, targets: Tensor, n_bytes: int) -> Tensor:
    bits = definitions.bits_per_byte(scored_nll(nll, targets), n_bytes)
    return torch.tensor(bits, dtype=nll.dtype)


def _bits(
    nll: Tensor,
    targets: Tensor,
    n_bytes: int,
    *,
    total: Callable[[Tensor, Tensor], Tensor] = lambda nll, y: nll.sum(),
    unit: float = math.log(2),
    per: Callable[[Tensor, Tensor, int], float] = lambda nll, y, n_bytes: n_bytes,
    result: Callable[[Tensor], Tensor] = lambda bits: bits,
) -> Tensor:
    """Right when no knob is turned."""
    nll64 = nll.double()
    bits = total(nll64, targets) / unit
    return result(bits / per(nll64, targets, n_bytes)).to(nll.dtype)


def _bits_cases(generator: torch.Generator) -> list[Case]:
    make = partial(costs, generator)
    broken = make([2, 3], 4)
    broken[0][broken[1] != IGNORE_INDEX] = torch.tensor([1.0, math.nan, 2.0, 0.5, 3.0])
    return [
        Case((*make([2], 3), 5)),
        Case((*make([4, 1], 6), 17)),
        Case((*make([2, 6, 3], 7, free=1), 8)),
        Case((*make([5, 0, 2], 6, free=1, dtype=torch.float64), 41)),
        Case((*make([0, 0], 3), 7), special=NOTHING),
        Case((*make([4, 2], 5, dtype=torch.bfloat16), 9), special=HALF),
        Case((*make([3, 2], 4, dtype=torch.float16), 11), special=HALF),
        Case((*broken, 13), special=NAN_HIDDEN, raises=ValueError),
    ]


TO_BITS = "A nat is 1 / ln 2 ≈ 1.44 bits, so dividing nats by ln 2 gives bits."
WHOLE_TEXT = (
    "The whole text has one cost, Σ nll, however it was cut into tokens. Spread it over its bytes: "
    "Σ nll / (n_bytes · ln 2)."
)
BITS_WORDS = COUNTED | {
    "bits-per-token": Words(
        "these are bits per token",
        "Tokens of another tokenizer are longer or shorter, so bits per token cannot be compared. "
        f"{WHOLE_TEXT}",
        UNITS,
    ),
    "nats": Words("these are nats per byte; the ln 2 is missing", TO_BITS, UNITS),
    "nats-per-token": Words(
        "this is the mean cost in nats; neither bits nor bytes are in it", WHOLE_TEXT, UNITS
    ),
    "times-ln2": Words("it is multiplied by ln 2 instead of divided", TO_BITS, UNITS),
    "wrong-base": Words("the unit is not the bit", TO_BITS, UNITS),
    "mean-per-byte": Words(
        "the mean is divided by the bytes, not the sum",
        f"So the tokens are divided out twice. {WHOLE_TEXT}",
        UNITS,
    ),
    "times-bytes": Words("it is multiplied by the number of bytes", WHOLE_TEXT, UNITS),
    "sum": Words(
        "these are the bits of the whole text; the bytes are missing", WHOLE_TEXT, UNITS
    ),
    "per-bit": Words(
        "it is divided by the number of bits, 8 to a byte",
        f"That is a rate of compression. Bits per byte divides by bytes. {WHOLE_TEXT}",
        UNITS,
    ),
    "bytes-per-token": Words(
        "the tokens are not divided out: the text's length is in bytes per token", WHOLE_TEXT, UNITS
    ),
    "upside-down": Words("it is bytes per bit, upside down", WHOLE_TEXT, UNITS),
    "perplexity": Words(
        "this is a perplexity; the exp is too much",
        f"Bits per byte stay a logarithm, and can be added. {WHOLE_TEXT}",
        UNITS,
    ),
    "log-of-cost": Words(
        "it takes the logarithm of a cost, which is a logarithm already",
        f"To go from nats to bits, divide by ln 2. {WHOLE_TEXT}",
        UNITS,
    ),
    "whole-number": Words(
        "the result is rounded", "Divide with /, not //: bits per byte are no whole number.", UNITS
    ),
}  # fmt: skip


def _n(nll: Tensor, y: Tensor) -> int:
    return max(1, _n_scored(nll, y))


BITS_RULES: Rules = (
    ("bits-per-token", {"per": lambda nll, y, n: _n(nll, y)}),
    ("bits-per-token", {"per": lambda nll, y, n: _n_scored(nll, y)}),
    ("nats", {"unit": 1.0}),
    ("nats-per-token", {"unit": 1.0, "per": lambda nll, y, n: _n(nll, y)}),
    ("nats-per-token", {"unit": 1.0, "per": lambda nll, y, n: _n_scored(nll, y)}),
    ("times-ln2", {"unit": 1 / math.log(2)}),
    ("times-ln2", {"unit": 1 / math.log(2), "per": lambda nll, y, n: _n(nll, y)}),
    ("wrong-base", {"unit": math.log(10)}),
    ("wrong-base", {"unit": 2.0}),
    ("wrong-base", {"unit": math.log2(math.e)}),
    ("wrong-base", {"unit": math.log10(2)}),
    *(
        ("mean-per-byte", {"unit": unit, "per": per})
        for unit in (math.log(2), 1.0)
        for per in (
            lambda nll, y, n: n * _n(nll, y),
            lambda nll, y, n: n * _n_scored(nll, y),
            lambda nll, y, n: n * nll.numel(),
        )
    ),
    *(
        ("times-bytes", {"unit": unit, "per": per})
        for unit in (math.log(2), 1.0)
        for per in (lambda nll, y, n: 1 / n, lambda nll, y, n: _n(nll, y) / n)
    ),
    ("sum", {"per": lambda nll, y, n: 1}),
    ("sum", {"unit": 1.0, "per": lambda nll, y, n: 1}),
    ("per-bit", {"per": lambda nll, y, n: 8 * n}),
    ("per-bit", {"unit": 1.0, "per": lambda nll, y, n: 8 * n}),
    ("bytes-per-token", {"per": lambda nll, y, n: n / _n(nll, y)}),
    ("upside-down", {"result": lambda bits: 1 / bits}),
    ("perplexity", {"result": torch.exp2}),
    ("perplexity", {"result": torch.exp}),
    ("perplexity", {"unit": 1.0, "result": torch.exp}),
    ("perplexity", {"unit": 1.0, "per": lambda nll, y, n: _n(nll, y), "result": torch.exp}),
    ("log-of-cost", {"total": lambda nll, y: nll.sum().log()}),
    ("log-of-cost", {"total": lambda nll, y: nll.sum().log(), "unit": 1.0}),
    ("log-of-cost", {"total": lambda nll, y: nll.log().sum()}),
    ("log-of-cost", {"total": lambda nll, y: nll[y != IGNORE_INDEX].log().sum()}),
    ("log-of-cost", {"total": lambda nll, y: nll.log().nan_to_num(neginf=0.0).sum()}),
    ("log-of-cost", {
        "total": lambda nll, y: (nll.sum() / _n(nll, y)).log(), "per": lambda nll, y, n: 1
    }),
    ("log-of-cost", {"result": torch.log2, "unit": 1.0}),
    ("whole-number", {"result": torch.floor}),
    ("whole-number", {"result": torch.round}),
    ("all-positions", {"per": lambda nll, y, n: nll.numel()}),
    ("all-positions", {"per": lambda nll, y, n: n * nll.numel() / _n(nll, y)}),
    ("masked-by-id", {"total": lambda nll, y: nll[y != 0].sum()}),
    ("negative", {"result": lambda bits: -bits}),
)

BITS_PER_BYTE = Spec(
    "bits_per_byte",
    ("nll", "targets", "n_bytes"),
    UNITS,
    _oracle_bits,
    _bits_cases,
    mistakes(BITS_WORDS, _bits, BITS_RULES),
)
