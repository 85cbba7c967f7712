"""Text from the model, token by token: ``generate``."""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from labtools import definitions
from labtools.checks.ch03_clm.sampling import PROPERTIES
from labtools.checks.ch03_clm.sections import GENERATION, MASK
from labtools.checks.spec import Case, Rules, Spec, Special, Words, mistakes
from labtools.checks.toy_model import ToyModel

Ends = Callable[[list[list[int]], int, int | None], list[list[int]]]


def _causal(T: int) -> Tensor:
    return torch.tensor([[definitions.causal(i, j) for j in range(T)] for i in range(T)])


def _next_logits(model: Callable, tokens: list[int]) -> list[float]:
    return model(torch.tensor([tokens]), _causal(len(tokens)))[0, -1].tolist()


def _greedy(model: Callable, prompt_ids: Tensor, n: int, eos_id: int | None = None) -> list:
    choose = partial(_next_logits, model)
    return [definitions.greedy(choose, row, n, eos_id) for row in prompt_ids.tolist()]


def _ids(rows: list[list[int]], prompt_ids: Tensor) -> Tensor:
    return torch.tensor(rows, dtype=prompt_ids.dtype).reshape(len(prompt_ids), -1)


def _oracle_generate(
    model: Callable, prompt_ids: Tensor, max_new_tokens: int, eos_id: int | None = None
) -> Tensor:
    rows = _greedy(model, prompt_ids, max_new_tokens, eos_id)
    longest = max(len(row) for row in rows)
    return _ids([row + [eos_id] * (longest - len(row)) for row in rows], prompt_ids)


def _first_end(row: list[int], T: int, eos_id: int | None) -> int:
    """How long the row is up to and with its first generated end; all of it if it has none."""
    return row.index(eos_id, T) + 1 if eos_id in row[T:] else len(row)


def _ended(
    *,
    fill: Callable[[list[int], int, int], int] | None = lambda row, n, eos: eos,
    width: Callable[[list[int], int], int] = lambda ends, limit: max(ends),
) -> Ends:
    """Rows are filled after their end and cut to a width; right when nothing is given."""

    def end(rows: list[list[int]], T: int, eos_id: int | None) -> list[list[int]]:
        ends = [_first_end(row, T, eos_id) for row in rows]
        if fill and eos_id is not None:
            rows = [
                row[:n] + [fill(row, n, eos_id)] * (len(row) - n)
                for row, n in zip(rows, ends, strict=True)
            ]
        return [row[: width(ends, len(rows[0]))] for row in rows]

    return end


_ended_right = _ended()


def _together(rows: list[list[int]], T: int, eos_id: int | None) -> list[list[int]]:
    """It only stops when all rows produce an end in the same step."""
    for width in range(T + 1, len(rows[0]) + 1):
        if eos_id is not None and all(row[width - 1] == eos_id for row in rows):
            return [row[:width] for row in rows]
    return rows


def _generate(
    model: Callable,
    prompt_ids: Tensor,
    max_new_tokens: int,
    eos_id: int | None = None,
    *,
    mask: Callable[[int], Tensor | None] = _causal,
    read: Callable[[Tensor, int], Tensor] = lambda logits, T: logits[-1],
    feed: Callable[[list[int], int], list[int]] = lambda tokens, T: tokens,
    count: Callable[[int, int], int] = lambda n, T: n,
    ends: Ends = _ended_right,
    result: Callable[[list[int], int], list[int]] = lambda row, T: row,
) -> Tensor:
    """Rows of full length, then ended as ``ends`` says; right when no knob is turned."""
    T = prompt_ids.shape[1]

    def next_logits(tokens: list[int]) -> list[float]:
        tokens = feed(tokens, T)
        return read(model(torch.tensor([tokens]), mask(len(tokens)))[0], T).tolist()

    n = count(max_new_tokens, T)
    rows = [definitions.greedy(next_logits, row, n) for row in prompt_ids.tolist()]
    return _ids([result(row, T) for row in ends(rows, T, eos_id)], prompt_ids)


def _special(name: str, title: str, explain: str) -> Special:
    return Special(name, Words(title, explain, GENERATION))


NO_NEW_TOKENS = _special(
    "no-new-tokens",
    "max_new_tokens = 0 goes wrong",
    "Nothing is to be generated: the result is a copy of the prompt.",
)
END_IS_0 = _special(
    "eos-zero",
    "an eos_id of 0 goes wrong",
    "0 is an id like any other, but `if eos_id:` takes it for None. Write `if eos_id is not None`.",
)
END_IN_PROMPT = _special(
    "eos-in-prompt",
    "an eos_id in the prompt counts as an end",
    "A row is finished once it has *generated* eos_id. In the prompt it may separate documents.",
)


RANDOM_AT_0 = _special(
    "random-at-0",
    "at temperature 0 it draws at random",
    "Temperature 0 must take the likeliest token: argmax of the logits, not multinomial. A small "
    "temperature in its place still leaves it to chance.",
)


def _generate_cases(generator: torch.Generator) -> list[Case]:
    draw = partial(torch.randint, generator=generator)
    ends = partial(_case_with_ends, generator)
    return [
        Case((_model(generator, 5), torch.tensor([[1, 4]]), 1)),
        Case((_model(generator, 7), draw(0, 7, (3, 4)), 6)),
        Case((_model(generator, 6), draw(0, 6, (2, 1)), 5)),
        Case((_model(generator, 9), draw(0, 9, (2, 3)), 0), special=NO_NEW_TOKENS),
        ends([[3], [5]], [[2, 5], [4, 5]], 6, eos_id=2),
        ends([[3, 4], [6, 6], [5, 3]], [[4], [2], [5]], 8, eos_id=1),
        ends([[5, 3], [3, 3], [6, 4], [7, 5]], [[3], [2], [], [5]], 7, eos_id=2),
        ends([[5, 3, 3, 4], [6, 1, 5, 5], [4, 2, 3, 7]], [[3], [5], [2]], 8, 0, END_IS_0),
        ends([[2, 5, 4], [3, 2, 1], [4, 0, 2]], [[4], [2], [3]], 7, 2, END_IN_PROMPT),
        ends([[2, 5, 4], [3, 0, 2]], [[], [3]], 7, 2, END_IN_PROMPT),
    ]


def _model(generator: torch.Generator, vocab_size: int) -> ToyModel:
    return ToyModel(vocab_size, int(torch.randint(0, 10**6, (), generator=generator)))


def _case_with_ends(
    generator: torch.Generator,
    prompt: list[list[int]],
    ends: list[list[int]],
    max_new_tokens: int,
    eos_id: int,
    special: Special | None = None,
) -> Case:
    """Each row's first end is its first number of new tokens; others come should it go on."""
    T = len(prompt[0])
    model = _model(generator, 8)
    for row, places in zip(prompt, ends, strict=True):
        model.end(row[0], eos_id, [T + n - 1 for n in places])
    return Case((model, torch.tensor(prompt), max_new_tokens), {"eos_id": eos_id}, special)


ENDING = (
    "A row is finished once it has generated eos_id; from then on it is filled with eos_id. "
    "Generation stops when all rows are finished, or after max_new_tokens."
)
POSITION = (
    "The logits at position t predict token t + 1, so the next token comes from the last position "
    "of all that is there: logits[:, -1]."
)
WORDS = {
    "wrong-position": Words(
        "the next token is not read from the last position", POSITION, GENERATION
    ),
    "own-output-unread": Words(
        "every token is predicted from the prompt alone",
        "A token that has been chosen is read again to choose the next one: call the model on all "
        "that is there, and take its last position.",
        GENERATION,
    ),
    "prompt-unread": Words(
        "the model is given the newest token only",
        "It keeps nothing between calls: give it all tokens, the prompt and those generated.",
        GENERATION,
    ),
    "not-causal": Words(
        "the model is called without a causal mask",
        "It was trained with one. Without it, the earlier positions see the later ones, which they "
        "never did in training, and the last position reads what they make of it.",
        MASK,
    ),
    "diagonal-too-many": Words(
        "the mask has one diagonal too many: each query sees the next token",
        "The diagonal itself is the last that is allowed: tril(diagonal=0).",
        MASK,
    ),
    "diagonal-blocked": Words(
        "the mask blocks the diagonal: a position does not see itself",
        "Position i must read its own token: it predicts the next one.",
        MASK,
    ),
    "inverted": Words(
        "the mask is upside down: True where attention is blocked",
        "Here, and in scaled_dot_product_attention, True = may attend.",
        MASK,
    ),
    "transposed": Words(
        "the mask hides the past: a position sees itself and at most the future",
        "Queries are rows and keys are columns: the allowed part is the lower triangle, tril().",
        MASK,
    ),
    "number-mask": Words(
        "the mask is made of numbers, not of booleans",
        "True = may attend: torch.ones(T, T, dtype=torch.bool).tril().",
        MASK,
    ),
    "no-mask": Words(
        "the model is called without a mask",
        "It takes model(input_ids, attn_mask), with a causal mask: True = may attend.",
        MASK,
    ),
    "sampled-at-0": Words(
        "it divides by a temperature of 0",
        "Temperature 0 means greedy: take argmax and do not divide.",
        GENERATION,
    ),
    "least-likely": Words(
        "it takes the least likely token", "Greedy takes the largest logit: argmax.", GENERATION
    ),
    "eos-ignored": Words("eos_id is ignored", ENDING, GENERATION),
    "not-filled": Words("a finished row goes on generating", ENDING, GENERATION),
    "stops-together": Words("it stops only if all rows end in the same step", ENDING, GENERATION),
    "never-stops": Words("it does not stop when all rows are finished", ENDING, GENERATION),
    "stops-late": Words(
        "it stops one step after all rows are finished",
        "The step in which the last row ends is the last one.",
        GENERATION,
    ),
    "end-dropped": Words(
        "the last end is missing: it stops before the token is appended",
        "eos_id belongs to the text. Append the token, then see whether all rows are finished.",
        GENERATION,
    ),
    "filled-wrongly": Words(
        "finished rows are not filled with eos_id", ENDING, GENERATION
    ),
    "stops-too-early": Words("it stops when the first row is finished", ENDING, GENERATION),
    "no-prompt": Words(
        "the prompt is missing from the result",
        "The result is (B, ≤ T + max_new_tokens): the prompt, then what was generated.",
        GENERATION,
    ),
    "prompt-last": Words(
        "the new tokens stand before the prompt",
        "A new token goes to the end: torch.cat([ids, token[:, None]], dim=1).",
        GENERATION,
    ),
    "wrong-count": Words(
        "the number of new tokens is wrong",
        "max_new_tokens is the number of new tokens; the prompt is not counted.",
        GENERATION,
    ),
}  # fmt: skip


def _square(T: int) -> Tensor:
    return torch.ones(T, T, dtype=torch.bool)


def _divide_by_0(logits: Tensor, T: int) -> Tensor:
    torch.multinomial((logits[-1:] / 0.0).softmax(-1), 1)  # raises an error, as the learner's does
    return logits[-1]


def _any(ends: list[int], limit: int) -> int:
    return min(ends)


def _never(ends: list[int], limit: int) -> int:
    return limit


RULES: Rules = (
    ("wrong-position", {"read": lambda logits, T: logits[-2:][0]}),
    ("wrong-position", {"read": lambda logits, T: logits[0]}),
    ("wrong-position", {"read": lambda logits, T: logits.mean(0)}),
    ("own-output-unread", {"feed": lambda tokens, T: tokens[:T]}),
    ("prompt-unread", {"feed": lambda tokens, T: tokens[-1:]}),
    ("prompt-unread", {"feed": lambda tokens, T: tokens[T:] or tokens}),
    ("prompt-unread", {"feed": lambda tokens, T: tokens if len(tokens) == T else tokens[-1:]}),
    ("not-causal", {"mask": _square}),
    ("diagonal-too-many", {"mask": lambda T: _square(T).tril(1)}),
    ("diagonal-blocked", {"mask": lambda T: _square(T).tril(-1)}),
    ("inverted", {"mask": lambda T: _square(T).triu(1)}),
    ("transposed", {"mask": lambda T: _square(T).triu()}),
    *(
        ("number-mask", {"mask": lambda T, dtype=dtype: _causal(T).to(dtype)})
        for dtype in (torch.float32, torch.int64, torch.int32, torch.uint8)
    ),
    ("no-mask", {"mask": lambda T: None}),
    ("sampled-at-0", {"read": _divide_by_0}),
    ("least-likely", {"read": lambda logits, T: -logits[-1]}),
    ("eos-ignored", {"ends": _ended(fill=None, width=_never)}),
    ("not-filled", {"ends": _ended(fill=None)}),
    ("stops-together", {"ends": _together}),
    ("never-stops", {"ends": _ended(width=_never)}),
    ("stops-late", {"ends": _ended(width=lambda ends, limit: max(ends) + 1)}),
    ("end-dropped", {"ends": _ended(width=lambda ends, limit: max(ends) - (max(ends) < limit))}),
    ("filled-wrongly", {"ends": _ended(fill=lambda row, n, eos: 0)}),
    ("filled-wrongly", {"ends": _ended(fill=lambda row, n, eos: 0, width=_never)}),
    ("filled-wrongly", {"ends": _ended(fill=lambda row, n, eos: -100)}),
    ("stops-too-early", {"ends": _ended(fill=None, width=_any)}),
    ("no-prompt", {"result": lambda row, T: row[T:]}),
    ("prompt-last", {"result": lambda row, T: row[T:] + row[:T]}),
    ("wrong-count", {"count": lambda n, T: n + 1}),
    ("wrong-count", {"count": lambda n, T: max(n - 1, 0)}),
    ("wrong-count", {"count": lambda n, T: max(n - T, 0)}),
)

GENERATE = Spec(
    "generate",
    ("model", "prompt_ids", "max_new_tokens"),
    GENERATION,
    _oracle_generate,
    _generate_cases,
    mistakes(WORDS, _generate, RULES),
    PROPERTIES,
    by_chance=RANDOM_AT_0,
)
