"""Mistakes in greedy decoding: what the model is asked, and when a row ends."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from labtools.checks.ch05_seq2seq.decoding_masks import MASKS, Call, Mask
from labtools.checks.ch05_seq2seq.decoding_words import WORDS
from labtools.checks.spec import Mistake, Rules, mistakes

Rows = list[list[int]]
Ends = Callable[[Rows, int, int], Rows]


def ended(
    *,
    fill: Callable[[int, int], int] | None = lambda eos, pad: pad,
    width: Callable[[list[int], int], int] = lambda ends, limit: max(ends),
    late: int = 0,
) -> Ends:
    """Rows are filled ``late`` tokens after their end, then cut; right when nothing is given.

    The end of a row that has none is beyond the limit.
    """

    def end(rows: Rows, eos: int, pad: int) -> Rows:
        limit = len(rows[0])
        ends = [row.index(eos) + 1 if eos in row else limit + 1 for row in rows]
        if fill is not None:
            kept = [limit if n > limit else min(n + late, limit) for n in ends]
            rows = [
                row[:n] + [fill(eos, pad)] * (limit - n) for row, n in zip(rows, kept, strict=True)
            ]
        return [row[: width(ends, limit)] for row in rows]

    return end


def _together(rows: Rows, eos: int, pad: int) -> Rows:
    """It only stops when all rows produce an end in the same step."""
    limit = len(rows[0])
    ends = (t + 1 for t in range(limit) if all(row[t] == eos for row in rows))
    width = next(ends, limit)
    return [row[:width] for row in rows]


ended_right = ended()


def _decode(
    model: Callable,
    src: Tensor,
    max_new_tokens: int,
    decoder_start_id: int,
    eos_id: int,
    pad_id: int,
    *,
    in_source: Mask = lambda call: call.real,
    in_target: Mask = lambda call: call.causal,
    across: Mask = lambda call: call.real,
    order: Callable[..., tuple] = lambda *args: args,
    first: Callable[[Tensor, int, int, int], Tensor] = lambda src, start, eos, pad: _column(
        src, start
    ),
    feed: Callable[[Tensor], Tensor] = lambda tgt_in: tgt_in,
    read: Callable[[Tensor], Tensor] = lambda logits: logits[:, -1].argmax(-1),
    forbidden: Callable[[int, int], list[int]] = lambda start, pad: [],
    count: Callable[[int], int] = lambda n: n,
    ends: Ends = ended_right,
    result: Callable[[list[int], int], list[int]] = lambda row, start: row,
) -> Tensor:
    """Rows of full length, then ended as ``ends`` says; right when no knob is turned."""
    tgt_in, new = first(src, decoder_start_id, eos_id, pad_id), src[:, :0]
    for _ in range(count(max_new_tokens)):
        call = Call(src, feed(tgt_in), pad_id)
        masks = in_source(call), in_target(call), across(call)
        try:
            logits = model(*order(src, call.tgt_in, *masks))
            logits[..., forbidden(decoder_start_id, pad_id)] = -torch.inf
            token = read(logits)[:, None]
        except (TypeError, ValueError):
            if (new == eos_id).any(1).all():  # the learner's loop has stopped by now
                break
            raise
        tgt_in, new = torch.cat([tgt_in, token], 1), torch.cat([new, token], 1)
    rows = ends(new.tolist(), eos_id, pad_id)
    rows = [result(row, decoder_start_id) for row in rows]
    return torch.tensor(rows, dtype=src.dtype).reshape(len(src), len(rows[0]))


def _finished_for_a_step(
    model: Callable,
    src: Tensor,
    max_new_tokens: int,
    decoder_start_id: int,
    eos_id: int,
    pad_id: int,
) -> Tensor:
    """What is finished is forgotten in the next step: ``=`` was written for ``|=``."""
    tgt_in, finished = _column(src, decoder_start_id), torch.zeros(len(src), dtype=torch.bool)
    for _ in range(max_new_tokens):
        call = Call(src, tgt_in, pad_id)
        token = model(src, tgt_in, call.real, call.causal, call.real)[:, -1].argmax(-1)
        token = token.masked_fill(finished, pad_id)
        tgt_in, finished = torch.cat([tgt_in, token[:, None]], 1), token == eos_id
        if finished.all():
            break
    return tgt_in[:, 1:]


def _column(src: Tensor, token_id: int) -> Tensor:
    return torch.full((len(src), 1), token_id)


def _instead(pick: Callable[[int, int], int]) -> dict[str, Any]:
    return {"first": lambda src, start, eos, pad: _column(src, pick(eos, pad))}


READING: Rules = (
    ("wrong-start", _instead(lambda eos, pad: pad)),
    ("wrong-start", _instead(lambda eos, pad: eos)),
    *(("wrong-start", {"first": lambda src, *_, i=i: _column(src, i)}) for i in (0, 1, 2)),
    ("wrong-start", {"first": lambda src, start, eos, pad: src[:, :1]}),
    ("wrong-start", {"first": lambda src, start, eos, pad: src[:, -1:]}),
    ("source-as-prompt", {"first": lambda src, start, eos, pad: src}),
    (
        "source-as-prompt",
        {"first": lambda src, start, eos, pad: torch.cat([src, _column(src, start)], 1)},
    ),
    ("own-output-unread", {"feed": lambda tgt_in: tgt_in[:, :1]}),
    ("own-output-unread", {"read": lambda logits: logits[:, 0].argmax(-1)}),
    ("last-token-only", {"feed": lambda tgt_in: tgt_in[:, -1:]}),
    ("wrong-position", {"read": lambda logits: logits[:, -2:][:, 0].argmax(-1)}),
    ("wrong-position", {"read": lambda logits: logits.mean(1).argmax(-1)}),
    ("wrong-position", {"read": lambda logits: logits.amax(1).argmax(-1)}),
    ("least-likely", {"read": lambda logits: logits[:, -1].argmin(-1)}),
    ("not-the-likeliest", {"read": lambda logits: logits[:, -1].topk(2).indices[:, 1]}),
    *(
        ("rounded", {"read": lambda logits, dtype=dtype: logits[:, -1].to(dtype).argmax(-1)})
        for dtype in (torch.float16, torch.bfloat16)
    ),
    ("start-forbidden", {"forbidden": lambda start, pad: [start]}),
    ("start-forbidden", {"forbidden": lambda start, pad: [start, pad]}),
)


def _limit(ends: list[int], limit: int) -> int:
    return limit


def _before_the_end(ends: list[int], limit: int) -> int:
    """One column too few if all rows have ended."""
    return max(ends) - (max(ends) <= limit)


def _eos_lost(width: Callable[[list[int], int], int]) -> dict[str, Any]:
    return {"ends": ended(late=-1, width=width)}


def _ended_by(eos_id: int) -> dict[str, Any]:
    return {"ends": lambda rows, eos, pad: ended_right(rows, eos_id, pad)}


ENDS: Rules = (
    *(("eos-assumed", _ended_by(i)) for i in range(4)),
    ("eos-ignored", {"ends": ended(fill=None, width=_limit)}),
    ("not-filled", {"ends": ended(fill=None)}),
    ("filled-late", {"ends": ended(late=1)}),
    ("filled-late", {"ends": ended(late=1, width=lambda ends, limit: max(ends) + 1)}),
    ("filled-with-eos", {"ends": ended(fill=lambda eos, pad: eos)}),
    ("filled-with-eos", {"ends": ended(fill=lambda eos, pad: eos, width=_limit)}),
    ("filled-wrongly", {"ends": ended(fill=lambda eos, pad: 0)}),
    ("filled-wrongly", {"ends": ended(fill=lambda eos, pad: -100)}),
    ("eos-lost", _eos_lost(lambda ends, limit: max(ends))),
    ("eos-lost", _eos_lost(_before_the_end)),
    ("stops-together", {"ends": _together}),
    ("never-stops", {"ends": ended(width=_limit)}),
    ("stops-late", {"ends": ended(width=lambda ends, limit: max(ends) + 1)}),
    ("end-dropped", {"ends": ended(width=_before_the_end)}),
    ("stops-too-early", {"ends": ended(fill=None, width=lambda ends, limit: min(ends))}),
    ("stops-too-early", {"ends": ended(fill=None, width=lambda ends, limit: ends[0])}),
    ("stops-too-early", {"ends": ended(width=lambda ends, limit: ends[0])}),
    ("start-kept", {"result": lambda row, start: [start, *row]}),
    ("start-kept", {"result": lambda row, start: [start, *row[:-1]]}),
    ("first-dropped", {"result": lambda row, start: row[1:]}),
    ("wrong-count", {"count": lambda n: n + 1}),
    ("wrong-count", {"count": lambda n: max(n - 1, 0)}),
    ("start-kept", {"count": lambda n: max(n - 1, 0), "result": lambda row, start: [start, *row]}),
)
RULES: Rules = (*MASKS, *READING, *ENDS)
MISTAKES: tuple[Mistake, ...] = (
    *mistakes(WORDS, _decode, RULES),
    Mistake("not-filled", WORDS["not-filled"], _finished_for_a_step),
)
