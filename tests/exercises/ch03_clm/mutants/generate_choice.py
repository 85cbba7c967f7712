"""Wrong answers to ``generate``: which mask, which token."""

import torch
from ch03_clm.mutants.generating import (
    choose_right,
    decode_right,
    draw,
    generate_mutant,
)
from ch03_clm.mutants.parts import (
    causal_mask,
)


def _mask_mutant(number, name, mask, *diagnosed):
    """A generate that hands the model a wrong mask."""

    @generate_mutant(number, name, *diagnosed)
    def _(model, prompt_ids, max_new_tokens, eos_id, how):
        def choose(logits):
            return choose_right(logits, *how)

        return decode_right(model, prompt_ids, max_new_tokens, eos_id, choose, mask)


def _choice_mutant(number, name, *diagnosed):
    """A generate whose choice of the next token is wrong."""

    def keep(wrong):
        @generate_mutant(number, name, *diagnosed)
        def _(model, prompt_ids, max_new_tokens, eos_id, how):
            def choose(logits):
                return wrong(logits, *how)

            return decode_right(model, prompt_ids, max_new_tokens, eos_id, choose)

        return wrong

    return keep


def _square(ids):
    return torch.ones(ids.shape[1], ids.shape[1])


_mask_mutant(2, "no causal mask", lambda ids: _square(ids).bool(), "not-causal")
_mask_mutant(2, "no mask, (B, 1, 1, T)", lambda ids: (ids == ids)[:, None, None], "not-causal")
_mask_mutant(
    2, "one diagonal too many", lambda ids: _square(ids).tril(1).bool(), "diagonal-too-many"
)
_mask_mutant(
    1, "the diagonal is blocked", lambda ids: _square(ids).tril(-1).bool(), "diagonal-blocked"
)
_mask_mutant(17, "True = blocked", lambda ids: _square(ids).triu(1).bool(), "inverted")
_mask_mutant(2, "triu for tril", lambda ids: _square(ids).triu().bool(), "transposed")
_mask_mutant(18, "float mask of 0 and 1", lambda ids: _square(ids).tril(), "number-mask")
_mask_mutant(
    18, "float mask of 0 and -inf", lambda ids: (_square(ids) * -torch.inf).triu(1), "number-mask"
)
_mask_mutant(None, "no mask at all", lambda ids: None, "no-mask")
_mask_mutant(None, "a mask of the prompt's size", lambda ids: causal_mask(3), "raised")
_mask_mutant(
    None,
    "every token sees only itself",
    lambda ids: _square(ids).tril().triu().bool(),
    "transposed",
)


@_choice_mutant(None, "temperature multiplied", "temperature-multiplied")
def _(logits, temperature, top_k, generator):
    return choose_right(
        logits * temperature**2 if temperature else logits, temperature, top_k, generator
    )


@_choice_mutant(None, "temperature not used", "temperature-ignored")
def _(logits, temperature, top_k, generator):
    return choose_right(logits, 1.0 if temperature else 0.0, top_k, generator)


@_choice_mutant(None, "temperature on the probabilities", "temperature-ignored")
def _(logits, temperature, top_k, generator):
    if temperature == 0:
        return logits.argmax(-1)
    if top_k is not None:
        logits = logits.masked_fill(logits < logits.topk(top_k).values[:, -1:], -torch.inf)
    return draw(logits.softmax(-1) / temperature, generator)


@_choice_mutant(None, "divided by temperature 0", "sampled-at-0")
def _(logits, temperature, top_k, generator):
    if top_k is not None:
        logits = logits.masked_fill(logits < logits.topk(top_k).values[:, -1:], -torch.inf)
    return draw((logits / temperature).softmax(-1), generator)


@_choice_mutant(None, "temperature 0 sampled at 1", "random-at-0")
def _(logits, temperature, top_k, generator):
    return choose_right(logits, temperature or 1.0, top_k, generator)


@_choice_mutant(None, "temperature 0 made a small one", "random-at-0")
def _(logits, temperature, top_k, generator):
    return choose_right(logits, max(temperature, 0.2), top_k, generator)


@_choice_mutant(None, "temperature never used", "random-at-0")
def _(logits, temperature, top_k, generator):
    return choose_right(logits, 1.0, top_k, generator)


@_choice_mutant(None, "always greedy", "always-greedy")
def _(logits, temperature, top_k, generator):
    return logits.argmax(-1)


@_choice_mutant(None, "argmax of the tempered probabilities", "always-greedy")
def _(logits, temperature, top_k, generator):
    return (logits / max(temperature, 1e-6)).softmax(-1).argmax(-1)


@_choice_mutant(None, "the smallest logit", "least-likely")
def _(logits, temperature, top_k, generator):
    if temperature == 0:
        return logits.argmin(-1)
    return choose_right(logits, temperature, top_k, generator)


@_choice_mutant(None, "samples from exp of nothing: uniform", "uniform")
def _(logits, temperature, top_k, generator):
    if temperature == 0:
        return logits.argmax(-1)
    allowed = torch.ones_like(logits)
    if top_k is not None:
        allowed = (logits >= logits.topk(top_k).values[:, -1:]).float()
    return draw(allowed, generator)


@_choice_mutant(None, "multinomial of logits", "raised")
def _(logits, temperature, top_k, generator):
    if temperature == 0:
        return logits.argmax(-1)
    return draw(logits / temperature, generator)


@_choice_mutant(None, "top_k not used", "top-k-ignored")
def _(logits, temperature, top_k, generator):
    return choose_right(logits, temperature, None, generator)


@_choice_mutant(None, "top_k one too many", "top-k-off-by-one")
def _(logits, temperature, top_k, generator):
    wider = None if top_k is None else min(top_k + 1, logits.shape[-1])
    return choose_right(logits, temperature, wider, generator)


@_choice_mutant(None, "top_k one too few", "top-k-off-by-one")
def _(logits, temperature, top_k, generator):
    if top_k is None or temperature == 0:
        return choose_right(logits, temperature, None, generator)
    low = logits.topk(top_k).values[:, -1:]
    kept = logits.masked_fill(logits <= low, -torch.inf) if top_k > 1 else logits
    return draw((kept / temperature).softmax(-1), generator)


@_choice_mutant(None, "top_k keeps the smallest", "bottom-k")
def _(logits, temperature, top_k, generator):
    if top_k is None or temperature == 0:
        return choose_right(logits, temperature, None, generator)
    high = logits.topk(top_k, largest=False).values[:, -1:]
    return draw(
        (logits.masked_fill(logits > high, -torch.inf) / temperature).softmax(-1), generator
    )


@_choice_mutant(None, "top_k gives a rank, not an id", "top-k-rank")
def _(logits, temperature, top_k, generator):
    if top_k is None or temperature == 0:
        return choose_right(logits, temperature, None, generator)
    return draw((logits.topk(top_k).values / temperature).softmax(-1), generator)


@_choice_mutant(None, "top_k sets logits to 0", "top-k-zeroed")
def _(logits, temperature, top_k, generator):
    if top_k is not None and temperature:
        low = logits.topk(top_k).values[:, -1:]
        logits = logits.masked_fill(logits < low, 0.0)
    return choose_right(logits, temperature, None, generator)


@_choice_mutant(None, "top_k with one threshold for the batch")
def _(logits, temperature, top_k, generator):
    if top_k is not None and temperature:
        low = logits.topk(top_k).values[0, -1]
        kept = logits.masked_fill(logits < low, -torch.inf)
        logits = kept.where(kept.isfinite().any(-1, keepdim=True), logits)
    return choose_right(logits, temperature, None, generator)


@_choice_mutant(None, "top_k as a fraction of the mass")
def _(logits, temperature, top_k, generator):
    if top_k is not None and temperature:
        probs, ids = logits.softmax(-1).sort(descending=True)
        drop = (probs.cumsum(-1) - probs > 0.9).gather(-1, ids.argsort())
        logits = logits.masked_fill(drop, -torch.inf)
    return choose_right(logits, temperature, None, generator)


@_choice_mutant(None, "generator not used", "generator-misused")
def _(logits, temperature, top_k, generator):
    return choose_right(logits, temperature, top_k, None)


@_choice_mutant(None, "generator seeded again at every step", "reseeded")
def _(logits, temperature, top_k, generator):
    fresh = torch.Generator().manual_seed(0)
    return choose_right(logits, temperature, top_k, fresh)


@_choice_mutant(None, "global seed instead of the generator", "reseeded")
def _(logits, temperature, top_k, generator):
    torch.manual_seed(0 if generator is None else generator.initial_seed())
    return choose_right(logits, temperature, top_k, None)


@_choice_mutant(None, "one draw for the whole batch", "shared-draw")
def _(logits, temperature, top_k, generator):
    if temperature == 0:
        return logits.argmax(-1)
    return choose_right(logits[:1], temperature, top_k, generator).expand(len(logits))


@_choice_mutant(None, "one uniform number for all rows", "shared-draw")
def _(logits, temperature, top_k, generator):
    if temperature == 0:
        return logits.argmax(-1)
    if top_k is not None:
        logits = logits.masked_fill(logits < logits.topk(top_k).values[:, -1:], -torch.inf)
    cdf = (logits / temperature).softmax(-1).cumsum(-1)
    u = torch.rand((), generator=generator)
    return (cdf < u).sum(-1).clamp(max=logits.shape[-1] - 1)


@_choice_mutant(
    None, "the generator's seed used once, for PyTorch's own generator", "generator-misused"
)
def _(logits, temperature, top_k, generator):
    if generator is not None and generator.initial_seed() != torch.initial_seed():
        torch.manual_seed(generator.initial_seed())
    return choose_right(logits, temperature, top_k, None)


@_choice_mutant(None, "a generator is needed", "raised")
def _(logits, temperature, top_k, generator):
    if temperature == 0:
        return logits.argmax(-1)
    return choose_right(logits + 0 * generator.initial_seed(), temperature, top_k, generator)


@_choice_mutant(None, "softmax over the batch", "wrong-axis")
def _(logits, temperature, top_k, generator):
    if temperature == 0:
        return logits.argmax(-1)
    if top_k is not None:
        logits = logits.masked_fill(logits < logits.topk(top_k).values[:, -1:], -torch.inf)
    return draw((logits / temperature).softmax(0).nan_to_num() + 1e-9, generator)


@_choice_mutant(None, "argmax over the batch")
def _(logits, temperature, top_k, generator):
    if temperature == 0:
        return logits.argmax(0)[: len(logits)]
    return choose_right(logits, temperature, top_k, generator)


@_choice_mutant(None, "the first row's token for all rows")
def _(logits, temperature, top_k, generator):
    return choose_right(logits, temperature, top_k, generator)[:1].expand(len(logits))


@_choice_mutant(None, "temperature 0 crashes with top_k None", "raised")
def _(logits, temperature, top_k, generator):
    logits = logits.masked_fill(logits < logits.topk(top_k).values[:, -1:], -torch.inf)
    return choose_right(logits, temperature, None, generator)
