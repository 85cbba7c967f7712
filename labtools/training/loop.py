"""``fit``: the training loop of every chapter."""

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from labtools.arguments import positive_int
from labtools.training.checkpoint import path_of
from labtools.training.history import History
from labtools.training.randomness import seeded
from labtools.training.run import Run
from labtools.training.settings import Settings


def fit(
    model: nn.Module,
    batches: Iterable[Any],
    loss: Callable[[nn.Module, Any], Tensor],
    *,
    steps: int,
    lr: float = 3e-3,
    warmup: int = 50,
    weight_decay: float = 0.01,
    clip: float = 1.0,
    floor: float | None = None,
    title: str = "training",
    device: torch.device | str | None = None,
    seed: int | None = None,
    stop_at: float | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    checkpoint_every: int = 100,
) -> History:
    """Train ``model`` in place with AdamW, a warm-up and a cosine decay to zero.

    The betas are those of GPT-3 [Brown et al. 2020, appendix B]: with the usual 0.999 the loss on
    the easy source ended twice as far above its floor for one of three seeds, alike for two.

    Two runs with the same model, batches and ``seed`` give the same numbers: to the last digit on
    the CPU, and on CUDA where its kernels are deterministic
    (``torch.use_deterministic_algorithms``).

    Args:
        model: Any module; it is left in evaluation mode. Parameters that need no gradient stay.
        batches: At least ``steps`` batches: tensors, or tuples, lists, dicts and dataclasses of
            them. Each is moved to the model's device and handed to ``loss``.
        loss: ``loss(model, batch)`` -> scalar in nats.
        steps: The number of updates.
        lr: The highest learning rate, reached after ``warmup`` steps.
        warmup: Steps of linear warm-up.
        weight_decay: AdamW's weight decay [Loshchilov and Hutter 2019].
        clip: The largest norm of the gradient [Pascanu et al. 2013]; inf does not clip.
        floor: The computed floor in nats, shown beside the loss.
        title: What the progress bar is called.
        device: Where to train; the model is moved there and stays. None: where the model is.
        seed: Dropout, and all else that torch draws during the run without a generator of its
            own, is drawn from this seed; the caller's random state is as before afterwards. None:
            drawn from the caller's.
        stop_at: Stop as soon as the mean loss of the last 50 steps is at most ``stop_at`` times
            the floor, 1.01 for one per cent above it.
        checkpoint: A file for the run. Where it exists the run goes on from it, with the numbers
            it would have had without a break; ``batches`` must be the same sequence from its
            start, and the batches already used are drawn and passed over. A run that is complete
            returns at once, the model as trained. Whatever ends the run early, Ctrl-C too, what
            was done by then is written.
        checkpoint_every: Steps from one writing to the next.

    Returns:
        The history: losses, learning rates, norms of the gradient, seconds.

    Raises:
        TypeError, ValueError: An argument is wrong; ``batches`` ran out before ``steps``; ``loss``
            gives no scalar, or one that does not depend on the model; the checkpoint is damaged,
            or of another model, other settings or other batches.
        NonFiniteError: A FloatingPointError: the loss or a gradient is not finite. The message
            says at which step, where the first such number came from and what mistake that
            suggests; the error holds ``step``, ``batch`` and ``history``, and the model is as it
            was before that step.
    """
    settings = Settings(steps, lr, warmup, weight_decay, clip, floor, seed, stop_at)
    positive_int("checkpoint_every", checkpoint_every)
    _refuse_wrong(model, batches, loss, title)
    path = None if checkpoint is None else path_of(checkpoint)
    if device is not None:
        model.to(_found(device))
    run = Run(model, loss, settings, path)
    with seeded(seed, run.device):
        run.start(iter(batches))
        run.train(title, checkpoint_every)
    return run.history


def _refuse_wrong(model: Any, batches: Any, loss: Any, title: Any) -> None:
    if not isinstance(model, nn.Module):
        raise TypeError(f"model: expected a torch.nn.Module, got {type(model).__name__}")
    if not any(p.requires_grad for p in model.parameters()):
        raise ValueError("model: expected a parameter that requires a gradient, got none")
    if not isinstance(batches, Iterable) or isinstance(batches, Mapping | str):
        raise TypeError(f"batches: expected an iterable of batches, got {type(batches).__name__}")
    if not callable(loss):
        raise TypeError(f"loss: expected a function of model and batch, got {type(loss).__name__}")
    if not isinstance(title, str):
        raise TypeError(f"title: expected a str, got {type(title).__name__}")


def _found(device: torch.device | str) -> torch.device:
    try:
        torch.zeros(1, device=device).item()  # fails where there is none, and on meta
    except (AssertionError, RuntimeError, TypeError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(
            f"device: expected one of this machine, such as 'cpu', got {device!r} ({reason})"
        ) from error
    return torch.device(device)
