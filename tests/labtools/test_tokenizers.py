"""Characters, words and byte pairs: one protocol, and every corpus through each of them."""

import os
import subprocess
import sys
from collections import Counter
from itertools import pairwise

import pytest
import torch

from labtools import corpora
from labtools.corpora import cldr, entities, questions, sentiment
from labtools.tokenizers import (
    WordTokenizer,
    encode_words,
    split_words,
    train_bpe,
)
from labtools.vocab import SPECIAL, Vocab, bos_id, eos_id, mask_id, pad_id

TEXT = "the cat sat on the mat , the cat sat ."
KINDS = {
    "characters": lambda texts: Vocab.of_characters(texts),
    "words": lambda texts: WordTokenizer.of_texts(texts),
    "bpe": lambda texts: train_bpe(texts, 271),
}
each_kind = pytest.mark.parametrize("build", KINDS.values(), ids=KINDS)

SCRIPTS = (
    "5. tammikuuta 2024",
    "5 января 2024\u202fг.",
    "‏5 בינואר 2024",
    "5 जनवरी 2024",
    "2024年1月5日",
    "  two  spaces,\ttab\nand line\r\n",
    "don't 👩‍🚀 \x00 e\u0301",
    "<pad><bos> <mask>",
    "",
)


# --- what holds for all three


@each_kind
def test_one_protocol(build):
    tokenizer = build([TEXT])
    assert tokenizer.tokens[:4] == SPECIAL
    assert len(tokenizer) == len(tokenizer.tokens) == len(set(tokenizer.tokens))
    ids = tokenizer.encode(TEXT)
    assert ids.dtype == torch.int64
    assert ids.ndim == 1
    assert tokenizer.decode(ids) == tokenizer.decode(ids.tolist()) == TEXT
    framed = tokenizer.encode(TEXT, bos=True, eos=True)
    assert framed.tolist() == [bos_id, *ids.tolist(), eos_id]
    assert tokenizer.decode([pad_id, *framed.tolist(), mask_id]) == TEXT
    assert tokenizer.encode("").shape == (0,)
    assert tokenizer.encode("").dtype == torch.int64
    assert tokenizer.decode([]) == ""


@each_kind
def test_the_same_texts_give_the_same_tokenizer(build):
    texts = corpora.python_documentation()[:200]
    assert build(texts).tokens == build(reversed(texts)).tokens


@each_kind
def test_an_id_outside_the_vocabulary_is_refused(build):
    tokenizer = build([TEXT])
    n = len(tokenizer)
    with pytest.raises(ValueError, match=rf"ids: expected ids from 0 to {n - 1}, got \[{n}, -1\]"):
        tokenizer.decode([4, n, -1])


@each_kind
def test_word_ids_say_which_word_an_id_came_from(build):
    tokenizer, words = build([TEXT]), TEXT.split()
    ids, word_ids = encode_words(tokenizer, words, bos=True, eos=True)
    assert torch.equal(ids, tokenizer.encode(TEXT, bos=True, eos=True))
    assert len(word_ids) == len(ids)
    assert word_ids[0] is word_ids[-1] is None
    for i, word in enumerate(words):
        own = [int(t) for t, w in zip(ids, word_ids, strict=True) if w == i]
        assert tokenizer.decode(own).strip() == word
    assert encode_words(tokenizer, words)[1] == word_ids[1:-1]
    assert encode_words(tokenizer, [])[0].dtype == torch.int64


# --- characters


def test_characters_of_a_held_out_text_may_be_unknown():
    train, held_out = cldr.split(cldr.name_pairs("territories"))
    vocab = Vocab.of_characters(text for pair in train for text in (pair.source, pair.target))
    unknown = [pair.source for pair in held_out if not set(pair.source) <= set(vocab.tokens)]
    assert 0 < len(unknown) < len(held_out) / 3
    with pytest.raises(ValueError, match="expected symbols of the vocabulary"):
        vocab.encode(unknown[0])


# --- words


def test_words_and_punctuation():
    assert split_words("don't  (e)ko,\n2024-01!") == [
        *["don", "'", "t", "(", "e", ")", "ko", ",", "2024", "-", "01", "!"]
    ]
    assert split_words("x_1 «जनवरी» e\u0301a 2024年1月") == [
        *["x_1", "«", "जनवरी", "»", "e\u0301a", "2024年1月"]
    ]
    assert split_words(" \u202f\t") == []


def test_an_unknown_word_is_an_error_or_unk():
    strict = WordTokenizer.of_texts(["a b a", "c"])
    assert strict.tokens == (*SPECIAL, "a", "b", "c")
    with pytest.raises(ValueError, match=r"expected symbols of the vocabulary .* got \['z'\]"):
        strict.encode("a z")
    open_ = WordTokenizer.of_texts(["a b a", "c"], min_count=2, unknown=True)
    assert open_.tokens == (*SPECIAL, "<unk>", "a")
    assert open_.encode("a b z a").tolist() == [5, 4, 4, 5]
    assert open_.decode([5, 4]) == "a <unk>"
    assert strict.decode(strict.encode(" a   b")) == "a b"


# --- byte pairs


@pytest.fixture(scope="module")
def bpe():
    train, _ = corpora.split(corpora.python_documentation())
    return train_bpe(train, 509)


@pytest.mark.parametrize("text", SCRIPTS)
def test_byte_pairs_give_every_text_back(bpe, text):
    ids = bpe.encode(text)
    assert bpe.decode(ids) == text
    assert (ids >= len(SPECIAL)).all()


def test_byte_pairs_are_learned(bpe):
    assert len(bpe) == 509
    assert "Ġthe" in bpe.tokens
    _, held_out = corpora.split(corpora.python_documentation())
    n_bytes = sum(len(text.encode()) for text in held_out)
    assert sum(len(bpe.encode(text)) for text in held_out) < 0.6 * n_bytes
    assert len(train_bpe(["ab"], 300)) == 261  # one pair, then none is left
    assert train_bpe((text for text in ["aab"] * 3), 261).tokens[-1] == "aa"


def test_each_merge_is_of_a_most_frequent_pair():
    """By counting: the slow form [Sennrich et al. 2016, algorithm 1]."""
    text = "low low low low low lower lower newest newest newest newest newest newest widest"
    words = [list(word) for word in text.replace(" ", " Ġ").split()]
    for n_merges in range(1, 12):
        counts = Counter(a + b for word in words for a, b in pairwise(word))
        learned = train_bpe([text], 260 + n_merges).tokens[-1]
        assert counts[learned] == max(counts.values())
        words = [merge(word, learned) for word in words]
    assert ["Ġnewest"] in words


def merge(word, token):
    merged = []
    for symbol in word:
        if merged and merged[-1] + symbol == token:
            merged[-1] = token
        else:
            merged.append(symbol)
    return merged


def test_an_incomplete_character_is_shown_as_such(bpe):
    ids = bpe.encode("年")
    assert len(ids) == 3
    assert bpe.decode(ids[:2]) == "�"


def test_word_ids_hold_for_every_script(bpe):
    words = ["Anna", "'s", "5.", "जनवरी", "2024年", "…", "s'il", "x"]
    ids, word_ids = encode_words(bpe, words, eos=True)
    assert torch.equal(ids, bpe.encode(" ".join(words), eos=True))
    assert sorted({w for w in word_ids if w is not None}) == list(range(8))


# --- every corpus


def pair_texts(pairs):
    return [text for pair in pairs for text in (pair.source, pair.target)]


def task_texts(task):
    return [" ".join(text) for text in task.joint]


def question_texts(task):
    return [" ".join((*context, *question)) for context, question in task.joint][::5]


CORPORA = {
    "documentation": lambda: corpora.split(corpora.python_documentation()),
    "dates": lambda: map(
        pair_texts,
        cldr.split(cldr.date_pairs(cldr.draw_dates(365, torch.Generator().manual_seed(0)))),
    ),
    "territories": lambda: map(pair_texts, cldr.split(cldr.name_pairs("territories"))),
    "languages": lambda: map(pair_texts, cldr.split(cldr.name_pairs("languages"))),
    "sentiment": lambda: map(task_texts, sentiment.split()),
    "questions": lambda: map(question_texts, questions.split()),
    "entities": lambda: map(task_texts, entities.split()),
}


@pytest.mark.parametrize("name", CORPORA)
def test_byte_pairs_of_the_training_side_encode_every_held_out_text(name):
    train, held_out = CORPORA[name]()
    tokenizer = train_bpe(train, 401)
    assert len(held_out) > 50
    for text in held_out[:1000]:
        assert tokenizer.decode(tokenizer.encode(text)) == text


@pytest.mark.parametrize("name", ["dates", "sentiment", "questions", "entities", "documentation"])
def test_characters_of_the_training_side_encode_every_held_out_text(name):
    train, held_out = CORPORA[name]()
    vocab = Vocab.of_characters(train)
    for text in held_out[:1000]:
        assert vocab.decode(vocab.encode(text)) == text


@pytest.mark.parametrize("name", ["sentiment", "questions", "entities"])
def test_words_of_the_training_side_encode_every_held_out_text(name):
    train, held_out = CORPORA[name]()
    tokenizer = WordTokenizer.of_texts(train)
    for text in held_out[:1000]:
        assert tokenizer.decode(tokenizer.encode(text)) == text


def test_held_out_prose_has_unknown_words():
    train, held_out = CORPORA["documentation"]()
    tokenizer = WordTokenizer.of_texts(train, unknown=True)
    unknown = [w for text in held_out for w in split_words(text) if w not in tokenizer.vocab]
    assert 0 < len(unknown) < 0.1 * sum(len(split_words(text)) for text in held_out)
    assert all(len(tokenizer.encode(text)) == len(split_words(text)) for text in held_out)


# --- wrong arguments, a missing library, and what is printed


def test_bad_arguments_are_named(bpe):
    with pytest.raises(ValueError, match="vocab_size: expected an int of at least 260, got 259"):
        train_bpe([TEXT], 259)
    with pytest.raises(TypeError, match="texts: expected several strings, got the one string 'the"):
        train_bpe(TEXT, 300)
    with pytest.raises(TypeError, match="texts: expected several strings"):
        WordTokenizer.of_texts(TEXT)
    with pytest.raises(ValueError, match="min_count: expected an int of at least 1, got 0"):
        WordTokenizer.of_texts([TEXT], min_count=0)
    with pytest.raises(ValueError, match=r"words\[1\]: expected a word without .* got 'b c'"):
        encode_words(bpe, ["a", "b c"])
    with pytest.raises(ValueError, match=r"words\[0\]: expected a word without .* got ''"):
        encode_words(bpe, [""])


def test_a_missing_library_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    assert len(WordTokenizer.of_texts([TEXT])) == 11
    with pytest.raises(ImportError, match=r"pip install 'labtools\[bpe\]'"):
        train_bpe([TEXT], 300)


def test_the_library_comes_late_and_says_nothing_even_after_a_fork():
    script = """
import os, sys
from labtools.tokenizers import train_bpe
assert "tokenizers" not in sys.modules
bpe = train_bpe(["to be or not to be"] * 9, 270)
bpe.model.encode_batch(["to be"] * 99)
child = os.fork()
bpe.model.encode_batch(["or not"] * 99)
if child:
    os.waitpid(child, 0)
"""
    env = {k: v for k, v in os.environ.items() if k != "TOKENIZERS_PARALLELISM"}
    # newer Pythons warn about any fork beside threads
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, env=env)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
