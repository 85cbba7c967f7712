"""The likeliest target of a source text, p(y | x) at its largest: what a search is held against."""

import heapq

import torch
from torch import Tensor

from labtools.arguments import INTEGER, Shapes, between, positive_int
from labtools.sources.messages import TINY, backward, forward
from labtools.sources.paired import PairedSource


def next_token_log_probs(source: PairedSource, src: Tensor, prefixes: Tensor) -> Tensor:
    """log p(y_t = v | y_{<t}, x) for every token v, after each of many beginnings of one target.

    It is what a perfectly trained decoder says. −inf is impossible, and all of a row is where its
    prefix, or the source text, is.

    Args:
        source: Where the pairs come from.
        src: (S,) int64, the source text x.
        prefixes: (n, t) int64 with t < S, the targets so far; t may be 0.

    Returns:
        (n, V) float64, in nats.

    Raises:
        TypeError, ValueError: Wrong shapes or dtypes, ids outside a vocabulary, devices that
            differ, or targets that are complete.
    """
    _refuse_wrong(source, src, prefixes)
    emission = source.target_emission.to(src.device)
    unknown = torch.ones_like(emission[:, :1])
    state = _next_state(source, src, prefixes, unknown)  # (Z, n)
    probs = state.T @ emission / state.sum(0).clamp_min(TINY)[:, None]
    return probs.clamp_max(1).log()


def likeliest_target(
    source: PairedSource, src: Tensor, *, max_prefixes: int = 10_000
) -> tuple[Tensor, float]:
    """The target with the highest p(y | x), by best-first search (A*, [Hart et al. 1968]).

    The search continues the most promising beginning, again and again. The promise of y_{<t} is
    Σ_z p(z, y_{<t} | x) Π max_v p(v | z_s), over all paths z, the product over the places s that
    have not spoken yet: the probability it would have if each of them said its state's likeliest
    word. No target that begins so is likelier, and a complete one has its own probability as its
    promise. So the first complete one whose turn comes is the best; of several, one is returned.

    Args:
        source: Where the pairs come from.
        src: (S,) int64, the source text x.
        max_prefixes: Continue at most so many beginnings.

    Returns:
        ``tgt``, (S,) int64, and −log p(tgt | src) in nats.

    Raises:
        TypeError, ValueError: As in :func:`next_token_log_probs`; the source text is impossible.
        RuntimeError: ``max_prefixes`` beginnings were continued, and no complete target came up.
    """
    positive_int("max_prefixes", max_prefixes)
    Shapes().tensor("src", src, "S", INTEGER)
    between("src", src, 0, source.source_emission.shape[1] - 1)
    open_prefixes: list[tuple[float, tuple[int, ...]]] = [(0.0, ())]
    for _ in range(max_prefixes + 1):
        lost, prefix = heapq.heappop(open_prefixes)
        if len(prefix) == len(src):
            tgt = torch.tensor(prefix, dtype=torch.int64, device=src.device)
            return tgt, source.seq2seq_nll(src[None], tgt[None]).sum().item()
        for token, loss in _continuations(source, src, prefix):
            heapq.heappush(open_prefixes, (lost + loss, (*prefix, token)))
    raise RuntimeError(
        f"max_prefixes: expected a complete target after {max_prefixes} prefixes, got one of "
        f"{len(prefix)} of {len(src)} tokens as the most promising"
    )


def _continuations(
    source: PairedSource, src: Tensor, prefix: tuple[int, ...]
) -> list[tuple[int, float]]:
    """The tokens that may follow ``prefix``, each with the log of the promise that it costs."""
    emission = source.target_emission.to(src.device)
    likeliest = emission.amax(1, keepdim=True)  # (Z, 1)
    ids = torch.tensor([prefix], dtype=torch.int64, device=src.device)
    state = _next_state(source, src, ids, likeliest)
    losses = ((likeliest.T @ state).log() - (emission.T @ state).log())[:, 0]  # (V,)
    possible = losses.isfinite().nonzero()[:, 0]
    if not len(possible):
        raise ValueError(f"src: expected a text that the source can write, got {src.tolist()}")
    return list(zip(possible.tolist(), losses[possible].tolist(), strict=True))


def _next_state(source: PairedSource, src: Tensor, prefixes: Tensor, later: Tensor) -> Tensor:
    """p(z at the place of target t | x, y_{<t}) up to a factor, (Z, n).

    ``later`` (Z, 1) weights the states of the places after that.
    """
    t = prefixes.shape[1]
    order = source._places(torch.tensor([len(src)]), len(src))[0].to(src.device)
    initial, transition = source.initial.to(src.device), source.transition.to(src.device)
    seen = source.source_emission.to(src.device)[:, src, None].repeat(1, 1, len(prefixes))
    seen[:, order[:t]] *= source.target_emission.to(src.device)[:, prefixes].transpose(1, 2)
    seen[:, order[t + 1 :]] *= later[:, None]
    return (forward(initial, transition, seen) * backward(transition, seen) * seen)[:, order[t]]


def _refuse_wrong(source: PairedSource, src: Tensor, prefixes: Tensor) -> None:
    shapes = Shapes()
    shapes.tensor("src", src, "S", INTEGER)
    shapes.tensor("prefixes", prefixes, "n t", INTEGER)
    if src.device != prefixes.device:
        raise ValueError(
            f"prefixes: expected the device of src, {src.device}, got {prefixes.device}"
        )
    between("src", src, 0, source.source_emission.shape[1] - 1)
    between("prefixes", prefixes, 0, source.target_emission.shape[1] - 1)
    if prefixes.shape[1] >= len(src):
        raise ValueError(
            f"prefixes: expected fewer tokens than src, {len(src)}, got {prefixes.shape[1]}"
        )
