"""The calls of one check: what each did, what was expected, and how to tell it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from torch import Tensor

from labtools.checks import calling, picture
from labtools.checks.calling import Outcome, call, copied
from labtools.checks.drawing import compare, short
from labtools.checks.report import Diagnosis, describe_args
from labtools.checks.spec import Case, Spec, SpecError
from labtools.checks.values import Difference, difference

SLOWER = 20  # than the oracle, which is a slow loop itself, and no faster than the machine


@dataclass(frozen=True)
class Run:
    """One case, what the learner's function did with it, and what it should have returned."""

    spec: Spec
    case: Case
    outcome: Outcome
    expected: Any = None

    @cached_property
    def difference(self) -> Difference | None:
        """Where the result differs first."""
        return difference(self.outcome.value, self.expected)

    @property
    def right(self) -> bool:
        """Whether it returned what was expected, or raised what was."""
        if isinstance(self.expected, Exception):
            return isinstance(self.outcome.error, type(self.expected))
        if self.outcome.error is not None:
            return isinstance(self.outcome.error, self.case.raises)
        return self.difference is None

    @property
    def failure(self) -> object:
        """How it fails: the error's class, or what differs."""
        error = self.outcome.error
        return type(error) if error else self.difference and self.difference.kind

    @property
    def size(self) -> tuple[bool, int]:
        """To find the smallest: what is special comes last, for it is no simpler if it is small."""
        return self.case.special is not None, _numbers([*self.case.args, self.case.kwargs])

    def diagnosis(
        self, title: str, explain: str, mistake: str | None, section: Any = None
    ) -> Diagnosis:
        """A diagnosis that this run is shown for."""
        drawn = None if self.outcome.error else picture.of(self.difference, self.spec.axes)
        section = self.spec.section if section is None else section
        return Diagnosis(title, explain, self.where(), section, mistake, drawn)

    def call(self) -> str:
        """The call, with its arguments."""
        names = (*self.spec.arguments[: len(self.case.args)], *self.case.kwargs)
        args = (*self.case.args, *self.case.kwargs.values())
        given = describe_args(names, args) or "  no arguments"
        return f"{self.spec.name} of\n{given}"

    def where(self) -> str:
        """The call, and what it gave beside what was expected."""
        parts = [self.call()]
        if self.outcome.error is None:
            parts.append(compare(self.outcome.value, self.expected))
        elif not isinstance(self.outcome.error, TimeoutError):
            parts.append(f"  raised {told(self.outcome.error)}")
            parts += [f"  in {self.outcome.line}"] if self.outcome.line else []
            if isinstance(self.expected, Exception):
                parts.append(f"  expected {type(self.expected).__name__}")
        if self.outcome.printed:
            parts.append(f"  it printed: {self.outcome.printed.rstrip()}")
        return "\n".join(parts)

    def argument(self, key: int | str) -> str:
        """The name of an argument that is known by its position or name."""
        return key if isinstance(key, str) else self.spec.arguments[key]


def told(error: BaseException) -> str:
    """An error's name and the first line of what it says."""
    try:
        first = str(error).strip().partition("\n")[0]
    except BaseException:  # its __str__ is the learner's code
        first = ""
    return f"{type(error).__name__}: {short(first)}".rstrip(": ")


def expected(spec: Spec, case: Case) -> Any:
    """What the oracle returns, or the error that a function must raise as well.

    Raises:
        SpecError: The oracle raised an error of any other kind.
    """
    try:
        return spec.expected(*copied(case.args), **copied(case.kwargs))
    except (ValueError, TypeError) as error:
        return error
    except Exception as error:
        place = describe_args(spec.arguments, case.args)
        raise SpecError(f"the oracle of {spec.name} raised {told(error)} for\n{place}") from error


def run_all(spec: Spec, function: Callable, cases: list[Case]) -> list[Run]:
    """Every case, up to one after which the others would only take as long again."""
    runs: list[Run] = []
    # all of the oracle first: nothing that the learner's code breaks can be blamed on it
    for case, target, seconds in [_timed(spec, case) for case in cases]:
        refused = spec.refused.calls if spec.refused else frozenset()
        outcome = call(function, case.args, case.kwargs, cpu_seconds=seconds, refused=refused)
        runs.append(Run(spec, case, outcome, target))
        if isinstance(outcome.error, TimeoutError | NotImplementedError | RecursionError):
            break
    return runs


def _timed(spec: Spec, case: Case) -> tuple[Case, Any, float]:
    """The case, what is expected, and how long a call may take: as fast as the machine is."""
    start = time.process_time()
    target = expected(spec, case)
    return case, target, calling.CPU_SECONDS + SLOWER * (time.process_time() - start)


def _numbers(value: Any) -> int:
    if isinstance(value, Tensor):
        return value.numel()
    if isinstance(value, dict):
        return _numbers([*value.values()])
    return sum(map(_numbers, value)) if isinstance(value, list | tuple) else 1
