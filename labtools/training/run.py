"""A run: its steps, and its state between two of them."""

import math
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from labtools.training import checkpoint
from labtools.training.bar import progress
from labtools.training.batches import digest, to_device
from labtools.training.history import History
from labtools.training.nonfinite import Loss, NonFiniteError, explain
from labtools.training.randomness import Moment, rng_state, set_rng_state
from labtools.training.settings import SMOOTHED, Settings


class Run:
    """The state that ``fit`` works on.

    Between two steps all of it belongs together: the weights, the optimizer, the history, the
    digest of the last batch, and the moment ``rested``. Whatever interrupts a step leaves it so.
    """

    def __init__(self, model: nn.Module, loss: Loss, settings: Settings, path: Path | None) -> None:
        self.model, self.loss, self.settings, self.path = model, loss, settings, path
        self.parameters = [p for p in model.parameters() if p.requires_grad]
        self.device = self.parameters[0].device
        self.optimizer = _adamw(self.parameters, settings)
        self.history = History()
        self.last_batch = ""
        self.steps_on_disk = 0
        self.torn = False

    def start(self, source: Iterator[Any]) -> None:
        """Go on from the checkpoint, if there is one; nothing is changed unless all of it fits."""
        self.source = source
        if self.path and self.path.exists():
            saved = checkpoint.read(self.path)
            saved.refuse_another(self.settings.compared(), self.model)
            if not saved.complete:
                self._pass_over(saved)
            self._take_over(saved)
        self.rested = Moment.now(self.model, self.device)

    def _pass_over(self, saved: checkpoint.Checkpoint) -> None:
        batch = None
        for step in range(saved.steps):
            batch = self._draw(step)
        if digest(batch) != saved.last_batch:
            raise ValueError(
                "checkpoint: expected the same batches from their start, got another batch "
                f"{saved.steps - 1}. Let them draw from a generator of their own, made anew for "
                "every call"
            )

    def _take_over(self, saved: checkpoint.Checkpoint) -> None:
        self.model.load_state_dict(saved.model)
        self.optimizer.load_state_dict(saved.optimizer)
        set_rng_state(saved.rng, self.device)
        self.history = saved.restored_history()
        self.last_batch, self.steps_on_disk = saved.last_batch, saved.steps

    @property
    def complete(self) -> bool:
        """Whether all steps are made or the floor is reached."""
        return len(self.history) >= self.settings.steps or self._at_the_floor()

    def _at_the_floor(self) -> bool:
        floor, stop_at = self.settings.floor, self.settings.stop_at
        if floor is None or stop_at is None or len(self.history) < SMOOTHED:
            return False
        return self.history.last(SMOOTHED) <= stop_at * floor

    def train(self, title: str, checkpoint_every: int) -> None:
        """Make the steps that are left, and write what was reached however it ends."""
        start = time.perf_counter() - self.history.seconds
        self.model.train()
        try:
            if self.complete:
                return
            with progress(self.settings.steps, title, len(self.history)) as bar:
                while not self.complete:
                    self._step()
                    self.history.seconds = time.perf_counter() - start
                    bar.set_postfix_str(self._state(), refresh=False)
                    bar.update()
                    if len(self.history) % checkpoint_every == 0:
                        self._write()
        finally:
            self.model.eval()
            if not self.torn:
                self.rested.restore()
                self._write()

    def _step(self) -> None:
        step = len(self.history)
        batch = self._draw(step)
        mark = digest(batch) if self.path else ""
        batch = to_device(batch, self.device)
        before = replace(self.rested, rng=rng_state(self.device))
        value, norm = self._backward(batch)
        numbers = value.item(), norm.item()
        if not all(map(math.isfinite, numbers)):
            raise self._error(step, batch, before, *numbers)
        nn.utils.clip_grads_with_norm_(self.parameters, self.settings.clip, norm)
        with uninterrupted():
            self._update(mark, *numbers)

    def _draw(self, step: int) -> Any:
        try:
            return next(self.source)
        except StopIteration:
            steps = self.settings.steps
            raise ValueError(f"batches: expected at least steps = {steps}, got {step}") from None

    def _backward(self, batch: Any) -> tuple[Tensor, Tensor]:
        value = self.loss(self.model, batch)
        if not isinstance(value, Tensor) or value.ndim:
            got = tuple(value.shape) if isinstance(value, Tensor) else type(value).__name__
            raise ValueError(f"loss: expected a scalar tensor, got {got}")
        self.optimizer.zero_grad()
        if value.requires_grad:
            value.backward()
        gradients = [p.grad for p in self.parameters if p.grad is not None]
        if not gradients:
            raise ValueError(
                "loss: expected one that depends on the model's parameters, got one without a "
                "gradient in them (a constant, detached, or made under no_grad)"
            )
        return value.detach(), nn.utils.get_total_norm(gradients)

    def _error(
        self, step: int, batch: Any, before: Moment, value: float, norm: float
    ) -> NonFiniteError:
        what = "the gradient's norm" if math.isfinite(value) else "the loss"
        number = norm if math.isfinite(value) else value
        why = explain(self.model, self.loss, batch, before, value)
        return NonFiniteError(
            f"{what} is {number} at step {step}, counted from 0: {why}. The step was not made; "
            "this error has its batch, and the history (error.batch, error.history)",
            step=step,
            batch=batch,
            history=self.history,
        )

    def _update(self, mark: str, value: float, norm: float) -> None:
        self.torn = True
        rate = self.settings.learning_rate(len(self.history))
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.step()
        self.history.losses.append(value)
        self.history.learning_rates.append(rate)
        self.history.gradient_norms.append(norm)
        self.last_batch = mark
        self.rested = Moment.now(self.model, self.device)
        self.torn = False

    def _write(self) -> None:
        if self.path is None or self.steps_on_disk == len(self.history):
            return
        saved = checkpoint.Checkpoint(
            settings=self.settings.compared(),
            model=self.model.state_dict(),
            trained=checkpoint.trained(self.model),
            optimizer=self.optimizer.state_dict(),
            history=checkpoint.columns(self.history),
            rng=self.rested.rng,
            last_batch=self.last_batch,
            complete=self.complete,
        )
        checkpoint.write(saved, self.path)
        self.steps_on_disk = len(self.history)

    def _state(self) -> str:
        floor, text = self.settings.floor, f"loss {self.history.last(20):.3f}"
        text += "" if floor is None else f", floor {floor:.3f}"
        return text + (", close enough" if self._at_the_floor() else "")


def _adamw(parameters: list[nn.Parameter], settings: Settings) -> torch.optim.AdamW:
    options: dict[str, Any] = {"betas": (0.9, 0.95), "weight_decay": settings.weight_decay}
    try:
        # one kernel for all parameters, where the device has it
        return torch.optim.AdamW(parameters, lr=settings.lr, fused=True, **options)
    except RuntimeError:
        return torch.optim.AdamW(parameters, lr=settings.lr, **options)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold Ctrl-C back until the block is done.

    Only the main thread gets it, and only a handler of Python's can be held back.
    """
    held: list[int] = []
    handler = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(handler):
        yield
        return
    signal.signal(signal.SIGINT, lambda number, frame: held.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        if held:
            signal.raise_signal(signal.SIGINT)
