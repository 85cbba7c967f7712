"""An encoder–decoder for checking what calls one: no weights, but nothing goes unnoticed."""

from collections.abc import Iterable

import torch
from torch import Tensor

from labtools.arguments import INTEGER, Shapes, between
from labtools.checks.toy_model import N_HEADS, N_STATES, ToyModel
from labtools.model import refuse_wrong_mask


class ToySeq2Seq(ToyModel):
    """Two layers of hashing in the encoder, and two in the decoder, which hears the encoder too.

    Any token, place or mask entry that differs gives other logits wherever it is heard. What no
    query hears of makes no difference: not the padding of the source, nor what a finished row
    reads.
    """

    def __init__(self, vocab_size: int, seed: int) -> None:
        super().__init__(vocab_size, seed)
        self.said: list[tuple[int, int, int]] = []

    def say(self, marker: int, token_id: int, places: Iterable[int]) -> None:
        """For a source that holds ``marker``, the logits at these places favour ``token_id``."""
        self.said += [(marker, place, token_id) for place in places]

    def never(self, token_id: int) -> None:
        """``token_id`` comes nowhere but where ``say`` wants it."""
        self.logits[:, token_id] = -9.0

    def __call__(  # type: ignore[override]  # as ToyModel, but for what it reads
        self, src: Tensor, tgt_in: Tensor, src_mask: Tensor, tgt_mask: Tensor, cross_mask: Tensor
    ) -> Tensor:
        """(B, S), (B, T) and three masks that broadcast to (B, H, …) -> logits (B, T, V).

        Args:
            src, tgt_in: Ids of the source, and of what the decoder reads.
            src_mask: To (B, H, S, S), bool, True = may attend.
            tgt_mask: To (B, H, T, T).
            cross_mask: To (B, H, T, S), target positions as queries and the source's as keys.

        Raises:
            TypeError, ValueError: An argument of another kind or shape, or an id that is none.
        """
        B, S, T = self._refuse_wrong(src, tgt_in)
        heads = B, N_HEADS
        in_source = _seen("src_mask", src_mask, (*heads, S, S))
        in_target = _seen("tgt_mask", tgt_mask, (*heads, T, T))
        across = _seen("cross_mask", cross_mask, (*heads, T, S))
        source = self._embedded(src)
        for _ in range(2):
            source = self._next(source, _heard(in_source, source))
        target = self._embedded(tgt_in)
        for _ in range(2):
            target = self._next(target, _heard(in_target, target))
            target = self._next(target, _heard(across, source))
        return self._favoured(src, self.logits.to(src.device)[target])

    def _refuse_wrong(self, src: Tensor, tgt_in: Tensor) -> tuple[int, int, int]:
        shapes, V = Shapes(), self.logits.shape[1]
        for name, ids, dims in (("src", src, "B S"), ("tgt_in", tgt_in, "B T")):
            shapes.tensor(name, ids, dims, INTEGER)
            between(name, ids, 0, V - 1)
        return *src.shape, tgt_in.shape[1]

    def _embedded(self, ids: Tensor) -> Tensor:
        return self.tokens.to(ids.device)[ids]

    def _next(self, state: Tensor, heard: Tensor) -> Tensor:
        """(B, T) of its own, whatever it hears, and of what it hears."""
        kept = (N_HEADS + 1) * _places(state) * (state + 1)
        return self.scramble.to(state.device)[(heard + kept) % N_STATES]

    def _favoured(self, src: Tensor, logits: Tensor) -> Tensor:
        for marker, place, token_id in self.said:
            rows = (src == marker).any(1)
            logits[rows, place : place + 1, token_id] = 9.0
        return logits


def _places(state: Tensor) -> Tensor:
    return torch.arange(1, state.shape[1] + 1, device=state.device)


def _seen(name: str, mask: Tensor, shape: tuple[int, ...]) -> Tensor:
    """The mask in full, as numbers."""
    refuse_wrong_mask(mask, shape, name)
    return mask.expand(shape).long()


def _heard(seen: Tensor, state: Tensor) -> Tensor:
    """(B, H, T, S) and the states (B, S) of the keys -> (B, T), each head with its own weight."""
    told = (_places(state) * state)[:, None, None, :]
    heads = torch.arange(1, N_HEADS + 1, device=state.device)[:, None]
    # no integer @ on an accelerator
    return (heads * (seen * told).sum(-1)).sum(1)
