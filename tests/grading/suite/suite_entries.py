"""What the suite is made of: notebooks that try something, and what each must get for it.

The letters are those of four lists. A: earns only its honest marks. B: is graded as if nobody had
tampered with it. C: is contained, and nobody else's grade changes. D: must earn full marks.

In what an entry hands in, these stand for what only a run of the suite knows:

    @COURSE@  folder of the course, with its solutions and gradebook    @HOME@  the teacher's home
    @ROOT@    folder of this repository      @PORT@  a port on this machine where somebody listens
    @MARK@    part of the name of whatever the entry leaves behind
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

POINTS = {
    "tiny": {"add": 2, "scale": 3, "twice": 2, "evens": 1},
    "ch02_attention_masks": {
        "causal_mask": 3,
        "key_mask": 2,
        "sliding_window_mask": 2,
        "combine_masks": 2,
        "attention_bias": 2,
        "masked_attention": 5,
        "mha_mask": 2,
    },
    "ch03_clm": {
        "next_token_targets": 2,
        "clm_loss": 4,
        "document_mask": 4,
        "packed_targets": 3,
        "accumulated_loss": 3,
        "generate": 4,
    },
}

# of the real assignments two functions are answered, and the rest left blank: it is quicker
RIGHT = {
    "tiny": {
        "add": "def add(a, b):\n    return a + b",
        "scale": "def scale(x, factor):\n    return x * factor",
        "twice": "def twice(f, x):\n    return f(f(x))",
        "evens": "def evens(n):\n    return range(0, n, 2)",
    },
    "ch02_attention_masks": {
        "sliding_window_mask": """\
def sliding_window_mask(T, window):
    distance = torch.arange(T)[:, None] - torch.arange(T)
    return (distance >= 0) & (distance < window)""",
        "mha_mask": "def mha_mask(mask):\n    return ~mask.flatten(0, 1)",
    },
    "ch03_clm": {
        "next_token_targets": """\
def next_token_targets(input_ids, lengths):
    targets = F.pad(input_ids[:, 1:], (0, 1), value=IGNORE_INDEX)
    position = torch.arange(input_ids.shape[1])
    return targets.masked_fill(position >= lengths[:, None] - 1, IGNORE_INDEX)""",
        "document_mask": """\
def document_mask(doc_ids):
    same = doc_ids[:, :, None] == doc_ids[:, None, :]
    return (same & (doc_ids >= 0)[:, None, :]).tril()[:, None]""",
    },
}

WRONG = {
    "add": "def add(a, b):\n    return a - b",
    "scale": "def scale(x, factor):\n    return x + factor",
    "twice": "def twice(f, x):\n    return f(x)",
    "evens": "def evens(n):\n    return range(1, n, 2)",
    "next_token_targets": """\
def next_token_targets(input_ids, lengths):
    position = torch.arange(input_ids.shape[1])
    return input_ids.masked_fill(position >= lengths[:, None], IGNORE_INDEX)""",
    "document_mask": """\
def document_mask(doc_ids):
    return (doc_ids[:, :, None] == doc_ids[:, None, :])[:, None]""",
}

# fields of an entry that has one function wrong and is told so, whatever else it tries
ONE_WRONG = {"answers": {"scale": WRONG["scale"]}, "lost": {"scale": "^scale: three times 1 and 2"}}


@dataclass(frozen=True)
class Entry:
    """One submission.

    Attributes:
        name: of the student who hands it in.
        idea: letter and idea, as in the list that it is from.
        tries: what it tries, in a line.
        assignment: that it answers.
        answers: {function: source}; a function of `RIGHT` that is not here is answered rightly.
        lost: {function: pattern of the reason} of those that must get 0; the others get all.
        noted: {function: pattern of what is said} of those that get all and are told something.
        risked: functions that may be lost as well: what runs them was broken by the learner.
        first, last: source of a cell of the student's own, before and after the answers.
        then: makes what is handed in of the filled notebook: a notebook, or {file: content}.
    """

    name: str
    idea: str
    tries: str
    assignment: str = "tiny"
    answers: dict[str, str] = field(default_factory=dict)
    lost: dict[str, str] = field(default_factory=dict)
    noted: dict[str, str] = field(default_factory=dict)
    risked: tuple[str, ...] = ()
    first: str | None = None
    last: str | None = None
    then: Callable | None = None

    @property
    def sections(self):
        """The cells as `build_class.fill` takes them."""
        answers = {**RIGHT[self.assignment], **self.answers}
        cells = [("helper", self.first)] if self.first else []
        cells += [(name, source) for name, source in answers.items() if source is not None]
        return [*cells, ("helper", self.last)] if self.last else cells

    @property
    def right(self):
        """The functions that must get their points."""
        blank = {name for name, source in self.answers.items() if source is None}
        return ({*RIGHT[self.assignment], *self.answers}) - blank - {*self.lost}

    @property
    def points(self):
        """{function: points it must get}."""
        points = POINTS[self.assignment]
        return {name: points[name] if name in self.right else 0 for name in points}

    @property
    def reasons(self):
        """{function: pattern of what must be said about it, "" if nothing}."""
        return {
            name: self.noted.get(name, "")
            if name in self.right
            else self.lost.get(name, "not attempted")
            for name in POINTS[self.assignment]
        }


ENTRIES: dict[str, Entry] = {}


def _register(letter, idea, name, tries, **fields):
    if name in ENTRIES:
        raise ValueError(f"two entries are called {name}")
    ENTRIES[name] = Entry(name, f"{letter}: {idea}", tries, **fields)


def entries(letter, idea):
    """What registers the entries of one idea: a function of their other fields."""
    return partial(_register, letter, idea)


def cheat(function, prelude):
    """Fields of an entry whose answer to `function` is wrong, behind a cell that would hide it."""
    source = f"{prelude}\n\n\n{WRONG[function]}"
    return {"answers": {function: source}, "lost": {function: rf"\b{function}: |stopped"}}
