"""Training steps and generation against nanoGPT's design and Hugging Face's GPT-2.

    OMP_NUM_THREADS=2 OMP_WAIT_POLICY=PASSIVE python benchmarks/speed.py [--device cuda]

The contestants take turns, in another order each time, so that a busy machine slows all alike; what
counts is the ratio of their medians. Memory is what one step adds to a process that holds only the
model.
"""

import argparse
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch
import torch.nn.functional as F
from nanogpt import NanoGPT
from torch import Tensor, nn

from labtools.generation import complete
from labtools.model import DecoderOnly, ModelConfig

LR = 1e-3


class Size(NamedTuple):
    """A model and a batch."""

    config: ModelConfig
    batch: int


class Row(NamedTuple):
    """One comparison; ``ratio`` = theirs / ours, so that above 1 is faster, or less memory."""

    name: str
    ours: float
    theirs: float

    @property
    def ratio(self) -> float:
        """theirs / ours."""
        return self.theirs / self.ours


SIZES = {
    "published": Size(
        ModelConfig(vocab_size=65, context_len=256, n_layers=6, n_heads=6, d_model=384), 4
    ),
    "small": Size(
        ModelConfig(vocab_size=28, context_len=48, n_layers=2, n_heads=4, d_model=64), 64
    ),
}


def our_step(size: Size, device: str) -> Callable[[], None]:
    """A training step made of the pieces that ``labtools.training.fit`` uses."""
    ids, targets = _batch(size, device)
    model = DecoderOnly(size.config).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=LR, betas=(0.9, 0.95), fused=True)
    mask = torch.ones(ids.shape[1], ids.shape[1], dtype=torch.bool, device=device).tril()

    def step() -> None:
        loss = F.cross_entropy(model(ids, mask).flatten(0, 1), targets.flatten())
        _update(model, optimizer, loss)

    return step


def nanogpt_step(size: Size, device: str) -> Callable[[], None]:
    """A training step as in nanoGPT's ``train.py``."""
    ids, targets = _batch(size, device)
    model = NanoGPT(size.config).to(device)
    optimizer = model.optimizer(LR)
    return lambda: _update(model, optimizer, model(ids, targets))


def huggingface_step(size: Size, device: str) -> Callable[[], None]:
    """A training step of Hugging Face's GPT-2 with its own loss."""
    ids, _ = _batch(size, device)
    model = gpt2(size.config).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=LR, fused=True)  # as its Trainer
    return lambda: _update(model, optimizer, model(input_ids=ids, labels=ids).loss)


def gpt2(config: ModelConfig) -> nn.Module:
    """Hugging Face's GPT-2 with random weights; its GELU is written out in Python."""
    from transformers import GPT2Config, GPT2LMHeadModel

    sizes = GPT2Config(
        vocab_size=config.vocab_size,
        n_positions=config.context_len,
        n_layer=config.n_layers,
        n_head=config.n_heads,
        n_embd=config.d_model,
        attn_pdrop=0.0,
        embd_pdrop=0.0,
        resid_pdrop=0.0,
        attn_implementation="sdpa",
        bos_token_id=0,
        eos_token_id=None,
    )
    model = GPT2LMHeadModel(sizes)
    model.loss_type = "ForCausalLM"  # its default, without a warning
    return model


def _batch(size: Size, device: str) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(1)
    shape = size.batch, size.config.context_len + 1
    ids = torch.randint(0, size.config.vocab_size, shape, generator=generator).to(device)
    return ids[:, :-1].contiguous(), ids[:, 1:].contiguous()


def _update(model: nn.Module, optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()


STEPS = {"ours": our_step, "nanoGPT": nanogpt_step, "Hugging Face": huggingface_step}


def medians(works: dict[str, Callable[[], object]], repeats: int, device: str) -> dict[str, float]:
    """The median seconds of each work, taking turns, after two turns that do not count."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(repeats + 2):
        # another order each turn: who comes after the hungriest pays for its memory
        for name, work in random.Random(turn).sample(list(works.items()), len(works)):
            start = time.perf_counter()
            work()
            if device == "cuda":
                torch.cuda.synchronize()
            if turn >= 2:
                taken[name].append(time.perf_counter() - start)
    return {name: statistics.median(times) for name, times in taken.items()}


def training_steps(device: str = "cpu") -> list[Row]:
    """Seconds of one training step, for each size and contestant."""
    rows = []
    for name, size in SIZES.items():
        works = {who: make(size, device) for who, make in STEPS.items()}
        seconds = medians(works, 15 if name == "published" else 60, device)
        rows += _against("training step, " + name, seconds)
    return rows


def generation(device: str = "cpu") -> list[Row]:
    """Seconds of greedy generation with a cache, batches of 1 and of 16."""
    rows = []
    for name, size in SIZES.items():
        for batch in (1, 16):
            seconds = medians(_generators(size, batch, device), 10, device)
            rows += _against(f"generation, {name}, batch {batch}", seconds)
    return rows


def _generators(size: Size, batch: int, device: str) -> dict[str, Callable[[], object]]:
    ours, theirs = DecoderOnly(size.config).to(device).eval(), gpt2(size.config).to(device).eval()
    prompts, new = torch.zeros(batch, 8, dtype=torch.int64, device=device), 40
    options = {
        "attention_mask": torch.ones_like(prompts),
        "max_new_tokens": new,
        "do_sample": False,
        "pad_token_id": 0,
    }
    return {
        "ours": lambda: complete(ours, prompts, new),
        "Hugging Face": lambda: theirs.generate(prompts, **options),
    }


def memory(device: str = "cpu") -> list[Row]:
    """MB that a training step needs besides the model, each contestant in its own process."""
    rows = []
    for name in SIZES:
        megabytes = {}
        for who in STEPS:
            command = [sys.executable, __file__, "--device", device, "--memory", name, who]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            megabytes[who] = float(done.stdout)
        rows += _against("memory, " + name, megabytes)
    return rows


def _memory_of(name: str, who: str, device: str) -> float:
    step = STEPS[who](SIZES[name], device)
    before, peak = _memory_meter(device)
    start = before()
    for _ in range(3):
        step()
    return (peak() - start) / 1e6


def _memory_meter(device: str) -> tuple[Callable[[], int], Callable[[], int]]:
    """Bytes now, and the most there ever were since this call."""
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
        return torch.cuda.memory_allocated, torch.cuda.max_memory_allocated
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak of the imports
    return lambda: _kernel_says("VmRSS"), lambda: _kernel_says("VmHWM")


def _kernel_says(field: str) -> int:
    status = Path("/proc/self/status").read_text()
    return 1024 * int(status.split(f"{field}:")[1].split()[0])


def _against(name: str, values: dict[str, float]) -> list[Row]:
    ours = values["ours"]
    return [Row(f"{name}: {who}", ours, x) for who, x in values.items() if who != "ours"]


def main() -> None:
    """Print every comparison."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    parser.add_argument("--memory", nargs=2, metavar=("SIZE", "WHO"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.memory:
        print(_memory_of(*arguments.memory, arguments.device))
        return
    for unit, scale, measure in (
        ("ms", 1e3, training_steps),
        ("ms", 1e3, generation),
        ("MB", 1, memory),
    ):
        for row in measure(arguments.device):
            ours, theirs = scale * row.ours, scale * row.theirs
            print(f"{row.name:<48}{ours:>9.1f}{theirs:>9.1f} {unit}  ratio {row.ratio:.2f}")


if __name__ == "__main__":
    main()
