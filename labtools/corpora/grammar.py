"""Tasks whose best possible score is computed: every text, and how likely each answer to it is.

A grammar is a function that makes one example and asks ``draw`` wherever chance decides. Run once
for every way the draws can fall, it gives the joint distribution p(text, answer) of a
:class:`Task`. The best score of any predictor is then a sum over that table, not an estimate:
the one who sees a text can do no better than to know p(answer | text).
"""

import math
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, Protocol, TypeVar

import torch
from torch import Tensor

from labtools.arguments import positive_int
from labtools.corpora.splits import is_held_out

Option = TypeVar("Option")
Text = TypeVar("Text", bound=Hashable)
View = TypeVar("View", bound=Hashable)
Answer = TypeVar("Answer", bound=Hashable)
Part = TypeVar("Part", bound=Hashable)

Words = tuple[str, ...]


class Draw(Protocol):
    """One choice left to chance: an option, each as likely as its share of the positive weights."""

    def __call__(self, weights: Mapping[Option, float], /) -> Option: ...


def uniform(*options: Option) -> dict[Option, float]:
    """Weights under which every option is equally likely."""
    return dict.fromkeys(options, 1.0)


def outcomes(grammar: Callable[[Draw], Option]) -> Iterator[tuple[Option, float]]:
    """Everything that ``grammar`` can make, with its probability; one pair per way of drawing.

    The ways form a tree. Its paths are walked one by one: the grammar is run again from the start
    for each, told which branch to take at every draw.
    """
    to_do: list[_Path] = [((), 1.0)]
    while to_do:
        walk = _Walk(to_do.pop(), to_do)
        yield grammar(walk), walk.prob


_Path = tuple[tuple[int, ...], float]  # the branches from the root on, and their probability


class _Walk:
    """A ``draw`` that follows a path, then keeps to the first branch and notes the others."""

    def __init__(self, path: _Path, to_do: list[_Path]) -> None:
        self.branches, self.prob = path
        self.to_do, self.depth = to_do, 0

    def __call__(self, weights: Mapping[Option, float], /) -> Option:
        options = list(weights)
        if self.depth == len(self.branches):
            total = sum(weights.values())
            new = [
                ((*self.branches, i), self.prob * weights[option] / total)
                for i, option in enumerate(options)
            ]
            (self.branches, self.prob), *others = new
            self.to_do.extend(others)
        self.depth += 1
        return options[self.branches[self.depth - 1]]


@dataclass(frozen=True, eq=False)
class Task(Generic[Text, Answer]):
    """A task with a known joint distribution, ``joint[text][answer]`` = p(text, answer)."""

    joint: Mapping[Text, Mapping[Answer, float]]

    @classmethod
    def of(cls, weighted: Iterable[tuple[tuple[Text, Answer], float]]) -> "Task[Text, Answer]":
        """Add up the weights of equal (text, answer) pairs and scale their sum to 1."""
        joint: dict[Text, dict[Answer, float]] = {}
        for (text, answer), weight in weighted:
            answers = joint.setdefault(text, {})
            answers[answer] = answers.get(answer, 0.0) + weight
        total = math.fsum(w for answers in joint.values() for w in answers.values())
        return cls({x: {y: w / total for y, w in of_x.items()} for x, of_x in joint.items()})

    def pairs(self) -> Iterator[tuple[tuple[Text, Answer], float]]:
        """Every (text, answer) that can occur, with its probability."""
        for text, answers in self.joint.items():
            for answer, prob in answers.items():
                yield (text, answer), prob

    def posterior(self, text: Text) -> dict[Answer, float]:
        """p(answer | text): what there is to know about the answer.

        Raises:
            ValueError: The grammar cannot make this text.
        """
        if text not in self.joint:
            raise ValueError(f"text: expected a text of the task, got {text!r}")
        total = math.fsum(self.joint[text].values())
        return {answer: prob / total for answer, prob in self.joint[text].items()}

    def best_accuracy(self) -> float:
        """The highest expected share of right answers: Σ_text max_answer p(text, answer).

        It is that of the Bayes classifier [Bishop 2006, section 1.5.1]. On few examples a
        predictor may do better by chance.
        """
        return math.fsum(max(answers.values()) for answers in self.joint.values())

    def best_loss(self) -> float:
        """The lowest expected loss −log p(answer | text), in nats: the conditional entropy."""
        return -math.fsum(
            prob * math.log(self.posterior(text)[answer]) for (text, answer), prob in self.pairs()
        )

    def floor(self, examples: Sequence[tuple[Text, Answer]]) -> float:
        """The loss of p(answer | text) itself on these examples: the mean −log, in nats.

        It varies with the examples as a model's loss on them does, and is the closer thing to
        compare it with. It is inf if an answer cannot occur.

        Raises:
            ValueError: No example, or a text that the grammar cannot make.
        """
        if not examples:
            raise ValueError("examples: expected at least one, got none")
        probs = [self.posterior(text).get(answer, 0.0) for text, answer in examples]
        return math.fsum(-math.log(p) if p else math.inf for p in probs) / len(probs)

    def seen_as(self, view: Callable[[Text], View]) -> "Task[View, Answer]":
        """The task of a predictor that sees only ``view(text)``.

        Take the view of a whole task: on one side of a split, a view also tells a little about
        which texts are on that side.
        """
        return Task.of(((view(text), answer), prob) for (text, answer), prob in self.pairs())

    def asking(self, part: Callable[[Answer], Part]) -> "Task[Text, Part]":
        """The task in which only ``part(answer)`` is asked for."""
        return Task.of(((text, part(answer)), prob) for (text, answer), prob in self.pairs())

    def sample(self, n: int, generator: torch.Generator) -> list[tuple[Text, Answer]]:
        """``n`` independent examples.

        Raises:
            TypeError, ValueError: ``n`` is no int of at least 1.
        """
        positive_int("n", n)
        examples, probs = self._table
        drawn = torch.multinomial(probs, n, replacement=True, generator=generator)
        return [examples[i] for i in drawn.tolist()]

    @cached_property
    def _table(self) -> tuple[list[tuple[Text, Answer]], Tensor]:
        return (
            [pair for pair, _ in self.pairs()],
            torch.tensor([prob for _, prob in self.pairs()], dtype=torch.float64),
        )

    def split(
        self, key: Callable[[Text], Hashable] = lambda text: text
    ) -> "tuple[Task[Text, Answer], Task[Text, Answer]]":
        """Training and held-out task: every text, with all its answers, is on one side only.

        ``key(text)`` decides the side; about one key in ten is held out. What is known about a
        text is the same as before: p(answer | text) does not change, p(text) is scaled.
        """
        side = {text: is_held_out(str(key(text))) for text in self.joint}
        train = Task.of(pair for pair in self.pairs() if not side[pair[0][0]])
        held_out = Task.of(pair for pair in self.pairs() if side[pair[0][0]])
        return train, held_out
