"""The ready-made properties about random numbers, on a function that draws three of them."""

import random

import numpy as np
import pytest
import torch

from labtools.checks import Spec, SpecError, Words, diagnose, properties

WORDS = Words("the property does not hold", "Because.", "chapter 0")


def ask(answer, generator):
    return answer(3, generator)


def failing(prop, function):
    spec = Spec("draw", ("n", "generator"), "chapter 0", right, lambda g: [], (), (prop,))
    return diagnose(spec, function)


def right(n, generator):
    return torch.rand(n, generator=generator)


def seeded_by_a_draw(n, generator):
    own = random.Random(int(torch.randint(2**62, (), generator=generator)))
    return torch.tensor([own.random() for _ in range(n)])


def from_its_own(n, generator):
    return torch.rand(n)


def from_another_seed_each_time(n, generator):
    return torch.tensor([random.random() for _ in range(n)])


def from_numpys(n, generator):
    return torch.from_numpy(np.random.rand(n))


def from_nobodys(n, generator):
    return torch.from_numpy(np.random.default_rng().random(n))


def from_a_fixed_seed(n, generator):
    torch.rand(1, generator=generator)
    return torch.rand(n, generator=torch.Generator().manual_seed(1))


def from_the_first_seed(n, generator):
    return torch.rand(n, generator=torch.Generator().manual_seed(generator.initial_seed()))


def from_a_copy(n, generator):
    return torch.rand(n, generator=generator.clone_state())


def seeding_all(n, generator):
    torch.manual_seed(int(torch.randint(2**62, (), generator=generator)))
    return torch.rand(n)


def drawing_from_both(n, generator):
    torch.rand(n)
    return torch.rand(n, generator=generator)


ONLY = properties.only_this_generator(WORDS, ask)
GOES_ON = properties.goes_on(WORDS, ask)


@pytest.mark.parametrize("function", [right, seeded_by_a_draw])
def test_what_is_drawn_from_the_generator_passes(function):
    assert failing(ONLY, function) is None
    assert failing(GOES_ON, function) is None


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (from_its_own, "the same seed gave different results"),
        (from_another_seed_each_time, "the same seed gave different results"),
        (from_a_fixed_seed, "different seeds gave the same result"),
        (from_the_first_seed, "Another generator than the one given was seeded or used"),
        (from_a_copy, "Another generator than the one given was seeded or used"),
        (seeding_all, "Another generator than the one given was seeded or used"),
        (drawing_from_both, "Another generator than the one given was seeded or used"),
    ],
)
def test_what_is_drawn_from_another_does_not(function, said):
    found = failing(ONLY, function)
    assert found.mistake == "generator-misused"
    assert said in found.where


@pytest.mark.parametrize(
    ("function", "used"),
    [
        (from_its_own, ""),
        (from_nobodys, ""),
        (from_another_seed_each_time, " Python's generator was drawn from."),
        (from_numpys, " NumPy's generator was drawn from."),
    ],
)
def test_it_is_told_which_generator_was_used(function, used):
    same = "  Two generators with the same seed gave different results."
    assert failing(ONLY, function).where == same + used


@pytest.mark.parametrize("function", [from_a_fixed_seed, from_the_first_seed, from_a_copy])
def test_the_next_call_draws_others(function):
    found = failing(GOES_ON, function)
    assert found.mistake == "same-every-call"
    assert found.where.startswith("  Two calls in a row")


def test_a_generator_is_found_by_name_too():
    prop = properties.goes_on(WORDS, lambda answer, generator: answer(3, generator=generator))
    assert failing(prop, right) is None
    assert failing(prop, from_a_copy).mistake == "same-every-call"


def test_a_call_without_a_generator_is_its_authors_fault():
    prop = properties.goes_on(WORDS, lambda answer, generator: answer(3, 4))
    spec = Spec("f", ("n", "m"), "chapter 0", lambda n, m: n, lambda g: [], (), (prop,))
    with pytest.raises(SpecError, match="expected a generator"):
        diagnose(spec, lambda n, m: n)
