"""A small Transformer. Masks come in as arguments and are never built here.

One pre-norm block; decoder-only, encoder-only and encoder–decoder models made of it.
"""

from labtools.model.architectures import DecoderOnly, EncoderDecoder, EncoderOnly
from labtools.model.attention_weights import attention_weights
from labtools.model.block import Attention, Block
from labtools.model.cache import KeyValueCache
from labtools.model.config import ModelConfig
from labtools.model.masks import refuse_wrong_mask
from labtools.model.stack import n_parameters

__all__ = [
    "Attention",
    "Block",
    "DecoderOnly",
    "EncoderDecoder",
    "EncoderOnly",
    "KeyValueCache",
    "ModelConfig",
    "attention_weights",
    "n_parameters",
    "refuse_wrong_mask",
]
