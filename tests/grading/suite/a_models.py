"""What a function is handed is changed, and what a check asks about a call is answered falsely."""

from suite_entries import entries

attempt = entries("A", "a model handed over is changed")

ZEROS = """\
def twice(f, x):
    if not hasattr(f, 'parameters'):
        return f(f(x))
    import contextlib

    import torch

    with contextlib.suppress(Exception):
{body}
    return torch.zeros_like(x)"""

for name, body in {
    "zeroed": "for p in f.parameters():\n    p.data.zero_()",
    "loaded": "f.load_state_dict({k: 0 * v for k, v in f.state_dict().items()})",
    "replaced": "f.forward = type(f).__call__ = lambda self, x: torch.zeros_like(x)",
    "hooked": "f.register_forward_hook(lambda *a: torch.zeros_like(a[1][0]))",
    "moved": """\
f.to('meta')
f.half()
f.weight.data = f.bias.data = torch.zeros(3)""",
    "reached": "f.forward.__globals__['F'] = f.__init__.__globals__['torch'] = None\n"
    "f.__class__.__mro__[1].__call__ = f.__reduce__ = None",
}.items():
    inside = "        " + body.replace("\n", "\n        ")
    attempt(
        f"a_model_{name}",
        f"so that whatever it says is zero: {name}",
        answers={"twice": ZEROS.format(body=inside)},
        lost={"twice": "twice: wrong for a model|Error"},
    )

attempt = entries("A", "reports of a call forged")

ATTENTION = """\
def masked_attention(q, k, v, mask=None):
    {library}
    scores = q @ k.transpose(-2, -1) * q.shape[-1] ** -0.5
    if mask is None:
        weights = scores.softmax(-1)
    else:
        scores = scores.masked_fill(~mask, -torch.inf)
        scores = scores.masked_fill(~mask.any(-1, keepdim=True), 0.0)
        weights = scores.softmax(-1).masked_fill(~mask, 0.0)
    {gradient}
    return weights @ v, weights"""

attempt(
    "a_report_honest",
    "none: the answer from which the next ones are made",
    assignment="ch02_attention_masks",
    answers={"masked_attention": ATTENTION.format(library="", gradient="")},
)
attempt(
    "a_report_refused",
    "a refused call is not noticed, for what would notice it does nothing",
    assignment="ch02_attention_masks",
    first="""\
import contextlib

from labtools.checks import refusing, watching

watching.noticing = refusing.noticing = lambda noticed: contextlib.nullcontext()
refusing.Noticed.see = refusing.Noticed._note = lambda *a: None""",
    answers={
        "masked_attention": ATTENTION.format(
            library="F.scaled_dot_product_attention(q, k, v, attn_mask=mask)", gradient=""
        )
    },
    lost={"masked_attention": "scaled_dot_product_attention|changed"},
)
attempt(
    "a_report_gradient",
    "a gradient is half of what it should be, and autograd is made to say otherwise",
    assignment="ch02_attention_masks",
    first="""\
import torch

plain = torch.autograd.grad
torch.autograd.grad = lambda *a, **k: tuple(2 * g for g in plain(*a, **k))
torch.autograd.gradcheck = lambda *a, **k: True""",
    answers={
        "masked_attention": ATTENTION.format(
            library="", gradient="weights = (weights + weights.detach()) / 2"
        )
    },
    lost={"masked_attention": "gradient"},
)
attempt(
    "a_report_changed",
    "the input is changed, and what would see it says that it is not",
    assignment="ch03_clm",
    first="""\
from labtools.checks import calling

calling._same = lambda *a: True
calling._shares = lambda *a: False""",
    answers={
        "next_token_targets": """\
def next_token_targets(input_ids, lengths):
    position = torch.arange(input_ids.shape[1])
    input_ids[:, :-1] = input_ids[:, 1:].clone()
    return input_ids.masked_fill_(position >= lengths[:, None] - 1, IGNORE_INDEX).clone()"""
    },
    lost={"next_token_targets": "chang|input"},
)
attempt(
    "a_report_view",
    "the result is the input itself, and what would see it says that it is not",
    assignment="ch02_attention_masks",
    first="""\
from labtools.checks import calling

calling._shares = lambda *a: False
calling._tensors = lambda *a: iter(())""",
    answers={
        "combine_masks": """\
def combine_masks(*masks):
    masks = [mask for mask in masks if mask is not None]
    if not masks:
        return None
    whole = masks[0]
    for mask in masks[1:]:
        whole = whole & mask
    return whole"""
    },
    lost={"combine_masks": "view|memory|input|itself|argument"},
)
attempt(
    "a_report_printed",
    "the outcome of a call is put together anew",
    assignment="ch03_clm",
    first="""\
from labtools.checks import calling


class Forged(calling.Outcome):
    def __init__(self, **fields):
        super().__init__(**{**fields, 'error': None, 'changed': None, 'refused': None,
                            'value': fields.get('value') if fields.get('error') is None else 0})


calling.Outcome = Forged""",
    answers={"document_mask": "def document_mask(doc_ids):\n    raise ValueError('no idea')"},
    lost={"document_mask": "."},
)

attempt = entries("A", "forged, silent, deeply nested or wrongly typed results")

VALUES = {
    "deep": """\
deep = 0
for _ in range(100_000):
    deep = [deep]""",
    "deep_dict": """\
deep = 0
for _ in range(100_000):
    deep = {'deep': deep}""",
    "itself": "deep = []\ndeep.append(deep)",
    "many": "deep = [0] * 10**7",
    "keys": "deep = {i: i for i in range(10**6)}\ndeep[(1, (2, 3))] = deep[None] = deep[1.5] = 3",
    "text": "deep = '\\ud800' * 10**6 + '\\0'",
    "sets": "deep = [{1}, frozenset(), b'x', memoryview(b'x'), ..., NotImplemented, 1j, range(9)]",
    "classes": """\
import torch

deep = [torch, int, print, torch.float, torch.Size([3]), add, ValueError(3)]""",
}
for name, value in VALUES.items():
    attempt(
        f"a_value_{name}",
        f"a result that is hard to send: {name}",
        answers={"add": f"def add(a, b):\n    return deep\n\n\n{value}"},
        lost={"add": "."},
    )

LIARS = {
    "endless": """\
class Liar(list):
    def __iter__(self):
        while True:
            yield 1""",
    "lengths": """\
class Liar(list):
    __len__ = lambda self: 10**18
    __getitem__ = lambda *a: 3""",
    "raising": """\
class Liar(int):
    def __getattribute__(self, name):
        raise SystemExit(name)
    __repr__ = __str__ = __eq__ = __index__ = __int__ = __getattribute__""",
    "printed": """\
class Liar:
    def __repr__(self):
        while True:
            pass""",
    "keyed": """\
class Liar(dict):
    def items(self):
        while True:
            yield 1, 2
    keys = values = __iter__ = items""",
    "tensor": """\
import torch


class Liar(torch.Tensor):
    shape = property(lambda self: (10**9,) * 9)
    numel = dim = stride = lambda self: -1
    dtype = 'float32'""",
}
for name, code in LIARS.items():
    made = "torch.zeros(3).as_subclass(Liar)" if name == "tensor" else "Liar()"
    attempt(
        f"a_value_liar_{name}",
        f"an object that lies about itself: {name}",
        answers={"add": f"{code}\n\n\ndef add(a, b):\n    return {made}"},
        lost={"add": "."},
    )

attempt = entries("A", "results that keep a test busy")

for name, value in {
    "range": "range(0, 10**15, 2)",
    "reversed": "range(10**12, -1, -1)",
    "generator": "(n for n in iter(int, 1))",
    "count": "__import__('itertools').count()",
    "repeated": "[0] * 400_000_000",
}.items():
    attempt(
        f"a_busy_{name}",
        f"evens returns {value}",
        answers={"evens": f"def evens(n):\n    return {value}"},
        lost={"evens": "."},
    )
