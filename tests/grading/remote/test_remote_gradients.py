"""Gradients flow through a function in a box."""

import gc

import pytest
import torch
from stand_in_box import peer_of

from labtools.checks import calling


def product(x, y):
    return x * y, (x + y).sum()


def itself(x):
    return x


def detached(x):
    return x.detach() * 2


def unused(x):
    return torch.zeros(2, requires_grad=True) + 1


def in_place(x):
    x[:, 0] = 0
    return {"all": [x * 3]}


def mixed(x):
    return x.argmax(-1), x.exp()


class Wrong(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        raise ZeroDivisionError("in its backward")


def wrong(x):
    return Wrong.apply(x)


def of_model(model, x):
    return model(x).square()


def without(model, x):
    with torch.no_grad():
        return model(x)


def changed_logits(model, x):
    logits = model(x)
    logits[:, 0] = 0
    return logits.sum()


FUNCTIONS = [product, itself, detached, unused, in_place, mixed, wrong]
FUNCTIONS += [of_model, without, changed_logits]


@pytest.fixture(scope="module")
def box():
    names = {f.__name__: f for f in FUNCTIONS}
    with peer_of(**names) as peer:
        yield peer.bind([*names])


def leaf(*shape, seed=1):
    made = torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return made.requires_grad_()


def test_gradients_are_those_of_one_process(box):
    found = []
    for function in (product, box["product"]):
        x, y = leaf(2, 3), leaf(3, seed=2)
        matrix, number = function(2 * x, y)
        (matrix.sin().sum() + number**2).backward()
        found.append((x.grad, y.grad))
    for mine, its in zip(*found, strict=True):
        assert its.equal(mine)


def test_only_what_is_asked_for_has_a_gradient(box):
    x, y = leaf(2, 3), torch.ones(3, dtype=torch.float64)
    matrix, number = box["product"](x, y)
    assert number.requires_grad
    (grad,) = torch.autograd.grad(number, x, retain_graph=True)
    assert grad.equal(torch.ones(2, 3, dtype=torch.float64))
    assert torch.autograd.grad(matrix.sum(), x)[0].equal(y.expand(2, 3))
    assert y.grad is None


def test_no_gradient_where_there_is_none(box):
    x = leaf(3)
    assert not box["detached"](x).requires_grad
    with torch.no_grad():
        assert not box["itself"](x * 2).requires_grad
    found = box["unused"](x)
    assert found.requires_grad
    assert torch.autograd.grad(found.sum(), x, allow_unused=True) == (None,)
    ids, values = box["mixed"](leaf(2, 3))
    assert (ids.requires_grad, values.requires_grad) == (False, True)
    assert not box["itself"](torch.ones(2)).requires_grad


def test_an_argument_that_is_returned_is_its_memory_and_has_its_gradient(box):
    x = leaf(3)
    got = box["itself"](x)
    assert got.data_ptr() == x.data_ptr()
    assert torch.autograd.grad(got.sum(), x)[0].tolist() == [1, 1, 1]


def test_changes_in_place(box):
    x = leaf(2, 3)
    inner = x * 1
    got = box["in_place"](inner)["all"][0]
    assert inner[:, 0].tolist() == [0, 0]
    assert torch.autograd.grad(got.sum(), x)[0].tolist() == [[0, 3, 3]] * 2
    with pytest.raises(RuntimeError, match="leaf Variable that requires grad"):
        box["in_place"](leaf(2, 3))


def test_a_result_can_be_changed_in_place(box):
    x = leaf(2, 3)
    got, _ = box["product"](x, x)
    got += 1
    got[0] = 0
    assert torch.autograd.grad(got.sum(), x)[0][0].tolist() == [0, 0, 0]


def test_an_error_in_its_backward_is_raised_here(box):
    x = leaf(3)
    with pytest.raises(ZeroDivisionError, match="in its backward") as caught:
        box["wrong"](x).sum().backward()
    line = calling.raised_at(caught.value, calling.written_in(box["wrong"]))
    assert line.endswith('raise ZeroDivisionError("in its backward")')
    assert box["itself"](x).equal(x)


def test_through_a_model_that_is_lent(box):
    torch.manual_seed(1)
    model, x = torch.nn.Linear(3, 2), torch.ones(5, 3)
    weights = [*model.parameters()]
    for name, mine in (("of_model", of_model), ("changed_logits", changed_logits)):
        wanted = torch.autograd.grad(mine(model, x).sum(), weights)
        for got, its in zip(
            torch.autograd.grad(box[name](model, x).sum(), weights), wanted, strict=True
        ):
            assert got.equal(its)
    assert not box["without"](model, x).requires_grad


def test_graphs_are_let_go(box):
    calls = box["itself"]._calls
    gc.collect()
    box["itself"](1)
    results = [box["itself"](leaf(2)) for _ in range(3)]
    box["itself"](1)
    assert calls._released == []
    del results
    gc.collect()
    assert len(calls._released) == 3
    box["itself"](1)
    assert calls._released == []


def test_a_second_derivative_is_refused(box):
    x = leaf(3)
    (grad,) = torch.autograd.grad(box["product"](x, x)[0].sum(), x, create_graph=True)
    with pytest.raises(RuntimeError, match=r"differentiate twice|does not require grad"):
        torch.autograd.grad(grad.sum(), x)
