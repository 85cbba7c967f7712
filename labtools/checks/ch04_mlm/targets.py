"""What each position is scored against: ``mlm_targets``."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from labtools import definitions
from labtools.checks.ch04_mlm.sections import LOSS
from labtools.checks.ch04_mlm.words import DEVICE
from labtools.checks.losses import aligned
from labtools.checks.properties import follows_device, unaffected
from labtools.checks.spec import Case, Rules, Spec, Special, Words, mistakes
from labtools.vocab import IGNORE_INDEX, bos_id, eos_id, mask_id, pad_id

Row = list[int]
Scored = Callable[[Row, Tensor, int], bool]


def targets_with(
    input_ids: Tensor,
    selected: Tensor,
    *,
    scored: Scored = lambda ids, chosen, t: bool(chosen[t]),
    read: Callable[[Tensor], Tensor] = lambda selected: selected,
    shift: int = 0,
    **knobs: Any,
) -> Tensor:
    """Each row's tokens where ``scored(ids, selected, t)``; right when no knob is turned."""
    chosen = read(selected)
    return aligned(input_ids, lambda b, ids, t, s: scored(ids, chosen[b], t), shift=shift, **knobs)


def oracle_targets(input_ids: Tensor, selected: Tensor) -> Tensor:
    """By the definition, row by row."""
    rows = [
        definitions.mlm_targets(ids, chosen)
        for ids, chosen in zip(input_ids.tolist(), selected.tolist(), strict=True)
    ]
    filled = [[IGNORE_INDEX if target is None else target for target in row] for row in rows]
    return torch.tensor(filled, dtype=input_ids.dtype).reshape(input_ids.shape)


def selected_ids(
    generator: torch.Generator, counts: list[int], T: int, V: int
) -> tuple[Tensor, Tensor]:
    """(B, T) ids and ``selected``, row b with ``counts[b]`` positions of any place.

    Special ids come selected and not selected: only ``selected`` says what is scored.
    """
    ids = torch.randint(0, V, (len(counts), T), generator=generator)
    order = torch.rand(len(counts), T, generator=generator).argsort(1)
    selected = order < torch.tensor(counts)[:, None]
    specials = [x for x in (pad_id, mask_id, bos_id, eos_id) if x < V]
    for which in (selected, ~selected):
        places = which.nonzero()[1 : 1 + len(specials)]
        ids[tuple(places.T)] = torch.tensor(specials[: len(places)], dtype=torch.int64)
    return ids, selected


NOTHING_SELECTED = Special(
    "nothing-selected",
    Words(
        "it goes wrong when nothing is selected",
        f"Then every target is IGNORE_INDEX = {IGNORE_INDEX}.",
        LOSS,
    ),
)
ALL_SELECTED = Special(
    "all-selected",
    Words(
        "it goes wrong when everything is selected",
        "Then the targets are a copy of the input.",
        LOSS,
    ),
)


def _cases(generator: torch.Generator) -> list[Case]:
    def drawn(counts: list[int], T: int, V: int) -> tuple[Tensor, Tensor]:
        return selected_ids(generator, counts, T, V)

    small = torch.tensor([[7, 5, 9, 8]]), torch.tensor([[False, True, False, False]])
    two = (
        torch.tensor([[1, 7, 5, 9, 2], [1, 6, 8, 2, 0]]),
        torch.tensor([[False, False, True, True, False], [False, True, False, False, False]]),
    )
    return [
        Case(small),
        Case(two),
        Case(drawn([6, 4, 5], 11, 13)),
        Case(drawn([7, 0, 5, 4], 9, 17)),
        Case(drawn([0, 0], 3, 7), special=NOTHING_SELECTED),
        Case((torch.tensor([[6]]), torch.tensor([[False]])), special=NOTHING_SELECTED),
        Case((torch.tensor([[6, 0, 3], [4, 8, 5]]), torch.ones(2, 3).bool()), special=ALL_SELECTED),
    ]


ONLY_SELECTED = (
    "What counts is `selected` alone. A special token is never selected, so it needs no test here, "
    "and any id may be a real token somewhere."
)
WORDS = {
    "inverted": Words(
        "it is upside down: the positions that are not selected have targets",
        "A selected position is predicted, and its target is its token; all others are "
        "IGNORE_INDEX. torch.where(condition, x, y) takes x where the condition is True; "
        "masked_fill fills where its mask is True, so it needs ~selected.",
        LOSS,
    ),
    "all-scored": Words(
        "every position has a target",
        "Only selected positions are predicted. At the others the model reads the token itself, "
        "and learns nothing but to copy it.",
        LOSS,
    ),
    "nothing-scored": Words(
        "no position has a target",
        "Each selected position has one: the token that stood there.",
        LOSS,
    ),
    "wrong-ignore-index": Words(
        f"positions that are not selected should be IGNORE_INDEX = {IGNORE_INDEX}",
        "PyTorch's cross-entropy leaves out −100. 0 is the id of a token, and would be learned "
        "as if it had been selected; −1 is refused.",
        LOSS,
    ),
    "shifted": Words(
        "the targets are shifted by one",
        "In masked language modelling nothing is shifted: what stood at a position is predicted "
        "there, from both sides. The shift belongs to causal language modelling.",
        LOSS,
    ),
    "by-mask-token": Words(
        "a position is taken for selected when its id is that of <mask>",
        "Of the selected positions 10 % hold a random token and 10 % their own: they are scored "
        "like the others. And here the ids are the true ones, before corruption. " + ONLY_SELECTED,
        LOSS,
    ),
    "masked-by-id": Words("a target is left out because of its id", ONLY_SELECTED, LOSS),
    "true-token-lost": Words(
        "the targets are the <mask> token, not the tokens that it hides",
        "A target is the true token: what stood at the position before anything was corrupted.",
        LOSS,
    ),
    "one-row": Words(
        "all rows are given the same selection",
        "Each row of `selected` belongs to its own row of the batch.",
        LOSS,
    ),
    "positions": Words(
        "the targets are positions, not tokens",
        "The target of a selected position is its id: input_ids[b, t].",
        LOSS,
    ),
    "added": Words(
        "IGNORE_INDEX is added to the ids instead of taking their place",
        "Where nothing is selected the target is −100, whatever the id is.",
        LOSS,
    ),
    "selected-only": Words(
        "the unselected positions are left out, so the shape is lost",
        "The result is (B, T), as the logits are (B, T, V): one target for each position, "
        f"IGNORE_INDEX = {IGNORE_INDEX} where it is not selected.",
        LOSS,
    ),
}  # fmt: skip


def _instead(
    input_ids: Tensor, selected: Tensor, *, by: Callable[[Tensor, Tensor], Tensor]
) -> Tensor:
    return by(input_ids, selected)


def _positions(input_ids: Tensor, selected: Tensor) -> Tensor:
    t = torch.arange(input_ids.shape[1]).expand_as(input_ids)
    return t.where(selected, IGNORE_INDEX)


def _everyone(ids: Row, chosen: Tensor, t: int) -> bool:
    return True


def _moved(selected: Tensor, by: int) -> Tensor:
    """Along the positions; what comes in at the end is False."""
    moved = selected.roll(by, 1)
    moved[:, slice(by) if by > 0 else slice(by, None)] = False
    return moved


SPECIALS = ((pad_id,), (mask_id,), (bos_id,), (eos_id,), (0, 1, 2), (0, 1, 2, 3), (0, 2))
RULES: Rules = (
    ("inverted", {"scored": lambda ids, chosen, t: not chosen[t]}),
    ("all-scored", {"scored": _everyone}),
    # the tokens move, the selection, or both; round the end or not
    *(
        ("shifted", {"shift": shift, "wrap": wrap, "read": read})
        for shift in (1, -1)
        for wrap in (True, False)
        for read in (
            lambda s: s,
            lambda s, by=-shift: s.roll(by, 1),
            lambda s, by=-shift: _moved(s, by),
        )
    ),
    *(
        ("shifted", {"read": read})
        for by in (1, -1)
        for read in (lambda s, by=by: s.roll(by, 1), lambda s, by=by: _moved(s, by))
    ),
    ("by-mask-token", {"scored": lambda ids, chosen, t: ids[t] == mask_id}),
    ("by-mask-token", {"scored": lambda ids, chosen, t: chosen[t] and ids[t] == mask_id}),
    ("by-mask-token", {"scored": lambda ids, chosen, t: chosen[t] or ids[t] == mask_id}),
    *(
        ("masked-by-id", {"scored": lambda ids, chosen, t, x=x: chosen[t] and ids[t] not in x})
        for x in SPECIALS
    ),
    *(("masked-by-id", {"scored": lambda ids, chosen, t, x=x: ids[t] not in x}) for x in SPECIALS),
    ("one-row", {"read": lambda selected: selected[:1].expand_as(selected)}),
    ("one-row", {"read": lambda selected: selected.any(0).expand_as(selected)}),
    ("one-row", {"read": lambda selected: selected.any(1, keepdim=True).expand_as(selected)}),
    ("one-row", {"read": lambda selected: selected.flip(0)}),
)


IGNORED: Rules = tuple(
    ("wrong-ignore-index", {"ignore": i}) for i in (0, -1, 1, 2, 3, 100, -99, -101)
)
INSTEAD: Rules = (
    ("nothing-scored", {"by": lambda ids, s: torch.full_like(ids, IGNORE_INDEX)}),
    ("true-token-lost", {"by": lambda ids, s: ids.masked_fill(s, mask_id)}),
    (
        "true-token-lost",
        {"by": lambda ids, s: ids.masked_fill(s, mask_id).masked_fill(~s, IGNORE_INDEX)},
    ),
    ("positions", {"by": _positions}),
    ("added", {"by": lambda ids, s: ids + IGNORE_INDEX * ~s}),
    ("added", {"by": lambda ids, s: ids * s + IGNORE_INDEX}),
    ("selected-only", {"by": lambda ids, s: ids[s]}),
)


def _args() -> tuple[Tensor, Tensor]:
    return selected_ids(torch.Generator().manual_seed(5), [7, 3, 5], 12, 19)


def _others_unselected() -> tuple[Tensor, Tensor]:
    ids, selected = _args()
    return ids.where(selected, (ids + 7) % 19), selected


MLM_TARGETS = Spec(
    "mlm_targets",
    ("input_ids", "selected"),
    LOSS,
    oracle_targets,
    _cases,
    (
        *mistakes(WORDS, targets_with, (*IGNORED, *RULES)),
        *mistakes(WORDS, _instead, INSTEAD),
    ),
    (
        unaffected(
            "unselected-matter",
            Words(
                "the tokens that are not selected change the targets",
                f"There the target is IGNORE_INDEX = {IGNORE_INDEX}, whatever the token.",
                LOSS,
            ),
            _args,
            _others_unselected,
            lambda targets: targets,
        ),
        follows_device(DEVICE, _args),
    ),
    axes=("row", "position"),
)
