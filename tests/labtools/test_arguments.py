"""Wrong arguments are told what was expected and what came."""

import math

import pytest
import torch

from labtools.arguments import BOOL, FLOAT, INTEGER, Shapes, between, positive_int


def test_a_letter_keeps_the_size_it_first_had():
    shapes = Shapes()
    shapes.tensor("ids", torch.zeros(2, 5, dtype=torch.int64), "B T", INTEGER)
    shapes.tensor("mask", torch.ones(5, 5, dtype=torch.bool), "T T", BOOL)
    with pytest.raises(ValueError, match=r"lengths: expected shape \(B,\) with B = 2 \(from ids\)"):
        shapes.tensor("lengths", torch.ones(3, dtype=torch.int64), "B", INTEGER)
    with pytest.raises(ValueError, match=r"mask: expected shape \(S, S\), got \(3, 4\)"):
        shapes.tensor("mask", torch.ones(3, 4, dtype=torch.bool), "S S", BOOL)


def test_kind_and_dtype_are_named():
    with pytest.raises(TypeError, match="ids: expected a tensor, got list"):
        Shapes().tensor("ids", [1, 2], "T", INTEGER)
    with pytest.raises(TypeError, match=r"weights: expected dtype float64 or .*, got int64"):
        Shapes().tensor("weights", torch.tensor([1]), "T", FLOAT)


@pytest.mark.parametrize("wrong", [-1.0, 1.5, math.nan, math.inf])
def test_values_outside_a_range_are_named_with_their_place(wrong):
    between("p", torch.tensor([[0.0, 1.0]]), 0, 1)
    with pytest.raises(ValueError, match=r"p: expected values from 0 to 1, got .* at \(1, 0\)"):
        between("p", torch.tensor([[0.5, 0.5], [wrong, wrong]]), 0, 1)
    with pytest.raises(ValueError, match="p: expected a value from 0 to 1, got"):
        between("p", wrong, 0, 1)


@pytest.mark.parametrize("wrong", [True, 2.0, "2", None])
def test_only_an_int_is_an_int(wrong):
    with pytest.raises(TypeError, match="n: expected an int, got"):
        positive_int("n", wrong)


def test_an_int_may_have_a_least_value():
    positive_int("n", 0, 0)
    with pytest.raises(ValueError, match="n: expected an int of at least 1, got 0"):
        positive_int("n", 0)
