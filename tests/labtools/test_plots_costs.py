"""A sentence with the cost of every token: bars, numbers, floors."""

import re
from typing import NamedTuple

import pytest
import torch
from drawn import SVG, trees, words

from labtools import plots

T = 5
NAMES = ["the", "cat", "sat", "on", "mats"]
NLL = [2.0, 0.5, 1.25, 0.0, 3.0]
FLOOR = [1.5, 0.75, 1.25, 0.0, 2.5]


class Box(NamedTuple):
    left: float
    right: float
    top: float
    bottom: float


def places(figure: plots.Figure) -> dict[str, tuple[float, float]]:
    """Where each text stands: its middle, if it is that of a token or of a bar."""
    (tree,) = trees(figure)
    return {t.text: (float(t.get("x")), float(t.get("y"))) for t in tree.iter(f"{SVG}text")}


def boxes(figure: plots.Figure, style: str) -> list[Box]:
    """What is drawn in a style, but for the key under the tokens."""
    found = []
    for path in re.findall(rf'<path d="([^"]*)"[^>]*{style}', figure.panels[0]):
        for part in path.split("M")[1:]:
            xs, ys = zip(*re.findall(r"([\d.]+) ([\d.]+)", part), strict=True)
            xs, ys = [*map(float, xs)], [*map(float, ys)]
            found.append(Box(min(xs), max(xs), min(ys), max(ys)))
    return [box for box in found if box.top < places(figure)["sat"][1]]


def bars(figure: plots.Figure) -> list[Box]:
    return boxes(figure, r"fill: var\(--lt-model,")


def lines(figure: plots.Figure) -> list[Box]:
    return boxes(figure, r"stroke: var\(--lt-floor,")


def test_a_bar_is_as_high_as_its_cost():
    heights = [bar.bottom - bar.top for bar in bars(plots.costs(NAMES, NLL, alt="a"))]
    expected = [x / 3.0 * 5 * 26 for x in NLL if x]  # the highest is five cells high
    assert heights == pytest.approx(expected, abs=0.1)


def test_all_bars_stand_on_their_tokens():
    figure = plots.costs(NAMES, NLL, alt="a")
    drawn, at = bars(figure), places(figure)
    assert len({bar.bottom for bar in drawn}) == 1
    for bar, name in zip(drawn, ["the", "cat", "sat", "mats"], strict=True):
        assert at[name][0] == pytest.approx((bar.left + bar.right) / 2, abs=0.1)
        assert at[name][1] > bar.bottom


def test_every_cost_is_written_over_its_bar():
    figure = plots.costs(NAMES, NLL, alt="a")
    at = places(figure)
    for bar, text in zip(bars(figure), ["2.00", "0.50", "1.25", "3.00"], strict=True):
        assert at[text][0] == pytest.approx((bar.left + bar.right) / 2, abs=0.1)
        assert 0 < bar.top - at[text][1] < 15
    assert "0.00" in at


def test_a_token_that_is_not_scored_has_no_bar_and_no_number():
    figure = plots.costs(["<bos>", *NAMES[1:]], [None, *NLL[1:]], alt="a")
    assert len(bars(figure)) == 3
    assert words(figure).count("–") == 1
    assert "2.00" not in words(figure)
    assert "–" not in words(plots.costs(NAMES, NLL, alt="a"))


def test_floors_stand_on_the_same_scale():
    figure = plots.costs(NAMES, NLL, floor=FLOOR, alt="a")
    base = bars(figure)[0].bottom
    heights = [base - line.top for line in lines(figure)]
    assert heights == pytest.approx([x / 3.0 * 5 * 26 for x in FLOOR], abs=0.1)


def test_a_floor_over_all_bars_sets_the_scale():
    figure = plots.costs(NAMES, NLL, floor=[6.0] * T, alt="a")
    heights = [bar.bottom - bar.top for bar in bars(figure)]
    assert max(heights) == pytest.approx(3.0 / 6.0 * 5 * 26, abs=0.1)


def test_a_number_stands_on_its_bar_and_not_on_the_line():
    for floor, on_the_line in ((3.0, False), (1.2, True)):
        figure = plots.costs(NAMES, [1.0, 2.0, 2.0, 2.0, 2.0][:T], floor=[floor] * T, alt="a")
        number = places(figure)["1.00"][1]
        assert (number < lines(figure)[0].top) == on_the_line
        assert number < bars(figure)[0].top


def test_a_floor_is_told_from_a_cost_in_words():
    assert {"cost", "floor"} <= set(words(plots.costs(NAMES, NLL, floor=FLOOR, alt="a")))
    assert not {"cost", "floor"} & set(words(plots.costs(NAMES, NLL, alt="a")))


def test_a_token_without_floor_has_no_line():
    figure = plots.costs(NAMES, NLL, floor=[None, *FLOOR[1:]], alt="a")
    assert len(lines(figure)) == T - 1


def test_one_token_under_its_floor_is_not_called_wrong():
    """Only the mean is bound by the floor: a model may give one token more than its due."""
    assert "--lt-wrong" not in plots.costs(NAMES, [0.1] * T, floor=FLOOR, alt="a").panels[0]


def test_the_scale_has_round_numbers_and_a_unit():
    assert {"0", "1", "2", "3", "nats"} <= set(words(plots.costs(NAMES, NLL, alt="a")))


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
def test_tensors_are_drawn_like_lists(dtype):
    nll = torch.tensor(NLL, dtype=dtype).requires_grad_()
    floor = torch.tensor(FLOOR, dtype=dtype)
    figure = plots.costs(NAMES, nll, floor=floor, alt="a")
    assert figure.panels == plots.costs(NAMES, NLL, floor=FLOOR, alt="a").panels


def test_rounding_errors_are_no_negative_costs():
    figure = plots.costs(NAMES, [*NLL[:4], -1e-8], alt="a")
    assert words(figure).count("0.00") == 2
    assert not [word for word in words(figure) if word.startswith("-")]


def test_tokens_that_cost_nothing_are_drawn_flat():
    figure = plots.costs(NAMES, [0.0] * T, alt="a")
    assert words(figure).count("0.00") == T
    assert not bars(figure)


def test_tokens_and_title_are_shown_as_they_are():
    shown = words(plots.costs(["$x$", "a b", "<b>", "\n", "日本"], NLL, title="t", alt="a"))
    assert {"$x$", "a␣b", "<b>", "↵", "日本", "t"} <= set(shown)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"nll": NLL[1:]}, ValueError, "nll: expected 5 costs, one for each token, got 4"),
        ({"nll": torch.ones(2, T)}, ValueError, r"nll: expected shape \(T,\), got \(2, 5\)"),
        ({"nll": torch.ones(T).int()}, TypeError, "nll: expected dtype float64 or"),
        ({"nll": [*NLL[:4], float("inf")]}, ValueError, "nll: expected finite .*, got inf at 4"),
        ({"nll": [float("nan"), *NLL[1:]]}, ValueError, "or None where .*, got nan at 0"),
        ({"nll": [1.0, -0.5, 1.0, 1.0, 1.0]}, ValueError, "at least 0 nats, .*, got -0.5 at 1"),
        ({"nll": [None] * T}, ValueError, "cost of at least one token, got 5 × None"),
        ({"tokens": [], "nll": []}, ValueError, "cost of at least one token, got 0 × None"),
        ({"floor": FLOOR[1:]}, ValueError, "floor: expected 5 costs, one for each token, got 4"),
        ({"floor": [float("inf")] * T}, ValueError, "floor: expected finite .*, got inf at 0"),
        ({"alt": " "}, ValueError, "alt: expected words"),
    ],
)
def test_what_is_no_cost_is_refused(change, error, message):
    with pytest.raises(error, match=message):
        plots.costs(**{"tokens": NAMES, "nll": NLL, "alt": "a", **change})
