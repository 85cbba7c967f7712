"""A model for checking what calls one: no weights, no training, but nothing goes unnoticed."""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from labtools.arguments import INTEGER, Shapes
from labtools.model import refuse_wrong_mask

N_STATES = 997  # a prime: multiplying by a place below it loses nothing
N_HEADS = 2


class ToyModel:
    """Two layers of hashing instead of attention.

    The state of a position is a hash of its own, of those that it sees and of their places, so that
    any token, place or mask entry that differs gives other logits: a small random Transformer would
    often choose the same token in spite of it. Two layers, because a leak between earlier
    positions reaches the last one through the second.
    """

    training = False

    def __init__(self, vocab_size: int, seed: int) -> None:
        self.ends: list[tuple[int, int, int]] = []
        generator = torch.Generator().manual_seed(seed)
        self.tokens = torch.randperm(N_STATES, generator=generator)[:vocab_size]
        self.scramble = torch.randperm(N_STATES, generator=generator)
        self.logits = torch.randn(N_STATES, vocab_size, generator=generator)

    def end(self, first: int, eos_id: int, after: Sequence[int]) -> None:
        """Texts that begin with ``first`` get ``eos_id`` after so many tokens, and never else."""
        self.logits[:, eos_id] = -9.0
        self.ends += [(first, n - 1, eos_id) for n in after]

    def __repr__(self) -> str:
        return "a toy model"

    def train(self, mode: bool = True) -> "ToyModel":
        """As of a module; nothing here differs in training."""
        self.training = mode
        return self

    def eval(self) -> "ToyModel":
        """As of a module."""
        return self.train(False)

    def parameters(self) -> Iterator[Tensor]:
        """As of a module, for whoever asks for a device or a dtype; nothing is learned."""
        return iter([self.logits])

    def __call__(self, input_ids: Tensor, attn_mask: Tensor) -> Tensor:
        """(B, T), mask that broadcasts to (B, H, T, T) -> logits (B, T, V), on their device."""
        Shapes().tensor("input_ids", input_ids, "B T", INTEGER)
        B, T = input_ids.shape
        refuse_wrong_mask(attn_mask, (B, N_HEADS, T, T))
        seen = attn_mask.expand(B, N_HEADS, T, T).long()
        device = input_ids.device
        tokens, scramble, table = (x.to(device) for x in (self.tokens, self.scramble, self.logits))
        place = torch.arange(1, T + 1, device=device)
        head = torch.arange(1, N_HEADS + 1, device=device)[:, None]
        state = tokens[input_ids]  # (B, T)
        for _ in range(2):
            told = (place * state)[:, None, :, None]  # (B, 1, T, 1)
            heard = (seen * told.mT).sum(-1)  # (B, H, T); no integer @ on an accelerator
            kept = (N_HEADS + 1) * place * (state + 1)  # its own, whatever it sees
            state = scramble[((head * heard).sum(1) + kept) % N_STATES]
        logits = table[state]
        for first, t, eos_id in self.ends:
            logits[input_ids[:, 0] == first, t : t + 1, eos_id] = 9.0
        return logits
