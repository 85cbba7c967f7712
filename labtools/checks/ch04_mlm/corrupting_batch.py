"""Arguments of ``corrupt``, and what came back."""

from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from labtools.checks.ch04_mlm.corrupting_words import say
from labtools.checks.chance import Calls
from labtools.checks.report import Diagnosis

NOTHING = torch.empty(0)
TREATED = (0.8, 0.1, 0.1)  # masked, random, kept


@dataclass(frozen=True)
class Batch:
    """Arguments of calls, and the ``corrupted`` tokens that they returned.

    No true token of a selected position is ``mask_id``; of some others it is.
    """

    input_ids: Tensor
    selected: Tensor
    mask_id: int
    vocab_size: int
    corrupted: Tensor = NOTHING

    @staticmethod
    def made(
        size: tuple[int, int],
        chosen: int,
        mask_id: int,
        vocab_size: int,
        ids: range,
        generator: Generator,
    ) -> "Batch":
        """(B, T) tokens drawn from ``ids``, ``chosen`` of each row selected."""
        input_ids = torch.randint(ids.start, ids.stop, size, generator=generator)
        places = torch.rand(size, generator=generator).argsort(1)
        input_ids[(places == size[1] - 1) & (places >= chosen)] = mask_id
        return Batch(input_ids, places < chosen, mask_id, vocab_size)

    @property
    def args(self) -> tuple[Tensor, Tensor, int, int]:
        """All arguments but the generator."""
        return self.input_ids, self.selected, self.mask_id, self.vocab_size

    def treated(self, call: Calls, times: int) -> "Batch":
        """What so many calls make of it, one below the other; wrong if they touch other tokens."""
        corrupted = torch.cat([call(*self.args) for _ in range(times)])
        ids, selected = (x.repeat(times, 1) for x in (self.input_ids, self.selected))
        return Batch(ids, selected, self.mask_id, self.vocab_size, corrupted)

    @property
    def kept(self) -> Tensor:
        """Selected tokens that are what they were."""
        return self.selected & (self.corrupted == self.input_ids)

    @property
    def masked(self) -> Tensor:
        """Selected tokens that became ``mask_id``."""
        return self.selected & (self.corrupted == self.mask_id)

    @property
    def other(self) -> Tensor:
        """Selected tokens that became another id."""
        return self.selected & ~self.kept & ~self.masked

    def outcomes(self) -> Tensor:
        """0, 1 or 2 for masked, other and kept, of the selected tokens of each row: (rows, n)."""
        return (self.other + 2 * self.kept)[self.selected].view(len(self.selected), -1)

    def given(self) -> str:
        """What it was called with, in a line."""
        return (
            f"  {int(self.selected.sum())} selected tokens, mask_id = {self.mask_id}, "
            f"vocab_size = {self.vocab_size}"
        )


def seen(treated: tuple[float, float, float], vocab_size: int) -> list[float]:
    """The shares of masked, other and kept that show: a random id may be mask_id or the true one.

    ``treated`` are the shares of tokens masked, replaced by a random one and kept.
    """
    masked, drawn, kept = treated
    by_chance = drawn / vocab_size
    return [masked + by_chance, drawn - 2 * by_chance, kept + by_chance]


def forbidden(batch: Batch) -> Diagnosis | None:
    changed = (batch.corrupted != batch.input_ids) & ~batch.selected
    if changed.any():
        inverted = batch.kept.sum() == batch.selected.sum()
        name = "selection-inverted" if inverted else "unselected-changed"
        return say(name, f"{batch.given()}\n{_token(batch, changed)}")
    outside = (batch.corrupted < 0) | (batch.corrupted >= batch.vocab_size)
    if outside.any():
        return say("out-of-vocabulary", f"{batch.given()}\n{_token(batch, outside)}")
    return None


def _token(batch: Batch, which: Tensor) -> str:
    b, t = which.nonzero()[0].tolist()
    true, became = int(batch.input_ids[b, t]), int(batch.corrupted[b, t])
    what = "selected" if batch.selected[b, t] else "not selected"
    return f"  row {b}, position {t}, {what}: {true} became {became}"
