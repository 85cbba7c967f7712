"""Seeds, and the state of a run between two steps."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn


def rng_state(device: torch.device) -> dict[str, Tensor]:
    """The state of the generators that training on ``device`` draws from."""
    states = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":
        states["cuda"] = torch.cuda.get_rng_state(device)
    return states


def set_rng_state(states: dict[str, Tensor], device: torch.device) -> None:
    """Go back to ``states``; a device that they do not name keeps its own."""
    torch.set_rng_state(states["cpu"])
    if device.type == "cuda" and "cuda" in states:
        torch.cuda.set_rng_state(states["cuda"], device)


@contextmanager
def seeded(seed: int | None, device: torch.device) -> Iterator[None]:
    """Draw from ``seed`` inside the block, then give the caller's generators back as they were.

    With None the block draws from the caller's generators.
    """
    if seed is None:
        yield
        return
    before = rng_state(device)
    torch.default_generator.manual_seed(seed)
    if device.type == "cuda":
        with torch.cuda.device(device):
            torch.cuda.manual_seed(seed)
    try:
        yield
    finally:
        set_rng_state(before, device)


@dataclass(frozen=True)
class Moment:
    """What a forward pass changes besides the loss, before it does.

    Attributes:
        rng: The state of the generators.
        buffers: The model's buffers, BatchNorm's for one, each with a copy of what it held.
        device: Where the model is.
    """

    rng: dict[str, Tensor]
    buffers: list[tuple[Tensor, Tensor]]
    device: torch.device

    @classmethod
    def now(cls, model: nn.Module, device: torch.device) -> "Moment":
        """This moment."""
        return cls(rng_state(device), [(b, b.clone()) for b in model.buffers()], device)

    @torch.no_grad()
    def restore(self) -> None:
        """Go back to it."""
        set_rng_state(self.rng, self.device)
        for buffer, value in self.buffers:
            buffer.copy_(value)
