"""A refused call is noticed, also by a learner who would rather not have it noticed."""

import contextlib
import functools

import pytest
import torch
import torch.nn.functional as F
from stand_in_box import peer_of

from labtools import definitions
from labtools.checks import calling, refusing, watching
from labtools.grading.remote.second_look import Sources

SOFTMAX = frozenset(["softmax"])


def by_torch(x):
    return F.softmax(x, -1)


def by_hand(x):
    return x.exp() / x.exp().sum(-1, keepdim=True)


def by_the_book(ids):
    return definitions.infilled(ids, [], 9)


def replaced():
    watching.noticing = lambda noticed: contextlib.nullcontext()


def rewritten():
    refusing.Noticed.see.__code__ = (lambda self, name: None).__code__


def rewritten_inside():
    def nothing(noticed):
        yield

    refusing.noticing.__wrapped__.__code__ = nothing.__code__


def loud(x):
    print("loud")
    return x


def slow(x):
    while True:
        pass


CHANGES = [replaced, rewritten, rewritten_inside]
FUNCTIONS = [by_torch, by_hand, by_the_book, loud, slow, *CHANGES]


@contextlib.contextmanager
def opened():
    names = {f.__name__: f for f in FUNCTIONS}
    with peer_of(**names) as peer:
        yield peer.bind([*names])


@pytest.fixture(scope="module")
def box():
    with opened() as names:
        yield names


def test_refused_calls_are_noticed_in_the_box(box):
    x = torch.rand(3)
    name, line = calling.call(box["by_torch"], (x,), refused=SOFTMAX).refused
    assert name == "softmax"
    assert line.endswith("return F.softmax(x, -1)")
    assert calling.call(box["by_hand"], (x,), refused=SOFTMAX).refused is None
    assert calling.call(box["by_torch"], (x,)).refused is None


def test_code_of_others_is_noticed_too(box):
    codes = frozenset([definitions.infilled.__code__])
    name, _ = calling.call(box["by_the_book"], ([1, 2],), refused=codes).refused
    assert name == "infilled"


@pytest.mark.parametrize("change", CHANGES, ids=lambda f: f.__name__)
def test_code_that_notices_and_was_changed_is_as_good_as_a_refused_call(change):
    with opened() as box:
        box[change.__name__]()
        outcome = calling.call(box["by_torch"], (torch.rand(3),), refused=SOFTMAX)
        assert outcome.refused == ("changed code of the check", "")


def wrapped(function):
    @functools.wraps(function)
    def twice(x):
        return [function(x), function(x)]

    return twice


def test_calls_of_a_wrapped_function_count_as_one(box):
    outcome = calling.call(wrapped(box["by_torch"]), (torch.rand(3),), refused=SOFTMAX)
    assert outcome.refused[0] == "softmax"
    assert len(outcome.value) == 2
    assert calling.written_in(wrapped(box["by_torch"])) == __file__
    outcome = calling.call(wrapped(box["loud"]), (3,), refused=SOFTMAX)
    assert (outcome.printed, outcome.refused) == ("loud\nloud\n", None)
    outcome = calling.call(wrapped(box["slow"]), (3,), cpu_seconds=0.2)
    assert isinstance(outcome.error, TimeoutError)
    assert str(outcome.error) == "it was stopped after 0.2 seconds of computing"
    assert calling.call(wrapped(box["loud"]), (3,)).value == [3, 3]


REFUSED = {
    "a function": "def f(x):\n    return F.softmax(x, -1)",
    "a method": "def f(x):\n    return x.softmax(-1)",
    "its inner name": "def f(x):\n    return torch._softmax(x, -1, False)",
    "by its name": "def f(x):\n    return getattr(F, 'softmax')(x, -1)",
    "another name": "from torch.nn.functional import softmax as s\ndef f(x):\n    return s(x)",
    "in a helper": "def g(x):\n    return x.softmax(-1)\ndef f(x):\n    return g(x)",
    "as a value": "g = F.softmax\nf = lambda x: g(x, -1)",
    "under a condition": "if True:\n    def f(x):\n        return F.softmax(x, -1)",
    "after a magic": "%matplotlib inline\ndef f(x):\n    return F.softmax(x, -1)",
    "below a magic": "\n%%time\n%%capture\ndef f(x):\n    return F.softmax(x, -1)",
    "after the shell's answer": "files = !ls\ndef f(x):\n    return F.softmax(x, -1)",
    "after what looks like a magic": "n = (5\n% 3)\ndef f(x):\n    return F.softmax(x, -1)",
}


@pytest.mark.parametrize("source", REFUSED.values(), ids=REFUSED)
def test_a_second_look_at_the_source(source):
    sources = Sources()
    sources.add(source)
    name, line = sources.refused("f", SOFTMAX)
    assert name == "softmax"
    assert line.startswith("line ")
    assert sources.refused("f", frozenset(["logsumexp"])) is None


ALLOWED = {
    "elsewhere": "def f(x):\n    return x.exp()\nprint(f(x) - F.softmax(x, -1))",
    "their own": "def softmax(x):\n    return x.exp()\ndef f(x):\n    return softmax(x)",
    "in words": "def f(x):\n    '''Like softmax.'''\n    # F.softmax(x)\n    return x.exp()",
    "a helper that is not used": "def g(x):\n    return F.softmax(x, -1)\ndef f(x):\n    return x",
    "no Python": "def f(x:",
    "longer than any answer": "def f(x):\n    return F.softmax(x, -1)\n" + "#" * 100_000,
    "itself": "def f(x):\n    return f(x[1:])",
}


@pytest.mark.parametrize("source", ALLOWED.values(), ids=ALLOWED)
def test_a_second_look_finds_no_more_than_there_is(source):
    sources = Sources()
    sources.add(source)
    assert sources.refused("f", SOFTMAX) is None


def test_what_a_box_does_not_tell_its_cells_do():
    with peer_of() as peer:
        peer.run_cell("def hides(x):\n    f = getattr(x, 'soft' 'max')\n    return f(-1)")
        outcome = calling.call(peer.bind(["hides"])["hides"], (torch.rand(3),), refused=SOFTMAX)
        assert outcome.refused[0] == "softmax"
