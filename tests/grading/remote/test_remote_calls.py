"""A function in a box is called as if it were here."""

import inspect
import random
import time

import numpy
import pytest
import torch
from stand_in_box import peer_of

from labtools.checks import calling
from labtools.checks.signatures import _signature
from labtools.grading.limits import Limits


def scaled(x, by=2, *, plus=0.0):
    return x * by + plus


def first_row(x):
    return x[:1]


def itself(*args):
    return args[0]


def zeroed(x):
    x[0] = 0
    return x.sum()


def scribbled(ids, lists, named):
    ids.unsqueeze_(0)
    lists[0] += 1
    lists.append(lists[0].clone())
    named["new"] = 3
    del named["old"]


def said(*words):
    print(*words)
    return len(words)


def fails(kind, *args):
    raise kind_of(kind)(*args)


def kind_of(name):
    return {
        "own": OwnError,
        "exit": SystemExit,
        "key": KeyError,
        "stop": KeyboardInterrupt,
        "end": StopIteration,
    }[name]


class OwnError(LookupError):
    """Of a learner's own."""


class Caller:
    """Can be called, and is no function."""

    def __call__(self, x):
        return x + 1


def settings():
    made = torch.zeros(1)
    return made.dtype, made.device, torch.is_grad_enabled()


def together(f, x):
    return f(f(x))


def large():
    return torch.zeros(20 << 20)


FUNCTIONS = [
    *(scaled, first_row, itself, zeroed, scribbled, said, fails, settings, together, large),
    *(torch.tril,),
]


@pytest.fixture(scope="module")
def box():
    names = {f.__name__: f for f in FUNCTIONS}
    with peer_of(**names, caller=Caller(), data={"a": [1]}) as peer:
        yield peer.bind([*names, "caller", "data", "missing"])


def test_names_stand_for_functions_and_data_and_missing_ones_for_nothing(box):
    assert box["data"] == {"a": [1]}
    assert "missing" not in box
    assert callable(box["scaled"])
    assert repr(box["scaled"]) == "<function scaled>"


def test_a_function_has_its_name_its_parameters_and_its_file(box):
    there = box["scaled"]
    assert there.__name__ == "scaled"
    assert str(inspect.signature(there)) == "(x, by=Ellipsis, *, plus=Ellipsis)"
    assert calling.written_in(there) == __file__
    assert calling.written_in(box["caller"]) == __file__
    assert [*inspect.signature(box["caller"]).parameters] == ["x"]
    assert _signature(torch.tril) is _signature(box["tril"]) is None


def test_arguments_by_position_and_by_name(box):
    x = torch.arange(6.0).view(2, 3)
    assert box["scaled"](x, plus=0.5).equal(2 * x + 0.5)
    assert box["scaled"](by=3, x=x.mT).equal(3 * x.mT)
    with pytest.raises(TypeError, match=r"^scaled\(\) got an unexpected keyword argument 'minus'"):
        box["scaled"](x, minus=1)
    assert box["caller"](torch.ones(2)).tolist() == [2, 2]


def test_a_view_of_an_argument_is_a_view_of_it_here(box):
    whole = torch.zeros(4, 6)
    x = whole[1:, ::2]
    got = box["first_row"](x)
    got += 1
    assert whole.sum() == 3
    assert whole[1, ::2].tolist() == [1, 1, 1]
    assert box["itself"](x).data_ptr() == x.data_ptr()
    assert box["itself"](x[0].expand(5, 3)).stride() == (0, 2)
    assert box["scaled"](x).data_ptr() != x.data_ptr()


def test_what_is_changed_in_place_is_changed_here(box):
    whole = torch.ones(3, 2)
    assert box["zeroed"](whole[1:]) == 2
    assert whole.tolist() == [[1, 1], [0, 0], [1, 1]]


def test_lists_dicts_and_shapes_that_are_changed_are_changed_here(box):
    ids, counts, named = torch.arange(3), torch.zeros(2), {"old": 1, "kept": 2}
    lists = [counts]
    assert box["scribbled"](ids, lists, named) is None
    assert ids.tolist() == [[0, 1, 2]]
    assert lists[0] is counts
    assert [x.tolist() for x in lists] == [[1, 1], [1, 1]]
    assert named == {"kept": 2, "new": 3}


def test_what_is_not_changed_stays_the_same_object(box):
    inner = [torch.ones(2)]
    outer = [inner, float("nan")]
    box["itself"](3, outer)
    assert outer[0] is inner
    assert len(outer) == 2


def test_one_tensor_given_twice_is_one(box):
    x = torch.ones(3)
    first, second = box["itself"]((x, x))
    assert first.data_ptr() == second.data_ptr() == x.data_ptr()


def test_what_it_prints_is_printed_here(box, capsys):
    assert box["said"]("ä", 3) == 2
    assert capsys.readouterr() == ("ä 3\n", "")


def test_errors_are_raised_here(box):
    with pytest.raises(KeyError) as caught:
        box["fails"]("key", "x")
    assert type(caught.value) is KeyError
    assert str(caught.value) == "'x'"
    line = inspect.getsourcelines(fails)[1] + 1
    said = calling.raised_at(caught.value, calling.written_in(box["fails"]))
    assert said == f"line {line}: raise kind_of(kind)(*args)"
    assert calling.raised_at(caught.value, "another.py") == ""
    with pytest.raises(LookupError, match=r"^a b$") as caught:
        box["fails"]("own", "a b")
    assert type(caught.value).__name__ == "OwnError"
    assert type(caught.value) is not OwnError
    with pytest.raises(SystemExit) as caught:
        box["fails"]("exit", 3)
    assert caught.value.code == 3
    with pytest.raises(RuntimeError, match="KeyboardInterrupt"):
        box["fails"]("stop")


def test_no_error_ends_a_loop_of_a_test(box):
    with pytest.raises(RuntimeError, match="StopIteration, raised by the code itself"):
        all(map(box["fails"], ["end"]))
    assert isinstance(calling.call(box["fails"], ("end",)).error, StopIteration)


def test_settings_of_torch_go_along(box):
    assert box["settings"]() == (torch.float32, torch.device("cpu"), True)
    torch.set_default_dtype(torch.float64)
    try:
        with torch.no_grad(), torch.device("meta"):
            assert box["settings"]() == (torch.float64, torch.device("meta"), False)
    finally:
        torch.set_default_dtype(torch.float32)
    assert box["settings"]() == (torch.float32, torch.device("cpu"), True)


def test_a_function_of_the_box_can_be_its_argument(box):
    assert box["together"](box["scaled"], torch.ones(2)).tolist() == [4, 4]
    assert box["itself"](box["scaled"]) is box["scaled"]


def test_a_function_from_here_can_be_its_argument_and_may_call_back(box):
    calls = []

    def here(x):
        calls.append(x)
        return box["scaled"](x, by=5)

    assert box["together"](here, torch.ones(2)).tolist() == [25, 25]
    assert [x.tolist() for x in calls] == [[1, 1], [5, 5]]


def test_what_is_too_large_is_an_error_and_no_more():
    with peer_of(Limits(message_mb=8), large=large, scaled=scaled) as peer:
        names = peer.bind(["large", "scaled"])
        with pytest.raises(ValueError, match="too large to be sent: 80 MB"):
            names["large"]()
        with pytest.raises(ValueError, match="too large to be sent: 16 MB"):
            names["scaled"](torch.zeros(4 << 20))
        assert names["scaled"](torch.ones(2)).tolist() == [2, 2]
        assert peer.lost is None


def test_a_call_takes_little_time(box):
    """Of computing, of this process alone; far more would be noticed by a class."""
    there, x = box["scaled"], torch.ones(5, 7)
    there(x)
    begun = time.process_time()
    for _ in range(100):
        there(x)
    assert (time.process_time() - begun) / 100 < 5e-3


def draws():
    return torch.rand(3), random.random(), numpy.random.rand(), torch.randn(5)


def drawn_with(generator):
    return torch.rand(2, generator=generator)


def seeded():
    torch.manual_seed(7)


def test_random_numbers_are_those_of_one_process():
    def all_draws(draws):
        found = [draws()]
        torch.manual_seed(1), random.seed(2), numpy.random.seed(3)
        found += [draws(), (torch.rand(1), random.random(), numpy.random.rand()), draws()]
        return repr(found)

    states = torch.get_rng_state(), random.getstate(), numpy.random.get_state()
    with peer_of(draws=draws) as peer:
        torch.manual_seed(4), random.seed(5), numpy.random.seed(6)
        there = all_draws(**peer.bind(["draws"]))
    torch.manual_seed(4), random.seed(5), numpy.random.seed(6)
    assert all_draws(draws) == there
    torch.set_rng_state(states[0]), random.setstate(states[1]), numpy.random.set_state(states[2])


def test_a_function_that_seeds_chooses_nothing_here():
    state = torch.get_rng_state()
    with peer_of(seeded=seeded) as peer:
        before = torch.manual_seed(4).get_state()
        peer.bind(["seeded"])["seeded"]()
        after = torch.get_rng_state()
        assert not after.equal(before)
        assert not after.equal(torch.manual_seed(7).get_state())
    torch.set_rng_state(state)


def test_cells_draw_on_as_well():
    state = torch.get_rng_state()
    with peer_of() as peer:
        torch.manual_seed(4)
        peer.run_cell("import torch\nx = torch.rand(3)")
        y, x = torch.rand(3), peer.bind(["x"])["x"]
    torch.manual_seed(4)
    assert (torch.rand(3).equal(x), torch.rand(3).equal(y)) == (True, True)
    torch.set_rng_state(state)


def test_a_generator_goes_on_here():
    with peer_of(drawn_with=drawn_with) as peer:
        there = peer.bind(["drawn_with"])["drawn_with"]
        mine, its = (torch.Generator().manual_seed(3) for _ in range(2))
        for _ in range(2):
            assert there(its).equal(drawn_with(mine))
            assert drawn_with(its).equal(there(generator=mine))
        before = mine.get_state()
        outcome = calling.call(there, (mine,))
        assert mine.get_state().equal(before)
        torch.rand(2, generator=mine)
        assert outcome.args[0].get_state().equal(mine.get_state())
