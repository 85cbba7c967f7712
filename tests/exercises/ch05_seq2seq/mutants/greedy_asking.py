"""Wrong answers to ``greedy_decode``: what the model is asked."""

import torch
from ch05_seq2seq.mutants.decoding import (
    asked,
    asking_mutant,
    causal,
    decode_mutant,
    decoded,
    mask_mutant,
    real,
    start_column,
)


@mask_mutant(10, "the source's padding not masked", "padding-seen")
def _(src, tgt_in, pad_id):
    keys = torch.ones(len(src), 1, 1, src.shape[1], dtype=torch.bool)
    return keys, causal(tgt_in), keys


@mask_mutant(10, "padding hidden from the decoder alone", "encoder-sees-padding")
def _(src, tgt_in, pad_id):
    return torch.ones(1, 1, dtype=torch.bool), causal(tgt_in), real(src, pad_id)


@mask_mutant(10, "padding hidden from the encoder alone", "decoder-sees-padding")
def _(src, tgt_in, pad_id):
    T, S = tgt_in.shape[1], src.shape[1]
    return real(src, pad_id), causal(tgt_in), torch.ones(T, S, dtype=torch.bool)


@mask_mutant(39, "pad assumed to be 0", "padding-is-0")
def _(src, tgt_in, pad_id):
    return real(src, 0), causal(tgt_in), real(src, 0)


@mask_mutant(39, "pad assumed to be 0 in the cross mask", "padding-is-0")
def _(src, tgt_in, pad_id):
    return real(src, pad_id), causal(tgt_in), real(src, 0)


@mask_mutant(17, "the source's masks upside down", "source-inverted")
def _(src, tgt_in, pad_id):
    return ~real(src, pad_id), causal(tgt_in), ~real(src, pad_id)


@mask_mutant(17, "the cross mask upside down", "source-inverted")
def _(src, tgt_in, pad_id):
    return real(src, pad_id), causal(tgt_in), ~real(src, pad_id)


@mask_mutant(None, "a causal encoder", "source-causal")
def _(src, tgt_in, pad_id):
    return real(src, pad_id) & causal(src), causal(tgt_in), real(src, pad_id)


@mask_mutant(None, "a causal cross mask", "source-causal")
def _(src, tgt_in, pad_id):
    T, S = tgt_in.shape[1], src.shape[1]
    across = torch.tril(torch.ones(T, S, dtype=torch.bool))
    return real(src, pad_id), causal(tgt_in), real(src, pad_id) & across


@mask_mutant(7, "query rows of the encoder masked", "rows-not-columns")
def _(src, tgt_in, pad_id):
    return real(src, pad_id).mT, causal(tgt_in), real(src, pad_id)


@mask_mutant(8, "masks of (B, S)", "mask-shape")
def _(src, tgt_in, pad_id):
    return src != pad_id, causal(tgt_in), src != pad_id


@mask_mutant(8, "a cross mask of (B, S)", "mask-shape")
def _(src, tgt_in, pad_id):
    return real(src, pad_id), causal(tgt_in), src != pad_id


@mask_mutant(8, "masks of (B, 1, S)", "mask-shape")
def _(src, tgt_in, pad_id):
    return (src != pad_id)[:, None], causal(tgt_in), (src != pad_id)[:, None]


@mask_mutant(41, "the cross mask is the decoder's", "cross-from-target")
def _(src, tgt_in, pad_id):
    return real(src, pad_id), causal(tgt_in), causal(tgt_in)


@mask_mutant(41, "the cross mask from the target's padding", "cross-from-target")
def _(src, tgt_in, pad_id):
    return real(src, pad_id), causal(tgt_in), real(tgt_in, pad_id)


@mask_mutant(41, "the decoder's mask from the source", "target-from-source")
def _(src, tgt_in, pad_id):
    return real(src, pad_id), real(src, pad_id), real(src, pad_id)


@mask_mutant(None, "no causal mask", "not-causal")
def _(src, tgt_in, pad_id):
    return real(src, pad_id), torch.ones_like(causal(tgt_in)), real(src, pad_id)


@mask_mutant(2, "one diagonal too many", "diagonal-too-many")
def _(src, tgt_in, pad_id):
    T = tgt_in.shape[1]
    return real(src, pad_id), torch.ones(T, T).tril(1).bool(), real(src, pad_id)


@mask_mutant(1, "strictly causal", "diagonal-blocked")
def _(src, tgt_in, pad_id):
    T = tgt_in.shape[1]
    return real(src, pad_id), torch.ones(T, T).tril(-1).bool(), real(src, pad_id)


@mask_mutant(None, "anti-causal", "target-inverted")
def _(src, tgt_in, pad_id):
    return real(src, pad_id), causal(tgt_in).T, real(src, pad_id)


@mask_mutant(17, "causal, True = blocked", "target-inverted")
def _(src, tgt_in, pad_id):
    return real(src, pad_id), ~causal(tgt_in), real(src, pad_id)


@mask_mutant(39, "the start token blocked when it is pad", "pad-blocked")
def _(src, tgt_in, pad_id):
    return real(src, pad_id), causal(tgt_in) & real(tgt_in, pad_id), real(src, pad_id)


@asking_mutant(None, "the start token seen, a generated pad not", "generated-pad")
def _(model, src, tgt_in, pad_id):
    seen = tgt_in != pad_id
    seen[:, 0] = True
    keys = real(src, pad_id)
    mask = causal(tgt_in) & seen[:, None, None, :]
    return model(src, tgt_in, keys, mask, keys)[:, -1].argmax(-1)


@mask_mutant(18, "float masks", "number-mask")
def _(src, tgt_in, pad_id):
    return real(src, pad_id).float(), causal(tgt_in).float(), real(src, pad_id).float()


@mask_mutant(18, "an additive causal mask", "number-mask")
def _(src, tgt_in, pad_id):
    T = tgt_in.shape[1]
    bias = torch.full((T, T), -torch.inf).triu(1)
    return real(src, pad_id), bias, real(src, pad_id)


@mask_mutant(18, "integer masks of the source", "number-mask")
def _(src, tgt_in, pad_id):
    return real(src, pad_id).long(), causal(tgt_in), real(src, pad_id).long()


@mask_mutant(None, "no cross mask", "no-mask")
def _(src, tgt_in, pad_id):
    return real(src, pad_id), causal(tgt_in), None


@mask_mutant(None, "cross mask and decoder's mask swapped", "target-from-source")
def _(src, tgt_in, pad_id):
    return real(src, pad_id), real(src, pad_id), causal(tgt_in)


@asking_mutant(None, "source and target swapped", "swapped")
def _(model, src, tgt_in, pad_id):
    keys = real(src, pad_id)
    return model(tgt_in, src, keys, causal(tgt_in), keys)[:, -1].argmax(-1)


@asking_mutant(None, "two arguments", "raised")
def _(model, src, tgt_in, pad_id):
    return model(src, tgt_in)[:, -1].argmax(-1)


@asking_mutant(None, "reads the first position", "own-output-unread")
def _(model, src, tgt_in, pad_id):
    keys = real(src, pad_id)
    return model(src, tgt_in, keys, causal(tgt_in), keys)[:, 0].argmax(-1)


@asking_mutant(None, "only ever reads the start token", "own-output-unread")
def _(model, src, tgt_in, pad_id):
    return asked(model, src, tgt_in[:, :1], pad_id)


@asking_mutant(None, "only the newest token fed", "last-token-only")
def _(model, src, tgt_in, pad_id):
    return asked(model, src, tgt_in[:, -1:], pad_id)


@asking_mutant(None, "the position before the last", "wrong-position")
def _(model, src, tgt_in, pad_id):
    keys = real(src, pad_id)
    logits = model(src, tgt_in, keys, causal(tgt_in), keys)
    return logits[:, max(tgt_in.shape[1] - 2, 0)].argmax(-1)


@asking_mutant(None, "the mean over the positions", "wrong-position")
def _(model, src, tgt_in, pad_id):
    keys = real(src, pad_id)
    return model(src, tgt_in, keys, causal(tgt_in), keys).mean(1).argmax(-1)


@asking_mutant(None, "argmax over the rows", "raised")
def _(model, src, tgt_in, pad_id):
    keys = real(src, pad_id)
    return model(src, tgt_in, keys, causal(tgt_in), keys)[:, -1].argmax(0)


@asking_mutant(None, "argmax over everything", "raised")
def _(model, src, tgt_in, pad_id):
    keys = real(src, pad_id)
    token = model(src, tgt_in, keys, causal(tgt_in), keys)[:, -1].argmax()
    return token.expand(len(src) + 1)


@asking_mutant(None, "the least likely", "least-likely")
def _(model, src, tgt_in, pad_id):
    keys = real(src, pad_id)
    return model(src, tgt_in, keys, causal(tgt_in), keys)[:, -1].argmin(-1)


@asking_mutant(None, "the second likeliest", "not-the-likeliest")
def _(model, src, tgt_in, pad_id):
    keys = real(src, pad_id)
    logits = model(src, tgt_in, keys, causal(tgt_in), keys)[:, -1]
    return logits.argsort(-1, descending=True)[:, 1]


@asking_mutant(None, "in half precision", "rounded")
def _(model, src, tgt_in, pad_id):
    keys = real(src, pad_id)
    return model(src, tgt_in, keys, causal(tgt_in), keys)[:, -1].half().argmax(-1)


@asking_mutant(None, "with a little noise", "random")
def _(model, src, tgt_in, pad_id):
    keys = real(src, pad_id)
    logits = model(src, tgt_in, keys, causal(tgt_in), keys)[:, -1]
    return (logits + 1e-3 * torch.randn_like(logits)).argmax(-1)


@asking_mutant(None, "sampled", "random")
def _(model, src, tgt_in, pad_id):
    keys = real(src, pad_id)
    probs = model(src, tgt_in, keys, causal(tgt_in), keys)[:, -1].softmax(-1)
    return torch.multinomial(probs, 1)[:, 0]


@asking_mutant(None, "the token of the first row for all", "wrong-shape")
def _(model, src, tgt_in, pad_id):
    return asked(model, src, tgt_in, pad_id)[:1].expand(len(src))


@asking_mutant(None, "only the last three tokens are read", "wrong-shape")
def _(model, src, tgt_in, pad_id):
    return asked(model, src, tgt_in[:, -3:], pad_id)


@asking_mutant(38, "finished rows are fed −100", "raised")
def _(model, src, tgt_in, pad_id):
    after = (tgt_in == pad_id) & (tgt_in[:, -1:] == pad_id)
    return asked(model, src, tgt_in.masked_fill(after, -100), pad_id)


def _starting(name, pick):
    @decode_mutant(39, f"starts with {name}", "wrong-start")
    def _(model, src, max_new_tokens, decoder_start_id, eos_id, pad_id):
        return decoded(
            lambda tgt_in: asked(model, src, tgt_in, pad_id),
            src,
            max_new_tokens,
            pick(eos_id, pad_id),
            eos_id,
            pad_id,
        )


_starting("pad, as T5", lambda eos_id, pad_id: pad_id)
_starting("eos, as BART", lambda eos_id, pad_id: eos_id)
_starting("id 1", lambda eos_id, pad_id: 1)
_starting("id 0", lambda eos_id, pad_id: 0)


@decode_mutant(None, "starts with the source's first token", "wrong-start")
def _(model, src, max_new_tokens, decoder_start_id, eos_id, pad_id):
    return decoded(
        lambda tgt_in: asked(model, src, torch.cat([src[:, :1], tgt_in[:, 1:]], 1), pad_id),
        src,
        max_new_tokens,
        decoder_start_id,
        eos_id,
        pad_id,
    )


@decode_mutant(39, "the start token forbidden", "start-forbidden")
def _(model, src, max_new_tokens, decoder_start_id, eos_id, pad_id):
    keys = real(src, pad_id)

    def ask(tgt_in):
        logits = model(src, tgt_in, keys, causal(tgt_in), keys)[:, -1]
        logits[:, decoder_start_id] = float("-inf")
        return logits.argmax(-1)

    return decoded(ask, src, max_new_tokens, decoder_start_id, eos_id, pad_id)


@decode_mutant(None, "pad forbidden", "generated-pad")
def _(model, src, max_new_tokens, decoder_start_id, eos_id, pad_id):
    keys = real(src, pad_id)

    def ask(tgt_in):
        logits = model(src, tgt_in, keys, causal(tgt_in), keys)[:, -1]
        return logits.index_fill(1, torch.tensor([pad_id]), -torch.inf).argmax(-1)

    return decoded(ask, src, max_new_tokens, decoder_start_id, eos_id, pad_id)


@decode_mutant(None, "the source is the decoder's prompt", "source-as-prompt")
def _(model, src, max_new_tokens, decoder_start_id, eos_id, pad_id):
    return decoded(
        lambda tgt_in: asked(model, src, torch.cat([src, tgt_in], 1), pad_id),
        src,
        max_new_tokens,
        decoder_start_id,
        eos_id,
        pad_id,
    )


@decode_mutant(None, "the start token forgotten", "raised", "wrong-shape")
def _(model, src, max_new_tokens, decoder_start_id, eos_id, pad_id):
    tgt_in = start_column(src, decoder_start_id)[:, :0]
    for _ in range(max_new_tokens):
        token = asked(model, src, tgt_in, pad_id)
        tgt_in = torch.cat([tgt_in, token[:, None]], 1)
    return tgt_in
