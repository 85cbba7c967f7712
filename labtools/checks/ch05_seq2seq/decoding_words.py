"""What is said of ``greedy_decode``."""

from labtools.checks.ch05_seq2seq.sections import DECODING, MASKS, SHIFT
from labtools.checks.sections import Section
from labtools.checks.spec import Special, Words

ENDING = (
    "A row is finished once it has generated eos_id, which is kept; after it the row is filled "
    "with pad_id. Decoding stops as soon as all rows are finished, or after max_new_tokens."
)
POSITION = (
    "The logits at position t are about the token after the t-th that the decoder reads, so the "
    "next token comes from the last position: logits[:, -1]."
)
PADDING = (
    "The source's padding is hidden twice, and both times keys are blocked: in src_mask from the "
    "encoder, and in cross_mask from the decoder. (src != pad_id)[:, None, None, :], of shape "
    "(B, 1, 1, S), fits both."
)
START = (
    "The first thing that the decoder reads is decoder_start_id, whatever that is: <pad> for T5, "
    "<eos> for BART. It is given, so nothing has to be assumed."
)


def _special(name: str, title: str, explain: str, section: Section = DECODING) -> Special:
    return Special(name, Words(title, explain, section))


NO_NEW_TOKENS = _special(
    "no-new-tokens",
    "max_new_tokens = 0 goes wrong",
    "Nothing is to be generated: the result has the shape (B, 0), and is of int64.",
)
START_IS_PAD = _special(
    "start-is-pad",
    "a start token equal to pad_id goes wrong, as in T5",
    "The start token must be seen, although its id is that of padding, and it is not the end of "
    "anything. The decoder's mask here is the causal one alone: nobody minds what a finished row "
    "reads.",
    SHIFT,
)
START_IS_EOS = _special(
    "start-is-eos",
    "a start token equal to eos_id goes wrong, as in BART",
    "A row is finished once it has *generated* eos_id: look at the new tokens, not at the start "
    "token that the decoder was given.",
    SHIFT,
)
GENERATED_PAD = _special(
    "generated-pad",
    "a generated pad_id goes wrong",
    "Only eos_id ends a row. A pad_id that the model itself has chosen before is a token like any "
    "other: it is kept, and read by the decoder.",
)
RANDOM = _special(
    "random",
    "it draws at random",
    "Greedy decoding takes the likeliest token: argmax of the logits, not multinomial.",
)
DEVICE = Words(
    "the result is not on the device of the source",
    "Make new tensors where the source is: device=src.device, or src.new_full(…).",
    DECODING,
)
PADDING_MATTERS = Words("more padding in the source changes the result", PADDING, MASKS)
ROWS_MATTER = Words(
    "other rows in the batch change the result of a row",
    "Every row is a text of its own. Only the number of columns depends on the others.",
    DECODING,
)
WORDS = {
    "padding-seen": Words("the padding of the source is not masked", PADDING, MASKS),
    "encoder-sees-padding": Words(
        "the encoder sees the padding of the source: src_mask blocks nothing",
        "Hidden from the decoder alone, the padding still comes in through the encoder, where "
        "every real token reads it. " + PADDING,
        MASKS,
    ),
    "decoder-sees-padding": Words(
        "the decoder sees the padding of the source: cross_mask blocks nothing",
        "The encoder gives an output at every position, at padding too, and that is noise. "
        + PADDING,
        MASKS,
    ),
    "padding-is-0": Words(
        "padding is taken for 0, whatever pad_id is",
        "Compare with pad_id: src != pad_id.",
        MASKS,
    ),
    "source-inverted": Words(
        "a mask of the source is upside down: True at padding",
        "Here True = may attend: src != pad_id.",
        MASKS,
    ),
    "source-causal": Words(
        "the source is masked causally",
        "The whole source is there before the first token is generated: in the encoder, and from "
        "the decoder, all its real tokens are seen.",
        MASKS,
    ),
    "rows-not-columns": Words(
        "the queries at padding are masked, not the keys",
        "Which keys are seen is said by the last dimension: (B, 1, 1, S), not (B, 1, S, 1).",
        MASKS,
    ),
    "mask-shape": Words(
        "a mask of the source is handed over as (B, S), or (B, 1, S)",
        "A mask must broadcast to (B, H, queries, keys), and broadcasting counts from the right: "
        "(src != pad_id)[:, None, None, :] is (B, 1, 1, S).",
        MASKS,
    ),
    "cross-from-target": Words(
        "cross_mask is made of the target",
        "In cross-attention the queries are target positions, but the keys are the source's: "
        "(B, 1, T, S), or (B, 1, 1, S), from src.",
        MASKS,
    ),
    "target-from-source": Words(
        "tgt_mask is a mask of the source",
        "In the decoder's self-attention queries and keys are both of the target: tgt_mask is the "
        "causal (T, T). (The order is model(src, tgt_in, src_mask, tgt_mask, cross_mask).)",
        MASKS,
    ),
    "not-causal": Words(
        "tgt_mask is not causal",
        "The decoder was trained with a causal mask. Without it the earlier positions see the "
        "later ones, which they never did in training, and the last one reads what they make of "
        "it.",
        MASKS,
    ),
    "diagonal-too-many": Words(
        "tgt_mask has one diagonal too many: each query sees the next token",
        "The diagonal itself is the last that is allowed: tril(diagonal=0).",
        MASKS,
    ),
    "diagonal-blocked": Words(
        "tgt_mask blocks the diagonal: a position does not see itself",
        "Position i must read its own token: it predicts the next one.",
        MASKS,
    ),
    "target-inverted": Words(
        "tgt_mask is upside down, or the wrong way round: the past is hidden",
        "True = may attend, queries are rows and keys are columns: the lower triangle, tril().",
        MASKS,
    ),
    "pad-blocked": Words(
        "tgt_mask blocks what the decoder reads where its id is pad_id",
        "In T5 the start token is pad_id: so blocked, it would never be seen, and neither would a "
        "pad_id that was generated. All that has been generated so far is real: the causal mask "
        "is enough.",
        SHIFT,
    ),
    "number-mask": Words(
        "a mask is made of numbers, not of booleans",
        "True = may attend: a comparison gives booleans, and so does "
        "torch.ones(T, T, dtype=torch.bool).tril().",
        MASKS,
    ),
    "no-mask": Words(
        "the model is called without one of its masks",
        "It takes model(src, tgt_in, src_mask, tgt_mask, cross_mask), all three masks being bool, "
        "True = may attend.",
        MASKS,
    ),
    "swapped": Words(
        "the model is given its arguments in another order",
        "It takes model(src, tgt_in, src_mask, tgt_mask, cross_mask).",
        MASKS,
    ),
    "wrong-start": Words("the decoder does not begin with decoder_start_id", START, SHIFT),
    "source-as-prompt": Words(
        "the decoder reads the source",
        "That would be a decoder-only model, which continues its prompt. Here the source is the "
        "encoder's; the decoder reads decoder_start_id and then what it has generated.",
        SHIFT,
    ),
    "own-output-unread": Words(
        "every token is predicted from the start token alone",
        "A token that has been chosen is read again to choose the next one: give the decoder the "
        "start token and all that was generated, and take its last position.",
        DECODING,
    ),
    "last-token-only": Words(
        "the decoder is given the newest token only",
        "The model keeps nothing between calls: give it the start token and all that was "
        "generated.",
        DECODING,
    ),
    "wrong-position": Words(
        "the next token is not read from the last position", POSITION, DECODING
    ),
    "least-likely": Words(
        "it takes the least likely token", "Greedy takes the largest logit: argmax.", DECODING
    ),
    "not-the-likeliest": Words(
        "it takes the second likeliest token",
        "Greedy takes the largest logit: argmax. topk(k) sorts them, the largest first.",
        DECODING,
    ),
    "rounded": Words(
        "the logits are rounded before the largest is looked for",
        "Two tokens may be nearly as likely. Take the argmax of the logits as the model gives "
        "them.",
        DECODING,
    ),
    "start-forbidden": Words(
        "a token is forbidden: decoder_start_id is never chosen",
        "Greedy takes the largest logit of all V, whichever it is. In BART the start token is "
        "<eos>: so forbidden, no row would ever end.",
        DECODING,
    ),
    "eos-assumed": Words(
        "the end of a row is not told by eos_id, but by another id",
        "Which id ends a row is given, as that of <pad> is: compare the new token with eos_id.",
        DECODING,
    ),
    "eos-ignored": Words("eos_id is ignored", ENDING, DECODING),
    "not-filled": Words("a finished row goes on generating", ENDING, DECODING),
    "filled-late": Words("a finished row is filled one token too late", ENDING, DECODING),
    "filled-with-eos": Words("finished rows are filled with eos_id", ENDING, DECODING),
    "filled-wrongly": Words("finished rows are not filled with pad_id", ENDING, DECODING),
    "eos-lost": Words(
        "the end of each row is missing: pad_id stands where eos_id should",
        ENDING,
        DECODING,
    ),
    "stops-together": Words("it stops only if all rows end in the same step", ENDING, DECODING),
    "never-stops": Words("it does not stop when all rows are finished", ENDING, DECODING),
    "stops-late": Words(
        "it stops one step after all rows are finished",
        "The step in which the last row ends is the last one.",
        DECODING,
    ),
    "end-dropped": Words(
        "the last end is missing: it stops before the token is appended",
        "eos_id belongs to the text. Append the token, then see whether all rows are finished.",
        DECODING,
    ),
    "stops-too-early": Words(
        "it stops as soon as one row is finished, not all", ENDING, DECODING
    ),
    "start-kept": Words(
        "the start token is in the result",
        "The decoder reads it, but it is not generated: leave it out, as tgt_in[:, 1:] does.",
        DECODING,
    ),
    "wrong-count": Words(
        "the number of new tokens is wrong",
        "max_new_tokens is the number of new tokens; the start token is not counted.",
        DECODING,
    ),
    "first-dropped": Words(
        "the first generated token is missing",
        "Only the start token is left out of the result, once.",
        DECODING,
    ),
}  # fmt: skip
