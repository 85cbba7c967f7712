"""What is said of ``mlm_loss``."""

from labtools.checks.ch04_mlm import targets
from labtools.checks.ch04_mlm.sections import LOSS, OBJECTIVE
from labtools.checks.losses import double_precision, loss_words, nothing_scored
from labtools.checks.spec import Special, Words

NOTHING_SCORED = nothing_scored(LOSS)
NOTHING = Special("nothing-scored", NOTHING_SCORED)
DOUBLE = double_precision(LOSS)
WORDS = {
    name: words
    for name, words in targets.WORDS.items()
    if name not in ("selected-only", "positions", "added", "nothing-scored", "true-token-lost")
}
WORDS |= loss_words(OBJECTIVE, LOSS)
WORDS |= {
    "all-scored": Words(
        "every position is scored, not the selected ones alone",
        "At a position that is not selected the model reads the token itself, and copies it. "
        "The loss falls towards 0, and tells nothing of what was to be predicted.",
        LOSS,
    ),
    "inverted": Words(
        "it is upside down: the positions that are not selected are scored",
        "There the model reads the token itself and need only copy it. The selected positions are "
        "those that it has to predict.",
        LOSS,
    ),
    "wrong-ignore-index": Words(
        "positions that are not selected are scored against some other token",
        "A target of 0 is a token like any other. Positions that are not selected have the target "
        "IGNORE_INDEX = −100, which cross_entropy leaves out.",
        LOSS,
    ),
    "by-mask-token": Words(
        "only positions with <mask> are scored",
        "Of the selected positions 10 % hold a random token and 10 % their own: they are scored "
        "like the others, or the model would learn to trust every token that is not <mask>. Score "
        "where `selected` is True. (Here the ids are the true ones, before corruption.)",
        LOSS,
    ),
    "all-positions": Words(
        "the sum is divided by the number of all positions, not of the selected ones",
        "Positions that are not selected add nothing to the sum, so they must not be counted: "
        "otherwise the loss would depend on the rate, and on how much padding there is. Divide by "
        "N, the number of selected positions.",
        LOSS,
    ),
    "unselected-counted": Words(
        "the sum is divided by the number of positions that are not selected",
        "Divide by N, the number of selected positions.",
        LOSS,
    ),
    "divided-by-length": Words(
        "the sum is divided by the number of positions in a row",
        "Divide by N, the number of selected positions of all rows.",
        LOSS,
    ),
    "count-off": Words(
        "the number of selected positions is off by one",
        "Divide by N itself. For a batch without any, take 1 in the place of 0: N.clamp(min=1).",
        LOSS,
    ),
    "divided-twice": Words(
        "the mean is divided by the number of selected positions once more",
        'cross_entropy divides by N already, unless it is told reduction="sum".',
        LOSS,
    ),
    "not-reduced": Words(
        "one number is asked for, for the whole batch",
        "Sum the costs of all selected positions of all rows, and divide once by N, their number.",
        LOSS,
    ),
    "orders-differ": Words(
        "the logits and the targets are flattened in different orders",
        "Row after row, logits.flatten(0, 1) goes with targets.flatten(). Flattened after a "
        "transpose, a position's logits meet the token of another.",
        LOSS,
    ),
    "logits-times-selected": Words(
        "the logits are multiplied by `selected`",
        "Logits of 0 do not leave a position out: there all V tokens are as likely, and each such "
        "position costs ln V. Leave it out of the sum instead.",
        LOSS,
    ),
    "smoothed": Words(
        "the targets are smoothed",
        "What is asked for is the mean of −log p of the true tokens: label_smoothing=0.",
        OBJECTIVE,
    ),
    "mean-of-probabilities": Words(
        "the probabilities are averaged before the logarithm is taken",
        "Each token costs −log p of its own, and the costs are averaged.",
        OBJECTIVE,
    ),
}  # fmt: skip
UNSELECTED_MATTER = Words(
    "what stands where nothing is selected changes the loss",
    "Neither the logits nor the ids there have any part in it, and their number has none either: "
    "the loss is a mean over the selected positions alone.",
    LOSS,
)
WRONG_GRADIENT = Words(
    "the value is right, its gradient is not",
    "Training uses the gradient alone. For the logits of a selected position it is "
    "(softmax − one-hot) / N, with N the selected positions of the whole batch, and exactly 0 at a "
    "position that is not selected.",
    LOSS,
)
UNSELECTED_GRADIENT = Words(
    "a position that is not selected has a gradient, or NaN",
    "Nothing is to be learned there: its gradient is exactly 0.",
    LOSS,
)
