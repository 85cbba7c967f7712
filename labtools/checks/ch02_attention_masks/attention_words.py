"""What is said about the mistakes of ``masked_attention``."""

from labtools.checks.ch02_attention_masks.sections import (
    ADDITIVE,
    AVERAGE,
    BLOCKED,
    KINDS,
    LIBRARIES,
    RELATION,
)
from labtools.checks.spec import Words

NEEDS = "Its row of weights must be 0: set it to 0 after the softmax."
WORDS = {
    "not-scaled": Words(
        "the scores are not divided by √K",
        "A product of K random numbers grows like √K, and the softmax of large scores is nearly "
        "one key alone, with hardly a gradient. Divide by √K, the width of a head.",
        AVERAGE,
    ),
    "wrong-scale": Words(
        "the scores are divided by something other than √K",
        "It is the square root of K, the width of a head, which is the last dimension of q: not of "
        "the number of positions, nor of all heads together; and it is not K.",
        AVERAGE,
    ),
    "inverted": Words(
        "the mask is read upside down: queries see what is blocked",
        "True = may attend, so what is hidden is ~mask: masked_fill(~mask, −inf).",
        ADDITIVE,
    ),
    "mask-ignored": Words(
        "the mask is not used",
        "Its blocked keys take part in the average like all others.",
        RELATION,
    ),
    "always-causal": Words(
        "a causal mask is used, whatever mask is given",
        "Attention does not know what may be seen; the mask that comes in says it.",
        KINDS,
    ),
    "multiplied": Words(
        "a blocked key gets a score of 0 and keeps the weight e⁰",
        "0 is a score like any other, and better than all negative ones. Only a score of −∞ has "
        "the weight exp(−∞) = 0.",
        ADDITIVE,
    ),
    "mask-by-value": Words(
        "a score that happens to be 0 is taken for a blocked one",
        "The scores were multiplied by the mask, then those that are 0 hidden. Visible keys may "
        "have a score of 0: who is blocked is in the mask, never in the scores.",
        ADDITIVE,
    ),
    "after-softmax": Words(
        "the mask is applied after the softmax, so rows do not sum to one",
        "The blocked keys have taken their part of the weight before. Hide them before the "
        "softmax, with scores of −∞.",
        ADDITIVE,
    ),
    "renormalised": Words(
        "softmax over all keys, then masked and divided by the sum of the rest",
        "That is right on paper. But a blocked key with a large score makes the visible ones "
        "underflow to 0, and 0/0 brings nothing back. Hide blocked keys before the softmax.",
        ADDITIVE,
    ),
    "number-mask": Words(
        "the mask was added to the scores as numbers 0 and 1",
        "So a visible key is only e times as likely, and no key is blocked. What is added must be "
        "0 where attention is allowed and −∞ where it is blocked.",
        ADDITIVE,
    ),
    "zero-times-infinity": Words(
        "0 · ∞ is NaN: the mask was multiplied by infinity",
        "Choose instead of multiplying: scores.masked_fill(~mask, −inf), or torch.where.",
        ADDITIVE,
    ),
    "plus-infinity": Words(
        "blocked keys get a score of +∞ instead of −∞",
        "exp(+∞) is ∞, and ∞/∞ is NaN. exp(−∞) is 0, which is the weight that they should have.",
        ADDITIVE,
    ),
    "queries-masked": Words(
        "rows and columns of the mask have changed places: queries are masked, not keys",
        "Queries are rows and keys columns, in the mask as in the scores: (…, T, S).",
        RELATION,
    ),
    "first-item": Words(
        "the whole batch is given the mask of its first item",
        "Each item may have a mask of its own. Let it broadcast as it is.",
        RELATION,
    ),
    "first-head": Words(
        "all heads are given the mask of the first",
        "Each head may have a mask of its own. Let it broadcast as it is.",
        RELATION,
    ),
    "blocked-nan": Words(
        "a query that sees nobody gives NaN",
        f"The softmax of nothing but −∞ is 0/0. {NEEDS}",
        BLOCKED,
    ),
    "blocked-uniform": Words(
        "a query that sees nobody averages over the keys that it may not see",
        "Blocked scores are finite there (−1e9, finfo.min), and softmax looks at differences "
        f"only: when all are that low, none is. {NEEDS}",
        BLOCKED,
    ),
    "fill-overflows": Words(
        "the number that blocked scores are filled with does not fit into float16",
        "float16 ends at 65504, so −1e9 raises an error there. −inf exists in every dtype.",
        ADDITIVE,
    ),
    "wrong-axis": Words(
        "the softmax is not over the keys",
        "The weights of one query over all keys sum to one: dim=-1 of (B, H, T, S).",
        AVERAGE,
    ),
    "no-softmax": Words(
        "there is no softmax: scores are used as weights",
        "Weights are softmax(scores): positive, and of sum one in each row.",
        AVERAGE,
    ),
    "scores-returned": Words(
        "the scores are returned in place of the weights",
        "The output is right. Beside it, return the weights that it was made with, after softmax.",
        AVERAGE,
    ),
    "values-forgotten": Words(
        "the average is taken of the wrong tensor: it should be of v",
        "Queries and keys decide the weights; what is averaged are the values.",
        AVERAGE,
    ),
    "swapped": Words(
        "weights and output are returned in the wrong order", "Return output, weights.", AVERAGE
    ),
    "torn": Words(
        "a reshape was used where a transpose was meant",
        "view and reshape keep the reading order of the numbers and tear the vectors apart; "
        "k.transpose(-2, -1) turns (S, K) into (K, S). Heads are dimension 1 already, and need "
        "neither.",
        AVERAGE,
    ),
    "promoted": Words(
        "float16 and bfloat16 come out as another dtype",
        "Output and weights have the dtype of q. A float32 tensor that is added on the way makes "
        "everything float32: give it dtype=q.dtype, or convert at the end.",
        LIBRARIES,
    ),
}
