"""What chance would not do: the statistics behind the checks of functions that draw.

A test here looks at a count of ``n`` events, each with the probability p. If they are independent,
or negatively associated as in a draw without replacement (so that a right answer may also select an
exact number), then the share a of those that happened has P(a ≥ x) ≤ exp(−n KL(x ‖ p)) for every
x > p, and P(a ≤ x) likewise below p [Hoeffding 1963; Joag-Dev and Proschan 1983]. It is taken for
wrong when 2 exp(−n KL(a ‖ p)) < FAMILY / m, where m tests are made together. So a right answer
fails one of them with a chance below FAMILY. A check makes at most MOST such families.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from labtools.checks import kinds
from labtools.checks.calling import Outcome
from labtools.checks.properties.generators import given_generator
from labtools.checks.report import Diagnosis
from labtools.checks.runs import Run
from labtools.checks.spec import Case, Property, Spec, Words

FAMILY = 1e-7
MOST = 9


def implausible(counts: Tensor, n: Tensor, probs: Tensor) -> Tensor:
    """Which ``counts`` of ``n`` events each have not the probabilities ``probs``, all broadcast.

    ``probs`` may be 0 or 1, which leaves nothing to chance.
    """
    return _divergence(*_tests(counts, n, probs)) > math.log(2 * counts.numel() / FAMILY)


def too_many(counts: Tensor, n: Tensor, probs: Tensor) -> Tensor:
    """Which ``counts`` are larger than with at most the probabilities ``probs``."""
    counts, n, probs = _tests(counts, n, probs)
    return (counts > n * probs) & implausible(counts, n, probs)


def _tests(counts: Tensor, n: Tensor, probs: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    return counts.double(), n.double(), probs.double()


def _divergence(counts: Tensor, n: Tensor, probs: Tensor) -> Tensor:
    """n KL(counts / n ‖ probs) in nats."""
    other = n - counts
    return (
        torch.special.xlogy(counts, counts / (n * probs))
        + torch.special.xlogy(other, other / (n * (1 - probs)))
    ).nan_to_num(nan=0.0, posinf=math.inf)


def together(happened: Tensor, possible: Tensor) -> tuple[Tensor, Tensor]:
    """How often two columns s < t had an event in the same row, and in how many they could.

    Args:
        happened, possible: (rows, columns) bool.

    Returns:
        Two counts of shape (columns, columns), 0 where not s < t.
    """
    counts, n = (x.double().T @ x.double() for x in (happened, possible))
    return counts.triu(1), n.triu(1)


@dataclass(frozen=True)
class Tail:
    """More rows than chance allows have so few events, or so many, as ``said``."""

    said: str
    rows: int
    expected: float


def uneven(found: Tensor, n: int, p: float) -> Tail | None:
    """Some rows have more events, and others fewer, than chance gives them.

    Drawn without replacement the numbers of the rows are closer to their mean, never further.

    Args:
        found: The number of events of each row, int64.
        n, p: Of each row: how many there could be, and the probability of one.
    """
    low, high = _tails(n, p)
    counts = torch.stack([(found <= low).sum(), (found >= high).sum()])
    probs = [_at_least(n - low, n, 1 - p), _at_least(high, n, p)]
    wrong = too_many(counts, torch.tensor(len(found)), torch.tensor(probs)).nonzero()
    if not len(wrong):
        return None
    i = int(wrong[0])
    return Tail((f"{low} or fewer", f"{high} or more")[i], int(counts[i]), probs[i] * len(found))


def _tails(n: int, p: float) -> tuple[int, int]:
    """The numbers that chance gives to one row in ten, or fewer: so low and so high."""
    low = max(c for c in range(n) if _at_least(n - c, n, 1 - p) < 0.1)
    return low, min(c for c in range(n) if _at_least(c, n, p) < 0.1)


def _at_least(count: int, n: int, p: float) -> float:
    """The chance that ``count`` or more of n independent events happen."""
    return sum(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(count, n + 1))


class Wrong(Exception):
    """Carries the diagnosis of an answer from where it was found to the property."""

    def __init__(self, diagnosis: Diagnosis) -> None:
        self.diagnosis = diagnosis


class Calls:
    """Calls of an answer in a row, all with one generator, which goes on.

    Args:
        spec: Of the function; its oracle gives, of a call, a result of the right kind.
        answer: As a property is handed it.
        seed: Of the generator. What the arguments are drawn from, ``data``, has another, or they
            would depend on the numbers that the function draws.
    """

    def __init__(self, spec: Spec, answer: Callable[..., Outcome], seed: int) -> None:
        self.spec, self.answer = spec, answer
        self.generator = Generator().manual_seed(seed)
        self.data = Generator().manual_seed(seed + 10**9)

    def run(self, *args: object) -> Run:
        """A call with ``args`` and the generator.

        Raises:
            Wrong: The result is of a wrong kind.
        """
        case = Case((*args, self.generator))
        outcome = self.answer(*case.args)
        made = Run(self.spec, case, outcome, self.spec.expected(*case.args))
        if found := kinds.wrong_kind(made):
            raise Wrong(found)
        self.generator = given_generator(outcome)
        return made

    def __call__(self, *args: object) -> Tensor:
        """What ``run`` returned."""
        value: Tensor = self.run(*args).outcome.value
        return value


Look = Callable[[Calls], Diagnosis | None]


def looked_at(name: str, spec: Spec, seed: int, look: Look) -> Property:
    """The property that ``look`` finds nothing; it says in its own words what it finds."""

    def holds(answer: Callable[..., Outcome]) -> Diagnosis | None:
        try:
            return look(Calls(spec, answer, seed))
        except Wrong as wrong:
            return wrong.diagnosis

    return Property(name, Words(name, "", spec.section), holds)


def percent(share: float | Tensor) -> str:
    """``12.3 %``."""
    return f"{100 * float(share):4.1f} %"
