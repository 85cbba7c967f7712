"""What is said of ``pseudo_log_likelihood``."""

from labtools.checks.ch04_mlm.sections import CORRUPTION, OBJECTIVE, SCORING
from labtools.checks.spec import Special, Words

DEVICE = Words(
    "the result is not on the device of the input",
    "Make new tensors where the input is: device=input_ids.device.",
    SCORING,
)


def _special(name: str, title: str, explain: str) -> Special:
    return Special(name, Words(title, explain, SCORING))


NOTHING = _special(
    "nothing-maskable",
    "a row with nothing maskable goes wrong",
    "Nothing is scored there, and a sum over no positions is 0. Its number stands at its place in "
    "the result all the same.",
)
SHARED_MASK = _special(
    "shared-mask",
    "an attn_mask that all rows share goes wrong",
    "It may be (B, 1, 1, T), or anything that broadcasts to (B, H, T, T), as (T, T) or "
    "(1, 1, 1, T). Only one that has a row of its own for each text is repeated with the texts.",
)
MASK_IN_TEXT = _special(
    "mask-in-text",
    "a text that has <mask> in it goes wrong",
    "There it is given, like any other token, and not to be scored. Which position is scored is "
    "told by `maskable`; do not look for mask_id among the ids.",
)
ONE_POSITION = _special(
    "one-position",
    "texts of a single position go wrong",
    "The model sees <mask> alone, and says how likely each token is by itself.",
)
LARGE = _special(
    "unstable",
    "large logits go wrong",
    "The probability of an unlikely token underflows to 0, whose logarithm is −∞. Take log_softmax "
    "of the logits, not the logarithm of softmax.",
)

ONE_BY_ONE = (
    "Each token is predicted from *all* the others: it is replaced by mask_id, alone, and every "
    "other token stands there as it is. So there is one copy of the text for each position scored."
)
WHOSE = "What is scored is told by `maskable` alone, each row's own."
NORMALISED = (
    "log p of a token is log_softmax of the logits at its position over the V tokens of the "
    "vocabulary, taken at the token."
)
TOGETHER = (
    "Copies made with repeat_interleave stand text by text, with repeat copy by copy. The ids, "
    "their masks and the results must all follow the same order."
)
SEEN = (
    "attn_mask says which keys are real. Hand it to the model as it is, with a row of its own for "
    "each text that you hand over."
)
WORDS = {
    "nothing-masked": Words(
        "nothing is masked: each token sees itself",
        f"A model that sees a token can copy it, and says nothing of how likely it was. "
        f"{ONE_BY_ONE}",
        SCORING,
    ),
    "all-masked": Words("all tokens are masked at once", ONE_BY_ONE, SCORING),
    "masks-left": Words(
        "a mask stays where it was: the next token is predicted with it still there",
        f"{ONE_BY_ONE} Start from the true text each time: a new .clone(), or put the token back.",
        SCORING,
    ),
    "later-masked": Words(
        "all later tokens are hidden too",
        f"{ONE_BY_ONE} (A loop from right to left does this when it leaves its masks in place.)",
        SCORING,
    ),
    "same-token-masked": Words(
        "the same token is masked wherever it stands in the text",
        f"{ONE_BY_ONE} Choose the position by t, not by its id.",
        SCORING,
    ),
    "others-masked": Words(
        "the others are masked, and not the token that is scored", ONE_BY_ONE, SCORING
    ),
    "causal": Words(
        "each token is predicted from one side only",
        "That is the probability of a causal model. Here a token is predicted from both sides: "
        "what comes after it is seen as well.",
        OBJECTIVE,
    ),
    "wrong-position": Words(
        "a neighbour is masked, and not the token that is scored", ONE_BY_ONE, SCORING
    ),
    "neighbours-masked": Words(
        "a neighbour is masked together with the token that is scored", ONE_BY_ONE, SCORING
    ),
    "attention-masked": Words(
        "the token is hidden from attention",
        "Tokens are corrupted, not attention: put mask_id in the token's place, and leave the "
        "attention mask as it is. With its key blocked the token is still there: its own position "
        "starts from its embedding, and no position is told that anything is missing.",
        CORRUPTION,
    ),
    "padding-seen": Words(
        "the model sees the padding: attn_mask is not handed over",
        f"{SEEN} Otherwise a text's score depends on what it is batched with.",
        SCORING,
    ),
    "maskable-seen": Words(
        "the model sees the maskable tokens only",
        "A special token, as <bos>, is not scored, but it is seen: what is maskable and what may "
        f"be attended to are two things. {SEEN}",
        SCORING,
    ),
    "mask-inverted": Words(
        "the attention mask is upside down",
        "Here True = may attend. Hand attn_mask over as it is.",
        SCORING,
    ),
    "queries-blocked": Words(
        "the mask blocks the queries of padding, not its keys",
        "Keys are columns, the last dimension: (B, 1, 1, T). Hand attn_mask over as it is.",
        SCORING,
    ),
    "number-mask": Words(
        "the attention mask is made of numbers, not of booleans",
        "True = may attend. Hand attn_mask over as it is.",
        SCORING,
    ),
    "no-mask": Words("the model is called without its mask", SEEN, SCORING),
    "wrong-mask-token": Words(
        "another token than mask_id is put in the token's place",
        "The model was trained with the <mask> token, and its id is what mask_id says.",
        SCORING,
    ),
    "first-mask": Words(
        "all rows get the first row's attention mask", SEEN, SCORING
    ),
    "masks-mixed": Words(
        "a text gets the attention mask of another", TOGETHER, SCORING
    ),
    "rows-mixed": Words(
        "the logits that are read are those of another text", TOGETHER, SCORING
    ),
    "mask-not-repeated": Words(
        "the model gets more or fewer rows than attn_mask has",
        "The mask must have a row for each row of ids: repeat it, or pick its rows, as the ids. "
        "(One that all rows share, with 1 in its first dimension, may stay as it is.)",
        SCORING,
    ),
    "special-scored": Words(
        "special tokens are scored",
        f"They are given with every text and say nothing of it. {WHOSE}",
        SCORING,
    ),
    "maskable-ignored": Words(
        "`maskable` is ignored: special tokens and padding are scored too",
        f"They are no part of what the text says. {WHOSE}",
        SCORING,
    ),
    "ends-special": Words(
        "the first and the last position are taken for the special tokens",
        f"A text may begin or end with others, and in a padded row <eos> does not stand last. "
        f"{WHOSE}",
        SCORING,
    ),
    "padding-scored": Words(
        "padding is scored",
        f"It is no part of the text, and a text would be the less likely the more of it there is. "
        f"{WHOSE}",
        SCORING,
    ),
    "inverted": Words(
        "it is upside down: what is not maskable is scored", WHOSE, SCORING
    ),
    "one-row": Words("all rows are given the same maskable positions", WHOSE, SCORING),
    "masked-by-id": Words(
        "what is scored is told by the ids",
        f"{WHOSE} Any id may be a token of the text.",
        SCORING,
    ),
    "one-lost": Words(
        "the first or the last maskable position is left out, or is all that counts",
        "Every maskable position is scored. Is a sum overwritten, or does a loop end too early?",
        SCORING,
    ),
    "shifted": Words(
        "the logits of a neighbouring position are read",
        "In masked language modelling nothing is shifted: the token at t is predicted by the "
        "logits at t.",
        SCORING,
    ),
    "no-log": Words(
        "the numbers that are summed are no log-probabilities", NORMALISED, OBJECTIVE
    ),
    "softmax-twice": Words(
        "softmax is applied twice, or after the logarithm", NORMALISED, OBJECTIVE
    ),
    "wrong-axis": Words(
        "softmax was taken over the wrong dimension, not over the vocabulary", NORMALISED, OBJECTIVE
    ),
    "all-read": Words(
        "of each copy the log-probabilities of all positions are summed",
        "A copy is made to score one token, the one that is hidden in it: take log p at that "
        "position alone. At the others the model sees the token.",
        SCORING,
    ),
    "first-row-token": Words(
        "the first text's token is looked up in every row",
        "Each row has a token of its own at t: take log p of input_ids[b, t].",
        SCORING,
    ),
    "mask-scored": Words(
        "the <mask> token is scored, not the one that it hides",
        "Keep the true ids, and take log p of input_ids[b, t].",
        SCORING,
    ),
    "likeliest": Words(
        "it is not the true token that is scored",
        "What stands in the text is what counts, whatever the model would have preferred: take "
        "log p of input_ids[b, t].",
        SCORING,
    ),
    "summed-over-vocabulary": Words(
        "the log-probabilities of all tokens of the vocabulary are summed",
        "Each position adds one number, log p of its own token.",
        SCORING,
    ),
    "mean": Words(
        "the log-probabilities are averaged, not summed",
        "The pseudo-log-likelihood of a text is the sum over its maskable tokens. Its mean is what "
        "the pseudo-perplexity is made of.",
        SCORING,
    ),
    "negative": Words(
        "the sign is wrong: this is a cost",
        "A log-likelihood is a sum of log p, and never above 0: the larger, the likelier.",
        SCORING,
    ),
    "probability": Words(
        "probabilities come in where log-probabilities should be summed",
        "The result is Σ log p, the logarithm of a product: no exp is taken, and no logarithm of a "
        "sum.",
        SCORING,
    ),
    "perplexity": Words(
        "this is a perplexity, not a log-likelihood",
        "Return Σ log p itself. exp of minus its mean is the pseudo-perplexity.",
        SCORING,
    ),
    "bits": Words(
        "the result is in bits; the course counts in nats", "Use the natural logarithm.", SCORING
    ),
}  # fmt: skip

PROPERTY_WORDS = {
    "sees-itself": Words(
        "the probabilities of all tokens at one position do not sum to 1",
        f"What stands at a position must not matter to its own prediction. {ONE_BY_ONE}",
        SCORING,
    ),
    "not-a-sum": Words(
        "the result is not the sum over the positions, each scored by itself",
        f"{ONE_BY_ONE}",
        SCORING,
    ),
    "padding-matters": Words(
        "the padding changes the result",
        f"Neither its ids nor how much of it there is has any part in a text's score. {SEEN}",
        SCORING,
    ),
    "rows-matter": Words(
        "a text's result depends on the other texts of the batch",
        f"Each text is scored for itself. {TOGETHER}",
        SCORING,
    ),
}
