"""The right loop of ``greedy_decode``, for its mutants to be wrong in one of its parts."""

import torch
from ch05_seq2seq.mutants.parts import mutant


def causal(tgt_in):
    T = tgt_in.shape[1]
    return torch.ones(T, T, dtype=torch.bool).tril()


def real(src, pad_id):
    return (src != pad_id)[:, None, None, :]


def start_column(src, decoder_start_id):
    return torch.full((len(src), 1), decoder_start_id)


def asked(model, src, tgt_in, pad_id):
    """The next token of each row, from the model asked rightly."""
    keys = real(src, pad_id)
    return model(src, tgt_in, keys, causal(tgt_in), keys)[:, -1].argmax(-1)


@torch.no_grad()
def decoded(next_token, src, max_new_tokens, decoder_start_id, eos_id, pad_id):
    """The right loop around ``next_token(tgt_in)``."""
    tgt_in = start_column(src, decoder_start_id)
    finished = torch.zeros(len(src), dtype=torch.bool)
    for _ in range(max_new_tokens):
        token = next_token(tgt_in).masked_fill(finished, pad_id)
        tgt_in = torch.cat([tgt_in, token[:, None]], 1)
        finished |= token == eos_id
        if finished.all():
            break
    return tgt_in[:, 1:].clone()


def decode_mutant(number, name, *diagnosed):
    """A wrong answer to ``greedy_decode``."""
    return mutant("greedy_decode", number, name, *diagnosed)


def asking_mutant(number, name, *diagnosed):
    """It asks wrongly: ``ask(model, src, tgt_in, pad_id)`` -> the next tokens (B,)."""

    def keep(ask):
        @decode_mutant(number, name, *diagnosed)
        def _(model, src, max_new_tokens, decoder_start_id, eos_id, pad_id):
            return decoded(
                lambda tgt_in: ask(model, src, tgt_in, pad_id),
                src,
                max_new_tokens,
                decoder_start_id,
                eos_id,
                pad_id,
            )

        return ask

    return keep


def mask_mutant(number, name, *diagnosed):
    """Its masks are wrong: ``masks(src, tgt_in, pad_id)`` -> the three."""

    def keep(masks):
        @asking_mutant(number, name, *diagnosed)
        def _(model, src, tgt_in, pad_id):
            return model(src, tgt_in, *masks(src, tgt_in, pad_id))[:, -1].argmax(-1)

        return masks

    return keep


def loop_mutant(number, name, *diagnosed):
    """Its loop is wrong: ``loop(ask, src, n, start, eos, pad)``, where ``ask(tgt_in)`` is right."""

    def keep(loop):
        @decode_mutant(number, name, *diagnosed)
        @torch.no_grad()
        def _(model, src, max_new_tokens, decoder_start_id, eos_id, pad_id):
            return loop(
                lambda tgt_in: asked(model, src, tgt_in, pad_id),
                src,
                max_new_tokens,
                decoder_start_id,
                eos_id,
                pad_id,
            )

        return loop

    return keep
