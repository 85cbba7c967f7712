"""Ready-made properties, for what single results do not show.

That a function changes its input or returns a view of it needs no property: the engine looks at
every call. Arguments that all have:

- ``words``: what to say when the property does not hold.
- ``args``: makes the arguments of a call, as a tuple: ``lambda: (torch.rand(2, 6), 3)``.
- ``part``: takes from the result the tensor that is meant, where the result holds several.
- ``name``: what ``diagnose`` calls it.
"""

import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from labtools.checks.calling import Outcome
from labtools.checks.drawing import compare, dtype_name, show
from labtools.checks.report import Diagnosis
from labtools.checks.spec import Property, Words
from labtools.checks.values import agree

Answer = Callable[..., Outcome]
Args = Callable[[], tuple]  # makes the arguments
Part = Callable[[Any], Tensor]

MANY = 60  # numbers of an argument; of more, the shape is shown


def _tensor(outcome: Outcome, part: Part | None) -> Tensor:
    """The part of the result that is meant, all of it where none is named."""
    return part(outcome.value) if part else outcome.value


def unaffected(name: str, words: Words, args: Args, other: Args, part: Part) -> Property:
    """Two calls give the same in one part of their results.

    So padding may hold any id, and rows of a batch know nothing of each other.

    Args:
        name, words: Of the property.
        args, other: Make the arguments of the two calls.
        part: Takes from a result what must be the same.
    """

    def holds(answer: Answer) -> str | None:
        calls = args(), other()
        first, second = (_tensor(answer(*made), part) for made in calls)
        if agree(first, second):
            return None
        given = f"  the first call was with\n{_shown(*calls[0])}\n  the second with\n"
        return f"{given}{_shown(*calls[1])}\n{compare(second, first, ('second', 'first'))}"

    return Property(name, words, holds)


def future_unseen(
    words: Words,
    args: Args,
    i: int = 0,
    dim: int = 1,
    part: Part | None = None,
    name: str = "sees-the-future",
) -> Property:
    """Whatever argument ``i`` holds after position t along ``dim``, results up to t are the same.

    Args:
        i: The position of the argument, a tensor of floats, ids or booleans; ids must not all be
            equal, for they are changed to others that occur.
        dim: Of the positions, in this argument and in the result.
    """

    def holds(answer: Answer) -> str | None:
        made = args()
        _refuse_nothing_to_change(made[i], dim)
        whole = _tensor(answer(*made), part)
        for t in range(made[i].shape[dim] - 1):
            changed = list(made)
            changed[i] = _changed_after(made[i], t, dim)
            was, became = (
                x.narrow(dim, 0, t + 1) for x in (whole, _tensor(answer(*changed), part))
            )
            if not agree(became, was):
                return (
                    f"  it was called with\n{_shown(*made)}\n"
                    f"  then only what comes after position {t} was changed, to\n"
                    f"{_shown(changed[i].narrow(dim, t + 1, made[i].shape[dim] - t - 1))}\n"
                    f"  and the result up to position {t} changed with it:\n"
                    f"{compare(became, was, ('became', 'was'))}"
                )
        return None

    return Property(name, words, holds)


def _refuse_nothing_to_change(x: Tensor, dim: int) -> None:
    """A property that changes nothing would hold of everything."""
    if x.shape[dim] < 2:
        raise ValueError(f"expected at least 2 positions to change, got shape {tuple(x.shape)}")
    ids = not x.is_floating_point() and x.dtype != torch.bool
    if ids and x.min() == x.max():
        raise ValueError(f"expected at least 2 different ids, got {x.min().item()} alone")


def _changed_after(x: Tensor, t: int, dim: int) -> Tensor:
    """Every value after position t is another one, of those that occur if they are ids."""
    future = x.narrow(dim, t + 1, x.shape[dim] - t - 1)
    if x.dtype == torch.bool:
        other = ~future
    elif x.is_floating_point():
        other = future + 1 + future.abs()
    else:
        other = torch.where(future == x.max(), x.min(), x.max())
    return torch.cat([x.narrow(dim, 0, t + 1), other], dim)


def _shown(*args: object) -> str:
    """Arguments, one below the other."""
    return textwrap.indent("\n".join(map(_value, args)), "    ")


def _value(arg: object) -> str:
    """As ``show``, but more numbers: a property has no smaller input that it could show."""
    if isinstance(arg, Tensor) and arg.is_floating_point() and 8 < arg.numel() <= MANY:
        return str(arg.detach())
    return show(arg)


def gradient(
    words: Words,
    args: Args,
    expected: Callable[..., Tensor],
    i: int = 0,
    part: Part | None = None,
    name: str = "wrong-gradient",
) -> Property:
    """The gradient of Σ_k k · result_k for argument ``i`` is ``expected(*args)``.

    k counts the entries of the result in reading order: 1, 2, 3 …; a single number has k = 1.
    A plain sum would hide errors that cancel in it: the sum of probabilities is 1, whatever the
    argument is, so its gradient is 0.

    Args:
        expected: Takes the arguments, gives the gradient in the shape of argument ``i``. Of a
            function that returns x² for x of shape (3,), where Σ_k k · x_k² has the gradient
            2 · k · x_k, it is ``lambda x: 2 * torch.tensor([1, 2, 3]) * x``.
        i: The position of the argument, a float tensor.
    """

    def holds(answer: Answer) -> str | None:
        made, got = _gradient_of(answer, args(), i, part)
        if isinstance(got, str):
            return got
        wanted = expected(*made).detach()
        if agree(got, wanted):
            return None
        return (
            f"  called with\n{_shown(*made)}\n"
            "  the gradient of Σ k · result_k, where k = 1, 2, 3 … counts the result's entries:\n"
            f"{compare(got, wanted)}"
        )

    return Property(name, words, holds)


def no_gradient_where(
    words: Words,
    args: Args,
    blocked: Callable[..., Tensor],
    i: int = 0,
    part: Part | None = None,
    name: str = "gradient-where-blocked",
) -> Property:
    """Where ``blocked(*args)`` is True, argument ``i`` gets a gradient of exactly 0, never NaN."""

    def holds(answer: Answer) -> str | None:
        made, got = _gradient_of(answer, args(), i, part)
        if isinstance(got, str):
            return got
        wrong = (blocked(*made).expand_as(got) & (got != 0)).nonzero()
        if not len(wrong):
            return None
        place = tuple(wrong[0].tolist())
        found = f"  at {list(place)} the gradient is {show(got[place])} instead of 0"
        return f"  called with\n{_shown(*made)}\n{found}"

    return Property(name, words, holds)


def _gradient_of(
    answer: Answer, args: tuple, i: int, part: Part | None
) -> tuple[tuple, Tensor | str]:
    """The arguments, and the gradient for argument ``i``, or why there is none."""
    x = args[i].detach().clone().requires_grad_()
    made = (*args[:i], x, *args[i + 1 :])
    outcome = answer(*made)
    return made, _weighted_gradient(_tensor(outcome, part), outcome.args[i])


def _weighted_gradient(value: Tensor, x: Tensor) -> Tensor | str:
    """The gradient of Σ_k k · value_k for ``x``, k = 1, 2, 3 …, or why there is none."""
    if not value.requires_grad:
        return "  The result has no gradient (was .item(), .detach() or no_grad used?)"
    weights = torch.arange(1, value.numel() + 1, dtype=value.dtype, device=value.device)
    try:
        (found,) = torch.autograd.grad(value, x, weights.reshape(value.shape), allow_unused=True)
    except RuntimeError as error:
        return f"  backward() raised RuntimeError: {str(error).partition(chr(10))[0]}"
    return torch.zeros_like(x) if found is None else found


def follows_dtype(
    words: Words,
    args: Args,
    dtypes: Sequence[torch.dtype] = (torch.float64, torch.float16, torch.bfloat16),
    part: Part | None = None,
    name: str = "ignores-dtype",
) -> Property:
    """With every float argument in another dtype, the result has that dtype."""

    def holds(answer: Answer) -> str | Diagnosis | None:
        for dtype in dtypes:
            made = [x.to(dtype) if _is_float(x) else x for x in args()]
            given = f"  called with float arguments in {dtype_name(torch.empty(0, dtype=dtype))}"
            try:
                got = _tensor(answer(*made), part)
            except Exception as error:
                if found := _diagnosis(error):
                    return replace(found, where=f"{given}\n{found.where}")
                raise
            if got.dtype != dtype:
                return f"{given}\n{_shown(*made)}\n  it returned {dtype_name(got)}"
        return None

    return Property(name, words, holds)


def _diagnosis(error: Exception) -> Diagnosis | None:
    """The engine's own, of a call that raised: it shows small arguments without their dtype."""
    found = error.args[0] if error.args else None
    return found if isinstance(found, Diagnosis) else None


def _is_float(x: object) -> bool:
    return isinstance(x, Tensor) and x.is_floating_point()


def follows_device(
    words: Words,
    args: Args,
    devices: Sequence[str] | None = None,
    part: Part | None = None,
    name: str = "ignores-device",
    keyword: str | None = None,
) -> Property:
    """With every tensor on another device, the result is there too.

    Args:
        devices: The accelerators that this machine has, if not given. "meta" is on every machine
            and shows a forgotten ``device=`` too. It holds no numbers: a function that must have
            some of a tensor that it makes without a device cannot be judged, and passes, as does
            one with ``device="cpu"`` written out.
        keyword: The argument by which the function is told the device, if it is.
    """

    def holds(answer: Answer) -> str | None:
        used = _accelerators() if devices is None else devices
        found = (_not_followed(answer, args, device, keyword, part) for device in used)
        return next((where for where in found if where), None)

    return Property(name, words, holds)


def _not_followed(
    answer: Answer, args: Args, device: str, keyword: str | None, part: Part | None
) -> str | None:
    usual = _with_meta_as_default(answer, args, keyword, part) if device == "meta" else ""
    if usual:
        default = "  its result is on the default device, wherever it should be"
        return default if usual == "meta" else None
    made = [x.to(device) if isinstance(x, Tensor) else x for x in args()]
    told = {keyword: device} if keyword else {}
    try:
        got = _tensor(answer(*made, **told), part).device
    except Exception as error:
        found = _diagnosis(error)
        if found and MIXED.search(found.title):
            return f"  on {device} {found.title}\n  in {found.explain}"
        if found and device == "meta":
            return None
        raise
    if got.type == torch.device(device).type:
        return None
    asked = f"with {keyword}={device!r}" if keyword else f"of tensors on {device}"
    return f"  {asked} it makes one on {got}"


def _with_meta_as_default(
    answer: Answer, args: Args, keyword: str | None, part: Part | None
) -> str:
    """Where the result is if all that is given is on the CPU; "" if an error was raised.

    Tried first, for it can be told of functions that ask for numbers too, and because tril, for
    one, imports much of torch on "meta" itself, which takes more than a second.
    """
    made, told = args(), {keyword: "cpu"} if keyword else {}
    with torch.device("meta"):
        try:
            return _tensor(answer(*made, **told), part).device.type
        except Exception:  # what it means shows on "meta" itself
            return ""


# what torch says of tensors on two devices in one operation
MIXED = re.compile("not on the expected device|to be on the same device")


def _accelerators() -> list[str]:
    found = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
    return [found.type] if found else []
