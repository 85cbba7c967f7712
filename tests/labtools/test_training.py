"""The training loop and its progress bar."""

import io
import math
import sys

import pytest
import torch
from torch import nn

from labtools.training import History, fit, progress
from labtools.training.settings import SMOOTHED


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


def with_dropout():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 7), nn.Dropout(0.5), nn.Linear(7, 1))


def dropout_run(caller_seed, seed=None):
    """The losses, and what the caller draws next."""
    model, (_, batches) = with_dropout(), problem()
    torch.manual_seed(caller_seed)
    losses = fit(model, batches, loss, steps=12, seed=seed).losses
    return losses, torch.rand(4).tolist()


def test_the_seed_decides_what_dropout_draws_and_the_caller_s_draws_stay(capsys):
    torch.manual_seed(1)
    untouched = torch.rand(4).tolist()
    (one, drawn), (same, _), (other, _) = (dropout_run(c, s) for c, s in ((1, 5), (2, 5), (1, 6)))
    assert one == same != other
    assert drawn == untouched


def test_without_a_seed_the_caller_s_draws_are_used(capsys):
    assert dropout_run(1) == dropout_run(1)
    assert dropout_run(1)[0] != dropout_run(2)[0]


def test_the_learning_rate_warms_up_and_decays_along_a_cosine(capsys):
    model, batches = problem()
    history = fit(model, batches, loss, steps=11, warmup=3, lr=0.4)
    expected = [0.1, 0.2, 0.3]
    expected += [0.2 * (1 + math.cos(math.pi * i / 8)) for i in range(8)]
    assert history.learning_rates == pytest.approx(expected)


def test_the_steps_are_those_of_adamw_written_out(capsys):
    model, source = problem()
    batches, mine = [next(source) for _ in range(7)], nn.Linear(3, 1)
    mine.load_state_dict(model.state_dict())
    history = fit(model, batches, loss, steps=7, warmup=2, lr=0.1, weight_decay=0.3, clip=0.5)
    moments = {p: (torch.zeros_like(p), torch.zeros_like(p)) for p in mine.parameters()}
    for i, batch in enumerate(batches):
        gradients = torch.autograd.grad(loss(mine, batch), list(mine.parameters()))
        norm = sum(g.pow(2).sum() for g in gradients).sqrt().item()
        assert history.gradient_norms[i] == pytest.approx(norm, rel=1e-4)
        for p, g in zip(mine.parameters(), gradients, strict=True):
            m, v = moments[p]
            g = g * min(1.0, 0.5 / (norm + 1e-6))
            m.mul_(0.9).add_(0.1 * g)
            v.mul_(0.95).add_(0.05 * g * g)
            rate, n = history.learning_rates[i], i + 1
            update = m / (1 - 0.9**n) / ((v / (1 - 0.95**n)).sqrt() + 1e-8)
            p.data = p * (1 - rate * 0.3) - rate * update
    for p, q in zip(model.parameters(), mine.parameters(), strict=True):
        torch.testing.assert_close(p, q)


def test_clipping_clips_what_is_larger_and_only_that(capsys):
    norms = {}
    for clip in (0.01, math.inf):
        model, batches = problem()
        history = fit(model, batches, loss, steps=1, clip=clip)
        left = torch.cat([p.grad.flatten() for p in model.parameters()]).norm().item()
        norms[clip] = history.gradient_norms[0], left
    assert norms[0.01][0] == norms[math.inf][0] > 0.1
    assert norms[0.01][1] == pytest.approx(0.01, rel=1e-3)
    assert norms[math.inf][1] == pytest.approx(norms[math.inf][0])


def test_parameters_that_need_no_gradient_stay(capsys):
    model, batches = problem()
    model.bias.requires_grad_(False)
    bias, weight = model.bias.clone(), model.weight.clone()
    fit(model, batches, loss, steps=2)
    assert torch.equal(model.bias, bias)
    assert not torch.equal(model.weight, weight)


def test_it_stops_at_the_floor_on_request(capsys):
    def noisy(model, batch):
        return loss(model, batch) + 2.0

    model, batches = problem()
    options = {"steps": 500, "lr": 0.05, "weight_decay": 0.0, "floor": 2.0}
    history = fit(model, batches, noisy, stop_at=1.05, **options)
    assert SMOOTHED < len(history) < 500
    assert history.last(SMOOTHED) <= 2.1
    assert sum(history[-SMOOTHED - 1 : -1]) / SMOOTHED > 2.1
    assert "close enough" in capsys.readouterr().out.splitlines()[-1]
    assert len(fit(*problem(), noisy, **options)) == 500


def test_it_does_not_stop_before_the_mean_is_one_of_enough_steps(capsys):
    model, batches = problem()
    history = fit(model, batches, loss, steps=60, floor=1e6, stop_at=1.0)
    assert len(history) == SMOOTHED


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


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"steps": 0}, "steps: expected an int of at least 1, got 0"),
        ({"steps": 3, "lr": -1}, "lr: expected a value from 0 to 1, got -1"),
        ({"steps": 3, "lr": math.nan}, "lr: expected a value from 0 to 1, got nan"),
        ({"steps": 3, "lr": "0.1"}, "lr: expected a number, got '0.1'"),
        ({"steps": 3, "warmup": 2.5}, "warmup: expected an int, got 2.5"),
        ({"steps": 3, "weight_decay": -0.1}, "weight_decay: expected a finite value of at least 0"),
        ({"steps": 3, "clip": 0}, "clip: expected a norm above 0"),
        ({"steps": 3, "floor": math.inf}, "floor: expected a finite loss in nats, got inf"),
        ({"steps": 3, "seed": -1}, "seed: expected an int of at least 0, got -1"),
        ({"steps": 3, "seed": 0.5}, "seed: expected an int, got 0.5"),
        ({"steps": 3, "stop_at": 1.1}, "stop_at: expected a floor above 0 beside it, got None"),
        ({"steps": 3, "stop_at": 0.9, "floor": 2.0}, "stop_at: expected a ratio .* at least 1"),
        ({"steps": 3, "device": "nowhere"}, "device: expected one of this machine.*'nowhere'"),
        ({"steps": 3, "device": "meta"}, "device: expected one of this machine.*'meta'"),
        ({"steps": 3, "checkpoint": 7}, "checkpoint: expected a path, got int"),
        ({"steps": 3, "checkpoint": "/"}, "checkpoint: expected a file in a directory"),
        ({"steps": 3, "checkpoint_every": 0}, "checkpoint_every: expected an int of at least 1"),
        ({"steps": 3, "title": 3}, "title: expected a str, got int"),
    ],
)
def test_wrong_arguments_are_refused(arguments, message):
    with pytest.raises((TypeError, ValueError), match=message):
        fit(*problem(), loss, **arguments)


@pytest.mark.parametrize(
    ("position", "value", "message"),
    [
        (0, "a model", "model: expected a torch.nn.Module, got str"),
        (0, nn.Tanh(), "model: expected a parameter that requires a gradient, got none"),
        (1, 3, "batches: expected an iterable of batches, got int"),
        (1, {"x": torch.ones(3)}, "batches: expected an iterable of batches, got dict"),
        (1, [], "batches: expected at least steps = 2, got 0"),
        (2, 0.5, "loss: expected a function of model and batch, got float"),
        (2, lambda model, batch: 0.5, "loss: expected a scalar tensor, got float"),
        (2, lambda model, batch: torch.ones(()), "expected one that depends on the model's"),
        (
            2,
            lambda model, batch: torch.ones((), requires_grad=True),
            "expected one that depends on the model's",
        ),
    ],
)
def test_what_cannot_be_trained_is_refused(position, value, message, capsys):
    arguments = [*problem(), loss]
    arguments[position] = value
    with pytest.raises((TypeError, ValueError), match=message):
        fit(*arguments, steps=2)


def test_too_few_batches_is_an_error(capsys):
    model, batches = problem()
    with pytest.raises(ValueError, match="batches: expected at least steps = 5, got 2"):
        fit(model, [next(batches), next(batches)], loss, steps=5)


def test_a_loss_that_is_no_scalar_is_refused(capsys):
    with pytest.raises(ValueError, match=r"loss: expected a scalar tensor, got \(16, 1\)"):
        fit(*problem(), lambda model, batch: model(batch[0]), steps=1)


def test_last_is_the_mean_of_the_tail():
    assert History([4.0, 1.0, 3.0]).last(2) == 2.0


def test_last_of_nothing_is_an_error():
    with pytest.raises(ValueError, match="last: expected a history of at least one step"):
        History().last()
    with pytest.raises(ValueError, match="n: expected an int of at least 1, got 0"):
        History([4.0]).last(0)


def test_a_history_is_a_sequence_of_losses_that_a_plot_takes(capsys):
    history = fit(*problem(), loss, steps=5)
    assert list(history) == history.losses
    assert torch.as_tensor(history).tolist() == pytest.approx(history.losses)
    assert history[-2:] == history.losses[3:]


def test_a_model_is_left_in_evaluation_mode_whatever_happens(capsys):
    model, batches = problem()

    def interrupted(model, batch):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(model, batches, interrupted, steps=3)
    assert not model.training
