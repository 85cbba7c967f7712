"""Rows of ids out of sequences of different lengths: padded one by one, or packed."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from labtools.arguments import INTEGER, Shapes, positive_int
from labtools.vocab import pad_id


def pad_rows(sequences: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """One sequence a row, padded at the end to the longest.

    Args:
        sequences: Id sequences, each (t,) int64, at least one; t may be 0.

    Returns:
        ``ids`` (B, T) int64 and ``lengths`` (B,) int64, the number of real ids of each row.

    Raises:
        TypeError, ValueError: No sequence at all, or one that is no (t,) tensor of ids.
    """
    if not len(sequences):
        raise ValueError("sequences: expected at least one, got none")
    for i, sequence in enumerate(sequences):
        Shapes().tensor(f"sequences[{i}]", sequence, "t", INTEGER)
    ids = pad_sequence(list(sequences), batch_first=True, padding_value=pad_id)
    return ids, torch.tensor([len(s) for s in sequences])


def pack(documents: Sequence[Tensor], row_length: int) -> tuple[Tensor, Tensor, Tensor]:
    """Pack documents into rows, next-fit: one after the other, none cut, rows padded at the end.

    Args:
        documents: Id sequences, each (t,) int64 with 1 ≤ t ≤ row_length.
        row_length: T, the length of every row.

    Returns:
        ``input_ids``, ``doc_ids`` and ``positions``, each (B, T) int64. In ``doc_ids`` every token
        carries the number of its document within the row, counted from 0, and padding carries −1.
        ``positions`` counts from 0 in each document; it is 0 at padding.

    Raises:
        ValueError: A document is empty or longer than a row.
    """
    positive_int("row_length", row_length)
    for i, document in enumerate(documents):
        if not 1 <= len(document) <= row_length:
            raise ValueError(
                f"documents[{i}]: expected 1 to {row_length} ids (row_length), got {len(document)}"
            )
    rows: list[list[Tensor]] = []
    free = 0
    for document in documents:
        if len(document) > free:
            rows.append([])
            free = row_length
        rows[-1].append(document)
        free -= len(document)
    input_ids = torch.full((len(rows), row_length), pad_id)
    doc_ids = torch.full((len(rows), row_length), -1)
    positions = torch.zeros(len(rows), row_length, dtype=torch.int64)
    for b, row in enumerate(rows):
        ids = torch.cat(row)
        input_ids[b, : len(ids)] = ids
        numbers = torch.arange(len(row))
        doc_ids[b, : len(ids)] = numbers.repeat_interleave(torch.tensor([len(d) for d in row]))
        positions[b, : len(ids)] = torch.cat([torch.arange(len(d)) for d in row])
    return input_ids, doc_ids, positions
