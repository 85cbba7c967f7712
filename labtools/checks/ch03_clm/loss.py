"""The loss and how it is normalised: ``clm_loss`` and ``accumulated_loss``."""

import math
from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from labtools import definitions
from labtools.checks.calling import call
from labtools.checks.ch03_clm.sections import NORMALISE
from labtools.checks.ch03_clm.targets import (
    oracle_targets,
    ragged_ids,
    target_mistakes,
    targets_with,
)
from labtools.checks.engine import Case, Mistake, Property, Spec, agree
from labtools.vocab import IGNORE_INDEX


def _picked_nll(log_probs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """(B, T) nll, 0 where nothing is scored, and (B, T) which positions are."""
    scored = targets != IGNORE_INDEX
    picked = log_probs.gather(-1, targets.where(scored, torch.zeros_like(targets))[..., None])
    return torch.where(scored, -picked.squeeze(-1), torch.zeros((), dtype=log_probs.dtype)), scored


def _by_tokens(nll: Tensor, scored: Tensor) -> Tensor:
    return nll.sum() / scored.sum().clamp(min=1)


def _loss(
    logits: Tensor,
    input_ids: Tensor,
    lengths: Tensor,
    *,
    reduce: Callable[[Tensor, Tensor], Tensor] = _by_tokens,
    log_probs: Callable[[Tensor], Tensor] = lambda z: z.log_softmax(-1),
    **knobs,
) -> Tensor:
    targets = targets_with(input_ids, lengths, **knobs)
    return reduce(*_picked_nll(log_probs(logits.double()), targets)).to(logits.dtype)


def _oracle_loss(logits: Tensor, input_ids: Tensor, lengths: Tensor) -> Tensor:
    nll = []
    for z, ids, n in zip(logits.tolist(), input_ids.tolist(), lengths.tolist(), strict=True):
        nll += definitions.clm_nll(z, definitions.next_token_targets(ids[:n]))
    return torch.tensor(definitions.mean(nll), dtype=logits.dtype)


def _logit_case(
    generator: torch.Generator,
    lengths: list[int],
    T: int,
    V: int,
    *,
    scale: float = 2.0,
    dtype: torch.dtype = torch.float32,
) -> tuple:
    ids, n = ragged_ids(generator, lengths, T, V)
    logits = scale * torch.randn(len(lengths), T, V, generator=generator, dtype=torch.float64)
    return logits.to(dtype), ids, n


def _loss_cases(generator: torch.Generator) -> list[Case]:
    make = partial(_logit_case, generator)
    return [
        Case(args)
        for args in (
            make([2], 2, 3),
            make([3], 5, 7),
            make([5, 3], 5, 7),
            make([7, 1, 0, 4], 7, 11),
            make([1, 0], 3, 5),
            make([4, 2, 6], 6, 13, dtype=torch.float64),
            make([4, 6], 6, 9, scale=1000.0),
        )
    ]


def _over_all(nll: Tensor, scored: Tensor) -> Tensor:
    return nll.mean() if nll.numel() else nll.sum()


def _over_all_but_last(nll: Tensor, scored: Tensor) -> Tensor:
    return nll.sum() / max(1, len(nll) * (nll.shape[1] - 1))


def _over_rows(nll: Tensor, scored: Tensor) -> Tensor:
    return (nll.sum(1) / scored.sum(1).clamp(min=1)).mean()


def _over_rows_scored(nll: Tensor, scored: Tensor) -> Tensor:
    rows = nll.sum(1) / scored.sum(1).clamp(min=1)
    return rows.sum() / scored.any(1).sum().clamp(min=1)


def _unguarded(nll: Tensor, scored: Tensor) -> Tensor:
    return nll.sum() / scored.sum()


def _viewed(logits: Tensor) -> Tensor:
    """(B, T, V) read as if it were (B, V, T): the numbers are torn out of their rows."""
    B, T, V = logits.shape
    return logits.reshape(B, V, T).transpose(1, 2).log_softmax(-1)


def _no_loss_gradient(function: Callable) -> str | None:
    """The gradient must be (softmax − one-hot)/N where a token is scored, and 0 elsewhere."""
    generator = torch.Generator().manual_seed(7)
    logits, ids, lengths = _logit_case(generator, [5, 3], 6, 7, dtype=torch.float64)
    return _gradient_differs(
        lambda z: call(function, (z, ids, lengths)), logits, oracle_targets(ids, lengths)
    )


def _gradient_differs(run: Callable, logits: Tensor, targets: Tensor) -> str | None:
    outcome = run(logits.requires_grad_())
    if not isinstance(outcome.value, Tensor) or not outcome.value.requires_grad:
        return "  The result has no gradient (was .item(), .detach() or no_grad used?)"
    given = outcome.args[0]
    given = given[0][0] if isinstance(given, list) else given
    (gradient,) = torch.autograd.grad(outcome.value, given, allow_unused=True)
    scored = targets != IGNORE_INDEX
    one_hot = F.one_hot(targets.where(scored, torch.zeros_like(targets)), logits.shape[-1])
    expected = (logits.detach().softmax(-1) - one_hot) * scored[..., None] / scored.sum()
    if gradient is None or not agree(gradient, expected):
        got = torch.zeros_like(expected) if gradient is None else gradient
        b, t, v = (got - expected).abs().nan_to_num(1e9).flatten().argmax().unravel_index(got.shape)
        where = f"batch item {b}, position {t}, logit {v}"
        return f"  {where}: {got[b, t, v]:.4g}, expected {expected[b, t, v]:.4g}"
    return None


def _nothing_scored_gradient(function: Callable) -> str | None:
    """With nothing to score, the loss is 0 and so is its gradient."""
    logits = torch.ones(2, 3, 5, requires_grad=True)
    outcome = call(function, (logits, torch.zeros(2, 3, dtype=torch.int64), torch.tensor([1, 0])))
    if not outcome.value.requires_grad:
        return "  The result is not connected to the logits, so backward() raises an error."
    (gradient,) = torch.autograd.grad(outcome.value, outcome.args[0], allow_unused=True)
    if gradient is None or bool((gradient != 0).any()):
        return f"  gradient: {gradient if gradient is None else gradient.flatten()[:3].tolist()} …"
    return None


LOSS_PROPERTIES = (
    Property(
        "wrong-gradient",
        "the value is right, its gradient is not",
        "Training uses the gradient alone. For the logits of a scored position it is "
        "(softmax − one-hot) / N, and exactly 0 at a position that is not scored.",
        NORMALISE,
        _no_loss_gradient,
    ),
    Property(
        "nothing-scored",
        "when nothing is scored, the loss should be 0 with a gradient of 0",
        "A micro-batch of empty rows happens in practice and must not stop the training.",
        NORMALISE,
        _nothing_scored_gradient,
    ),
)


def _softmaxed(z: Tensor) -> Tensor:
    return z.softmax(-1).log_softmax(-1)


def _over_real_tokens(logits: Tensor, input_ids: Tensor, lengths: Tensor) -> Tensor:
    total = _loss(logits, input_ids, lengths, reduce=lambda nll, scored: nll.sum())
    return total / lengths.sum().clamp(min=1)


ALL_POSITIONS = (
    "Padding and last tokens are not scored, so they must not be counted: otherwise the same "
    "sentence has a smaller loss, and a smaller gradient, in a longer batch. Divide by N, the "
    "number of scored tokens."
)


def _loss_mistakes(loss: Callable) -> tuple[Mistake, ...]:
    """The mistakes in what is scored and how it is averaged, as ``loss(…, **knobs)`` makes them."""
    from_targets = tuple(
        Mistake(m.name, m.title, m.explain, m.section, partial(loss, **m.wrong.keywords))
        for m in target_mistakes(targets_with, NORMALISE)
        if m.name != "wrong-ignore-index"
    )
    reductions = (
        (_over_all, "the sum is divided by all B·T positions"),
        (_over_all_but_last, "the sum is divided by all B·(T−1) positions"),
    )
    return (
        *from_targets,
        *(
            Mistake("all-positions", title, ALL_POSITIONS, NORMALISE, partial(loss, reduce=reduce))
            for reduce, title in reductions
        ),
        *(
            Mistake(
                "mean-of-rows",
                "the mean is taken row by row, then over the rows",
                "So a token in a short row weighs more than one in a long row. All scored tokens "
                "of the batch weigh the same: sum them all, divide once.",
                NORMALISE,
                partial(loss, reduce=reduce),
            )
            for reduce in (_over_rows, _over_rows_scored)
        ),
        Mistake(
            "sum",
            "the losses are summed, not averaged",
            "Divide by N, the number of scored tokens, or the learning rate would depend on the "
            "size of the batch.",
            NORMALISE,
            partial(loss, reduce=lambda nll, scored: nll.sum()),
        ),
        Mistake(
            "nan-when-empty",
            "NaN when nothing is scored: 0 / 0",
            "A batch without a single target happens in practice. Guard the denominator: "
            "`n.clamp(min=1)`.",
            NORMALISE,
            partial(loss, reduce=_unguarded),
        ),
        Mistake(
            "negative",
            "the sign is wrong: this is the mean log-probability",
            "A loss is minimised: it is the mean of −log p.",
            NORMALISE,
            partial(loss, reduce=lambda nll, scored: -_by_tokens(nll, scored)),
        ),
        Mistake(
            "bits",
            "the loss is in bits; the course counts in nats",
            "Use the natural logarithm.",
            NORMALISE,
            partial(loss, reduce=lambda nll, scored: _by_tokens(nll, scored) / math.log(2)),
        ),
        Mistake(
            "perplexity",
            "this is the perplexity, exp of the loss",
            "Return the mean of −log p itself.",
            NORMALISE,
            partial(loss, reduce=lambda nll, scored: _by_tokens(nll, scored).exp()),
        ),
        Mistake(
            "softmax-twice",
            "softmax was applied before cross-entropy, which applies it again",
            "cross_entropy expects raw logits. Applied twice, softmax squeezes every loss towards "
            "ln V, and training crawls.",
            NORMALISE,
            partial(loss, log_probs=_softmaxed),
        ),
        Mistake(
            "view",
            "view or reshape was used where a transpose was meant",
            "Reshaping (B, T, V) to (B, V, T) tears each row of logits apart; "
            "`logits.transpose(1, 2)` keeps it. At the start of training both losses are near "
            "ln V, which hides it.",
            NORMALISE,
            partial(loss, log_probs=_viewed),
        ),
    )


CLM_LOSS = Spec(
    "clm_loss",
    ("logits", "input_ids", "lengths"),
    NORMALISE,
    _oracle_loss,
    _loss_cases,
    (
        *_loss_mistakes(_loss),
        Mistake(
            "all-positions",
            "the sum is divided by the number of real tokens, not of scored ones",
            ALL_POSITIONS,
            NORMALISE,
            _over_real_tokens,
        ),
    ),
    LOSS_PROPERTIES,
)


def _whole_batch(
    micro_batches: list,
    *,
    total: Callable[[list[tuple[Tensor, Tensor]]], Tensor] | None = None,
    reduce: Callable[[Tensor, Tensor], Tensor] = _by_tokens,
    log_probs: Callable[[Tensor], Tensor] = lambda z: z.log_softmax(-1),
    **knobs,
) -> Tensor:
    """The loss of all micro-batches; ``total`` combines their (nll, scored) pairs."""
    pairs = [
        _picked_nll(log_probs(z.double()), targets_with(ids, n, **knobs))
        for z, ids, n in micro_batches
    ]
    if total is None:
        flat = [torch.cat([p[k].flatten() for p in pairs]) for k in range(2)]
        combined = reduce(flat[0][None], flat[1][None])
    else:
        combined = total(pairs)
    return combined.to(micro_batches[0][0].dtype)


def _oracle_accumulated(micro_batches: list) -> Tensor:
    nll = []
    for logits, input_ids, lengths in micro_batches:
        for z, ids, n in zip(logits.tolist(), input_ids.tolist(), lengths.tolist(), strict=True):
            nll += definitions.clm_nll(z, definitions.next_token_targets(ids[:n]))
    return torch.tensor(definitions.mean(nll), dtype=micro_batches[0][0].dtype)


def _accumulated_cases(generator: torch.Generator) -> list[Case]:
    make = partial(_logit_case, generator)
    batches = (
        [make([2], 3, 5)],
        [make([2], 3, 5), make([4], 4, 5)],
        [make([5, 3], 5, 7), make([2, 2, 1], 4, 7), make([6], 6, 7)],
        [make([4, 2], 4, 11), make([1, 0], 3, 11), make([7, 7, 7], 7, 11)],
        [make([1, 0], 3, 5)],
        [make([3, 2], 6, 9, dtype=torch.float64), make([8], 8, 9, dtype=torch.float64)],
    )
    return [Case((batch,)) for batch in batches]


def _means(pairs: list[tuple[Tensor, Tensor]]) -> list[Tensor]:
    return [_by_tokens(*pair) for pair in pairs]


def _mean_of_means(pairs: list[tuple[Tensor, Tensor]]) -> Tensor:
    return torch.stack(_means(pairs)).mean()


def _weighted(weigh: Callable[[Tensor, Tensor], float]) -> Callable:
    def total(pairs: list[tuple[Tensor, Tensor]]) -> Tensor:
        weights = [weigh(*pair) for pair in pairs]
        products = [w * mean for w, mean in zip(weights, _means(pairs), strict=True)]
        return torch.stack(products).sum() / sum(weights)

    return total


def _mean_of_unguarded(pairs: list[tuple[Tensor, Tensor]]) -> Tensor:
    return torch.stack([_unguarded(*pair) for pair in pairs]).mean()


def _unguarded_weighted(pairs: list[tuple[Tensor, Tensor]]) -> Tensor:
    """n · mean with a mean of 0/0: the whole batch is NaN."""
    parts = [scored.sum() * _unguarded(nll, scored) for nll, scored in pairs]
    return torch.stack(parts).sum() / sum(scored.sum() for _, scored in pairs).clamp(min=1)


def _mean_of_scored(pairs: list[tuple[Tensor, Tensor]]) -> Tensor:
    kept = [_by_tokens(*pair) for pair in pairs if pair[1].any()]
    return torch.stack(kept).mean() if kept else torch.zeros(())


def _accumulated_gradient(function: Callable) -> str | None:
    generator = torch.Generator().manual_seed(8)
    logits, ids, lengths = _logit_case(generator, [5, 3], 6, 7, dtype=torch.float64)
    first = ids[:, :4], lengths.clamp(max=4)
    return _gradient_differs(
        lambda z: call(function, ([(z, ids, lengths)],)), logits, oracle_targets(ids, lengths)
    ) or _second_gradient_differs(function, logits, ids, lengths, first)


def _second_gradient_differs(
    function: Callable, logits: Tensor, ids: Tensor, lengths: Tensor, second: tuple
) -> str | None:
    """In two micro-batches the first one's gradient shrinks with the tokens of the second."""
    other = torch.zeros(2, 4, 7, dtype=torch.float64)
    batches = [(logits.detach().requires_grad_(), ids, lengths), (other.requires_grad_(), *second)]
    outcome = call(function, (batches,))
    (alone,) = torch.autograd.grad(_whole_batch([batches[0]]), batches[0][0], create_graph=False)
    n = [(oracle_targets(*b[1:]) != IGNORE_INDEX).sum() for b in batches]
    (gradient,) = torch.autograd.grad(outcome.value, outcome.args[0][0][0], allow_unused=True)
    if gradient is None or not agree(gradient, alone * n[0] / sum(n)):
        return "  The gradient for the first of two micro-batches is not that of the whole batch."
    return None


MEAN_OF_MEANS = (
    "A micro-batch with few scored tokens gets as much weight as one with many, so the gradient is "
    "not that of the whole batch. Sum the losses of all tokens, divide once by the number of all "
    "scored tokens."
)

ACCUMULATED_LOSS = Spec(
    "accumulated_loss",
    ("micro_batches",),
    NORMALISE,
    _oracle_accumulated,
    _accumulated_cases,
    (
        *(
            Mistake(
                "mean-of-means",
                "the micro-batches' means are averaged",
                MEAN_OF_MEANS,
                NORMALISE,
                partial(_whole_batch, total=total),
            )
            for total in (_mean_of_means, _mean_of_scored)
        ),
        Mistake(
            "nan-when-empty",
            "the micro-batches' means are averaged, and one of them is 0 / 0",
            MEAN_OF_MEANS + " A micro-batch may have nothing to score.",
            NORMALISE,
            partial(_whole_batch, total=_mean_of_unguarded),
        ),
        Mistake(
            "nan-when-empty",
            "NaN when a micro-batch has nothing to score: 0 / 0",
            "Sum the losses of all tokens first and divide once, with a guarded denominator.",
            NORMALISE,
            partial(_whole_batch, total=_unguarded_weighted),
        ),
        Mistake(
            "sum-of-means",
            "the micro-batches' means are summed",
            MEAN_OF_MEANS,
            NORMALISE,
            partial(_whole_batch, total=lambda pairs: torch.stack(_means(pairs)).sum()),
        ),
        Mistake(
            "weighted-by-rows",
            "the micro-batches are weighted by their number of rows",
            "Rows differ in length. What counts is the number of scored tokens.",
            NORMALISE,
            partial(_whole_batch, total=_weighted(lambda nll, scored: len(nll))),
        ),
        Mistake(
            "weighted-by-positions",
            "the micro-batches are weighted by their number of positions, padding included",
            "Padding is not scored. What counts is the number of scored tokens.",
            NORMALISE,
            partial(_whole_batch, total=_weighted(lambda nll, scored: nll.numel())),
        ),
        *_loss_mistakes(_whole_batch),
    ),
    (
        Property(
            "wrong-gradient",
            "the value is right, its gradient is not",
            "Under accumulation the gradient must be that of the whole batch: divide by the scored "
            "tokens of all micro-batches.",
            NORMALISE,
            _accumulated_gradient,
        ),
    ),
)
