"""The likeliest token each time, from the source to its end: ``greedy_decode``."""

from collections.abc import Callable, Sequence
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from labtools import definitions
from labtools.checks.ch05_seq2seq.decoding_mistakes import MISTAKES
from labtools.checks.ch05_seq2seq.decoding_words import (
    DEVICE,
    GENERATED_PAD,
    NO_NEW_TOKENS,
    PADDING_MATTERS,
    RANDOM,
    ROWS_MATTER,
    START_IS_EOS,
    START_IS_PAD,
)
from labtools.checks.ch05_seq2seq.sections import DECODING
from labtools.checks.properties import follows_device, unaffected
from labtools.checks.spec import Case, Spec, Special
from labtools.checks.toy_seq2seq import ToySeq2Seq

V = 12  # of the ids, the last are of a row each, and say when it ends


def _next_logits(model: Callable, source: Tensor, real: Tensor, tgt_in: list[int]) -> list[float]:
    T = len(tgt_in)
    causal = torch.tensor([[definitions.causal(i, j) for j in range(T)] for i in range(T)])
    target = source.new_tensor([tgt_in])
    logits: list[float] = model(source, target, real, causal.to(source.device), real)[
        0, -1
    ].tolist()
    return logits


def _oracle(
    model: Callable,
    src: Tensor,
    max_new_tokens: int,
    decoder_start_id: int,
    eos_id: int,
    pad_id: int,
) -> Tensor:
    rows = []
    for source in src[:, None]:  # (1, S)
        choose = partial(_next_logits, model, source, source != pad_id)
        rows.append(definitions.greedy(choose, [decoder_start_id], max_new_tokens, eos_id)[1:])
    longest = max(len(row) for row in rows)
    filled = [row + [pad_id] * (longest - len(row)) for row in rows]
    return src.new_tensor(filled).reshape(len(src), longest)


def _model_and_source(
    generator: torch.Generator,
    lengths: list[int],
    S: int,
    eos_id: int,
    pad_id: int,
    ends: Sequence[Sequence[int]] = (),
    pads: Sequence[Sequence[int]] = (),
) -> tuple[ToySeq2Seq, Tensor]:
    """Rows of so many source tokens, and when the model ends each, or says ``pad_id``.

    Args:
        ends: Of each row, after how many tokens ``eos_id`` comes; the first is its end, others
            come should it go on. Nowhere else.
        pads: The same of ``pad_id``.
    """
    model = ToySeq2Seq(V, int(torch.randint(0, 10**6, (), generator=generator)))
    plain = torch.tensor([i for i in range(V - len(lengths)) if i != pad_id])
    src = plain[torch.randint(0, len(plain), (len(lengths), S), generator=generator)]
    src[:, 0] = torch.arange(V - len(lengths), V)
    src[torch.arange(S) >= torch.tensor(lengths)[:, None]] = pad_id
    for token_id, places in ((eos_id, ends), (pad_id, pads)):
        model.never(token_id)
        for marker, counts in zip(src[:, 0].tolist(), places, strict=False):
            model.say(marker, token_id, [n - 1 for n in counts])
    return model, src


def _cases(generator: torch.Generator) -> list[Case]:
    case = partial(_case, generator)
    three = [6, 4, 2]
    return [
        # first what most mistakes get wrong, and in few steps: the others are soon out
        case([5, 2, 4], 6, 5, (4, 1, 7), ends=[[1, 3], [4, 5], [2, 4]]),
        case([3], 3, 1, (1, 2, 0)),
        case([4], 4, 5, (1, 2, 0)),
        case([3], 5, 4, (5, 6, 7)),
        case([5, 4, 2], 5, 6, (1, 2, 0)),
        case([7, 3], 7, 6, (4, 0, 5), ends=[[3, 5], [5, 6]]),
        case([6, 5, 2, 3], 6, 8, (7, 1, 3), ends=[[1, 4], [4, 6, 7], [2, 3], [6, 8]]),
        case([4, 6, 5], 6, 7, (6, 4, 2), ends=[[2, 5], [], [4, 6]]),
        case([5, 3, 4], 5, 4, (3, 7, 1), ends=[[1, 2], [1, 3], [1, 4]]),
        case([2, 5], 5, 5, (2, 3, 4), ends=[[3], [5]]),
        case([4, 3], 4, 0, (1, 2, 0), special=NO_NEW_TOKENS),
        case(three, 6, 7, (0, 1, 0), ends=[[3, 5], [6], [4]], special=START_IS_PAD),
        case([5, 2], 5, 4, (6, 1, 6), special=START_IS_PAD),
        case(three, 6, 7, (2, 2, 1), ends=[[5, 6], [2], [4]], special=START_IS_EOS),
        case([4, 2], 4, 5, (3, 3, 7), ends=[[1, 3], [1, 4]], special=START_IS_EOS),
        case(
            three, 6, 8, (1, 2, 0), ends=[[5], [7], [3]], pads=[[2], [4, 5], []],
            special=GENERATED_PAD,
        ),
        case([3, 5], 5, 5, (4, 2, 6), pads=[[1], [1]], special=GENERATED_PAD),
        # at the limit, in rows that have not ended: nothing there is to be trimmed
        case([2, 4], 4, 3, (1, 2, 0), pads=[[1, 2, 3], [1, 2, 3]], special=GENERATED_PAD),
        case(three, 6, 4, (5, 1, 3), ends=[[2], [], []], pads=[[], [4], [3, 4]],
             special=GENERATED_PAD),
    ]  # fmt: skip


def _case(
    generator: torch.Generator,
    lengths: list[int],
    S: int,
    max_new_tokens: int,
    ids: tuple[int, int, int],
    *,
    ends: Sequence[Sequence[int]] = (),
    pads: Sequence[Sequence[int]] = (),
    special: Special | None = None,
) -> Case:
    """``ids`` are those of the start, the end and padding."""
    model, src = _model_and_source(generator, lengths, S, *ids[1:], ends, pads)
    return Case((model, src, max_new_tokens, *ids), special=special)


START, EOS, PAD = 1, 2, 3


def _args() -> tuple:
    generator = torch.Generator().manual_seed(3)
    ends = [[5], [3], [8]]
    model, src = _model_and_source(generator, [7, 4, 5], 7, EOS, PAD, ends)
    return model, src, 9, START, EOS, PAD


def _more_padding() -> tuple:
    model, src, *rest = _args()
    return model, F.pad(src, (0, 3), value=PAD), *rest


def _more_rows() -> tuple:
    model, src, *rest = _args()
    return model, torch.cat([src, src.flip(0)]), *rest


def _first_rows(decoded: Tensor) -> Tensor:
    return decoded[:3]


GREEDY_DECODE = Spec(
    "greedy_decode",
    ("model", "src", "max_new_tokens", "decoder_start_id", "eos_id", "pad_id"),
    DECODING,
    _oracle,
    _cases,
    MISTAKES,
    (
        unaffected("padding-matters", PADDING_MATTERS, _args, _more_padding, _first_rows),
        unaffected("rows-matter", ROWS_MATTER, _args, _more_rows, _first_rows),
        follows_device(DEVICE, _args),
    ),
    by_chance=RANDOM,
)
