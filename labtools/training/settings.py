"""The numbers of a training run: checked once, compared when a run is resumed."""

import math
from dataclasses import dataclass
from numbers import Real
from typing import Any

from labtools.arguments import between, positive_int

SMOOTHED = 50
"""The number of steps whose mean loss is compared with the floor."""


@dataclass(frozen=True)
class Settings:
    """The arguments of ``fit`` on which its numbers depend; see there.

    Raises:
        TypeError: Not a number where one is expected.
        ValueError: Out of range; or ``stop_at`` without a floor above 0.
    """

    steps: int
    lr: float
    warmup: int
    weight_decay: float
    clip: float
    floor: float | None
    seed: int | None
    stop_at: float | None

    def __post_init__(self) -> None:
        positive_int("steps", self.steps)
        positive_int("warmup", self.warmup, 0)
        for name in ("lr", "weight_decay", "clip", "floor", "stop_at"):
            _number(name, getattr(self, name), optional=name in ("floor", "stop_at"))
        between("lr", self.lr, 0, 1)
        if not 0 <= self.weight_decay < math.inf:
            raise ValueError(
                f"weight_decay: expected a finite value of at least 0, got {self.weight_decay}"
            )
        if not self.clip > 0:
            raise ValueError(f"clip: expected a norm above 0 (inf: no clipping), got {self.clip}")
        if self.floor is not None and not math.isfinite(self.floor):
            raise ValueError(f"floor: expected a finite loss in nats, got {self.floor}")
        if self.seed is not None:
            positive_int("seed", self.seed, 0)
            between("seed", self.seed, 0, 2**63 - 1)
        self._refuse_unreachable_stop()

    def _refuse_unreachable_stop(self) -> None:
        if self.stop_at is None:
            return
        if self.floor is None or self.floor <= 0:
            raise ValueError(f"stop_at: expected a floor above 0 beside it, got {self.floor}")
        if not 1 <= self.stop_at < math.inf:
            raise ValueError(
                f"stop_at: expected a ratio to the floor of at least 1, got {self.stop_at}"
            )

    def learning_rate(self, step: int) -> float:
        """Linear from 0 to ``lr`` over the warm-up, then half a cosine down to 0.

        The first step already moves: its rate is lr / (warmup + 1), not 0 [warm-up: Goyal et al.
        2017; cosine: Loshchilov and Hutter 2017, equation 5, without restarts].
        """
        if step < self.warmup:
            return self.lr * ((step + 1) / (self.warmup + 1))
        done = (step - self.warmup) / max(1, self.steps - self.warmup)
        return self.lr * (0.5 * (1 + math.cos(math.pi * done)))

    def compared(self) -> dict[str, Any]:
        """What must be equal for a run to be resumed. A floor that only is shown may differ."""
        values = {**vars(self), "floor": None if self.stop_at is None else self.floor}
        return {k: v if v is None or isinstance(v, int) else float(v) for k, v in values.items()}


def _number(name: str, value: Any, optional: bool) -> None:
    if value is None and optional:
        return
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name}: expected a number, got {value!r} ({type(value).__name__})")
