"""Wrong answers to ``combine_masks``."""

import functools
import itertools
import operator

import torch
from ch02_attention_masks.mutants.parts import mutant


def _given(masks):
    return [mask for mask in masks if mask is not None]


def _right(*masks):
    given = _given(masks)
    return functools.reduce(operator.and_, given).clone() if given else None


@mutant("combine_masks", 11, "|", "or-instead-of-and")
def _(*masks):
    result = None
    for mask in masks:
        if mask is not None:
            result = mask.clone() if result is None else result | mask
    return result


@mutant("combine_masks", 11, "logical_or", "or-instead-of-and")
def _(*masks):
    given = _given(masks)
    return functools.reduce(torch.logical_or, given) if given else None


@mutant("combine_masks", 11, "booleans added", "or-instead-of-and")
def _(*masks):
    given = _given(masks)
    if not given:
        return None
    result = given[0]
    for mask in given[1:]:
        result = result + mask
    return result


@mutant("combine_masks", 11, "any of the stack", "or-instead-of-and")
def _(*masks):
    given = _given(masks)
    return torch.stack(torch.broadcast_tensors(*given)).any(0) if given else None


@mutant("combine_masks", None, "^", "exclusive")
def _(*masks):
    given = _given(masks)
    return functools.reduce(operator.xor, given).clone() if given else None


@mutant("combine_masks", None, "==", "exclusive")
def _(*masks):
    given = _given(masks)
    return functools.reduce(torch.eq, given).clone() if given else None


@mutant("combine_masks", 18, "sum()", "added")
def _(*masks):
    given = _given(masks)
    return sum(given) if given else None


@mutant("combine_masks", 18, "float product", "number-mask")
def _(*masks):
    given = [mask.float() for mask in masks if mask is not None]
    return functools.reduce(torch.mul, given) if given else None


@mutant("combine_masks", 18, "int product", "number-mask")
def _(*masks):
    result = _right(*masks)
    return None if result is None else result.int()


@mutant("combine_masks", 18, "additive, 0 and -inf", "additive-mask")
def _(*masks):
    result = _right(*masks)
    if result is not None:
        result = torch.zeros(result.shape).masked_fill(~result, float("-inf"))
    return result


@mutant("combine_masks", 12, "(1 - mask) * -inf", "zero-times-infinity")
def _(*masks):
    result = _right(*masks)
    return None if result is None else (1 - result.float()) * float("-inf")


@mutant("combine_masks", 17, "negated", "inverted")
def _(*masks):
    result = _right(*masks)
    return None if result is None else ~result


@mutant("combine_masks", 17, "blocked where any blocks", "inverted")
def _(*masks):
    blocked = [~mask for mask in _given(masks)]
    return functools.reduce(operator.or_, blocked) if blocked else None


@mutant("combine_masks", 17, "De Morgan half done", "inverted")
def _(*masks):
    blocked = [~mask for mask in _given(masks)]
    return functools.reduce(operator.and_, blocked) if blocked else None


@mutant("combine_masks", None, "the first alone", "masks-ignored")
def _(*masks):
    given = _given(masks)
    return given[0].clone() if given else None


@mutant("combine_masks", None, "returns in the loop", "masks-ignored")
def _(*masks):
    for mask in masks:
        if mask is not None:
            return mask.clone()
    return None


@mutant("combine_masks", None, "the last alone: overwritten in the loop", "masks-ignored")
def _(*masks):
    result = None
    for mask in masks:
        if mask is not None:
            result = mask.clone()
    return result


@mutant("combine_masks", None, "the first two alone", "masks-ignored")
def _(*masks):
    given = _given(masks[:2])
    return _right(*given)


@mutant("combine_masks", None, "neighbours alone: the result is overwritten", "masks-ignored")
def _(*masks):
    given = _given(masks)
    result = _right(*given[:1])
    for before, mask in itertools.pairwise(given):
        result = before & mask
    return result


@mutant("combine_masks", None, "always with the first", "masks-ignored")
def _(*masks):
    given = _given(masks)
    result = _right(*given[:1])
    for mask in given[1:]:
        result = given[0] & mask
    return result


@mutant("combine_masks", None, "None blocks everything", "none-blocks")
def _(*masks):
    if not _given(masks):
        return None
    masks = [torch.tensor(False) if mask is None else mask for mask in masks]
    return functools.reduce(torch.logical_and, masks).clone()


@mutant("combine_masks", None, "None wins", "none-wins")
def _(*masks):
    if any(mask is None for mask in masks):
        return None
    return _right(*masks)


@mutant("combine_masks", None, "a None at the start wins", "none-wins")
def _(*masks):
    if not masks or masks[0] is None:
        return None
    return _right(*masks)


@mutant("combine_masks", None, "a None ends the loop", "stops-at-none")
def _(*masks):
    result = None
    for mask in masks:
        if mask is None:
            break
        result = mask.clone() if result is None else result & mask
    return result


@mutant("combine_masks", None, "None is not left out", "none-among-masks")
def _(*masks):
    if not masks:
        return None
    result = masks[0].clone()
    for mask in masks[1:]:
        result = result & mask
    return result


@mutant("combine_masks", None, "None is not left out, reduced", "none-among-masks")
def _(*masks):
    return functools.reduce(torch.logical_and, masks).clone()


@mutant("combine_masks", None, "None later on is not left out", "none-among-masks")
def _(*masks):
    result = None
    for mask in masks:
        result = mask if result is None else result & mask
    return None if result is None else result.clone()


@mutant("combine_masks", None, "nothing given fails", "nothing-to-combine")
def _(*masks):
    return functools.reduce(operator.and_, _given(masks)).clone()


@mutant("combine_masks", None, "nothing given: True", "nothing-to-combine")
def _(*masks):
    result = torch.tensor(True)
    for mask in _given(masks):
        result = result & mask
    return result


@mutant("combine_masks", None, "nothing given: a mask of one True", "nothing-to-combine")
def _(*masks):
    result = _right(*masks)
    return torch.ones(1, 1, dtype=torch.bool) if result is None else result


@mutant("combine_masks", None, "nothing but None fails", "nothing-to-combine")
def _(*masks):
    if len(masks) == 0:
        return None
    given = _given(masks)
    result = given[0].clone()
    for mask in given[1:]:
        result = result & mask
    return result


@mutant("combine_masks", None, "stacked without broadcasting", "not-broadcast")
def _(*masks):
    given = _given(masks)
    return torch.stack(given).all(dim=0) if given else None


@mutant("combine_masks", None, "stacked without broadcasting, any None fails", "not-broadcast")
def _(*masks):
    return torch.stack(masks).all(0)


@mutant("combine_masks", None, "stacked and multiplied", "not-broadcast")
def _(*masks):
    given = _given(masks)
    return torch.stack(given).prod(0).bool() if given else None


@mutant("combine_masks", None, "&= on the first mask", "joined-in-place")
def _(*masks):
    result = None
    for mask in masks:
        if mask is None:
            continue
        if result is None:
            result = mask
        else:
            result &= mask
    return result


@mutant("combine_masks", None, "&= on a copy of the first mask", "joined-in-place")
def _(*masks):
    given = _given(masks)
    if not given:
        return None
    result = given[0].clone()
    for mask in given[1:]:
        result &= mask
    return result


@mutant("combine_masks", None, "logical_and_ on the first mask", "joined-in-place")
def _(*masks):
    given = _given(masks)
    if not given:
        return None
    for mask in given[1:]:
        given[0].logical_and_(mask)
    return given[0]


@mutant("combine_masks", None, "&= where it fits", "in-place")
def _(*masks):
    given = _given(masks)
    if not given:
        return None
    result = given[0]
    for mask in given[1:]:
        if torch.broadcast_shapes(result.shape, mask.shape) == result.shape:
            result &= mask
        else:
            result = result & mask
    return result.clone()


@mutant("combine_masks", None, "if mask", "truth-value")
def _(*masks):
    return _right(*[mask for mask in masks if mask])


@mutant("combine_masks", None, "if not mask: continue", "truth-value")
def _(*masks):
    result = None
    for mask in masks:
        if not mask:
            continue
        result = mask.clone() if result is None else result & mask
    return result


@mutant("combine_masks", None, "and for &", "truth-value")
def _(*masks):
    result = None
    for mask in _given(masks):
        result = mask.clone() if result is None else result and mask
    return result


@mutant("combine_masks", None, "if result: result & mask", "truth-value")
def _(*masks):
    result = None
    for mask in _given(masks):
        result = result & mask if result else mask.clone()
    return result


@mutant("combine_masks", None, "all() of Python", "truth-value")
def _(*masks):
    return all(_given(masks)) if _given(masks) else None


@mutant("combine_masks", None, "a single mask is returned itself", "view")
def _(*masks):
    result = None
    for mask in masks:
        if mask is not None:
            result = mask if result is None else result & mask
    return result


@mutant("combine_masks", None, "a single mask is returned itself, reduced", "view")
def _(*masks):
    given = _given(masks)
    return functools.reduce(torch.logical_and, given) if given else None


@mutant("combine_masks", None, "a single mask is returned as an expanded view", "view")
def _(*masks):
    given = _given(masks)
    if not given:
        return None
    given = torch.broadcast_tensors(*given)
    return functools.reduce(operator.and_, given)


@mutant("combine_masks", None, "always four dimensions", "extra-dimensions")
def _(*masks):
    result = _right(*masks)
    while result is not None and result.ndim < 4:
        result = result[None]
    return result


@mutant("combine_masks", None, "the first against the shape of the last", "raised")
def _(*masks):
    given = _given(masks)
    if not given:
        return None
    return _right(*[mask.expand(given[-1].shape) for mask in given])


@mutant("combine_masks", None, "flattened", "wrong-shape")
def _(*masks):
    result = _right(*masks)
    return None if result is None else result.flatten()


@mutant("combine_masks", None, "a matrix product")
def _(*masks):
    result = _right(*masks)
    return None if result is None else result.float().cumsum(-1).bool()
