"""The words of a failed check: what is wrong, where, and what to look up."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from labtools.checks.drawing import dtype_name, show
from labtools.checks.picture import Picture
from labtools.checks.sections import Section

WIDTH = 88  # of explanations; neither a notebook nor a page of feedback breaks lines by itself


@dataclass(frozen=True)
class Diagnosis:
    """Why an answer is wrong.

    Args:
        title: One line: what is wrong.
        explain: Plain words: why that is wrong and what is right.
        where: The smallest input that shows it, and a drawing of yours beside the expected.
        section: The book's section to read.
        mistake: What kind of fault it is, in a word. Of the specification: the name of a known
            mistake, of a special case, of ``by_chance`` or of a property. Of the engine: "none",
            "wrong-type", "wrong-layout", "wrong-device", "wrong-shape", "wrong-dtype",
            "wrong-length", "wrong-keys", "raised", "endless", "recursion", "in-place", "view",
            "refused", "signature", "not-a-function", "not-written", "not-deterministic";
            "unchecked" and "broken-check" where the check itself failed. None: it is wrong, and
            nobody knows why.
        picture: What a notebook draws beside the text.
    """

    title: str
    explain: str = ""
    where: str = ""
    section: Section | str = ""
    mistake: str | None = None
    picture: Picture | None = field(default=None, repr=False, compare=False)


class CheckFailed(AssertionError):
    """A wrong answer, diagnosed. Its text is all that a learner is shown: no traceback."""

    def __init__(self, function: str, diagnosis: Diagnosis) -> None:
        self.function, self.diagnosis = function, diagnosis
        look_up = _wrapped(f"Look up: {diagnosis.section}") if diagnosis.section else ""
        explain = _wrapped(diagnosis.explain)
        parts = [f"{function}: {diagnosis.title}", explain, diagnosis.where, look_up]
        super().__init__("\n\n".join(part for part in parts if part))

    @property
    def mistake(self) -> str | None:
        """What kind of fault it is, in a word, or None: see ``Diagnosis``."""
        return self.diagnosis.mistake

    def _render_traceback_(self) -> list[str]:  # IPython shows this instead of a traceback
        return str(self).splitlines()


def _wrapped(text: str) -> str:
    # whole addresses, so that they can be clicked
    return textwrap.fill(text, WIDTH, break_on_hyphens=False, break_long_words=False)


def describe_args(names: Sequence[str], args: Sequence[Any]) -> str:
    """The arguments of a call with their names, a list item by item."""
    lines = []
    for name, arg in zip(names, args, strict=False):
        items = (
            [(f"{name}[{i}]", item) for i, item in enumerate(arg)] if isinstance(arg, list) else []
        )
        lines += [_named(name, value) for name, value in items or [(name, arg)]]
    return "\n".join(lines)


def _named(name: str, value: Any) -> str:
    """``name = value``, a matrix row by row."""
    start, shown = f"  {name} = ", _given(value)
    if isinstance(value, Tensor) and value.ndim == 2:
        shown = shown.replace("], ", "],\n" + " " * (len(start) + 1))
    return start + shown


def _given(value: Any) -> str:
    """An argument comes from the specification, so that its own text can be trusted."""
    if isinstance(value, Tensor) and value.is_floating_point() and value.dtype.itemsize < 4:
        shown, name = show(value), dtype_name(value)
        return shown if shown.endswith(name) else f"{shown} {name}"
    ours = Tensor, torch.Generator, list, tuple, dict
    if isinstance(value, ours) or getattr(value, "__name__", None):
        return show(value)
    return repr(value)


def require(condition: bool, function: str, title: str) -> None:
    """Raise ``CheckFailed`` with one line about ``function`` unless ``condition`` holds."""
    if not condition:
        raise CheckFailed(function, Diagnosis(title))
