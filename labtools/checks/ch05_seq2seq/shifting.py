"""What the decoder reads: ``shift_right``."""

from collections.abc import Callable

import torch
from torch import Tensor

from labtools import definitions
from labtools.checks.ch05_seq2seq.sections import SHIFT
from labtools.checks.ch05_seq2seq.shifting_mistakes import BATCH, FILLS, ROWS, WORDS, Fill, Row
from labtools.checks.ch05_seq2seq.target_mask import targets
from labtools.checks.properties import follows_device
from labtools.checks.spec import Case, Spec, Special, Words, mistakes
from labtools.vocab import IGNORE_INDEX


def _oracle(labels: Tensor, decoder_start_id: int, pad_id: int) -> Tensor:
    """By the definition, row by row."""
    rows = [[None if label == IGNORE_INDEX else label for label in row] for row in labels.tolist()]
    read = [definitions.decoder_inputs(row, decoder_start_id, pad_id) for row in rows]
    return torch.tensor(read).reshape(labels.shape)


def _shifted(
    labels: Tensor,
    decoder_start_id: int,
    pad_id: int,
    *,
    row: Row = lambda labels, start: [start, *labels[:-1]],
    fill: Fill = lambda start, pad: pad,
    start: Fill = lambda start, pad: start,
    dress: Callable[[Tensor], Tensor] = lambda ids: ids,
) -> Tensor:
    """Each row shifted by ``row``, then −100 replaced; right when no knob is turned."""
    begin, instead = start(decoder_start_id, pad_id), fill(decoder_start_id, pad_id)
    read = [row(ids, begin) for ids in labels.tolist()]
    return dress(torch.tensor([[instead if i == IGNORE_INDEX else i for i in ids] for ids in read]))


def _batch(
    labels: Tensor,
    decoder_start_id: int,
    pad_id: int,
    *,
    of: Callable[[Tensor, Tensor, int, int], Tensor],
) -> Tensor:
    """Something of the right result and the arguments."""
    return of(_oracle(labels, decoder_start_id, pad_id), labels, decoder_start_id, pad_id)


ONE_POSITION = Special(
    "one-position",
    Words(
        "it goes wrong for labels of one position",
        "Then the decoder reads the start token, and nothing else.",
        SHIFT,
    ),
)
ONLY_PADDING = Special(
    "only-padding",
    Words(
        "a row of nothing but padding goes wrong",
        f"It begins with the start token too, and every {IGNORE_INDEX} that is left becomes "
        "pad_id.",
        SHIFT,
    ),
)


def _cases(generator: torch.Generator) -> list[Case]:
    def drawn(lengths: list[int], T: int) -> Tensor:
        return targets(generator, lengths, T)

    return [
        Case((torch.tensor([[5, 6, 2, -100]]), 1, 0)),
        Case((torch.tensor([[5, 6, 2, -100, -100], [0, 7, 1, 8, 2]]), 0, 0)),
        Case((torch.tensor([[7, 9, 2, -100], [8, 5, 4, 2]]), 2, 1)),
        Case((drawn([4, 7, 5], 7), 1, 0)),
        Case((drawn([6, 2, 9, 4], 9), 11, 3)),
        Case((drawn([8, 5], 8), 2, 14)),
        Case((drawn([5, 3, 4], 6), 6, 6)),
        Case((drawn([8, 8, 8], 8), 3, 1)),  # no padding at all
        Case((drawn([17], 17), 4, 0)),
        Case((torch.tensor([[6]]), 1, 0), special=ONE_POSITION),
        Case((torch.tensor([[5]]), 5, 0), special=ONE_POSITION),
        Case((torch.tensor([[8], [-100], [3]]), 5, 2), special=ONE_POSITION),
        Case((torch.full((2, 3), IGNORE_INDEX), 2, 1), special=ONLY_PADDING),
        Case((drawn([0, 4, 2], 5), 9, 0), special=ONLY_PADDING),
    ]


SHIFT_RIGHT = Spec(
    "shift_right",
    ("labels", "decoder_start_id", "pad_id"),
    SHIFT,
    _oracle,
    _cases,
    (*mistakes(WORDS, _shifted, (*ROWS, *FILLS)), *mistakes(WORDS, _batch, BATCH)),
    (
        follows_device(
            Words(
                "the result is not on the device of the labels",
                "On an accelerator the model could not read it. Make new tensors where the labels "
                "are: labels.new_full(…), or torch.full_like(labels, …). (It is tried with “meta”, "
                "a device that every machine has.)",
                SHIFT,
            ),
            lambda: (torch.tensor([[5, 6, 2, -100], [7, 5, 8, 2]]), 1, 0),
            ["meta"],
        ),
    ),
    axes=("row", "position"),
)
