"""How long the exact floors of 10,000 sequences of 64 take."""

import statistics
import time
from collections.abc import Callable

import torch

from labtools.sources import Corruption, easy, easy_pairs
from labtools.vocab import mask_id

N, T = 10_000, 64


def floors(repeats: int = 3) -> dict[str, float]:
    """The median seconds of each floor on the easy sources."""
    generator = torch.Generator().manual_seed(1)
    source, pairs = easy(), easy_pairs()
    ids = source.sample(N, T, generator)
    src, tgt = pairs.sample(N, T, generator)
    lengths = torch.randint(T // 2, T + 1, (N,), generator=generator)
    corruption = Corruption(source.vocab_size, mask_id)
    selected = torch.rand(N, T, generator=generator) < corruption.rate
    read = torch.multinomial(corruption.channel_if_selected[ids[selected]], 1, generator=generator)
    corrupted = ids.masked_scatter(selected, read)
    past = torch.ones(T, T, dtype=torch.bool).tril(-1)
    work: dict[str, Callable[[], float]] = {
        "CLM": lambda: source.clm_floor(ids),
        "MLM": lambda: source.mlm_floor(ids, selected),
        "MLM, corrupted": lambda: source.corrupted_floor(ids, corrupted, selected, corruption),
        "Seq2Seq": lambda: pairs.seq2seq_floor(src, tgt),
        "Seq2Seq, 33 lengths": lambda: pairs.seq2seq_floor(src, tgt, lengths),
        "any visibility, 1,000": lambda: source.conditional_floor(ids[:1000], past),
    }
    return {name: _median_seconds(floor, repeats) for name, floor in work.items()}


def _median_seconds(work: Callable[[], float], repeats: int) -> float:
    work()  # the first call pays for memory and threads
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


if __name__ == "__main__":
    for name, seconds in floors().items():
        print(f"{name:<24} {seconds:6.2f} s")
