"""Look at a specification before a class does."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations

from labtools.checks.calling import Outcome, call
from labtools.checks.engine import diagnose
from labtools.checks.isolation import undisturbed
from labtools.checks.runs import expected, told
from labtools.checks.spec import Case, Spec, SpecError
from labtools.checks.values import agree


def examine(spec: Spec, seeds: int = 5, answer: Callable | None = None) -> list[str]:
    """What is wrong with a specification, in sentences; none when all is well.

    Looked for, with each of the seeds 0 … ``seeds`` − 1: cases that cannot be made or that the
    oracle cannot be called with; an oracle that fails its own check; a mistake whose code calls
    something with a parameter that it does not have; a mistake that does what the oracle does in
    every case, so that it is never found; two mistakes of different names that do the same in
    every case, so that the second is taken for the first.

    Args:
        spec: Of the exercise.
        seeds: How many sets of cases.
        answer: A right answer, which must pass. The properties are tried with it alone: an oracle
            may be a plain loop without gradients.
    """
    found: dict[str, list[int]] = {}
    for seed in range(seeds):
        with undisturbed():
            for sentence in _findings(spec, seed, answer):
                found.setdefault(sentence, []).append(seed)
    return [f"{text} ({_named(numbers)})" for text, numbers in found.items()]


def _named(seeds: list[int]) -> str:
    return f"seed{'s' * (len(seeds) > 1)} {', '.join(map(str, seeds))}"


def _findings(spec: Spec, seed: int, answer: Callable | None) -> Iterator[str]:
    try:
        cases = spec.made(seed)
        unbound = list(_unbound(spec, cases))
        yield from unbound
        if not unbound:
            yield from _failed(spec, seed, answer)
            yield from _alike(spec, cases)
    except SpecError as error:
        yield str(error)


def _unbound(spec: Spec, cases: list[Case]) -> Iterator[str]:
    signature = inspect.signature(spec.expected)
    for i, case in enumerate(cases):
        try:
            signature.bind(*case.args, **case.kwargs)
        except TypeError as error:
            yield f"case {i} does not fit the oracle's parameters {signature}: {error}"


def _failed(spec: Spec, seed: int, answer: Callable | None) -> Iterator[str]:
    # what is refused to the learner is not to the oracle
    bare = replace(spec, properties=(), refused=None)
    for name, examined, right in (("oracle", bare, spec.expected), ("answer", spec, answer)):
        found = diagnose(examined, right, seed) if right else None
        if found:
            yield f"the {name} fails the check: {found.title}"


def _alike(spec: Spec, cases: list[Case]) -> Iterator[str]:
    """Mistakes that the cases cannot tell from the oracle or from each other."""
    right = [_oracle(spec, case) for case in cases]
    done = [[call(m.wrong, case.args, case.kwargs) for case in cases] for m in spec.mistakes]
    for i, results in enumerate(done):
        yield from _misused(_name(spec, i), results)
        if _same(results, right):
            yield f"{_name(spec, i)} does what the oracle does in every case"
    for i, k in combinations(range(len(done)), 2):
        if spec.mistakes[i].name != spec.mistakes[k].name and _same(done[i], done[k]):
            yield f"{_name(spec, i)} and {_name(spec, k)} do the same in every case"


def _name(spec: Spec, i: int) -> str:
    """With its number, for a name may come several times."""
    return f"the mistake {spec.mistakes[i].name!r} (number {i})"


def _oracle(spec: Spec, case: Case) -> Outcome:
    value = expected(spec, case)
    return Outcome(error=value) if isinstance(value, Exception) else Outcome(value)


def _misused(name: str, results: list[Outcome]) -> Iterator[str]:
    """Its own parameters are called by wrong names: that is no mistake of a learner."""
    errors = [result.error for result in results if isinstance(result.error, TypeError)]
    said = [told(error) for error in errors if "unexpected keyword argument" in str(error)]
    if said:
        yield f"{name} raises {said[0]}"


def _same(some: list[Outcome], others: list[Outcome]) -> bool:
    return all(map(_equal, some, others))


def _equal(one: Outcome, other: Outcome) -> bool:
    if one.error is None or other.error is None:
        return one.error is other.error and agree(one.value, other.value)
    return type(one.error) is type(other.error) and told(one.error) == told(other.error)
