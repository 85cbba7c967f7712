"""The table of results."""

import pytest

from labtools.grading.report import WIDTH, Result, table


def result(**changes):
    """Ada's, who has 3.5 of 5 points."""
    points = {"add": (2.0, 2.0), "double": (1.5, 3.0)}
    return Result(**{"student": "ada", "points": points, "reasons": {}} | changes)


def rows(*results):
    """The words of each line below the head."""
    return [line.split() for line in table(results).splitlines()[1:]]


def test_a_line_of_points():
    assert rows(result()) == [["ada", "3.5", "of", "5", "2/2", "1.5/3"]]


def test_what_being_late_has_cost_is_taken_off_and_told():
    late = result(penalty=1.25, reasons={"double": "double: not by 3"})
    assert rows(late) == [
        ["ada", "2.25", "of", "5", "2/2", "1.5/3"],
        ["late:", "1.25", "taken", "off"],
        ["double:", "not", "by", "3"],
    ]


def test_a_score_is_not_under_0():
    assert result(penalty=9.0).score_text == "0 of 5"


@pytest.mark.parametrize(
    ("reasons", "told"),
    [
        ({"add": "not attempted", "double": "not attempted"}, "    not attempted"),
        ({"double": "a\x1b[2J"}, "    double: a\N{REPLACEMENT CHARACTER}[2J"),
        ({"add": "x" * 200}, f"    {'add: ' + 'x' * 200:.{WIDTH - 1}}…"),
    ],
)
def test_a_reason(reasons, told):
    assert table([result(reasons=reasons)]).splitlines()[2:] == [told]
