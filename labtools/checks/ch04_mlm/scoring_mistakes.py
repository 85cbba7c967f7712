"""Scoring a text with knobs: turned one way it is right, turned another it is a known mistake."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from labtools.checks.ch04_mlm.scoring_copies import COPIES, of_copies, per_row
from labtools.checks.ch04_mlm.scoring_who import SCORED, Scored, inner
from labtools.checks.ch04_mlm.scoring_words import WORDS
from labtools.checks.spec import Rules, mistakes
from labtools.vocab import mask_id as usual_mask_id

Row = Callable[[int, int, int, int], tuple[int, int]]
Hidden = Callable[[Tensor, int], Tensor]
Also = Callable[[Tensor, Tensor, int], Tensor]


def _total(terms: Tensor, T: int) -> Tensor:
    return terms.sum()


def _scores(
    model: Callable,
    input_ids: Tensor,
    maskable: Tensor,
    attn_mask: Tensor,
    mask_id: int,
    *,
    scored: Scored = lambda maskable, ids, mask, b: maskable[b],
    hidden: Hidden = lambda maskable, t: torch.arange(len(maskable)) == t,
    also: Also = lambda ids, maskable, t: torch.zeros_like(maskable),
    hide: Callable[[int], int] = lambda mask_id: mask_id,
    row: Row = lambda b, t, B, T: (b, t),
    mask_row: Row = lambda b, t, B, T: (b, t),
    sees: Callable[[Tensor, Tensor, int], Tensor] = lambda mask, maskable, t: mask,
    ask: Callable[[Callable, Tensor, Tensor], Tensor] = lambda model, ids, mask: model(ids, mask),
    at: int = 0,
    wanted: Callable[[Tensor, int, int], Tensor] = lambda ids, b, t: ids[b, t],
    log_probs: Callable[[Tensor], Tensor] = lambda z: z.log_softmax(-1),
    pick: Callable[[Tensor, int, int], Tensor] = lambda log_p, token, mask_id: log_p[token],
    reduce: Callable[[Tensor, int], Tensor] = _total,
) -> Tensor:
    """One model call for each token that is scored; right when no knob is turned."""
    B, T = input_ids.shape
    masks = per_row(attn_mask, B)

    def term(b: int, t: int) -> Tensor:
        of, alone = row(b, t, B, T)
        chosen = hidden(maskable[of], alone) | also(input_ids[of], maskable[of], alone)
        tokens = input_ids[of].masked_fill(chosen, hide(mask_id))
        mask = masks[mask_row(of, alone, B, T)[0]]
        logits = ask(model, tokens[None], sees(mask, maskable[of], alone)[None])[0].double()
        return pick(log_probs(logits)[(t + at) % T], int(wanted(input_ids, b, t)), mask_id)

    scores = []
    for b in range(B):
        where = scored(maskable, input_ids, masks[b], b).nonzero().flatten().tolist()
        terms = [term(b, t) for t in where]
        scores.append(reduce(torch.stack(terms), T) if terms else torch.zeros(()))
    return torch.stack(scores).float()


def _unrepeated(
    model: Callable,
    input_ids: Tensor,
    maskable: Tensor,
    attn_mask: Tensor,
    mask_id: int,
    *,
    rows: Callable[[Tensor, Tensor], Tensor],
) -> Tensor:
    """The model gets other rows than the mask has: it raises an error, as the learner's does."""
    model(rows(input_ids, maskable), attn_mask)
    return _scores(model, input_ids, maskable, attn_mask, mask_id)


def _span(low: Callable[[int], float], high: Callable[[int], float]) -> Hidden:
    """Positions from ``low(t)`` to ``high(t)``."""

    def hidden(maskable: Tensor, t: int) -> Tensor:
        place = torch.arange(len(maskable))
        return (place >= low(t)) & (place <= high(t))

    return hidden


def _and_maskable(hidden: Hidden) -> Hidden:
    return lambda maskable, t: hidden(maskable, t) & maskable


_alone = _span(lambda t: t, lambda t: t)
_none = _span(lambda t: 0, lambda t: -1)
_all = _span(lambda t: 0, lambda t: math.inf)
_up_to = _span(lambda t: 0, lambda t: t)
_from = _span(lambda t: t, lambda t: math.inf)


def _pair_of_maskable(maskable: Tensor, t: int) -> Tensor:
    """The first two, the next two and so on."""
    pair = (maskable.cumsum(0) - 1) // 2
    return maskable & (pair == pair[t])


HIDDEN: list[tuple[str, Hidden]] = [
    ("nothing-masked", _none),
    *(
        (name, of(hidden))
        for name, hidden in (
            ("all-masked", _all),
            ("masks-left", _up_to),
            ("later-masked", _from),
            ("others-masked", lambda maskable, t: torch.arange(len(maskable)) != t),
            ("causal", _span(lambda t: t + 1, lambda t: math.inf)),
            ("causal", _span(lambda t: 0, lambda t: t - 1)),
            ("wrong-position", _span(lambda t: t + 1, lambda t: t + 1)),
            ("wrong-position", _span(lambda t: t - 1, lambda t: t - 1)),
            ("neighbours-masked", _span(lambda t: t - 1, lambda t: t + 1)),
            ("neighbours-masked", _span(lambda t: t - 1, lambda t: t)),
            ("neighbours-masked", _span(lambda t: t, lambda t: t + 1)),
            # two at a time, from position 0 or 1 on
            ("neighbours-masked", _span(lambda t: t - t % 2, lambda t: t - t % 2 + 1)),
            ("neighbours-masked", _span(lambda t: t - (t + 1) % 2, lambda t: t + t % 2)),
        )
        for of in (lambda hidden: hidden, _and_maskable)
    ),
    ("neighbours-masked", _pair_of_maskable),
]

SAME: tuple[Also, ...] = (
    lambda ids, maskable, t: ids == ids[t],
    lambda ids, maskable, t: (ids == ids[t]) & maskable,
)

Sees = Callable[[Tensor, Tensor, int], Tensor]


def _diagonal_blocked(mask: Tensor, maskable: Tensor, t: int) -> Tensor:
    return mask & ~torch.eye(len(maskable), dtype=torch.bool)


def _key_blocked(mask: Tensor, maskable: Tensor, t: int) -> Tensor:
    return mask & (torch.arange(len(maskable)) != t)


def _square(maskable: Tensor) -> Tensor:
    return torch.ones(1, len(maskable), len(maskable), dtype=torch.bool)


SEES: list[tuple[str, Sees]] = [
    ("padding-seen", lambda mask, maskable, t: _square(maskable)),
    ("maskable-seen", lambda mask, maskable, t: maskable[None, None]),
    ("maskable-seen", lambda mask, maskable, t: maskable[None, None] & mask),
    ("mask-inverted", lambda mask, maskable, t: ~mask),
    ("causal", lambda mask, maskable, t: mask & _square(maskable).tril()),
    ("causal", lambda mask, maskable, t: _square(maskable).tril()),
    ("queries-blocked", lambda mask, maskable, t: mask.mT.expand(-1, -1, len(maskable))),
]
BLOCKED = _diagonal_blocked, _key_blocked


def _first(b: int, t: int, B: int, T: int) -> tuple[int, int]:
    return 0, t


# rows put together in one order and taken apart in another: row-major, and position-major
ORDERS: tuple[Row, ...] = (
    lambda b, t, B, T: ((b * T + t) % B, (b * T + t) // B),
    lambda b, t, B, T: ((t * B + b) // T, (t * B + b) % T),
)


def _without_mask(model: Callable, input_ids: Tensor, attn_mask: Tensor) -> Tensor:
    return model(input_ids)


def _none_for_mask(model: Callable, input_ids: Tensor, attn_mask: Tensor) -> Tensor:
    return model(input_ids, None)


def _cast(dtype: torch.dtype) -> Sees:
    return lambda mask, maskable, t: mask.to(dtype)


REDUCE: list[tuple[str, Callable[[Tensor, int], Tensor]]] = [
    ("mean", lambda terms, T: terms.mean()),
    ("mean", lambda terms, T: terms.sum() / T),
    ("mean", lambda terms, T: terms.sum() / (len(terms) + 1)),
    ("negative", lambda terms, T: -terms.sum()),
    ("negative", lambda terms, T: -terms.mean()),
    ("probability", lambda terms, T: terms.sum().exp()),
    ("probability", lambda terms, T: terms.exp().sum()),
    ("probability", lambda terms, T: terms.exp().mean()),
    ("probability", lambda terms, T: terms.exp().sum().log()),
    ("perplexity", lambda terms, T: (-terms.mean()).exp()),
    ("perplexity", lambda terms, T: (-terms).exp().sum()),
    ("perplexity", lambda terms, T: (-terms.sum()).exp()),
    ("bits", lambda terms, T: terms.sum() / math.log(2)),
]


def _over_vocabulary(log_p: Tensor, token: int, mask_id: int) -> Tensor:
    return (log_p.exp() * log_p).sum()


RULES: Rules = (
    *((name, {"hidden": hidden}) for name, hidden in HIDDEN),
    *(
        ("attention-masked", {"sees": sees, "hidden": h})
        for sees in BLOCKED
        for h in (_none, _alone)
    ),
    *(("same-token-masked", {"also": also}) for also in SAME),
    *((name, {"sees": sees}) for name, sees in SEES),
    *(("number-mask", {"sees": _cast(dtype)}) for dtype in (torch.float32, torch.int64)),
    ("no-mask", {"ask": _without_mask}),
    ("no-mask", {"ask": _none_for_mask}),
    *(("wrong-mask-token", {"hide": lambda m, x=x: x}) for x in (usual_mask_id, 0, 1, 2, 4)),
    ("first-mask", {"mask_row": _first}),
    *(("masks-mixed", {"mask_row": order}) for order in ORDERS),
    *(("rows-mixed", {"row": order}) for order in ORDERS),
    *((name, {"scored": scored}) for name, scored in SCORED),
    ("shifted", {"at": -1}),
    ("shifted", {"at": 1}),
    # a loop that leaves out the position that has no such neighbour
    ("shifted", {"at": -1, "scored": lambda m, ids, mask, b: inner(m[b], 1, 0)}),
    ("shifted", {"at": 1, "scored": lambda m, ids, mask, b: inner(m[b], 0, 1)}),
    ("no-log", {"log_probs": lambda z: z}),
    ("softmax-twice", {"log_probs": lambda z: z.softmax(-1).log_softmax(-1)}),
    ("wrong-axis", {"log_probs": lambda z: z.log_softmax(0)}),
    ("first-row-token", {"wanted": lambda ids, b, t: ids[0, t]}),
    ("mask-scored", {"pick": lambda log_p, token, mask_id: log_p[mask_id]}),
    ("likeliest", {"pick": lambda log_p, token, mask_id: log_p.amax()}),
    ("likeliest", {"pick": _over_vocabulary}),
    ("summed-over-vocabulary", {"pick": lambda log_p, token, mask_id: log_p.sum()}),
    *((name, {"reduce": reduce}) for name, reduce in REDUCE),
)


def _every_position(ids: Tensor, maskable: Tensor) -> Tensor:
    return ids.repeat_interleave(ids.shape[1], 0)


UNREPEATED: Rules = tuple(
    ("mask-not-repeated", {"rows": rows})
    for rows in (
        _every_position,
        lambda ids, maskable: ids[maskable.nonzero()[:, 0]],
        lambda ids, maskable: ids[:1],
        lambda ids, maskable: ids[:1].expand(ids.shape[1], -1),
        lambda ids, maskable: ids[:1].expand(int(maskable[0].sum()), -1),
    )
)

MISTAKES = (
    *mistakes(WORDS, _scores, RULES),
    *mistakes(WORDS, of_copies, COPIES),
    *mistakes(WORDS, _unrepeated, UNREPEATED),
)
