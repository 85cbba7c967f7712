"""Wrong answers to ``sliding_window_mask``."""

import torch
from ch02_attention_masks.mutants.parts import mutant


def _distance(T):
    """(T, T): how far key j lies behind query i."""
    return torch.arange(T)[:, None] - torch.arange(T)[None, :]


def _right(T, window):
    return (_distance(T) >= 0) & (_distance(T) < window)


@mutant("sliding_window_mask", 45, "<= for <", "window-too-wide")
def _(T, window):
    i, j = torch.arange(T).unsqueeze(1), torch.arange(T).unsqueeze(0)
    return (j <= i) & (i - j <= window)


@mutant("sliding_window_mask", 45, "triu(-window)", "window-too-wide")
def _(T, window):
    return torch.ones(T, T, dtype=torch.bool).tril().triu(-window)


@mutant("sliding_window_mask", 45, "the slice begins one too early", "window-too-wide")
def _(T, window):
    mask = torch.zeros(T, T, dtype=torch.bool)
    for i in range(T):
        mask[i, max(0, i - window) : i + 1] = True
    return mask


@mutant("sliding_window_mask", 45, "window - 1 keys", "window-too-narrow")
def _(T, window):
    return torch.ones(T, T).tril().triu(2 - window).bool()


@mutant("sliding_window_mask", 45, "one too many taken away", "window-too-narrow")
def _(T, window):
    ones = torch.ones(T, T, dtype=torch.bool)
    return ones.tril() & ~ones.tril(1 - window)


@mutant("sliding_window_mask", 45, "the keys before, without self", "without-self")
def _(T, window):
    return (_distance(T) > 0) & (_distance(T) <= window)


@mutant("sliding_window_mask", 1, "the diagonal is blocked", "without-self")
def _(T, window):
    return _right(T, window) & ~torch.eye(T, dtype=torch.bool)


@mutant("sliding_window_mask", 1, "the slice ends one too early", "without-self")
def _(T, window):
    mask = torch.zeros(T, T, dtype=torch.bool)
    for i in range(T):
        mask[i, max(0, i - window + 1) : i] = True
    return mask


@mutant("sliding_window_mask", 2, "symmetric", "not-causal")
def _(T, window):
    return _distance(T).abs() < window


@mutant("sliding_window_mask", 2, "symmetric, <=", "not-causal")
def _(T, window):
    positions = torch.arange(T)
    return (positions[None] - positions[:, None]).abs() <= window


@mutant("sliding_window_mask", 2, "centred, as Longformer has it", "not-causal")
def _(T, window):
    return _distance(T).abs() <= window // 2


@mutant("sliding_window_mask", 2, "a band of both triangles", "not-causal")
def _(T, window):
    return torch.ones(T, T).tril(window - 1).triu(1 - window).bool()


@mutant("sliding_window_mask", 2, "only too far back is blocked", "not-causal")
def _(T, window):
    return torch.arange(T)[None, :] > torch.arange(T)[:, None] - window


@mutant("sliding_window_mask", 2, "triu alone", "not-causal")
def _(T, window):
    return torch.ones(T, T, dtype=torch.bool).triu(1 - window)


@mutant("sliding_window_mask", 2, "one diagonal too many", "not-causal")
def _(T, window):
    return torch.ones(T, T, dtype=torch.bool).tril(1).triu(1 - window)


@mutant("sliding_window_mask", 2, "j - i for i - j", "looks-forward")
def _(T, window):
    ahead = torch.arange(T)[None, :] - torch.arange(T)[:, None]
    return (ahead >= 0) & (ahead < window)


@mutant("sliding_window_mask", 2, "triangles swapped", "looks-forward")
def _(T, window):
    return torch.ones(T, T, dtype=torch.bool).triu().tril(window - 1)


@mutant("sliding_window_mask", 2, "transposed", "looks-forward")
def _(T, window):
    return _right(T, window).T


@mutant("sliding_window_mask", 2, "the next keys, without self", "looks-forward")
def _(T, window):
    mask = torch.zeros(T, T, dtype=torch.bool)
    for i in range(T):
        mask[i, i + 1 : i + window + 1] = True
    return mask


@mutant("sliding_window_mask", 45, "only causal", "window-ignored")
def _(T, window):
    return torch.ones(T, T, dtype=torch.bool).tril()


@mutant("sliding_window_mask", 11, "joined with |", "or-instead-of-and")
def _(T, window):
    causal = torch.ones(T, T, dtype=torch.bool).tril()
    near = torch.ones(T, T, dtype=torch.bool).triu(1 - window)
    return causal | near


@mutant("sliding_window_mask", 11, "booleans added", "or-instead-of-and")
def _(T, window):
    return (_distance(T) >= 0) + (_distance(T) < window)


@mutant("sliding_window_mask", 45, "tril(-window)", "window-outside")
def _(T, window):
    return torch.ones(T, T, dtype=torch.bool).tril(-window)


@mutant("sliding_window_mask", 45, "the comparison turned round", "window-outside")
def _(T, window):
    return (_distance(T) >= 0) & (_distance(T) > window)


@mutant("sliding_window_mask", 17, "True = blocked", "inverted")
def _(T, window):
    return (_distance(T) < 0) | (_distance(T) >= window)


@mutant("sliding_window_mask", 17, "negated", "inverted")
def _(T, window):
    return ~_right(T, window)


@mutant("sliding_window_mask", None, "blocks", "in-blocks")
def _(T, window):
    block = torch.arange(T) // window
    return (block[:, None] == block[None, :]) & (_distance(T) >= 0)


@mutant("sliding_window_mask", None, "blocks that look ahead", "in-blocks")
def _(T, window):
    block = torch.arange(T).div(window, rounding_mode="floor")
    return block[:, None] == block


@mutant("sliding_window_mask", None, "the last keys for all", "fixed-window")
def _(T, window):
    keys = torch.arange(T)
    return (keys >= T - window)[None, :] & (_distance(T) >= 0)


@mutant("sliding_window_mask", None, "the first keys for all", "fixed-window")
def _(T, window):
    mask = torch.ones(T, T, dtype=torch.bool).tril()
    mask[:, window:] = False
    return mask


@mutant("sliding_window_mask", None, "windows filled up at the start", "first-rows-full")
def _(T, window):
    mask = torch.zeros(T, T, dtype=torch.bool)
    for i in range(T):
        start = max(0, i - window + 1)
        mask[i, start : start + window] = True
    return mask


@mutant("sliding_window_mask", None, "a negative index", "negative-index")
def _(T, window):
    mask = torch.zeros(T, T, dtype=torch.bool)
    for i in range(T):
        mask[i, i - window + 1 : i + 1] = True
    return mask


@mutant("sliding_window_mask", None, "the first rows wrap round")
def _(T, window):
    mask = torch.zeros(T, T, dtype=torch.bool)
    for i in range(T):
        for j in range(i - window + 1, i + 1):
            mask[i, j % T] = True
    return mask


@mutant("sliding_window_mask", 18, "float 0 and 1", "number-mask")
def _(T, window):
    return torch.ones(T, T).tril().triu(1 - window)


@mutant("sliding_window_mask", 18, "int 0 and 1", "number-mask")
def _(T, window):
    return torch.tensor([[int(0 <= i - j < window) for j in range(T)] for i in range(T)])


@mutant("sliding_window_mask", 18, "additive, 0 and -inf", "additive-mask")
def _(T, window):
    return torch.zeros(T, T).masked_fill(~_right(T, window), float("-inf"))


@mutant("sliding_window_mask", 12, "(1 - mask) * -inf", "zero-times-infinity")
def _(T, window):
    return (1 - _right(T, window).float()) * float("-inf")


@mutant("sliding_window_mask", None, "(1, 1, T, T)", "extra-dimensions")
def _(T, window):
    return _right(T, window)[None, None]


@mutant("sliding_window_mask", None, "a wide window is refused", "wide-window")
def _(T, window):
    if window > T:
        raise ValueError("the window is wider than the sequence")
    return _right(T, window)


@mutant("sliding_window_mask", None, "a wide window makes longer diagonals", "wide-window")
def _(T, window):
    mask = torch.zeros(T, T)
    for back in range(window):
        mask += torch.diag(torch.ones(T - back), -back)
    return mask.bool()


@mutant("sliding_window_mask", None, "a wide window opens everything", "wide-window")
def _(T, window):
    if window >= T:
        return torch.ones(T, T, dtype=torch.bool)
    return _right(T, window)


@mutant("sliding_window_mask", None, "a window of one is nothing", "window-of-one")
def _(T, window):
    return _right(T, window) if window > 1 else torch.zeros(T, T, dtype=torch.bool)


@mutant("sliding_window_mask", None, "at least two keys", "window-of-one")
def _(T, window):
    return _right(T, max(window, 2))


@mutant("sliding_window_mask", None, "one row for every window", "wrong-shape")
def _(T, window):
    return torch.stack([_distance(T)[i] >= 0 for i in range(window, T)])


@mutant("sliding_window_mask", None, "every second key")
def _(T, window):
    return _right(T, 2 * window) & (_distance(T) % 2 == 0)


@mutant("sliding_window_mask", None, "the first key is always seen")
def _(T, window):
    mask = _right(T, window)
    mask[:, 0] = True
    return mask


@mutant("sliding_window_mask", 45, "triu with the wrong sign", "wrong-sign")
def _(T, window):
    return torch.ones(T, T, dtype=torch.bool).tril().triu(window - 1)
