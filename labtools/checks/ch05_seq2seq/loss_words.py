"""What is said of ``seq2seq_loss``."""

from labtools.checks.ch05_seq2seq.sections import LOSS, OBJECTIVE, SMOOTHING
from labtools.checks.losses import double_precision, loss_words, nothing_scored
from labtools.checks.spec import Special, Words

NOTHING_SCORED = nothing_scored(LOSS)
NOTHING = Special("nothing-scored", NOTHING_SCORED)
DOUBLE = double_precision(LOSS)
NOTHING_BUT_SMOOTHING = Special(
    "nothing-but-smoothing",
    Words(
        "label_smoothing = 1 goes wrong",
        "ε goes from 0 to 1. At 1 the true token has no weight of its own, and what is left is the "
        "mean cost of all V tokens: there is nothing to be divided by 1 − ε.",
        SMOOTHING,
    ),
)
DEVICE = Words(
    "the result is not on the device of the input",
    "Make new tensors where the input is: device=logits.device, or logits.new_zeros(…).",
    LOSS,
)
NOT_AGAIN = (
    "The decoder has read the labels shifted right, so its logits at t are about labels[:, t]. "
    "Nothing is shifted here."
)
SMOOTHED = (
    "With label smoothing the true token's cost has the weight 1 − ε, and the mean cost of all V "
    "tokens, the true one too, the weight ε: (1 − ε)(−log p(y)) + (ε / V) Σ −log p(v)."
)
SCORED = (
    "Only a label of −100 says that a position is not scored. <eos> must be learned, or nothing "
    "would ever end, and any id may occur in a text."
)
PADDED = (
    "Where the label is −100 there is nothing to predict, with smoothing as without: neither of "
    "the two terms has a cost there."
)
WORDS = loss_words(OBJECTIVE, LOSS)
WORDS |= {
    "shifted-again": Words(
        "shifted again: the logits at t are scored against the label at t + 1", NOT_AGAIN, LOSS
    ),
    "shifted-back": Words(
        "shifted: the logits at t are scored against the label at t − 1, which the decoder reads "
        "at t",
        NOT_AGAIN,
        LOSS,
    ),
    "first-dropped": Words(
        "the first label is not scored",
        "labels[:, 0] is the first token of the target, not a start token: the decoder predicts it "
        "from its start token, which is no label. " + NOT_AGAIN,
        LOSS,
    ),
    "last-dropped": Words(
        "the last position is not scored",
        "The labels hold what is to be predicted at every position, the last one too. " + NOT_AGAIN,
        LOSS,
    ),
    "end-dropped": Words("the last label of each row, its <eos>, is not scored", SCORED, LOSS),
    "padding-scored": Words(
        "positions with the label −100 are scored, as if it were a token",
        "With clamp or a filled-in 0 there is an index to look up, but no such token stands there: "
        "leave the position out of the sum as well as out of the count.",
        LOSS,
    ),
    "masked-by-id": Words("a label is left out because of its id", SCORED, LOSS),
    "ignored-as-index": Words(
        "−100 is taken for the id of a token, and there is no such id",
        "It marks a position that is not scored. cross_entropy leaves it out by itself "
        "(ignore_index=−100); by hand, put any valid id in its place and leave the position out.",
        LOSS,
    ),
    "reversed": Words(
        "the labels are scored in reverse order",
        "The logits at t are scored against labels[:, t].",
        LOSS,
    ),
    "orders-differ": Words(
        "the logits and the labels are flattened in different orders",
        "Row after row, logits.flatten(0, 1) goes with labels.flatten(). Flattened after a "
        "transpose, a position's logits meet the label of another.",
        LOSS,
    ),
    "logits-times-mask": Words(
        "the logits are multiplied by the mask of what is scored",
        "Logits of 0 do not leave a position out: there all V tokens are as likely, and each such "
        "position costs ln V. Leave it out of the sum instead.",
        LOSS,
    ),
    "all-positions": Words(
        "the sum is divided by the number of all positions, not of the scored ones",
        "Padding adds nothing to the sum, so it must not be counted: otherwise the same sentence "
        "has a smaller loss, and a smaller gradient, in a longer batch. Divide by N, the number of "
        "labels that are not −100.",
        LOSS,
    ),
    "divided-by-length": Words(
        "the sum is divided by the number of positions in a row",
        "Divide by N, the number of scored positions of all rows.",
        LOSS,
    ),
    "count-off": Words(
        "the number of scored positions is off by one",
        "Divide by N itself. For a batch without any, take 1 in the place of 0: N.clamp(min=1).",
        LOSS,
    ),
    "divided-twice": Words(
        "the mean is divided by the number of scored positions once more",
        'cross_entropy divides by N already, unless it is told reduction="sum".',
        LOSS,
    ),
    "divided-by-vocabulary": Words(
        "the mean is divided by the size of the vocabulary",
        "That is a mean over the V tokens too, as .mean() of (B, T, V) or KLDivLoss take it. The "
        "cost of a position is a sum over the vocabulary; only positions are averaged.",
        LOSS,
    ),
    "mean-of-probabilities": Words(
        "the probabilities are averaged before the logarithm is taken",
        "Each token costs −log p of its own, and the costs are averaged.",
        OBJECTIVE,
    ),
    "not-reduced": Words(
        "one number is asked for, for the whole batch",
        "Sum the costs of all scored positions of all rows, and divide once by N, their number.",
        LOSS,
    ),
    "smoothing-ignored": Words("label_smoothing has no effect", SMOOTHED, SMOOTHING),
    "smoothing-fixed": Words(
        "it smooths by a number of its own, whatever label_smoothing is",
        "label_smoothing is ε, and without it ε = 0: the plain mean of −log p.",
        SMOOTHING,
    ),
    "smoothing-swapped": Words(
        "ε and 1 − ε have changed places",
        "With ε = 0.1 the true token keeps nine tenths of the weight. " + SMOOTHED,
        SMOOTHING,
    ),
    "smoothing-others": Words(
        "ε is spread over V − 1 tokens, not over all V",
        "That is another definition, which some libraries use: the true token gets exactly 1 − ε. "
        "Here, as in PyTorch and in the paper, ε is shared by all V tokens, the true one too, "
        "which has 1 − ε + ε / V in all.",
        SMOOTHING,
    ),
    "true-left-out": Words(
        "the true token has no part in what is smoothed, so the weights do not sum to 1",
        "The sum of the smoothing term runs over all V tokens, the true one too: it has "
        "1 − ε + ε / V in all.",
        SMOOTHING,
    ),
    "smoothing-summed": Words(
        "the smoothing term is summed, not averaged",
        "ε is shared by V tokens, each of which gets ε / V: it is a mean over the vocabulary, and "
        "over the scored positions like the other term.",
        SMOOTHING,
    ),
    "smoothing-added": Words(
        "the smoothing term is added, but the true token keeps its full weight",
        "The target stays a distribution, whose weights sum to 1: what all tokens get is taken "
        "from the true one, which keeps 1 − ε of its cost.",
        SMOOTHING,
    ),
    "smoothing-missing": Words(
        "the loss is scaled by 1 − ε, but the smoothing term is missing", SMOOTHED, SMOOTHING
    ),
    "smoothing-sign": Words(
        "the smoothing term has the wrong sign",
        "It is a cost as well, −log p(v), averaged over all v: subtracted, it would push "
        "probabilities to 0.",
        SMOOTHING,
    ),
    "smoothing-twice": Words(
        "ε, or 1 / V, is applied twice",
        "mean(-1) divides by V already, and label_smoothing=ε of cross_entropy smooths already. "
        + SMOOTHED,
        SMOOTHING,
    ),
    "smoothing-reversed-meaning": Words(
        "label_smoothing is taken for the weight of the true token",
        "label_smoothing is what is taken from it: ε = 0 is no smoothing at all. " + SMOOTHED,
        SMOOTHING,
    ),
    "entropy": Words(
        "it smooths with the entropy of the model's own prediction",
        "That is a confidence penalty, Σ p(v) log p(v): each token weighs as the model believes. "
        "In label smoothing all V tokens weigh the same, 1 / V.",
        SMOOTHING,
    ),
    "kl": Words(
        "this is the KL divergence from the smoothed target, not its cross-entropy",
        "kl_div subtracts the entropy of the target, which is a constant: the gradient is the "
        "same, the loss is not. Asked for is Σ −q(v) log p(v).",
        SMOOTHING,
    ),
    "smoothed-prediction": Words(
        "the prediction is smoothed, not the target",
        "−log((1 − ε) p(y) + ε / V) makes the model's own probability larger, which asks less of "
        "it. The logarithm is of p alone; its weights are smoothed. " + SMOOTHED,
        SMOOTHING,
    ),
    "even-no-log": Words(
        "the smoothing term is not a mean of −log p",
        "Logits, probabilities and ε / V itself are no costs. " + SMOOTHED,
        SMOOTHING,
    ),
    "padding-smoothed": Words(
        "with smoothing, positions with the label −100 are scored", PADDED, SMOOTHING
    ),
    "smoothing-all-positions": Words(
        "the smoothing term is divided by the number of all positions",
        "Both terms are means over the same positions: those that are scored.",
        SMOOTHING,
    ),
}  # fmt: skip
IGNORED_MATTER = Words(
    "what stands where the label is −100 changes the loss",
    "The logits there have no part in it, and neither has the number of such positions: the loss "
    "is a mean over the scored positions alone.",
    LOSS,
)
WRONG_GRADIENT = Words(
    "the value is right, its gradient is not",
    "Training uses the gradient alone. For the logits of a scored position it is (softmax − q) / "
    "N, where q is the smoothed target, (1 − ε) one-hot + ε / V, and N the scored positions of the "
    "whole batch; it is exactly 0 at a position that is not scored.",
    LOSS,
)
IGNORED_GRADIENT = Words(
    "a position with the label −100 has a gradient, or NaN",
    "Nothing is to be learned there: its gradient is exactly 0.",
    LOSS,
)
