"""The loss and how it is normalised: ``clm_loss`` and ``accumulated_loss``."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from labtools import definitions
from labtools.checks.calling import Outcome
from labtools.checks.ch03_clm import targets
from labtools.checks.ch03_clm.sections import NORMALISE, OBJECTIVE
from labtools.checks.spec import Case, Property, Rules, Spec, Special, Words, mistakes
from labtools.checks.values import agree
from labtools.vocab import IGNORE_INDEX


@dataclass(frozen=True)
class Losses:
    """One batch before it is averaged: ``nll`` (B, T), 0 where not ``scored`` (B, T)."""

    nll: Tensor
    scored: Tensor
    lengths: Tensor

    @property
    def rows(self) -> Tensor:
        """(B,) the mean of every row, 0 where it has nothing scored."""
        return self.nll.sum(1) / self.scored.sum(1).clamp(min=1)

    @property
    def mean(self) -> Tensor:
        return self.nll.sum() / self.scored.sum().clamp(min=1)


Reduce = Callable[[list[Losses]], Tensor]


def _total(batches: list[Losses]) -> Tensor:
    return torch.stack([batch.nll.sum() for batch in batches]).sum()


def _per(count: Callable[[Losses], Tensor | int]) -> Reduce:
    """The sum divided by a count, 1 at least: of scored tokens if it is to be right."""
    return lambda batches: _total(batches) / max(1, sum(int(count(batch)) for batch in batches))


_by_tokens = _per(lambda batch: batch.scored.sum())


def _accumulated(
    micro_batches: list,
    *,
    reduce: Reduce = _by_tokens,
    log_probs: Callable[[Tensor], Tensor] = lambda z: z.log_softmax(-1),
    **knobs: Any,
) -> Tensor:
    """The loss of all micro-batches; right when no knob is turned."""
    batches = [
        _losses(log_probs(z.double()), targets.targets_with(ids, n, **knobs), n)
        for z, ids, n in micro_batches
    ]
    return reduce(batches).to(micro_batches[0][0].dtype)


def _losses(log_probs: Tensor, target_ids: Tensor, lengths: Tensor) -> Losses:
    scored = target_ids != IGNORE_INDEX
    picked = log_probs.gather(-1, target_ids.where(scored, 0)[..., None]).squeeze(-1)
    return Losses((-picked).where(scored, 0.0), scored, lengths)


def _loss(logits: Tensor, input_ids: Tensor, lengths: Tensor, **knobs: Any) -> Tensor:
    return _accumulated([(logits, input_ids, lengths)], **knobs)


def _oracle_accumulated(micro_batches: list) -> Tensor:
    nll = []
    for logits, input_ids, lengths in micro_batches:
        for z, ids, n in zip(logits.tolist(), input_ids.tolist(), lengths.tolist(), strict=True):
            nll += definitions.clm_nll(z, definitions.next_token_targets(ids[:n]))
    return torch.tensor(definitions.mean(nll), dtype=micro_batches[0][0].dtype)


def _oracle_loss(logits: Tensor, input_ids: Tensor, lengths: Tensor) -> Tensor:
    return _oracle_accumulated([(logits, input_ids, lengths)])


NOTHING_SCORED = Words(
    "when nothing is scored, the loss should be 0 with a gradient of 0",
    "A batch of empty rows happens in practice and must not stop the training. Let the loss stay "
    "a tensor that depends on the logits, as a sum over no positions does.",
    NORMALISE,
)
NOTHING = Special("nothing-scored", NOTHING_SCORED)
LARGE_LOGITS = Special(
    "unstable",
    Words(
        "large logits go wrong",
        "exp of a large logit overflows, and the probability of an unlikely token underflows to 0, "
        "whose logarithm is −∞. log_softmax and cross_entropy work with the logits themselves.",
        OBJECTIVE,
    ),
)
HALF = Special(
    "half-precision",
    Words(
        "bfloat16 logits go wrong",
        "The loss has the dtype of the logits, and small numbers such as 1e-8 may vanish in it.",
        NORMALISE,
    ),
)


NAN_HIDDEN = Special(
    "nan-hidden",
    Words(
        "NaN logits should give a NaN loss",
        "They come from a model that has broken down. nan_to_num makes its loss 0, the best there "
        "is, and nobody notices. To have 0 where nothing is scored, guard the denominator.",
        NORMALISE,
    ),
)


def _batch(
    generator: torch.Generator,
    lengths: list[int],
    T: int,
    V: int,
    *,
    scale: float = 2.0,
    dtype: torch.dtype = torch.float32,
) -> tuple:
    ids, n = targets.ragged_ids(generator, lengths, T, V)
    logits = scale * torch.randn(len(lengths), T, V, generator=generator, dtype=torch.float64)
    return logits.to(dtype), ids, n


def _loss_cases(generator: torch.Generator) -> list[Case]:
    make = partial(_batch, generator)
    return [
        Case(make([2], 2, 3)),
        Case(make([3], 5, 7)),
        Case(make([5, 3], 5, 7)),
        Case(make([4, 2, 6], 6, 13, dtype=torch.float64)),
        Case(make([7, 1, 0, 4], 7, 11), special=targets.SHORT_ROWS),
        Case(make([1, 0], 3, 5), special=NOTHING),
        Case(make([1], 1, 6), special=NOTHING),
        Case(make([4, 6], 6, 9, scale=1000.0), special=LARGE_LOGITS),
        Case(make([4, 3], 5, 6, scale=0.5, dtype=torch.bfloat16), special=HALF),
        Case(_broken_down(make([3, 2], 4, 5)), special=NAN_HIDDEN, raises=ValueError),
    ]


def _broken_down(batch: tuple) -> tuple:
    """What a model says whose weights have become NaN, at a position that is scored."""
    batch[0][0, 0] = math.nan
    return batch


def _wrong_loss_gradient(answer: Callable) -> str | None:
    generator = torch.Generator().manual_seed(7)
    batch = _batch(generator, [5, 3, 0], 6, 7, dtype=torch.float64)
    batch[0].requires_grad_()
    outcome = answer(*batch)
    return _gradient_differs(outcome, [outcome.args[0]], [batch])


def _wrong_accumulated_gradient(answer: Callable) -> str | None:
    generator = torch.Generator().manual_seed(8)
    shapes = (([5, 3], 6), ([1, 0], 3), ([2, 4], 4))
    batches = [_batch(generator, n, T, 7, dtype=torch.float64) for n, T in shapes]
    for logits, _, _ in batches:
        logits.requires_grad_()
    outcome = answer(batches)
    return _gradient_differs(outcome, [logits for logits, _, _ in outcome.args[0]], batches)


def _gradient_differs(outcome: Outcome, logits: list[Tensor], batches: list) -> str | None:
    """The gradient must be (softmax − one-hot) / N where a token is scored, and 0 elsewhere."""
    gradients = _gradients(outcome.value, logits)
    if isinstance(gradients, str):
        return gradients
    target_ids = [targets.oracle_targets(ids, lengths) for _, ids, lengths in batches]
    n_tokens = sum(int((y != IGNORE_INDEX).sum()) for y in target_ids)
    for m, (got, z, y) in enumerate(zip(gradients, logits, target_ids, strict=True)):
        place = f"micro-batch {m}, " if len(batches) > 1 else ""
        got = torch.zeros_like(z) if got is None else got
        where = _first_difference(got, _true_gradient(z.detach(), y, n_tokens))
        if where:
            return f"  {place}{where}"
    return None


def _gradients(value: Tensor, logits: list[Tensor]) -> tuple | str:
    if not value.requires_grad:
        return "  The result has no gradient (was .item(), .detach() or no_grad used?)"
    try:
        return torch.autograd.grad(value, logits, allow_unused=True)
    except RuntimeError as error:
        return f"  backward() raised RuntimeError: {error}"


def _true_gradient(logits: Tensor, target_ids: Tensor, n_tokens: int) -> Tensor:
    scored = target_ids != IGNORE_INDEX
    one_hot = F.one_hot(target_ids.where(scored, 0), logits.shape[-1])
    return (logits.softmax(-1) - one_hot) * scored[..., None] / n_tokens


def _first_difference(got: Tensor, expected: Tensor) -> str:
    if agree(got, expected):
        return ""
    error = (got - expected).abs().nan_to_num(torch.inf)
    b, t, v = torch.unravel_index(error.argmax(), error.shape)
    return (
        f"row {b}, position {t}, logit {v}: "
        f"the gradient is {got[b, t, v]:.4g}, expected {expected[b, t, v] + 0.0:.4g}"
    )


def _wrong_when_nothing_is_scored(answer: Callable) -> str | None:
    outcome = answer(*_nothing_to_score())
    return _gradient_is_not_0(outcome, [outcome.args[0]])


def _wrong_when_no_batch_is_scored(answer: Callable) -> str | None:
    outcome = answer([_nothing_to_score(), _nothing_to_score()])
    return _gradient_is_not_0(outcome, [logits for logits, _, _ in outcome.args[0]])


def _nothing_to_score() -> tuple:
    ids = torch.tensor([[1, 3, 4], [2, 0, 4]])
    return torch.ones(2, 3, 5, requires_grad=True), ids, torch.tensor([1, 0])


def _gradient_is_not_0(outcome: Outcome, logits: list[Tensor]) -> str | None:
    gradients = _gradients(outcome.value, logits)
    if isinstance(gradients, str):
        return "  The result does not depend on the logits, so backward() raises an error."
    found = [g for g in gradients if g is not None]
    if not found:
        return "  The result does not depend on the logits, so backward() gives them no gradient."
    wrong = [g for g in found if not (g == 0).all()]
    return f"  gradient: {wrong[0].flatten()[0]:.4g} …" if wrong else None


ALL_POSITIONS = (
    "Padding and last tokens are not scored, so they must not be counted: otherwise the same "
    "sentence has a smaller loss, and a smaller gradient, in a longer batch. Divide by N, the "
    "number of scored tokens."
)
LOSS_WORDS = targets.WORDS | {
    "all-positions": Words(
        "the sum is divided by the number of all positions, not of the scored ones",
        ALL_POSITIONS,
        NORMALISE,
    ),
    "real-tokens": Words(
        "the sum is divided by the number of real tokens, not of scored ones",
        "A row of n real tokens has n − 1 scored positions: its last token has no successor. "
        "Divide by N, the number of scored tokens.",
        NORMALISE,
    ),
    "short-rows": Words(
        "a row of length 0 is counted as −1 token",
        "lengths − 1 is −1 for an empty row, which makes the count too small. Count the targets "
        "that are scored, or (lengths − 1).clamp(min=0).",
        NORMALISE,
    ),
    "mean-of-rows": Words(
        "the mean is taken row by row, then over the rows",
        "So a token in a short row weighs more than one in a long row. All scored tokens weigh the "
        "same: sum them all, divide once.",
        NORMALISE,
    ),
    "divided-by-rows": Words(
        "the sum is divided by the number of rows",
        "So a batch of long rows has a larger loss than one of short rows. Divide by N, the number "
        "of scored tokens.",
        NORMALISE,
    ),
    "sum": Words(
        "the losses are summed, not averaged",
        "Divide by N, the number of scored tokens, or the learning rate would depend on the size "
        "of the batch.",
        NORMALISE,
    ),
    "nan-when-empty": Words(
        "NaN when nothing is scored: 0 / 0",
        "A batch without a single target happens in practice. Guard the denominator: "
        '`reduction="sum"`, then divide by `n.clamp(min=1)`.',
        NORMALISE,
    ),
    "negative": Words(
        "the sign is wrong: this is the mean log-probability",
        "A loss is minimised: it is the mean of −log p.",
        OBJECTIVE,
    ),
    "bits": Words(
        "the loss is in bits; the course counts in nats", "Use the natural logarithm.", OBJECTIVE
    ),
    "perplexity": Words(
        "this is a perplexity, not a loss", "Return the mean of −log p itself, not exp.", OBJECTIVE
    ),
    "softmax-twice": Words(
        "softmax was applied before cross-entropy, which applies it again",
        "cross_entropy expects raw logits. Applied twice, softmax squeezes every loss towards "
        "ln V, and training crawls.",
        OBJECTIVE,
    ),
    "no-log": Words(
        "there is no logarithm of a softmax: the numbers picked are no log-probabilities",
        "nll_loss, and picking by hand, need log_softmax of the logits over the vocabulary. "
        "cross_entropy does both steps at once.",
        OBJECTIVE,
    ),
    "wrong-axis": Words(
        "softmax was taken over the wrong dimension",
        "The probabilities of the V tokens at one position sum to 1: dim=-1 of (B, T, V).",
        OBJECTIVE,
    ),
    "class-dimension": Words(
        "cross_entropy takes the positions for the classes",
        "It expects the class dimension second, (B, V, T), or (N, V) with targets (N,). Give it "
        "logits.transpose(1, 2), or flatten both: logits.flatten(0, 1) and targets.flatten().",
        NORMALISE,
    ),
    "view": Words(
        "view or reshape was used where a transpose was meant",
        "Reshaping (B, T, V) to (B, V, T) tears each row of logits apart; "
        "`logits.transpose(1, 2)` keeps it. At the start of training both losses are near ln V, "
        "which hides it.",
        NORMALISE,
    ),
}


def _viewed(logits: Tensor) -> Tensor:
    """(B, T, V) read as if it were (B, V, T)."""
    B, T, V = logits.shape
    return logits.reshape(B, V, T).transpose(1, 2).log_softmax(-1)


def _viewed_after_shift(logits: Tensor) -> Tensor:
    return F.pad(_viewed(logits[:, :-1]), (0, 0, 0, 1))


def _time_first(logits: Tensor) -> Tensor:
    return logits.transpose(0, 1).reshape(logits.shape).log_softmax(-1)


def _cross_entropy_as_is(logits: Tensor) -> Tensor:
    """(B, T, V) and targets (B, T) as they are: it raises an error, as the learner's does."""
    return F.cross_entropy(logits, torch.zeros(logits.shape[:2], dtype=torch.int64))


def _of_scored_rows(batches: list[Losses]) -> Tensor:
    means = torch.cat([batch.rows[batch.scored.any(1)] for batch in batches])
    return means.sum() / max(1, len(means))


def _perplexities(batches: list[Losses]) -> Tensor:
    return _by_tokens([Losses(b.nll.exp() * b.scored, b.scored, b.lengths) for b in batches])


_by_successors = _per(lambda batch: (batch.lengths - 1).clamp(min=0).sum())

LOSS_RULES: Rules = (
    *targets.RULES,
    ("no-shift", {"shift": 0, "scored": lambda ids, t, s, n: t < n, "reduce": _by_successors}),
    ("shifted-twice", {"shift": 2, "scored": lambda ids, t, s, n: s < n, "reduce": _by_successors}),
    ("padding-scored", {"scored": lambda ids, t, s, n: True, "reduce": _by_successors}),
    ("padding-scored", {"ignore": 0}),
    ("padding-scored", {"ignore": 0, "reduce": _by_successors}),
    ("all-positions", {"reduce": _per(lambda batch: batch.nll.numel())}),
    ("all-positions", {"reduce": _per(lambda batch: batch.nll[:, 1:].numel())}),
    ("real-tokens", {"reduce": _per(lambda batch: batch.lengths.sum())}),
    ("short-rows", {"reduce": _per(lambda batch: (batch.lengths - 1).sum())}),
    ("mean-of-rows", {"reduce": lambda batches: torch.cat([b.rows for b in batches]).mean()}),
    ("mean-of-rows", {"reduce": _of_scored_rows}),
    ("divided-by-rows", {"reduce": _per(lambda batch: len(batch.nll))}),
    ("sum", {"reduce": _total}),
    (
        "nan-when-empty",
        {"reduce": lambda batches: _total(batches) / sum(b.scored.sum() for b in batches)},
    ),
    ("negative", {"reduce": lambda batches: -_by_tokens(batches)}),
    ("bits", {"reduce": lambda batches: _by_tokens(batches) / math.log(2)}),
    ("perplexity", {"reduce": lambda batches: _by_tokens(batches).exp()}),
    ("perplexity", {"reduce": _perplexities}),
    ("softmax-twice", {"log_probs": lambda z: z.softmax(-1).log_softmax(-1)}),
    ("no-log", {"log_probs": lambda z: z.softmax(-1)}),
    ("no-log", {"log_probs": lambda z: z}),
    ("wrong-axis", {"log_probs": lambda z: z.log_softmax(1)}),
    ("wrong-axis", {"log_probs": lambda z: z.log_softmax(0)}),
    ("class-dimension", {"log_probs": _cross_entropy_as_is}),
    ("class-dimension", {"log_probs": lambda z: _cross_entropy_as_is(z[:, :-1])}),
    ("view", {"log_probs": _viewed}),
    ("view", {"log_probs": _viewed_after_shift}),
    ("view", {"log_probs": _time_first}),
)
WRONG_GRADIENT = Words(
    "the value is right, its gradient is not",
    "Training uses the gradient alone. For the logits of a scored position it is "
    "(softmax − one-hot) / N, with N the scored tokens of the whole batch, and exactly 0 at a "
    "position that is not scored.",
    NORMALISE,
)

CLM_LOSS = Spec(
    "clm_loss",
    ("logits", "input_ids", "lengths"),
    NORMALISE,
    _oracle_loss,
    _loss_cases,
    mistakes(LOSS_WORDS, _loss, LOSS_RULES),
    (
        Property("wrong-gradient", WRONG_GRADIENT, _wrong_loss_gradient),
        Property("nothing-scored", NOTHING_SCORED, _wrong_when_nothing_is_scored),
    ),
)

EMPTY_BATCH = Special(
    "empty-micro-batch",
    Words(
        "a micro-batch with nothing to score goes wrong",
        "It adds 0 to the sum and 0 to the count, and must not make the whole batch NaN.",
        NORMALISE,
    ),
)
RAGGED = Special(
    "ragged-micro-batches",
    Words(
        "micro-batches of different lengths T go wrong",
        "Each is padded to its own longest row only, so they cannot simply be stacked. Sum over "
        "each of them instead.",
        NORMALISE,
    ),
)


def _accumulated_cases(generator: torch.Generator) -> list[Case]:
    make = partial(_batch, generator)
    double = partial(make, dtype=torch.float64)
    half = partial(make, dtype=torch.bfloat16, scale=0.5)
    return [
        Case(([make([2], 3, 5)],)),
        Case(([make([2], 3, 5), make([3], 3, 5)],)),
        Case(([double([3, 2], 8, 9), double([8], 8, 9)],)),
        Case(([make([2], 3, 5), make([4], 4, 5)],), special=RAGGED),
        Case(([make([5, 3], 5, 7), make([2, 2, 1], 4, 7), make([6], 6, 7)],), special=RAGGED),
        Case(
            ([make([4, 2], 7, 11), make([1, 0], 7, 11), make([7] * 3, 7, 11)],), special=EMPTY_BATCH
        ),
        Case(([make([1, 0], 3, 5), make([1], 3, 5)],), special=NOTHING),
        Case(([half([2], 4, 6), half([4], 4, 6)],), special=HALF),
    ]


def _mean_of_means(batches: list[Losses]) -> Tensor:
    return torch.stack([batch.mean for batch in batches]).mean()


def _mean_of_scored_means(batches: list[Losses]) -> Tensor:
    means = [batch.mean for batch in batches if batch.scored.any()]
    return torch.stack([torch.zeros(()), *means]).sum() / max(1, len(means))


def _weighted(weigh: Callable[[Losses], int]) -> Reduce:
    def reduce(batches: list[Losses]) -> Tensor:
        weights = [weigh(batch) for batch in batches]
        weighted = [w * b.mean for w, b in zip(weights, batches, strict=True)]
        return torch.stack(weighted).sum() / sum(weights)

    return reduce


def _unguarded_mean(batches: list[Losses]) -> Tensor:
    return torch.stack([b.nll.sum() / b.scored.sum() for b in batches]).mean()


def _unguarded_weighted(batches: list[Losses]) -> Tensor:
    """N · mean, with a mean of 0/0."""
    parts = [b.scored.sum() * (b.nll.sum() / b.scored.sum()) for b in batches]
    return torch.stack(parts).sum() / max(1, sum(int(b.scored.sum()) for b in batches))


MEAN_OF_MEANS = (
    "A micro-batch with few scored tokens gets as much weight as one with many, so the gradient is "
    "not that of the whole batch. Sum the losses of all tokens, divide once by the number of all "
    "scored tokens."
)
ACCUMULATED_WORDS = LOSS_WORDS | {
    "mean-of-means": Words("the micro-batches' means are averaged", MEAN_OF_MEANS, NORMALISE),
    "sum-of-means": Words("the micro-batches' means are summed", MEAN_OF_MEANS, NORMALISE),
    "divided-by-batches": Words(
        "the sum is divided by the number of micro-batches",
        "So the loss grows with the size of a micro-batch. Divide by N, the scored tokens of all.",
        NORMALISE,
    ),
    "one-batch-only": Words(
        "only one of the micro-batches counts",
        "The loss is that of all of them together. Is a sum overwritten (=) instead of added "
        "to (+=), or does the loop return too early?",
        NORMALISE,
    ),
    "weighted-by-rows": Words(
        "the micro-batches are weighted by their number of rows",
        "Rows differ in length. What counts is the number of scored tokens.",
        NORMALISE,
    ),
    "real-tokens": Words(
        "real tokens are counted, not scored ones",
        "A row of n real tokens has n − 1 scored positions: its last token has no successor. "
        "Sum the losses of all tokens, divide once by N, the number of scored tokens.",
        NORMALISE,
    ),
    "weighted-by-positions": Words(
        "the micro-batches are weighted by their number of positions, padding included",
        "Padding is not scored. What counts is the number of scored tokens.",
        NORMALISE,
    ),
}
ACCUMULATED_RULES: Rules = (
    ("mean-of-means", {"reduce": _mean_of_means}),
    ("mean-of-means", {"reduce": _mean_of_scored_means}),
    ("mean-of-means", {"reduce": _unguarded_mean}),
    ("nan-when-empty", {"reduce": _unguarded_weighted}),
    ("sum-of-means", {"reduce": lambda batches: sum(b.mean for b in batches)}),
    ("divided-by-batches", {"reduce": _per(lambda batch: 1)}),
    ("one-batch-only", {"reduce": lambda batches: batches[-1].mean}),
    ("one-batch-only", {"reduce": lambda batches: batches[0].mean}),
    ("weighted-by-rows", {"reduce": _weighted(lambda batch: len(batch.nll))}),
    ("real-tokens", {"reduce": _weighted(lambda batch: int(batch.lengths.sum()))}),
    ("weighted-by-positions", {"reduce": _weighted(lambda batch: batch.nll.numel())}),
    *LOSS_RULES,
)

ACCUMULATED_LOSS = Spec(
    "accumulated_loss",
    ("micro_batches",),
    NORMALISE,
    _oracle_accumulated,
    _accumulated_cases,
    mistakes(ACCUMULATED_WORDS, _accumulated, ACCUMULATED_RULES),
    (
        Property("wrong-gradient", WRONG_GRADIENT, _wrong_accumulated_gradient),
        Property("nothing-scored", NOTHING_SCORED, _wrong_when_no_batch_is_scored),
    ),
)
