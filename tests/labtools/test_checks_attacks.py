"""Whatever a learner's function does, there is a readable verdict, and the process is as before."""

import contextlib
import functools
import os
import random
import signal
import subprocess
import sys
import threading
import time
import warnings
import weakref
from collections import OrderedDict, namedtuple
from pathlib import Path

import numpy as np
import pytest
import torch

from labtools.checks import Case, CheckFailed, Spec, check, diagnose, limits

SPEC = Spec(
    "double",
    ("x",),
    "chapter 0, “Doubling”",
    lambda x: 2 * x,
    lambda generator: [
        Case((torch.tensor([1.5, 2.5]),)),
        Case((torch.randn(3, 5, generator=generator),)),
    ],
)


def verdict(function):
    """The failure that ``check`` raises, which is readable."""
    with pytest.raises(CheckFailed) as caught:
        check(SPEC, function)
    text = str(caught.value)
    assert text.startswith("double: ")
    assert "Traceback" not in text
    assert len(text) < 2000
    return caught.value


class Liar:
    __class__ = torch.Tensor  # type: ignore[assignment]


class Raises:
    def __getattribute__(self, name):
        raise ValueError(name)

    def __eq__(self, other):
        raise ValueError

    def __repr__(self):
        raise ValueError

    __hash__ = None


RAISES = Raises()


class Long:
    def __repr__(self):
        return "x" * 10**6


class Endless:
    def __repr__(self):
        while True:
            pass


class Own(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        raise RuntimeError("mine")


def itself():
    box = []
    box.append(box)
    return box


class Longer(list):
    def __iter__(self):
        while True:
            yield 1


RESULTS = {
    "a list that never ends": lambda x: Longer(),
    "None": lambda x: None,
    "an int": lambda x: 4,
    "a text": lambda x: "4" * 10**6,
    "an array": lambda x: (2 * x).numpy(),
    "a list": lambda x: (2 * x).tolist(),
    "a list of tensors": lambda x: [2 * x],
    "a list that holds itself": lambda x: itself(),
    "a dict": lambda x: {x: Raises()},
    "a generator": lambda x: (2 * v for v in x),
    "another class": lambda x: (3 * x).as_subclass(Own),
    "meta": lambda x: (2 * x).to("meta"),
    "sparse": lambda x: (2 * x).to_sparse(),
    "nested": lambda x: torch.nested.nested_tensor([2 * x, x]),
    "complex": lambda x: (2 * x).to(torch.complex64),
    "quantized": lambda x: torch.quantize_per_tensor(2 * x, 0.1, 0, torch.qint8),
    "a leaf": lambda x: torch.zeros_like(x).requires_grad_(),
    "empty": lambda x: x[:0],
    "enormous": lambda x: torch.zeros(1).expand(10**6, 10**6, 10**3),
    "NaN": lambda x: 2 * x + torch.nan,
    "infinite": lambda x: 2 * x + torch.inf,
    "a liar": lambda x: Liar(),
    "an object that raises": lambda x: Raises(),
    "a list of them": lambda x: [Raises()] * 2,
    "a long text of itself": lambda x: Long(),
    "an endless text of itself": lambda x: Endless(),
    "a class": lambda x: Long,
    "a function": lambda x: verdict,
    "a module": lambda x: torch,
}


@pytest.mark.parametrize("result", RESULTS)
def test_odd_results(result, capfd):
    assert verdict(RESULTS[result])
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("result", "title"),
    [
        ("a list that holds itself", "it returned a list, expected a tensor of shape (2,)"),
        ("a generator", "it returned a generator, expected a tensor of shape (2,)"),
        ("an array", "it returned a ndarray, expected a tensor of shape (2,)"),
        ("meta", "result is on the device meta, expected cpu"),
        ("sparse", "result is a sparse tensor, expected an ordinary one"),
        ("nested", "result is a nested tensor, expected an ordinary one"),
        ("complex", "wrong dtype: complex64, expected float32"),
        ("NaN", "the result is NaN"),
    ],
)
def test_odd_results_are_told_plainly(result, title):
    assert verdict(RESULTS[result]).diagnosis.title == title


@pytest.mark.parametrize(
    "answer",
    [
        lambda x: torch.nn.Parameter(2 * x),
        lambda x: (2 * x).as_subclass(Own),
        functools.partial(torch.mul, 2),
        lambda *args: 2 * args[0],
        lambda x, **options: 2 * x,
    ],
)
def test_right_in_an_odd_form_is_right(answer, capsys):
    check(SPEC, answer)
    assert capsys.readouterr().out == "✓ double is right\n"


class Odd(Exception):
    def __str__(self):
        raise ValueError


class Interrupt(KeyboardInterrupt):
    pass


def raiser(error):
    def function(x):
        raise error

    return function


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (Odd(), "it raised Odd"),
        (BaseException("base"), "it raised BaseException: base"),
        (SystemExit(3), "it raised SystemExit: 3"),
        (GeneratorExit(), "it raised GeneratorExit"),
        (StopIteration(), "it raised StopIteration"),
        (KeyboardInterrupt(), "it raised RuntimeError: KeyboardInterrupt, raised by the code"),
        (Interrupt(), "it raised RuntimeError: KeyboardInterrupt, raised by the code"),
        (ValueError("long " * 10**6), "it raised ValueError: long"),
        (NotImplementedError(), "not written yet"),
        (NotImplementedError("\"mul\" not implemented for 'Half'"), "it raised NotImplementedErr"),
    ],
)
def test_odd_errors(error, told):
    assert verdict(raiser(error)).diagnosis.title.startswith(told)


def recursion(x):
    return recursion(x)


def ping(x):
    return pong(x)


def pong(x):
    return ping(x)


def recursion_in_c(x):
    return functools.reduce(lambda a, b: recursion_in_c(x), [1, 2])


@pytest.mark.parametrize("function", [recursion, ping, recursion_in_c])
def test_recursion(function):
    assert verdict(function).mistake == "recursion"


def swallows(x):
    while True:
        with contextlib.suppress(BaseException):
            sum(range(50))


def heavy(x):
    while True:
        torch.ones(200, 200) @ torch.ones(200, 200)


def prints_without_end(x):
    while True:
        print("again " * 100)


@pytest.mark.parametrize("function", [swallows, heavy, prints_without_end])
def test_endless(function):
    start = time.process_time()
    assert verdict(function).mistake == "endless"
    assert time.process_time() - start < 3


def test_an_endless_loop_in_another_thread_than_the_main_one():
    found = []
    thread = threading.Thread(target=lambda: found.append(diagnose(SPEC, heavy)))
    thread.start()
    thread.join()
    assert found[0].mistake == "endless"


def test_waiting(monkeypatch):
    monkeypatch.setattr(limits, "WALL_SECONDS", 0.2)
    assert verdict(lambda x: time.sleep(60)).mistake == "endless"


def test_an_import_is_not_taken_for_an_endless_loop(tmp_path, monkeypatch):
    Path(tmp_path, "slow_library.py").write_text("for i in range(4 * 10**7): pass")
    monkeypatch.syspath_prepend(tmp_path)

    def imports(x):
        import slow_library

        return x + len(slow_library.__name__)

    assert verdict(imports).mistake is None


async def waits(x):
    return 2 * x


def test_a_coroutine_is_no_result(recwarn):
    assert verdict(waits).diagnosis.title.startswith("it returned a coroutine")
    assert not recwarn.list


@pytest.mark.parametrize(
    ("function", "signature"),
    [
        (lambda: 4, "double()"),
        (lambda x, y: 4, "double(x, y)"),
        (lambda *, x: 4, "double(*, x)"),
        (lambda x, y, *more, z=RAISES, **named: 4, "double(x, y, *more, z, **named)"),
        (type("C", (), {}), "double()"),
    ],
)
def test_the_parameters_are_compared(function, signature):
    title = verdict(function).diagnosis.title
    assert title == f"expected double(x), got {signature}"


def disturbs(x):
    torch.set_default_dtype(torch.float64)
    torch.set_default_device("meta")
    torch.set_grad_enabled(False)
    torch.use_deterministic_algorithms(True)
    torch.autograd.set_detect_anomaly(True)
    torch.set_num_threads(3)
    torch.manual_seed(1)
    random.seed(1)
    np.random.seed(1)
    sys.setrecursionlimit(5000)
    sys.stdout = sys.stderr = None
    os.chdir("/")
    os.environ["DISTURBED"] = "yes"
    warnings.simplefilter("error")
    for number in (signal.SIGALRM, signal.SIGPROF, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    return x * 2


def state():
    return (
        torch.get_default_dtype(),
        torch.get_default_device(),
        torch.is_grad_enabled(),
        torch.are_deterministic_algorithms_enabled(),
        torch.is_anomaly_enabled(),
        torch.get_num_threads(),
        torch.get_rng_state().tolist(),
        random.getstate(),
        np.random.get_state()[1].tolist(),
        sys.getrecursionlimit(),
        sys.stdout,
        sys.stderr,
        os.getcwd(),
        dict(os.environ),
        list(warnings.filters),
        [signal.getsignal(n) for n in (signal.SIGALRM, signal.SIGPROF, signal.SIGINT)],
        threading.active_count(),
    )


def test_what_the_function_changes_is_put_back():
    before = state()
    check(SPEC, disturbs)
    assert verdict(lambda x: disturbs(x) + 1)
    assert state() == before


def writes_everywhere(x):
    print("out")
    print("err", file=sys.stderr)
    print("real out", file=sys.__stdout__)
    print("real err", file=sys.__stderr__)
    os.write(1, b"descriptor 1\n")
    os.write(2, b"descriptor 2\n")
    subprocess.run([sys.executable, "-c", "print('child')"], check=True)
    sys.stdout.close()
    return 2 * x


def test_nothing_is_printed_but_the_verdict(capfd):
    check(SPEC, writes_everywhere)
    assert capfd.readouterr() == ("✓ double is right\n", "")
    assert "it printed: out" in str(verdict(lambda x: writes_everywhere(x) + 1))
    assert capfd.readouterr() == ("", "")


def test_megabytes_are_cut():
    def talks(x):
        for _ in range(100):
            print("word " * 10**5)
        return x

    assert verdict(talks)


def test_a_replaced_function_of_torch_does_not_crash_the_check(monkeypatch):
    def breaks(x):
        monkeypatch.setattr(torch, "isclose", None)
        return 2 * x

    failed = verdict(breaks)
    assert (failed.mistake, type(failed.__cause__)) == ("unchecked", TypeError)
    assert "Restart the kernel" in str(failed)


def containers(result):
    return Spec("pair", ("x",), "", result, lambda generator: [Case((torch.tensor([[1.0, 2.0]]),))])


def nested(x):
    return (2 * x, {"mask": x > 1, "names": ["a", "b"]}, 0.5)


Pair = namedtuple("Pair", "a b c")


def test_results_in_containers_are_right():
    assert diagnose(containers(nested), nested) is None
    rounded = lambda x: Pair(2 * x + 1e-7, OrderedDict(nested(x)[1]), 0.5 + 1e-7)  # noqa: E731
    assert diagnose(containers(nested), rounded) is None
    assert diagnose(containers(lambda x: torch.nan), lambda x: float("nan")) is None


@pytest.mark.parametrize(
    ("wrong", "mistake", "title", "where"),
    [
        (lambda x, a, b, c: (a, b), "wrong-length", "result has 2 entries, expected 3", ""),
        (lambda x, a, b, c: [a, b, c], "wrong-type", "it returned a list, expected a tuple", ""),
        (lambda x, a, b, c: (a.sum(), b, c), "wrong-shape", "wrong shape of result[0]: (), ", ""),
        (lambda x, a, b, c: (None, b, c), "none", "result[0] is None", ""),
        (lambda x, a, b, c: (a, b, 1), "wrong-type", "result[2] is an int, expected a float", ""),
        (
            lambda x, a, b, c: (a, {"mask": b["mask"]}, c),
            "wrong-keys",
            "result[1] has the keys 'mask', expected 'mask', 'names'",
            "",
        ),
        (
            lambda x, a, b, c: (a, b | {"mask": ~b["mask"]}, c),
            None,
            "wrong result",
            "result[1]['mask'] differs\n  yours    expected\n  ■✗ ·✗    ·  ■\n"
            "  first difference: row 0, column 0: ■ instead of ·",
        ),
        (
            lambda x, a, b, c: (a + 1, b, c),
            None,
            "wrong result",
            "result[0] differs\n  yours    expected\n  3✗ 5✗    2  4",
        ),
        (
            lambda x, a, b, c: (a, b | {"names": ["a", "c"]}, c),
            None,
            "wrong result",
            "result[1]['names'][1] differs\n  yours     'c'\n  expected  'b'",
        ),
        (lambda x, a, b, c: (a, b, 0.6), None, "wrong result", "yours     0.6\n  expected  0.5"),
    ],
)
def test_results_in_containers_that_differ(wrong, mistake, title, where):
    found = diagnose(containers(nested), lambda x: wrong(x, *nested(x)))
    assert (found.mistake, found.title.startswith(title)) == (mistake, True)
    assert where in found.where


def refuses_negative(x):
    if (x < 0).any():
        raise ValueError("negative")
    return x.sqrt()


def test_an_error_may_be_what_is_expected():
    spec = Spec("root", ("x",), "", refuses_negative, lambda generator: [
        Case((torch.tensor([4.0, 9.0]),)), Case((torch.tensor([-1.0]),))
    ])  # fmt: skip
    assert diagnose(spec, refuses_negative) is None
    found = diagnose(spec, torch.sqrt)
    assert found.title == "it returned a Tensor, expected a ValueError"
    assert found.where.endswith("  yours     [nan]\n  expected  ValueError")
    other = diagnose(spec, lambda x: refuses_negative(x) if x[0] > 0 else [][0])
    assert other.title.startswith("it raised IndexError")


def test_an_error_may_be_as_right_as_a_result():
    cases = [Case((torch.tensor([-1.0]),), raises=ValueError)]
    spec = Spec("root", ("x",), "", torch.sqrt, lambda generator: cases)
    assert diagnose(spec, refuses_negative) is None
    assert diagnose(spec, torch.sqrt) is None
    assert diagnose(spec, torch.abs).title == "wrong result"


def test_an_argument_by_name_is_watched_too():
    spec = Spec("f", ("x",), "", lambda x, y: x + y, lambda g: [
        Case((torch.tensor([1.0]),), {"y": torch.tensor([2.0])})
    ])  # fmt: skip
    assert diagnose(spec, lambda x, y: y.add_(x) * 1).title == "it changes y in place"


def test_a_generator_is_handed_over_in_the_same_state_each_time():
    spec = Spec(
        "draw",
        ("generator",),
        "",
        lambda generator: torch.rand(3, generator=generator.clone_state()),
        lambda generator: [Case((torch.Generator().manual_seed(3),))] * 2,
    )
    assert diagnose(spec, lambda generator: torch.rand(3, generator=generator)) is None
    assert diagnose(spec, lambda generator: torch.rand(3)) is not None


class Key:
    """Something that can be referred to weakly."""


def test_time_is_up_in_a_callback_of_python_itself(monkeypatch):
    lost = []
    monkeypatch.setattr(sys, "unraisablehook", lost.append)

    def churns():
        kept = weakref.WeakKeyDictionary()
        while True:
            kept[Key()] = 1  # and forgets it at once, in weakref's own Python code

    with pytest.raises(limits.OutOfTime):
        limits.limited(churns, (), {}, 0.2)
    assert lost == []
