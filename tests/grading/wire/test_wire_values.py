"""Plain data arrives as it was sent, and anything else as the name of its class."""

import collections
import enum
import math

import numpy
import pytest
import torch
from passing import passed

from labtools.grading.wire import writing
from labtools.grading.wire.opaque import Opaque
from labtools.grading.wire.tensors import DTYPES
from labtools.grading.wire.writing import TooMuch, Writer

PLAIN = [
    *(
        None,
        True,
        False,
        0,
        -7,
        2**70,
        -(2**4000),
        1.5,
        math.inf,
        "",
        "ä\ud800\0",
        b"",
        b"\x00\xff",
    ),
    *([], [1, [2.0, "x"]], (), (1, (2,)), {}, {"a": [1], 2: None, (3, "b"): {}}),
    *(torch.Size([2, 3]), torch.bfloat16, torch.device("cpu"), 1 + 2j, range(3, 11, 2)),
]


@pytest.mark.parametrize("value", PLAIN, ids=lambda v: repr(v)[:30])
def test_plain_data_is_the_same(value):
    got = passed(value)
    assert type(got) is type(value)
    assert got == value


def test_nan_and_minus_zero():
    nan, zero = passed([math.nan, -0.0])
    assert math.isnan(nan)
    assert math.copysign(1, zero) == -1


@pytest.mark.parametrize("name", DTYPES)
def test_tensors_of_every_dtype(name):
    bits = torch.randint(0, 2, (2, 3, 5), generator=torch.Generator().manual_seed(1))
    value = bits.to(torch.float32).to(DTYPES[name])
    got = passed(value)
    assert type(got) is torch.Tensor
    assert (got.dtype, got.shape) == (value.dtype, value.shape)
    assert got.contiguous().flatten().view(torch.uint8).equal(value.flatten().view(torch.uint8))


@pytest.mark.parametrize(
    "value",
    [
        torch.tensor(3.0),
        torch.empty(0, 3),
        torch.arange(30).view(2, 3, 5).mT,
        torch.arange(7)[2:5],
        torch.tensor([1.0, math.nan, -math.inf]),
        torch.tensor([1 + 2j, 3 - 1j]).conj(),
        torch.arange(3.0).expand(5, 3),
        torch.nn.Parameter(torch.ones(2)),
    ],
    ids=lambda v: f"{tuple(v.shape)}",
)
def test_tensors_of_every_layout(value):
    got = passed(value)
    assert type(got) is torch.Tensor
    assert got.shape == value.shape
    assert torch.allclose(got, value.detach(), rtol=0, atol=0, equal_nan=True)


def test_a_result_is_in_memory_of_its_own():
    got = passed(torch.arange(5.0))
    got += 1  # nothing that was received is read-only
    assert got.tolist() == [1, 2, 3, 4, 5]


@pytest.mark.filterwarnings("ignore:.*(nested tensors|quantize)")
def test_tensors_without_numbers():
    nested = torch.nested.nested_tensor([torch.ones(2)])
    meta, sparse = passed([torch.empty(2, 7, device="meta"), torch.eye(3).to_sparse()])
    assert (meta.is_meta, meta.shape) == (True, (2, 7))
    assert (sparse.layout, sparse.shape) == (torch.sparse_coo, (3, 3))
    assert passed(nested).is_nested
    assert passed(torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8)).is_quantized


class Liar:
    """Equal to everything, and a tensor if you ask it."""

    __class__ = torch.Tensor

    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0

    def __bool__(self):
        raise AssertionError("nobody needs to know")

    __repr__ = __len__ = __iter__ = __float__ = __index__ = __bool__


def test_an_object_is_the_name_of_its_class():
    got = passed(Liar())
    assert isinstance(got, Opaque)
    assert type(got).__name__ == "Liar"
    assert got != 3
    assert repr(got) == "<Liar object>"


def test_a_function_has_its_name_and_cannot_be_called():
    got = passed(math.sqrt)
    assert (type(got).__name__, got.__name__) == ("builtin_function_or_method", "sqrt")
    with pytest.raises(TypeError, match="cannot be called"):
        got(4)


class Five(int):
    def __eq__(self, other):
        return True

    __hash__ = int.__hash__


class Colour(enum.IntEnum):
    RED = 3


@pytest.mark.parametrize(
    ("value", "base"), [(Five(5), 5), (Colour.RED, 3), (numpy.float64(0.25), 0.25)], ids=repr
)
def test_a_number_of_another_class_is_still_a_number(value, base):
    got = passed(value)
    assert type(got).__name__ == type(value).__name__
    assert type(got) is not type(base)
    assert got == base
    assert got != base + 1


def test_containers_of_another_class_are_what_they_stand_for():
    point = collections.namedtuple("Point", "x y")
    got = passed([point(1, 2), collections.OrderedDict(a=1)])
    assert [type(x) for x in got] == [tuple, dict]
    assert got == [(1, 2), {"a": 1}]


def test_a_list_in_itself_ends():
    value = []
    value.append(value)
    depth, got = 0, passed(value)
    while type(got) is list:
        (got,), depth = got, depth + 1
    assert type(got).__name__ == "list"
    assert depth == 32


def test_what_is_far_too_much_is_refused(monkeypatch):
    monkeypatch.setattr(writing, "MOST", 500)
    Writer().write([[]] * 499)
    with pytest.raises(TooMuch, match="expected at most 500 values"):
        Writer().write([[]] * 500)


class OwnError(ValueError):
    pass


class Mute(ValueError):
    def __str__(self):
        raise RuntimeError


@pytest.mark.parametrize(
    "error",
    [
        ValueError("a", 3),
        KeyError("a"),
        KeyError(torch.ones(2)),
        ZeroDivisionError(),
        SystemExit(3),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "no text"),
        FileNotFoundError(2, "nothing there", "x.txt"),
        OwnError("mine"),
        Mute("nothing"),
    ],
    ids=lambda e: type(e).__name__,
)
def test_errors_are_of_their_class_and_say_the_same(error):
    got = passed(error)
    assert type(got).__name__ == type(error).__name__
    assert isinstance(got, next(k for k in type(error).__mro__ if k.__module__ == "builtins"))
    if type(error).__module__ == "builtins":
        assert type(got) is type(error) or isinstance(error.args[0], torch.Tensor)
    assert str(got) == ("" if isinstance(error, Mute) else str(error))


def test_equal_errors_are_of_one_class():
    assert type(passed(OwnError("a"))) is type(passed(OwnError("b")))


def test_settings_of_torch_change_nothing():
    with torch.device("meta"):
        got = passed(torch.arange(3, device="cpu"))
    assert got.device.type == "cpu"
