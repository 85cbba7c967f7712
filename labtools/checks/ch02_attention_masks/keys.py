"""Who may see padding: nobody. ``key_mask``."""

from collections.abc import Callable

import torch
from torch import Tensor

from labtools import definitions
from labtools.checks.ch02_attention_masks.forms import FORM_WORDS, FORMS, Dress, as_it_is
from labtools.checks.ch02_attention_masks.sections import BLOCKED, KINDS, PADDING, RELATION
from labtools.checks.key_masks import SHAPES, shape_words
from labtools.checks.properties import follows_device
from labtools.checks.spec import Case, Rules, Spec, Special, Words, mistakes

Rule = Callable[[int, int, int], bool]  # key, length, S


def _real(j: int, n: int, S: int) -> bool:
    return definitions.real_key(j, n)


def _mask(
    lengths: Tensor,
    S: int,
    *,
    see: Rule = _real,
    read: Callable[[Tensor], Tensor] = lambda lengths: lengths,
    size: Callable[[int, Tensor], int] = lambda S, lengths: S,
    dress: Dress = as_it_is,
) -> Tensor:
    """Key j may be seen where ``see(j, length, S)``; right when no knob is turned."""
    keys = range(size(S, lengths))
    rows = [[see(j, n, S) for j in keys] for n in read(lengths).tolist()]
    return dress(torch.tensor(rows, dtype=torch.bool).reshape(len(lengths), 1, 1, len(keys)))


EMPTY = Special(
    "empty-row",
    Words(
        "a length of 0 goes wrong",
        "A row without tokens is nothing but padding: no key of it may be seen. Beware of the "
        "index length − 1 when the length is 0: it means the last.",
        BLOCKED,
    ),
)
FULL = Special(
    "full-row",
    Words(
        "a row without padding goes wrong",
        "With a length of S all S keys may be seen. Beware of the index S: it is one behind the "
        "last.",
        KINDS,
    ),
)


def _cases(generator: torch.Generator) -> list[Case]:
    def draw(low: int, high: int, *size: int) -> Tensor:
        return torch.randint(low, high + 1, size, generator=generator)

    S = int(draw(9, 12))
    return [
        Case((torch.tensor([2]), 5)),
        Case((torch.tensor([3, 1]), 4)),
        Case((torch.tensor([1, 4, 2]), 7)),
        Case((draw(2, S - 2, 5), S)),
        Case((draw(1, 6, 6), 8)),
        Case((torch.cat([draw(2, 4, 1), draw(1, S, 2)]), S + 1)),
        Case((torch.tensor([2, 6, 3]), 6), special=FULL),
        Case((torch.tensor([1]), 1), special=FULL),
        Case((torch.tensor([3, 0]), 5), special=EMPTY),
        Case((torch.cat([draw(1, 6, 3), torch.tensor([0])]), 7), special=EMPTY),
    ]


WORDS = (
    FORM_WORDS
    | shape_words(BLOCKED, RELATION)
    | {
        "one-too-many": Words(
            "one key too many: the first padding key may be seen",
            "Positions count from 0, so a row of n tokens has the keys 0 … n − 1: j < n, and "
            "not ≤.",
            KINDS,
        ),
        "one-too-few": Words(
            "one key too few: the last real key is blocked",
            "Positions count from 0, so a row of n tokens has the keys 0 … n − 1: j < n.",
            KINDS,
        ),
        "left-padding": Words(
            "the padding is taken to be on the left",
            "Here it is on the right: the first n keys are real. (Left padding is for "
            "generation, and changes the positions as well.)",
            PADDING,
        ),
        "padding-counted": Words(
            "the lengths are taken for the number of padding positions",
            "lengths[b] counts the real tokens of item b, which stand first.",
            KINDS,
        ),
        "inverted": Words(
            "the mask is upside down: True at the padding",
            "Here True = may attend, so the real keys are True. (The key_padding_mask of "
            "nn.MultiheadAttention is the other way round.)",
            RELATION,
        ),
        "longest-for-all": Words(
            "every row is given the longest length",
            "Each item has a length of its own: compare the positions with lengths[:, None].",
            KINDS,
        ),
        "first-for-all": Words(
            "every row is given the first row's length",
            "Each item has a length of its own: compare the positions with lengths[:, None].",
            KINDS,
        ),
        "all-visible": Words(
            "nothing is blocked: padding may be seen",
            "Key j of item b may be seen only when j < lengths[b].",
            KINDS,
        ),
        "last-key-alone": Words(
            "only one key of each row is marked",
            "All keys before the length may be seen: j < lengths[b], not j equal to it.",
            KINDS,
        ),
        "S-ignored": Words(
            "S is ignored: the mask is as wide as the longest row",
            "There are S keys, which may be more than the longest row has tokens.",
            KINDS,
        ),
    }
)


RULES: Rules = (
    ("one-too-many", {"see": lambda j, n, S: j <= n}),
    ("one-too-few", {"see": lambda j, n, S: j < n - 1}),
    ("left-padding", {"see": lambda j, n, S: j >= S - n}),
    ("left-padding", {"see": lambda j, n, S: j > S - n}),
    ("padding-counted", {"see": lambda j, n, S: j < S - n}),
    ("padding-counted", {"see": lambda j, n, S: j <= S - n}),
    ("inverted", {"see": lambda j, n, S: j >= n}),
    ("inverted", {"see": lambda j, n, S: j > n}),
    *SHAPES,
    ("longest-for-all", {"read": lambda lengths: lengths.max().expand_as(lengths)}),
    ("first-for-all", {"read": lambda lengths: lengths[:1].expand_as(lengths)}),
    ("all-visible", {"see": lambda j, n, S: True}),
    ("last-key-alone", {"see": lambda j, n, S: j == n - 1}),
    ("last-key-alone", {"see": lambda j, n, S: j == n}),
    ("S-ignored", {"size": lambda S, lengths: int(lengths.max())}),
    *FORMS,
)

KEY_MASK = Spec(
    "key_mask",
    ("lengths", "S"),
    KINDS,
    _mask,
    _cases,
    mistakes(WORDS, _mask, RULES),
    (
        follows_device(
            Words(
                "the mask is not made on the device of the lengths",
                "On an accelerator its positions and the lengths cannot be compared. Make them "
                "where the lengths are: torch.arange(S, device=lengths.device). (It is tried with "
                "“meta”, a device that every machine has.)",
                KINDS,
            ),
            lambda: (torch.tensor([3, 1, 4]), 6),
            ["meta"],
        ),
    ),
    axes=("query", "key"),
)
