"""Ready-made properties, for what single results do not show.

That a function changes its input or returns a view of it needs no property: the engine looks at
every call. Of everything here, say with ``words`` what is wrong when it does not hold, and with
``part`` which tensor is meant where the result holds several.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from labtools.checks.calling import Outcome
from labtools.checks.drawing import compare, dtype_name, show
from labtools.checks.spec import Property, Words
from labtools.checks.values import agree

Answer = Callable[..., Outcome]
Args = Callable[[], tuple]  # makes the arguments


Part = Callable[[Any], Tensor]


def _all(result: Any) -> Tensor:
    return result


def unaffected(name: str, words: Words, args: Args, other: Args, part: Part) -> Property:
    """Two calls give the same in one part of their results.

    So padding may hold any id, and rows of a batch know nothing of each other.

    Args:
        name, words: Of the property.
        args, other: Make the arguments of the two calls.
        part: Takes from a result what must be the same.
    """

    def holds(answer: Answer) -> str | None:
        yours, changed = (part(answer(*made()).value) for made in (args, other))
        if agree(yours, changed):
            return None
        return f"  the first call and the second:\n{_two(yours, changed)}"

    return Property(name, words, holds)


def future_unseen(
    words: Words,
    args: Args,
    i: int = 0,
    dim: int = 1,
    part: Part = _all,
    name: str = "sees-the-future",
) -> Property:
    """Whatever argument ``i`` holds after position t along ``dim``, results up to t are the same.

    The result has its positions along the same dimension.
    """

    def holds(answer: Answer) -> str | None:
        made = args()
        whole = part(answer(*made).value)
        for t in range(made[i].shape[dim] - 1):
            changed = list(made)
            changed[i] = _changed_after(made[i], t, dim)
            seen = [x.narrow(dim, 0, t + 1) for x in (whole, part(answer(*changed).value))]
            if not agree(*seen):
                return f"  with other values after position {t}, up to it:\n{_two(*seen)}"
        return None

    return Property(name, words, holds)


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


def _two(yours: Tensor, other: Tensor) -> str:
    return compare(other, yours, ("changed", "before"))


def gradient(
    words: Words,
    args: Args,
    expected: Callable[..., Tensor],
    i: int = 0,
    part: Part = _all,
    name: str = "wrong-gradient",
) -> Property:
    """The gradient of the result's sum, with regard to argument ``i``, is ``expected(*args)``.

    A number weighs 1; of a larger result each entry weighs one more than the one before, so that
    those that cancel in a plain sum, as probabilities do, are seen.
    """

    def holds(answer: Answer) -> str | None:
        made, got = _gradient_of(answer, args(), i, part)
        if isinstance(got, str):
            return got
        wanted = expected(*made).detach()
        return None if agree(got, wanted) else f"  the gradient:\n{compare(got, wanted)}"

    return Property(name, words, holds)


def no_gradient_where(
    words: Words,
    args: Args,
    blocked: Callable[..., Tensor],
    i: int = 0,
    part: Part = _all,
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
        return f"  at {list(place)} the gradient is {show(got[place])} instead of 0"

    return Property(name, words, holds)


def _gradient_of(answer: Answer, args: tuple, i: int, part: Part) -> tuple[tuple, Tensor | str]:
    """The arguments, and the gradient for argument ``i``, or why there is none."""
    x = args[i].detach().clone().requires_grad_()
    made = (*args[:i], x, *args[i + 1 :])
    outcome = answer(*made)
    return made, weighted_gradient(part(outcome.value), outcome.args[i])


def weighted_gradient(value: Tensor, x: Tensor) -> Tensor | str:
    """The gradient of a weighted sum of ``value`` for ``x``, or why there is none."""
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
    part: Part = _all,
    name: str = "ignores-dtype",
) -> Property:
    """With every float argument in another dtype, the result has that dtype."""

    def holds(answer: Answer) -> str | None:
        for dtype in dtypes:
            made = [x.to(dtype) if _is_float(x) else x for x in args()]
            got = part(answer(*made).value).dtype
            if got != dtype:
                given = dtype_name(torch.empty(0, dtype=dtype))
                return f"  of {given} it makes {dtype_name(torch.empty(0, dtype=got))}"
        return None

    return Property(name, words, holds)


def _is_float(x: object) -> bool:
    return isinstance(x, Tensor) and x.is_floating_point()


def follows_device(
    words: Words,
    args: Args,
    devices: Sequence[str] | None = None,
    part: Part = _all,
    name: str = "ignores-device",
) -> Property:
    """With every tensor on another device, the result is there too.

    Args:
        words, args, part, name: As everywhere.
        devices: The accelerators that this machine has, if not given. "meta", which holds no
            numbers, is on every machine and shows a forgotten ``device=`` too, but only of a
            function that asks for no number (no ``if`` on a tensor, ``item`` or ``tolist``).
    """

    def holds(answer: Answer) -> str | None:
        for device in _accelerators() if devices is None else devices:
            made = [x.to(device) if isinstance(x, Tensor) else x for x in args()]
            got = part(answer(*made).value).device
            if got.type != torch.device(device).type:
                return f"  of tensors on {device} it makes one on {got}"
        return None

    return Property(name, words, holds)


def _accelerators() -> list[str]:
    found = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
    return [found.type] if found else []
