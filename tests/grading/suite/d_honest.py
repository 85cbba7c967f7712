"""Nothing is wrong with these: full marks."""

from suite_entries import RIGHT, entries

attempt = entries("D", "warnings")
attempt(
    "d_warnings",
    "all kinds of them, in the cell and in the call",
    answers={
        "add": """\
import warnings

warnings.warn('a cell that warns')


def add(a, b):
    for kind in (UserWarning, DeprecationWarning, FutureWarning, RuntimeWarning):
        warnings.warn('an old habit', kind)
    return a + b"""
    },
)
attempt(
    "d_warnings_torch",
    "those of torch, from C",
    answers={
        "scale": """\
import torch


def scale(x, factor):
    torch.ones(2, 3, 5).T
    torch.nn.functional.softmax(x.detach())
    return x * factor"""
    },
)
attempt(
    "d_warnings_filtered",
    "warnings are made errors, and that for one's own code only",
    first="""\
import warnings

warnings.simplefilter('error')
warnings.showwarning = None""",
)

attempt = entries("D", "bytes on stderr")
attempt(
    "d_stderr",
    "written by Python, by a logger and by the system",
    answers={
        "add": """\
import logging, os, sys

logging.basicConfig(level='DEBUG')


def add(a, b):
    print('hm', file=sys.stderr)
    logging.warning('hm')
    os.write(2, b'hm\\n')
    return a + b"""
    },
)
attempt(
    "d_stderr_bar",
    "a progress bar",
    answers={
        "twice": """\
from tqdm import tqdm


def twice(f, x):
    for _ in tqdm(range(2)):
        x = f(x)
    return x"""
    },
)
attempt(
    "d_stderr_odd",
    "bytes that are no text, and half a character",
    answers={
        "add": """\
import os, sys


def add(a, b):
    os.write(1, b'\\xff\\xfe')
    os.write(2, b'\\xc3')
    print('\\ud800 ✓ ∑')
    return a + b"""
    },
)
attempt(
    "d_printed",
    "whatever is printed on the way",
    answers={
        "scale": """\
def scale(x, factor):
    for i in range(300):
        print(i, x, factor)
    return x * factor"""
    },
)

attempt = entries("D", "helper cells")
attempt(
    "d_helper",
    "a function of one's own",
    first="def total(*numbers):\n    return sum(numbers)",
    answers={"add": "def add(a, b):\n    return total(a, b)"},
)
attempt(
    "d_helper_state",
    "a class, a generator, a closure and state between the calls",
    first="""\
import dataclasses


@dataclasses.dataclass
class Tally:
    calls: int = 0

    def __call__(self, n):
        self.calls += 1
        return n


tally = Tally()""",
    answers={
        "add": """\
def add(a, b):
    yielded = (tally(n) for n in (a, b))
    return sum(yielded)"""
    },
    last="assert tally.calls == 0, 'counted elsewhere'\ntally.calls",
)
attempt(
    "d_helper_magics",
    "magics, a shell command, a question to the help, a plot",
    first="""\
%matplotlib inline
import matplotlib.pyplot as plt

plt.plot([1, 2])
plt.show()
!echo hello
%timeit -n 1 -r 1 1 + 1
print?""",
    answers={"add": f"%%time\n{RIGHT['tiny']['add']}"},
)
attempt(
    "d_helper_error",
    "a cell of one's own that fails, and one that tries the answers",
    first="1 / 0",
    last="""\
assert add(2, 2) == 4
assert scale(torch.ones(2), 3.0).sum() == 6
undefined""",
)
attempt(
    "d_helper_check",
    "the learner runs the checks as well",
    assignment="ch03_clm",
    last="check.next_token_targets(next_token_targets)\ncheck.document_mask(document_mask)",
)
attempt(
    "d_helper_redefined",
    "a helper stands below its answer, and notes go by names that the tests use",
    answers={
        "add": """\
def add(a, b):
    return plus(a, b)


def plus(a, b):
    return a + b"""
    },
    first="torch.manual_seed(3)\nnumbers = got = wanted = 'my own notes'",
)
attempt(
    "d_one_calls_another",
    "an answer uses another",
    answers={
        "twice": """\
def twice(f, x):
    calls = add(1, 1)
    for _ in range(calls):
        x = f(x)
    return x"""
    },
)

attempt = entries("D", "slow but within limits on a loaded machine")
attempt(
    "d_slow_call",
    "each call computes for a fifth of a second",
    answers={
        "add": """\
import time


def add(a, b):
    end = time.process_time() + 0.2
    while time.process_time() < end:
        pass
    return a + b"""
    },
)
attempt(
    "d_slow_cell",
    "a cell computes for one second and a half",
    first="""\
import time

end = time.process_time() + 1.5
while time.process_time() < end:
    pass""",
)
attempt(
    "d_slow_sleep",
    "a call waits, and so does a cell",
    first="""\
import time

time.sleep(1.5)""",
    answers={
        "twice": """\
def twice(f, x):
    time.sleep(0.3)
    return f(f(x))"""
    },
)
attempt(
    "d_slow_memory",
    "a hundred megabytes, given back",
    answers={
        "scale": """\
import torch


def scale(x, factor):
    torch.ones(25_000_000).sum()
    return x * factor"""
    },
)
attempt(
    "d_slow_threads",
    "a few threads and processes, waited for",
    answers={
        "add": """\
import concurrent.futures, os, subprocess


def add(a, b):
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        a, b = pool.map(int, (a, b))
    subprocess.run(['true'])
    child = os.fork()
    if not child:
        os._exit(0)
    os.waitpid(child, 0)
    return a + b"""
    },
)

attempt = entries("D", "another dtype where allowed")
attempt(
    "d_dtype_numbers",
    "a float for a number",
    answers={"add": "def add(a, b):\n    return float(a + b)"},
)
attempt(
    "d_dtype_wide",
    "a result of another layout in memory, and of numpy on the way",
    answers={
        "scale": """\
import torch


def scale(x, factor):
    wide = torch.zeros(*x.shape, 2)
    wide[..., 0] = x
    return wide[..., 0] * factor"""
    },
)
attempt(
    "d_dtype_mask",
    "what the check of a chapter allows",
    assignment="ch02_attention_masks",
    answers={
        "sliding_window_mask": """\
def sliding_window_mask(T, window):
    ones = torch.ones(T, T, dtype=torch.uint8)
    return (ones.tril() - ones.tril(-window)).bool()""",
    },
)

attempt = entries("D", "unused input()")
attempt(
    "d_input_unused",
    "in a function that nobody calls",
    first="def ask():\n    return input('your name? ')",
)
attempt("d_input_called", "in a cell of one's own", first="name = input('your name? ')")
attempt(
    "d_input_guarded",
    "under a condition, and with a debugger left behind",
    answers={
        "add": """\
def add(a, b):
    if a is None:
        breakpoint()
        a = int(input())
    return a + b


if False:
    add(int(input()), 1)"""
    },
)
attempt(
    "d_input_read",
    "a cell of one's own reads from the keyboard",
    first="""\
import sys

sys.stdin.read()
input()""",
)

attempt = entries("D", "other forms of a function")
attempt(
    "d_form_lambda",
    "a lambda, a partial, a bound method",
    answers={
        "add": """\
import operator

add = operator.add""",
        "scale": """\
import functools, operator


def plain(first, x, factor):
    return operator.mul(x, factor)


scale = functools.partial(plain, None)""",
        "twice": """\
class Twice:
    def call(self, f, x):
        return f(f(x))


twice = Twice().call""",
    },
)
attempt(
    "d_form_cached",
    "a cache, a decorator, a class that can be called",
    answers={
        "add": """\
import functools


@functools.lru_cache
def add(a, b):
    return a + b""",
        "scale": """\
class Scale(torch.nn.Module):
    def forward(self, x, factor):
        return x * factor


scale = Scale()""",
        "twice": """\
import torch


@torch.no_grad()
def twice(f, x):
    return f(f(x))""",
    },
)
attempt(
    "d_form_typed",
    "with types, defaults and more arguments than asked for",
    answers={
        "add": """\
from __future__ import annotations

from collections.abc import Callable


def add(a: int, b: int = 0, *rest: int, **_: Undefined) -> int:
    return a + b + sum(rest)"""
    },
)
attempt(
    "d_form_deep",
    "by recursion, by exceptions",
    answers={
        "add": """\
def add(a, b):
    if not b:
        return a
    try:
        raise ValueError(b)
    except ValueError as error:
        return add(a + 1, error.args[0] - 1)"""
    },
)

attempt = entries("D", "the same notebook twenty times")
for number in range(1, 21):
    attempt(
        f"d_same_{number:02}",
        "handed in by twenty students",
        first="""\
import random

random.random()""",
    )
