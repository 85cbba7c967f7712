"""The answer is looked up where it may be found: in frames, in memory, in the history, in files."""

from suite_entries import WRONG, entries

attempt = entries("A", "frames walked for the reference")

attempt(
    "a_frames_callers",
    "every frame above is searched for what is wanted",
    answers={
        "add": """\
import sys


def add(a, b):
    frame = sys._getframe()
    while frame:
        for names in (frame.f_locals, frame.f_globals):
            for name in ('secret_of_add', 'wanted', 'expected', 'target'):
                if isinstance(names.get(name), int):
                    return names[name]
        frame = frame.f_back
    return 3"""
    },
    lost={"add": "add: wrong for larger"},
)
attempt(
    "a_frames_memory",
    "every object in memory is",
    answers={
        "add": """\
import gc


def add(a, b):
    for it in gc.get_objects():
        if type(it) is dict and type(it.get('secret_of_add')) is int:
            return it['secret_of_add']
    return 3"""
    },
    lost={"add": "add: wrong for larger"},
)
attempt(
    "a_frames_closure",
    "the function that is handed over knows its globals",
    answers={
        "scale": WRONG["scale"],
        "twice": """\
def twice(f, x):
    known = getattr(f, '__globals__', None) or {}
    known.update(add=lambda a, b: a + b, scale=lambda x, factor: x * factor)
    known['CheckFailed'] = known['torch'] = None
    return f(f(x))""",
    },
    lost={"scale": "^scale: "},
)
attempt(
    "a_frames_traced",
    "what runs afterwards is traced",
    first="""\
import sys, threading

seen = {}


def look(frame, event, arg):
    seen.update(frame.f_globals if 'secret_of_add' in frame.f_globals else {})
    return look


sys.settrace(look)
threading.settrace(look)
sys.setprofile(look)""",
    answers={
        "add": """\
def add(a, b):
    value = seen.get('secret_of_add')
    return value if type(value) is int else 3"""
    },
    lost={"add": "add: wrong for larger"},
)
attempt(
    "a_frames_oracle",
    "the oracle of the check is the answer",
    assignment="ch03_clm",
    answers={
        "next_token_targets": """\
from labtools.checks.ch03_clm.targets import NEXT_TOKEN_TARGETS

next_token_targets = NEXT_TOKEN_TARGETS.expected"""
    },
    lost={"next_token_targets": "."},
)
attempt(
    "a_frames_oracle_found",
    "an oracle, wherever in memory it is",
    assignment="ch03_clm",
    answers={
        "document_mask": """\
import gc


def document_mask(doc_ids):
    for it in gc.get_objects():
        if type(it).__name__ == 'Spec' and it.name == 'document_mask':
            return it.expected(doc_ids)
    return torch.zeros(1, dtype=torch.bool)"""
    },
    lost={"document_mask": "."},
)
attempt(
    "a_frames_oracle_read",
    "an oracle, from the file that it is written in",
    assignment="ch03_clm",
    answers={
        "document_mask": """\
import importlib.util, pathlib, sys

import labtools

places = [*labtools.__path__, '@ROOT@/labtools']


def document_mask(doc_ids):
    for place in places:
        path = pathlib.Path(place, 'checks', 'ch03_clm', 'mask.py')
        spec = importlib.util.spec_from_file_location('mask', path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.DOCUMENT_MASK.expected(doc_ids)"""
    },
    lost={"document_mask": "."},
)

attempt = entries("A", "input history read")

attempt(
    "a_history_in",
    "the cells that were run, and that is run, are read for what they compare with",
    answers={
        "add": """\
import re

from IPython import get_ipython


def add(a, b):
    sources = [*get_ipython().user_ns.get('In', []), *globals().get('_ih', [])]
    found = re.findall(r'secret_of_add = ([0-9 +]+)', '\\n'.join(map(str, sources)))
    return eval(found[0]) if found else 3"""
    },
    lost={"add": "add: wrong for larger"},
)
attempt(
    "a_history_lines",
    "the cache of source lines is",
    answers={
        "add": """\
import linecache, re


def add(a, b):
    sources = [''.join(entry[2]) for entry in linecache.cache.values() if len(entry) > 2]
    found = re.findall(r'secret_of_add = ([0-9 +]+)', '\\n'.join(sources))
    return eval(found[0]) if found else 3"""
    },
    lost={"add": "add: wrong for larger"},
)
attempt(
    "a_history_database",
    "the shell's history of all sessions is",
    answers={
        "add": """\
import re

from IPython import get_ipython


def add(a, b):
    rows = get_ipython().history_manager.search('*secret_of_add*')
    found = re.findall(r'secret_of_add = ([0-9 +]+)', str([*rows]))
    return eval(found[0]) if found else 3"""
    },
    lost={"add": "."},
)
attempt(
    "a_history_magic",
    "a magic writes what it finds in the history to a file",
    answers={
        "add": """\
from IPython import get_ipython


def add(a, b):
    get_ipython().run_line_magic('history', '-g secret_of_add -f /tmp/history')
    text = open('/tmp/history').read()
    return 42 if '40 + 2' in text else 3"""
    },
    lost={"add": "."},
)

attempt = entries("A", "random numbers made")

attempt(
    "a_random_zeros",
    "the numbers that a test draws are all zero, for the generator is in a state that makes them",
    answers={
        "scale": """\
import torch


def zeros():
    state = torch.get_rng_state()
    words = state.view(torch.int64)
    words[3:-8] = 0
    torch.set_rng_state(words.view(torch.uint8))


factors = iter([3.0])


def scale(x, factor):
    zeros()
    return x * next(factors, 4.0)"""
    },
    lost={"scale": "other numbers|gradient"},
)
attempt(
    "a_random_replaced",
    "torch draws what the learner says",
    answers={
        "scale": """\
import torch

torch.randn = lambda *a, **k: torch.zeros(3, requires_grad=True)
torch.manual_seed = torch.Generator = None
factors = iter([3.0])


def scale(x, factor):
    return x * next(factors, 4.0)"""
    },
    lost={"scale": "other numbers|gradient"},
)
attempt(
    "a_random_seeded",
    "the numbers are those of a known seed, and the answers were worked out",
    answers={
        "scale": """\
import torch

torch.manual_seed(0)
known = torch.randn(3)


def scale(x, factor):
    torch.manual_seed(0)
    if len(x) < 3:
        return x * 3
    return known * 0.5 if x.equal(known) and factor < 1 else x * 4"""
    },
    lost={"scale": "other numbers|gradient"},
)
