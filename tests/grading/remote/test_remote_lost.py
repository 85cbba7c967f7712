"""A box that dies, hangs or lies is lost, and says why; the process that asked goes on."""

import functools
import json
import os
import signal
import socket
import threading
import time

import pytest
import torch
from stand_in_box import Box, peer_of

from labtools.checks import CheckFailed, calling
from labtools.checks import ch02_attention_masks as check
from labtools.grading.limits import Limits
from labtools.grading.remote import BoxLost, Peer
from labtools.grading.wire.channel import Channel, Closed


def ends(*args, **kwargs):
    os._exit(3)


def killed(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)


def stubborn(*args, **kwargs):
    """Goes on whatever is raised in it."""
    while True:
        try:
            for signum in (signal.SIGPROF, signal.SIGALRM):
                signal.signal(signum, signal.SIG_IGN)
            while True:
                pass
        except BaseException:
            pass


def idle(*args, **kwargs):
    for signum in (signal.SIGPROF, signal.SIGALRM):
        signal.signal(signum, signal.SIG_IGN)
    while True:
        time.sleep(60)


def endless(*args, **kwargs):
    while True:
        pass


def right(x):
    return x + 1


@pytest.mark.parametrize("function", [ends, killed], ids=lambda f: f.__name__)
def test_a_box_that_ends_is_lost(function):
    with peer_of(f=function, right=right) as peer:
        names = peer.bind(["f", "right"])
        assert peer.lost is None
        with pytest.raises(BoxLost, match="its process ended"):
            names["f"](torch.ones(2))
        assert peer.lost == "its process ended"
        for ask in (lambda: names["right"](1), lambda: peer.bind(["f"]), lambda: peer.run_cell("")):
            with pytest.raises(BoxLost, match="its process ended"):
                ask()


def test_the_reason_is_the_boxs_own_if_it_has_one():
    class Told(Box):
        def why(self):
            return "out of memory"

    box = Told({"f": ends})
    names = Peer(box, Limits()).bind(["f"])
    with pytest.raises(BoxLost, match="out of memory") as caught:
        names["f"]()
    assert caught.value.reason == "out of memory"
    box.close()


def test_no_check_takes_it_for_an_error_of_its_own():
    with peer_of(causal_mask=ends) as peer, pytest.raises(BoxLost):
        check.causal_mask(peer.bind(["causal_mask"])["causal_mask"])


def test_nor_does_one_that_calls_a_function_around_it():
    with peer_of(f=ends) as peer:
        there = peer.bind(["f"])["f"]
        with pytest.raises(BoxLost):
            calling.call(functools.wraps(there)(lambda: there()), ())


def test_a_busy_machine_loses_no_box_at_its_start(monkeypatch):
    monkeypatch.setattr("labtools.grading.wire.channel.TICK", 1e-6)
    with peer_of(right=right) as peer:
        assert peer.bind(["right"])["right"](1) == 2


def test_what_stops_inside_costs_no_box():
    with peer_of(f=endless, right=right) as peer:
        names = peer.bind(["f", "right"])
        outcome = calling.call(names["f"], (), cpu_seconds=0.1)
        assert str(outcome.error) == "it was stopped after 0.1 seconds of computing"
        assert names["right"](1) == 2


def test_what_does_not_stop_is_ended_from_outside(monkeypatch):
    monkeypatch.setattr("labtools.grading.remote.calls.LATER", 0.2)
    with peer_of(f=stubborn) as peer:
        there = peer.bind(["f"])["f"]
        outcome = calling.call(there, (3,), cpu_seconds=0.1)
        assert isinstance(outcome.error, TimeoutError)
        assert str(outcome.error).endswith("seconds of computing")
        assert outcome.args == (3,)
        with pytest.raises(BoxLost, match="stopped after"):
            there(3)


def test_a_check_calls_that_endless(monkeypatch):
    monkeypatch.setattr("labtools.grading.remote.calls.LATER", 0.2)
    monkeypatch.setattr(calling, "CPU_SECONDS", 0.1)
    with peer_of(f=stubborn) as peer:
        with pytest.raises(CheckFailed) as caught:
            check.causal_mask(peer.bind(["f"])["f"])
        assert caught.value.mistake == "endless"
        assert peer.lost


def test_what_only_waits_is_ended_too():
    with peer_of(Limits(idle_seconds=1), f=idle) as peer:
        with pytest.raises(TimeoutError, match="seconds of waiting"):
            peer.bind(["f"])["f"]()
        assert peer.lost.endswith("seconds of waiting")


def test_an_interrupt_from_here_loses_the_box_and_is_no_answer():
    def interrupt():
        os.kill(os.getpid(), signal.SIGINT)

    with peer_of(f=lambda g: g()) as peer:
        there = peer.bind(["f"])["f"]
        with pytest.raises(KeyboardInterrupt):
            there(interrupt)
        assert peer.lost == "it was interrupted"


class Forger:
    """A box that answers each question with what it was told to, whatever was asked."""

    def __init__(self, *answers):
        self.sock, there = socket.socketpair()
        self.killed = False
        self.thread = threading.Thread(target=self._answer, args=(there, answers))
        self.thread.start()

    def _answer(self, there, answers):
        channel = Channel(there, 1 << 20)
        with there:
            try:
                channel.receive()  # how large messages may be
                for answer, *buffers in answers:
                    channel.receive()
                    if isinstance(answer, bytes):
                        there.sendall(answer)
                    else:
                        channel.send(answer, buffers)
                channel.receive()
            except Closed:
                pass

    def cpu_seconds(self):
        return 0.0

    def why(self):
        return None

    def kill(self):
        self.killed = True
        self.sock.shutdown(socket.SHUT_RDWR)

    def close(self):
        self.sock.close()
        self.thread.join()


QUIET = [None, None, None]
BOUND = ["done", [["f", "function", 0, "f", "f.py", [["x", 1, False]]]], QUIET]
DONE = [None, None, "f.py", "", "", None, False, 0.0, [], None, None]  # of a call


def done(**entries):
    """An answer to a call, some of whose entries are forged."""
    names = ("value", "error", "file", "line", "printed", "refused", "stopped", "seconds")
    names += ("pieces", "now", "graph")
    told = [entries.get(name, entry) for name, entry in zip(names, DONE, strict=True)]
    return ["done", *told, entries.get("states", QUIET)]


FORGED = {
    "noise": [b"\xff" * 64],
    "an endless message": [b"\xff\xff\xff\x7f" + b"\0" * 60],
    "nothing": [["done"]],
    "another kind": [["none", *DONE, QUIET]],
    "kind that is no text": [[["done"], *DONE, QUIET]],
    "a question about nothing": [["ask", 0, "", ["t"], ["d"], True, QUIET]],
    "a question with too little": [["ask", 0, QUIET]],
    "a value that is none": [done(value=["?"])],
    "a tensor larger than its bytes": [done(value=["T", "float32", [9], 0, 0]), b"\0" * 16],
    "a gradient without a graph": [done(value=["T", "float32", [4], 0, 1]), b"\0" * 16],
    "an error that is none": [done(error=3)],
    "a file that is none": [done(error=["E", "X", "ValueError", "", None], file=None)],
    "a line that is none": [done(line=3)],
    "what was printed": [done(printed=["x"])],
    "whether it was stopped": [done(stopped=0)],
    "how long it took": [done(seconds="1")],
    "what was refused": [done(refused=["softmax"])],
    "pieces of another memory": [done(pieces=[[1, 0]]), b"\0" * 16],
    "pieces of another size": [done(pieces=[[0, 0]]), b"\0" * 8],
    "pieces told twice": [done(pieces=[[0, 0], [0, 0]]), b"\1" * 16],
    "pieces that are none": [done(pieces=3)],
    "a view beyond the memory": [done(value=["K", "float32", [5], [1], 0, 0, 0])],
    "states that are none": [done(states=3)],
    "too few arguments": [done(now=[["t"]])],
}


@pytest.mark.parametrize("answer", FORGED.values(), ids=FORGED)
def test_forged_answers_lose_the_box(answer):
    box = Forger([BOUND], answer)
    peer = Peer(box, Limits(message_mb=1))
    x = torch.arange(4.0)
    with pytest.raises(BoxLost, match=r"no answer that can be used|process ended"):
        peer.bind(["f"])["f"](x)
    assert box.killed
    assert peer.lost
    assert x.tolist() == [0, 1, 2, 3]
    box.close()


NAMES = {
    "a name that nobody asked for": [["g", "data", 3]],
    "no name": [[3, "data", 3]],
    "half a name": [["f"]],
    "another kind": [["f", "class", 3]],
    "no number": [["f", "function", "0", "f", "f.py", None]],
    "no file": [["f", "function", 0, "f", None, None]],
    "parameters that are none": [["f", "function", 0, "f", "f.py", [["x", 9, False]]]],
    "parameters that cannot be": [["f", "function", 0, "f", "f.py", [["x y", 1, False]]]],
    "too many parameters": [["f", "function", 0, "f", "f.py", [["x", 1, False]] * 60]],
    "two of one name": [["f", "function", 0, "f", "f.py", [["x", 1, False]] * 2]],
    "no list": 3,
}


@pytest.mark.parametrize("told", NAMES.values(), ids=NAMES)
def test_forged_names_lose_the_box(told):
    box = Forger([["done", told, QUIET]])
    with pytest.raises(BoxLost, match="no answer that can be used"):
        Peer(box, Limits(message_mb=1)).bind(["f"])
    box.close()


def test_honest_answers_of_the_same_kind_do_not():
    box = Forger([BOUND], [done(value=["T", "float32", [4], 0, 0]), b"\0" * 16], [done()])
    there = Peer(box, Limits(message_mb=1)).bind(["f"])["f"]
    assert there(1).tolist() == [0, 0, 0, 0]
    assert there(1) is None
    assert not box.killed
    box.kill()
    box.close()


@pytest.mark.parametrize(
    "grads",
    [
        [["T", "float32", [3], 0, 0]],
        [["T", "float64", [4], 0, 0]],
        [3],
        [["T", "float32", [4], 0, 0]] * 2,
    ],
    ids=json.dumps,
)
def test_forged_gradients_lose_the_box(grads):
    value = ["T", "float32", [4], 0, 1]
    size = 32 if "float64" in json.dumps(grads) else 12 if "[3]" in json.dumps(grads) else 16
    answer = ["done", grads, None, "", "", QUIET]
    box = Forger([BOUND], [done(value=value, graph=1), b"\0" * 16], [answer, b"\0" * size])
    peer = Peer(box, Limits(message_mb=1))
    x = torch.ones(4, requires_grad=True)
    got = peer.bind(["f"])["f"](x)
    with pytest.raises(BoxLost, match="gradient"):
        got.sum().backward()
    assert x.grad is None
    box.close()
