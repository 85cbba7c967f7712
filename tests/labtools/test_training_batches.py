"""Batches of every container that holds tensors."""

from collections import OrderedDict, UserDict, namedtuple
from dataclasses import dataclass

import pytest
import torch
from torch import nn

from labtools.training import fit
from labtools.training.batches import digest, tensors_of, to_device

Pair = namedtuple("Pair", "x y")


@dataclass(frozen=True)
class Frozen:
    x: torch.Tensor
    note: str


X, Y = torch.arange(6.0).view(2, 3), torch.tensor([7, 8])
NESTS = {
    "tensor": (X, ["batch"]),
    "tuple": ((X, Y), ["batch[0]", "batch[1]"]),
    "list": ([X, 3, [Y]], ["batch[0]", "batch[2][0]"]),
    "named": (Pair(X, Y), ["batch[0]", "batch[1]"]),
    "dict": ({"x": X, "n": None}, ["batch['x']"]),
    "ordered": (OrderedDict(x=X, y=(Y,)), ["batch['x']", "batch['y'][0]"]),
    "user": (UserDict(x=X), ["batch['x']"]),
    "dataclass": (Frozen(X, "a"), ["batch.x"]),
    "other": ("text", []),
}


@pytest.mark.parametrize("kind", NESTS)
def test_every_tensor_is_named_and_moved(kind):
    batch, names = NESTS[kind]
    assert [name for name, _ in tensors_of(batch)] == names
    # meta has no numbers, but it is another device
    moved = to_device(batch, torch.device("meta"))
    assert type(moved) is type(batch)
    assert [t.device.type for _, t in tensors_of(moved)] == ["meta"] * len(names)
    assert all(t.device.type == "cpu" for _, t in tensors_of(batch))


def test_what_is_no_tensor_is_kept():
    moved = to_device({"a": Frozen(X, "kept"), "b": [3, None]}, torch.device("cpu"))
    assert moved["a"].note == "kept"
    assert moved["b"] == [3, None]
    assert moved["a"].x is X


def test_the_digest_tells_batches_apart():
    digests = [
        digest(batch)
        for batch in (X, X + 1, X.view(3, 2), X.double(), (X,), (X, Y), {"x": X}, X.bfloat16())
    ]
    assert len(set(digests)) == len(digests)
    assert digest(X.T) == digest(X.T.contiguous())
    assert digest((X, torch.tensor(1.5), torch.tensor([True]))) == digest(
        (X.clone(), torch.tensor(1.5), torch.tensor([True]))
    )


def test_the_loss_gets_the_batch_as_it_is_in_kind(capsys):
    got = []

    def loss(model, batch):
        got.append(batch)
        return model(batch.x).sum()

    fit(nn.Linear(3, 1), [Frozen(X, "first"), Pair(X, Y)], loss, steps=2, device="cpu")
    assert [type(batch) for batch in got] == [Frozen, Pair]


def test_the_model_s_device_is_the_batches_device_too():
    class Elsewhere(nn.Linear):
        pass

    with torch.device("meta"):
        model = Elsewhere(3, 1)
    devices = []

    def loss(model, batch):
        devices.append(batch.device.type)
        raise StopAsyncIteration

    with pytest.raises(StopAsyncIteration):
        fit(model, [X], loss, steps=1)
    assert devices == ["meta"]
