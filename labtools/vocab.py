"""Token ids: four special tokens first, then the symbols of the text."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import torch
from torch import Tensor

IGNORE_INDEX = -100
"""The target of a position that is not scored. PyTorch's cross-entropy uses the same number."""

SPECIAL = ("<pad>", "<bos>", "<eos>", "<mask>")
"""The special tokens; their ids are ``pad_id``, ``bos_id``, ``eos_id`` and ``mask_id``: 0 to 3."""

pad_id, bos_id, eos_id, mask_id = range(4)


@dataclass(frozen=True)
class Vocab:
    """A one-to-one map between symbols and ids; the special tokens take ids 0 to 3.

    Args:
        symbols: The symbols that get the ids 4, 5, …; all different.

    Raises:
        ValueError: A symbol occurs twice or is a special token.
    """

    symbols: tuple[str, ...]
    _ids: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        tokens = self.tokens
        if len(set(tokens)) != len(tokens):
            twice = sorted({token for token in tokens if tokens.count(token) > 1})
            raise ValueError(f"symbols: expected each token once, got {twice} more than once")
        object.__setattr__(self, "_ids", {token: i for i, token in enumerate(tokens)})

    @classmethod
    def of_characters(cls, texts: Iterable[str]) -> "Vocab":
        """The vocabulary of every character in ``texts``, in code-point order."""
        return cls(tuple(sorted(set().union(*texts))))

    @property
    def tokens(self) -> tuple[str, ...]:
        """All tokens in the order of their ids."""
        return SPECIAL + self.symbols

    def __len__(self) -> int:
        return len(SPECIAL) + len(self.symbols)

    def __contains__(self, token: object) -> bool:
        return token in self._ids

    def encode(self, text: Iterable[str], *, bos: bool = False, eos: bool = False) -> Tensor:
        """Ids of the symbols in ``text``, (T,) int64, with <bos> and <eos> on request.

        Raises:
            ValueError: ``text`` holds something that is not in the vocabulary.
        """
        symbols = list(text)
        unknown = sorted({s for s in symbols if s not in self._ids})
        if unknown:
            raise ValueError(
                f"text: expected symbols of the vocabulary ({len(self)} tokens), got {unknown[:5]}"
            )
        ids = [bos_id] * bos + [self._ids[s] for s in symbols] + [eos_id] * eos
        return torch.tensor(ids, dtype=torch.int64)

    def symbols_of(self, ids: Iterable[int]) -> list[str]:
        """The symbols of ``ids``, special tokens left out.

        Raises:
            ValueError: An id outside the vocabulary.
        """
        tokens = self.tokens
        return [tokens[i] for i in not_special(ids, len(tokens))]

    def decode(self, ids: Iterable[int]) -> str:
        """The text of ``ids``, special tokens left out.

        Raises:
            ValueError: An id outside the vocabulary.
        """
        return "".join(self.symbols_of(ids))


def not_special(ids: Iterable[int], vocab_size: int) -> list[int]:
    """The ids that stand for text, in order, as plain ints.

    Raises:
        ValueError: An id outside 0 … vocab_size − 1.
    """
    ids = [int(i) for i in ids]
    wrong = [i for i in ids if not 0 <= i < vocab_size]
    if wrong:
        raise ValueError(f"ids: expected ids from 0 to {vocab_size - 1}, got {wrong[:5]}")
    return [i for i in ids if i >= len(SPECIAL)]
