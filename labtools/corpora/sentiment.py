"""Sentences with a label: two opinions on a work, and whether the writer liked it.

Two things ask for word order. «not» turns round the adjective that follows it. And after «but»
comes what counts: «the plot was weak but the acting was good» is meant as praise. The adjectives
themselves are only signs, some of them weak, so that not even the best predictor is always right.
"""

from functools import cache

from labtools.corpora.grammar import Draw, Task, Words, outcomes, uniform

LABELS = ("negative", "positive")
SUBJECTS = ("plot", "acting", "music", "ending")

# adjective: how often it is used of what is disliked, and of what is liked (shares of 28)
ADJECTIVES = {
    "awful": (8, 1),
    "boring": (8, 2),
    "weak": (5, 1),
    "strange": (3, 3),
    "clever": (1, 5),
    "good": (2, 8),
    "wonderful": (1, 8),
}


def sentence(draw: Draw) -> tuple[Words, str]:
    """One sentence of two clauses, and its label."""
    label = draw(uniform(0, 1))
    conjunction = draw({"and": 0.7, "but": 0.3})
    first = draw(uniform(*SUBJECTS))
    second = draw(uniform(*(s for s in SUBJECTS if s != first)))
    words = (
        *_clause(draw, first, liked=label if conjunction == "and" else 1 - label),
        conjunction,
        *_clause(draw, second, liked=label),
    )
    return words, LABELS[label]


def _clause(draw: Draw, subject: str, liked: int) -> Words:
    negation = draw({(): 0.7, ("not",): 0.3})
    degree = draw({(): 0.7, ("very",): 0.3})
    # what is liked is called good, or not bad
    column = 1 - liked if negation else liked
    adjective = draw({word: weights[column] for word, weights in ADJECTIVES.items()})
    return ("the", subject, "was", *negation, *degree, adjective)


@cache
def task() -> Task[Words, str]:
    """Words → "negative" or "positive".

    The best accuracy is 0.853 and the best loss 0.322 nats; for whoever sees only the
    :func:`bag_of_words`, 0.643 and 0.542.
    """
    return Task.of(outcomes(sentence))


@cache
def split() -> tuple[Task[Words, str], Task[Words, str]]:
    """The training and the held-out side of :func:`task`; no sentence is on both."""
    return task().split()


def bag_of_words(words: Words) -> Words:
    """How often each word occurs, without the order: a view for ``Task.seen_as``."""
    return tuple(sorted(words))
