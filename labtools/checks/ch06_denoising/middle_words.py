"""What is said of mistakes in ``fill_in_middle``."""

from labtools.checks.ch06_denoising.sections import MIDDLE
from labtools.checks.spec import Special, Words

LAYOUT = (
    "“psm” is prefix_id, the prefix, suffix_id, the suffix, middle_id, the middle; “spm” has the "
    "suffix with its mark before the prefix with its own."
)


def _special(name: str, title: str, explain: str) -> Special:
    return Special(name, Words(title, explain, MIDDLE))


EMPTY = "A part may be empty. Its mark stands there all the same, followed by the next mark."
EMPTY_PREFIX = _special("empty-prefix", "start = 0 goes wrong: the prefix is empty", EMPTY)
EMPTY_SUFFIX = _special(
    "empty-suffix",
    "end = T goes wrong: the suffix is empty",
    f"{EMPTY} A suffix counted from the end, as ids[-n:], is the whole text when n is 0.",
)
PREFIX_ALONE = _special(
    "prefix-alone",
    "start = T goes wrong: the prefix is the whole text",
    f"{EMPTY} A prefix counted from the end, as ids[:-n], is empty when n is 0.",
)
EMPTY_MIDDLE = _special("empty-middle", "start = end goes wrong: the middle is empty", EMPTY)
ORDER = _special(
    "order-unchecked",
    "an order that is neither “psm” nor “spm” must raise a ValueError",
    "Who writes “mps” or “PSM” means something that this function does not do, or mistypes. An "
    "error says so at once; a text in some other order would be learned from.",
)
DEVICE = Words(
    "the result is not on the device of the input",
    "Make new tensors where the input is: ids.new_tensor([prefix_id]), or device=ids.device.",
    MIDDLE,
)

WORDS = {
    "orders-swapped": Words(
        "“psm” and “spm” are exchanged",
        f"The letters are the parts in their order: prefix, suffix, middle. {LAYOUT}",
        MIDDLE,
    ),
    "order-ignored": Words(
        "`order` is ignored: both orders give the same",
        LAYOUT,
        MIDDLE,
    ),
    "middle-not-last": Words(
        "the middle is not the last part",
        "A causal model sees what comes before. Only when the middle comes last does it see the "
        "suffix too, and that is the whole trick.",
        MIDDLE,
    ),
    "marks-behind": Words(
        "the marks stand behind their parts",
        "A mark says what comes next. middle_id is the last thing that is given; what follows is "
        "what the model writes.",
        MIDDLE,
    ),
    "marks-together": Words(
        "the marks stand together, not each before its part",
        f"Nothing says then where a part ends and the next begins. {LAYOUT}",
        MIDDLE,
    ),
    "wrong-mark": Words(
        "a part has the mark of another",
        f"Each part follows its own mark: prefix_id, suffix_id or middle_id. {LAYOUT}",
        MIDDLE,
    ),
    "mark-missing": Words(
        "a mark is missing",
        f"Three marks tell the three parts apart. {LAYOUT}",
        MIDDLE,
    ),
    "prefix-unmarked": Words(
        "the prefix stands before the middle, but its mark does not open the text",
        "There are two published layouts of “spm”: suffix_id, suffix, prefix_id, prefix, "
        "middle_id, middle; or prefix_id, suffix_id, suffix, middle_id, prefix, middle.",
        MIDDLE,
    ),
    "end-as-length": Words(
        "`end` is taken for the length of the middle",
        "The middle is ids[start:end]: it ends before the position `end`.",
        MIDDLE,
    ),
    "end-included": Words(
        "the token at `end` belongs to the suffix, not to the middle",
        "The middle is ids[start:end], as Python counts: `end` itself is no longer part of it.",
        MIDDLE,
    ),
    "start-off-by-one": Words(
        "the token at `start` belongs to the middle, not to the prefix",
        "The prefix is ids[:start], which ends before the position `start`.",
        MIDDLE,
    ),
    "token-lost": Words(
        "a token between two parts is lost",
        "ids[:start], ids[start:end] and ids[end:] share no token and lose none.",
        MIDDLE,
    ),
    "part-twice": Words(
        "a part of the text stands there twice",
        "ids[:start], ids[start:end] and ids[end:] share no token and lose none. What the model is "
        "to write must not be given to it.",
        MIDDLE,
    ),
    "part-lost": Words(
        "a part of the text is lost",
        f"All tokens are still there, in another order. {LAYOUT}",
        MIDDLE,
    ),
    "reversed": Words(
        "a part is written backwards",
        "The parts change places; within each, the tokens keep their order.",
        MIDDLE,
    ),
}  # fmt: skip
