"""Tokenizers: characters, words and byte pairs, all used alike.

The characters are :meth:`labtools.vocab.Vocab.of_characters`. In all three the special tokens take
ids 0 to 3 (:data:`labtools.vocab.SPECIAL`), and no text is ever read as a special token.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from types import ModuleType
from typing import Any, Protocol

import torch
from torch import Tensor

from labtools.arguments import positive_int
from labtools.vocab import SPECIAL, Vocab, bos_id, eos_id, not_special


class Tokenizer(Protocol):
    """What every tokenizer can do."""

    @property
    def tokens(self) -> tuple[str, ...]:
        """All tokens in the order of their ids."""

    def __len__(self) -> int:
        """V, the number of tokens, special ones included."""

    def encode(self, text: str, *, bos: bool = False, eos: bool = False) -> Tensor:
        """Ids of ``text``, (T,) int64, with <bos> and <eos> on request."""

    def decode(self, ids: Iterable[int]) -> str:
        """The text of ``ids``, special tokens left out."""


UNKNOWN = "<unk>"


@dataclass(frozen=True)
class WordTokenizer:
    """Words and punctuation marks; build it with :meth:`of_texts`.

    White space is not kept: ``decode`` puts one space between words, so that decode(encode(text))
    is " ".join(split_words(text)).
    """

    vocab: Vocab

    @classmethod
    def of_texts(
        cls, texts: Iterable[str], *, min_count: int = 1, unknown: bool = False
    ) -> "WordTokenizer":
        """The words that occur at least ``min_count`` times in ``texts``, in code-point order.

        With ``unknown``, a token <unk> (id 4) stands for every other word; otherwise such a word is
        an error. A model that may say <unk> has less to predict: its loss does not compare with
        that of another vocabulary.

        Raises:
            TypeError: ``texts`` is one string.
            TypeError, ValueError: ``min_count`` is no int of at least 1.
        """
        positive_int("min_count", min_count)
        counts = Counter(word for text in _several(texts) for word in split_words(text))
        words = sorted(word for word, count in counts.items() if count >= min_count)
        return cls(Vocab((*[UNKNOWN] * unknown, *words)))

    @property
    def tokens(self) -> tuple[str, ...]:
        """All tokens in the order of their ids."""
        return self.vocab.tokens

    def __len__(self) -> int:
        return len(self.vocab)

    def encode(self, text: str, *, bos: bool = False, eos: bool = False) -> Tensor:
        """Ids of the words of ``text``, (T,) int64, with <bos> and <eos> on request.

        Raises:
            ValueError: A word is not in the vocabulary, and there is no <unk>.
        """
        words = split_words(text)
        if UNKNOWN in self.vocab:
            words = [word if word in self.vocab else UNKNOWN for word in words]
        return self.vocab.encode(words, bos=bos, eos=eos)

    def decode(self, ids: Iterable[int]) -> str:
        """The words of ``ids`` with a space between them, special tokens left out.

        Raises:
            ValueError: An id outside the vocabulary.
        """
        return " ".join(self.vocab.symbols_of(ids))


def split_words(text: str) -> list[str]:
    """Words and punctuation: a run of letters, digits and marks, or one other character.

    Marks belong to the letter before them, as the vowel signs of Hindi do (Python's ``\\w`` would
    cut there). Where no spaces are written, as in Japanese, a whole run of letters is one word.
    """
    runs = (run for part in text.split() for run in groupby(part, key=_in_word))
    return [w for in_word, run in runs for w in (["".join(run)] if in_word else run)]


def _in_word(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNM" or character == "_"


@dataclass(frozen=True, eq=False)
class BytePairTokenizer:
    """Byte-pair encoding of UTF-8 bytes; build it with :func:`train_bpe`.

    Every text that UTF-8 can hold can be encoded, and decode(encode(text)) == text. The ``tokens``
    are shown as GPT-2 shows them: one printable character for each byte, "Ġ" for the space.
    """

    model: Any  # tokenizers.Tokenizer

    @property
    def tokens(self) -> tuple[str, ...]:
        """All tokens in the order of their ids."""
        return tuple(self.model.id_to_token(i) for i in range(len(self)))

    def __len__(self) -> int:
        return self.model.get_vocab_size()

    def encode(self, text: str, *, bos: bool = False, eos: bool = False) -> Tensor:
        """Ids of the sub-words of ``text``, (T,) int64, with <bos> and <eos> on request."""
        ids = self.model.encode(text, add_special_tokens=False).ids
        return torch.tensor([bos_id] * bos + ids + [eos_id] * eos, dtype=torch.int64)

    def decode(self, ids: Iterable[int]) -> str:
        """The text of ``ids``, special tokens left out; "�" where a character is incomplete.

        Raises:
            ValueError: An id outside the vocabulary.
        """
        return self.model.decode(not_special(ids, len(self)), skip_special_tokens=False)


def train_bpe(texts: Iterable[str], vocab_size: int) -> BytePairTokenizer:
    """Learn byte-pair encoding [Sennrich et al. 2016] on bytes [Radford et al. 2019].

    It starts from the 256 bytes and merges the most frequent pair of neighbours until there are
    ``vocab_size`` tokens, or no pair is left. Words are cut before each space first, as GPT-2 does,
    and no merge crosses the cut. The same texts give the same tokenizer.

    Args:
        texts: What to learn from; they are read once.
        vocab_size: V, with the 4 special tokens and the 256 bytes.

    Raises:
        TypeError: ``texts`` is one string.
        TypeError, ValueError: ``vocab_size`` is no int of at least 260.
        ImportError: The library ``tokenizers`` is not installed.
    """
    positive_int("vocab_size", vocab_size, len(SPECIAL) + 256)
    library = _tokenizers()
    model = library.Tokenizer(library.models.BPE())
    model.pre_tokenizer = library.pre_tokenizers.ByteLevel(add_prefix_space=False)
    model.decoder = library.decoders.ByteLevel()
    trainer = library.trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=list(SPECIAL),
        initial_alphabet=sorted(library.pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    model.train_from_iterator(_several(texts), trainer)
    model.encode_special_tokens = True  # "<pad>" in a text is five characters
    return BytePairTokenizer(model)


def _several(texts: Iterable[str]) -> Iterable[str]:
    # a string is an iterable of strings too: its characters, which nobody means
    if isinstance(texts, str):
        raise TypeError(f"texts: expected several strings, got the one string {texts[:20]!r}")
    return texts


def _tokenizers() -> ModuleType:
    try:
        import tokenizers
    except ImportError as error:
        raise ImportError(
            "byte-pair encoding needs the library tokenizers: pip install 'labtools[bpe]'"
        ) from error
    return tokenizers


def encode_words(
    tokenizer: Tokenizer, words: Sequence[str], *, bos: bool = False, eos: bool = False
) -> tuple[Tensor, list[int | None]]:
    """Encode a sentence given as words, and remember which word each id came from.

    A space goes before every word but the first, and belongs to it: the ids are those of
    ``tokenizer.encode(" ".join(words))``.

    Returns:
        Ids, (T,) int64, and ``word_ids``, a list of T: the number of the word, None for <bos> and
        <eos>.

    Raises:
        ValueError: A word is empty or has white space in it, or cannot be encoded.
    """
    for i, word in enumerate(words):
        if word.split() != [word]:
            raise ValueError(f"words[{i}]: expected a word without white space, got {word!r}")
    parts = [tokenizer.encode(" " * (i > 0) + word) for i, word in enumerate(words)]
    word_ids = [i for i, part in enumerate(parts) for _ in range(len(part))]
    start, end = torch.tensor([bos_id] * bos), torch.tensor([eos_id] * eos)
    ids = torch.cat([start, *parts, end]).long()
    return ids, [None] * bos + word_ids + [None] * eos
