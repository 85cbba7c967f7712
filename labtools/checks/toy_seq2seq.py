"""An encoder–decoder for checking what calls one: no weights, but nothing goes unnoticed."""

from collections.abc import Iterable

import torch
from torch import Tensor

from labtools.arguments import INTEGER, Shapes, between
from labtools.checks.toy_model import N_HEADS, N_STATES, ToyModel
from labtools.model import refuse_wrong_mask

NEARLY = 1e-4  # nothing in half precision, but much in float32


class ToySeq2Seq(ToyModel):
    """Two layers of hashing in the encoder, and two in the decoder, which hears the encoder too.

    Any token, place or mask entry that differs gives other logits wherever it is heard. What no
    query hears of makes no difference: not the padding of the source, nor what a finished row
    reads. A second token is nearly as likely as the first, so that logits that are rounded, or
    noisy, choose others.
    """

    def __init__(self, vocab_size: int, seed: int) -> None:
        super().__init__(vocab_size, seed)
        best, first = self.logits.max(-1, keepdim=True)
        self.logits.scatter_(1, (first + 1) % vocab_size, best - NEARLY)
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
        in_source = _weights("src_mask", src_mask, (B, N_HEADS, S, S))
        in_target = _weights("tgt_mask", tgt_mask, (B, N_HEADS, T, T))
        across = _weights("cross_mask", cross_mask, (B, N_HEADS, T, S))
        tokens, scramble, table = (
            x.to(src.device) for x in (self.tokens, self.scramble, self.logits)
        )
        source, target = tokens[src], tokens[tgt_in]
        for _ in range(2):
            source = scramble[_heard(in_source, source, source)]
        for _ in range(2):
            target = scramble[_heard(in_target, target, target)]
            target = scramble[_heard(across, target, source)]
        return self._favoured(src, table[target])

    def _refuse_wrong(self, src: Tensor, tgt_in: Tensor) -> tuple[int, int, int]:
        shapes, V = Shapes(), self.logits.shape[1]
        for name, ids, dims in (("src", src, "B S"), ("tgt_in", tgt_in, "B T")):
            shapes.tensor(name, ids, dims, INTEGER)
            between(name, ids, 0, V - 1)
        return *src.shape, tgt_in.shape[1]

    def _favoured(self, src: Tensor, logits: Tensor) -> Tensor:
        for marker, place, token_id in self.said:
            rows = (src == marker).any(1)
            logits[rows, place : place + 1, token_id] = 9.0
        return logits


def _weights(name: str, mask: Tensor, shape: tuple[int, ...]) -> Tensor:
    """The mask as (B, T, S): which heads see a key, and where it stands."""
    refuse_wrong_mask(mask, shape, name)
    heads = torch.arange(1, N_HEADS + 1, device=mask.device)[:, None, None]
    return (mask.expand(shape) * heads).sum(1) * _places(shape[-1], mask)


def _heard(weights: Tensor, own: Tensor, told: Tensor) -> Tensor:
    """(B, T, S), the states (B, T) of queries and (B, S) of keys -> (B, T), below N_STATES.

    A query keeps its own state and place, whatever it sees.
    """
    heard = (weights * told[:, None, :]).sum(-1)  # no integer @ on an accelerator
    kept = (N_HEADS + 1) * _places(own.shape[1], own) * (own + 1)
    return (heard + kept) % N_STATES


def _places(n: int, like: Tensor) -> Tensor:
    return torch.arange(1, n + 1, device=like.device)
