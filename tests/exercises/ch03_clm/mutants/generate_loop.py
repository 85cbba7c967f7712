"""Wrong answers to ``generate``: the loop around the model, and what the model is asked."""

from functools import partial

import torch
import torch.nn.functional as F
from ch03_clm.mutants.generating import (
    choose_right,
    decode_right,
    generate_mutant,
    lower_triangle,
)
from ch03_clm.mutants.parts import (
    IGNORE_INDEX,
)


def _loop_mutant(number, name, *diagnosed):
    """A generate whose loop is wrong; it receives the right choice as ``choose``."""

    def keep(wrong):
        @generate_mutant(number, name, *diagnosed)
        def _(model, prompt_ids, max_new_tokens, eos_id, how):
            def choose(logits):
                return choose_right(logits, *how)

            return wrong(model, prompt_ids, max_new_tokens, eos_id, choose)

        return wrong

    return keep


def _model_mutant(number, name, *diagnosed):
    """A generate that asks the model wrongly: ``ask(model, ids, mask, T)``, a prompt of T."""

    def keep(ask):
        @_loop_mutant(number, name, *diagnosed)
        def _(model, prompt_ids, max_new_tokens, eos_id, choose):
            asked = partial(ask, model, T=prompt_ids.shape[1])
            return decode_right(asked, prompt_ids, max_new_tokens, eos_id, choose)

        return ask

    return keep


def _append(ids, token):
    return torch.cat([ids, token[:, None].to(ids.dtype)], 1)


def _last(model, ids):
    return model(ids, lower_triangle(ids))[:, -1]


@_model_mutant(None, "reads the first position", "wrong-position")
def _(model, ids, mask, T):
    return model(ids, mask).flip(1)


@_model_mutant(None, "reads the position before the last", "wrong-position")
def _(model, ids, mask, T):
    logits = model(ids, mask)
    return logits[:, :-1] if logits.shape[1] > 1 else logits


@_model_mutant(None, "averages over the positions", "wrong-position")
def _(model, ids, mask, T):
    return model(ids, mask).mean(1, keepdim=True)


@_model_mutant(None, "always reads the end of the prompt", "own-output-unread")
def _(model, ids, mask, T):
    return model(ids, mask)[:, :T]


@_model_mutant(None, "the model only ever sees the prompt", "own-output-unread")
def _(model, ids, mask, T):
    prompt_ids = ids[:, :T]
    return model(prompt_ids, lower_triangle(prompt_ids))


@_model_mutant(None, "the model only sees the newest token", "prompt-unread")
def _(model, ids, mask, T):
    return model(ids[:, -1:], mask[-1:, -1:])


@_model_mutant(None, "after the prompt only the newest token is fed back", "prompt-unread")
def _(model, ids, mask, T):
    fed = ids if ids.shape[1] == T else ids[:, -1:]
    return model(fed, lower_triangle(fed))


@_model_mutant(None, "the prompt is cut to a window")
def _(model, ids, mask, T):
    return model(ids[:, -3:], mask[-3:, -3:])


@_loop_mutant(None, "end of sequence not looked at", "eos-ignored")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    return decode_right(model, prompt_ids, max_new_tokens, None, choose)


@_loop_mutant(22, "eos 0 is taken for no eos", "eos-zero")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    return decode_right(model, prompt_ids, max_new_tokens, eos_id or None, choose)


@_loop_mutant(None, "stops when any row is finished", "stops-too-early")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    ids = prompt_ids.clone()
    for _ in range(max_new_tokens):
        token = choose(_last(model, ids))
        ids = _append(ids, token)
        if eos_id is not None and (token == eos_id).any():
            break
    return ids


@_loop_mutant(None, "stops only when all rows end at once", "stops-together")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    ids = prompt_ids.clone()
    for _ in range(max_new_tokens):
        token = choose(_last(model, ids))
        ids = _append(ids, token)
        if eos_id is not None and (token == eos_id).all():
            break
    return ids


@_loop_mutant(None, "finished rows go on until all are finished", "not-filled")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    ids = prompt_ids.clone()
    finished = torch.zeros(len(ids), dtype=torch.bool)
    for _ in range(max_new_tokens):
        token = choose(_last(model, ids))
        ids = _append(ids, token)
        if eos_id is not None:
            finished |= token == eos_id
        if finished.all():
            break
    return ids


@_loop_mutant(None, "finished rows are filled with 0", "filled-wrongly")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    ids = prompt_ids.clone()
    finished = torch.zeros(len(ids), dtype=torch.bool)
    for _ in range(max_new_tokens):
        token = choose(_last(model, ids)).masked_fill(finished, 0)
        ids = _append(ids, token)
        if eos_id is not None:
            finished |= token == eos_id
        if finished.all():
            break
    return ids


@_loop_mutant(None, "finished rows repeat their last real token")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    ids = prompt_ids.clone()
    finished = torch.zeros(len(ids), dtype=torch.bool)
    for _ in range(max_new_tokens):
        token = choose(_last(model, ids))
        if eos_id is not None:
            finished |= token == eos_id
            token = torch.where(finished, ids[:, -1], token)
        ids = _append(ids, token)
        if finished.all():
            break
    return ids


@generate_mutant(None, "ends are looked at only when greedy", "sampling-differs")
def _(model, prompt_ids, max_new_tokens, eos_id, how):
    def choose(logits):
        return choose_right(logits, *how)

    return decode_right(model, prompt_ids, max_new_tokens, None if how[0] else eos_id, choose)


@_loop_mutant(None, "finished rows are filled with -100", "filled-wrongly")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    ids = decode_right(model, prompt_ids, max_new_tokens, eos_id, choose)
    new = ids[:, prompt_ids.shape[1] :]
    if eos_id is not None:
        new[(new == eos_id).cumsum(1) - (new == eos_id).int() > 0] = IGNORE_INDEX
    return ids


@_model_mutant(None, "arguments of the model swapped", "raised")
def _(model, ids, mask, T):
    return model(mask, ids)


@_loop_mutant(None, "always as long as allowed", "never-stops")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    ids = decode_right(model, prompt_ids, max_new_tokens, eos_id, choose)
    missing = prompt_ids.shape[1] + max_new_tokens - ids.shape[1]
    return F.pad(ids, (0, missing), value=eos_id or 0)


@_loop_mutant(None, "the end itself is dropped", "end-dropped")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    ids = prompt_ids.clone()
    finished = torch.zeros(len(ids), dtype=torch.bool)
    for _ in range(max_new_tokens):
        token = choose(_last(model, ids))
        if eos_id is not None:
            token = torch.where(finished, eos_id, token)
            finished |= token == eos_id
        if finished.all():
            break
        ids = _append(ids, token)
    return ids


@_loop_mutant(None, "stops one step late", "stops-late")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    ids = prompt_ids.clone()
    finished = torch.zeros(len(ids), dtype=torch.bool)
    for _ in range(max_new_tokens):
        stop = bool(finished.all())
        token = choose(_last(model, ids))
        if eos_id is not None:
            token = torch.where(finished, eos_id, token)
            finished |= token == eos_id
        ids = _append(ids, token)
        if stop:
            break
    return ids


@_loop_mutant(None, "an eos in the prompt counts as an end", "eos-in-prompt")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    ids = prompt_ids.clone()
    for _ in range(max_new_tokens):
        token = choose(_last(model, ids))
        if eos_id is not None:
            token = torch.where((ids == eos_id).any(1), eos_id, token)
        ids = _append(ids, token)
        if eos_id is not None and (ids == eos_id).any(1).all():
            break
    return ids


@_loop_mutant(None, "a prompt that ends in eos is finished", "eos-in-prompt")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    ids = prompt_ids.clone()
    for _ in range(max_new_tokens):
        token = choose(_last(model, ids))
        if eos_id is not None:
            token = torch.where(ids[:, -1] == eos_id, eos_id, token)
        ids = _append(ids, token)
        if eos_id is not None and (ids[:, -1] == eos_id).all():
            break
    return ids


@_loop_mutant(None, "stops before it begins when every prompt has an eos", "eos-in-prompt")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    if eos_id is not None and (prompt_ids == eos_id).any(1).all():
        return prompt_ids.clone()
    return decode_right(model, prompt_ids, max_new_tokens, eos_id, choose)


@_loop_mutant(None, "one token too many", "wrong-count")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    return decode_right(model, prompt_ids, max_new_tokens + 1, eos_id, choose)


@_loop_mutant(None, "one token too few", "wrong-count")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    return decode_right(model, prompt_ids, max(max_new_tokens - 1, 0), eos_id, choose)


@_loop_mutant(None, "max_new_tokens is the total length", "wrong-count")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    new = max(max_new_tokens - prompt_ids.shape[1], 0)
    return decode_right(model, prompt_ids, new, eos_id, choose)


@_loop_mutant(None, "at least one token", "no-new-tokens")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    return decode_right(model, prompt_ids, max(max_new_tokens, 1), eos_id, choose)


@_loop_mutant(None, "without the prompt", "no-prompt")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    return decode_right(model, prompt_ids, max_new_tokens, eos_id, choose)[:, prompt_ids.shape[1] :]


@_loop_mutant(None, "the prompt itself when nothing is asked", "view")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    if max_new_tokens == 0:
        return prompt_ids
    return decode_right(model, prompt_ids, max_new_tokens, eos_id, choose)


@_loop_mutant(23, "the prompt changed in place", "in-place")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    ids = decode_right(model, prompt_ids, max_new_tokens, eos_id, choose)
    if max_new_tokens:
        prompt_ids[:, -1] = ids[:, -1]
    return ids


@_loop_mutant(23, "the prompt used as a sliding window", "in-place")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    out = prompt_ids.clone()
    for _ in range(max_new_tokens):
        token = choose(_last(model, prompt_ids)).to(out.dtype)
        prompt_ids[:, :-1] = prompt_ids[:, 1:].clone()
        prompt_ids[:, -1] = token
        out = _append(out, token)
    return out


@_loop_mutant(23, "the prompt resized", "in-place")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    ids = decode_right(model, prompt_ids, max_new_tokens, eos_id, choose)
    prompt_ids.resize_(ids.shape).copy_(ids)
    return prompt_ids


@_loop_mutant(None, "only the first row", "wrong-shape")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    return decode_right(model, prompt_ids[:1], max_new_tokens, eos_id, choose)


@_loop_mutant(None, "new tokens in front", "prompt-last")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    ids = decode_right(model, prompt_ids, max_new_tokens, eos_id, choose)
    n = prompt_ids.shape[1]
    return torch.cat([ids[:, n:], ids[:, :n]], 1)


@_loop_mutant(None, "all tokens from one reading")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    longer = F.pad(prompt_ids, (0, max_new_tokens))
    logits = model(longer, lower_triangle(longer))
    for t in range(prompt_ids.shape[1], longer.shape[1]):
        longer[:, t] = choose(logits[:, t - 1])
    return longer


@_loop_mutant(None, "never ends without an eos", "endless")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    ids = prompt_ids.clone()
    finished = torch.zeros(len(ids), dtype=torch.bool)
    while not finished.all():
        token = choose(_last(model, ids))
        ids = _append(ids, token)
        if eos_id is not None:
            finished |= token == eos_id
    return ids


@_loop_mutant(None, "float ids", "wrong-dtype")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    return decode_right(model, prompt_ids, max_new_tokens, eos_id, choose).float()


@_loop_mutant(None, "a list of rows", "wrong-type")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    return decode_right(model, prompt_ids, max_new_tokens, eos_id, choose).tolist()


@_loop_mutant(None, "the eos never chosen", "wrong-shape")
def _(model, prompt_ids, max_new_tokens, eos_id, choose):
    def without_eos(ids, mask):
        logits = model(ids, mask).clone()
        if eos_id is not None:
            logits[..., eos_id] = -torch.inf
        return logits

    return decode_right(without_eos, prompt_ids, max_new_tokens, eos_id, choose)
