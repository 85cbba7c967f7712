"""What a training run did."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import overload

from labtools.arguments import positive_int


@dataclass
class History(Sequence[float]):
    """The losses of a run as a sequence, which a plot takes as it is, and what went with them.

    Args:
        losses: The loss of every step in nats, before that step's update.
        seconds: The time the run took, all its parts together if it was resumed.
        learning_rates: The learning rate of every step's update.
        gradient_norms: The norm of every step's gradient, before clipping.
    """

    losses: list[float] = field(default_factory=list)
    seconds: float = 0.0
    learning_rates: list[float] = field(default_factory=list)
    gradient_norms: list[float] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.losses)

    @overload
    def __getitem__(self, index: int) -> float: ...
    @overload
    def __getitem__(self, index: slice) -> list[float]: ...
    def __getitem__(self, index: int | slice) -> float | list[float]:
        return self.losses[index]

    def last(self, n: int = 50) -> float:
        """The mean loss of the last ``n`` steps, or of all where there were fewer.

        Raises:
            TypeError, ValueError: ``n`` is no int of at least 1, or no step was made.
        """
        positive_int("n", n)
        if not self.losses:
            raise ValueError("last: expected a history of at least one step, got an empty one")
        tail = self.losses[-n:]
        return sum(tail) / len(tail)
