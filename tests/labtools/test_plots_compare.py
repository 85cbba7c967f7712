"""A learner's matrix beside the expected one: what is drawn, outlined and said."""

import re

import pytest
import torch
from drawn import words_of

from labtools import plots

T, S = 5, 7
NAMES = ["the", "cat", "sat", "on", "mats"]


def causal() -> torch.Tensor:
    return torch.ones(T, T, dtype=torch.bool).tril()


def ids() -> torch.Tensor:
    return torch.arange(T * S).reshape(T, S)


def outlined(panel: str) -> int:
    """How many boxes are outlined as wrong."""
    paths = re.findall(r'<path d="([^"]*)"[^>]*stroke: var\(--lt-wrong,', panel)
    return sum(path.count("z") for path in paths)


# Masks


def test_every_differing_cell_is_outlined_in_both_pictures():
    yours = causal().roll(1, 1) | causal()
    differing = int((yours != causal()).sum())
    assert differing > 1
    figure = plots.compare(yours, causal(), NAMES)
    assert [outlined(panel) for panel in figure.panels] == [differing] * 2


def test_first_difference_is_named():
    yours = causal()
    yours[1, 3] = True
    yours[4, 0] = False
    figure = plots.compare(yours, causal(), NAMES)
    assert figure.caption == (
        "First of 2 differing cells: query 1 (“cat”) may see key 3 (“on”) in yours, and must not."
    )
    assert repr(figure) == figure.caption
    assert figure.caption in figure._repr_html_()


def test_a_key_that_is_missing_is_named():
    yours = torch.ones(T, S).bool()
    yours[2, 6] = False
    caption = plots.compare(yours, torch.ones(T, S).bool()).caption
    assert "query 2 may not see key 6 in yours, and must." in caption


def test_equal_masks_are_called_equal():
    assert plots.compare(causal(), causal()).caption == "The two masks are the same."


def test_booleans_that_are_no_attention_mask_have_axes_of_their_own():
    yours, names = torch.ones(T, S).bool(), ("sequence", "position")
    yours[3, 2] = False
    figure = plots.compare(yours, torch.ones(T, S).bool(), axis_labels=names)
    assert "sequence 3, position 2 is False in yours, and must be True." in figure.caption
    assert set(names) <= set(words_of(figure.panels[0]))


# Numbers


def test_ids_stand_in_their_cells():
    yours = ids()
    yours[2, 3] = -100
    figure = plots.compare(yours, ids())
    assert outlined(figure.panels[0]) == outlined(figure.panels[1]) == 1
    assert figure.caption == (
        "First of 1 differing cell: row 2, column 3 is −100 in yours, and must be 17."
    )
    shown = words_of(figure.panels[0])
    assert {"yours", "row", "column", "−100", "34"} <= set(shown)
    assert "17" not in shown
    assert "17" in words_of(figure.panels[1])


def test_floats_that_are_close_are_the_same():
    yours = ids() / 7
    assert plots.compare(yours * (1 + 1e-5), yours).caption == "The two are the same."
    assert "First of 34" in plots.compare(yours * (1 + 1e-3), yours).caption  # 0 is still 0


def test_half_precision_is_given_its_rounding():
    yours = (ids() / 7).half()
    assert plots.compare(yours * 1.002, yours).caption == "The two are the same."
    assert plots.compare(yours, ids() / 7).caption == "The two are the same."


def test_differing_floats_never_read_alike():
    yours, expected = torch.full((T, S), 2.0), torch.full((T, S), 2.0)
    yours[1, 1] = 2.0005
    figure = plots.compare(yours, expected)
    assert "is 2.0005 in yours, and must be 2." in figure.caption
    assert "2.0005" in words_of(figure.panels[0])


def test_nan_and_infinity_are_drawn_as_such():
    expected = torch.zeros(T, S)
    expected[:, 6] = -torch.inf
    expected[0, 0] = torch.nan
    yours = expected.clone()
    yours[1] = torch.nan
    figure = plots.compare(yours, expected)
    assert "First of 7 differing cells: row 1, column 0 is NaN in yours" in figure.caption
    assert words_of(figure.panels[0]).count("NaN") == 8
    assert words_of(figure.panels[1]).count("−∞") == T


def test_names_of_rows_are_not_those_of_columns():
    yours = torch.zeros(T, T)
    shown = words_of(plots.compare(yours, yours, queries=NAMES).panels[0])
    assert [shown.count(name) for name in NAMES] == [1] * T


def test_of_many_numbers_the_part_with_the_first_difference_is_drawn():
    expected = torch.zeros(40, 50, dtype=torch.int64)
    yours = expected.clone()
    yours[39, 20] = 7
    figure = plots.compare(yours, expected)
    assert figure.caption.endswith("Drawn: rows 30 to 39, columns 14 to 25 of (40, 50).")
    assert [outlined(panel) for panel in figure.panels] == [1, 1]
    shown = words_of(figure.panels[0])
    assert "39" in shown
    assert "13" not in shown
    assert len(figure._repr_html_()) < 200_000


# What is refused


@pytest.mark.parametrize(
    ("yours", "expected", "error", "message"),
    [
        (causal(), torch.ones(T, S).bool(), ValueError, r"shape \(T, S\) with T = 5"),
        (causal(), torch.ones(T, T), TypeError, "expected: expected dtype bool, got float32"),
        (ids(), ids() / 2, TypeError, "expected: expected dtype int64 or int32, got float32"),
        (ids()[0], ids()[0], ValueError, r"yours: expected shape \(T, S\), got \(7,\)"),
        (ids()[:0], ids()[:0], ValueError, r"at least one cell, got \(0, 7\)"),
        ([[1]], ids(), TypeError, "yours: expected a tensor, got list"),
        (ids().to(torch.complex64), ids(), TypeError, "yours: expected dtype bool or"),
    ],
)
def test_what_cannot_be_compared_is_refused(yours, expected, error, message):
    with pytest.raises(error, match=message):
        plots.compare(yours, expected)


def test_names_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="queries: expected 5 names for this matrix, got 4"):
        plots.compare(ids(), ids(), NAMES[1:])


def test_an_empty_alt_is_refused():
    with pytest.raises(ValueError, match="alt: expected words"):
        plots.compare(ids(), ids(), alt=" ")
