"""What is said of mistakes in ``span_corrupt``."""

from labtools.checks.ch06_denoising.sections import INVERSE, SENTINELS, SPANS
from labtools.checks.spec import Special, Words

NUMBERS = "The k-th run of noise, counted from 0, has the sentinel first_sentinel_id − k."
TARGET = (
    "For each run the target has its sentinel and then its tokens; one more sentinel says that the "
    "last run is over, then comes eos_id."
)


def _special(name: str, title: str, explain: str) -> Special:
    return Special(name, Words(title, explain, SENTINELS))


BEGINS = _special(
    "begins-with-noise",
    "it goes wrong when the text begins with noise",
    "Then the source begins with the first sentinel. A run begins where a token is noise and the "
    "one before is not, and at position 0 there is none before.",
)
ENDS = _special(
    "ends-with-noise",
    "it goes wrong when the text ends with noise",
    "The last run ends where the text ends: no kept token follows that would tell. Its tokens are "
    "in the target, and the source ends with its sentinel and eos_id.",
)
BOTH_ENDS = _special(
    "noise-at-both-ends",
    "it goes wrong when the text begins and ends with noise",
    "These are two runs. Positions do not go round the end: what roll(1) puts before the first "
    "position is the last.",
)
NO_NOISE = _special(
    "no-noise",
    "it goes wrong when there is no noise",
    "Then the source is the text and eos_id, and the target has no span to tell: one sentinel and "
    "eos_id, or eos_id alone.",
)
ALL_NOISE = _special(
    "all-noise",
    "it goes wrong when everything is noise",
    "Then there is one run: the source is its sentinel and eos_id, and all tokens are in the "
    "target.",
)
REPEATS = _special(
    "repeats-lost",
    "it goes wrong when the same token stands there several times",
    "What is noise is said by `noise`, position by position. Neighbours that are equal are tokens "
    "of their own, whether they are kept or not.",
)
TOKEN_0 = _special(
    "token-0",
    "it goes wrong when a token has the id 0",
    "Any id may be that of a real token. What is noise is said by `noise` alone, so mark nothing "
    "by an id that a token may have.",
)
DEVICE = Words(
    "the result is not on the device of the input",
    "Make new tensors where the input is: ids.new_tensor([eos_id]), or device=ids.device.",
    SENTINELS,
)

WORDS = {
    "one-for-all": Words(
        "all runs of noise have the same sentinel",
        "Then nothing says which span belongs to which gap. " + NUMBERS,
        SENTINELS,
    ),
    "one-per-token": Words(
        "every token of noise has a sentinel, not every run",
        "A run of noise is hidden by a single sentinel, however long it is: the source gets "
        "shorter, and does not say how many tokens are missing.",
        SENTINELS,
    ),
    "ascending": Words(
        "the sentinel ids ascend: the numbers should go down",
        f"T5's sentinels are its last ids, counted from the end. {NUMBERS}",
        SENTINELS,
    ),
    "from-the-end": Words(
        "the sentinels are numbered from the last run to the first", NUMBERS, SENTINELS
    ),
    "not-the-same": Words(
        "a run has not the same sentinel in the source and in the target",
        f"The sentinel is what says where a span belongs. {NUMBERS}",
        SENTINELS,
    ),
    "numbered-anew": Words(
        "the target numbers its sentinels anew: they are not those of the source",
        f"A run has the same sentinel in both: count the runs once. {NUMBERS}",
        SENTINELS,
    ),
    "off-by-one": Words("the sentinels are off by one", NUMBERS, SENTINELS),
    "skips-numbers": Words(
        "the sentinels skip every second number",
        f"Count the runs of noise, not every change between noise and text. {NUMBERS}",
        SENTINELS,
    ),
    "closing-repeated": Words(
        "the sentinel that closes the target is one that a run has",
        f"It is one further: n runs have the sentinels 0 to n − 1, and number n closes. {TARGET}",
        SENTINELS,
    ),
    "fixed-sentinel": Words(
        "first_sentinel_id is ignored", NUMBERS, SENTINELS
    ),
    "text-marked": Words(
        "there is a sentinel before the text that is kept",
        f"A sentinel stands for noise alone, and the first run has the first. {NUMBERS}",
        SENTINELS,
    ),
    "inverted": Words(
        "it is upside down: what is kept is hidden, and the noise stays",
        "`noise` is True where a token is to be hidden.",
        SENTINELS,
    ),
    "merged": Words(
        "runs of noise with a kept token between them are taken for one",
        "A run ends with the first token that is not noise. That one stays in the source.",
        SPANS,
    ),
    "run-lost": Words(
        "a run of noise is left in the text",
        "Every run is replaced, the first and the last included.",
        SENTINELS,
    ),
    "run-off-by-one": Words(
        "the last token of a run is left in the source",
        "A run ends where the noise ends.",
        SENTINELS,
    ),
    "first-token-only": Words(
        "of each run, only the first token is taken",
        "All tokens of the run leave the source, and all are in the target.",
        SENTINELS,
    ),
    "sentinels-only": Words(
        "the target has the sentinels, but not the tokens that they hide", TARGET, SENTINELS
    ),
    "span-kept": Words(
        "the source still has the noise, behind its sentinel",
        "A sentinel takes the place of its run. What the model is to write must not be in what it "
        "reads.",
        SENTINELS,
    ),
    "span-deleted": Words(
        "the source has no sentinels: the noise is only taken out",
        "A sentinel says where something is missing.",
        SENTINELS,
    ),
    "sentinel-after": Words(
        "in the target the sentinels stand behind their spans",
        f"The sentinel says which gap is filled next. {TARGET}",
        SENTINELS,
    ),
    "no-sentinel-in-target": Words(
        "the target has no sentinels",
        f"Without them nothing says where a span ends and the next begins. {TARGET}",
        INVERSE,
    ),
    "start-token": Words(
        "the target begins with a start token",
        "What the decoder starts with is put there later, when the target is shifted right. "
        f"{TARGET}",
        SENTINELS,
    ),
    "backwards": Words(
        "the spans are written backwards", "Their tokens keep their order.", SENTINELS
    ),
    "swapped": Words(
        "source and target are exchanged",
        "The source, which the encoder reads, is the text with its gaps and comes first; the "
        "target is what was in them.",
        SENTINELS,
    ),
    "whole-text": Words(
        "the target is the whole text",
        f"That is BART's target. T5's has only what is missing from the source. {TARGET}",
        SENTINELS,
    ),
    "no-eos-in-source": Words(
        "the source does not end with eos_id", "Source and target both end with it.", SENTINELS
    ),
    "no-eos-in-target": Words(
        "the target does not end with eos_id", "Source and target both end with it.", SENTINELS
    ),
    "no-eos": Words(
        "neither source nor target ends with eos_id", "Both end with it.", SENTINELS
    ),
    "not-closed": Words(
        "the target is not closed: a further sentinel is missing before eos_id", TARGET, SENTINELS
    ),
    "eos-before-closing": Words(
        "eos_id stands before the sentinel that closes the target",
        "eos_id is the last token of all: what comes behind it is never written.",
        SENTINELS,
    ),
    "closed-in-source": Words(
        "the source has a sentinel too many at its end",
        "The further sentinel closes the target. In the source every sentinel hides a run.",
        SENTINELS,
    ),
    "fixed-eos": Words(
        "eos_id is ignored", "Append the id that is given, whatever it is.", SENTINELS
    ),
}  # fmt: skip
