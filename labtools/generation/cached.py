"""Generation with a key/value cache: every token is read once.

Made for ``DecoderOnly`` and ``EncoderDecoder``, whose caches it uses; no other model will do.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from labtools.arguments import INTEGER, Shapes, between, positive_int
from labtools.model import DecoderOnly, EncoderDecoder, refuse_wrong_mask

NO_TOKEN = -1  # equal to no id


def complete(
    model: DecoderOnly,
    prompt_ids: Tensor,
    max_new_tokens: int,
    *,
    eos_id: int | None = None,
    temperature: float = 0.0,
    top_k: int | None = None,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Continue prompts of one length, token by token.

    Args:
        model: A ``DecoderOnly``.
        prompt_ids: (B, T) int64, without padding.
        max_new_tokens: At most so many tokens are added.
        eos_id: A row that has produced it is finished and filled up with it; generation stops when
            every row is finished.
        temperature: Divides the logits before sampling; 0 takes the likeliest token.
        top_k: Sample from the k likeliest tokens only [Fan et al. 2018].
        generator: Where the random numbers come from; on the device of the model.

    Returns:
        (B, at most T + max_new_tokens) int64, the prompt included.

    Raises:
        TypeError, ValueError: Another model, wrong shapes, dtypes, ids or ranges, or more tokens
            than ``context_len``.
    """
    _refuse_other_model(model, DecoderOnly)
    _refuse_wrong_lengths(model, "prompt_ids", prompt_ids, max_new_tokens)
    _refuse_wrong_ids(model, eos_id=eos_id)
    _refuse_wrong_choice(temperature, top_k)
    cache = model.new_cache()

    def next_logits(new: Tensor, mask: Tensor) -> Tensor:
        return model.logits(model.hidden(new, mask, cache=cache)[:, -1])

    def choose(logits: Tensor) -> Tensor:
        return _sample(logits, temperature, top_k, generator)

    end = NO_TOKEN if eos_id is None else eos_id
    return _extend(prompt_ids, max_new_tokens, next_logits, choose, end, fill_id=end)


def translate(
    model: EncoderDecoder,
    src: Tensor,
    src_mask: Tensor,
    max_new_tokens: int,
    *,
    decoder_start_id: int,
    eos_id: int,
    pad_id: int,
) -> Tensor:
    """The target that greedy decoding finds for each source; the source is encoded once.

    Args:
        model: An ``EncoderDecoder``.
        src: (B, S) int64.
        src_mask: (B, 1, 1, S) bool, True = a real token; for the encoder and for cross-attention.
        max_new_tokens: At most so many tokens are produced.
        decoder_start_id: What the decoder reads first.
        eos_id: Ends a row; generation stops when every row is finished.
        pad_id: Fills up finished rows.

    Returns:
        (B, at most max_new_tokens) int64, without the start token.

    Raises:
        TypeError, ValueError: Another model, wrong shapes, dtypes, ids or ranges, or more tokens
            than ``context_len``.
    """
    _refuse_other_model(model, EncoderDecoder)
    _refuse_wrong_ids(model, decoder_start_id=decoder_start_id, eos_id=eos_id, pad_id=pad_id)
    Shapes().tensor("src", src, "B S", INTEGER)
    refuse_wrong_mask(src_mask, (len(src), 1, 1, src.shape[1]), "src_mask")
    start = torch.full_like(src[:, :1], decoder_start_id)
    _refuse_wrong_lengths(model, "decoder_start_id", start, max_new_tokens)
    with torch.inference_mode():
        memory, cache = model.encode(src, src_mask), model.new_cache()

    def next_logits(new: Tensor, mask: Tensor) -> Tensor:
        return model.decode(new, memory, mask, src_mask, cache)[:, -1]

    def choose(logits: Tensor) -> Tensor:
        return logits.argmax(-1)

    return _extend(start, max_new_tokens, next_logits, choose, eos_id, fill_id=pad_id)[:, 1:]


def _extend(
    ids: Tensor,
    max_new_tokens: int,
    next_logits: Callable[[Tensor, Tensor], Tensor],
    choose: Callable[[Tensor], Tensor],
    eos_id: int,
    fill_id: int,
) -> Tensor:
    """Add tokens to ``ids`` (B, T); ``next_logits(new_ids, attn_mask)`` -> (B, V)."""
    new, T = ids, ids.shape[1]
    mask = torch.ones(T, T, dtype=torch.bool, device=ids.device).tril()
    finished = torch.zeros_like(ids[:, 0], dtype=torch.bool)
    with torch.inference_mode():
        for _ in range(max_new_tokens):
            token = choose(next_logits(new, mask))  # (B,)
            new = token.masked_fill(finished, fill_id)[:, None]
            ids = torch.cat([ids, new], dim=1)
            finished |= token == eos_id
            if finished.all():
                break
            # the newest token is the only query, and it sees every token so far
            mask = torch.ones(1, ids.shape[1], dtype=torch.bool, device=ids.device)
    return ids.clone()  # made in inference mode, it could not be used in training


def _sample(
    logits: Tensor, temperature: float, top_k: int | None, generator: torch.Generator | None
) -> Tensor:
    """(B, V) -> (B,)."""
    if temperature == 0:
        return logits.argmax(-1)
    logits = logits / temperature
    if top_k is not None and top_k < logits.shape[-1]:
        kept, where = logits.topk(top_k)
        return where.gather(1, _draw(kept, generator)).squeeze(1)
    return _draw(logits, generator).squeeze(1)


def _draw(logits: Tensor, generator: torch.Generator | None) -> Tensor:
    return torch.multinomial(logits.softmax(-1), 1, generator=generator)  # (B, 1)


def _refuse_other_model(model: object, wanted: type) -> None:
    if not isinstance(model, wanted):
        raise TypeError(f"model: expected {wanted.__name__}, got {type(model).__name__}")


def _refuse_wrong_lengths(
    model: DecoderOnly | EncoderDecoder, name: str, ids: Tensor, max_new_tokens: int
) -> None:
    Shapes().tensor(name, ids, "B T", INTEGER)
    positive_int("max_new_tokens", max_new_tokens, 0)
    read = ids.shape[1] + max_new_tokens - 1  # the last token is not read again
    if not ids.shape[1] or read > model.config.context_len:
        raise ValueError(
            f"{name}: expected from 1 to {model.config.context_len + 1 - max_new_tokens} tokens "
            f"(context_len + 1 - max_new_tokens), got {ids.shape[1]}"
        )


def _refuse_wrong_ids(model: DecoderOnly | EncoderDecoder, **ids: int | None) -> None:
    for name, value in ids.items():
        if value is not None:
            positive_int(name, value, 0)
            between(name, value, 0, model.config.vocab_size - 1)


def _refuse_wrong_choice(temperature: float, top_k: int | None) -> None:
    between("temperature", temperature, 0, float("inf"))
    if top_k is not None:
        positive_int("top_k", top_k)
