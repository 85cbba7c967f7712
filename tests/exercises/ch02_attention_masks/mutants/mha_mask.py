"""Wrong answers to ``mha_mask``."""

import torch
from ch02_attention_masks.mutants.parts import mutant


@mutant("mha_mask", 17, "not inverted", "not-inverted")
def _(mask):
    return mask.flatten(0, 1).clone()


@mutant("mha_mask", 17, "not inverted, a view", "not-inverted")
def _(mask):
    B, H, T, S = mask.shape
    return mask.view(B * H, T, S)


@mutant("mha_mask", 17, "inverted twice", "not-inverted")
def _(mask):
    blocked = ~mask
    return torch.cat([~item for item in blocked])


@mutant("mha_mask", 16, "the first head's masks repeated", "repeated")
def _(mask):
    return ~mask[:, 0].repeat(mask.shape[1], 1, 1)


@mutant("mha_mask", 16, "the first head's masks repeated by cat", "repeated")
def _(mask):
    return torch.cat([~mask[:, 0]] * mask.size(1))


@mutant("mha_mask", 16, "the first head's masks tiled, not inverted", "repeated")
def _(mask):
    return torch.tile(mask[:, 0], (mask.size(1), 1, 1))


@mutant("mha_mask", 16, "heads before items", "heads-first")
def _(mask):
    B, H, T, S = mask.shape
    return ~mask.transpose(0, 1).reshape(B * H, T, S)


@mutant("mha_mask", 16, "heads outside in the loop", "heads-first")
def _(mask):
    B, H = mask.shape[:2]
    return torch.stack([~mask[b, h] for h in range(H) for b in range(B)])


@mutant("mha_mask", 16, "index h * B + b", "heads-first")
def _(mask):
    B, H, T, S = mask.shape
    blocked = torch.zeros(B * H, T, S, dtype=torch.bool)
    for b in range(B):
        for h in range(H):
            blocked[h * B + b] = ~mask[b, h]
    return blocked


@mutant("mha_mask", 16, "concatenated head by head, not inverted", "heads-first")
def _(mask):
    return torch.cat(mask.unbind(1))


@mutant("mha_mask", 16, "the first head interleaved", "one-head")
def _(mask):
    return (~mask[:, 0]).repeat_interleave(mask.shape[1], dim=0)


@mutant("mha_mask", 16, "any head", "one-head")
def _(mask):
    return ~mask.any(1).repeat_interleave(mask.shape[1], dim=0)


@mutant("mha_mask", 16, "the first item for all", "one-item")
def _(mask):
    return ~mask[0].repeat(mask.shape[0], 1, 1)


@mutant("mha_mask", None, "not flattened", "not-flattened")
def _(mask):
    return ~mask


@mutant("mha_mask", None, "not flattened, not inverted", "not-flattened")
def _(mask):
    return mask.bool()


@mutant("mha_mask", None, "only the first head", "heads-dropped")
def _(mask):
    return ~mask[:, 0]


@mutant("mha_mask", None, "heads merged by all", "heads-dropped")
def _(mask):
    return mask.all(dim=1).logical_not()


@mutant("mha_mask", None, "squeezed", "heads-dropped", "wrong-shape", "not-flattened")
def _(mask):
    return ~mask.squeeze(1)


@mutant("mha_mask", None, "queries before heads, then reshaped", "torn")
def _(mask):
    B, H, T, S = mask.shape
    return ~mask.permute(0, 2, 1, 3).reshape(B * H, T, S)


@mutant("mha_mask", None, "queries first", "torn")
def _(mask):
    B, H, T, S = mask.shape
    return (mask.permute(2, 0, 1, 3) == 0).reshape(B * H, T, S)


@mutant("mha_mask", None, "keys and queries reshaped into each other", "torn")
def _(mask):
    B, H, T, S = mask.shape
    return ~mask.transpose(2, 3).contiguous().view(B * H, T, S)


@mutant("mha_mask", None, "transposed", "transposed", "wrong-shape")
def _(mask):
    return ~mask.transpose(-2, -1).flatten(0, 1)


@mutant("mha_mask", 18, "float 1 and 0", "number-mask")
def _(mask):
    return 1.0 - mask.flatten(0, 1).float()


@mutant("mha_mask", 18, "float 0 and 1, not inverted", "number-mask")
def _(mask):
    return mask.reshape(-1, *mask.shape[-2:]).float()


@mutant("mha_mask", None, "integers", "number-mask")
def _(mask):
    return (~mask).flatten(0, 1).long()


@mutant("mha_mask", None, "bytes", "number-mask", "wrong-dtype")
def _(mask):
    return (~mask).flatten(0, 1).to(torch.uint8)


@mutant("mha_mask", 18, "additive", "additive-mask")
def _(mask):
    blocked = ~mask.flatten(0, 1)
    return torch.zeros(blocked.shape).masked_fill(blocked, float("-inf"))


@mutant("mha_mask", None, "finite additive", "wrong-dtype")
def _(mask):
    return (~mask.flatten(0, 1)).float() * -1e9


@mutant("mha_mask", None, "the bitwise complement of numbers", "wrong-dtype", "number-mask")
def _(mask):
    return ~mask.long().flatten(0, 1)


@mutant("mha_mask", None, "inverted in place", "in-place")
def _(mask):
    return mask.logical_not_().flatten(0, 1).clone()


@mutant("mha_mask", None, "all dimensions flattened", "wrong-shape")
def _(mask):
    return ~mask.flatten()


@mutant("mha_mask", None, "causal, whatever mask is given")
def _(mask):
    B, H, T, S = mask.shape
    return torch.ones(T, S, dtype=torch.bool).triu(1).expand(B * H, T, S).clone()


@mutant("mha_mask", None, "a list", "wrong-type")
def _(mask):
    return [~head for item in mask for head in item]


@mutant("mha_mask", 15, "empty rows opened, against NaN")
def _(mask):
    blocked = ~mask.flatten(0, 1)
    return blocked & ~blocked.all(-1, keepdim=True)


@mutant("mha_mask", None, "made on the CPU", "ignores-device")
def _(mask):
    B, H, T, S = mask.shape
    blocked = torch.zeros(B * H, T, S, dtype=torch.bool)
    blocked[mask.flatten(0, 1) == 0] = True
    return blocked
