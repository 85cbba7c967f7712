"""What is said of a wrong ``select_positions``."""

from labtools.checks.ch04_mlm.sections import SELECTION
from labtools.checks.report import Diagnosis
from labtools.checks.spec import Words

STATIC = Words(
    "the next call selects the same positions again",
    "A text that comes again should have other positions selected: masking is dynamic. Draw from "
    "the generator itself, so that the next call goes on from where it stands. A generator made or "
    "seeded in the function, even with the seed of the given one, starts anew in every call.",
    SELECTION,
)
GENERATOR = Words(
    "the generator is not used as it should be",
    "Hand it to the function that draws: torch.rand(maskable.shape, generator=generator). All "
    "randomness comes from it: PyTorch's own is neither used nor seeded, nor are Python's "
    "(`random`) and NumPy's (`np.random`).",
    SELECTION,
)

WORDS = {
    "unmaskable-selected": Words(
        "positions are selected that may not be: special tokens or padding",
        "Only where `maskable` is True may a position be selected: & maskable.",
        SELECTION,
    ),
    "maskable-inverted": Words(
        "the selected positions are those that may not be",
        "`maskable` is True where a position may be selected, so it is & maskable, without a ~.",
        SELECTION,
    ),
    "nobody-to-draw": Words(
        "a row in which nothing is to be selected goes wrong",
        "It may have no maskable position, or the rate may be 0: then it gets no True at all. "
        "torch.multinomial draws neither from weights that are all 0 nor 0 samples.",
        SELECTION,
    ),
    "nothing-selected": Words(
        "nothing is selected",
        "Each maskable position is to be selected with probability `rate`. (A number of "
        "torch.rand lies in [0, 1), and is below `rate` with that probability.)",
        SELECTION,
    ),
    "everything-selected": Words(
        "everything that may be selected is",
        "Each maskable position is to be selected with probability `rate`, and not for certain.",
        SELECTION,
    ),
    "whole-rows": Words(
        "whole rows are selected, or nothing of them",
        "Each position draws for itself: as many random numbers as there are positions, "
        "torch.rand(maskable.shape, …), and not one for each row.",
        SELECTION,
    ),
    "first-positions": Words(
        "always the first maskable positions are selected",
        "They are to be drawn: every maskable position has the same chance.",
        SELECTION,
    ),
    "last-positions": Words(
        "always the last maskable positions are selected",
        "They are to be drawn: every maskable position has the same chance.",
        SELECTION,
    ),
    "one-of-each-row": Words(
        "one position of each row is selected",
        "Each maskable position is to be selected with probability `rate`, by itself: of n of them "
        "rate · n are on average.",
        SELECTION,
    ),
    "one-block": Words(
        "the selected positions of a row are one block",
        "Each position draws for itself, whatever its neighbours do. (Whole spans are hidden in "
        "another objective.)",
        SELECTION,
    ),
    "same-for-all-rows": Words(
        "every row has the same positions selected",
        "Each row draws for itself: torch.rand(maskable.shape, …) has numbers for all B rows, "
        "where torch.rand(T, …) has them for one, which all others share.",
        SELECTION,
    ),
    "complement": Words(
        "the positions that should not be selected are: 1 − rate of them",
        "A number of torch.rand is below `rate` with the probability `rate`, and above it with "
        "1 − rate.",
        SELECTION,
    ),
    "drawn-twice": Words(
        "a position is drawn twice: two random numbers decide on it",
        "With two draws joined by & it is selected with probability rate², with | more often than "
        "`rate`. One draw for each position is enough.",
        SELECTION,
    ),
    "normal-numbers": Words(
        "the numbers drawn are normal, not uniform",
        "A number of torch.rand lies in [0, 1) and is below `rate` with probability `rate`. "
        "torch.randn draws from a normal distribution.",
        SELECTION,
    ),
    "rate-of-T": Words(
        "the rate is taken of all T positions, not of the maskable ones",
        "Special tokens and padding do not count: of n maskable positions rate · n are selected, "
        "so a row with more padding has fewer.",
        SELECTION,
    ),
    "rate-ignored": Words(
        "the rate is ignored: at every rate the same share is selected",
        "Each maskable position is to be selected with probability `rate`, which need not be 0.15.",
        SELECTION,
    ),
    "wrong-share": Words(
        "another share than `rate` is selected",
        "Each maskable position is to be selected with probability `rate`.",
        SELECTION,
    ),
    "neighbours-excluded": Words(
        "two neighbours are never selected together",
        "Each position is selected by itself, whatever becomes of the one before it or after it.",
        SELECTION,
    ),
    "unequal-positions": Words(
        "some positions are selected more often than others",
        "Every maskable position has the same chance, wherever it stands. Is the first or the last "
        "left out?",
        SELECTION,
    ),
    "not-independent": Words(
        "some positions are selected together",
        "Each position is selected by itself: that one is says nothing of another.",
        SELECTION,
    ),
    "repeated-rows": Words(
        "rows have the selection of the row above them",
        "Each row draws for itself.",
        SELECTION,
    ),
    "rate-0": Words(
        "with rate = 0 something is selected",
        "A probability of 0 means never. (torch.rand can be 0 itself: < rate, and not ≤.)",
        SELECTION,
    ),
    "at-least-one": Words(
        "one position of a row is selected for certain",
        "Each position is selected with probability `rate`, also where no other one is: a row may "
        "come out without any. (BERT's code takes one at least.)",
        SELECTION,
    ),
    "rate-1": Words(
        "with rate = 1 not everything that may be selected is",
        "A probability of 1 means always.",
        SELECTION,
    ),
}


def say(name: str, where: str) -> Diagnosis:
    """The diagnosis of a mistake that has words."""
    words = WORDS[name]
    return Diagnosis(words.title, words.explain, where, words.section, name)
