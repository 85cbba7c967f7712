"""What is said of a wrong ``text_infill``."""

from labtools.checks.ch06_denoising.sections import INFILLING
from labtools.checks.spec import Special, Words

WORDS = {
    "mask-per-token": Words(
        "one mask for each token",
        "A span becomes one mask, however many tokens it has. Their number is what the model has "
        "to find out.",
        INFILLING,
    ),
    "empty-skipped": Words(
        "spans of length 0 are left out",
        "They replace nothing and still leave a mask, before position `start`: there the model has "
        "to find out that nothing is missing.",
        INFILLING,
    ),
    "empty-eats": Words(
        "a span of length 0 replaces a token",
        "It replaces none: its mask is inserted before position `start`, and that token stays.",
        INFILLING,
    ),
    "empty-after": Words(
        "the mask of a span of length 0 stands one token too late",
        "It is inserted *before* position `start`.",
        INFILLING,
    ),
    "not-adjusted": Words(
        "the positions are not those of the given text",
        "A span that becomes one mask makes the text shorter, or longer, and moves all that "
        "follows. `start` counts in the text as it was: go from the last span to the first, or "
        "build a new list.",
        INFILLING,
    ),
    "adjusted-wrongly": Words(
        "the positions are adjusted the wrong way",
        "A span of n tokens that becomes one mask moves what follows by n − 1 to the left; one of "
        "length 0 by 1 to the right.",
        INFILLING,
    ),
    "merged": Words(
        "spans side by side become one mask",
        "Each span is one mask, also where one begins at the end of the other.",
        INFILLING,
    ),
    "tail-lost": Words(
        "the tokens after the last span are lost",
        "After the last span the rest of the text is to be copied: ids[end:].",
        INFILLING,
    ),
    "head-lost": Words(
        "the tokens before the first span are lost",
        "All that is in no span stays, from position 0.",
        INFILLING,
    ),
    "between-lost": Words(
        "tokens between two spans are lost",
        "All that is in no span stays: between two spans ids[end of one : start of the next].",
        INFILLING,
    ),
    "no-masks": Words(
        "the spans are deleted, and no mask is left",
        "Each becomes one mask_id. (Deletion is another noise of BART's.)",
        INFILLING,
    ),
    "start-end": Words(
        "the pairs are read as (start, end)",
        "They are (start, length): a span ends before position start + length.",
        INFILLING,
    ),
    "length-start": Words(
        "the pairs are read as (length, start)",
        "They are (start, length).",
        INFILLING,
    ),
    "one-token-more": Words(
        "spans are one token too long",
        "A span holds the positions start … start + length − 1: ids[start : start + length].",
        INFILLING,
    ),
    "one-token-less": Words(
        "spans are one token too short",
        "A span holds the positions start … start + length − 1: ids[start : start + length].",
        INFILLING,
    ),
    "late": Words(
        "spans begin one token too late",
        "Positions count from 0: a span begins with ids[start].",
        INFILLING,
    ),
    "early": Words(
        "spans begin one token too early",
        "Positions count from 0: a span begins with ids[start].",
        INFILLING,
    ),
    "mask-beside-span": Words(
        "the masks are inserted, and the tokens stay",
        "A span is *replaced*: its tokens are not in the result.",
        INFILLING,
    ),
    "inverted": Words(
        "the spans are kept, and the rest is masked",
        "The tokens in a span are replaced, the others stay.",
        INFILLING,
    ),
    "first-only": Words(
        "only the first span is replaced",
        "Each span of the list becomes a mask. Is there a `return` inside the loop?",
        INFILLING,
    ),
    "last-only": Words(
        "only the last span is replaced",
        "Each span of the list becomes a mask. Does each turn of the loop begin with `ids` again?",
        INFILLING,
    ),
    "numbered": Words(
        "each span gets another id",
        "BART has one mask for all spans, mask_id. (Sentinels with numbers are T5's.)",
        INFILLING,
    ),
    "one-mask": Words(
        "there is one mask for all spans",
        "Each span leaves a mask of its own.",
        INFILLING,
    ),
    "masks-at-end": Words(
        "the masks stand at the end",
        "A mask stands where its span was.",
        INFILLING,
    ),
    "target-returned": Words(
        "the result is what the spans hold",
        "The result is the text with its spans replaced. What stood in them is in the target, "
        "which with BART is the whole text.",
        INFILLING,
    ),
    "unchanged": Words(
        "nothing is replaced",
        "Each span becomes one mask_id.",
        INFILLING,
    ),
}

DEVICE = Words(
    "the result is not on the device of the input",
    "Make new tensors where the input is: ids.new_tensor([…]), or device=ids.device.",
    INFILLING,
)
NO_SPANS = Special(
    "no-spans",
    Words(
        "an empty list of spans goes wrong",
        "Then nothing is replaced, and the result is a copy of the text.",
        INFILLING,
    ),
)
AT_END = Special(
    "at-end",
    Words(
        "a span of length 0 at the end of the text goes wrong",
        "`start` may be T: then the mask comes after the last token.",
        INFILLING,
    ),
)
SAME_START = Special(
    "same-start",
    Words(
        "a span of length 0 at the start of another span goes wrong",
        "Then two masks stand side by side: one that is inserted, and one for the tokens. A start "
        "does not say which span it is (as the key of a dict would have it), for two may have it.",
        INFILLING,
    ),
)
WHOLE = Special(
    "whole-text",
    Words(
        "a span that is the whole text goes wrong",
        "Then one mask is left.",
        INFILLING,
    ),
)
MASK_IN_TEXT = Special(
    "mask-in-text",
    Words(
        "a text that holds mask_id goes wrong",
        "It may stand there already, and is a token like any other. Only `spans` says what is "
        "replaced.",
        INFILLING,
    ),
)
