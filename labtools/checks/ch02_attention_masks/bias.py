"""The mask that is added to the scores: ``attention_bias``."""

import math
from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from labtools.checks.ch02_attention_masks.sections import ADDITIVE, BLOCKED
from labtools.checks.properties import follows_device
from labtools.checks.spec import Case, Rules, Spec, Words, mistakes

DTYPES = torch.float32, torch.float64, torch.float16, torch.bfloat16
Fill = Callable[[Tensor, torch.dtype], Tensor]  # 0 where the mask is True, this where it is False


def _filled(number: Callable[[torch.dtype], float]) -> Fill:
    return lambda mask, dtype: torch.zeros(mask.shape, dtype=dtype).masked_fill(
        ~mask, number(dtype)
    )


_right = _filled(lambda dtype: -math.inf)


def _bias(
    mask: Tensor,
    dtype: torch.dtype,
    *,
    read: Callable[[Tensor], Tensor] = lambda mask: mask,
    fill: Fill = _right,
) -> Tensor:
    """The mask as ``read``, filled by ``fill``; right when no knob is turned."""
    return fill(read(mask), dtype)


def _oracle(mask: Tensor, dtype: torch.dtype) -> Tensor:
    numbers = [0.0 if visible else -math.inf for visible in mask.flatten().tolist()]
    return torch.tensor(numbers, dtype=dtype).reshape(mask.shape)


def random_mask(generator: torch.Generator, *shape: int) -> Tensor:
    """True in about two of three places, and in each last dimension at least once, at random."""
    mask = torch.rand(shape, generator=generator) < 0.6
    sure = torch.randint(shape[-1], shape[:-1], generator=generator)
    return mask.scatter(-1, sure[..., None], True)


def _cases(generator: torch.Generator) -> list[Case]:
    half_blocked = torch.tensor([True, False]).repeat(4)[torch.randperm(7, generator=generator)]
    empty_row = torch.tensor([[False, False, False], [True, False, True]])
    return [
        Case((torch.tensor([[True, False], [True, True]]), torch.float32)),
        Case((torch.tensor([[True, False], [True, True]]), torch.float16)),
        Case((empty_row, torch.float64)),
        Case((half_blocked, torch.bfloat16)),
        *(Case((random_mask(generator, 3, 5), dtype)) for dtype in DTYPES),
        Case((random_mask(generator, 2, 1, 1, 7), torch.float32)),
        Case((random_mask(generator, 1, 3, 4, 5), torch.float16)),
        Case((torch.ones(2, 3, dtype=torch.bool), torch.float32)),
        Case((torch.zeros(2, 3, dtype=torch.bool), torch.bfloat16)),
    ]


WORDS = {
    "inverted": Words(
        "the mask is upside down: −∞ where attention is allowed",
        "True = may attend: a visible key keeps its score, so 0 is added; a blocked one gets −∞.",
        ADDITIVE,
    ),
    "number-mask": Words(
        "the numbers 0 and 1 of the mask itself, which block nothing when they are added",
        "A bias of 1 makes a key e times as likely, and one of 0 changes nothing: every key keeps "
        "a weight. What is added must be 0 where attention is allowed and −∞ where it is blocked.",
        ADDITIVE,
    ),
    "bool-mask": Words(
        "a bool mask; an additive one was asked for",
        "Return floats of the given dtype: 0 where the mask is True, −∞ where it is False.",
        ADDITIVE,
    ),
    "finite-fill": Words(
        "a blocked key gets a finite number instead of −∞",
        "However low it is, it is only a wager that no score is as low, and a query that sees "
        "nobody averages over everybody. −1e9 does not fit into float16, whose numbers end at "
        "65504; two masks of finfo.min overflow when they are added. −inf exists in every "
        "floating dtype, and −∞ + −∞ is −∞.",
        ADDITIVE,
    ),
    "plus-infinity": Words(
        "+∞ instead of −∞",
        "exp(+∞) is ∞, so a blocked key would take all the weight (and ∞/∞ is NaN). exp(−∞) is 0.",
        ADDITIVE,
    ),
    "multiplicative": Words(
        "1 where attention is allowed and −∞ where it is blocked: 1 is not neutral",
        "The bias is added to the scores, and what is added where nothing should change is 0.",
        ADDITIVE,
    ),
    "zero-times-infinity": Words(
        "0 · ∞ is NaN: the mask was multiplied by infinity",
        "Choose between the two numbers instead of multiplying: torch.where(mask, 0, −inf), or "
        "zeros with masked_fill(~mask, −inf).",
        ADDITIVE,
    ),
    "row-opened": Words(
        "a row in which everything is blocked is opened",
        "The mask says that this query sees nobody, and an open row lets it see everybody. That "
        "softmax gives NaN there is for the attention to deal with, not for the bias.",
        BLOCKED,
    ),
    "transposed": Words(
        "the mask is transposed",
        "Queries are rows and keys are columns, in the mask and in the bias: their places stay.",
        ADDITIVE,
    ),
}


def _cast(number: float) -> Fill:
    """Made in float32, then cast, where ``_filled`` may raise an error that it does not fit."""
    return lambda mask, dtype: torch.where(mask, 0.0, number).to(dtype)


def _of_mask(make: Callable[[Tensor], Tensor]) -> Fill:
    """Computed from the mask as numbers of the dtype."""
    return lambda mask, dtype: make(mask.to(dtype))


def _opened(mask: Tensor) -> Tensor:
    """Rows without a key see all keys."""
    return mask | ~mask.any(-1, keepdim=True)


def _finite(number: float) -> Iterator[Fill]:
    """A finite number, as learners write it."""
    yield _filled(lambda dtype: number)
    yield _cast(number)
    yield _of_mask(lambda m: (1 - m) * number)


NUMBERS = [-1.0, -100.0, -1e3, -1e4, -65504.0, -1e5, -1e6, -1e8, -1e9, -1e10, -1e12, -1e15]
NUMBERS += [-1e20, -1e30, -1e38, torch.finfo(torch.float32).min]
EPSILONS = [1e-6, 1e-8, 1e-9, 1e-10, 1e-12]


def _log_of_more(epsilon: float) -> Fill:
    """Not −∞, for fear of it."""
    return _of_mask(lambda m: (m + epsilon).log())


RULES: Rules = (
    ("inverted", {"read": torch.logical_not}),
    ("number-mask", {"fill": _of_mask(lambda m: m)}),
    ("number-mask", {"fill": _of_mask(lambda m: 1 - m)}),
    ("number-mask", {"fill": lambda mask, dtype: mask.float()}),
    ("bool-mask", {"fill": lambda mask, dtype: mask}),
    ("bool-mask", {"fill": lambda mask, dtype: ~mask}),
    ("finite-fill", {"fill": _filled(lambda dtype: torch.finfo(dtype).min)}),
    ("finite-fill", {"fill": _filled(lambda dtype: torch.finfo(dtype).min / 2)}),
    *(("finite-fill", {"fill": fill}) for number in NUMBERS for fill in _finite(number)),
    *(("finite-fill", {"fill": _log_of_more(epsilon)}) for epsilon in EPSILONS),
    ("plus-infinity", {"fill": _filled(lambda dtype: math.inf)}),
    ("multiplicative", {"fill": _of_mask(lambda m: m.where(m == 1, -math.inf))}),
    ("zero-times-infinity", {"fill": _of_mask(lambda m: (1 - m) * -math.inf)}),
    ("zero-times-infinity", {"fill": _of_mask(lambda m: m * math.inf - math.inf)}),
    ("zero-times-infinity", {"fill": _of_mask(lambda m: m * -math.inf)}),
    ("row-opened", {"read": _opened}),
    ("transposed", {"read": lambda mask: mask.mT if mask.ndim > 1 else mask}),
)


def _args() -> tuple:
    return torch.tensor([[True, False, True], [False, False, True]]), torch.float32


DEVICE = Words(
    "it does not stay on the device of its input",
    "On a GPU this raises an error. Make new tensors where the input is: device=x.device, or "
    "torch.zeros_like, x.new_zeros and the like.",
    ADDITIVE,
)
ATTENTION_BIAS = Spec(
    "attention_bias",
    ("mask", "dtype"),
    ADDITIVE,
    _oracle,
    _cases,
    mistakes(WORDS, _bias, RULES),
    (follows_device(DEVICE, _args), follows_device(DEVICE, _args, ["meta"])),
    axes=("query", "key"),
)
