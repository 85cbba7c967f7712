"""How ``generate`` draws: from the right distribution, with the generator it is given."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from labtools import definitions
from labtools.checks.calling import Outcome
from labtools.checks.ch03_clm.sections import GENERATION
from labtools.checks.drawing import show
from labtools.checks.properties import only_this_generator
from labtools.checks.report import Diagnosis
from labtools.checks.spec import Property, Words
from labtools.checks.toy_model import ToyModel
from labtools.checks.values import agree

Probs = list[float]
ROWS, DRAWS = 48, 16
# two kinds of rows, which take turns; the first token says which kind a row is
LOGITS = ([0.0, 2.5, -1.0, 1.0, -2.0, 0.5, -0.5, -3.5], [1.5, -1.5, 0.7, -4.0, 4.0, 0.1, -0.6, 2.2])
SETTINGS = ((0.5, None), (2.0, 3), (1.0, 8))  # temperature, top_k


def _model(input_ids: Tensor, attn_mask: Tensor) -> Tensor:
    return torch.tensor(LOGITS)[input_ids[:, :1]].expand(*input_ids.shape, -1).clone()


def _sampling_goes_wrong(answer: Callable) -> Diagnosis | None:
    for temperature, top_k in SETTINGS:
        prompt = torch.arange(2).repeat(ROWS // 2)[:, None]
        generator = torch.Generator().manual_seed(11)
        kwargs = {"temperature": temperature, "top_k": top_k, "generator": generator}
        value = answer(_model, prompt, DRAWS, **kwargs).value
        given = (
            f"  prompt_ids {tuple(prompt.shape)}, {DRAWS} new tokens, {temperature = }, {top_k = }"
        )
        diagnosis = _wrong_kind(value, given) or _wrong_draws(value[:, 1:], temperature, top_k)
        if diagnosis:
            return diagnosis
    return None


def _wrong_kind(value: Tensor, given: str) -> Diagnosis | None:
    shape = (ROWS, 1 + DRAWS)
    if isinstance(value, Tensor) and value.shape == shape and value.dtype == torch.int64:
        return None
    got = f"{tuple(value.shape)} {value.dtype}" if isinstance(value, Tensor) else repr(value)
    title = f"when sampling, the result is {got}, expected {shape} torch.int64"
    return Diagnosis(title, "", given, GENERATION, "wrong-kind-when-sampling")


def _wrong_draws(drawn: Tensor, temperature: float, top_k: int | None) -> Diagnosis | None:
    seen = [_frequencies(drawn[kind::2]) for kind in range(2)]
    truth = [definitions.sampling_probs(z, temperature, top_k) for z in LOGITS]
    named = _pattern(drawn)
    if _all_plausible(seen, truth) and not named:
        return None
    where = "\n".join(
        [
            f"  {temperature = }, {top_k = }, {drawn.numel() // 2} tokens drawn from the logits",
            f"                    {_line(LOGITS[0])}",
            f"  your frequencies  {_line(seen[0])}",
            f"  expected          {_line(truth[0])}",
            "  and from the logits",
            f"                    {_line(LOGITS[1])}",
            f"  your frequencies  {_line(seen[1])}",
            f"  expected          {_line(truth[1])}",
        ]
    )
    named = named or _known_distribution(seen, temperature, top_k)
    name, title = named or (None, "it samples from the wrong distribution")
    return Diagnosis(title, EXPLAIN, where, GENERATION, name)


EXPLAIN = (
    "Each row draws for itself, in each step anew, from softmax(logits / temperature) over its "
    "top_k largest logits."
)


def _line(numbers: Probs) -> str:
    return " ".join(f"{x:5.2f}" for x in numbers[:8])


def _frequencies(drawn: Tensor) -> Probs:
    counts = torch.bincount(drawn.flatten().clamp(0, 8), minlength=9)  # 8 for an id that is none
    return (counts / counts.sum()).tolist()


def _all_plausible(seen: list[Probs], probs: list[Probs]) -> bool:
    return all(_plausible(s, p) for s, p in zip(seen, probs, strict=True))


def _plausible(seen: Probs, probs: Probs) -> bool:
    """Whether n draws could have these frequencies.

    n · KL(seen ‖ probs) exceeds x with a chance of at most (e x / 7)^7 e^−x for 8 tokens [Agrawal
    2020]: 1e-8 for 38.
    """
    terms = zip(seen, [*probs, 0.0], strict=True)
    divergence = sum(s * math.log(s / p) if p else math.inf for s, p in terms if s)
    return ROWS // 2 * DRAWS * divergence < 38


def _pattern(drawn: Tensor) -> tuple[str, str] | None:
    """What no row that draws for itself, each step anew, would show."""
    kinds = [drawn[kind::2] for kind in range(2)]
    if all(
        (rows == max(range(8), key=z.__getitem__)).all()
        for rows, z in zip(kinds, LOGITS, strict=True)
    ):
        return "always-greedy", "it always takes the likeliest token"
    if all((rows == rows[0]).all() for rows in kinds):
        return "shared-draw", "all rows draw the same token"
    if (drawn == drawn[:, :1]).all():
        return "reseeded", "every step draws the same: a generator is made or seeded in the loop"
    return None


def _known_distribution(
    seen: list[Probs], temperature: float, top_k: int | None
) -> tuple[str, str] | None:
    for name, title, rule in _rules(temperature, top_k, top_k or len(LOGITS[0])):
        if _all_plausible(seen, [rule(z) for z in LOGITS]):
            return name, title
    return None


def _rules(
    temperature: float, top_k: int | None, k: int
) -> tuple[tuple[str, str, Callable[[list[float]], Probs]], ...]:
    """What would be drawn from logits z by those who make a known mistake."""
    probs = definitions.sampling_probs
    return (
        (
            "temperature-multiplied",
            "the logits are multiplied by the temperature, not divided",
            lambda z: probs(z, 1 / temperature, top_k),
        ),
        (
            "temperature-ignored",
            "the temperature has no effect (dividing the probabilities by it has none)",
            lambda z: probs(z, 1.0, top_k),
        ),
        ("top-k-ignored", "top_k is ignored", lambda z: probs(z, temperature)),
        ("top-k-off-by-one", "one token too many is kept", lambda z: probs(z, temperature, k + 1)),
        ("top-k-off-by-one", "one token too few is kept", lambda z: probs(z, temperature, k - 1)),
        ("uniform", "all kept tokens are drawn equally often", lambda z: probs(z, 1e9, top_k)),
        (
            "bottom-k",
            "the least likely tokens are kept, not the likeliest",
            lambda z: _weigh(z, temperature, lambda x: x <= sorted(z)[k - 1]),
        ),
        (
            "top-k-rank",
            "a place among the top_k is taken for a token: look its id up in topk's indices",
            lambda z: probs(sorted(z, reverse=True)[:k], temperature) + [0.0] * (len(z) - k),
        ),
        (
            "top-k-zeroed",
            "tokens outside the top_k get the logit 0, which is a probability like any other: −∞",
            lambda z: probs([x if x >= _kth(z, k) else 0.0 for x in z], temperature),
        ),
        (
            "wrong-axis",
            "softmax was taken over the batch, not over the vocabulary",
            lambda z: _over_batch(z, temperature, k),
        ),
    )


def _kth(z: list[float], k: int) -> float:
    return sorted(z, reverse=True)[k - 1]


def _weigh(z: list[float], temperature: float, kept: Callable[[float], bool]) -> Probs:
    weights = [math.exp(x / temperature) if kept(x) else 0.0 for x in z]
    return [w / sum(weights) for w in weights]


def _over_batch(z: list[float], temperature: float, k: int) -> Probs:
    kept = [[math.exp(x / temperature) * (x >= _kth(row, k)) for x in row] for row in LOGITS]
    shares = [
        w / (a + b) if w else 0.0 for w, a, b in zip(kept[LOGITS.index(z)], *kept, strict=True)
    ]
    return [s / sum(shares) for s in shares]


def _generate_eight(answer: Callable, generator: torch.Generator) -> Outcome:
    prompt = torch.tensor([[1, 4, 5]]).repeat(6, 1)
    outcome: Outcome = answer(ToyModel(7, 3), prompt, 8, temperature=3.0, generator=generator)
    return outcome


def _fails_without_generator(answer: Callable) -> str | None:
    answer(ToyModel(7, 3), torch.tensor([[1, 4]]), 3, temperature=1.0)
    return None


def _ends_differently_when_sampling(answer: Callable) -> str | None:
    """With top_k = 1 sampling is greedy, ends included."""
    model = ToyModel(6, 4)
    model.end(3, 2, [4])
    model.end(4, 2, [3])
    prompt = torch.tensor([[3, 4], [4, 4], [5, 0]])
    greedy = answer(model, prompt, 7, eos_id=2).value
    drawn = answer(model, prompt, 7, eos_id=2, temperature=0.7, top_k=1).value
    if agree(greedy, drawn):
        return None
    return f"  temperature = 0: {show(greedy)}\n  temperature = 0.7, top_k = 1: {show(drawn)}"


PROPERTIES = (
    Property("sampling", Words("sampling", "", GENERATION), _sampling_goes_wrong),
    only_this_generator(
        Words(
            "the generator is not used as it should be",
            "Hand it to the function that draws: "
            "torch.multinomial(probs, 1, generator=generator). None is PyTorch's own.",
            GENERATION,
        ),
        _generate_eight,
    ),
    Property(
        "needs-generator",
        Words("it fails without a generator", "None means PyTorch's own.", GENERATION),
        _fails_without_generator,
    ),
    Property(
        "sampling-differs",
        Words(
            "with top_k = 1 only the likeliest token is left, so sampling should equal greedy",
            "Ends, too, are treated alike whether a token was drawn or taken greedily.",
            GENERATION,
        ),
        _ends_differently_when_sampling,
    ),
)
