"""Text from the model, token by token: ``generate``."""

import math
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from labtools import definitions
from labtools.checks.calling import call
from labtools.checks.ch03_clm.sections import GENERATION
from labtools.checks.engine import Case, Mistake, Property, Spec, agree
from labtools.checks.report import Diagnosis
from labtools.model import DecoderOnly, ModelConfig
from labtools.vocab import pad_id


def _toy_model(vocab_size: int, seed: int) -> Callable:
    """A random two-layer model that reacts to every token, to its place and to the mask."""
    with torch.random.fork_rng():
        net = DecoderOnly(ModelConfig(vocab_size, context_len=32, n_heads=2, d_model=16))
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in net.parameters():
            weight.copy_(0.5 * torch.randn(weight.shape, generator=generator))

    @torch.no_grad()
    def model(input_ids: Tensor, attn_mask: Tensor) -> Tensor:
        return net(input_ids, attn_mask)

    return model


def _causal(T: int) -> Tensor:
    return torch.tensor([[definitions.causal(i, j) for j in range(T)] for i in range(T)])


def _next_logits(model: Callable, tokens: list[int], read: int = -1, leak: bool = False) -> list:
    T = len(tokens)
    mask = torch.ones(T, T, dtype=torch.bool) if leak else _causal(T)
    return model(torch.tensor([tokens]), mask)[0, max(read, -T)].tolist()


def _oracle_generate(
    model: Callable, prompt_ids: Tensor, max_new_tokens: int, eos_id: int | None = None
) -> Tensor:
    rows = [
        definitions.greedy(partial(_next_logits, model), prompt, max_new_tokens, eos_id)
        for prompt in prompt_ids.tolist()
    ]
    longest = max(len(row) for row in rows)
    return torch.tensor([row + [eos_id] * (longest - len(row)) for row in rows])


def _generate(
    model: Callable,
    prompt_ids: Tensor,
    max_new_tokens: int,
    eos_id: int | None = None,
    *,
    ends: Callable[[list[list[int]], int, int | None], list[list[int]]] | None = None,
    extra: int = 0,
    **knobs,
) -> Tensor:
    """Rows generated to the full length, then ended as ``ends`` says (right when left out)."""
    T = prompt_ids.shape[1]
    rows = [
        definitions.greedy(partial(_next_logits, model, **knobs), p, max_new_tokens + extra)
        for p in prompt_ids.tolist()
    ]
    return torch.tensor((ends or _ends_right)(rows, T, eos_id))


def _first_eos(row: list[int], T: int, eos_id: int | None) -> int:
    """How long the row is up to and with its first generated <eos>."""
    return row.index(eos_id, T) + 1 if eos_id in row[T:] else len(row)


def _filled(rows: list[list[int]], T: int, eos_id: int | None, fill: int | None) -> list[list[int]]:
    ends = [_first_eos(row, T, eos_id) for row in rows]
    return [row[:n] + [fill] * (len(row) - n) for row, n in zip(rows, ends, strict=True)]


def _cut(rows: list[list[int]], width: int) -> list[list[int]]:
    return [row[:width] for row in rows]


def _longest(rows: list[list[int]], T: int, eos_id: int | None) -> int:
    return max(_first_eos(row, T, eos_id) for row in rows)


def _ends_right(rows: list, T: int, eos_id: int | None) -> list:
    return _cut(_filled(rows, T, eos_id, eos_id), _longest(rows, T, eos_id))


def _ends_unstopped(rows: list, T: int, eos_id: int | None) -> list:
    return _filled(rows, T, eos_id, eos_id)


def _ends_unfilled(rows: list, T: int, eos_id: int | None) -> list:
    return _cut(rows, _longest(rows, T, eos_id))


def _ends_padded(rows: list, T: int, eos_id: int | None) -> list:
    return _cut(_filled(rows, T, eos_id, pad_id), _longest(rows, T, eos_id))


def _ends_padded_unstopped(rows: list, T: int, eos_id: int | None) -> list:
    return _filled(rows, T, eos_id, pad_id)


def _ends_with_first(rows: list, T: int, eos_id: int | None) -> list:
    return _cut(rows, min(_first_eos(row, T, eos_id) for row in rows))


def _ends_together(rows: list, T: int, eos_id: int | None) -> list:
    """Only stops when all rows produce <eos> in the same step."""
    for width in range(T + 1, len(rows[0]) + 1):
        if eos_id is not None and all(row[width - 1] == eos_id for row in rows):
            return _cut(rows, width)
    return rows


def _ends_never(rows: list, T: int, eos_id: int | None) -> list:
    return rows


def _ends_without_prompt(rows: list, T: int, eos_id: int | None) -> list:
    return [row[T:] for row in _ends_right(rows, T, eos_id)]


def _ends_by_prompt(rows: list, T: int, eos_id: int | None) -> list:
    """An <eos> in the prompt counts as the end."""
    if eos_id is None:
        return rows
    ends = [T if eos_id in row[:T] else _first_eos(row, T, eos_id) for row in rows]
    width = max(T, *ends) if len(ends) > 1 else max(T, ends[0])
    return [(row[:n] + [eos_id] * len(row))[:width] for row, n in zip(rows, ends, strict=True)]


def _generate_cases(generator: torch.Generator) -> list[Case]:
    seed = int(torch.randint(0, 1000, (), generator=generator))
    cases = [Case((_toy_model(5, seed), torch.tensor([[1, 4]]), 1))]
    for B, T, V, n in ((3, 4, 7, 6), (1, 1, 6, 5), (4, 2, 9, 8)):
        model = _toy_model(V, seed + V)
        prompt = torch.randint(0, V, (B, T), generator=generator)
        cases += [Case((model, prompt, n)), Case((model, prompt, 0))]
        cases += [
            Case((model, prompt, n), {"eos_id": eos}) for eos in _telling_eos(model, prompt, n)
        ]
    return cases


def _telling_eos(model: Callable, prompt: Tensor, n: int) -> list[int]:
    """Ends that tell the rules apart: rows that finish at different steps, an end in a prompt."""
    rows = _oracle_generate(model, prompt, n).tolist()
    T = prompt.shape[1]
    spread = {
        eos: len({_first_eos(row, T, eos) for row in rows})
        for eos in {v for row in rows for v in row[T:]}
    }
    by_spread = sorted(spread, key=lambda eos: (-spread[eos], eos))
    in_prompt = [rows[0][0]] if T > 1 else []
    return by_spread[:2] + in_prompt


def _sampling_goes_wrong(function: Callable) -> Diagnosis | None:
    """Sample 10,000 tokens from known logits and compare their frequencies with the definition.

    A frequency of n draws is further than sqrt(ln(2/δ) / 2n) from its probability with a chance of
    at most δ [Hoeffding 1963]; δ = 1e-8 for each of 24 frequencies.
    """
    logits = [0.0, 2.0, -1.0, 1.0, -2.0, 0.5, -0.5, -1.5]
    for temperature, top_k in ((0.5, None), (2.0, 3), (1.0, 5)):
        seen, outcome = _frequencies(function, logits, temperature, top_k)
        if outcome is not None:
            return outcome
        truth = definitions.sampling_probs(logits, temperature, top_k)
        if not _plausible(seen, truth):
            return _name_sampling(seen, logits, temperature, top_k)
    return None


ROWS, DRAWS = 200, 50


def _frequencies(
    function: Callable, logits: list[float], temperature: float, top_k: int | None
) -> tuple[list[float], Diagnosis | None]:
    def model(input_ids: Tensor, attn_mask: Tensor) -> Tensor:
        return torch.tensor(logits).expand(*input_ids.shape, -1)

    prompt = torch.full((ROWS, 1), 5)
    kwargs = {"temperature": temperature, "top_k": top_k}
    kwargs["generator"] = torch.Generator().manual_seed(11)
    outcome = call(function, (model, prompt, DRAWS), kwargs)
    given = f"generate of a prompt (200, 1), 50 new tokens, {temperature = }, {top_k = }"
    if outcome.error is not None:
        title = f"it raised {type(outcome.error).__name__}: {outcome.error}"
        return [], Diagnosis(title, outcome.line, given, GENERATION, "raised")
    shape = (ROWS, 1 + DRAWS)
    if not isinstance(outcome.value, Tensor) or outcome.value.shape != shape:
        got = getattr(outcome.value, "shape", type(outcome.value).__name__)
        title = f"wrong shape when sampling: {got}, expected {shape}"
        return [], Diagnosis(title, "", given, GENERATION, "wrong-shape")
    counts = torch.bincount(outcome.value[:, 1:].flatten(), minlength=len(logits))
    return (counts / counts.sum()).tolist(), None


def _plausible(seen: list[float], probs: list[float]) -> bool:
    far = math.sqrt(math.log(2 / 1e-8) / (2 * ROWS * DRAWS))
    return all(abs(s - p) <= far and (p > 0 or s == 0) for s, p in zip(seen, probs, strict=True))


def _name_sampling(
    seen: list[float], logits: list[float], temperature: float, top_k: int | None
) -> Diagnosis:
    probs = definitions.sampling_probs
    greedy = [float(z == max(logits)) for z in logits]
    k = top_k or len(logits)
    rules = (
        ("always-greedy", "it always takes the likeliest token", greedy),
        (
            "temperature-multiplied",
            "the logits are multiplied by the temperature, not divided",
            probs(logits, 1 / temperature, top_k),
        ),
        ("temperature-ignored", "the temperature is ignored", probs(logits, 1.0, top_k)),
        ("top-k-ignored", "top_k is ignored", probs(logits, temperature)),
        ("top-k-off-by-one", "one token too many is kept", probs(logits, temperature, k + 1)),
        ("top-k-off-by-one", "one token too few is kept", probs(logits, temperature, k - 1)),
        ("uniform", "all kept tokens are drawn equally often", _uniform(logits, top_k)),
        (
            "bottom-k",
            "the least likely tokens are kept, not the likeliest",
            _bottom(logits, temperature, k),
        ),
        (
            "temperature-on-probs",
            "the probabilities are divided by the temperature, which changes nothing",
            probs(logits, 1.0, top_k),
        ),
    )
    truth = probs(logits, temperature, top_k)
    where = "\n".join(
        [
            f"  {temperature = }, {top_k = }, 10,000 tokens drawn from logits {logits}",
            "  your frequencies  " + " ".join(f"{s:.3f}" for s in seen),
            "  expected          " + " ".join(f"{p:.3f}" for p in truth),
        ]
    )
    explain = "Sample from softmax(logits / temperature) over the top_k largest logits."
    for name, title, rule in rules:
        if _plausible(seen, rule):
            return Diagnosis(title, explain, where, GENERATION, name)
    return Diagnosis("it samples from the wrong distribution", explain, where, GENERATION)


def _uniform(logits: list[float], top_k: int | None) -> list[float]:
    return definitions.sampling_probs(logits, 1e9, top_k)


def _bottom(logits: list[float], temperature: float, k: int) -> list[float]:
    kept = sorted(logits)[:k]
    weights = [math.exp(z / temperature) if z in kept else 0.0 for z in logits]
    return [w / sum(weights) for w in weights]


def _generator_is_ignored(function: Callable) -> str | None:
    model, prompt = _toy_model(7, 3), torch.tensor([[1, 4, 5]]).repeat(6, 1)
    draws = []
    with torch.random.fork_rng():
        for global_seed, seed in ((1, 5), (2, 5), (3, 6)):
            torch.manual_seed(global_seed)
            kwargs = {"temperature": 3.0, "generator": torch.Generator().manual_seed(seed)}
            draws.append(call(function, (model, prompt, 8), kwargs).value)
    if not agree(draws[0], draws[1]):
        return "  Two generators with the same seed gave different texts."
    if agree(draws[0], draws[2]):
        return "  Two generators with different seeds gave the same text."
    return None


def _without_generator(function: Callable) -> str | None:
    with torch.random.fork_rng():
        outcome = call(
            function, (_toy_model(7, 3), torch.tensor([[1, 4]]), 3), {"temperature": 1.0}
        )
    if outcome.error is None:
        return None
    return f"  It raised {type(outcome.error).__name__}: {outcome.error}"


def _end_mistake(name: str, title: str, ends: Callable) -> Mistake:
    explain = (
        "A row is finished once it has generated eos_id; from then on it is filled with eos_id. "
        "Generation stops when all rows are finished, or after max_new_tokens."
    )
    return Mistake(name, title, explain, GENERATION, partial(_generate, ends=ends))


GENERATE = Spec(
    "generate",
    ("model", "prompt_ids", "max_new_tokens"),
    GENERATION,
    _oracle_generate,
    _generate_cases,
    (
        *(
            Mistake(
                "reads-wrong-position",
                title,
                "The logits at position t predict token t + 1, so the next token comes from the "
                "last position: logits[:, -1].",
                GENERATION,
                partial(_generate, read=read),
            )
            for read, title in (
                (-2, "the next token is read from the last position but one"),
                (-99, "the next token is read from the first position"),
            )
        ),
        Mistake(
            "not-causal",
            "the model is called without a causal mask",
            "It was trained with one. Without it, the earlier positions see the later ones, which "
            "they never did in training, and the last position reads what they make of it.",
            GENERATION,
            partial(_generate, leak=True),
        ),
        _end_mistake("eos-ignored", "eos_id is ignored", _ends_never),
        _end_mistake("not-filled", "a finished row goes on generating", _ends_unfilled),
        _end_mistake(
            "not-filled", "it stops only if all rows end in the same step", _ends_together
        ),
        _end_mistake("never-stops", "it does not stop when all rows are finished", _ends_unstopped),
        _end_mistake("filled-with-pad", "finished rows are filled with pad_id", _ends_padded),
        _end_mistake(
            "filled-with-pad", "finished rows are filled with pad_id", _ends_padded_unstopped
        ),
        _end_mistake(
            "stops-too-early", "it stops when the first row is finished", _ends_with_first
        ),
        _end_mistake("eos-in-prompt", "an eos_id in the prompt counts as an end", _ends_by_prompt),
        _end_mistake("no-prompt", "the prompt is missing from the result", _ends_without_prompt),
        *(
            Mistake(
                "wrong-count",
                f"it generates one token {word}",
                "max_new_tokens is the number of new tokens; the prompt is not counted.",
                GENERATION,
                partial(_generate, extra=extra),
            )
            for extra, word in ((1, "too many"), (-1, "too few"))
        ),
    ),
    (
        Property("sampling", "sampling", "", GENERATION, _sampling_goes_wrong),
        Property(
            "generator-ignored",
            "the generator is not used as it should be",
            "Hand it to the function that draws: torch.multinomial(probs, 1, generator=generator).",
            GENERATION,
            _generator_is_ignored,
        ),
        Property(
            "needs-generator",
            "it fails when no generator is given",
            "generator=None is the default and means PyTorch's own.",
            GENERATION,
            _without_generator,
        ),
    ),
)
