"""Many draws of ``random_spans`` in one call, and what can be read off them."""

import functools
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from labtools.checks import kinds
from labtools.checks.calling import Outcome, raised_at, written_in
from labtools.checks.chance import Calls, Wrong
from labtools.checks.drawing import a, dtype_name
from labtools.checks.properties.generators import given_generator
from labtools.checks.repeating import several
from labtools.checks.runs import Run
from labtools.checks.spec import Case

WIDEST = 70  # tokens of a text that is drawn
SHOWN = 3  # draws
AT_ONCE = 50  # draws, for the time of each call is limited, and some right answers are slow


class Times(int):
    """A length for which the function is called so many times."""

    times: int

    def __new__(cls, length: int, times: int = 0) -> "Times":
        made = super().__new__(cls, length)
        made.times = times
        return made


def repeatable(function: Any) -> Any:
    """Called with ``Times`` it gives a list; what is no function is left as it is.

    For to watch one call takes longer than many a draw. An error that it raises ends the list.
    """
    if not callable(function):
        return function

    @functools.wraps(function)
    def called(length: int, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(length, Times):
            return function(length, *args, **kwargs)
        made, error = several(function, length.times, (int(length), *args), kwargs)
        if isinstance(error, NotImplementedError | RecursionError):
            raise error
        line = raised_at(error, written_in(function))
        return [*made, Outcome(error=error, line=line)] if error else made

    return called


@dataclass(frozen=True)
class Setting:
    """What is asked for; right answers have ``noise`` tokens of noise in ``spans`` spans."""

    length: int
    rate: float
    mean_span: float

    @property
    def noise(self) -> int:
        return min(max(round(self.length * self.rate), 1), self.length - 1)

    @property
    def kept(self) -> int:
        return self.length - self.noise

    @property
    def spans(self) -> int:
        return min(max(round(self.noise / self.mean_span), 1), self.kept, self.noise)


@dataclass(frozen=True)
class Draws:
    """What came back, (draws, length) bool."""

    setting: Setting
    masks: Tensor

    @cached_property
    def noise(self) -> list[int]:
        """The number of noise tokens of each draw."""
        return self.masks.sum(1).tolist()

    @cached_property
    def spans(self) -> list[int]:
        """The number of longest runs of noise of each draw."""
        begins = self.masks[:, 1:] & ~self.masks[:, :-1]
        return (begins.sum(1) + self.masks[:, 0]).tolist()

    @cached_property
    def rolled(self) -> list[int]:
        """The same, where the first token follows the last."""
        return (self.masks & ~self.masks.roll(1, 1)).sum(1).tolist()

    def parts(self) -> tuple[Tensor, Tensor]:
        """The lengths of the kept parts and of the spans of each draw, both (draws, spans).

        For draws that begin with a kept token, end with noise and have as many spans as asked for.
        """
        changes = (self.masks[:, 1:] != self.masks[:, :-1]).nonzero()[:, 1] + 1
        inner = changes.reshape(len(self.masks), -1)
        lengths = F.pad(F.pad(inner, (1, 0)), (0, 1), value=self.setting.length).diff(dim=1)
        return lengths[:, 0::2], lengths[:, 1::2]

    def shown(self, which: list[int] | None = None) -> str:
        """The first draws, or those that are named."""
        asked = self.setting
        lines = [
            f"  length = {asked.length}, rate = {asked.rate:g}, mean_span = {asked.mean_span:g}"
        ]
        for i in which or range(min(SHOWN, len(self.masks))):
            lines.append(f"    {_drawn(self.masks[i])}{_numbers(self.noise[i], self.spans[i])}")
        return "\n".join([*lines, f"  expected{_numbers(asked.noise, asked.spans)}"])


def _drawn(mask: Tensor) -> str:
    if len(mask) > WIDEST:
        return "a draw of"
    return "".join("■" if x else "·" for x in mask.tolist()) + " "


def _numbers(noise: int, spans: int) -> str:
    return f" {noise} noise token{'s' * (noise != 1)} in {spans} span{'s' * (spans != 1)}"


def draw(call: Calls, setting: Setting, times: int) -> Draws:
    """So many draws in a row, all of the right kind.

    Raises:
        Wrong: It raised an error, or a result is of a wrong kind.
    """
    given = setting.length, setting.rate, setting.mean_span
    expected = torch.zeros(setting.length, dtype=torch.bool)
    masks = []
    for first in range(0, times, AT_ONCE):
        asked = Times(setting.length, min(times - first, AT_ONCE))
        outcome = call.answer(asked, *given[1:], call.generator)
        for value in outcome.value:
            one = value if isinstance(value, Outcome) else Outcome(value=value)
            run = Run(call.spec, Case((*given, call.generator)), one, expected)
            if found := kinds.raised(run):
                raise Wrong(found)
            if found := kinds.wrong_kind(run):
                raise Wrong(replace(found, where=f"{run.call()}\n{_kinds(value, expected)}"))
        masks += outcome.value
        call.generator = given_generator(outcome)
    return Draws(setting, torch.stack(masks))


def _kinds(*both: Any) -> str:
    """Of what kind yours is and the expected one: the numbers are drawn, and none is expected."""
    told = (
        f"a tensor of shape {tuple(x.shape)}, {dtype_name(x)}"
        if type(x) is Tensor
        else a(type(x).__name__)
        for x in both
    )
    return "\n".join(
        f"  {name:8}  {x}" for name, x in zip(("yours", "expected"), told, strict=True)
    )


def nothing_drawn(length: int, rate: float, mean_span: float, generator: Generator) -> Any:
    """What a right answer that is called 0 times gives: all that can be said without a draw."""
    return []
