"""Train on the easy source with an honest mask and with a leaking one."""

import torch
import torch.nn.functional as F
from torch import Tensor

from labtools.model import DecoderOnly, ModelConfig
from labtools.sources import easy
from labtools.training import fit
from labtools.vocab import bos_id

T = 48


def to_the_floor(steps: int = 700) -> tuple[float, float]:
    """Seconds of training with the causal mask, and held-out loss over floor."""
    return _train(torch.ones(T, T, dtype=torch.bool).tril(), steps)


def leak(steps: int = 400) -> float:
    """Held-out loss over floor with one diagonal too many."""
    return _train(torch.ones(T, T, dtype=torch.bool).tril(1), steps)[1]


def _train(mask: Tensor, steps: int) -> tuple[float, float]:
    source, generator = easy(), torch.Generator().manual_seed(1)

    def rows(n: int) -> Tensor:
        return F.pad(source.sample(n, T, generator), (1, 0), value=bos_id)

    def loss(model: DecoderOnly, ids: Tensor) -> Tensor:
        return F.cross_entropy(model(ids[:, :-1], mask).transpose(1, 2), ids[:, 1:])

    held_out = rows(2000)
    floor = source.clm_floor(held_out[:, 1:])
    torch.manual_seed(2)
    model = DecoderOnly(ModelConfig(vocab_size=source.vocab_size, context_len=T))
    history = fit(model, iter(lambda: rows(64), None), loss, steps=steps, floor=floor)
    with torch.no_grad():
        return history.seconds, loss(model, held_out).item() / floor
