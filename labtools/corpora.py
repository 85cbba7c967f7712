"""Real text with no download: the documentation that ships inside CPython."""

import re
from collections.abc import Sequence
from functools import cache
from pydoc_data.topics import topics

import torch
from torch import Tensor

from labtools.arguments import positive_int
from labtools.vocab import pad_id

HELD_OUT_EVERY = 10  # one document in ten is never trained on


@cache
def python_documentation() -> tuple[str, ...]:
    """Sentences of running prose from Python's own documentation, each once.

    They come from ``pydoc_data.topics`` in the standard library (what ``help("if")`` prints), so
    the exact text depends on the Python version. Code, tables and headings are left out; white
    space is folded; characters outside ASCII are left out with their sentence.

    Returns:
        Strings of 20 to 200 characters, in the order of the documentation.
    """
    paragraphs = (p for topic in topics.values() for p in re.split(r"\n\s*\n", topic))
    folded = (" ".join(p.split()) for p in paragraphs)
    prose = (p for p in folded if re.fullmatch(r"[A-Z][ -~]*\.", p))
    sentences = (s for p in prose for s in re.split(r"(?<=[a-z)]\.) (?=[A-Z])", p))
    return tuple(dict.fromkeys(s for s in sentences if 20 <= len(s) <= 200))


def split(documents: Sequence[str]) -> tuple[list[str], list[str]]:
    """Training and held-out documents: every tenth is held out, and no text is in both.

    Raises:
        ValueError: A document occurs twice, so that it could land on both sides.
    """
    if len(set(documents)) != len(documents):
        raise ValueError("documents: expected each document once, got some more than once")
    held_out = list(documents[HELD_OUT_EVERY - 1 :: HELD_OUT_EVERY])
    train = [d for i, d in enumerate(documents, 1) if i % HELD_OUT_EVERY]
    return train, held_out


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
