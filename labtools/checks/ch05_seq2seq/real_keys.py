"""Which keys of the source are real, rightly and wrongly: for ``encoder_mask``, ``cross_mask``."""

from collections.abc import Callable

import torch
from torch import Tensor

from labtools.checks.ch05_seq2seq.sections import MASKS
from labtools.checks.spec import Rules, Special, Words

See = Callable[[list[int], int, int], bool]  # a row of ids, key, pad_id


def is_real(ids: list[int], j: int, pad_id: int) -> bool:
    """A token that is not padding."""
    return ids[j] != pad_id


def real_keys(src: Tensor, pad_id: int, see: See) -> Tensor:
    """(B, 1, 1, S) bool: key j of a row may be seen where ``see(ids, j, pad_id)``."""
    rows = [[see(ids, j, pad_id) for j in range(len(ids))] for ids in src.tolist()]
    return torch.tensor(rows, dtype=torch.bool).reshape(len(src), 1, 1, src.shape[1])


def sources(generator: torch.Generator, rows: list[str], pad_id: int) -> Tensor:
    """(B, S) ids: a row is a text, "x" a token and "-" padding.

    The ids 0 to 3 come as tokens too, unless they are ``pad_id``: nothing but ``pad_id`` is
    padding.
    """
    real = torch.tensor([[mark == "x" for mark in row] for row in rows])
    ids = torch.randint(4, 13, real.shape, generator=generator)
    low = torch.randint(0, 4, real.shape, generator=generator)
    ids = low.where(torch.rand(real.shape, generator=generator) < 0.4, ids)
    order = torch.randperm(4, generator=generator)
    for place, i in zip(real.nonzero(), order.tolist(), strict=False):
        ids[tuple(place)] = i
    ids[ids == pad_id] = 13  # what is drawn by chance is no padding
    return ids.masked_fill(~real, pad_id)


def anywhere(generator: torch.Generator, B: int, S: int) -> list[str]:
    """Rows for ``sources``, with one token at least and with padding anywhere."""
    real = torch.rand(B, S, generator=generator) < 0.7
    real[:, int(torch.randint(0, S, (), generator=generator))] = True
    return ["".join("x" if token else "-" for token in row) for row in real.tolist()]


ONLY_PADDING = Special(
    "only-padding",
    Words(
        "a row of nothing but padding goes wrong",
        "No key of it may be seen: every entry is False. (A bare softmax over nothing is NaN; the "
        "course's attention gives zeros there.)",
        MASKS,
    ),
)
NO_PADDING = Special(
    "no-padding",
    Words(
        "a row without padding goes wrong",
        "Without padding every key may be seen: every entry is True.",
        MASKS,
    ),
)


def source_cases(generator: torch.Generator) -> list[tuple[Tensor, int, Special | None]]:
    """(src, pad_id, what is special) of cases, the smallest first."""

    def drawn(rows: list[str], pad_id: int) -> tuple[Tensor, int, None]:
        return sources(generator, rows, pad_id), pad_id, None

    return [
        (torch.tensor([[5, 6, 0]]), 0, None),
        (torch.tensor([[7, 0, 4, 1]]), 1, None),
        drawn(["xxxx---", "xxxxxx-", "xx-----"], 0),
        drawn(["---xxxxx", "xxxxxx--"], 0),
        drawn(["xxxx--", "xxxxx-", "xxx---", "xxxxxx"], 3),
        drawn(["--xx-xxx-", "xxxxxx-xx", "x-xxxxx--"], 1),
        drawn(["xxxxx", "-xxxx"], 6),
        drawn(anywhere(generator, 4, 10), 2),
        (torch.tensor([[0, 0, 0], [4, 0, 5]]), 0, ONLY_PADDING),
        (torch.tensor([[9, 9, 9, 9, 9]]), 9, ONLY_PADDING),
        (torch.tensor([[2, 1, 4]]), 0, NO_PADDING),
        (torch.tensor([[0, 5], [7, 1]]), 2, NO_PADDING),
    ]


EACH_TOKEN = (
    "It may stand anywhere: look at each token, src != pad_id, and not for the first or last one "
    "that is real."
)
KEY_WORDS = {
    "inverted": Words(
        "the mask is upside down: True at the padding",
        "Here True = may attend, so the real tokens are True: src != pad_id. (The "
        "key_padding_mask of nn.MultiheadAttention is the other way round.)",
        MASKS,
    ),
    "all-visible": Words(
        "nothing is blocked: padding may be seen",
        "Key j of item b may be seen only where src[b, j] is not pad_id. (−100 marks padding in "
        "labels alone; a source is padded with pad_id.)",
        MASKS,
    ),
    "pad-assumed": Words(
        "pad_id is not looked at: one id is always taken for padding",
        "Which id is padding is told by pad_id: 0 in T5 and 1 in BART. Compare with it: "
        "src != pad_id.",
        MASKS,
    ),
    "masked-by-id": Words(
        "a token is blocked because of its id, though it is no padding",
        "Padding has the id pad_id, and no other token is hidden: not <eos>, and not the token "
        "with the id 0, unless that is pad_id.",
        MASKS,
    ),
    "by-order": Words(
        "ids are compared by their order",
        "They are names and stand in no order: an id below pad_id is a token like any other. "
        "Compare with !=, and not with >.",
        MASKS,
    ),
    "right-padding-assumed": Words(
        "padding is taken to be on the right",
        "It may stand anywhere: look at each token, src != pad_id, and count nothing.",
        MASKS,
    ),
    "left-padding-assumed": Words(
        "padding is taken to be on the left",
        "It may stand anywhere: look at each token, src != pad_id, and count nothing.",
        MASKS,
    ),
    "right-padding-visible": Words(
        "only the padding before the first token is blocked: what comes after it may be seen",
        EACH_TOKEN,
        MASKS,
    ),
    "left-padding-visible": Words(
        "only the padding after the last token is blocked: what comes before it may be seen",
        EACH_TOKEN,
        MASKS,
    ),
    "inner-padding": Words(
        "padding between tokens may be seen",
        EACH_TOKEN,
        MASKS,
    ),
    "one-row": Words(
        "all rows of the batch are given the same mask",
        "Each row of src has padding of its own, so item b's mask is made from src[b].",
        MASKS,
    ),
    "moved": Words(
        "the mask is moved by one position",
        "Key j is the token src[b, j] itself. Only the decoder's input is shifted.",
        MASKS,
    ),
}


def _first_pad(ids: list[int], pad_id: int) -> int:
    return ids.index(pad_id) if pad_id in ids else len(ids)


def _last_pad(ids: list[int], pad_id: int) -> int:
    return len(ids) - 1 - ids[::-1].index(pad_id) if pad_id in ids else -1


def _count(ids: list[int], pad_id: int) -> int:
    return len(ids) - ids.count(pad_id)


def _before(ids: list[int], j: int, pad_id: int) -> bool:
    return any(is_real(ids, i, pad_id) for i in range(j + 1))


def _after(ids: list[int], j: int, pad_id: int) -> bool:
    return any(is_real(ids, i, pad_id) for i in range(j, len(ids)))


def _neighbour(ids: list[int], j: int, pad_id: int, by: int, beyond: bool | None) -> bool:
    """Whether the token ``by`` further on is real; beyond the end, or round it, if None."""
    if beyond is not None and not 0 <= j + by < len(ids):
        return beyond
    return is_real(ids, (j + by) % len(ids), pad_id)


KEY_RULES: Rules = (
    ("inverted", {"see": lambda ids, j, pad: ids[j] == pad}),
    ("all-visible", {"see": lambda ids, j, pad: True}),
    *(("pad-assumed", {"see": lambda ids, j, pad, x=x: ids[j] != x}) for x in range(4)),
    *(("pad-assumed", {"see": lambda ids, j, pad, x=x: ids[j] > x}) for x in range(1, 4)),
    *(
        ("masked-by-id", {"see": lambda ids, j, pad, x=x: ids[j] not in (pad, *x)})
        for x in ((0,), (1,), (2,), (3,), (1, 2), (0, 1, 2), (1, 2, 3), (0, 1, 2, 3))
    ),
    ("by-order", {"see": lambda ids, j, pad: ids[j] > pad}),
    ("by-order", {"see": lambda ids, j, pad: ids[j] < pad}),
    ("right-padding-assumed", {"see": lambda ids, j, pad: j < _count(ids, pad)}),
    ("right-padding-assumed", {"see": lambda ids, j, pad: j <= _count(ids, pad)}),
    ("right-padding-assumed", {"see": lambda ids, j, pad: j < _first_pad(ids, pad)}),
    ("right-padding-assumed", {"see": lambda ids, j, pad: j <= _first_pad(ids, pad)}),
    ("left-padding-assumed", {"see": lambda ids, j, pad: j >= len(ids) - _count(ids, pad)}),
    ("left-padding-assumed", {"see": lambda ids, j, pad: j > _last_pad(ids, pad)}),
    ("right-padding-visible", {"see": _before}),
    ("left-padding-visible", {"see": _after}),
    (
        "inner-padding",
        {"see": lambda ids, j, pad: _before(ids, j, pad) and _after(ids, j, pad)},
    ),
    ("one-row", {"batch": lambda real: real[:1].expand_as(real)}),
    ("one-row", {"batch": lambda real: real[-1:].expand_as(real)}),
    ("one-row", {"batch": lambda real: real.any(0, keepdim=True).expand_as(real)}),
    ("one-row", {"batch": lambda real: real.all(0, keepdim=True).expand_as(real)}),
    *(
        (
            "moved",
            {"see": lambda ids, j, pad, by=by, end=end: _neighbour(ids, j, pad, by, end)},
        )
        for by in (1, -1)
        for end in (None, True, False)
    ),
)
