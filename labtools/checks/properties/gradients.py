"""What the gradient must be."""

from collections.abc import Callable

import torch
from torch import Tensor

from labtools.checks.drawing import compare, show
from labtools.checks.properties.shared import Answer, Args, Part, part_of, shown
from labtools.checks.spec import Property, Words
from labtools.checks.values import agree


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
            f"  called with\n{shown(*made)}\n"
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
        return f"  called with\n{shown(*made)}\n{found}"

    return Property(name, words, holds)


def _gradient_of(
    answer: Answer, args: tuple, i: int, part: Part | None
) -> tuple[tuple, Tensor | str]:
    """The arguments, and the gradient for argument ``i``, or why there is none."""
    x = args[i].detach().clone().requires_grad_()
    made = (*args[:i], x, *args[i + 1 :])
    outcome = answer(*made)
    return made, _weighted_gradient(part_of(outcome, part), outcome.args[i])


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
