"""What is said of a wrong ``random_spans``."""

from labtools.checks.ch06_denoising.sections import SPANS
from labtools.checks.report import Diagnosis
from labtools.checks.spec import Words

STATIC = Words(
    "the next call draws the same spans again",
    "A text that comes again should have other spans. Draw from the generator itself, so that the "
    "next call goes on from where it stands. A generator made or seeded in the function, even with "
    "the seed of the given one, starts anew in every call.",
    SPANS,
)
GENERATOR = Words(
    "the generator is not used as it should be",
    "Hand it to the function that draws: torch.randperm(n, generator=generator). All randomness "
    "comes from it: PyTorch's own is neither used nor seeded, nor are Python's (`random`) and "
    "NumPy's (`np.random`).",
    SPANS,
)

WORDS = {
    "inverted": Words(
        "the mask is upside down: True where a token is kept",
        "True is noise. Of the whole text round(length · rate) tokens are.",
        SPANS,
    ),
    "rate-swapped": Words(
        "1 − rate of the tokens are noise",
        "`rate` is the share of noise: n = round(length · rate) tokens are True.",
        SPANS,
    ),
    "count-varies": Words(
        "the number of noise tokens differs from draw to draw",
        "It is exact: n = round(length · rate) in every draw. Nothing but where the cuts lie is "
        "left to chance. Each token drawn by itself, or each span's length (Poisson, geometric), "
        "makes n random; so do spans that overlap.",
        SPANS,
    ),
    "one-too-many": Words(
        "one noise token too many",
        "n = round(length · rate) tokens are noise, in all spans together.",
        SPANS,
    ),
    "one-too-few": Words(
        "one noise token too few",
        "n = round(length · rate) tokens are noise, in all spans together. Is the last token of "
        "the text, or of a span, left out?",
        SPANS,
    ),
    "not-rounded": Words(
        "the number of noise tokens is cut off or raised, not rounded",
        "n is the whole number nearest to length · rate: round(). int() and // go down, math.ceil "
        "goes up.",
        SPANS,
    ),
    "rate-ignored": Words(
        "half of the tokens are noise, whatever the rate is",
        "n = round(length · rate) tokens are noise.",
        SPANS,
    ),
    "wrong-count": Words(
        "the number of noise tokens is wrong",
        "n = round(length · rate) tokens are noise, at least 1 and at most length − 1.",
        SPANS,
    ),
    "begins-with-noise": Words(
        "the text begins with noise",
        "Kept tokens and noise alternate, and the first part is one that is kept.",
        SPANS,
    ),
    "ends-with-kept": Words(
        "the text ends with kept tokens",
        "There are as many kept parts as spans of noise, and the first is kept: so the last part "
        "is noise. With k + 1 kept parts there is one too many.",
        SPANS,
    ),
    "spans-touch": Words(
        "spans touch: some draws have fewer of them than there should be",
        "Between two spans at least one token is kept, or they are one. Each part has at least 1 "
        "token: k − 1 cuts lie at *different* places among the 1 … n − 1 between tokens.",
        SPANS,
    ),
    "tokens-alone": Words(
        "the number of spans differs from draw to draw",
        "The noise tokens lie in k = round(n / mean_span) spans, in every draw. Drawn one by one, "
        "they fall into as many spans as chance has it.",
        SPANS,
    ),
    "rolled": Words(
        "the pattern is rolled around: some texts begin in the middle of a span",
        "T5's code has such an option, but here nothing is rolled: every text begins with a kept "
        "token and ends with noise.",
        SPANS,
    ),
    "single-tokens": Words(
        "every noise token is a span of its own: mean_span is ignored",
        "n tokens in spans of mean_span on average are k = round(n / mean_span) spans.",
        SPANS,
    ),
    "one-span": Words(
        "all noise is one span: mean_span is ignored",
        "n tokens in spans of mean_span on average are k = round(n / mean_span) spans.",
        SPANS,
    ),
    "spans-of-length": Words(
        "the number of spans is taken from the length of the text",
        "It is the noise that is cut into spans: k = round(n / mean_span), not length / mean_span.",
        SPANS,
    ),
    "spans-of-share": Words(
        "the number of spans is taken from length · rate, which is not yet rounded",
        "First n = round(length · rate), then k = round(n / mean_span): each is a whole number.",
        SPANS,
    ),
    "spans-of-kept": Words(
        "the number of spans is taken from the kept tokens",
        "It is the noise that is cut into spans: k = round(n / mean_span).",
        SPANS,
    ),
    "mean-for-number": Words(
        "mean_span is taken for the number of spans",
        "It is their mean length: n tokens are k = round(n / mean_span) spans.",
        SPANS,
    ),
    "one-span-more": Words(
        "one span too many",
        "k parts need k − 1 cuts. k = round(n / mean_span).",
        SPANS,
    ),
    "one-span-less": Words(
        "one span too few",
        "k parts need k − 1 cuts. k = round(n / mean_span).",
        SPANS,
    ),
    "spans-not-rounded": Words(
        "the number of spans is cut off or raised, not rounded",
        "k is the whole number nearest to n / mean_span: round(). int() and // go down, math.ceil "
        "goes up.",
        SPANS,
    ),
    "wrong-number": Words(
        "the number of spans is wrong",
        "n noise tokens lie in k = round(n / mean_span) spans, at least 1 and at most n and "
        "length − n.",
        SPANS,
    ),
    "no-noise": Words(
        "a rate so small that it rounds to no token goes wrong",
        "At least 1 token is noise, however small length · rate is.",
        SPANS,
    ),
    "nothing-kept": Words(
        "a rate so large that it rounds to all tokens goes wrong",
        "At most length − 1 tokens are noise: one at least is kept, before the first span.",
        SPANS,
    ),
    "no-span": Words(
        "a mean_span so large that it rounds to no span goes wrong",
        "There is at least 1 span, also where n / mean_span is below one half.",
        SPANS,
    ),
    "too-many-spans": Words(
        "more spans than kept tokens to part them go wrong",
        "Before each span stands at least one kept token: k is at most length − n.",
        SPANS,
    ),
    "two-tokens": Words(
        "a text of two tokens goes wrong",
        "It has one kept token and one of noise: False, True.",
        SPANS,
    ),
    "equal-spans": Words(
        "all spans of noise are equally long",
        "mean_span is a mean. The lengths are drawn: all ways of cutting n tokens into k parts are "
        "equally likely.",
        SPANS,
    ),
    "equal-gaps": Words(
        "all kept parts are equally long",
        "They are drawn as the spans are: all ways of cutting length − n tokens into k parts are "
        "equally likely.",
        SPANS,
    ),
    "same-cuts": Words(
        "noise and kept tokens are cut at the same places",
        "They are cut by two draws that know nothing of each other.",
        SPANS,
    ),
    "sorted": Words(
        "the parts are sorted by their length",
        "All ways of cutting are equally likely, so short and long parts come in any order. It is "
        "the places of the cuts that are sorted, not the lengths between them.",
        SPANS,
    ),
    "one-after-another": Words(
        "not all cuts are equally likely: the parts are cut off one after another",
        "A part drawn evenly between 1 and what is left takes half of it on average, and leaves "
        "little to the others. Draw all k − 1 places at once: "
        "torch.randperm(n − 1, generator=generator)[: k − 1].",
        SPANS,
    ),
    "one-by-one": Words(
        "not all cuts are equally likely: each token is given to a part by itself",
        "So the parts become alike, and a long one beside short ones hardly ever comes. Draw the "
        "k − 1 places of the cuts: torch.randperm(n − 1, generator=generator)[: k − 1].",
        SPANS,
    ),
    "not-uniform": Words(
        "not all cuts are equally likely",
        "A cut lies between two tokens: of n − 1 such places k − 1 are drawn, all sets of them "
        "equally likely. Lengths drawn one after another, or random weights that are rounded, "
        "prefer some.",
        SPANS,
    ),
    "dependent": Words(
        "the cuts of the kept tokens depend on those of the noise",
        "They are cut by two draws that know nothing of each other.",
        SPANS,
    ),
    "repeated": Words(
        "some draws are those of the call before",
        "Each call draws anew.",
        SPANS,
    ),
}


def say(name: str, where: str) -> Diagnosis:
    """The diagnosis of a mistake that has words."""
    words = WORDS[name]
    return Diagnosis(words.title, words.explain, where, words.section, name)
