"""The hidden Markov source, and the best loss a model can reach that sees this or that of a text.

A hidden Markov source [Rabiner 1989] walks through hidden states z_1, z_2, … and emits one token
from each. Because the distribution is known, −log p(x_t | what is seen) is computed, not estimated:
no model that sees only that can have a lower expected loss. Everything inside is float64, on the
device of the ids.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from labtools.arguments import BOOL, Shapes, positive_int
from labtools.sources.corruption import Corruption
from labtools.sources.messages import backward, emitted, forward, surprisal
from labtools.sources.queries import queried_nll
from labtools.sources.validation import distribution, mean_over, real_tokens, visible_tokens


@dataclass(frozen=True, eq=False)
class HiddenMarkovSource:
    """A hidden Markov source with Z states over V tokens.

    Every ``*_nll`` takes ``ids`` (B, T) int64 and ``lengths`` (B,) int64, the number of real tokens
    of each row (without it, all are real), and returns (B, T) float64 in nats: 0 at padding and
    where nothing is asked, inf where the token, or what is seen with it, is impossible; never NaN.
    Every ``*_floor`` is the mean over the scored tokens: the loss of the source itself. A model's
    loss on fresh sequences is at least this on average; over few sequences it may fall under it by
    chance.

    Args:
        initial: (Z,), p(z_1).
        transition: (Z, Z), p(z_{t+1} | z_t), one row for each z_t.
        emission: (Z, V), p(x_t | z_t), one row for each z_t. Special tokens may have probability 0.

    Raises:
        TypeError, ValueError: Wrong shapes or dtypes, or a row that is no distribution; in the
            methods also ids outside the vocabulary and lengths outside 0 … T.
    """

    initial: Tensor
    transition: Tensor
    emission: Tensor

    def __post_init__(self) -> None:
        shapes = Shapes()
        for name, dims in (("initial", "Z"), ("transition", "Z Z"), ("emission", "Z V")):
            object.__setattr__(self, name, distribution(shapes, name, getattr(self, name), dims))

    @property
    def vocab_size(self) -> int:
        """V, the number of token ids, special tokens included."""
        return self.emission.shape[1]

    def sample(self, batch_size: int, length: int, generator: torch.Generator) -> Tensor:
        """Draw ``batch_size`` independent sequences of ``length`` tokens.

        Returns:
            (B, T) int64.
        """
        positive_int("batch_size", batch_size, 0)
        positive_int("length", length, 0)
        ids = torch.empty(batch_size, length, dtype=torch.int64)
        state_probs = self.initial.expand(batch_size, -1)
        for t in range(length):
            state = draw(state_probs, generator)
            ids[:, t] = draw(self.emission[state], generator)
            state_probs = self.transition[state]
        return ids

    def clm_nll(self, ids: Tensor, lengths: Tensor | None = None) -> Tensor:
        """−log p(x_t | x_{<t}) for every token, by the forward recursion.

        With a_t(z) = p(z_t = z | x_{<t}), a_1 = initial, each step reads off
        p(x_t | x_{<t}) = Σ_z a_t(z) p(x_t | z), then conditions on x_t and moves one state on.
        What follows an impossible token is impossible too.
        """
        real, ids = self._real(Shapes(), ids, lengths)
        initial, transition, emission = self._on(ids)
        seen = emitted(emission, ids, real)
        state_probs = forward(initial, transition, seen)
        return surprisal(state_probs * seen, state_probs).where(real, 0.0)

    def clm_floor(self, ids: Tensor, lengths: Tensor | None = None) -> float:
        """The floor of the CLM loss on these sequences: the mean of :meth:`clm_nll`, in nats.

        Raises:
            ValueError: There is no token to score.
        """
        real, _ = self._real(Shapes(), ids, lengths)
        return mean_over(self.clm_nll(ids, lengths), real, "ids")

    def mlm_nll(self, ids: Tensor, selected: Tensor, lengths: Tensor | None = None) -> Tensor:
        """−log p(x_t | the real tokens that are not selected), for every selected token.

        Each selected token by itself, none of the selected ones seen, as when all of them are
        replaced by <mask>: Σ_z a_t(z) b_t(z) p(x_t | z) / Σ_z a_t(z) b_t(z), where a_t is what the
        tokens before t say of z_t and b_t what those after it say.

        Args:
            ids: (B, T) int64, the true tokens.
            selected: (B, T) bool, chosen for prediction; at padding it has no effect.
            lengths: (B,) int64.
        """
        shapes = Shapes()
        real, ids = self._real(shapes, ids, lengths)
        shapes.tensor("selected", selected, "B T", BOOL)
        initial, transition, emission = self._on(ids)
        seen = emitted(emission, ids, real & ~selected)
        state_probs = forward(initial, transition, seen) * backward(transition, seen)
        token = emitted(emission, ids, real)
        return surprisal(state_probs * token, state_probs).where(real & selected, 0.0)

    def mlm_floor(self, ids: Tensor, selected: Tensor, lengths: Tensor | None = None) -> float:
        """The floor of the MLM loss when every selected token is masked: mean of :meth:`mlm_nll`.

        Raises:
            ValueError: No real token is selected.
        """
        real, _ = self._real(Shapes(), ids, lengths)
        return mean_over(self.mlm_nll(ids, selected, lengths), real & selected, "selected")

    def corrupted_nll(
        self,
        ids: Tensor,
        corrupted: Tensor,
        selected: Tensor,
        corruption: Corruption,
        lengths: Tensor | None = None,
    ) -> Tensor:
        """−log p(x_t | the corrupted text, t is selected), for every selected token.

        The text that a masked language model reads does not tell which unmasked tokens are to be
        trusted. So an unmasked token y_s at another position speaks for z_s through the channel,
        Σ_x p(x | z_s) p(y_s | x), selected or not. The loss is counted at selected positions only,
        and a model may use that it is only ever asked there: at t itself the channel is that of a
        selected token, p(y_t | x_t, t is selected).

        Positions that are never selected, such as a <bos> put in front, stay outside ``ids``.

        Args:
            ids: (B, T) int64, the true tokens.
            corrupted: (B, T) int64, what the model reads.
            selected: (B, T) bool, drawn as ``corruption`` says; at padding it has no effect.
            corruption: What was done to the tokens.
            lengths: (B,) int64.

        Raises:
            ValueError: Also when ``corrupted`` differs from ``ids`` where nothing is selected, or
                ``corruption`` is of another vocabulary.
        """
        shapes = Shapes()
        real, ids = self._real(shapes, ids, lengths)
        _, corrupted = real_tokens(shapes, "corrupted", corrupted, lengths, self.vocab_size)
        shapes.tensor("selected", selected, "B T", BOOL)
        if corruption.vocab_size != self.vocab_size:
            raise ValueError(
                f"corruption: expected vocab_size {self.vocab_size}, got {corruption.vocab_size}"
            )
        corruption.refuse_other(ids, corrupted, selected)
        initial, transition, emission = self._on(ids)
        seen = emitted(emission @ corruption.channel.to(ids.device), corrupted, real)
        state_probs = forward(initial, transition, seen) * backward(transition, seen)
        channel = corruption.channel_if_selected.to(ids.device)
        whole = state_probs * emitted(emission @ channel, corrupted, real)
        part = state_probs * emitted(emission, ids, real) * channel[ids, corrupted].T
        return surprisal(part, whole).where(real & selected, 0.0)

    def corrupted_floor(
        self,
        ids: Tensor,
        corrupted: Tensor,
        selected: Tensor,
        corruption: Corruption,
        lengths: Tensor | None = None,
    ) -> float:
        """The floor of the MLM loss under ``corruption``: the mean of :meth:`corrupted_nll`.

        Raises:
            ValueError: No real token is selected.
        """
        real, _ = self._real(Shapes(), ids, lengths)
        nll = self.corrupted_nll(ids, corrupted, selected, corruption, lengths)
        return mean_over(nll, real & selected, "selected")

    def conditional_nll(
        self, ids: Tensor, visible: Tensor, lengths: Tensor | None = None
    ) -> Tensor:
        """−log p(x_t | the tokens that are visible from t), for every token, in T² steps.

        It holds the others: the strict lower triangle gives :meth:`clm_nll`, everything but the
        selected tokens :meth:`mlm_nll`. And it says what a wrong mask is worth before it is
        measured, see :func:`labtools.sources.receptive_field`: a token that sees itself costs 0.

        Args:
            ids: (B, T) int64.
            visible: (T, T) or (B, T, T) bool: entry (t, j) says that x_j is known when x_t is
                predicted. Padding is never seen.
            lengths: (B,) int64.
        """
        shapes = Shapes()
        real, ids = self._real(shapes, ids, lengths)
        visible = visible_tokens(shapes, "visible", visible, real)
        initial, transition, emission = self._on(ids)
        seen = emitted(emission, ids, real)
        return queried_nll(initial, transition, [seen], [visible]).where(real, 0.0)

    def conditional_floor(
        self, ids: Tensor, visible: Tensor, lengths: Tensor | None = None
    ) -> float:
        """The floor of a loss that sees what is ``visible``: mean of :meth:`conditional_nll`.

        Raises:
            ValueError: There is no token to score.
        """
        real, _ = self._real(Shapes(), ids, lengths)
        return mean_over(self.conditional_nll(ids, visible, lengths), real, "ids")

    def _on(self, ids: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        at = ids.device
        return self.initial.to(at), self.transition.to(at), self.emission.to(at)

    def _real(self, shapes: Shapes, ids: Tensor, lengths: Tensor | None) -> tuple[Tensor, Tensor]:
        return real_tokens(shapes, "ids", ids, lengths, self.vocab_size)


def draw(probs: Tensor, generator: torch.Generator) -> Tensor:
    """One index from each row of ``probs`` (B, N), (B,) int64."""
    if not len(probs):
        return torch.empty(0, dtype=torch.int64)
    return torch.multinomial(probs, 1, generator=generator).squeeze(-1)
