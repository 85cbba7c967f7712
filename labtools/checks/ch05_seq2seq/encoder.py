"""Who may read the source's padding: nobody. ``encoder_mask``."""

from collections.abc import Callable

import torch
from torch import Tensor

from labtools.checks.ch02_attention_masks.forms import FORM_WORDS, FORMS, Dress, as_it_is
from labtools.checks.ch05_seq2seq.real_keys import (
    KEY_RULES,
    KEY_WORDS,
    See,
    is_real,
    real_keys,
    source_cases,
)
from labtools.checks.ch05_seq2seq.sections import MASKS
from labtools.checks.ch05_seq2seq.words import MASK_DEVICE
from labtools.checks.key_masks import SHAPES, for_each_query, shape_words
from labtools.checks.properties import follows_device
from labtools.checks.spec import Case, Rules, Spec, Words, mistakes


def _mask(
    src: Tensor,
    pad_id: int,
    *,
    see: See = is_real,
    batch: Callable[[Tensor], Tensor] = lambda real: real,
    dress: Dress = as_it_is,
) -> Tensor:
    """Key j of a row may be seen where ``see(ids, j, pad_id)``; right when no knob is turned."""
    return dress(batch(real_keys(src, pad_id, see)))


def _cases(generator: torch.Generator) -> list[Case]:
    return [
        Case((src, pad_id), special=special) for src, pad_id, special in source_cases(generator)
    ]


WORDS = {
    **FORM_WORDS,
    **shape_words(MASKS, MASKS),
    **KEY_WORDS,
    "causal": Words(
        "the encoder is made causal",
        "The source is given as a whole, and nothing in it is predicted, so every token may see "
        "those after it too. Block padding alone: (B, 1, 1, S).",
        MASKS,
    ),
}


def _causal(mask: Tensor) -> Tensor:
    return for_each_query(mask).tril()


RULES: Rules = (
    *KEY_RULES,
    *SHAPES,
    ("causal", {"dress": _causal}),
    ("causal", {"dress": lambda mask: for_each_query(torch.ones_like(mask)).tril()}),
    ("causal", {"dress": lambda mask: _causal(torch.ones_like(mask))[0, 0]}),
    ("causal", {"dress": lambda mask: _causal(torch.ones_like(mask))[:1]}),
    *FORMS,
)

ENCODER_MASK = Spec(
    "encoder_mask",
    ("src", "pad_id"),
    MASKS,
    _mask,
    _cases,
    mistakes(WORDS, _mask, RULES),
    (follows_device(MASK_DEVICE, lambda: (torch.tensor([[5, 7, 0], [4, 0, 0]]), 0), ["meta"]),),
    axes=("query", "key"),
)
