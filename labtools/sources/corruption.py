"""BERT's corruption as a noisy channel: p(what the model reads | the true token)."""

from dataclasses import dataclass

import torch
from torch import Tensor

from labtools.arguments import between, positive_int


@dataclass(frozen=True)
class Corruption:
    """Each position is selected with probability ``rate``, alone; a selected token is corrupted.

    Of the selected tokens a share ``masked`` becomes ``mask_id``, a share ``randomised`` a token
    drawn uniformly from ``replacements``, and the rest is kept [Devlin et al. 2019, section 3.1].
    A token that was drawn may be the one that was there.

    Args:
        vocab_size: V, the number of token ids.
        mask_id: The id of <mask>.
        rate: The chance of a position to be selected.
        masked: The share of the selected tokens that are masked.
        randomised: The share of them that are replaced.
        replacements: The ids that are drawn from; without it the whole vocabulary, special tokens
            included, as in BERT's code.

    Raises:
        TypeError, ValueError: Ids outside the vocabulary, or shares that are none.
    """

    vocab_size: int
    mask_id: int
    rate: float = 0.15
    masked: float = 0.8
    randomised: float = 0.1
    replacements: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        positive_int("vocab_size", self.vocab_size)
        for name in ("rate", "masked", "randomised"):
            between(name, getattr(self, name), 0, 1)
        # the shares are floats: 0.9 + 0.1 may end a little over 1
        between("masked + randomised", self.masked + self.randomised, 0, 1 + 1e-9)
        if self.replacements is not None and not self.replacements:
            raise ValueError("replacements: expected at least one id, got none")
        for name, ids in (("mask_id", (self.mask_id,)), ("replacements", self.replacements or ())):
            for token in ids:
                positive_int(name, token, 0)
                between(name, token, 0, self.vocab_size - 1)

    @property
    def channel_if_selected(self) -> Tensor:
        """p(y | x, the position is selected), (V, V) float64, one row for each true token x."""
        V = self.vocab_size
        drawn = torch.zeros(V, dtype=torch.float64)
        drawn[list(self.replacements or range(V))] = 1
        channel = torch.eye(V, dtype=torch.float64) * max(0, 1 - self.masked - self.randomised)
        channel += self.randomised * drawn / drawn.sum()
        channel[:, self.mask_id] += self.masked
        return channel

    @property
    def channel(self) -> Tensor:
        """p(y | x) when nothing says whether the position is selected, (V, V) float64."""
        kept = torch.eye(self.vocab_size, dtype=torch.float64)
        return (1 - self.rate) * kept + self.rate * self.channel_if_selected

    def refuse_other(self, ids: Tensor, corrupted: Tensor, selected: Tensor) -> None:
        """Check that only ``selected`` tokens differ; all (B, T).

        Raises:
            ValueError: Another differs; the message names the first.
        """
        changed = (~selected & (ids != corrupted)).nonzero()
        if len(changed):
            row, t = changed[0].tolist()
            raise ValueError(
                f"corrupted: expected the true token {ids[row, t]} where nothing is selected, "
                f"got {corrupted[row, t]} at {row, t}"
            )
