"""Many calls of a function in a box are one message, and give what a loop of calls gives."""

import itertools
import random

import pytest
import torch
from stand_in_box import peer_of
from test_remote_lost import BOUND, Forger, done

from labtools.checks import calling, repeated
from labtools.checks.ch06_denoising.spans_draws import Times, repeatable
from labtools.checks.repeating import several
from labtools.grading.limits import Limits
from labtools.grading.remote import BoxLost, Peer

COUNT = itertools.count()


def draw(n, generator):
    return torch.randperm(n, generator=generator)


def fails_later(by):
    if (count := next(COUNT)) == 3:
        raise LookupError("at the fourth call")
    print(count)
    return torch.full((2,), float(by * count))


def scaled(x):
    return 2 * x


def added(x):
    x += 1
    return x.sum()


def rolled():
    return random.random()


def leaves():
    print("gone")
    raise SystemExit(3)


def endless(*args):
    while True:
        pass


FUNCTIONS = {f.__name__: f for f in (draw, fails_later, scaled, added, rolled, leaves, endless)}


@pytest.fixture(scope="module")
def there():
    with peer_of(**FUNCTIONS) as peer:
        yield peer.bind([*FUNCTIONS])


def test_a_generator_goes_on_as_here(there):
    here, other = (torch.Generator().manual_seed(4) for _ in "ab")
    one, same = repeated(draw, 70, 11, here), repeated(there["draw"], 70, 11, other)
    assert torch.equal(torch.stack(one), torch.stack(same))
    assert torch.equal(here.get_state(), other.get_state())
    random.seed(5)
    expected = [random.random() for _ in range(3)]
    random.seed(5)
    assert repeated(there["rolled"], 3) == expected


def test_a_row_is_one_message(there, monkeypatch):
    channel = there["scaled"]._calls.connection._channel
    asked, send = [], channel.send_packed
    monkeypatch.setattr(channel, "send_packed", lambda parts: (asked.append(1), send(parts)))
    assert repeated(there["scaled"], 50, 3) == [6] * 50
    assert asked == [1]


def test_an_error_ends_it_and_what_was_made_before_is_there(there, capsys):
    made, error = several(there["fails_later"], 9, (10,), {})
    assert [x.tolist() for x in made] == [[0, 0], [10, 10], [20, 20]]
    assert type(error) is LookupError
    assert calling.raised_at(error, there["fails_later"].file).endswith('at the fourth call")')
    assert capsys.readouterr().out == "0\n1\n2\n"
    with pytest.raises(SystemExit):
        repeated(there["leaves"], 3)
    assert capsys.readouterr().out == "gone\n"


def test_arguments_change_and_gradients_flow(there):
    x = torch.zeros(3, requires_grad=True)
    torch.stack(repeated(there["scaled"], 4, x)).sum().backward()
    assert x.grad.tolist() == [8, 8, 8]
    y = torch.zeros(2)
    assert [int(total) for total in repeated(there["added"], 3, y)] == [2, 4, 6]
    assert y.tolist() == [3, 3]


def test_a_row_has_the_time_of_one_call():
    with peer_of(Limits(cell_seconds=1), endless=endless) as peer:
        there = peer.bind(["endless"])["endless"]
        with pytest.raises(TimeoutError, match="after 1 seconds of computing"):
            repeated(there, 3)
        outcome = calling.call(repeatable(there), (Times(2, 4),), cpu_seconds=0.1)
        assert isinstance(outcome.error, TimeoutError)


@pytest.mark.parametrize(
    "forged",
    [
        done(value=["l", 1, 2]),
        done(value=["t", 1, 2, 3]),
        done(value=3),
        done(),
        done(value=["l", 1, 2, 3], error=["E", "X", "ValueError", "", ["t"]]),
    ],
    ids=["too few", "no list", "a number", "nothing", "an error after the last"],
)
def test_forged_rows_lose_the_box(forged):
    box = Forger([BOUND], [forged])
    there = Peer(box, Limits()).bind(["f"])["f"]
    with pytest.raises(BoxLost, match="did not give the results of 3 calls"):
        repeated(there, 3, 1)
    assert box.killed
    box.close()
