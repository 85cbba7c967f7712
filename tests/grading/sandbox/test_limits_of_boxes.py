"""Limits are numbers that mean something."""

import pytest

from labtools.grading.limits import Limits


def test_limits_come_from_a_configuration():
    limits = Limits.from_config({"memory_mb": 512})
    assert limits.memory_mb == 512
    assert limits.cell_seconds == Limits().cell_seconds


@pytest.mark.parametrize("value", [1.5, "60", True, None])
def test_a_limit_is_a_whole_number(value):
    with pytest.raises(TypeError, match="processes: expected a whole number, got"):
        Limits(processes=value)


def test_a_limit_is_positive():
    with pytest.raises(ValueError, match="tmp_mb: expected 1 or more, got 0"):
        Limits(tmp_mb=0)


def test_an_unknown_limit_is_named():
    with pytest.raises(ValueError, match=r"expected some of cell_seconds, .*got 'ram'"):
        Limits.from_config({"ram": 3, "memory_mb": 5})
