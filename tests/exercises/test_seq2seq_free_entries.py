"""Where either answer is right, ``decoder_mask`` is compared with nothing, and only there."""

import pytest
import torch

from labtools import definitions
from labtools.checks.ch05_seq2seq.target_mask import DECODER_MASK, free, settled
from labtools.vocab import IGNORE_INDEX

LABELS = [case.args[0] for case in DECODER_MASK.made(seed=0)]
every_batch = pytest.mark.parametrize("labels", LABELS, ids=lambda x: "x".join(map(str, x.shape)))


def matters(row, i, j):
    """The future, padding, and all that a query sees which is scored."""
    read = [0, *row][j]
    return j > i or read == IGNORE_INDEX or row[i] != IGNORE_INDEX


@every_batch
def test_what_is_free_is_a_real_key_in_the_past_of_a_query_without_a_label(labels):
    B, T = labels.shape
    wanted = [
        [[not matters(row, i, j) for j in range(T)] for i in range(T)] for row in labels.tolist()
    ]
    assert free(labels).tolist() == [[rows] for rows in wanted]
    assert free(labels).shape == (B, 1, T, T)


@every_batch
def test_an_entry_that_is_free_may_be_either_and_no_other(labels):
    right = DECODER_MASK.expected(labels)
    for b, row in enumerate(labels.tolist()):
        known = [None if i == IGNORE_INDEX else i for i in row]
        for i in range(len(row)):
            for j in range(len(row)):
                assert right[b, 0, i, j] == definitions.decoder_causal(known, i, j)
                other = right.clone()
                other[b, 0, i, j] = ~other[b, 0, i, j]
                assert settled(other, labels).equal(right) != matters(row, i, j)


@pytest.mark.parametrize("value", [None, 3.0, "text", torch.zeros(2), torch.zeros(2, 3, 4)])
def test_what_is_no_mask_is_left_as_it_is(value):
    assert settled(value, torch.tensor([[5, 2, IGNORE_INDEX]])) is value
