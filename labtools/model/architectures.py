"""Decoder-only, encoder-only and encoder–decoder: the same block, other masks."""

from torch import Tensor, nn

from labtools.arguments import FLOAT, INTEGER, Shapes
from labtools.model.cache import KeyValueCache
from labtools.model.config import ModelConfig
from labtools.model.stack import Stack


class DecoderOnly(Stack):
    """As GPT-2 [Radford et al. 2019]: made for causal masks, though any mask may be given.

    The output layer shares its weights with the token embedding.
    """

    def hidden(
        self,
        input_ids: Tensor,
        attn_mask: Tensor,
        positions: Tensor | None = None,
        cache: KeyValueCache | None = None,
    ) -> Tensor:
        """The final states, (B, T, D); arguments as in ``forward``."""
        start = 0 if cache is None else len(cache)
        x = self.embed("input_ids", input_ids, positions, start)
        mask = self.mask("attn_mask", attn_mask, x, start + x.shape[1])
        return self.transform(x, mask, cache=cache)

    def forward(
        self,
        input_ids: Tensor,
        attn_mask: Tensor,
        positions: Tensor | None = None,
        cache: KeyValueCache | None = None,
    ) -> Tensor:
        """Logits for every position.

        Args:
            input_ids: (B, T) int64.
            attn_mask: bool, True = may attend; broadcasts to (B, H, T, S), queries before keys.
                S = T, or with a cache its length + T.
            positions: (B, T) int64, for text whose positions do not simply count on.
            cache: From ``new_cache``; ``input_ids`` are then the tokens after those in it.

        Returns:
            (B, T, V).

        Raises:
            TypeError, ValueError: Wrong shapes, dtypes or ids, or more than ``context_len`` tokens.
        """
        return self.logits(self.hidden(input_ids, attn_mask, positions, cache))

    def new_cache(self) -> KeyValueCache:
        """An empty cache for this model."""
        return KeyValueCache(self.config.n_layers)


class EncoderOnly(Stack):
    """As BERT [Devlin et al. 2019], with pre-norm blocks: made for masks that block only padding.

    It has no cache: a new token would change the states of those before it.
    """

    def hidden(
        self, input_ids: Tensor, attn_mask: Tensor, positions: Tensor | None = None
    ) -> Tensor:
        """The final states, (B, T, D); arguments as in ``forward``."""
        x = self.embed("input_ids", input_ids, positions)
        return self.transform(x, self.mask("attn_mask", attn_mask, x, x.shape[1]))

    def forward(
        self, input_ids: Tensor, attn_mask: Tensor, positions: Tensor | None = None
    ) -> Tensor:
        """Logits for every position.

        Args:
            input_ids: (B, T) int64.
            attn_mask: bool, True = may attend; broadcasts to (B, H, T, T), queries before keys.
            positions: (B, T) int64, for text whose positions do not simply count from 0.

        Returns:
            (B, T, V).

        Raises:
            TypeError, ValueError: Wrong shapes, dtypes or ids, or more than ``context_len`` tokens.
        """
        return self.logits(self.hidden(input_ids, attn_mask, positions))


class EncoderDecoder(nn.Module):
    """As the first Transformer [Vaswani et al. 2017], with pre-norm blocks.

    Source, target and output share one token embedding; the halves have their own positions.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Stack(config)
        self.decoder = Stack(config, self.encoder.token_embedding, cross=True)

    def forward(
        self,
        src: Tensor,
        tgt_in: Tensor,
        src_mask: Tensor,
        tgt_mask: Tensor,
        cross_mask: Tensor,
    ) -> Tensor:
        """Logits for every target position.

        Args:
            src: (B, S) int64.
            tgt_in: (B, T) int64, the decoder's input: the target shifted right.
            src_mask: bool, True = may attend; broadcasts to (B, H, S, S).
            tgt_mask: Likewise, to (B, H, T, T).
            cross_mask: Likewise, to (B, H, T, S).

        Returns:
            (B, T, V).

        Raises:
            TypeError, ValueError: Wrong shapes, dtypes or ids, or more than ``context_len`` tokens.
        """
        return self.decode(tgt_in, self.encode(src, src_mask), tgt_mask, cross_mask)

    def encode(self, src: Tensor, src_mask: Tensor) -> Tensor:
        """The encoder's final states, (B, S, D)."""
        x = self.encoder.embed("src", src)
        return self.encoder.transform(x, self.encoder.mask("src_mask", src_mask, x, x.shape[1]))

    def hidden(
        self,
        tgt_in: Tensor,
        memory: Tensor,
        tgt_mask: Tensor,
        cross_mask: Tensor,
        cache: KeyValueCache | None = None,
    ) -> Tensor:
        """The decoder's final states, (B, T, D); arguments as in ``decode``."""
        self._refuse_wrong_memory(tgt_in, memory)
        start = 0 if cache is None else len(cache)
        x = self.decoder.embed("tgt_in", tgt_in, start=start)
        mask = self.decoder.mask("tgt_mask", tgt_mask, x, start + x.shape[1])
        cross = self.decoder.mask("cross_mask", cross_mask, x, memory.shape[1])
        return self.decoder.transform(x, mask, memory, cross, cache)

    def decode(
        self,
        tgt_in: Tensor,
        memory: Tensor,
        tgt_mask: Tensor,
        cross_mask: Tensor,
        cache: KeyValueCache | None = None,
    ) -> Tensor:
        """Logits (B, T, V) from ``memory``, the (B, S, D) that ``encode`` returned.

        With a ``cache`` from ``new_cache``, ``tgt_in`` are the tokens after those in it and
        ``tgt_mask`` has a column for each token in the cache and each new one; ``memory`` must
        stay the same from call to call.
        """
        return self.decoder.logits(self.hidden(tgt_in, memory, tgt_mask, cross_mask, cache))

    def new_cache(self) -> KeyValueCache:
        """An empty cache for the decoder."""
        return KeyValueCache(self.config.n_layers)

    def _refuse_wrong_memory(self, tgt_in: Tensor, memory: Tensor) -> None:
        shapes = Shapes()
        shapes.tensor("tgt_in", tgt_in, "B T", INTEGER)
        shapes.tensor("memory", memory, "B S D", FLOAT)
