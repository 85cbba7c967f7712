"""Two languages with one hidden text: every hidden state emits a source and a target token."""

from dataclasses import dataclass

import torch
from torch import Tensor

from labtools.arguments import INTEGER, Shapes, between, positive_int
from labtools.sources.hidden_markov import HiddenMarkovSource, draw
from labtools.sources.messages import emitted, revealed, surprisal
from labtools.sources.orders import Order
from labtools.sources.queries import queried_nll
from labtools.sources.validation import distribution, mean_over, real_tokens, visible_tokens
from labtools.vocab import pad_id


@dataclass(frozen=True, eq=False)
class PairedSource:
    """A hidden Markov chain whose state z_s emits x_s and one target token: toy translation.

    Target t comes from the state at place ``order(length)[t]``: y_t and x_s with s = order[t] have
    the same state, and are independent given it. Source and target are of the same length.

    Every ``*_nll`` takes ``src`` and ``tgt`` (B, T) int64 and ``lengths`` (B,) int64 (without it,
    all tokens are real), and returns (B, T) float64 in nats, one entry for each target token: 0 at
    padding, inf where the target, or what is seen with it, is impossible; never NaN.

    Args:
        initial: (Z,), p(z_1).
        transition: (Z, Z), p(z_{s+1} | z_s), one row for each z_s.
        source_emission: (Z, Vx), p(x | z).
        target_emission: (Z, Vy), p(y | z).
        order: length -> the places 0 … length − 1 in the order in which they emit targets.

    Raises:
        TypeError, ValueError: Wrong shapes or dtypes, a row that is no distribution; in the
            methods also ids outside a vocabulary, lengths outside 0 … T, and an ``order`` that
            gives no permutation.
    """

    initial: Tensor
    transition: Tensor
    source_emission: Tensor
    target_emission: Tensor
    order: Order

    def __post_init__(self) -> None:
        shapes = Shapes()
        for name, dims in (
            ("initial", "Z"),
            ("transition", "Z Z"),
            ("source_emission", "Z Vx"),
            ("target_emission", "Z Vy"),
        ):
            object.__setattr__(self, name, distribution(shapes, name, getattr(self, name), dims))

    @property
    def source(self) -> HiddenMarkovSource:
        """The source language by itself."""
        return HiddenMarkovSource(self.initial, self.transition, self.source_emission)

    def sample(
        self, batch_size: int, lengths: int | Tensor, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """Draw ``batch_size`` independent pairs.

        Args:
            batch_size: B, the number of pairs.
            lengths: The length of every row, or (B,) int64, one for each.
            generator: Where the randomness comes from.

        Returns:
            ``src`` and ``tgt``, (B, T) int64 each with T the longest length, ``pad_id`` at padding.
        """
        lengths = _lengths(batch_size, lengths)
        T = int(lengths.max()) if batch_size else 0
        src, at_place = torch.empty(2, batch_size, T, dtype=torch.int64)
        state_probs = self.initial.expand(batch_size, -1)
        for s in range(T):
            state = draw(state_probs, generator)
            src[:, s] = draw(self.source_emission[state], generator)
            at_place[:, s] = draw(self.target_emission[state], generator)
            state_probs = self.transition[state]
        real = torch.arange(T) < lengths[:, None]
        tgt = at_place.gather(1, self._places(lengths, T))
        return src.where(real, pad_id), tgt.where(real, pad_id)

    def seq2seq_nll(self, src: Tensor, tgt: Tensor, lengths: Tensor | None = None) -> Tensor:
        """−log p(y_t | y_{<t}, x): what a decoder pays that sees the source and its past."""
        return self._nll(src, tgt, lengths, see_source=True, see_past=True)

    def seq2seq_floor(self, src: Tensor, tgt: Tensor, lengths: Tensor | None = None) -> float:
        """The floor of the Seq2Seq loss on these pairs: the mean of :meth:`seq2seq_nll`, in nats.

        Raises:
            ValueError: There is no token to score.
        """
        real, *_ = self._checked(Shapes(), src, tgt, lengths)
        return mean_over(self.seq2seq_nll(src, tgt, lengths), real, "tgt")

    def target_nll(self, src: Tensor, tgt: Tensor, lengths: Tensor | None = None) -> Tensor:
        """−log p(y_t | y_{<t}): what a decoder pays that ignores the source, a language model."""
        return self._nll(src, tgt, lengths, see_source=False, see_past=True)

    def nonautoregressive_nll(
        self, src: Tensor, tgt: Tensor, lengths: Tensor | None = None
    ) -> Tensor:
        """−log p(y_t | x): what a model pays that predicts every target at once."""
        return self._nll(src, tgt, lengths, see_source=True, see_past=False)

    def conditional_nll(
        self,
        src: Tensor,
        tgt: Tensor,
        source_visible: Tensor,
        target_visible: Tensor,
        lengths: Tensor | None = None,
    ) -> Tensor:
        """−log p(y_t | the source and target tokens that are visible from t), in T² steps.

        Args:
            src: (B, T) int64.
            tgt: (B, T) int64.
            source_visible: (T, T) or (B, T, T) bool: entry (t, s) says that x_s is known when y_t
                is predicted.
            target_visible: The same of y_s. Where (t, t) is True, y_t sees itself and costs 0.
            lengths: (B,) int64; padding is never seen.
        """
        shapes = Shapes()
        real, src, tgt, order = self._checked(shapes, src, tgt, lengths)
        source_visible = visible_tokens(shapes, "source_visible", source_visible, real)
        target_visible = visible_tokens(shapes, "target_visible", target_visible, real)
        at = order.argsort(1)  # (B, T): which target each place emits
        rows = torch.arange(len(at), device=at.device)[:, None, None]
        visible = [
            source_visible[rows, at[:, :, None], torch.arange(at.shape[1], device=at.device)],
            target_visible[rows, at[:, :, None], at[:, None]],
        ]
        initial, transition, source_emission, target_emission = self._on(src)
        seen = [
            emitted(source_emission, src, real),
            emitted(target_emission, tgt.gather(1, at), real),
        ]
        nll = queried_nll(initial, transition, seen, visible)
        return nll.gather(1, order).where(real, 0.0)

    def _nll(
        self, src: Tensor, tgt: Tensor, lengths: Tensor | None, *, see_source: bool, see_past: bool
    ) -> Tensor:
        real, src, tgt, order = self._checked(Shapes(), src, tgt, lengths)
        initial, transition, source_emission, target_emission = self._on(src)
        source = emitted(source_emission, src, real & see_source)
        target = emitted(target_emission, tgt.gather(1, order.argsort(1)), real)
        nll = torch.zeros(real.shape, dtype=torch.float64, device=src.device)
        for length in real.sum(1).unique().tolist():
            same_length = (real.sum(1) == length).nonzero()[:, 0]
            places = order[same_length[0], :length].tolist()
            for rows in same_length.split(2000):  # what fits in a cache takes half the time
                token = target[:, :length, rows]  # (Z, length, rows), by place
                later = token if see_past else torch.ones_like(token)
                state = revealed(initial, transition, source[:, :length, rows], later, places)
                nll[rows, :length] = surprisal(state * token[:, places], state)
        return nll

    def _checked(
        self, shapes: Shapes, src: Tensor, tgt: Tensor, lengths: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Where the tokens are real, both texts with 0 as padding, and the order, (B, T) each."""
        real, src = real_tokens(shapes, "src", src, lengths, self.source_emission.shape[1])
        _, tgt = real_tokens(shapes, "tgt", tgt, lengths, self.target_emission.shape[1])
        if src.device != tgt.device:
            raise ValueError(f"tgt: expected the device of src, {src.device}, got {tgt.device}")
        order = self._places(real.sum(1).cpu(), src.shape[1]).to(src.device)
        return real, src, tgt, order

    def _places(self, lengths: Tensor, T: int) -> Tensor:
        """The order of each row, (B, T) int64; padding keeps its place."""
        places = torch.arange(T).repeat(len(lengths), 1)
        for length in lengths.unique().tolist():
            order = list(self.order(length))
            if sorted(order) != list(range(length)):
                raise ValueError(
                    f"order: expected a permutation of 0 … {length - 1} for length {length}, "
                    f"got {order}"
                )
            places[lengths == length, :length] = torch.tensor(order, dtype=torch.int64)
        return places

    def _on(self, ids: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        return (
            self.initial.to(ids.device),
            self.transition.to(ids.device),
            self.source_emission.to(ids.device),
            self.target_emission.to(ids.device),
        )


def _lengths(batch_size: int, lengths: int | Tensor) -> Tensor:
    positive_int("batch_size", batch_size, 0)
    if not isinstance(lengths, Tensor):
        positive_int("lengths", lengths, 0)
        return torch.full((batch_size,), lengths)
    shapes = Shapes()
    shapes.tensor("lengths", lengths, "B", INTEGER)
    if len(lengths) != batch_size:
        raise ValueError(f"lengths: expected batch_size = {batch_size} of them, got {len(lengths)}")
    between("lengths", lengths, 0, float("inf"))
    return lengths.cpu()
