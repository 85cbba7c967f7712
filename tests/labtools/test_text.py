"""Vocabulary, documentation and rows."""

import pytest
import torch

from labtools import corpora
from labtools.vocab import Vocab, bos_id, eos_id, mask_id, pad_id


def test_special_ids():
    assert (pad_id, bos_id, eos_id, mask_id) == (0, 1, 2, 3)
    assert Vocab(("a",)).tokens == ("<pad>", "<bos>", "<eos>", "<mask>", "a")


def test_encode_and_decode_are_inverse():
    vocab = Vocab.of_characters(["hello", "world"])
    ids = vocab.encode("hollow", bos=True, eos=True)
    assert ids.dtype == torch.int64
    assert ids[0] == bos_id
    assert ids[-1] == eos_id
    assert len(ids) == 8
    assert vocab.decode(ids) == "hollow"
    assert vocab.decode([pad_id, mask_id]) == ""
    assert vocab.symbols_of([pad_id, *vocab.encode("low")]) == ["l", "o", "w"]
    assert "l" in vocab
    assert "x" not in vocab


def test_what_is_not_in_the_vocabulary_is_refused():
    vocab = Vocab.of_characters(["abc"])
    with pytest.raises(ValueError, match=r"expected symbols of the vocabulary .* got \['x', 'y'\]"):
        vocab.encode("axyb")
    with pytest.raises(ValueError, match=r"expected ids from 0 to 6, got \[7, -1\]"):
        vocab.decode([4, 7, -1])
    with pytest.raises(ValueError, match=r"each token once, got \['a'\]"):
        Vocab(("a", "b", "a"))
    with pytest.raises(ValueError, match=r"got \['<pad>'\]"):
        Vocab(("<pad>",))


def test_documentation_is_prose():
    sentences = corpora.python_documentation()
    assert len(sentences) > 500
    assert len(set(sentences)) == len(sentences)
    assert all(s.isascii() and s[0].isupper() and s[-1] == "." for s in sentences)
    assert all(20 <= len(s) <= 200 and "\n" not in s for s in sentences)


def test_nothing_leaks_between_the_splits():
    sentences = corpora.python_documentation()
    train, held_out = corpora.split(sentences)
    assert not set(train) & set(held_out)
    assert sorted(train + held_out) == sorted(sentences)
    assert len(held_out) == len(sentences) // 10
    assert corpora.split(sentences) == (train, held_out)
    with pytest.raises(ValueError, match="expected each document once"):
        corpora.split(["a", "b", "a"])


def test_pack_keeps_every_document_whole():
    documents = [torch.arange(4, 4 + n) for n in (3, 2, 5, 1, 6, 6)]
    input_ids, doc_ids, positions = corpora.pack(documents, 6)
    found = [
        row[doc == d]
        for row, doc in zip(input_ids, doc_ids, strict=True)
        for d in range(int(doc.max()) + 1)
    ]
    assert len(found) == len(documents)
    counted = [
        row[doc == d].tolist()
        for row, doc in zip(positions, doc_ids, strict=True)
        for d in range(int(doc.max()) + 1)
    ]
    assert counted == [list(range(len(d))) for d in documents]
    for original, packed in zip(documents, found, strict=True):
        assert torch.equal(original, packed)
    assert ((doc_ids == -1) == (input_ids == pad_id)).all()
    assert ((doc_ids[:, 1:] == -1) | (doc_ids[:, 1:] >= doc_ids[:, :-1])).all()
    assert input_ids.shape == doc_ids.shape == (4, 6)


def test_pack_refuses_what_does_not_fit():
    with pytest.raises(ValueError, match=r"documents\[1\]: expected 1 to 3 ids .* got 4"):
        corpora.pack([torch.arange(2), torch.arange(4)], 3)
    with pytest.raises(ValueError, match=r"documents\[0\]: expected 1 to 3 ids .* got 0"):
        corpora.pack([torch.arange(0)], 3)
    with pytest.raises(ValueError, match="row_length: expected an int of at least 1, got 0"):
        corpora.pack([torch.arange(2)], 0)


def test_pad_rows_keeps_every_id_and_pads_the_rest():
    sequences = [torch.arange(4, 4 + n) for n in (2, 5, 0)]
    ids, lengths = corpora.pad_rows(sequences)
    assert ids.dtype == lengths.dtype == torch.int64
    assert ids.shape == (3, 5)
    assert lengths.tolist() == [2, 5, 0]
    for row, length, sequence in zip(ids, lengths, sequences, strict=True):
        assert torch.equal(row[:length], sequence)
        assert (row[length:] == pad_id).all()


def test_pad_rows_names_what_is_wrong():
    with pytest.raises(ValueError, match="sequences: expected at least one, got none"):
        corpora.pad_rows([])
    with pytest.raises(ValueError, match=r"sequences\[1\]: expected shape \(t,\), got \(2, 3\)"):
        corpora.pad_rows([torch.arange(2), torch.zeros(2, 3, dtype=torch.int64)])
    with pytest.raises(
        TypeError, match=r"sequences\[0\]: expected dtype int64 or int32, got float"
    ):
        corpora.pad_rows([torch.zeros(2)])
