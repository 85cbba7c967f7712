"""A run that is broken off and resumed gives the numbers of one that was not."""

import os
import shutil
import signal

import pytest
import torch
from torch import nn
from torch.optim.optimizer import register_optimizer_step_pre_hook

from labtools.training import fit
from labtools.training.run import uninterrupted

STEPS = 23


def new_model(width=7):
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Linear(3, width), nn.BatchNorm1d(width), nn.Dropout(0.5), nn.Linear(width, 1)
    )


def new_batches(seed=4):
    generator = torch.Generator().manual_seed(seed)
    while True:
        x = torch.randn(5, 3, generator=generator)
        yield x, x.sum(1, keepdim=True)


def loss(model, batch):
    return (model(batch[0]) - batch[1]).pow(2).mean()


def failing_at(step, what):
    """The loss, and what happens at one of its calls, counted from 0."""
    calls = iter(range(10**6))

    def failing(model, batch):
        value = loss(model, batch)
        if next(calls) == step:
            what()
        return value

    return failing


def press_ctrl_c():
    signal.raise_signal(signal.SIGINT)


def run(path=None, model=None, batches=None, loss=loss, **changed):
    model = new_model() if model is None else model
    options = {"steps": STEPS, "warmup": 3, "seed": 8, "checkpoint_every": 5, **changed}
    batches = new_batches() if batches is None else batches
    return model, fit(model, batches, loss, checkpoint=path, **options)


def same(one, other):
    (model, history), (model_2, history_2) = one, other
    assert history.losses == history_2.losses
    assert history.learning_rates == history_2.learning_rates
    assert history.gradient_norms == history_2.gradient_norms
    for name, value in model.state_dict().items():
        assert torch.equal(value, model_2.state_dict()[name]), name


@pytest.fixture
def whole(capsys):
    return run()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.pt"


def test_a_checkpoint_changes_no_number(whole, path):
    same(run(path), whole)


def test_a_run_that_is_killed_resumes_from_its_last_checkpoint(whole, path, tmp_path):
    copied = tmp_path / "copy.pt"
    run(path, loss=failing_at(17, lambda: shutil.copy(path, copied)))
    assert len(torch.load(copied, weights_only=True)["history"]["losses"]) == 15
    same(run(copied), whole)


def test_ctrl_c_in_a_forward_pass_loses_no_step(whole, path):
    model = new_model()
    with pytest.raises(KeyboardInterrupt):
        run(path, model, loss=failing_at(12, press_ctrl_c))
    saved = torch.load(path, weights_only=True)
    assert len(saved["history"]["losses"]) == 12
    assert not saved["complete"]
    assert not model.training
    same(run(path), whole)


def test_ctrl_c_in_an_update_waits_until_the_update_is_made(whole, path):
    pressed = []

    def press(optimizer, args, kwargs):
        pressed.append(None)
        if len(pressed) == 8:
            press_ctrl_c()

    handle = register_optimizer_step_pre_hook(press)
    try:
        with pytest.raises(KeyboardInterrupt):
            run(path)
    finally:
        handle.remove()
    assert len(torch.load(path, weights_only=True)["history"]["losses"]) == 8
    same(run(path), whole)


def test_ctrl_c_is_held_back():
    reached = []
    with pytest.raises(KeyboardInterrupt), uninterrupted():  # noqa: PT012
        press_ctrl_c()
        reached.append(1)
    assert reached == [1]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_error_of_the_loss_loses_no_step(whole, path):
    with pytest.raises(ZeroDivisionError):
        run(path, loss=failing_at(9, lambda: 1 / 0))
    same(run(path), whole)


def test_without_a_seed_the_caller_s_random_state_goes_on_too(path, capsys):
    model = new_model()
    torch.manual_seed(3)
    whole = run(model=model, seed=None)
    after = torch.rand(2)
    model = new_model()
    torch.manual_seed(3)
    with pytest.raises(KeyboardInterrupt):
        run(path, model, loss=failing_at(12, press_ctrl_c), seed=None)
    torch.manual_seed(99)
    same(run(path, seed=None), whole)
    assert torch.equal(torch.rand(2), after)


def test_a_complete_run_returns_at_once(whole, path, capsys):
    run(path)
    capsys.readouterr()
    written = path.read_bytes()
    assert torch.load(path, weights_only=True)["complete"]
    model, history = run(path, batches=iter([]), loss=lambda model, batch: 1 / 0)
    same((model, history), whole)
    assert not model.training
    assert history.seconds > 0
    assert path.read_bytes() == written
    assert capsys.readouterr() == ("", "")


def test_a_run_that_stopped_at_the_floor_is_complete(path, capsys):
    options = {"steps": 99, "floor": 1e6, "stop_at": 1.0}
    first = run(path, **options)
    assert len(first[1]) == 50
    same(run(path, batches=iter([]), **options), first)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"lr": 0.1}, "expected a run with lr = 0.1, got one with lr = 0.003"),
        ({"steps": 40}, "expected a run with steps = 40, got one with steps = 23"),
        ({"seed": None}, "expected a run with seed = None, got one with seed = 8"),
        (
            {"model": new_model(11)},
            r"0.weight = float32 \(11, 3\), got one with 0.weight = float32 \(7, 3\)",
        ),
        (
            {"model": nn.Linear(3, 1)},
            r"weight = float32 \(1, 3\), got one with weight = nothing",
        ),
        ({"batches": new_batches(5)}, "expected the same batches from their start, got another"),
        ({"batches": iter([])}, "batches: expected at least steps = 23, got 0"),
    ],
)
def test_the_checkpoint_of_another_run_is_refused(changed, message, path, capsys):
    with pytest.raises(KeyboardInterrupt):
        run(path, loss=failing_at(12, press_ctrl_c))
    written, model = path.read_bytes(), changed.pop("model", None) or new_model()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    with pytest.raises(ValueError, match=message):
        run(path, model, **changed)
    assert path.read_bytes() == written
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


def test_a_checkpoint_with_other_frozen_parameters_is_refused(path, capsys):
    run(path)
    model = new_model()
    model[0].weight.requires_grad_(False)
    with pytest.raises(ValueError, match=r"run with trained = \['0.bias'.*trained = \['0.weight'"):
        run(path, model)


def damages():
    def cut(data):
        return data[: len(data) // 2]

    def flip(data):
        where = data.index(b"PK", 1500)  # in the numbers of a weight or of a moment
        return data[: where - 70] + bytes([data[where - 70] ^ 255]) + data[where - 69 :]

    return {"cut": cut, "flipped": flip, "empty": lambda data: b"", "text": lambda data: b"hello"}


@pytest.mark.parametrize("damage", damages())
def test_a_damaged_checkpoint_is_refused_and_kept(damage, path, capsys):
    run(path)
    damaged = damages()[damage](path.read_bytes())
    path.write_bytes(damaged)
    with pytest.raises(
        ValueError, match=r"checkpoint: expected a file written by fit, got .*run\.pt"
    ):
        run(path)
    assert path.read_bytes() == damaged


def test_a_file_of_something_else_is_refused_and_runs_no_code(path, capsys):
    torch.save(new_model().state_dict(), path)
    with pytest.raises(ValueError, match="its format is not"):
        run(path)

    class Code:
        def __reduce__(self):
            return os.remove, (str(path),)

    torch.save(Code(), path)
    with pytest.raises(ValueError, match="UnpicklingError"):
        run(path)
    assert path.exists()


def test_writing_that_fails_leaves_the_old_checkpoint(path, monkeypatch, capsys):
    with pytest.raises(KeyboardInterrupt):
        run(path, loss=failing_at(7, press_ctrl_c))
    written = path.read_bytes()

    def full(content, file):
        file.write(b"half of it")
        raise OSError("no space left")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(OSError, match="no space left"):
        run(path)
    assert path.read_bytes() == written
