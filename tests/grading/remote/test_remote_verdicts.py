"""A check says of an answer in a box what it says of it here: a sample of all answers there are.

All of them were compared once; see the sample's seed for others.
"""

import random
import sys
from pathlib import Path

import pytest
from stand_in_box import Box

from labtools.checks import CheckFailed
from labtools.grading.limits import Limits
from labtools.grading.remote import Peer

sys.path.append(str(Path(__file__).parents[2] / "exercises"))

from answers import check_of, exercises, mutants_of, variants_of

RIGHT, WRONG, SEED = 8, 20, 11
SAID = "title", "explain", "where", "section", "mistake"


def answers():
    """(exercise, function, answer) of the right ones, and of those that are wrong."""
    right = [
        (name, function, answer)
        for name in exercises()
        for function, found in variants_of(name).items()
        for answer in found
    ]
    wrong = [
        (name, m.function, m.answer)
        for name in exercises()
        for m in mutants_of(name)
        if "endless" not in m.diagnosed
    ]
    draw = random.Random(SEED)
    return [*draw.sample(right, RIGHT), *draw.sample(wrong, WRONG)]


SAMPLE = answers()


@pytest.fixture(scope="module")
def box():
    box = Box({f"answer_{i}": answer for i, (_, _, answer) in enumerate(SAMPLE)})
    yield Peer(box, Limits()).bind([f"answer_{i}" for i in range(len(SAMPLE))])
    box.close()


def verdict(name, function, answer):
    """What the check says, None if nothing is wrong."""
    try:
        check_of(name, function)(answer, seed=3)
    except CheckFailed as failed:
        return {said: getattr(failed.diagnosis, said) for said in SAID}
    return None


@pytest.mark.parametrize(
    "i", range(len(SAMPLE)), ids=[f"{f}-{answer.__name__}" for _, f, answer in SAMPLE]
)
def test_the_same_is_said_of_an_answer_in_a_box(box, i):
    name, function, answer = SAMPLE[i]
    there = verdict(name, function, box[f"answer_{i}"])
    assert there == verdict(name, function, answer)
    assert (there is None) == (i < RIGHT)
