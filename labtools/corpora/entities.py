"""Sentences with tagged names: people, places and organisations in BIO tags.

Many a name is of more than one kind. «Paris lives in Virginia» tells which is meant, «they wrote
about Paris» does not. «Anna told Jordan Ford left» holds two people after «told», «Anna said Jordan
Ford left» one after «said»: B- beside I- tells them apart [Ramshaw and Marcus 1995].
"""

from collections.abc import Iterator
from functools import cache

from labtools.corpora.grammar import Draw, Task, Words, outcomes, uniform

Tags = tuple[str, ...]

KINDS = {"PER": 5.0, "LOC": 3.0, "ORG": 2.0}  # of a name in a sentence that takes any
TAGS = ("O", *(f"{prefix}-{kind}" for kind in KINDS for prefix in "BI"))

NAMES = {
    "PER": (
        *("Anna", "Omar", "Jordan", "Paris", "Virginia", "Ford", "Lopez", "Washington"),
        *("Jordan Ford", "Anna Lopez", "Anna Jordan", "Paris Ford", "Virginia Washington"),
    ),
    "LOC": ("Jordan", "Paris", "Virginia", "Washington", "Lisbon", "New York", "Fort Lopez"),
    "ORG": ("Ford", "Lopez", "Virginia Press", "New York Times", "Paris Motors", "Jordan Ford"),
}

SENTENCES = {
    "PER lives in LOC": 3.0,
    "PER works for ORG in LOC": 3.0,
    "PER met PER in LOC": 2.0,
    "PER said PER left": 2.0,
    "PER told PER PER left": 2.0,
    "PER left LOC for LOC": 1.0,
    "ORG left LOC for LOC": 1.0,
    "they wrote about ANY": 3.0,
    "PER asked PER about ANY": 2.0,
}


def sentence(draw: Draw) -> tuple[Words, Tags]:
    """One sentence and the tags of its words; no name stands in it twice."""
    words: list[str] = [*draw({(): 2.0, ("yesterday",): 1.0})]
    tags = ["O"] * len(words)
    used: set[str] = set()
    for slot in draw(SENTENCES).split():
        kind = draw(KINDS) if slot == "ANY" else slot
        if kind not in NAMES:
            words.append(slot)
            tags.append("O")
            continue
        name = draw(uniform(*(n for n in NAMES[kind] if n not in used)))
        used.add(name)
        words += name.split()
        tags += [f"B-{kind}"] + [f"I-{kind}"] * name.count(" ")
    return tuple(words), tuple(tags)


@cache
def task() -> Task[Words, Tags]:
    """Words → one tag for each.

    ``best_accuracy`` is that of whole sentences, all tags right: 0.922. Token by token
    (:func:`by_token`) it is 0.985, and 0.787 for whoever sees the :func:`word_alone`.
    """
    return Task.of(outcomes(sentence))


@cache
def split() -> tuple[Task[Words, Tags], Task[Words, Tags]]:
    """The training and the held-out side of :func:`task`; no sentence is on both."""
    return task().split()


def by_token(sentences: Task[Words, Tags]) -> Task[tuple[Words, int], str]:
    """The same task token by token: a sentence and a position → the tag there.

    Every token counts the same, as in a mean over all tokens of a corpus, so that
    ``best_accuracy`` is the best token accuracy and ``best_loss`` the floor of the loss per token,
    0.0235 nats for :func:`task`.
    """

    def tokens() -> Iterator[tuple[tuple[tuple[Words, int], str], float]]:
        for (words, tags), prob in sentences.pairs():
            for t, tag in enumerate(tags):
                yield ((words, t), tag), prob

    return Task.of(tokens())


def word_alone(token: tuple[Words, int]) -> str:
    """The word without its sentence: a view for ``Task.seen_as``."""
    words, t = token
    return words[t]
