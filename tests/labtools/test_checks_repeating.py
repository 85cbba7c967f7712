"""Calls in a row give what a loop gives, up to the first error."""

import pytest
import torch

from labtools.checks import repeated
from labtools.checks.repeating import several


def test_all_calls_have_the_same_objects():
    generator, kept = torch.Generator().manual_seed(1), []

    def draw(n, *, generator):
        kept.append(generator)
        return torch.randperm(n, generator=generator)

    made = repeated(draw, 3, 5, generator=generator)
    again = torch.Generator().manual_seed(1)
    assert torch.equal(torch.stack(made), torch.stack([draw(5, generator=again) for _ in "abc"]))
    assert kept[:3] == [generator] * 3
    assert repeated(draw, 0, 5, generator=generator) == []


def test_an_error_ends_the_row():
    counts = iter(range(9))

    def fails_at_two(by):
        if (count := next(counts)) == 2:
            raise KeyError(count)
        return by * count

    made, error = several(fails_at_two, 5, (10,), {})
    assert made == [0, 10]
    assert isinstance(error, KeyError)
    assert next(counts) == 3
    with pytest.raises(KeyError):
        repeated({}.pop, 1, "no such key")
