"""The training loop and its progress bar."""

import io
import sys

import pytest
import torch
from torch import nn

from labtools.training import History, fit, progress


def problem(seed=1):
    """A linear model and batches of a linear relation."""
    torch.manual_seed(seed)
    model, generator = nn.Linear(3, 1), torch.Generator().manual_seed(seed)

    def batches():
        while True:
            x = torch.randn(16, 3, generator=generator)
            yield x, x @ torch.tensor([[1.0], [-2.0], [0.5]]) + 1

    return model, batches()


def loss(model, batch):
    x, y = batch
    return (model(x) - y).pow(2).mean()


def test_it_learns(capsys):
    model, batches = problem()
    history = fit(model, batches, loss, steps=400, lr=0.05, weight_decay=0.0)
    assert history.last(20) < 1e-3 < history.losses[0]
    assert len(history.losses) == 400
    assert history.seconds > 0
    assert not model.training


def test_the_same_seed_gives_the_same_numbers(capsys):
    runs = [fit(*problem(3), loss, steps=30).losses for _ in range(2)]
    assert runs[0] == runs[1]
    assert runs[0] != fit(*problem(4), loss, steps=30).losses


def test_a_log_gets_a_line_for_every_tenth_and_nothing_on_stderr(capsys):
    fit(*problem(), loss, steps=50, floor=0.25, title="a run")
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert err == ""
    assert 2 <= len(lines) <= 12
    assert "\r" not in out
    assert "a run: 100%" in lines[-1]
    assert "floor 0.250" in lines[-1]


def test_a_terminal_gets_a_bar(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    with progress(3, "work") as bar:
        bar.update(3)
    assert "work: 100%" in terminal.getvalue()
    assert "\r" in terminal.getvalue()


def test_not_finite_is_an_error_that_says_when():
    model, batches = problem()

    def broken(model, batch):
        value = loss(model, batch)
        return value * float("nan") if broken.calls == 3 else value

    broken.calls = 0

    def counted(model, batch):
        value = broken(model, batch)
        broken.calls += 1
        return value

    with pytest.raises(FloatingPointError, match="the loss is nan at step 3"):
        fit(model, batches, counted, steps=10)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"steps": 0}, "steps: expected an int of at least 1, got 0"),
        ({"steps": 3, "lr": -1}, "lr: expected a value from 0 to 1, got -1"),
        ({"steps": 3, "warmup": 2.5}, "warmup: expected an int, got 2.5"),
    ],
)
def test_wrong_arguments_are_refused(arguments, message):
    with pytest.raises((TypeError, ValueError), match=message):
        fit(*problem(), loss, **arguments)


def test_too_few_batches_is_an_error(capsys):
    model, batches = problem()
    with pytest.raises(ValueError, match="batches: expected at least steps = 5, got 2"):
        fit(model, [next(batches), next(batches)], loss, steps=5)


def test_a_loss_that_is_no_scalar_is_refused(capsys):
    with pytest.raises(ValueError, match=r"loss: expected a scalar tensor, got \(16, 1\)"):
        fit(*problem(), lambda model, batch: model(batch[0]), steps=1)


def test_last_is_the_mean_of_the_tail():
    assert History([4.0, 1.0, 3.0]).last(2) == 2.0
