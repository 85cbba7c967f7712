"""The book's equations in plain Python: one sequence, index by index, slow and obvious.

This is what the checks hold a learner's answer against. Nothing here is batched, and positions
count from 0. ``None`` stands for "nothing to score".
"""

import math
from collections.abc import Callable, Sequence
from typing import TypeVar

Token = TypeVar("Token")  # an id, or a word: these only move tokens about


def log_softmax(logits: Sequence[float]) -> list[float]:
    """log p(v) = z_v − log Σ_u exp z_u, with the largest logit taken out of the sum."""
    top = max(logits)
    log_sum = top + math.log(sum(math.exp(z - top) for z in logits))
    return [z - log_sum for z in logits]


def next_token_targets(tokens: Sequence[int]) -> list[int | None]:
    """What each position is scored against: the next token; the last position has none."""
    return [tokens[t + 1] if t + 1 < len(tokens) else None for t in range(len(tokens))]


def packed_targets(tokens: Sequence[int], documents: Sequence[int]) -> list[int | None]:
    """The next token where it is of the same document; −1 is padding, which is no document."""
    return [
        target if target is not None and documents[t] == documents[t + 1] != -1 else None
        for t, target in enumerate(next_token_targets(tokens))
    ]


def mlm_targets(tokens: Sequence[int], selected: Sequence[bool]) -> list[int | None]:
    """What each position is scored against: its own token, as it was, where it is selected."""
    return [token if chosen else None for token, chosen in zip(tokens, selected, strict=True)]


def nll(logits: Sequence[Sequence[float]], targets: Sequence[int | None]) -> list[float]:
    """−log p(target | what the position sees) where there is a target, in nats.

    Of next-token targets this is −log p(x_{t+1} | x_{≤t}), of MLM's −log p(x_t | visible).
    """
    return [
        -log_softmax(logits[t])[target] for t, target in enumerate(targets) if target is not None
    ]


def pseudo_log_likelihood(
    logits: Callable[[list[int]], Sequence[Sequence[float]]],
    tokens: Sequence[int],
    scored: Sequence[bool],
    mask: int,
) -> float:
    """Σ_t log p(x_t | all other tokens) over the ``scored`` positions.

    ``logits`` is the model: from tokens to the logits at every position. The token that is scored
    is hidden behind ``mask``, alone.
    """
    total = 0.0
    for t, token in enumerate(tokens):
        if scored[t]:
            hidden = [*tokens[:t], mask, *tokens[t + 1 :]]
            total += log_softmax(logits(hidden)[t])[token]
    return total


def mean(nll: Sequence[float]) -> float:
    """Σ nll / N, and 0 when nothing is scored."""
    return sum(nll) / len(nll) if nll else 0.0


def perplexity(nll: Sequence[float]) -> float:
    """exp(Σ nll / N): between how many equally likely tokens the model hesitates, on average."""
    return math.exp(mean(nll))


def bits_per_byte(nll: Sequence[float], n_bytes: int) -> float:
    """Σ nll / (n_bytes · ln 2): the whole text's cost in bits, spread over its bytes."""
    return sum(nll) / (n_bytes * math.log(2))


def causal(i: int, j: int, before: int = 0) -> bool:
    """Query i may see key j when j is not later; ``before`` keys stand before the first query.

    With T queries and S keys the queries are the last positions: ``before`` is S − T.
    """
    return j <= i + before


def sliding_window(i: int, j: int, window: int) -> bool:
    """Query i may see the ``window`` keys that end with its own."""
    return causal(i, j) and i - j < window


def real_key(j: int, length: int) -> bool:
    """Of a row with padding to the right, the first ``length`` keys may be seen."""
    return j < length


def document_causal(documents: Sequence[int], i: int, j: int) -> bool:
    """Query i may see key j of the same document when j is not later; padding is no document."""
    return causal(i, j) and documents[i] == documents[j] != -1


def attention(
    query: Sequence[float],
    keys: Sequence[Sequence[float]],
    values: Sequence[Sequence[float]],
    visible: Sequence[bool],
) -> tuple[list[float], list[float]]:
    """Output and weights of one query: softmax of q·k_j / √K over the keys it sees, Σ_j w_j v_j.

    A query that sees no key has weights of 0 and an output of 0.
    """
    seen = [j for j, sees in enumerate(visible) if sees]
    weights = [0.0] * len(keys)
    if seen:
        scores = [dot(query, keys[j]) / math.sqrt(len(query)) for j in seen]
        for j, log_weight in zip(seen, log_softmax(scores), strict=True):
            weights[j] = math.exp(log_weight)
    return [dot(weights, column) for column in zip(*values, strict=True)], weights


def dot(a: Sequence[float], b: Sequence[float]) -> float:
    """Σ_i a_i b_i."""
    return sum(x * y for x, y in zip(a, b, strict=True))


def greedy(
    next_logits: Callable[[list[int]], Sequence[float]],
    prompt: Sequence[int],
    max_new_tokens: int,
    eos: int | None = None,
) -> list[int]:
    """The prompt and its continuation: the likeliest token each time, until <eos> or the limit."""
    tokens = list(prompt)
    for _ in range(max_new_tokens):
        logits = list(next_logits(tokens))
        tokens.append(logits.index(max(logits)))
        if tokens[-1] == eos:
            break
    return tokens


def sampling_probs(
    logits: Sequence[float], temperature: float, top_k: int | None = None
) -> list[float]:
    """p(v) ∝ exp(z_v / τ) over the ``top_k`` largest logits, 0 elsewhere."""
    kept = sorted(logits, reverse=True)[:top_k]
    weights = [math.exp((z - kept[0]) / temperature) if z >= kept[-1] else 0.0 for z in logits]
    return [w / sum(weights) for w in weights]


def decoder_inputs(labels: Sequence[int | None], start: int, pad: int) -> list[int]:
    """What the decoder reads: the start token, then every label but the last.

    ``None`` is padding, which the decoder reads as ``pad``.
    """
    return [start, *(pad if label is None else label for label in labels[:-1])][: len(labels)]


def decoder_causal(labels: Sequence[int | None], i: int, j: int) -> bool:
    """Query i may see key j when j is not later and the decoder reads a token there.

    At 0 it reads the start token, whatever its id; at j the label before, if there is one.
    """
    return causal(i, j) and (j == 0 or labels[j - 1] is not None)


def smoothed_nll(logits: Sequence[float], target: int, epsilon: float) -> float:
    """(1 − ε)(−log p(y)) + ε/V Σ_v −log p(v): the target gives a share ε to all V evenly."""
    costs = [-log_prob for log_prob in log_softmax(logits)]
    return (1 - epsilon) * costs[target] + epsilon * mean(costs)


def noise_spans(noise: Sequence[bool]) -> list[tuple[int, int]]:
    """Every longest run of noise, as (start, length)."""
    starts = [t for t, is_noise in enumerate(noise) if is_noise and (t == 0 or not noise[t - 1])]
    after = [next((e for e in range(s, len(noise)) if not noise[e]), len(noise)) for s in starts]
    return [(start, end - start) for start, end in zip(starts, after, strict=True)]


def span_corruption(
    tokens: Sequence[Token], noise: Sequence[bool], sentinels: Sequence[Token], end: Token
) -> tuple[list[Token], list[Token]]:
    """Source and target of T5: each span of noise changes places with a sentinel of its own.

    One more sentinel closes the last span of the target.
    """
    source: list[Token] = []
    target: list[Token] = []
    read = 0
    spans = noise_spans(noise)
    for sentinel, (start, length) in zip(sentinels, spans, strict=False):
        source += [*tokens[read:start], sentinel]
        read = start + length
        target += [sentinel, *tokens[start:read]]
    return [*source, *tokens[read:], end], [*target, sentinels[len(spans)], end]


def infilled(tokens: Sequence[Token], spans: Sequence[tuple[int, int]], mask: Token) -> list[Token]:
    """Source of BART: each span (start, length) becomes one mask; of length 0, it inserts one."""
    source: list[Token] = []
    read = 0
    for start, length in spans:
        source += [*tokens[read:start], mask]
        read = start + length
    return [*source, *tokens[read:]]


def fill_in_middle(
    tokens: Sequence[Token],
    start: int,
    end: int,
    prefix: Token,
    middle: Token,
    suffix: Token,
    suffix_first: bool = False,
) -> list[Token]:
    """The text with tokens[start:end] moved to its end, each part behind a mark of its own."""
    before, after = [prefix, *tokens[:start]], [suffix, *tokens[end:]]
    context = after + before if suffix_first else before + after
    return [*context, middle, *tokens[start:end]]
