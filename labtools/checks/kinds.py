"""What any function can get wrong, whatever it is to compute."""

import re
from collections.abc import Callable

from torch import Tensor

from labtools.checks.drawing import a, dtype_name, odd, show
from labtools.checks.report import Diagnosis
from labtools.checks.runs import Run, told
from labtools.checks.values import Difference

# of torch's own NotImplementedErrors, which say that a dtype or device cannot do something
TORCH = re.compile("not implemented for '|Could not run '|registered for HigherOrderOperator")


def unfinished(run: Run) -> Diagnosis | None:
    """It is not written, or comes to no end."""
    error = run.outcome.error
    if isinstance(error, NotImplementedError) and not TORCH.search(told(error)):
        return Diagnosis("not written yet", mistake="not-written")
    if isinstance(error, TimeoutError):
        explain = WAITS if str(error).endswith("waiting") else LOOPS
        return Diagnosis(f"it does not end: {error}", explain, run.where(), mistake="endless")
    if isinstance(error, RecursionError):
        explain = "The function calls itself without end."
        return Diagnosis("endless recursion", explain, run.outcome.line, mistake="recursion")
    return None


LOOPS = (
    "Look for a loop whose condition never becomes false. (If there is none, it takes hundreds of "
    "times as long as it needs to.)"
)
WAITS = "It waits for something: a sleep, a file, the network, an input. None of it is needed here."


def refused(run: Run) -> Diagnosis | None:
    """It calls what it is asked to do itself."""
    if run.outcome.refused is None or run.spec.refused is None:
        return None
    name, line = run.outcome.refused
    title = f"it calls {name}, which is what you are asked to write here"
    explain = (
        f"It is the right call anywhere else; here you find out what it does. "
        f"{run.spec.refused.instead}"
    )
    return Diagnosis(title, explain, f"  {line}" if line else "", run.spec.section, "refused")


def raised(run: Run) -> Diagnosis | None:
    """It raised an error."""
    error = run.outcome.error
    if error is None:
        return None
    title = f"it raised {told(error)}"
    return Diagnosis(title, run.outcome.line, run.call(), run.spec.section, "raised")


def wrong_kind(run: Run) -> Diagnosis | None:
    """It returned another kind of thing than was asked for."""
    found = run.difference
    if found is None or found.kind == "value":
        return None
    name, title, explain = WORDS[found.kind](found, f"result{found.place}")
    return run.diagnosis(title, explain, name, "" if found.kind == "none" else None)


Said = tuple[str, str, str]  # the mistake's name, title, explanation


def _none(found: Difference, result: str) -> Said:
    title = f"{result} is None" if found.place else "it returned None"
    return "none", title, "" if found.place else "Is there a `return`?"


def _type(found: Difference, result: str) -> Said:
    kind = type(found.yours)
    subject = f"{result} is" if found.place else "it returned"
    title = f"{subject} {a(kind.__name__)}, expected {_expected(found.expected)}"
    explain = YIELD if kind.__name__ in ("generator", "coroutine", "async_generator") else ""
    return "wrong-type", title, explain


YIELD = (
    "A function with `yield` in it, or `async` before it, returns its result only piece by piece."
)


def _expected(target: object) -> str:
    if type(target) is not Tensor:
        return "None" if target is None else a(type(target).__name__)
    return f"a tensor of shape {tuple(target.shape)}" if target.ndim else "a tensor with one number"


def _layout(found: Difference, result: str) -> Said:
    return "wrong-layout", f"{result} is {a(odd(found.yours))} tensor, expected an ordinary one", ""


def _device(found: Difference, result: str) -> Said:
    title = f"{result} is on the device {found.yours.device}, expected {found.expected.device}"
    return "wrong-device", title, "Make new tensors on the device of the input: device=x.device."


def _shape(found: Difference, result: str) -> Said:
    yours, expected = tuple(found.yours.shape), tuple(found.expected.shape)
    return "wrong-shape", f"wrong shape{_of(found)}: {yours}, expected {expected}", ""


def _dtype(found: Difference, result: str) -> Said:
    yours, expected = dtype_name(found.yours), dtype_name(found.expected)
    return "wrong-dtype", f"wrong dtype{_of(found)}: {yours}, expected {expected}", ""


def _length(found: Difference, result: str) -> Said:
    yours, expected = len(found.yours), len(found.expected)
    return "wrong-length", f"{result} has {yours} entries, expected {expected}", ""


def _keys(found: Difference, result: str) -> Said:
    yours, expected = (", ".join(map(show, d)) or "none" for d in (found.yours, found.expected))
    return "wrong-keys", f"{result} has the keys {yours}, expected {expected}", ""


def _of(found: Difference) -> str:
    return f" of result{found.place}" if found.place else ""


WORDS: dict[str, Callable[[Difference, str], Said]] = {
    "none": _none,
    "type": _type,
    "layout": _layout,
    "device": _device,
    "shape": _shape,
    "dtype": _dtype,
    "length": _length,
    "keys": _keys,
}


def changed(runs: list[Run]) -> Diagnosis | None:
    """It changes what it was given."""
    run = next((run for run in runs if run.outcome.changed is not None), None)
    if run is None or run.outcome.changed is None:
        return None
    key = run.outcome.changed
    name, now = run.argument(key), dict(enumerate(run.outcome.args)) | run.outcome.kwargs
    explain = (
        f"After the call `{name}` is no longer what it was, so whoever uses it next gets other "
        "data. Work on a copy: `.clone()`, or `list(…)` of a list."
    )
    where = f"{run.call()}\nafter the call\n  {name} = {show(now[key])}"
    title = f"it changes {name} in place"
    return Diagnosis(title, explain, where, run.spec.section, "in-place")


def view(runs: list[Run]) -> Diagnosis | None:
    """What it returns shares its memory with what it was given."""
    run = next((run for run in runs if run.outcome.shared is not None), None)
    if run is None or run.outcome.shared is None:
        return None
    name = run.argument(run.outcome.shared)
    explain = (
        f"The result shares its memory with `{name}`, so that changing one changes the other. "
        "Return a copy: `.clone()`."
    )
    title = f"it returns {name} itself, or a view of it"
    return Diagnosis(title, explain, run.call(), run.spec.section, "view")


def counterexample(run: Run) -> Diagnosis:
    """Wrong, and nobody knows why: the smallest case must speak for itself."""
    value = run.difference.yours if run.difference else None
    nan = type(value) is Tensor and value.is_floating_point() and bool(value.isnan().any())
    explain = "It is none of the mistakes known here. The smallest case that shows it:"
    return run.diagnosis("the result is NaN" if nan else "wrong result", explain, None)
