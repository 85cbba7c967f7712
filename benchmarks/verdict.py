"""How long a learner waits for a verdict of the checks: right, wrong, or without end."""

import contextlib
import io
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from labtools.checks import CheckFailed
from labtools.checks import ch03_clm as check

TESTS = Path(__file__).parents[1] / "tests" / "exercises"


def forever(*args: object, **kwargs: object) -> None:
    """The answer that costs most."""
    while True:
        pass


def verdicts() -> dict[str, float]:
    """Seconds from calling a check of chapter 3 to its verdict.

    Returns:
        {"right, median": …, "right, worst": …}, then the same of "wrong" and "endless" answers:
        all answers of the tests, each once, and a loop without end for every function.
    """
    sys.path.insert(0, str(TESTS))
    from ch03_clm.mutants import MUTANTS
    from ch03_clm.variants import VARIANTS

    right = [(f, answer) for f, answers in VARIANTS.items() for answer in answers]
    wrong = [(m.function, m.answer) for m in MUTANTS if "endless" not in m.diagnosed]
    endless = [(f, forever) for f in VARIANTS]
    kinds = {"right": right, "wrong": wrong, "endless": endless}
    found = {}
    for kind, answers in kinds.items():
        seconds = [_seconds(function, answer) for function, answer in answers]
        found[f"{kind}, median"] = statistics.median(seconds)
        found[f"{kind}, worst"] = max(seconds)
    return found


def _seconds(function: str, answer: Callable) -> float:
    start = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(CheckFailed):
        getattr(check, function)(answer)
    return time.perf_counter() - start


def main() -> None:
    """Print every figure."""
    for name, seconds in verdicts().items():
        print(f"{name:<16} {seconds:.3f} s")


if __name__ == "__main__":
    main()
