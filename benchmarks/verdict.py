"""How long a learner waits for a verdict of the checks: right, wrong, or without end."""

import contextlib
import io
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from labtools.checks import CheckFailed

TESTS = Path(__file__).parents[1] / "tests" / "exercises"


def forever(*args: object, **kwargs: object) -> None:
    """The answer that costs most."""
    while True:
        pass


def verdicts() -> dict[str, float]:
    """Seconds from calling a check to its verdict.

    Returns:
        {"right, median": …, "right, worst": …}, then the same of "wrong" and "endless" answers:
        all answers of the tests, each once, and a loop without end for every function.
    """
    sys.path.insert(0, str(TESTS))
    kinds: dict[str, list[tuple[Callable, Callable]]] = {"right": [], "wrong": [], "endless": []}
    for kind, check, answer in _answers():
        kinds[kind].append((check, answer))
    found = {}
    for kind, answers in kinds.items():
        seconds = [_seconds(check, answer) for check, answer in answers]
        found[f"{kind}, median"] = statistics.median(seconds)
        found[f"{kind}, worst"] = max(seconds)
    return found


def _answers() -> Iterator[tuple[str, Callable, Callable]]:
    """The kind of each answer of the tests, the check that it is for, and the answer."""
    import answers

    for name in answers.exercises():
        for function, right in answers.variants_of(name).items():
            check = answers.check_of(name, function)
            yield "endless", check, forever
            for answer in right:
                yield "right", check, answer
        for mutant in answers.mutants_of(name):
            if "endless" not in mutant.diagnosed:
                yield "wrong", answers.check_of(name, mutant.function), mutant.answer


def _seconds(check: Callable, answer: Callable) -> float:
    start = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(CheckFailed):
        check(answer)
    return time.perf_counter() - start


def main() -> None:
    """Print every figure."""
    for name, seconds in verdicts().items():
        print(f"{name:<16} {seconds:.3f} s")


if __name__ == "__main__":
    main()
