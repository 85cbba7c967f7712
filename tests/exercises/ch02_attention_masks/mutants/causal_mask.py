"""Wrong answers to ``causal_mask``."""

import torch
import torch.nn.functional as F
from ch02_attention_masks.mutants.parts import mutant


def _keys(T, S):
    S = T if S is None else S
    if T > S:
        raise ValueError(f"{T} queries, {S} keys")
    return S


def _right(T, S, device=None):
    return torch.ones(T, S, dtype=torch.bool, device=device).tril(S - T)


@mutant("causal_mask", 1, "triu with the diagonal is blocked", "diagonal-blocked")
def _(T, S=None, device=None):
    S = _keys(T, S)
    return ~torch.triu(torch.ones(T, S, dtype=torch.bool, device=device), diagonal=S - T)


@mutant("causal_mask", 1, "tril with diagonal -1", "diagonal-blocked")
def _(T, S=None, device=None):
    S = _keys(T, S)
    return torch.ones(T, S, dtype=torch.bool, device=device).tril(S - T - 1)


@mutant("causal_mask", 1, "triu with the diagonal is blocked, top-left", "diagonal-blocked")
def _(T, S=None, device=None):
    S = _keys(T, S)
    return torch.triu(torch.ones(T, S, device=device)) == 0


@mutant("causal_mask", 1, "strictly earlier positions", "diagonal-blocked")
def _(T, S=None, device=None):
    S = _keys(T, S)
    query = torch.arange(T, device=device) + (S - T)
    return torch.arange(S, device=device)[None, :] < query[:, None]


@mutant("causal_mask", 2, "tril with diagonal 1", "diagonal-too-many")
def _(T, S=None, device=None):
    S = _keys(T, S)
    return torch.ones(T, S, dtype=torch.bool, device=device).tril(S - T + 1)


@mutant("causal_mask", 2, "triu(2) is blocked, top-left", "diagonal-too-many")
def _(T, S=None, device=None):
    S = _keys(T, S)
    return torch.ones(T, S, device=device).triu(2) == 0


@mutant("causal_mask", 2, "offset counted from the end", "diagonal-too-many")
def _(T, S=None, device=None):
    S = _keys(T, S)
    i = torch.arange(T, device=device).unsqueeze(1)
    j = torch.arange(S, device=device).unsqueeze(0)
    return j < i + (S - T) + 2


@mutant("causal_mask", 2, "all True", "not-causal")
def _(T, S=None, device=None):
    return torch.ones(T, _keys(T, S), dtype=torch.bool, device=device)


@mutant("causal_mask", 6, "tril without a diagonal", "top-left")
def _(T, S=None, device=None):
    return torch.ones(T, _keys(T, S), dtype=torch.bool, device=device).tril()


@mutant("causal_mask", 6, "positions from 0 for both", "top-left")
def _(T, S=None, device=None):
    S = _keys(T, S)
    return torch.arange(T, device=device)[:, None] >= torch.arange(S, device=device)[None]


@mutant("causal_mask", 6, "tril without a diagonal, no error either", "top-left")
def _(T, S=None, device=None):
    if S is None:
        S = T
    return torch.tril(torch.ones(T, S, device=device)).bool()


@mutant("causal_mask", 6, "padded behind instead of before", "top-left")
def _(T, S=None, device=None):
    S = _keys(T, S)
    return F.pad(torch.ones(T, T, dtype=torch.bool, device=device).tril(), (0, S - T))


@mutant("causal_mask", 6, "padded behind with True", "top-left")
def _(T, S=None, device=None):
    S = _keys(T, S)
    square = torch.ones(T, T, dtype=torch.bool, device=device).tril()
    return torch.cat([square, square.new_ones(T, S - T)], dim=1)


@mutant("causal_mask", 6, "the first rows of a square", "top-left")
def _(T, S=None, device=None):
    S = _keys(T, S)
    return torch.ones(S, S, dtype=torch.bool, device=device).tril()[:T].clone()


@mutant("causal_mask", 6, "T - S for S - T", "offset-backwards")
def _(T, S=None, device=None):
    S = _keys(T, S)
    return torch.ones(T, S, dtype=torch.bool, device=device).tril(diagonal=T - S)


@mutant("causal_mask", 6, "the past is padded with False", "past-blocked")
def _(T, S=None, device=None):
    S = _keys(T, S)
    return F.pad(torch.ones(T, T, dtype=torch.bool, device=device).tril(), (S - T, 0))


@mutant("causal_mask", 6, "S ignored", "keys-ignored")
def _(T, S=None, device=None):
    _keys(T, S)
    return torch.ones(T, T, dtype=torch.bool, device=device).tril()


@mutant("causal_mask", None, "S ignored, no error either", "keys-ignored")
def _(T, S=None, device=None):
    return torch.tril(torch.ones((T, T), dtype=torch.bool, device=device))


@mutant("causal_mask", None, "S keys besides those of the queries", "keys-added")
def _(T, S=None, device=None):
    past = 0 if S is None else S
    square = torch.ones(T, T, dtype=torch.bool, device=device).tril()
    return torch.cat([square.new_ones(T, past), square], dim=1)


@mutant("causal_mask", None, "all rows of the square", "all-positions")
def _(T, S=None, device=None):
    S = _keys(T, S)
    return torch.ones(S, S, dtype=torch.bool, device=device).tril()


@mutant("causal_mask", None, "T and S swapped", "sizes-swapped")
def _(T, S=None, device=None):
    S = _keys(T, S)
    return torch.ones(S, T, dtype=torch.bool, device=device).tril(S - T)


@mutant("causal_mask", None, "T and S swapped, aligned for it", "sizes-swapped")
def _(T, S=None, device=None):
    S = _keys(T, S)
    return torch.ones(S, T, dtype=torch.bool, device=device).tril(T - S)


@mutant("causal_mask", None, "transposed, (S, T)", "sizes-swapped")
def _(T, S=None, device=None):
    return _right(T, _keys(T, S), device).T.contiguous()


@mutant("causal_mask", 2, "triu for tril", "transposed")
def _(T, S=None, device=None):
    S = _keys(T, S)
    return torch.ones(T, S, dtype=torch.bool, device=device).triu(S - T)


@mutant("causal_mask", 2, "triu for tril, top-left", "transposed")
def _(T, S=None, device=None):
    return torch.triu(torch.ones(T, _keys(T, S), dtype=torch.bool, device=device))


@mutant("causal_mask", 2, "i <= j", "transposed")
def _(T, S=None, device=None):
    S = _keys(T, S)
    i, j = torch.arange(S - T, S, device=device), torch.arange(S, device=device)
    return i[:, None] <= j


@mutant("causal_mask", 17, "True = blocked", "inverted")
def _(T, S=None, device=None):
    S = _keys(T, S)
    return torch.ones(T, S, dtype=torch.bool, device=device).triu(S - T + 1)


@mutant("causal_mask", 17, "True = blocked, top-left", "inverted")
def _(T, S=None, device=None):
    S = _keys(T, S)
    return torch.triu(torch.ones(T, S, device=device), diagonal=1).bool()


@mutant("causal_mask", 18, "float 0 and 1", "number-mask")
def _(T, S=None, device=None):
    S = _keys(T, S)
    return torch.tril(torch.ones(T, S, device=device), diagonal=S - T)


@mutant("causal_mask", 18, "float 0 and 1, top-left", "number-mask")
def _(T, S=None, device=None):
    return torch.tril(torch.ones(T, _keys(T, S), device=device))


@mutant("causal_mask", 18, "int 0 and 1", "number-mask")
def _(T, S=None, device=None):
    return _right(T, _keys(T, S), device).int()


@mutant("causal_mask", 18, "additive, 0 and -inf", "additive-mask")
def _(T, S=None, device=None):
    S = _keys(T, S)
    return torch.full((T, S), float("-inf"), device=device).triu(S - T + 1)


@mutant("causal_mask", 18, "additive, as nn.Transformer makes it", "additive-mask")
def _(T, S=None, device=None):
    return torch.full((T, _keys(T, S)), float("-inf"), device=device).triu(1)


@mutant("causal_mask", 18, "additive, -1e9", "additive-mask")
def _(T, S=None, device=None):
    mask = _right(T, _keys(T, S), device)
    return torch.zeros(mask.shape, device=device).masked_fill(~mask, -1e9)


@mutant("causal_mask", 18, "additive, the smallest float", "additive-mask")
def _(T, S=None, device=None):
    return (1.0 - _right(T, _keys(T, S), device).float()) * torch.finfo(torch.float32).min


@mutant("causal_mask", 12, "(1 - mask) * -inf", "zero-times-infinity")
def _(T, S=None, device=None):
    return (1 - _right(T, _keys(T, S), device).float()) * float("-inf")


@mutant("causal_mask", None, "(1, 1, T, S)", "extra-dimensions")
def _(T, S=None, device=None):
    return _right(T, _keys(T, S), device)[None, None]


@mutant("causal_mask", None, "(1, T, S)", "extra-dimensions")
def _(T, S=None, device=None):
    return _right(T, _keys(T, S), device).unsqueeze(0)


@mutant("causal_mask", None, "more queries than keys pass silently", "more-queries")
def _(T, S=None, device=None):
    return _right(T, T if S is None else S, device)


@mutant("causal_mask", None, "an assertion against more queries", "more-queries")
def _(T, S=None, device=None):
    S = T if S is None else S
    assert T <= S, "more queries than keys"
    return _right(T, S, device)


@mutant("causal_mask", None, "more queries than keys give None", "more-queries")
def _(T, S=None, device=None):
    S = T if S is None else S
    return _right(T, S, device) if T <= S else None


@mutant("causal_mask", None, "more queries than keys are cut off", "more-queries")
def _(T, S=None, device=None):
    S = max(T, T if S is None else S)
    return _right(T, S, device)


@mutant("causal_mask", None, "as many queries as keys are refused", "raised")
def _(T, S=None, device=None):
    S = T if S is None else S
    if T >= S:
        raise ValueError("more queries than keys")
    return _right(T, S, device)


@mutant("causal_mask", None, "S has no default inside", "raised")
def _(T, S=None, device=None):
    if T > S:
        raise ValueError("more queries than keys")
    return _right(T, S, device)


@mutant("causal_mask", None, "the device is forgotten", "ignores-device")
def _(T, S=None, device=None):
    return _right(T, _keys(T, S))


@mutant("causal_mask", None, "the device is forgotten once", "ignores-device")
def _(T, S=None, device=None):
    S = _keys(T, S)
    query = torch.arange(S - T, S, device=device)
    return torch.arange(S)[None, :] <= query[:, None]


@mutant("causal_mask", None, "only one query at a time with a cache")
def _(T, S=None, device=None):
    S = _keys(T, S)
    mask = _right(T, T, device)
    return mask if S == T else torch.ones(T, S, dtype=torch.bool, device=device)


@mutant("causal_mask", None, "the diagonal alone")
def _(T, S=None, device=None):
    S = _keys(T, S)
    return _right(T, S, device).triu(S - T)


@mutant("causal_mask", None, "a row for the last query alone", "wrong-shape")
def _(T, S=None, device=None):
    return _right(T, _keys(T, S), device)[-1]
