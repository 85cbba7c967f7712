"""What is said of a loss that goes wrong; each chapter points to its own sections."""

from labtools.checks.sections import Section
from labtools.checks.spec import Special, Words


def nothing_scored(normalise: Section) -> Words:
    """Said when nothing is scored and the loss is not 0, or has no gradient."""
    return Words(
        "when nothing is scored, the loss should be 0 with a gradient of 0",
        "A batch with nothing to score happens in practice and must not stop the training. Let the "
        "loss stay a tensor that depends on the logits, as a sum over no positions does.",
        normalise,
    )


def large_logits(objective: Section) -> Special:
    """For logits of which exp overflows."""
    return Special(
        "unstable",
        Words(
            "large logits go wrong",
            "exp of a large logit overflows, and the probability of an unlikely token underflows "
            "to 0, whose logarithm is −∞. log_softmax and cross_entropy work with the logits "
            "themselves.",
            objective,
        ),
    )


def half_precision(normalise: Section, what: str = "the loss") -> Words:
    """Said of a result that goes wrong in bfloat16 or float16."""
    return Words(
        "half precision goes wrong",
        f"In bfloat16 and float16 {what} is the same but for rounding, in that dtype or in "
        "float32. In float16 a number such as 1e-8 becomes 0 and one above 65504 is infinite: "
        "compute in float32 whatever needs more.",
        normalise,
    )


def double_precision(loss: Section) -> Special:
    """For logits in float64."""
    return Special(
        "double-precision",
        Words(
            "logits in float64 go wrong",
            "The loss has the dtype of the logits. A tensor made anew, as "
            "torch.tensor(loss.item()), has another, and no gradient either: nothing would be "
            "learned.",
            loss,
        ),
    )


def nan_hidden(normalise: Section) -> Special:
    """For logits that are NaN."""
    return Special(
        "nan-hidden",
        Words(
            "NaN logits should give a NaN loss",
            "They come from a model that has broken down. nan_to_num makes its loss 0, the best "
            "there is, and nobody notices. To have 0 where nothing is scored, guard the "
            "denominator.",
            normalise,
        ),
    )


def loss_words(objective: Section, normalise: Section) -> dict[str, Words]:
    """Of every mistake in ``reducing``, but for "all-positions": who is not scored is its own."""
    return _reductions(objective, normalise) | _log_probs(objective, normalise)


def _reductions(objective: Section, normalise: Section) -> dict[str, Words]:
    return {
        "mean-of-rows": Words(
            "the mean is taken row by row, then over the rows",
            "So a token in a row with few of them weighs more than one among many. All scored "
            "tokens weigh the same: sum them all, divide once.",
            normalise,
        ),
        "divided-by-rows": Words(
            "the sum is divided by the number of rows",
            "So a batch of long rows has a larger loss than one of short rows. Divide by N, the "
            "number of scored tokens.",
            normalise,
        ),
        "sum": Words(
            "the losses are summed, not averaged",
            "Divide by N, the number of scored tokens, or the learning rate would depend on the "
            "size of the batch.",
            normalise,
        ),
        "nan-when-empty": Words(
            "NaN when nothing is scored: 0 / 0",
            "A batch without a single target happens in practice. Guard the denominator: "
            '`reduction="sum"`, then divide by `n.clamp(min=1)`.',
            normalise,
        ),
        "negative": Words(
            "the sign is wrong: this is the mean log-probability",
            "A loss is minimised: it is the mean of −log p.",
            objective,
        ),
        "bits": Words(
            "the loss is in bits; the course counts in nats",
            "Use the natural logarithm.",
            objective,
        ),
        "perplexity": Words(
            "this is a perplexity, not a loss",
            "Return the mean of −log p itself, not exp.",
            objective,
        ),
    }


def _log_probs(objective: Section, normalise: Section) -> dict[str, Words]:
    return {
        "softmax-twice": Words(
            "softmax was applied before cross-entropy, which applies it again",
            "cross_entropy expects raw logits. Applied twice, softmax squeezes every loss towards "
            "ln V, and training crawls.",
            objective,
        ),
        "no-log": Words(
            "there is no logarithm of a softmax: the numbers picked are no log-probabilities",
            "nll_loss, and picking by hand, need log_softmax of the logits over the vocabulary. "
            "cross_entropy does both steps at once.",
            objective,
        ),
        "wrong-axis": Words(
            "softmax was taken over the wrong dimension",
            "The probabilities of the V tokens at one position sum to 1: dim=-1 of (B, T, V).",
            objective,
        ),
        "class-dimension": Words(
            "cross_entropy takes the positions for the classes",
            "It expects the class dimension second, (B, V, T), or (N, V) with targets (N,). Give "
            "it logits.transpose(1, 2), or flatten both: logits.flatten(0, 1) and "
            "targets.flatten().",
            normalise,
        ),
        "view": Words(
            "view or reshape was used where a transpose was meant",
            "Reshaping (B, T, V) to (B, V, T) tears each row of logits apart; "
            "`logits.transpose(1, 2)` keeps it. At the start of training both losses are near "
            "ln V, which hides it.",
            normalise,
        ),
    }
