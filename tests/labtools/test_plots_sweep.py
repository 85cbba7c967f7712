"""A quantity at several values of another: lines, points, and their names."""

import itertools
import math
import re

import pytest
import torch
from drawn import SVG, trees, words

from labtools import plots

FLOOR = {10.0: 2.0, 20.0: 2.5, 40.0: 3.0}
TRAINED = {10.0: 2.25, 40.0: 3.5}


def sweep(lines=None, points=None, **options):
    return plots.sweep(lines, points, **{"xlabel": "rate", "ylabel": "nats", "alt": "a"} | options)


def path(figure: plots.Figure, role: str) -> list[tuple[float, float]]:
    """The first line drawn in a colour, in pixels."""
    drawn = re.search(
        rf'<path d="([^"]*)"[^>]*style="fill: none; stroke: var\(--lt-{role},', figure.panels[0]
    )
    assert drawn is not None
    return [(float(x), float(y)) for x, y in re.findall(r"[ML] ([\d.]+) ([\d.]+)", drawn[1])]


def heights(figure: plots.Figure) -> dict[str, float]:
    (tree,) = trees(figure)
    return {t.text: float(t.get("y")) for t in tree.iter(f"{SVG}text") if t.get("y")}


def test_a_line_and_points_stand_on_one_scale():
    figure = sweep({"floor": FLOOR}, {"trained": TRAINED})
    floor, trained = path(figure, "floor"), path(figure, "model")
    assert [x for x, _ in trained] == pytest.approx([floor[0][0], floor[2][0]], abs=0.1)
    nat = floor[0][1] - floor[2][1]  # one nat, in pixels: y counts down
    assert floor[0][1] - trained[0][1] == pytest.approx(nat * 0.25, abs=0.1)
    assert floor[0][1] - floor[1][1] == pytest.approx(nat * 0.5, abs=0.1)
    assert floor[1][0] - floor[0][0] == pytest.approx((floor[2][0] - floor[0][0]) / 3, abs=0.1)


def test_a_logarithmic_axis_has_equal_steps_for_equal_ratios():
    line = path(sweep({"floor": {1: 1.0, 10: 0.1, 100: 0.01}}, log="xy"), "floor")
    for axis in (0, 1):
        first, second = (line[i + 1][axis] - line[i][axis] for i in (0, 1))
        assert first == pytest.approx(second, abs=0.1)
    shown = words(sweep({"floor": {1: 1.0, 10: 0.1, 100: 0.01}}, log="xy"))
    assert {"1", "10", "100", "0.01", "0.1", "0.2", "0.5"} <= set(shown)


def test_only_the_axis_that_is_asked_for_is_logarithmic():
    series = {"floor": {1: 1.0, 10: 0.1, 100: 0.01}}
    for log, axis in (("x", 0), ("y", 1)):
        line = path(sweep(series, log=log), "floor")
        steps = [[line[i + 1][k] - line[i][k] for i in (0, 1)] for k in (0, 1)]
        assert steps[axis][0] == pytest.approx(steps[axis][1], abs=0.1)
        assert abs(steps[1 - axis][0]) != pytest.approx(abs(steps[1 - axis][1]), rel=0.5)


def test_values_are_drawn_in_the_order_of_x():
    mixed = dict(reversed(FLOOR.items()))
    assert sweep({"floor": mixed}).panels == sweep({"floor": FLOOR}).panels


def test_each_has_its_name_at_the_height_of_its_last_value():
    figure = sweep({"floor": FLOOR}, {"trained": TRAINED})
    at = heights(figure)
    for name, role in (("— floor", "floor"), ("● trained", "model")):
        assert at[name] == pytest.approx(path(figure, role)[-1][1], abs=8)


def test_names_that_would_collide_are_pushed_apart():
    at = heights(sweep({n: {1: 2.0, 2: 3.0 + i / 1000} for i, n in enumerate("abcd")}))
    names = ["— a", "- - b", "· · c", "— · d"]
    gaps = [at[a] - at[b] for a, b in itertools.pairwise(names)]
    assert min(gaps) > 14


def test_lines_tell_their_series_by_their_dashes():
    assert {"— a", "- - b"} <= set(words(sweep({"a": FLOOR, "b": TRAINED})))


def test_points_tell_their_series_by_a_marker():
    points = {name: {1: i + 1.0, 2: i + 2.0} for i, name in enumerate("abcd")}
    assert {"● a", "■ b", "▲ c", "◆ d"} <= set(words(sweep(points=points)))


def test_a_line_and_points_may_have_the_same_name():
    assert {"— MLM", "● MLM"} <= set(words(sweep({"MLM": FLOOR}, {"MLM": TRAINED})))


def test_the_axes_say_what_they_are():
    assert {"rate", "nats"} <= set(words(sweep({"floor": FLOOR})))


def test_numbers_may_be_tensors():
    keys, values = torch.tensor([10, 20, 40]), torch.tensor([2.0, 2.5, 3.0], dtype=torch.float64)
    given = dict(zip(keys, values, strict=True))
    assert sweep({"floor": given}).panels == sweep({"floor": FLOOR}).panels


def test_one_point_alone_is_drawn():
    assert "● trained" in words(sweep(points={"trained": {15: 2.0}}))


def test_the_same_figure_is_the_same_text():
    figures = [sweep({"floor": FLOOR}, {"trained": TRAINED}, log="y") for _ in range(2)]
    assert figures[0].panels == figures[1].panels
    assert repr(figures[0]) == "a"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({}, "lines, points: expected at least one of them, got neither"),
        ({"lines": {"floor": {}}}, "floor: expected at least one x and its y, got none"),
        ({"lines": {"a": {1: math.nan}}}, r"a: expected y that is finite, got \(1.0, nan\)"),
        ({"points": {"b": {math.inf: 2.0}}}, r"b: expected x that is finite, got \(inf, 2.0\)"),
        ({"points": {"b": {0: 2.0}}, "log": "x"}, r"b: expected x above 0, .*, got \(0.0, 2.0\)"),
        ({"points": {"b": {1: -2.0}}, "log": "y"}, r"b: expected y above 0, .*, got \(1.0, -2.0\)"),
        ({"points": {"b": {1: 2.0}}, "log": "both"}, 'log: expected "", "x", "y" or "xy", got'),
        ({"lines": {str(i): FLOOR for i in range(5)}}, "lines: expected at most 4, got 5"),
        ({"points": {str(i): FLOOR for i in range(5)}}, "points: expected at most 4, got 5"),
        ({"lines": {"floor": FLOOR}, "alt": " "}, "alt: expected words"),
    ],
)
def test_what_cannot_be_drawn_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        sweep(**change)
