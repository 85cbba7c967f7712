"""Texts out of a model: with a key/value cache, every token read once, and by beam search.

``complete`` and ``translate`` are made for ``DecoderOnly`` and ``EncoderDecoder``, whose caches
they use; ``beam_search`` takes any function that says what may come next.
"""

from labtools.generation.beam import beam_search
from labtools.generation.cached import complete, translate

__all__ = ["beam_search", "complete", "translate"]
