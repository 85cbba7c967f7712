"""Whether a function has the parameters that the exercise asks for."""

import inspect
from collections.abc import Callable

from labtools.checks.report import Diagnosis
from labtools.checks.spec import Case, Spec

Names = tuple[str, ...]
BY_POSITION = inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD


def unfit(spec: Spec, function: Callable, cases: list[Case]) -> Diagnosis | None:
    """Its parameters are not those of the exercise."""
    signature = _signature(function)
    if signature is None:
        return None
    for case in cases:
        try:
            signature.bind(*case.args, **case.kwargs)
        except TypeError:
            named = [f"{name}=…" for name in case.kwargs]
            wanted = spec.arguments[: len(case.args)]
            explain = _differ(signature, wanted, tuple(case.kwargs))
            if many := _any_number(spec):
                wanted, explain = (many,), f"It takes any number of arguments: {many}."
            call = f"{spec.name}({', '.join([*wanted, *named])})"
            title = f"expected {call}, got {spec.name}{_parameters(signature)}"
            return Diagnosis(title, explain, "", spec.section, "signature")
    return None


def _any_number(spec: Spec) -> str:
    """The parameter of the oracle that takes any number of arguments, as ``*masks``, or ""."""
    signature, kind = _signature(spec.expected), inspect.Parameter.VAR_POSITIONAL
    parameters = signature.parameters.values() if signature else ()
    return next((f"*{p.name}" for p in parameters if p.kind is kind), "")


def _signature(function: Callable) -> inspect.Signature | None:
    try:
        return inspect.signature(function)
    except Exception:  # functions of C may have none, an odd object may raise anything
        return None


def _differ(signature: inspect.Signature, wanted: Names, named: Names) -> str:
    """What the function's parameters lack of those wanted, and what they have besides."""
    has = signature.parameters
    by_name = [n for n in wanted if n in has and has[n].kind is inspect.Parameter.KEYWORD_ONLY]
    lacks = [] if by_name else _lacked(signature, wanted, named)
    besides = _besides(signature, wanted, named)
    said = [f"it lacks {_parameter(lacks)}"] if lacks else []
    said += [f"it takes {', '.join(by_name)} by name alone, after the *"] if by_name else []
    said += [f"it has {', '.join(besides)} besides"] if besides else []
    return f"The parameters differ: {' and '.join(said)}." if said else "The parameters differ."


def _lacked(signature: inspect.Signature, wanted: Names, named: Names) -> list[str]:
    has = signature.parameters
    kinds = {p.kind for p in has.values()}
    listed = [n for n, p in has.items() if p.kind in BY_POSITION and n not in named]
    taken = len(wanted if inspect.Parameter.VAR_POSITIONAL in kinds else listed)
    lacks = _those([n for n in wanted if n not in has], wanted, taken)
    open_ended = inspect.Parameter.VAR_KEYWORD in kinds
    return lacks if open_ended else lacks + [n for n in named if n not in has]


def _besides(signature: inspect.Signature, wanted: Names, named: Names) -> list[str]:
    empty, by_name_only = inspect.Parameter.empty, inspect.Parameter.KEYWORD_ONLY
    required = {
        n: p.kind for n, p in signature.parameters.items() if p.default is empty and n not in named
    }
    listed = tuple(n for n, kind in required.items() if kind in BY_POSITION)
    besides = _those([n for n in listed if n not in wanted], listed, len(wanted))
    more = (n for n, kind in required.items() if kind is by_name_only and n not in wanted)
    return [*besides, *more]


def _those(by_name: list[str], names: Names, enough: int) -> list[str]:
    """As many of the names as are more than enough: those that others do not have, or the last."""
    many = names[enough:]
    return by_name if len(by_name) == len(many) else [*many]


def _parameter(names: list[str]) -> str:
    return f"the parameter{'s' * (len(names) > 1)} {', '.join(names)}"


def _parameters(signature: inspect.Signature) -> str:
    """Their names alone: a default may have any text of itself."""
    empty = inspect.Parameter.empty
    named = [p.replace(default=empty, annotation=empty) for p in signature.parameters.values()]
    return str(inspect.Signature(named))
