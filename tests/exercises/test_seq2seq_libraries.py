"""What our decoder reads is what two libraries' models read: the start token differs, no more."""

import pytest
import torch
from transformers import T5Config, T5ForConditionalGeneration
from transformers.models.bart.modeling_bart import shift_tokens_right

from labtools.definitions import decoder_inputs
from labtools.vocab import IGNORE_INDEX

V, T = 23, 7
LABELS = [
    [11, 5, 0, 2, IGNORE_INDEX, IGNORE_INDEX, IGNORE_INDEX],
    [4, 1, 9, 22, 0, 8, 2],
    [7] + [IGNORE_INDEX] * 6,
]


def by_definition(start, pad):
    rows = [[None if i == IGNORE_INDEX else i for i in row] for row in LABELS]
    return torch.tensor([decoder_inputs(row, start, pad) for row in rows])


@pytest.mark.parametrize(("start", "pad"), [(2, 1), (0, 0), (1, 0), (17, 3)])
def test_bart_shifts_its_labels_as_the_book_does(start, pad):
    theirs = shift_tokens_right(torch.tensor(LABELS), pad, start)
    assert theirs.tolist() == by_definition(start, pad).tolist()
    assert theirs.shape == (3, T)


@pytest.fixture(scope="module")
def t5():
    tiny = {"d_model": 6, "d_kv": 3, "d_ff": 5, "num_layers": 1, "num_heads": 2}
    config = T5Config(
        vocab_size=V, decoder_start_token_id=0, pad_token_id=0, eos_token_id=1, **tiny
    )
    torch.manual_seed(0)
    return T5ForConditionalGeneration(config).eval()


def test_t5_shifts_its_labels_as_the_book_does(t5):
    start, pad = t5.config.decoder_start_token_id, t5.config.pad_token_id
    assert start == pad == 0
    theirs = t5._shift_right(torch.tensor(LABELS))
    assert theirs.tolist() == by_definition(start, pad).tolist()


def test_t5_given_labels_reads_what_the_book_shifts(t5):
    src, labels = torch.tensor([[5, 8, 1], [6, 9, 1], [7, 3, 1]]), torch.tensor(LABELS)
    with torch.no_grad():
        given = t5(input_ids=src, labels=labels).logits
        read = t5(input_ids=src, decoder_input_ids=by_definition(0, 0)).logits
    torch.testing.assert_close(given, read)
