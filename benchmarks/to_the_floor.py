"""Train each objective down to its computed floor, and one causal model that leaks under it.

Every model has 2 layers and is trained once; the loss that counts is that on fresh sequences, over
the floor of the same sequences.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn

from labtools.model import DecoderOnly, EncoderDecoder, EncoderOnly, ModelConfig
from labtools.sources import Corruption, easy, easy_pairs
from labtools.training import fit
from labtools.vocab import bos_id, mask_id

HELD_OUT = 10_000
Draw = Callable[[int, Generator], Any]  # how many rows -> a batch
MaskedBatch = tuple[Tensor, Tensor, Tensor]  # ids, corrupted, selected
Loss = Callable[[nn.Module, Any], Tensor]


@dataclass(frozen=True)
class Objective:
    """What there is to train: a model, batches, a loss, and the floor of a batch."""

    model: Callable[[ModelConfig], nn.Module]
    config: ModelConfig
    draw: Draw
    loss: Loss
    floor: Callable[[Any], float]
    steps: int
    lr: float = 3e-3
    batch: int = 64
    batches: Callable[[Generator], Iterator[Any]] | None = None  # where not all are alike


def train(objective: Objective, seed: int = 1) -> tuple[float, float]:
    """Seconds of training, and held-out loss over floor."""
    generator = Generator().manual_seed(seed)
    held_out = objective.draw(HELD_OUT, generator)
    floor = objective.floor(held_out)
    torch.manual_seed(seed)
    model = objective.model(objective.config)
    batches = objective.batches or partial(_alike, objective)
    history = fit(
        model, batches(generator), objective.loss, steps=objective.steps, lr=objective.lr,
        floor=floor,
    )  # fmt: skip
    with torch.no_grad():
        return history.seconds, objective.loss(model, held_out).item() / floor


def _alike(objective: Objective, generator: Generator) -> Iterator[Any]:
    while True:
        yield objective.draw(objective.batch, generator)


def causal(diagonal: int = 0, steps: int = 700) -> Objective:
    """Each token from those before it; with ``diagonal=1`` a query also sees the next one."""
    source, length = easy(), 48
    mask = torch.ones(length, length, dtype=torch.bool).tril(diagonal)

    def draw(n: int, generator: Generator) -> Tensor:
        return F.pad(source.sample(n, length, generator), (1, 0), value=bos_id)

    def loss(model: nn.Module, ids: Tensor) -> Tensor:
        return F.cross_entropy(model(ids[:, :-1], mask).flatten(0, 1), ids[:, 1:].flatten())

    config = ModelConfig(vocab_size=source.vocab_size, context_len=length)
    return Objective(
        DecoderOnly, config, draw, loss, lambda ids: source.clm_floor(ids[:, 1:]), steps
    )


def masked(full: bool, steps: int = 2000) -> Objective:
    """15 % of the tokens from the others; ``full``: corrupted 80/10/10, else all masked.

    A batch scores fewer tokens than a causal model's, and the fewer there are, the further a model
    stays above the floor, a large one most of all: so it is 48 wide, and for two thirds of the
    training 30 % are selected.
    """
    source, length = easy(), 16
    everything = torch.ones(length, length, dtype=torch.bool)
    shares = {} if full else {"masked": 1.0, "randomised": 0.0}
    corruption = Corruption(source.vocab_size, mask_id, **shares)

    def draw(n: int, generator: Generator, rate: float = corruption.rate) -> MaskedBatch:
        ids = source.sample(n, length, generator)
        selected = torch.rand(ids.shape, generator=generator) < rate
        channel = corruption.channel_if_selected[ids[selected]]  # (N, V)
        corrupted = ids.clone()
        corrupted[selected] = torch.multinomial(channel, 1, generator=generator).squeeze(1)
        return ids, corrupted, selected

    def batches(generator: Generator) -> Iterator[MaskedBatch]:
        for step in range(steps):
            yield draw(128, generator, 0.3 if 3 * step < 2 * steps else corruption.rate)

    def loss(model: nn.Module, batch: MaskedBatch) -> Tensor:
        ids, corrupted, selected = batch
        return F.cross_entropy(model(corrupted, everything)[selected], ids[selected])

    config = ModelConfig(vocab_size=source.vocab_size, context_len=length, d_model=48, n_heads=8)
    return Objective(
        EncoderOnly, config, draw, loss,
        lambda batch: source.corrupted_floor(*batch, corruption),
        steps, lr=6e-3, batches=batches,
    )  # fmt: skip


def seq2seq() -> Objective:
    """The target from the source and the target so far."""
    source, length = easy_pairs(), 16
    causal, everything = (torch.ones(length, length, dtype=torch.bool).tril(d) for d in (0, 16))

    def loss(model: nn.Module, pair: tuple[Tensor, Tensor]) -> Tensor:
        src, tgt = pair
        tgt_in = F.pad(tgt[:, :-1], (1, 0), value=bos_id)
        logits = model(src, tgt_in, everything, causal, everything)
        return F.cross_entropy(logits.flatten(0, 1), tgt.flatten())

    vocab_size = max(source.source_emission.shape[1], source.target_emission.shape[1])
    return Objective(
        EncoderDecoder,
        ModelConfig(vocab_size=vocab_size, context_len=length),
        lambda n, generator: source.sample(n, length, generator),
        loss,
        lambda pair: source.seq2seq_floor(*pair),
        steps=800,
    )


OBJECTIVES = {
    "CLM": causal(),
    "CLM, one diagonal too many": causal(diagonal=1, steps=400),
    "MLM, 15 % masked": masked(full=False),
    "MLM, 80/10/10": masked(full=True),
    "Seq2Seq": seq2seq(),
}
