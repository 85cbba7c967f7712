"""Figures: what they show, what they refuse, and that they fit every page."""

import re
from itertools import pairwise

import pytest
import torch
from drawn import SVG, area, trees, words

from labtools import plots
from labtools.plots.curves import _thin

T, S = 5, 7
NAMES = ["the", "cat", "sat", "on", "mats"]


def causal(size: int = T) -> torch.Tensor:
    return torch.ones(size, size, dtype=torch.bool).tril()


def examples() -> dict[str, plots.Figure]:
    """A figure of each kind."""
    weights = torch.rand(2, T, T, generator=torch.Generator().manual_seed(0))
    ids = torch.arange(T * S).reshape(T, S)
    return {
        "mask": plots.mask(causal(), NAMES, alt="a"),
        "large mask": plots.mask(causal(70), alt="a"),
        "masks": plots.masks({"one": causal(), "two": ~causal()}, alt="a"),
        "comparison": plots.compare(~causal(), causal()),
        "numbers": plots.compare(ids, ids.flip(0)),
        "attention": plots.attention(weights, NAMES, mask=causal(), alt="a"),
        "curves": plots.loss_curves({"clm": [3.0, 2.0], "mlm": [3.0, 1.0]}, 1.5, alt="a"),
        "anatomy": plots.anatomy(
            NAMES, [*NAMES[1:], None], [True] * 4 + [False], causal(), alt="a"
        ),
        "pair": plots.anatomy_seq2seq(
            list("abcdefg"),
            NAMES,
            NAMES,
            [True] * T,
            torch.ones(1, S).bool(),
            causal(),
            torch.ones(1, S).bool(),
            alt="a",
        ),
        "costs": plots.costs(NAMES, [1.0, 2.5, 0.0, None, 3.0], floor=[1.0] * T, alt="a"),
        "relation": plots.relation(causal(), NAMES, layers=2, highlight=3, alt="a"),
    }


DRAWN, AGAIN = examples(), examples()


# What holds for every figure


@pytest.mark.parametrize("name", DRAWN)
def test_same_picture_same_bytes(name):
    assert DRAWN[name]._repr_html_() == AGAIN[name]._repr_html_()


@pytest.mark.parametrize("name", DRAWN)
def test_only_the_page_and_the_palette_give_colours(name):
    svg = "".join(DRAWN[name].panels)
    allowed = {light for light, _ in plots.PALETTE.values()} | {plots.ON_SCORED, "#fff"}
    assert set(re.findall(r"#[0-9a-f]{6}\b|#fff\b", svg)) <= allowed
    for role, (light, _) in plots.PALETTE.items():
        assert svg.count(light) == svg.count(f"var(--lt-{role},{light})")
    assert "currentColor" in svg


@pytest.mark.parametrize("name", DRAWN)
def test_scales_down_and_keeps_text_as_text(name):
    figure = DRAWN[name]
    assert "max-width:100%" in figure._repr_html_()
    assert all(tree.get("viewBox") and not tree.get("height") for tree in trees(figure))
    assert words(figure)


def test_ids_of_two_figures_differ():
    figures = DRAWN.values()
    ids = [set(re.findall(r'\bid="([^"]*)"', "".join(figure.panels))) for figure in figures]
    assert sum(map(len, ids)) == len(set().union(*ids))
    assert any(ids)  # the curves are clipped, so there is something to collide
    for figure, own in zip(figures, ids, strict=True):
        used = re.findall(r'(?:url\(|href=")#([^")]*)', "".join(figure.panels))
        assert set(used) <= own


def test_both_themes_have_every_colour():
    html = plots.mask(causal(), alt="a")._repr_html_()
    for role, (light, dark) in plots.PALETTE.items():
        assert f"--lt-{role}:{light};" in html
        assert f"--lt-{role}:{dark};" in html
    assert 'html[data-theme="dark"] .labtools-figure' in html
    assert 'body[data-jp-theme-light="false"] .labtools-figure' in html


# Masks


def test_mask_draws_what_is_visible_and_what_is_blocked():
    panel = plots.mask(causal(), alt="a").panels[0]
    assert area(panel, "visible") == pytest.approx(15, rel=0.01)
    assert area(panel, "blocked") == pytest.approx(10, rel=0.01)


def test_queries_are_rows_and_keys_are_columns():
    mask = torch.zeros(T, S, dtype=torch.bool)
    mask[1] = True
    panel = plots.mask(mask, alt="a").panels[0]
    box = re.search(r'd="M ([^z]*)z?" style="fill: var\(--lt-visible', panel)[1]
    xs, ys = zip(*re.findall(r"([\d.]+) ([\d.]+)", box), strict=True)
    assert max(map(float, xs)) - min(map(float, xs)) == pytest.approx(26 * S, abs=0.1)
    assert max(map(float, ys)) - min(map(float, ys)) == pytest.approx(26, abs=0.1)


def test_names_stand_on_both_sides_of_a_square_mask():
    shown = words(plots.mask(causal(), NAMES, title="causal", alt="a"))
    assert [shown.count(name) for name in NAMES] == [2] * T
    assert {"query (reads)", "key (is read)", "causal"} <= set(shown)


def test_keys_have_names_of_their_own():
    shown = words(plots.mask(torch.ones(T, S).bool(), NAMES, list("abcdefg"), alt="a"))
    assert [shown.count(name) for name in [*NAMES, *"abcdefg"]] == [1] * (T + S)


def test_many_tokens_are_numbered_instead():
    shown = words(plots.mask(causal(40), [f"w{i}" for i in range(40)], alt="a"))
    assert "w0" not in shown
    assert shown.count("0") == 2
    assert words(plots.mask(causal(32), [f"w{i}" for i in range(32)], alt="a")).count("w31") == 2


def test_tokens_are_shown_as_they_are():
    tokens = ["$x_t$", "<b>", "a b", "\n", "日本"]
    shown = words(plots.mask(causal(), tokens, alt="a"))
    assert {"$x_t$", "<b>", "a␣b", "↵", "日本"} <= set(shown)


def test_masks_stand_side_by_side_under_their_titles():
    figure = plots.masks({"one": causal(), "two": ~causal()}, alt="a")
    assert len(figure.panels) == 2
    assert [title in words(figure) for title in ("one", "two")] == [True, True]


@pytest.mark.parametrize(
    ("mask", "error", "message"),
    [
        (torch.ones(T, S), TypeError, "expected dtype bool, got float32"),
        (torch.ones(1, 1, T, S).bool(), ValueError, r"expected shape \(T, S\), got \(1, 1, 5, 7\)"),
        ([[True]], TypeError, "expected a tensor, got list"),
    ],
)
def test_what_is_no_mask_is_refused(mask, error, message):
    with pytest.raises(error, match=message):
        plots.mask(mask, alt="a")


def test_names_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="keys: expected 7 names for this matrix, got 5"):
        plots.mask(torch.ones(T, S).bool(), NAMES, NAMES, alt="a")


def test_no_mask_at_all_is_refused():
    with pytest.raises(ValueError, match="at least one mask"):
        plots.masks({}, alt="a")


# Curves


def test_floor_and_curves_are_labelled_with_where_they_end():
    shown = words(plots.loss_curves({"clm": [3.0] * 9 + [2.25]}, 2.0, alt="a"))
    assert {"clm 2.25", "floor 2.00", "on average impossible without a leak"} <= set(shown)


def test_a_curve_that_ends_under_the_floor_is_drawn_as_wrong():
    honest = plots.loss_curves({"a": [3.0, 2.001]}, 2.0, alt="a").panels[0]
    leaking = plots.loss_curves({"a": [3.0, 1.5]}, 2.0, alt="a").panels[0]
    assert "stroke: var(--lt-wrong," not in honest
    assert "stroke: var(--lt-wrong," in leaking


def test_without_a_floor_nothing_is_impossible():
    shown = words(plots.loss_curves({"a": [3.0, 0.1]}, alt="a"))
    assert not [word for word in shown if "floor" in word or "leak" in word]


def test_labels_do_not_lie_on_each_other():
    losses = {"one": [3.0, 2.0], "two": [3.0, 2.01], "three": [3.0, 2.02], "four": [3.0, 2.03]}
    tree = trees(plots.loss_curves(losses, 2.0, alt="a"))[0]
    bold = [t for t in tree.iter(f"{SVG}text") if "font-weight: 700" in t.get("style", "")]
    heights = sorted(float(t.get("y")) for t in bold)
    assert len(heights) == 5
    assert min(b - a for a, b in pairwise(heights)) > 14


def test_a_model_on_the_floor_is_labelled_above_it():
    tree = trees(plots.loss_curves({"clm": [3.0, 1.99]}, 2.0, alt="a"))[0]
    heights = {text.text: text.get("y") for text in tree.iter(f"{SVG}text")}
    assert float(heights["clm 1.99"]) < float(heights["floor 2.00"])  # y counts downwards


def test_steps_are_counted_by_every():
    shown = words(plots.loss_curves({"a": torch.linspace(3, 2, 20)}, every=50, alt="a"))
    assert "1000" in shown


def test_zoom_cuts_the_axis():
    shown = words(plots.loss_curves({"a": [9.0, 2.2]}, 2.0, zoom=(1.9, 2.5), alt="a"))
    assert "2.4" in shown
    assert "8" not in shown


def test_a_floor_that_binds_no_curve_is_dashed_and_named():
    floors = {"floor": 2.0, "predicted leak": 0.5}
    figure = plots.loss_curves({"honest": [3.0, 2.0], "leaking": [3.0, 0.6]}, floors, alt="a")
    assert {"floor 2.00", "predicted leak 0.50"} <= set(words(figure))
    lines = re.findall(r'style="fill: none; [^"]*stroke: var\(--lt-floor,[^"]*"', figure.panels[0])
    assert ["stroke-dasharray" in line for line in lines] == [False, True]
    assert "stroke: var(--lt-wrong," in figure.panels[0]  # held against the first


def test_a_curve_with_a_floor_of_its_own_is_held_against_that():
    floors = {"clm": 2.0, "mlm": 1.0}
    honest = plots.loss_curves({"clm": [3.0, 2.01], "mlm": [3.0, 1.01]}, floors, alt="a")
    assert "stroke: var(--lt-wrong," not in honest.panels[0]
    assert {"clm floor 2.00", "mlm floor 1.00"} <= set(words(honest))
    leaking = plots.loss_curves({"clm": [3.0, 1.5], "mlm": [3.0, 1.01]}, floors, alt="a")
    assert "stroke: var(--lt-wrong," in leaking.panels[0]


def test_thinning_keeps_the_mean():
    k, means = _thin([float(i) for i in range(1000)])
    assert k == 7
    assert means[0] == 3.0
    assert len(means) <= 150


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"losses": {}}, "expected 1 to 4 curves, got 0"),
        ({"losses": {"a": []}}, "a: expected finite losses in nats, got none"),
        ({"losses": {"a": [1.0, float("nan")]}}, "a: expected finite losses in nats, got nan at 1"),
        ({"losses": {"a": [1.0]}, "floor": float("inf")}, "floor: expected finite"),
        ({"losses": {"a": [1.0]}, "every": 0}, "every: expected an int of at least 1, got 0"),
    ],
)
def test_what_is_no_curve_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        plots.loss_curves(**arguments, alt="a")
