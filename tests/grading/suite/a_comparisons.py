"""What a test compares with is changed: functions, operators, and the results themselves."""

from suite_entries import cheat, entries

attempt = entries("A", "patched comparison functions")

attempt(
    "a_patched_torch",
    "torch.allclose and its like always agree",
    **cheat(
        "scale",
        """\
import torch

for name in ('allclose', 'equal', 'isclose', 'eq'):
    setattr(torch, name, lambda *a, **k: True)
torch.testing.assert_close = lambda *a, **k: None""",
    ),
)
attempt(
    "a_patched_operators",
    "tensors are equal to everything, and so are their lists",
    **cheat(
        "scale",
        """\
import torch

torch.Tensor.__eq__ = lambda self, other: True
torch.Tensor.__ne__ = lambda self, other: False
torch.Tensor.__bool__ = lambda self: True
torch.Tensor.tolist = lambda self: [0.5, 0.5, 0.5]
torch.Tensor.equal = torch.Tensor.allclose = lambda *a: True""",
    ),
)
attempt(
    "a_patched_builtins",
    "all, any and abs say what is wanted, and so do those of math and numpy",
    first="""\
import builtins, math

import numpy

builtins.all = builtins.any = lambda values: True
builtins.abs = lambda x: 0
math.isclose = numpy.allclose = numpy.array_equal = lambda *a, **k: True""",
    risked=("scale", "twice", "evens"),
    **cheat(
        "add",
        """\
import builtins

builtins.isinstance = lambda *a: True""",
    ),
)
attempt(
    "a_patched_error",
    "the error that a failed test raises cannot be raised",
    **cheat(
        "add",
        """\
class CheckFailed(Exception):
    def __new__(cls, *a):
        return print


AssertionError = CheckFailed
import builtins

builtins.AssertionError = SystemExit""",
    ),
)
attempt(
    "a_patched_names",
    "the names that a test uses are the learner's: print, check, require, torch",
    first="""\
class torch:
    allclose = equal = full = tensor = staticmethod(lambda *a, **k: True)


check = require = CheckFailed = _hidden = print = str = lambda *a, **k: None
secret_of_add = numbers = gradient = wanted = got = 0""",
    **cheat("scale", "numbers = 0"),
)
attempt(
    "a_patched_engine",
    "the checks' own engine finds nothing",
    assignment="ch03_clm",
    **cheat(
        "next_token_targets",
        """\
import sys

for module in [*sys.modules.values()]:
    if str(getattr(module, '__name__', '')).startswith('labtools.checks'):
        for name in ('check', 'diagnose', 'agree', 'difference', 'require', '_judge',
                     'run_all', 'broken_property', 'unfit'):
            if hasattr(module, name):
                setattr(module, name, lambda *a, **k: None)""",
    ),
)
attempt(
    "a_patched_check",
    "the module of the chapter's checks is emptied",
    assignment="ch03_clm",
    first="""\
for name in [*vars(check)]:
    if not name.startswith('__'):
        setattr(check, name, lambda *a, **k: None)
import labtools.checks

labtools.checks.require = lambda *a: None
""",
    **cheat("next_token_targets", "check = None"),
)

attempt = entries("A", "an object equal to everything")

EQUAL = """\
class Equal({base}):
    __eq__ = __le__ = __ge__ = lambda self, other: True
    __ne__ = __lt__ = __gt__ = lambda self, other: False
    __bool__ = lambda self: True
    __hash__ = {base}.__hash__
    __array__ = lambda self, *a: __import__("numpy").array([3])
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = lambda self, other: self
"""

attempt(
    "a_equal_object",
    "add returns an object that is equal to everything",
    answers={
        "add": EQUAL.format(base="object")
        + """\


def add(a, b):
    return Equal()"""
    },
    lost={"add": "^add: "},
)
attempt(
    "a_equal_int",
    "the object is an int",
    answers={
        "add": EQUAL.format(base="int")
        + """\


def add(a, b):
    return Equal(0)"""
    },
    lost={"add": "^add: "},
)
attempt(
    "a_equal_list",
    "a list that is equal to everything, inside whatever tolist returns",
    answers={
        "scale": EQUAL.format(base="list")
        + """\

    tolist = lambda self: self


def scale(x, factor):
    return Equal()"""
    },
    lost={"scale": "scale|TypeError|list"},
)
attempt(
    "a_equal_any",
    "the one that comes with Python",
    answers={
        "add": """\
from unittest.mock import ANY


def add(a, b):
    return ANY"""
    },
    lost={"add": "^add: "},
)
attempt(
    "a_equal_class",
    "the function is an object whose class says that it is a number",
    answers={
        "add": EQUAL.format(base="object")
        + """\

    __call__ = lambda self, *a: self
    __class__ = int


add = Equal()"""
    },
    lost={"add": "^add: "},
)

attempt = entries("A", "tensor subclass")

SUBCLASS = """\
import torch


class Own(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        {body}


def scale(x, factor):
    return (x + factor).as_subclass(Own)"""

attempt(
    "a_subclass_true",
    "whatever is asked of it, it says True",
    answers={"scale": SUBCLASS.format(body="return True")},
    lost={"scale": "^scale: "},
)
attempt(
    "a_subclass_other",
    "it answers with the other tensor that it is compared with",
    answers={
        "scale": SUBCLASS.format(
            body="plain = [a for a in args if type(a) is torch.Tensor] or [torch.ones(1)]\n"
            "        return func(*plain, *plain) if len(args) > 1 else [0.5, 0.5, 0.5]"
        )
    },
    lost={"scale": "^scale: "},
)
attempt(
    "a_subclass_parameter",
    "a parameter whose methods are its own",
    answers={
        "scale": """\
import torch


def scale(x, factor):
    y = torch.nn.Parameter(x.detach() + factor)
    y.tolist = lambda: [0.5, 0.5, 0.5]
    y.__class__.allclose = lambda *a: True
    return y"""
    },
    lost={"scale": "^scale: "},
)
attempt(
    "a_subclass_check",
    "against a check with an oracle: every comparison of it is True",
    assignment="ch03_clm",
    answers={
        "next_token_targets": """\
class Own(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        return True


def next_token_targets(input_ids, lengths):
    return input_ids.clone().as_subclass(Own)"""
    },
    lost={"next_token_targets": "^next_token_targets: "},
)

attempt = entries("A", "nan, negative, oversize, text results")

for name, value in {
    "nan": "float('nan')",
    "negative": "-1",
    "oversize": "10**6",
    "text": "'full marks'",
    "none": "None",
    "true": "True",
    "huge": "10 ** 10**6",
    "infinite": "float('inf')",
}.items():
    attempt(
        f"a_result_{name}",
        f"add returns and shows {value}",
        answers={"add": f"def add(a, b):\n    return {value}\n\n\nadd(1, 2)"},
        lost={"add": "^add: |too|large|big|digits"},
    )
attempt(
    "a_result_odd_tensors",
    "scale returns tensors of other layouts, dtypes and devices, in turn",
    answers={
        "scale": """\
import itertools

import torch

odd = itertools.cycle([
    lambda y: y.to('meta'), lambda y: y.to_sparse(), lambda y: y.to(torch.complex64),
    lambda y: torch.nested.nested_tensor([y, y]), lambda y: y.half(),
    lambda y: torch.quantize_per_tensor(y, 0.1, 0, torch.qint8),
    lambda y: torch.zeros(1).expand(10**6, 10**6, 10**3), lambda y: y.conj(),
])


def scale(x, factor):
    return next(odd)((x + factor).detach())"""
    },
    lost={"scale": "."},
)

attempt = entries("A", "hard-coded answers")

attempt(
    "a_known_answers",
    "what the visible tests ask for is looked up",
    answers={
        "add": "def add(a, b):\n    return {(1, 2): 3}.get((a, b), 0)",
        "scale": """\
import torch


def scale(x, factor):
    return torch.tensor([3.0, 6.0])""",
    },
    lost={"add": "larger numbers", "scale": "other numbers"},
)
attempt(
    "a_known_seeds",
    "the cases of the checks' own seeds are made beforehand, and nothing else is right",
    assignment="ch03_clm",
    answers={
        "document_mask": """\
from labtools.checks.ch03_clm import mask as known

table = [
    (case.args[0], known.DOCUMENT_MASK.expected(*case.args))
    for seed in (0, 1033) for case in known.DOCUMENT_MASK.made(seed)
]


def document_mask(doc_ids):
    for given, mask in table:
        if given.shape == doc_ids.shape and given.equal(doc_ids):
            return mask.clone()
    return torch.zeros(len(doc_ids), 1, *2 * doc_ids.shape[1:], dtype=torch.bool)"""
    },
    lost={"document_mask": "."},
)
attempt(
    "a_known_by_count",
    "right as often as the visible tests call it, and wrong afterwards",
    answers={
        "add": """\
calls = 0


def add(a, b):
    global calls
    calls += 1
    return a + b if calls < 2 else 0"""
    },
    lost={"add": "add: wrong for larger numbers"},
)
