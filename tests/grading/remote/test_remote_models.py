"""A model is asked from the box, and stays where it is."""

import pytest
import torch
from stand_in_box import peer_of

from labtools.checks import calling
from labtools.checks.toy_model import ToyModel
from labtools.grading.remote import BoxLost
from labtools.model import ModelConfig


def asked(model, ids, mask):
    was, device = model.training, next(model.parameters()).device
    same = model.eval() is model
    logits = model(ids, attn_mask=mask)
    logits[:, -1] = 0  # its own copy
    model.train(was)
    return device, same, logits, repr(model)


def attribute(model, name):
    return getattr(model, name)


def told_of(config):
    return config.d_model


def kept(model):
    global forever
    forever = model


def kept_used():
    return forever(torch.ones(1))


def swallows(model):
    try:
        model(1, 2, 3)
    except TypeError as error:
        return f"{type(error).__name__}: {error}"


def quietly(model):
    with torch.no_grad():
        return model()


def endlessly(model):
    while True:
        model()


FUNCTIONS = [asked, attribute, told_of, kept, kept_used, swallows, quietly, endlessly]


@pytest.fixture
def box():
    names = {f.__name__: f for f in FUNCTIONS}
    with peer_of(**names) as peer:
        yield peer.bind([*names])


def test_a_model_is_used_as_if_it_were_there(box):
    model, ids = ToyModel(11, seed=3), torch.tensor([[1, 4, 2, 9]])
    mask = torch.ones(4, 4, dtype=torch.bool).tril()
    device, same, logits, text = box["asked"](model, ids, mask)
    wanted = model(ids, mask)
    wanted[:, -1] = 0
    assert logits.equal(wanted)
    assert (device, same, text) == (torch.device("cpu"), True, "a toy model")


def test_a_model_can_be_switched_and_is_in_place(box):
    model = torch.nn.Dropout().train()
    assert box["attribute"](model, "training") is True
    box["attribute"](model, "eval")
    assert model.training
    assert box["attribute"](model.eval(), "training") is False


@pytest.mark.parametrize("name", ["logits", "scramble", "end", "_x", "load_state_dict", "missing"])
def test_no_more_of_a_model_is_told_than_is_needed(box, name):
    model = ToyModel(11, seed=3)
    with pytest.raises(AttributeError, match=name):
        box["attribute"](model, name)


def test_a_config_may_be_asked(box):
    assert box["told_of"](ModelConfig(11, context_len=8, d_model=16, n_heads=2)) == 16


def test_errors_of_a_model_can_be_caught_there(box):
    assert box["swallows"](torch.nn.Linear(2, 3)).startswith("TypeError: ")


def test_a_model_is_lent_for_one_call_alone(box):
    box["kept"](torch.nn.Linear(1, 1))
    with pytest.raises(BoxLost, match="lent"):
        box["kept_used"]()


def test_gradients_are_recorded_as_there(box):
    found = []
    box["quietly"](lambda: found.append(torch.is_grad_enabled()))
    assert found == [False]
    assert torch.is_grad_enabled()


def test_random_numbers_of_a_model_are_those_of_one_process():
    def noisy(model):
        return [torch.rand(2), model(), torch.rand(2), model()]

    def model():
        return torch.rand(3)

    state = torch.get_rng_state()
    with peer_of(noisy=noisy) as peer:
        torch.manual_seed(5)
        there = peer.bind(["noisy"])["noisy"](model)
    torch.manual_seed(5)
    assert all(x.equal(y) for x, y in zip(noisy(model), there, strict=True))
    torch.set_rng_state(state)


def test_a_loop_around_a_model_is_stopped(box):
    outcome = calling.call(box["endlessly"], (lambda: 1,), cpu_seconds=0.2)
    assert isinstance(outcome.error, TimeoutError)
    assert str(outcome.error) == "it was stopped after 0.2 seconds of computing"
    assert box["quietly"](lambda: 3) == 3  # and the box goes on
