"""What each position is scored against: ``next_token_targets`` and ``packed_targets``."""

from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from labtools import definitions
from labtools.checks.ch03_clm.sections import NORMALISE, PACKING, SHIFT
from labtools.checks.engine import Case, Mistake, Spec
from labtools.vocab import IGNORE_INDEX, eos_id, pad_id

Scored = Callable[[list[int], int, int, int], bool]


def _in_length(ids: list[int], t: int, source: int, length: int) -> bool:
    return source < length


def _anywhere(ids: list[int], t: int, source: int, length: int) -> bool:
    return True


def targets_with(
    input_ids: Tensor,
    lengths: Tensor,
    *,
    shift: int = 1,
    scored: Scored = _in_length,
    wrap: bool = False,
    ignore: int = IGNORE_INDEX,
) -> Tensor:
    """Position t is scored against t + shift where ``scored(ids, t, t + shift, length)``."""
    T = input_ids.shape[1]
    out = torch.full_like(input_ids, ignore)
    for b, ids in enumerate(input_ids.tolist()):
        for t in range(T):
            source = t + shift
            if (wrap or 0 <= source < T) and scored(ids, t, source, int(lengths[b])):
                out[b, t] = ids[source % T]
    return out


def oracle_targets(input_ids: Tensor, lengths: Tensor) -> Tensor:
    out = torch.full_like(input_ids, IGNORE_INDEX)
    for b, ids in enumerate(input_ids.tolist()):
        row = definitions.next_token_targets(ids[: int(lengths[b])])
        for t, target in enumerate(row):
            if target is not None:
                out[b, t] = target
    return out


def ragged_ids(generator: torch.Generator, lengths: list[int], T: int, V: int) -> tuple:
    """Ids over the whole vocabulary, special ids among the real tokens and any id as padding."""
    ids = torch.randint(0, V, (len(lengths), T), generator=generator)
    ids[0, : min(T, 3)] = torch.tensor([5 % V, pad_id, eos_id])[: min(T, 3)]
    return ids, torch.tensor(lengths)


def _id_cases(generator: torch.Generator) -> list[Case]:
    small = torch.tensor([[7, 5, 9]]), torch.tensor([3])
    padded = torch.tensor([[7, 5, 9, 8, 6]]), torch.tensor([3])
    zero_padded = torch.tensor([[7, 5, 0, 9, 2, 0, 0], [4, 6, 8, 0, 0, 0, 0]]), torch.tensor([5, 3])
    ragged = [
        ragged_ids(generator, lengths, T, V)
        for lengths, T, V in (
            ([4, 6], 6, 11),
            ([7, 1, 0, 5], 7, 13),
            ([1], 1, 6),
            ([3, 2, 4], 9, 8),
        )
    ]
    return [Case(args) for args in (small, padded, zero_padded, *ragged)]


def target_mistakes(oracle_knobs: Callable, section: str) -> tuple[Mistake, ...]:
    """The mistakes that next_token_targets and packed_targets have in common."""
    knobs = oracle_knobs
    return (
        Mistake(
            "no-shift",
            "nothing is shifted: every position is scored against itself",
            "Position t has just read token t. Scored against it, a model learns to copy and its "
            "loss goes to 0. The logits at t predict token t + 1, so its target is "
            "input_ids[:, t + 1].",
            SHIFT,
            partial(knobs, shift=0),
        ),
        Mistake(
            "no-shift",
            "nothing is shifted: every position is scored against itself",
            "Position t has just read token t. Its target is the token after it, "
            "input_ids[:, t + 1]; the last real token has none.",
            SHIFT,
            partial(knobs, shift=0, scored=lambda ids, t, s, n: s < n - 1),
        ),
        Mistake(
            "shifted-twice",
            "shifted twice: position t is scored against token t + 2",
            "One shift is enough. A second one, here or in the loss, trains the model to skip a "
            "token.",
            SHIFT,
            partial(knobs, shift=2),
        ),
        Mistake(
            "shifted-back",
            "shifted the wrong way: position t is scored against token t − 1",
            "The target of t is the token after it. torch.roll(x, 1) moves everything one to the "
            "right, which brings the token before.",
            SHIFT,
            partial(knobs, shift=-1),
        ),
        Mistake(
            "shifted-back",
            "shifted the wrong way: position t is scored against token t − 1",
            "The target of t is the token after it, not before: input_ids[:, 1:], not [:, :-1].",
            SHIFT,
            partial(knobs, shift=-1, wrap=True),
        ),
        Mistake(
            "shifted-back",
            "shifted the wrong way: position t is scored against token t − 1",
            "The target of t is the token after it, not before: input_ids[:, 1:], not [:, :-1].",
            SHIFT,
            partial(knobs, shift=-1, wrap=True, scored=lambda ids, t, s, n: t < n - 1),
        ),
        Mistake(
            "wraps-round",
            "the last position is scored against the first token",
            "torch.roll brings the first token round to the end. The last real token of a row has "
            "no next token: its target is IGNORE_INDEX.",
            section,
            partial(knobs, wrap=True, scored=lambda ids, t, s, n: t < n),
        ),
        Mistake(
            "padding-scored",
            "padding is scored",
            "Behind the real tokens there is nothing to predict. Targets at and after the last "
            "real token are IGNORE_INDEX.",
            section,
            partial(knobs, scored=_anywhere),
        ),
        Mistake(
            "padding-scored",
            "padding is scored",
            "Behind the real tokens there is nothing to predict, and torch.roll brings the first "
            "token round to the end. All these targets are IGNORE_INDEX.",
            section,
            partial(knobs, scored=_anywhere, wrap=True),
        ),
        Mistake(
            "one-too-many",
            "one target too many: the last real token is scored against what follows it",
            "A row of n real tokens has n − 1 targets: at t = n − 1 the next token is padding.",
            section,
            partial(knobs, scored=lambda ids, t, s, n: t < n),
        ),
        Mistake(
            "one-too-few",
            "one target too few: the last real token is never predicted",
            "A row of n real tokens has n − 1 targets. The last one is usually <eos>, and a model "
            "that is never scored on it never learns to stop.",
            section,
            partial(knobs, scored=lambda ids, t, s, n: s < n - 1),
        ),
        *(
            Mistake(
                "masked-by-id",
                f"padding is recognised by its id ({which}), so real tokens with that id are lost",
                "Many models pad with <eos> or another real token. Masked by id, the real one is "
                "never scored, and generation never stops. Only the lengths say where padding is.",
                section,
                partial(knobs, scored=scored),
            )
            for which, scored in _by_id_rules()
        ),
        Mistake(
            "wrong-ignore-index",
            f"targets that are not scored should be IGNORE_INDEX = {IGNORE_INDEX}, not 0",
            "0 is the id of a real token. PyTorch's cross-entropy leaves out −100.",
            NORMALISE,
            partial(knobs, ignore=0),
        ),
        Mistake(
            "wrong-ignore-index",
            f"targets that are not scored should be IGNORE_INDEX = {IGNORE_INDEX}, not −1",
            "Import IGNORE_INDEX from labtools.vocab. PyTorch's cross-entropy leaves out −100.",
            NORMALISE,
            partial(knobs, ignore=-1),
        ),
    )


def _by_id_rules() -> list[tuple[str, Scored]]:
    rules: list[tuple[str, Scored]] = []
    for which, special in (("pad_id", pad_id), ("eos_id", eos_id)):
        rules += [
            (which, lambda ids, t, s, n, x=special: ids[s % len(ids)] != x),
            (which, lambda ids, t, s, n, x=special: s < n and ids[s % len(ids)] != x),
            (which, lambda ids, t, s, n, x=special: ids[t] != x),
            (which, lambda ids, t, s, n, x=special: s < n and ids[t] != x),
        ]
    return rules


NEXT_TOKEN_TARGETS = Spec(
    "next_token_targets",
    ("input_ids", "lengths"),
    SHIFT,
    oracle_targets,
    _id_cases,
    target_mistakes(targets_with, SHIFT),
)


def _packed_knobs(
    input_ids: Tensor,
    doc_ids: Tensor,
    *,
    boundary: Callable[[list[int], int, int], bool] = lambda doc, t, s: doc[t] == doc[s],
    scored: Scored | None = None,
    padding: int | None = -1,
    wrap: bool = False,
    **knobs,
) -> Tensor:
    """Packed targets: the knobs of ``targets_with`` and what happens at a boundary."""
    n_real = (doc_ids != -1).sum(1)
    T = input_ids.shape[1]
    out = []
    for ids, doc, n in zip(input_ids, doc_ids.tolist(), n_real, strict=True):

        def rule(ids: list[int], t: int, s: int, n: int, doc: list[int] = doc) -> bool:
            if scored is not None and not scored(ids, t, s, n):
                return False
            within = (wrap or 0 <= s < T) and boundary(doc, t, s % T)
            return within and (scored is not None or padding is None or doc[t] != padding)

        out.append(targets_with(ids[None], n[None], scored=rule, wrap=wrap, **knobs))
    return torch.cat(out)


def _oracle_packed(input_ids: Tensor, doc_ids: Tensor) -> Tensor:
    rows = [
        definitions.packed_targets(ids, doc)
        for ids, doc in zip(input_ids.tolist(), doc_ids.tolist(), strict=True)
    ]
    filled = [[IGNORE_INDEX if target is None else target for target in row] for row in rows]
    return torch.tensor(filled, dtype=input_ids.dtype).reshape(input_ids.shape)


def documents(generator: torch.Generator, lengths: list[list[int]], T: int) -> Tensor:
    """Rows of documents of these lengths, numbered in no order, then padding."""
    rows = []
    for row in lengths:
        numbers = torch.randperm(9, generator=generator)[: len(row)]
        doc = numbers.repeat_interleave(torch.tensor(row))
        rows.append(F.pad(doc, (0, T - len(doc)), value=-1))
    return torch.stack(rows)


def _packed_cases(generator: torch.Generator) -> list[Case]:
    small = torch.tensor([[7, 5, 9, 6]]), torch.tensor([[0, 0, 1, 1]])
    padded = torch.tensor([[7, 5, 9, 6, 8, 4]]), torch.tensor([[0, 0, 3, 3, -1, -1]])
    cases = [small, padded]
    for lengths, T, V in (([[3, 2, 2], [1, 5]], 7, 11), ([[2, 1, 3], [8], [4, 4]], 8, 13)):
        doc = documents(generator, lengths, T)
        ids = torch.randint(0, V, doc.shape, generator=generator)
        ids[0, :3] = torch.tensor([5, pad_id, eos_id])
        cases.append((ids, doc))
    cases.append((torch.tensor([[6, 7, 8]]), torch.full((1, 3), -1)))
    return [Case(args) for args in cases]


def _no_boundary(doc: list[int], t: int, s: int) -> bool:
    return True


PACKED_TARGETS = Spec(
    "packed_targets",
    ("input_ids", "doc_ids"),
    PACKING,
    _oracle_packed,
    _packed_cases,
    (
        *(
            Mistake(
                "crosses-documents",
                "the first token of a document is predicted from the last of the one before",
                "Across a boundary there is nothing to learn: the documents were put side by side "
                "by chance. Where doc_ids[t] and doc_ids[t + 1] differ, the target is "
                "IGNORE_INDEX.",
                PACKING,
                partial(_packed_knobs, boundary=_no_boundary, scored=scored),
            )
            for scored in (_in_length, lambda ids, t, s, n: t < n)
        ),
        Mistake(
            "padding-scored",
            "padding is scored: two of its positions share the doc_id −1, but are no document",
            "−1 equals −1, so “same document” alone lets padding through. Leave out every position "
            "whose doc_id is −1.",
            PACKING,
            partial(_packed_knobs, padding=None),
        ),
        Mistake(
            "first-dropped",
            "the first position of each document is not scored",
            "A boundary takes away one target, that of the last token before it. The first token "
            "of a document has a next token in the same document.",
            PACKING,
            partial(
                _packed_knobs,
                boundary=lambda doc, t, s: doc[t] == doc[s] and t > 0 and doc[t - 1] == doc[t],
            ),
        ),
        *target_mistakes(_packed_knobs, PACKING),
    ),
)
