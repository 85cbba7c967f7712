"""What is said of several of the chapter's functions."""

from labtools.checks.ch01_prediction.sections import COST, UNITS
from labtools.checks.losses import half_precision
from labtools.checks.spec import Special, Words


def unit_special(name: str, title: str, explain: str) -> Special:
    """What goes wrong with a unit in a special case."""
    return Special(name, Words(title, explain, UNITS))


HALF = half_precision(UNITS, "the result")
NAN_HIDDEN = unit_special(
    "nan-hidden",
    "a cost of NaN should make the result NaN",
    "It comes from a model that has broken down. nansum and nan_to_num make its result good, and "
    "nobody notices.",
)
NOTHING = unit_special(
    "nothing-scored",
    "it goes wrong when nothing is scored",
    "Then Σ NLL is 0: a perplexity of exp(0) = 1, and 0 bits. Guard a division by N = 0.",
)


DEVICE = Words(
    "the result is not on the device of the input",
    "Make new tensors where the input is: device=x.device, or torch.zeros_like(x).",
    COST,
)
COUNTED = {
    "all-positions": Words(
        "ignored positions are counted as tokens",
        "They add 0 to the sum, so they must not be counted: otherwise padding makes the model "
        "look better. N is the number of targets that are not IGNORE_INDEX.",
        COST,
    ),
    "free-tokens-lost": Words(
        "a token that costs nothing is not counted",
        "A cost of 0 says that the model was certain and right: that token is scored like any "
        "other. What is scored is told by targets, not by nll.",
        COST,
    ),
    "masked-by-id": Words(
        "what is scored is recognised by an id of 0",
        "0 is the id of a token like any other, even where it is <pad>. Only IGNORE_INDEX says "
        "that a position is not scored: targets != IGNORE_INDEX.",
        COST,
    ),
    "negative": Words("the sign is wrong", "nll is −log p already.", COST),
}
