"""Beam search: the few likeliest beginnings are continued side by side."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from labtools.arguments import FLOAT, INTEGER, Shapes, between, positive_int
from labtools.generation.cached import NO_TOKEN

ROUNDING = 1e-3  # a log-probability may lie so far above 0

NextLogProbs = Callable[[Tensor], Tensor]
"""Prefixes (n, t) int64 -> (n, V), the log-probability of each next token."""


@dataclass
class Beam:
    """Beginnings of one length, the likeliest first: ``ids`` (n, t), ``log_probs`` (n,) float64."""

    ids: Tensor
    log_probs: Tensor

    def __getitem__(self, rows: Tensor | slice) -> "Beam":
        return Beam(self.ids[rows], self.log_probs[rows])

    def __len__(self) -> int:
        return len(self.ids)

    def worth(self, length: int, length_penalty: float) -> float:
        """That of the likeliest when it has ``length`` new tokens, −inf if there is none."""
        if not len(self):
            return float("-inf")
        return self.log_probs[0].item() / max(length, 1) ** length_penalty


@torch.no_grad()
def beam_search(
    next_log_probs: NextLogProbs,
    start_ids: Tensor,
    beam_width: int,
    max_new_tokens: int,
    *,
    eos_id: int | None = None,
    length_penalty: float = 0.0,
) -> tuple[Tensor, float]:
    """The best continuation among those that a beam keeps [Lowerre 1976, Graves 2012].

    At each step every beginning in the beam is continued by every token, and the ``beam_width``
    likeliest results are kept. Those that end in ``eos_id`` leave the beam and are finished
    [Sutskever et al. 2014]; the search stops when nothing in the beam can become better than the
    best of them. Width 1 is greedy decoding, and a beam with room for every beginning finds the
    best there is. In between, a wider beam mostly finds a better one, but need not.

    Args:
        next_log_probs: Prefixes (n, t) int64, ``start_ids`` included -> (n, V), the log-probability
            of each next token, −inf where it is impossible; n is at most ``beam_width``.
        start_ids: (P,) int64, what every prefix begins with: a decoder's start token, a prompt.
        beam_width: How many beginnings are kept.
        max_new_tokens: At most so many tokens are added; what has no end by then counts as it is.
        eos_id: Ends a continuation and belongs to it.
        length_penalty: α ≥ 0: the best has the highest log p / (new tokens)^α. With 0 that is
            log p, which only falls as a text gets longer; 1 compares log p a token. Wu et al.
            [2016] divide by ((5 + length) / 6)^α instead.

    Returns:
        ``ids``, (at most max_new_tokens,) int64, the best continuation without ``start_ids``, and
        its log p in nats, not divided by anything.

    Raises:
        TypeError, ValueError: Wrong arguments; ``next_log_probs`` gives another shape, what is no
            log-probability, or no token that can follow.
    """
    _refuse_wrong(start_ids, beam_width, max_new_tokens, eos_id, length_penalty)
    end = NO_TOKEN if eos_id is None else eos_id
    beam = Beam(start_ids.long()[None], start_ids.new_zeros(1, dtype=torch.float64))
    best, best_worth = beam[:0], float("-inf")
    for n_new in range(1, max_new_tokens + 1):
        beam = _continued(beam, next_log_probs, beam_width)
        ended = beam.ids[:, -1] == end
        if n_new == max_new_tokens:
            ended[:] = True
        if beam[ended].worth(n_new, length_penalty) > best_worth:
            best, best_worth = beam[ended], beam[ended].worth(n_new, length_penalty)
        beam = beam[~ended]
        # a longer one is no likelier, and divided by no more than this
        if best_worth >= beam.worth(max_new_tokens, length_penalty):
            break
    if not max_new_tokens:
        best = beam
    return best.ids[0, len(start_ids) :].clone(), best.log_probs[0].item()


def _continued(beam: Beam, next_log_probs: NextLogProbs, beam_width: int) -> Beam:
    """The likeliest continuations of the beam by one token."""
    log_probs = next_log_probs(beam.ids)
    _refuse_wrong_answer(log_probs, len(beam))
    totals = (beam.log_probs[:, None] + log_probs).flatten()  # (n V,)
    kept = totals.topk(min(beam_width, int(totals.isfinite().sum())))
    rows, tokens = kept.indices // log_probs.shape[1], kept.indices % log_probs.shape[1]
    return Beam(torch.cat([beam.ids[rows], tokens[:, None]], dim=1), kept.values)


def _refuse_wrong(
    start_ids: Tensor,
    beam_width: int,
    max_new_tokens: int,
    eos_id: int | None,
    length_penalty: float,
) -> None:
    Shapes().tensor("start_ids", start_ids, "P", INTEGER)
    if not len(start_ids):
        raise ValueError("start_ids: expected at least one id, got none")
    positive_int("beam_width", beam_width)
    positive_int("max_new_tokens", max_new_tokens, 0)
    if eos_id is not None:
        positive_int("eos_id", eos_id, 0)
    between("length_penalty", length_penalty, 0, float("inf"))


def _refuse_wrong_answer(log_probs: Tensor, n: int) -> None:
    name = "next_log_probs(prefixes)"
    Shapes().tensor(name, log_probs, "n V", FLOAT)
    if len(log_probs) != n:
        raise ValueError(f"{name}: expected {n} rows, one a prefix, got {len(log_probs)}")
    between(name, log_probs, float("-inf"), ROUNDING)
    if not log_probs.isfinite().any():
        raise ValueError(f"{name}: expected a token that can follow, got −inf everywhere")
