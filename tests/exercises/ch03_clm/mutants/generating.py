"""The right parts of ``generate``, for its mutants to be wrong in one."""

import torch
from ch03_clm.mutants.parts import (
    causal_mask,
    mutant,
)


def lower_triangle(ids):
    return causal_mask(ids.shape[1])


def choose_right(logits, temperature, top_k, generator):
    """The right choice from the logits (B, V)."""
    if temperature == 0:
        return logits.argmax(-1)
    if top_k is not None:
        low = logits.topk(top_k).values[:, -1:]
        logits = logits.masked_fill(logits < low, float("-inf"))
    return draw((logits / temperature).softmax(-1), generator)


def draw(probs, generator):
    return torch.multinomial(probs, 1, generator=generator)[:, 0]


@torch.no_grad()
def decode_right(model, prompt_ids, max_new_tokens, eos_id, choose, mask=lower_triangle):
    """The right loop around a mask and a choice."""
    ids = prompt_ids.clone()
    finished = torch.zeros(len(ids), dtype=torch.bool)
    for _ in range(max_new_tokens):
        token = choose(model(ids, mask(ids))[:, -1])
        if eos_id is not None:
            token = torch.where(finished, eos_id, token)
            finished |= token == eos_id
        ids = torch.cat([ids, token[:, None].to(ids.dtype)], 1)
        if finished.all():
            break
    return ids


def generate_mutant(number, name, *diagnosed):
    """A generate whose ``decode(model, prompt_ids, max_new_tokens, eos_id, how)`` is wrong.

    ``how`` is the temperature, top_k and generator.
    """

    def keep(decode):
        @mutant("generate", number, name, *diagnosed)
        @torch.no_grad()
        def _(
            model,
            prompt_ids,
            max_new_tokens,
            eos_id=None,
            temperature=0.0,
            top_k=None,
            generator=None,
        ):
            how = temperature, top_k, generator
            return decode(model, prompt_ids, max_new_tokens, eos_id, how)

        return decode

    return keep
