"""What results say about questions and class, by hand and beside a slow oracle."""

import random
from math import sqrt

import pytest

from labtools.grading.reporting import Answer, Question, Results, Student, items, mistakes
from labtools.grading.reporting.analysis import Bin, histogram

QUESTIONS = (Question("add", 2), Question("double", 3), Question("halve", 5))
TRIED = Answer(0, title="wrong")
NOT = Answer(0, attempted=False, reason="not attempted")


def results(*answers, questions=QUESTIONS, **options):
    """Each student's answers: points, or Answer."""
    students = []
    for number, theirs in enumerate(answers):
        made = [it if isinstance(it, Answer) else Answer(it) for it in theirs]
        its = dict(zip([question.name for question in questions], made, strict=True))
        students.append(Student(f"s{number}", answers=its))
    return Results("ex", questions, tuple(students), **options)


def correlation_by_definition(one, other):
    n = len(one)
    mean_one, mean_other = sum(one) / n, sum(other) / n
    cov = sum((x - mean_one) * (y - mean_other) for x, y in zip(one, other, strict=True))
    spread = [sum((x - m) ** 2 for x in it) for it, m in ((one, mean_one), (other, mean_other))]
    return cov / sqrt(spread[0] * spread[1])


def test_an_item_by_hand():
    add, double, halve = items(results([2, 3, 5], [2, 0, 0], [0, 3, 5], [1, 0, 5]))
    assert (add.attempts, add.full, add.difficulty) == (4, 2, 5 / 8)
    assert (double.full, double.difficulty) == (2, 6 / 12)
    assert halve.difficulty == 15 / 20
    # add has 2 2 0 1, the others together 8 0 8 5
    assert add.discrimination == pytest.approx(
        correlation_by_definition([2, 2, 0, 1], [8, 0, 8, 5])
    )


def test_discrimination_leaves_out_the_item_itself():
    draw = random.Random(5)
    given = [[draw.choice([0, 1, 2]), draw.choice([0, 3]), draw.choice([0, 5])] for _ in range(40)]
    found = items(results(*given))
    for i, item in enumerate(found):
        own, rest = [row[i] for row in given], [sum(row) - row[i] for row in given]
        assert item.discrimination == pytest.approx(correlation_by_definition(own, rest))
        whole = correlation_by_definition(own, [sum(row) for row in given])
        assert item.discrimination < whole - 0.1


@pytest.mark.parametrize("given", [[], [[2, 3, 5]], [[2, 3, 5], [2, 0, 5]]])
def test_discrimination_of_too_few_or_equal_is_unknown(given):
    assert items(results(*given))[0].discrimination is None


def test_nobody_took_part():
    (item, *_) = items(results([NOT, NOT, NOT]))
    assert (item.attempts, item.difficulty, item.broken) == (0, None, False)


def test_who_tried_nothing_is_not_counted():
    tried = [[2, 3, 5], [0, 3, NOT], [2, 0, 0]]
    assert items(results(*tried)) == items(results(*tried, [NOT, NOT, NOT]))
    assert items(results(*tried))[2].attempts == 2


def test_who_has_no_grade_is_not_counted():
    whole = results([2, 3, 5], [0, 3, 0])
    fault = Student("sick", fault="out of memory")
    more = Results("ex", QUESTIONS, (*whole.students, fault))
    assert items(more) == items(whole)
    assert mistakes(more) == mistakes(whole)
    assert histogram(more) == histogram(whole)


@pytest.mark.parametrize(
    ("answers", "broken"),
    [
        ([TRIED] * 5, True),
        ([TRIED] * 5 + [NOT], True),
        ([TRIED] * 4 + [NOT], False),  # too few to tell
        ([TRIED] * 9 + [Answer(1)], False),
        ([Answer(2), Answer(2), Answer(0, mistake="broken-check", title="hm")], True),
        ([Answer(2), Answer(2), Answer(0, mistake="unchecked", title="hm")], False),
        ([NOT] * 9, False),
    ],
)
def test_broken(answers, broken):
    assert items(results(*([answer, 3, 5] for answer in answers)))[0].broken is broken


def test_mistakes_are_grouped_by_name_or_by_words():
    shift = [Answer(0, True, None, "shift", f"shifted by {n}", "the shift") for n in (1, 2, 2)]
    words = [Answer(0, True, None, None, "hm"), Answer(0, True, None, None, "hm")]
    found = mistakes(
        results(*([2, it, 5] for it in shift), *([2, 3, it] for it in words), [2, 3, 5])
    )
    assert [(it.question, it.name, it.title, it.students) for it in found] == [
        ("double", "shift", "shifted by 2", ("s0", "s1", "s2")),
        ("halve", None, "hm", ("s3", "s4")),
    ]
    assert [it.section for it in found] == ["the shift", None]


def test_equally_frequent_mistakes_are_in_the_questions_order():
    wrong = Answer(0, title="hm")
    found = mistakes(results([2, 3, wrong], [wrong, 3, 5], [2, wrong, 5]))
    assert [it.question for it in found] == ["add", "double", "halve"]


@pytest.mark.parametrize(
    ("maximum", "scores", "bins"),
    [
        (3, [0, 0, 3, 1.5], [Bin(0, 0, 2), Bin(1, 1, 1), Bin(2, 2, 0), Bin(3, 3, 1)]),
        (
            13,
            [13, 12, 0],
            [*(Bin(i, i + 1, int(i in (0, 12)) + (i == 12)) for i in range(0, 14, 2))],
        ),
        (12, [12], [*(Bin(i, min(i + 1, 12), int(i == 12)) for i in range(0, 14, 2))]),
        (2, [4], [Bin(0, 0, 0), Bin(1, 1, 0), Bin(2, 2, 0), Bin(3, 3, 0), Bin(4, 4, 1)]),
        (0, [], [Bin(0, 0, 0)]),
    ],
)
def test_histogram(maximum, scores, bins):
    one = (Question("add", maximum),)
    assert histogram(results(*([score] for score in scores), questions=one)) == bins


def test_every_student_is_in_one_bin():
    draw = random.Random(7)
    for maximum in range(1, 60):
        given = [[draw.uniform(0, maximum)] for _ in range(30)]
        bins = histogram(results(*given, questions=(Question("add", maximum),)))
        assert sum(it.count for it in bins) == 30
        assert len(bins) <= 12
        assert bins[-1].high == maximum
