"""Two processes draw as if they were one, and only one of them chooses what is drawn."""

import random

import numpy
import pytest
import torch
from torch import Generator

from labtools.grading.wire import twister
from labtools.grading.wire.channel import Malformed
from labtools.grading.wire.generators import ALL, OfNumPy, OfPython, OfTorch
from labtools.grading.wire.states import ANEW, Following, Leading

MOST = 1 << 20
NOTHING = [None, None, None]


@pytest.fixture(autouse=True)
def kept():
    states = [kind.state() for kind in ALL]
    yield
    for kind, state in zip(ALL, states, strict=True):
        kind.put(state)


@pytest.mark.parametrize("n", [0, 1, 2, 623, 624, 625, 1248, 10_000])
@pytest.mark.parametrize("drawn", [0, 1, 623, 624, 625])
def test_the_distance_of_two_states_is_what_was_drawn(n, drawn):
    start = OfPython().state()[: twister.SIZE]
    before = twister.advanced(start, drawn)
    after = twister.advanced(before, n)
    assert twister.distance(before, after, MOST) == n


def test_what_was_not_reached_is_no_distance():
    start = OfPython().seeded(3)[: twister.SIZE]
    assert twister.distance(start, twister.advanced(start, 5000), 4000) is None
    here, there = (OfPython().seeded(seed)[: twister.SIZE] for seed in (1, 2))
    assert twister.distance(here, there, 5000) is None
    assert twister.distance(twister.advanced(here, 5), here, 5000) is None


TORCH = {
    "nothing": lambda g: None,
    "uniform": lambda g: torch.rand(3, generator=g),
    "many": lambda g: torch.rand(70, 30, generator=g),
    "normal": lambda g: torch.randn(2, generator=g),
    "one normal": lambda g: torch.randn((), generator=g),
    "one normal of float64": lambda g: torch.randn((), generator=g, dtype=torch.float64),
    "many normal": lambda g: torch.randn(40, generator=g),
    "ids": lambda g: torch.randint(0, 50, (7,), generator=g),
    "order": lambda g: torch.randperm(20, generator=g),
    "choice": lambda g: torch.multinomial(torch.ones(5), 3, generator=g),
    "coins": lambda g: torch.empty(9).bernoulli_(0.3, generator=g),
}


@pytest.mark.parametrize("second", TORCH)
@pytest.mark.parametrize("first", TORCH)
def test_torchs_generator_goes_where_another_went(first, second):
    leading, following = (OfTorch(Generator().manual_seed(3)) for _ in range(2))
    for draw in (first, second):
        before = following.state()
        TORCH[draw](following._generator)
        told = following.far(before, following.state(), MOST)
        leading.put(leading.gone(leading.state(), told))
    assert leading.state() == following.state()


@pytest.mark.parametrize(
    ("kind", "draw"),
    [
        (OfPython(), random.random),
        (OfPython(), lambda: random.sample(range(100), 30)),
        (OfNumPy(), numpy.random.rand),
        (OfNumPy(), lambda: numpy.random.permutation(900)),
        (OfNumPy(), lambda: numpy.random.randn(2)),
    ],
)
def test_the_others_too(kind, draw):
    before = kind.state()
    draw()
    after = kind.state()
    assert after != before
    assert kind.gone(before, kind.far(before, after, MOST)) == after


@pytest.mark.parametrize("kind", ALL, ids=lambda k: type(k).__name__)
def test_a_state_that_is_put_is_the_state(kind):
    state = kind.seeded(5)
    assert kind.state() != state
    kind.put(state)
    assert kind.state() == state


def chosen_zeros():
    state = torch.get_rng_state()
    state.view(torch.int64)[3:-8] = 0
    torch.set_rng_state(state)


CHEATS = {
    "seeded": lambda: torch.manual_seed(0),
    "zeros": chosen_zeros,
    "back": lambda: torch.set_rng_state(BACK),
    "python": lambda: random.seed(0),
    "numpy": lambda: numpy.random.seed(0),
}
BACK = torch.get_rng_state()


@pytest.mark.parametrize("cheat", CHEATS)
def test_nobody_chooses_what_is_drawn_elsewhere(cheat):
    """What was set or seeded changes the other's state, to one that neither told."""
    torch.manual_seed(8), random.seed(8), numpy.random.seed(8)
    before, leading, following = [kind.state() for kind in ALL], Leading(), Following()
    CHEATS[cheat]()
    told, its = following.report(), [kind.state() for kind in ALL]
    assert ANEW in told
    i = told.index(ANEW)
    ends = []
    for _ in range(2):
        for kind, state in zip(ALL, before, strict=True):
            kind.put(state)
        leading = Leading()
        leading.hear(told)
        ends.append([kind.state() for kind in ALL])
    assert ends[0] == ends[1]  # the same again, when all is repeated
    assert ends[0][i] not in (before[i], its[i])
    assert [x for k, x in enumerate(ends[0]) if k != i] == [
        x for k, x in enumerate(before) if k != i
    ]


@pytest.mark.parametrize(
    "told",
    [
        None,
        [],
        [None, None],
        [3, None, None],
        ["new", None, None],
        [[-1, True, True, ""], None, None],
        [[twister.MOST + 1, True, True, ""], None, None],
        [[1, True, True, "float32"], None, None],
        [[4, True, True, "float16"], None, None],
        [[4, 1, 1, ""], None, None],
        [[True, True, True, ""], None, None],
        [[4], None, None],
        [None, [4], None],
        [None, [-4, True], None],
        [None, None, [4.0, True]],
        [None, None, [4, True, 3]],
    ],
    ids=str,
)
def test_forged_reports_change_nothing(told):
    before = [kind.state() for kind in ALL]
    with pytest.raises(Malformed, match="expected"):
        Leading().hear(told)
    assert [kind.state() for kind in ALL] == before


def test_a_report_that_nothing_happened():
    before, leading = [kind.state() for kind in ALL], Leading()
    assert Following().report() == NOTHING
    leading.hear(NOTHING)
    assert [kind.state() for kind in ALL] == before
