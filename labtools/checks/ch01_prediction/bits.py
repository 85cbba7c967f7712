"""Bits per byte, which any two models can be compared by: ``bits_per_byte``."""

import math
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from labtools import definitions
from labtools.checks.ch01_prediction.batches import costs, scored_nll
from labtools.checks.ch01_prediction.sections import UNITS
from labtools.checks.ch01_prediction.words import COUNTED, HALF, NAN_HIDDEN, NOTHING
from labtools.checks.losses import right_in_half
from labtools.checks.spec import Case, Rules, Spec, Words, mistakes
from labtools.vocab import IGNORE_INDEX


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
        Case((*broken, 13), special=NAN_HIDDEN, raises=ValueError),
    ]


def _halves() -> list[tuple]:
    make = partial(costs, torch.Generator().manual_seed(5))
    return [
        (*make([4, 2], 5, dtype=torch.bfloat16), 9),
        (*make([3, 2], 4, dtype=torch.float16), 11),
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
    """The number of scored tokens, 1 at least."""
    return max(1, int((y != IGNORE_INDEX).sum()))


BITS_RULES: Rules = (
    ("bits-per-token", {"per": lambda nll, y, n: _n(nll, y)}),
    ("bits-per-token", {"per": lambda nll, y, n: (y != IGNORE_INDEX).sum()}),
    ("nats", {"unit": 1.0}),
    ("nats-per-token", {"unit": 1.0, "per": lambda nll, y, n: _n(nll, y)}),
    ("nats-per-token", {"unit": 1.0, "per": lambda nll, y, n: (y != IGNORE_INDEX).sum()}),
    ("times-ln2", {"unit": 1 / math.log(2)}),
    ("times-ln2", {"unit": 1 / math.log(2), "per": lambda nll, y, n: _n(nll, y)}),
    ("wrong-base", {"unit": math.log(10)}),
    ("wrong-base", {"unit": 2.0}),
    ("wrong-base", {"unit": math.log10(2)}),
    *(
        ("mean-per-byte", {"unit": unit, "per": per})
        for unit in (math.log(2), 1.0)
        for per in (
            lambda nll, y, n: n * _n(nll, y),
            lambda nll, y, n: n * (y != IGNORE_INDEX).sum(),
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
    (
        "log-of-cost",
        {"total": lambda nll, y: (nll.sum() / _n(nll, y)).log(), "per": lambda nll, y, n: 1},
    ),
    ("log-of-cost", {"result": torch.log2, "unit": 1.0}),
    ("whole-number", {"result": torch.floor}),
    ("whole-number", {"result": torch.round}),
    ("all-positions", {"per": lambda nll, y, n: nll.numel()}),
    ("all-positions", {"per": lambda nll, y, n: n * nll.numel() / _n(nll, y)}),
    ("masked-by-id", {"total": lambda nll, y: nll[y != 0].sum()}),
    ("negative", {"result": lambda bits: -bits}),
)

ARGUMENTS = "nll", "targets", "n_bytes"
BITS_PER_BYTE = Spec(
    "bits_per_byte",
    ARGUMENTS,
    UNITS,
    _oracle_bits,
    _bits_cases,
    mistakes(BITS_WORDS, _bits, BITS_RULES),
    (right_in_half(HALF, ARGUMENTS, _oracle_bits, _halves),),
)
