"""Languages with a known distribution: sample from them, and compute the best possible loss.

A hidden Markov source [Rabiner 1989] walks through hidden states z_1, z_2, … and emits one token
from each. Because the distribution is known, −log p(x_t | x_{<t}) is computed, not estimated: no
model that sees only the past can have a lower expected loss. Everything inside is float64.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from labtools.arguments import FLOAT, INTEGER, Shapes, between, positive_int
from labtools.vocab import SPECIAL


@dataclass(frozen=True, eq=False)
class HiddenMarkovSource:
    """A hidden Markov source with Z states over V tokens.

    Args:
        initial: (Z,), p(z_1).
        transition: (Z, Z), p(z_{t+1} | z_t), one row for each z_t.
        emission: (Z, V), p(x_t | z_t), one row for each z_t. Special tokens may have probability 0.

    Raises:
        TypeError, ValueError: Wrong shapes or dtypes, or a row that is no distribution.
    """

    initial: Tensor
    transition: Tensor
    emission: Tensor

    def __post_init__(self) -> None:
        shapes = Shapes()
        for name, dims in (("initial", "Z"), ("transition", "Z Z"), ("emission", "Z V")):
            probs = getattr(self, name)
            shapes.tensor(name, probs, dims, FLOAT)
            between(name, probs, 0, 1)
            probs = probs.double()
            if not torch.allclose(probs.sum(-1), torch.ones(()).double(), atol=1e-6):
                raise ValueError(
                    f"{name}: expected rows that sum to 1, got {probs.sum(-1).tolist()}"
                )
            object.__setattr__(self, name, probs / probs.sum(-1, keepdim=True))

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
            state = _draw(state_probs, generator)
            ids[:, t] = _draw(self.emission[state], generator)
            state_probs = self.transition[state]
        return ids

    def clm_nll(self, ids: Tensor, lengths: Tensor | None = None) -> Tensor:
        """−log p(x_t | x_{<t}) in nats for every token, by the forward recursion.

        With a_t(z) = p(z_t = z | x_{<t}), a_1 = initial, each step reads off
        p(x_t | x_{<t}) = Σ_z a_t(z) p(x_t | z), then conditions on x_t and moves one state on.

        Args:
            ids: (B, T) int64.
            lengths: (B,) int64, the number of real tokens of each row; without it, all are real.

        Returns:
            (B, T) float64; 0 at padding, inf where the source cannot emit the token.

        Raises:
            TypeError, ValueError: Wrong shapes or dtypes, ids outside the vocabulary, lengths
                outside 0 … T.
        """
        real = self._real(ids, lengths)
        likelihood = self.emission.T[ids.where(real, torch.zeros_like(ids))]  # (B, T, Z)
        state_probs = self.initial.expand(len(ids), -1)  # (B, Z)
        nll = torch.zeros(ids.shape, dtype=torch.float64)
        for t in range(ids.shape[1]):
            joint = state_probs * likelihood[:, t]
            prob = joint.sum(-1)
            nll[:, t] = -prob.log()
            # what follows an impossible token is undefined; 0/0 is kept out and stays impossible
            state_probs = (joint / prob.clamp_min(1e-300)[:, None]) @ self.transition
        return nll.where(real, torch.zeros((), dtype=torch.float64))

    def clm_floor(self, ids: Tensor, lengths: Tensor | None = None) -> float:
        """The floor of the CLM loss on these sequences: the mean of :meth:`clm_nll`, in nats.

        It is the loss of the source itself. A model's loss on fresh sequences is at least this on
        average; over few sequences it may fall under it by chance.

        Raises:
            ValueError: There is no token to score.
        """
        n_scored = int(self._real(ids, lengths).sum())
        if n_scored == 0:
            raise ValueError("ids: expected at least one real token, got none")
        return float(self.clm_nll(ids, lengths).sum() / n_scored)

    def _real(self, ids: Tensor, lengths: Tensor | None) -> Tensor:
        shapes = Shapes()
        shapes.tensor("ids", ids, "B T", INTEGER)
        if lengths is None:
            lengths = torch.full((len(ids),), ids.shape[1])
        shapes.tensor("lengths", lengths, "B", INTEGER)
        between("lengths", lengths, 0, ids.shape[1])
        real = torch.arange(ids.shape[1]) < lengths[:, None]  # (B, T)
        between("ids", ids[real], 0, self.vocab_size - 1)
        return real


EASY_SYMBOLS = tuple("abcdefghijklmnopqrstuvwx")
"""The symbols of :func:`easy`, for a :class:`labtools.vocab.Vocab`."""


def easy() -> HiddenMarkovSource:
    """Six states in a ring, three groups of symbols: one token of context is not enough.

    The symbols are a … h, i … p and q … x, in three groups of eight. Around the ring the groups go
    1 2 3 1 3 2: after a symbol of group 1, group 2 or 3 may follow, and only the token before it
    tells which. The state moves on with probability 0.92 and jumps anywhere otherwise; a symbol is
    of its state's group with probability 0.97.

    On sequences of 48 the CLM floor is about 2.31 nats a token. The best loss that looks one token
    back is 2.66, the best that looks nowhere 2.88, a uniform guess ln 24 = 3.18.
    """
    n_states, n_groups, per_group = 6, 3, 8
    jump = 0.1
    move = (1 - jump) * torch.eye(n_states).roll(1, dims=1) + jump / n_states
    group = torch.eye(n_groups)[[0, 1, 2, 0, 2, 1]].repeat_interleave(per_group, dim=1)  # (Z, 24)
    tilt = torch.tensor([0.4, 0.2, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05]).repeat(n_groups)
    stray = 0.05
    symbols = (1 - stray) * group * tilt + stray / (n_groups * per_group)
    emission = torch.cat([torch.zeros(n_states, len(SPECIAL)), symbols], dim=1)
    return HiddenMarkovSource(torch.full((n_states,), 1 / n_states), move, emission)


def _draw(probs: Tensor, generator: torch.Generator) -> Tensor:
    if not len(probs):
        return torch.empty(0, dtype=torch.int64)
    return torch.multinomial(probs, 1, generator=generator).squeeze(-1)
