"""What is said of mistakes in ``invert_span_corruption``."""

from labtools.checks.ch06_denoising.sections import INVERSE, SENTINELS
from labtools.checks.spec import Special, Words

HOW = (
    "Each sentinel of the source gives way to the tokens that follow the same sentinel in the "
    "target, up to the next sentinel."
)
ENDS_WITH = "Source and target end with eos_id, which was appended and is no part of the text."


def _special(name: str, title: str, explain: str) -> Special:
    return Special(name, Words(title, explain, INVERSE))


BEGINS = _special(
    "begins-with-noise",
    "it goes wrong when the text began with noise",
    "Then the source begins with a sentinel: no text comes before the first span.",
)
ENDS = _special(
    "ends-with-noise",
    "it goes wrong when the text ended with noise",
    "Then no text comes after the last sentinel of the source: eos_id follows at once.",
)
NO_NOISE = _special(
    "no-noise",
    "it goes wrong when there was no noise",
    "Then the source is the text and eos_id, and the target is a sentinel and eos_id: there is "
    "nothing to fill in.",
)
ALL_NOISE = _special(
    "all-noise",
    "it goes wrong when everything was noise",
    "Then the source is a sentinel and eos_id, and the whole text is in the target.",
)
REPEATS = _special(
    "same-tokens",
    "it goes wrong when tokens of a span stand in other places too",
    "Sentinels say where a span belongs; its tokens do not, for they may be anywhere.",
)
MANY = _special(
    "many-spans",
    "it goes wrong when all 100 sentinels are used",
    "They are first_sentinel_id − 0 to first_sentinel_id − 99: 99 spans, and one that closes.",
)
NEXT_BELOW = _special(
    "next-below-sentinels",
    "it goes wrong when a token has the id first_sentinel_id − 100",
    "At most 100 ids are sentinels: first_sentinel_id − 0 to first_sentinel_id − 99. The next one "
    "below may be that of a token.",
)
TOKEN_0 = _special(
    "token-0",
    "it goes wrong when a token has the id 0",
    "Any id below the sentinels may be that of a real token; eos_id alone never is one.",
)
DEVICE = Words(
    "the result is not on the device of the input",
    "Make new tensors where the input is: source.new_tensor(…), or device=source.device.",
    INVERSE,
)

WORDS = {
    "eos-left": Words("eos_id is left in the text", ENDS_WITH, INVERSE),
    "fixed-eos": Words(
        "eos_id is ignored",
        "What ends source and target is the id that is given, whatever it is.",
        INVERSE,
    ),
    "last-token-lost": Words(
        "the last token of the text is lost",
        "One eos_id was appended to the source, and one is to be taken off.",
        INVERSE,
    ),
    "sentinels-left": Words("sentinels are left in the text", HOW, INVERSE),
    "closing-left": Words(
        "the sentinel that closes the target is left in the text",
        "It says that the last span is over, and belongs to no span.",
        SENTINELS,
    ),
    "spans-at-the-end": Words(
        "the spans stand behind the text, not where they were taken out", HOW, INVERSE
    ),
    "spans-at-the-start": Words(
        "the spans stand before the text, not where they were taken out", HOW, INVERSE
    ),
    "wrong-order": Words(
        "the spans are in the wrong order",
        f"Sentinels go down from first_sentinel_id, so that sorted ids are in reverse. {HOW}",
        INVERSE,
    ),
    "neighbours-span": Words(
        "a gap is filled with the span of another sentinel",
        f"{HOW} The span of number k stands between sentinel k and sentinel k + 1.",
        INVERSE,
    ),
    "first-span-only": Words(
        "not every span is filled in",
        f"There may be many. {HOW}",
        INVERSE,
    ),
    "spans-missing": Words(
        "the sentinels are taken out, but nothing is filled in", HOW, INVERSE
    ),
    "span-cut": Words(
        "a span is not filled in whole",
        "A span has as many tokens as stand between its sentinel and the next one.",
        INVERSE,
    ),
    "all-spans": Words(
        "every gap is filled with all spans", HOW, INVERSE
    ),
    "backwards": Words(
        "the spans are filled in backwards", "Their tokens keep their order.", INVERSE
    ),
    "tail-lost": Words(
        "what stands behind the last sentinel of the source is lost",
        "It was kept, and follows the last span.",
        INVERSE,
    ),
    "head-lost": Words(
        "what stands before the first sentinel of the source is lost",
        "It was kept, and comes before the first span.",
        INVERSE,
    ),
    "between-lost": Words(
        "kept tokens between the spans are lost",
        "All that the source has beside sentinels and eos_id belongs to the text.",
        INVERSE,
    ),
    "beside-the-sentinel": Words(
        "the spans stand one place beside their gaps",
        "A span takes the place of its sentinel: neither before the token before nor after the "
        "one behind.",
        INVERSE,
    ),
    "returns-source": Words(
        "it returns the source as it is", HOW, INVERSE
    ),
    "returns-target": Words(
        "it returns what is in the target alone",
        f"The target has the noise; what was kept is in the source. {HOW}",
        INVERSE,
    ),
    "swapped": Words(
        "source and target have changed places",
        f"The gaps are in the source, and what was in them is in the target. {HOW}",
        INVERSE,
    ),
    "fixed-sentinel": Words(
        "first_sentinel_id is ignored",
        "The sentinels are first_sentinel_id, first_sentinel_id − 1, and so on.",
        SENTINELS,
    ),
}  # fmt: skip
