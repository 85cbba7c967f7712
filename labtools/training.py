"""``fit``: one training loop for every chapter."""

import math
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from tqdm import tqdm

from labtools.arguments import between, positive_int


@dataclass
class History:
    """What a training run did.

    ``losses`` holds the loss of every step in nats, before that step's update; ``seconds`` the
    time the run took.
    """

    losses: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def last(self, n: int = 50) -> float:
        """The mean loss of the last ``n`` steps."""
        tail = self.losses[-n:]
        return sum(tail) / len(tail)


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
) -> History:
    """Train ``model`` in place with AdamW, a warm-up and a cosine decay to zero.

    The betas are those of GPT-3 [Brown et al. 2020, appendix B]: with the usual 0.999 the loss on
    the easy source ended twice as far above its floor for one of three seeds, alike for two.

    Args:
        model: Any module; it is left in evaluation mode.
        batches: At least ``steps`` batches; each is handed to ``loss`` as it is.
        loss: ``loss(model, batch)`` -> scalar in nats.
        steps: The number of updates.
        lr: The highest learning rate, reached after ``warmup`` steps.
        warmup: Steps of linear warm-up.
        weight_decay: AdamW's weight decay [Loshchilov and Hutter 2019].
        clip: The largest norm of the gradient.
        floor: The computed floor, shown beside the loss.
        title: What the progress bar is called.

    Returns:
        The history of the losses.

    Raises:
        ValueError: A range is wrong, or ``batches`` ran out before ``steps``.
        FloatingPointError: The loss is not finite; the message says at which step.
    """
    positive_int("steps", steps)
    positive_int("warmup", warmup, 0)
    between("lr", lr, 0, 1)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=lr, betas=(0.9, 0.95), weight_decay=weight_decay
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, _warmup_cosine(steps, warmup))
    history, start, source = History(), time.perf_counter(), iter(batches)
    model.train()
    with progress(steps, title) as bar:
        for step in range(steps):
            value = loss(model, _next(source, step, steps))
            _refuse_not_finite(value, step)
            optimizer.zero_grad()
            value.backward()
            nn.utils.clip_grad_norm_(model.parameters(), clip)
            optimizer.step()
            schedule.step()
            history.losses.append(value.item())
            bar.set_postfix_str(_state(history, floor), refresh=False)
            bar.update()
    model.eval()
    history.seconds = time.perf_counter() - start
    return history


def _warmup_cosine(steps: int, warmup: int) -> Callable[[int], float]:
    def factor(step: int) -> float:
        if step < warmup:
            return (step + 1) / (warmup + 1)
        return 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, steps - warmup)))

    return factor


def _next(source: Any, step: int, steps: int) -> Any:
    try:
        return next(source)
    except StopIteration:
        raise ValueError(f"batches: expected at least steps = {steps}, got {step}") from None


def _refuse_not_finite(value: Tensor, step: int) -> None:
    if not isinstance(value, Tensor) or value.ndim:
        got = tuple(value.shape) if isinstance(value, Tensor) else type(value).__name__
        raise ValueError(f"loss: expected a scalar tensor, got {got}")
    if not math.isfinite(value.item()):
        raise FloatingPointError(
            f"the loss is {value.item()} at step {step}. Usual causes: a query with every key "
            "blocked, a batch with nothing to score (0/0), or log of a probability of 0"
        )


def _state(history: History, floor: float | None) -> str:
    text = f"loss {history.last(20):.3f}"
    return text if floor is None else f"{text}, floor {floor:.3f}"


def progress(total: int, title: str) -> tqdm:
    """A progress bar that behaves in a notebook, a terminal and a log.

    A notebook gets one line of text that is replaced in place and stays as plain text in the saved
    file; a terminal gets tqdm's bar; a log gets a line for every tenth of the work. Nothing is
    written to stderr.
    """
    bar = _NotebookBar if _in_notebook() else tqdm if sys.stdout.isatty() else _LogBar
    return bar(total=total, desc=title, file=sys.stdout, mininterval=0.5)


def _in_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return type(shell).__name__ == "ZMQInteractiveShell"


class _NotebookBar(tqdm):
    """tqdm's text in a display that is updated in place: no widget, so it also reads offline."""

    def display(self, msg: str | None = None, pos: int | None = None) -> None:
        from IPython.display import display

        bundle = {"text/plain": str(self) if msg is None else msg}
        if getattr(self, "handle", None) is None:
            self.handle = display(bundle, raw=True, display_id=True)
        elif bundle["text/plain"]:
            self.handle.update(bundle, raw=True)

    def close(self) -> None:
        if not self.disable:
            self.display()
            self.disable = True
            self._decr_instances(self)


class _LogBar(tqdm):
    """One line for every tenth of the work."""

    def display(self, msg: str | None = None, pos: int | None = None) -> None:
        tenth = 10 * self.n // max(1, self.total)
        if tenth > getattr(self, "shown", 0) or self.n == 0 == getattr(self, "shown", 0):
            self.shown = tenth
            self.fp.write(f"{self}\n")
            self.fp.flush()

    def close(self) -> None:
        if not self.disable:
            self.display()
            self.disable = True
            self._decr_instances(self)
