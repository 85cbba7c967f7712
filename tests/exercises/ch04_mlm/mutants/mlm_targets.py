"""Wrong answers to ``mlm_targets``."""

import torch
import torch.nn.functional as F
from ch04_mlm.mutants.parts import mutant

from labtools.vocab import IGNORE_INDEX, bos_id, eos_id, mask_id, pad_id


@mutant("mlm_targets", None, "masked_fill with the mask upside down", "inverted")
def _(input_ids, selected):
    return input_ids.masked_fill(selected, IGNORE_INDEX)


@mutant("mlm_targets", None, "where with its branches swapped", "inverted")
def _(input_ids, selected):
    return torch.where(selected, -100, input_ids)


@mutant("mlm_targets", None, "the selected ones overwritten", "inverted")
def _(input_ids, selected):
    labels = input_ids.clone()
    labels[selected] = IGNORE_INDEX
    return labels


@mutant("mlm_targets", None, "a copy of the input", "all-scored")
def _(input_ids, selected):
    return input_ids.clone()


@mutant("mlm_targets", None, "real tokens by their id, selected or not", "masked-by-id")
def _(input_ids, selected):
    return input_ids.masked_fill(input_ids == pad_id, IGNORE_INDEX)


@mutant("mlm_targets", None, "nothing but IGNORE_INDEX", "nothing-scored")
def _(input_ids, selected):
    return torch.full_like(input_ids, IGNORE_INDEX)


@mutant("mlm_targets", None, "an assignment through two indices is lost", "nothing-scored")
def _(input_ids, selected):
    targets = torch.full_like(input_ids, IGNORE_INDEX)
    targets[selected][:] = input_ids[selected]
    return targets


@mutant("mlm_targets", None, "0 where not selected", "wrong-ignore-index")
def _(input_ids, selected):
    return input_ids * selected


@mutant("mlm_targets", None, "zeros, filled where selected", "wrong-ignore-index")
def _(input_ids, selected):
    targets = torch.zeros_like(input_ids)
    targets[selected] = input_ids[selected]
    return targets


@mutant("mlm_targets", None, "-1 where not selected", "wrong-ignore-index")
def _(input_ids, selected):
    return torch.where(selected, input_ids, -1)


@mutant("mlm_targets", None, "the mask token where not selected", "wrong-ignore-index")
def _(input_ids, selected):
    return input_ids.masked_fill(~selected, mask_id)


@mutant("mlm_targets", None, "+100 where not selected", "wrong-ignore-index")
def _(input_ids, selected):
    return input_ids.masked_fill(~selected, 100)


@mutant("mlm_targets", 19, "shifted as for a causal model", "shifted")
def _(input_ids, selected):
    targets = input_ids.masked_fill(~selected, IGNORE_INDEX)
    return F.pad(targets[:, 1:], (0, 1), value=IGNORE_INDEX)


@mutant("mlm_targets", 19, "the next token where selected", "shifted")
def _(input_ids, selected):
    return input_ids.roll(-1, 1).masked_fill(~selected, IGNORE_INDEX)


@mutant("mlm_targets", 21, "the token before where selected", "shifted")
def _(input_ids, selected):
    before = F.pad(input_ids[:, :-1], (1, 0), value=IGNORE_INDEX)
    return torch.where(selected, before, IGNORE_INDEX)


@mutant("mlm_targets", 21, "the targets rolled", "shifted")
def _(input_ids, selected):
    return input_ids.masked_fill(~selected, IGNORE_INDEX).roll(1, 1)


@mutant("mlm_targets", None, "the selection moved by one", "shifted")
def _(input_ids, selected):
    return input_ids.masked_fill(~F.pad(selected[:, :-1], (1, 0)), IGNORE_INDEX)


@mutant("mlm_targets", 34, "positions that hold the mask token", "by-mask-token")
def _(input_ids, selected):
    return torch.where(input_ids == mask_id, input_ids, IGNORE_INDEX)


@mutant("mlm_targets", 34, "selected and holding the mask token", "by-mask-token")
def _(input_ids, selected):
    return torch.where(selected & (input_ids == mask_id), input_ids, IGNORE_INDEX)


@mutant("mlm_targets", 34, "selected or holding the mask token", "by-mask-token")
def _(input_ids, selected):
    labels = input_ids.clone()
    labels[~(selected | (labels == mask_id))] = -100
    return labels


@mutant("mlm_targets", 22, "token 0 is never a target", "masked-by-id")
def _(input_ids, selected):
    return input_ids.masked_fill(~selected | (input_ids == 0), IGNORE_INDEX)


@mutant("mlm_targets", 22, "<eos> is never a target", "masked-by-id")
def _(input_ids, selected):
    return input_ids.masked_fill(~selected | (input_ids == eos_id), IGNORE_INDEX)


@mutant("mlm_targets", 22, "special tokens are never targets", "masked-by-id")
def _(input_ids, selected):
    special = torch.tensor([pad_id, bos_id, eos_id, mask_id], device=input_ids.device)
    return torch.where(selected & ~torch.isin(input_ids, special), input_ids, IGNORE_INDEX)


@mutant("mlm_targets", 22, "0 taken for nothing, after a product", "masked-by-id")
def _(input_ids, selected):
    targets = input_ids * selected
    targets[targets == 0] = IGNORE_INDEX
    return targets


@mutant("mlm_targets", 23, "taken after corrupting", "true-token-lost")
def _(input_ids, selected):
    corrupted = input_ids.masked_fill(selected, mask_id)
    return corrupted.masked_fill(~selected, IGNORE_INDEX)


@mutant("mlm_targets", 23, "the corrupted input itself", "true-token-lost")
def _(input_ids, selected):
    return torch.where(selected, mask_id, input_ids)


@mutant("mlm_targets", 23, "labels that are the inputs", "in-place")
def _(input_ids, selected):
    labels = input_ids
    labels[~selected] = IGNORE_INDEX
    return labels


@mutant("mlm_targets", 23, "masked_fill_ on the input", "in-place")
def _(input_ids, selected):
    return input_ids.masked_fill_(~selected, IGNORE_INDEX)


@mutant("mlm_targets", 23, "the input is corrupted on the way", "in-place")
def _(input_ids, selected):
    targets = torch.where(selected, input_ids, IGNORE_INDEX)
    input_ids[selected] = mask_id
    return targets


@mutant("mlm_targets", 23, "the selection turned round in place", "in-place")
def _(input_ids, selected):
    return input_ids.masked_fill(selected.logical_not_(), IGNORE_INDEX)


@mutant("mlm_targets", 23, "the input itself when all is selected", "view")
def _(input_ids, selected):
    if selected.all():
        return input_ids
    return input_ids.masked_fill(~selected, IGNORE_INDEX)


@mutant("mlm_targets", None, "only the selected tokens", "selected-only")
def _(input_ids, selected):
    return input_ids[selected]


@mutant("mlm_targets", None, "masked_select", "selected-only")
def _(input_ids, selected):
    return torch.masked_select(input_ids, selected)


@mutant("mlm_targets", None, "where the selected ones stand", "wrong-shape")
def _(input_ids, selected):
    return selected.nonzero()


@mutant("mlm_targets", None, "a list of rows of selected tokens", "wrong-type")
def _(input_ids, selected):
    return [ids[chosen] for ids, chosen in zip(input_ids, selected, strict=True)]


@mutant("mlm_targets", None, "flat", "wrong-shape")
def _(input_ids, selected):
    return input_ids.masked_fill(~selected, IGNORE_INDEX).flatten()


@mutant("mlm_targets", None, "transposed", "wrong-shape")
def _(input_ids, selected):
    return input_ids.masked_fill(~selected, IGNORE_INDEX).T


@mutant("mlm_targets", None, "the selection itself", "wrong-dtype")
def _(input_ids, selected):
    return selected.clone()


@mutant("mlm_targets", None, "float targets", "wrong-dtype")
def _(input_ids, selected):
    chosen = selected.float()
    return input_ids * chosen + IGNORE_INDEX * (1 - chosen)


@mutant("mlm_targets", None, "int32 targets", "wrong-dtype")
def _(input_ids, selected):
    return input_ids.int().masked_fill(~selected, IGNORE_INDEX)


@mutant("mlm_targets", None, "NaN for nothing", "wrong-dtype")
def _(input_ids, selected):
    return input_ids.float().masked_fill(~selected, float("nan"))


@mutant("mlm_targets", None, "positions, not tokens", "positions")
def _(input_ids, selected):
    place = torch.arange(input_ids.shape[1], device=input_ids.device).expand_as(input_ids)
    return place.masked_fill(~selected, IGNORE_INDEX)


@mutant("mlm_targets", None, "-100 added", "added")
def _(input_ids, selected):
    return input_ids + IGNORE_INDEX * ~selected


@mutant("mlm_targets", None, "-100 added everywhere after a product", "added")
def _(input_ids, selected):
    return input_ids * selected + IGNORE_INDEX


@mutant("mlm_targets", None, "the first row's selection for all", "one-row")
def _(input_ids, selected):
    return input_ids.masked_fill(~selected[0], IGNORE_INDEX)


@mutant("mlm_targets", None, "selected in any row", "one-row")
def _(input_ids, selected):
    return input_ids.masked_fill(~selected.any(0), IGNORE_INDEX)


@mutant("mlm_targets", None, "whole rows in which something is selected", "one-row")
def _(input_ids, selected):
    return torch.where(selected.any(dim=1, keepdim=True), input_ids, IGNORE_INDEX)


@mutant("mlm_targets", None, "the first selected position of each row alone")
def _(input_ids, selected):
    first = selected & (selected.cumsum(1) == 1)
    return input_ids.masked_fill(~first, IGNORE_INDEX)


@mutant("mlm_targets", None, "fails when nothing is selected", "nothing-selected")
def _(input_ids, selected):
    n = int(selected.flatten().nonzero().max()) + 1
    targets = torch.full_like(input_ids, IGNORE_INDEX).flatten()
    targets[:n] = input_ids.flatten()[:n].where(selected.flatten()[:n], IGNORE_INDEX)
    return targets.view_as(input_ids)


@mutant("mlm_targets", None, "all selected is taken for none", "all-selected")
def _(input_ids, selected):
    if selected.all():
        return torch.full_like(input_ids, IGNORE_INDEX)
    return input_ids.masked_fill(~selected, IGNORE_INDEX)


@mutant("mlm_targets", None, "the selection drawn anew", "not-deterministic")
def _(input_ids, selected):
    return input_ids.masked_fill(torch.rand(input_ids.shape) > 0.4, IGNORE_INDEX)


@mutant("mlm_targets", None, "sorted by selection")
def _(input_ids, selected):
    order = selected.long().argsort(dim=1, descending=True, stable=True)
    return input_ids.masked_fill(~selected, IGNORE_INDEX).gather(1, order)
