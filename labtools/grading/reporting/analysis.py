"""What a class's results say about the questions and about the class."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from math import ceil
from statistics import StatisticsError, correlation, fmean

from labtools.grading.reporting.results import Answer, Results, Student

FAULTY = "broken-check"
"""The diagnosis in which the check itself is at fault (see `labtools.checks.Diagnosis`)."""

EVERYONE = 5
"""That so many tried a question and nobody has a point is no accident."""

MAX_BINS = 12

FEW = 10
"""Under so many students the figures of an item are mostly chance."""


@dataclass(frozen=True)
class Item:
    """One question as a measurement.

    Attributes:
        name: the question.
        maximum: its points.
        attempts: how many students tried it.
        full: how many have all its points.
        difficulty: the mean share of its points, from 0 (nobody) to 1 (everyone); so the higher,
            the easier. None if nobody took part.
        discrimination: the correlation of its points with the points for all *other* questions,
            from −1 to 1: whether it tells those apart who know from those who do not. Its own
            points are left out of the sum, since they would correlate with themselves (Henrysson,
            “Correction of item–total correlations in item analysis”, Psychometrika 28, 1963).
            None where one of the two is the same for everyone.
        broken: whether the question rather than the class seems to be at fault: `EVERYONE` or more
            tried it and nobody has a point, or the check itself has an error.
    """

    name: str
    maximum: float
    attempts: int
    full: int
    difficulty: float | None
    discrimination: float | None
    broken: bool


@dataclass(frozen=True)
class Mistake:
    """What several students got wrong in the same way.

    Attributes:
        question: the function.
        name: the mistake's name, as in `labtools.checks.Diagnosis`; None if the check knows none.
        title: what is wrong, in a line; the most frequent wording.
        section: where the book explains it; None if nobody said.
        students: ids of those who made it.
    """

    question: str
    name: str | None
    title: str
    section: str | None
    students: tuple[str, ...]


@dataclass(frozen=True)
class Bin:
    """How many students have at least `low` points and less than `high` + 1."""

    low: int
    high: int
    count: int


def taking_part(results: Results) -> list[Student]:
    """Those who tried a question; an empty notebook says nothing about any of them."""
    return [it for it in results.graded if any(answer.attempted for answer in it.answers.values())]


def items(results: Results) -> list[Item]:
    """The questions in order, each measured over `taking_part`."""
    students = taking_part(results)
    return [item(question.name, question.maximum, students) for question in results.questions]


def item(name: str, maximum: float, students: list[Student]) -> Item:
    """One question."""
    answers = [student.answers[name] for student in students]
    own = [answer.points for answer in answers]
    others = [sum(it.points for it in student.answers.values()) for student in students]
    tried = [answer for answer in answers if answer.attempted]
    return Item(
        name=name,
        maximum=maximum,
        attempts=len(tried),
        full=sum(points >= maximum for points in own),
        difficulty=fmean(own) / maximum if own and maximum else None,
        discrimination=related(own, [sum_ - it for sum_, it in zip(others, own, strict=True)]),
        broken=seems_broken(tried),
    )


def related(one: list[float], other: list[float]) -> float | None:
    """Pearson's correlation; None where it is undefined."""
    try:
        return correlation(one, other)
    except StatisticsError:
        return None


def seems_broken(tried: list[Answer]) -> bool:
    """Whether the fault seems to be the question's."""
    nobody = len(tried) >= EVERYONE and not any(answer.points > 0 for answer in tried)
    return nobody or any(answer.mistake == FAULTY for answer in tried)


def mistakes(results: Results) -> list[Mistake]:
    """What went wrong, the most frequent first.

    Answers with the same diagnosis are one mistake, also where the words differ in a number; where
    the check knows no name, those with the same words are.
    """
    made: dict[tuple[str, str], list[tuple[str, Answer]]] = defaultdict(list)
    for student in results.graded:
        for question, answer in student.answers.items():
            if answer.title:
                made[question, answer.mistake or answer.title].append((student.id, answer))
    found = [mistake(question, group) for (question, _), group in made.items()]
    order = {question.name: place for place, question in enumerate(results.questions)}
    return sorted(found, key=lambda it: (-len(it.students), order[it.question], it.title))


def mistake(question: str, made: list[tuple[str, Answer]]) -> Mistake:
    """The mistake that these (student, Answer) made."""
    answers = [answer for _, answer in made]
    (title, _), *_ = Counter(str(answer.title) for answer in answers).most_common(1)
    section = next((answer.section for answer in answers if answer.section), None)
    return Mistake(question, answers[0].mistake, title, section, tuple(who for who, _ in made))


def histogram(results: Results) -> list[Bin]:
    """The students by points: bins of whole points, at most `MAX_BINS`, down from 0."""
    width = max(1, ceil((results.maximum + 1) / MAX_BINS))
    counts = Counter(int(student.score // width) for student in results.graded)
    last = max([int(results.maximum // width), *counts])  # extra credit goes beyond the maximum
    lows = [i * width for i in range(last + 1)]
    highs = [min(low + width - 1, max(low, int(results.maximum))) for low in lows]
    return [Bin(*edges, counts[i]) for i, edges in enumerate(zip(lows, highs, strict=True))]
