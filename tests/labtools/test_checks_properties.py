"""The ready-made properties: each lets a right function pass and says where a wrong one fails."""

import functools
import inspect

import pytest
import torch

from labtools.checks import Case, Spec, SpecError, Words, diagnose, properties

WORDS = Words("the property does not hold", "Because.", "chapter 0")


def floats(*shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(5))


def failing(prop, function, oracle=None):
    """The diagnosis of a function whose single results are all right: but for the property's
    calls it returns 0."""
    n = len(inspect.signature(function).parameters)

    def right_in_the_case(f):
        @functools.wraps(f)
        def either(*args, **kwargs):
            return 0 if args == CASE[:n] else f(*args, **kwargs)

        return either

    expected, tried = map(right_in_the_case, (oracle or function, function))
    names = ("x", "y")[:n]
    return diagnose(
        Spec("f", names, "chapter 0", expected, lambda g: [Case(CASE[:n])], (), (prop,)), tried
    )


CASE = ("the", "case")
FUTURE = properties.future_unseen(WORDS, lambda: (floats(2, 5),))


def test_the_future_is_unseen():
    assert failing(FUTURE, lambda x: x.cumsum(1)) is None
    found = failing(FUTURE, lambda x: x + x.mean(1, keepdim=True))
    assert found.mistake == "sees-the-future"
    assert "then only what comes after position 0 was changed, to\n    [[" in found.where
    assert "the result up to position 0" in found.where
    assert failing(FUTURE, lambda x: x + x.roll(-1, 1)).mistake == "sees-the-future"


@pytest.mark.parametrize("dtype", [torch.int64, torch.bool])
def test_the_future_of_ids_and_masks_is_changed_too(dtype):
    prop = properties.future_unseen(WORDS, lambda: (torch.tensor([[1, 0, 0, 1, 1]]).to(dtype),))
    assert failing(prop, lambda x: x.cumsum(1)) is None
    assert failing(prop, lambda x: x.flip(1).cumsum(1).flip(1)).mistake == "sees-the-future"


@pytest.mark.parametrize("ids", [[[4, 4, 4]], [[4]]])
def test_a_future_that_cannot_be_changed_is_no_test(ids):
    prop = properties.future_unseen(WORDS, lambda: (torch.tensor(ids),))
    with pytest.raises(SpecError, match="expected at least 2"):
        failing(prop, lambda x: x.flip(1))


def test_the_future_that_was_seen_is_shown():
    prop = properties.future_unseen(WORDS, lambda: (torch.tensor([2, 4, 9]), 3), dim=0)
    assert failing(prop, lambda x, n: x + x.sum()).where.splitlines() == [
        "  it was called with",
        "    [2, 4, 9]",
        "    3",
        "  then only what comes after position 0 was changed, to",
        "    [9, 2]",
        "  and the result up to position 0 changed with it:",
        "  became  [15]",
        "  was     [17]",
        "  first difference: position 0: 15 instead of 17",
    ]


def test_what_is_changed_has_no_effect_elsewhere():
    prop = properties.unaffected(
        "padding-matters",
        WORDS,
        lambda: (torch.tensor([3, 4, 0]), 2),
        lambda: (torch.tensor([3, 4, 9]), 2),
        lambda result: result[:2],
    )
    assert failing(prop, lambda x, n: x * 2) is None
    found = failing(prop, lambda x, n: x + x.sum())
    assert found.mistake == "padding-matters"
    assert "the first call was with\n    [3, 4, 0]\n    2\n" in found.where
    assert "the second with\n    [3, 4, 9]\n    2\n" in found.where
    assert "first   [10, 11]" in found.where
    assert "second  [19, 20]" in found.where


def test_the_gradient():
    prop = properties.gradient(WORDS, lambda: (floats(3).double(),), lambda x: 2 * x * weights(3))
    assert failing(prop, lambda x: x**2) is None
    assert "first difference: position 0" in failing(prop, lambda x: x**2 + x).where
    shown = failing(prop, lambda x: x**2 + x).where
    assert shown.startswith("  called with\n    [")
    assert "the gradient of Σ k · result_k, where k = 1, 2, 3 … counts" in shown
    assert "no gradient" in failing(prop, lambda x: x.detach() ** 2).where
    assert failing(prop, lambda x: torch.tensor([1.0, 2, 3]).requires_grad_()) is not None


def weights(n):
    return torch.arange(1, n + 1, dtype=torch.float64)


def test_a_gradient_that_cancels_in_a_sum_is_seen():
    prop = properties.gradient(WORDS, lambda: (floats(4).double(),), torch.zeros_like)
    assert failing(prop, lambda x: x.softmax(0)) is not None


def test_no_gradient_where_blocked():
    blocked = torch.tensor([False, True, False])
    prop = properties.no_gradient_where(WORDS, lambda: (floats(3),), lambda x: blocked)
    assert failing(prop, lambda x: x.masked_fill(blocked, 0) ** 2) is None
    found = failing(prop, lambda x: x**2 + 1)
    assert found.mistake == "gradient-where-blocked"
    assert "at [1] the gradient is" in found.where
    nan = failing(prop, lambda x: torch.where(blocked, 0.0, x / (~blocked)))
    assert "the gradient is nan instead of 0" in nan.where


def test_one_tensor_of_several():
    def first(result):
        return result[0]

    blocked = torch.tensor([False, True])
    args = lambda: (floats(2),)  # noqa: E731
    for prop in (
        properties.no_gradient_where(WORDS, args, lambda x: blocked, part=first),
        properties.future_unseen(WORDS, args, dim=0, part=first),
        properties.follows_dtype(WORDS, args, part=first),
    ):
        assert failing(prop, lambda x: (x.masked_fill(blocked, 0) * 2, x.flip(0).float())) is None
        assert failing(prop, lambda x: (x.flip(0).float(), x)).mistake == prop.name


def test_the_dtype_is_followed():
    prop = properties.follows_dtype(WORDS, lambda: (floats(3), torch.tensor([1])))
    assert failing(prop, lambda x, y: x * 2) is None
    shown = failing(prop, lambda x, y: x.float()).where
    assert shown.startswith("  called with float arguments in float64\n    [")
    assert shown.endswith("  it returned float32")


def test_an_error_in_another_dtype_names_it():
    prop = properties.follows_dtype(WORDS, lambda: (floats(3),))
    found = failing(prop, lambda x: torch.from_numpy(2 * x.numpy()))
    assert found.mistake == "raised"
    assert "BFloat16" in found.title
    assert found.where.startswith("  called with float arguments in bfloat16\nf of\n  x = [")
    assert failing(prop, lambda x: None, oracle=lambda x: 2 * x) is not None


def test_the_device_is_followed():
    prop = properties.follows_device(WORDS, lambda: (floats(3),), ["meta"])
    assert failing(prop, lambda x: x + torch.ones(3, device=x.device)) is None
    found = failing(prop, lambda x: torch.ones(3))
    assert found.where == "  its result is on the default device, wherever it should be"
    found = failing(prop, lambda x: torch.ones(3).copy_(torch.ones(3, device="cpu")).cpu())
    assert found.where == "  of tensors on meta it makes one on cpu"
    here = properties.follows_device(WORDS, lambda: (floats(3),))
    assert failing(here, lambda x: x + 1) is None


def test_devices_that_are_mixed_are_a_device_that_is_not_followed():
    prop = properties.follows_device(WORDS, lambda: (floats(3),), ["meta"])
    found = failing(prop, lambda x: x + torch.ones(3))
    assert found.mistake == "ignores-device"
    assert "it raised RuntimeError" in found.where


def test_what_asks_for_numbers_is_not_judged_on_meta():
    prop = properties.follows_device(WORDS, lambda: (floats(3),), ["meta"])
    assert failing(prop, lambda x: torch.tensor([2 * n for n in x.tolist()]).to(x.device)) is None
    assert failing(prop, lambda x: x + x.sum().item()) is None


def test_a_number_of_the_cpu_may_be_joined_with_any_device():
    prop = properties.follows_device(WORDS, lambda: (floats(3),), ["meta"])
    assert failing(prop, lambda x: x + torch.tensor(1.0)) is None


def test_a_result_made_of_numbers_is_judged_too():
    prop = properties.follows_device(WORDS, lambda: (floats(3),), ["meta"])
    assert failing(prop, lambda x: torch.tensor(x.tolist())).mistake == "ignores-device"


def test_meta_is_not_tried_where_the_default_device_does_not_matter():
    tried = []

    def where(x):
        tried.append(x.device.type)
        return x + torch.ones(3, device=x.device)

    prop = properties.follows_device(WORDS, lambda: (floats(3),), ["meta"])
    assert failing(prop, where) is None
    assert tried == ["cpu"]


def test_a_device_that_is_told_is_followed():
    prop = properties.follows_device(WORDS, lambda: (3,), ["meta"], keyword="device")
    assert failing(prop, lambda n, device=None: torch.ones(n, device=device)) is None
    found = failing(prop, lambda n, device=None: torch.ones(n))
    assert found.mistake == "ignores-device"
    found = failing(prop, lambda n, device=None: torch.tensor(torch.ones(n).tolist()))
    assert found.where == "  with device='meta' it makes one on cpu"


def test_a_result_that_a_property_cannot_look_at():
    assert failing(FUTURE, lambda x: None, oracle=lambda x: x.cumsum(1)) is not None


def test_an_error_in_a_property_shows_the_call():
    spec = Spec(
        "f", ("x",), "", lambda x: x, lambda g: [Case((torch.tensor([0.0]),))], (), (FUTURE,)
    )
    found = diagnose(spec, lambda x: x.clone() if x.ndim == 1 else x.nothing)
    assert found.mistake == "raised"
    assert found.where.startswith("f of\n  x = ")
