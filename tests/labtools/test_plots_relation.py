"""A mask as a graph: which lines there are, and which of them end in one query."""

import re
from itertools import pairwise

import pytest
import torch
from drawn import SVG, trees, words

from labtools import plots

T, S = 5, 7
NAMES = ["the", "cat", "sat", "on", "mats"]
Point = tuple[float, float]


def causal(size: int = T) -> torch.Tensor:
    return torch.ones(size, size, dtype=torch.bool).tril()


def window(size: int, width: int) -> torch.Tensor:
    return causal(size).triu(1 - width)


def random(*size: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(*size, generator=torch.Generator().manual_seed(seed)) < 0.4


def lines(figure: plots.Figure, faint: bool = False) -> set[tuple[Point, Point]]:
    """Each line from its key up to its query; the faint ones are those that shine through."""
    found = set()
    for path, style in re.findall(r'<path d="([^"]*)" style="([^"]*)"', figure.panels[0]):
        if "fill: none" in style and "--lt-visible" in style and ("opacity" in style) is faint:
            for part in path.split("M")[1:]:
                (a, b), (c, d) = re.findall(r"([\d.]+) ([\d.]+)", part)
                found.add(((float(a), float(b)), (float(c), float(d))))
    return found


def nodes(figure: plots.Figure, role: str) -> list[Point]:
    """The middles of the circles of a colour."""
    found = []
    for path in re.findall(rf'<path d="([^"]*)" style="fill: var\(--lt-{role},', figure.panels[0]):
        for part in path.split("M")[1:]:
            xs, ys = zip(*re.findall(r"([\d.]+) ([\d.]+)", part), strict=True)
            xs, ys = [*map(float, xs)], [*map(float, ys)]
            found.append(((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2))
    return found


def rows(figure: plots.Figure) -> tuple[list[float], list[list[float]]]:
    """The heights of the rows from the bottom up, and where the nodes of each stand."""
    everywhere = nodes(figure, "visible") + nodes(figure, "blocked")
    heights = sorted({round(y, 1) for _, y in everywhere}, reverse=True)
    return heights, [sorted(x for x, y in everywhere if abs(y - h) < 1) for h in heights]


def relations(figure: plots.Figure, faint: bool = False) -> list[torch.Tensor]:
    """The mask of each layer from the bottom up, read back from its lines."""
    heights, columns = rows(figure)
    masks = [torch.zeros(len(above), len(below)).bool() for below, above in pairwise(columns)]
    for (x0, y0), (x1, y1) in lines(figure, faint):
        n = nearest(heights, y0)
        assert nearest(heights, y1) == n + 1
        masks[n][nearest(columns[n + 1], x1), nearest(columns[n], x0)] = True
    return masks


def filled(figure: plots.Figure) -> list[list[int]]:
    """Of each row from the bottom up, the filled nodes."""
    heights, columns = rows(figure)
    found: list[list[int]] = [[] for _ in heights]
    for x, y in nodes(figure, "visible"):
        n = nearest(heights, y)
        found[n].append(nearest(columns[n], x))
    return [sorted(row) for row in found]


def nearest(values: list[float], value: float) -> int:
    i = min(range(len(values)), key=lambda i: abs(values[i] - value))
    assert values[i] == pytest.approx(value, abs=0.1)
    return i


def same(drawn: list[torch.Tensor], expected: list[torch.Tensor]) -> bool:
    return all(torch.equal(*pair) for pair in zip(drawn, expected, strict=True))


# Lines


def test_a_line_goes_from_every_key_to_every_query_that_sees_it():
    mask = random(T, S)
    assert same(relations(plots.relation(mask, alt="a")), [mask])


def test_layers_share_a_mask():
    mask = window(T, 2)
    assert same(relations(plots.relation(mask, layers=3, alt="a")), [mask] * 3)


def test_layers_have_masks_of_their_own():
    masks = [random(T, T), causal(), window(T, 2)]
    assert same(relations(plots.relation(masks, alt="a")), masks)


def test_unequal_rows_end_together():
    figure = plots.relation(causal(S)[-T:], alt="a")
    keys, queries = rows(figure)[1]
    assert (len(queries), len(keys)) == (T, S)
    assert queries == pytest.approx(keys[-T:], abs=0.1)


# Paths that end in one query


def test_without_a_query_all_lines_are_alike_and_no_node_is_filled():
    figure = plots.relation(causal(), alt="a")
    assert len(lines(figure)) == 15
    assert not lines(figure, faint=True)
    assert not nodes(figure, "visible")


@pytest.mark.parametrize("i", range(T))
def test_strong_lines_and_faint_ones_make_up_the_mask(i):
    mask = random(T, S)
    figure = plots.relation(mask, highlight=i, alt="a")
    own = torch.zeros_like(mask)
    own[i] = mask[i]
    assert same(relations(figure), [own])
    assert same(relations(figure, faint=True), [mask & ~own])
    assert filled(figure) == [mask[i].nonzero().flatten().tolist(), [i]]


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_what_is_filled_is_the_power_of_the_mask(layers):
    mask = window(S, 3)
    bottom, *between, top = filled(plots.relation(mask, layers=layers, highlight=6, alt="a"))
    power = mask.int().matrix_power(layers)
    assert bottom == power[6].nonzero().flatten().tolist()
    assert bottom == list(range(max(0, 6 - 2 * layers), S))  # twice as far through twice as many
    assert (len(between), top) == (layers - 1, [6])


def test_a_leak_of_one_layer_is_one_of_all():
    leaking = causal(S)
    leaking[2, 5] = True
    honest, leaky = ([causal(S), first, causal(S)] for first in (causal(S), leaking))
    bottom = [filled(plots.relation(m, highlight=3, alt="a"))[0] for m in (honest, leaky)]
    assert bottom == [[0, 1, 2, 3], [0, 1, 2, 3, 4, 5]]


def test_strong_lines_are_those_on_a_path():
    masks = [random(T, T, seed=n) for n in range(3)]
    drawn = relations(plots.relation(masks, highlight=1, alt="a"))
    above = {1}
    for mask, strong in zip(reversed(masks), reversed(drawn), strict=True):
        pairs = [(i, j) for i, j in mask.nonzero().tolist() if i in above]
        assert 0 < len(pairs) < mask.sum()
        assert [*map(tuple, strong.nonzero().tolist())] == pairs
        above = {j for _, j in pairs}


def test_a_query_that_sees_nothing_ends_no_path():
    mask = causal()
    mask[2] = False
    figure = plots.relation(mask, layers=2, highlight=2, alt="a")
    assert filled(figure) == [[], [], [2]]
    assert not lines(figure)


# Words


def test_names_stand_under_the_keys_and_over_the_queries():
    figure = plots.relation(torch.ones(T, S).bool(), NAMES, list("abcdefg"), alt="a")
    (tree,) = trees(figure)
    at = {t.text: (float(t.get("x")), float(t.get("y"))) for t in tree.iter(f"{SVG}text")}
    (bottom, top), (keys, queries) = rows(figure)
    assert [at[name][0] for name in NAMES] == pytest.approx(queries, abs=0.1)
    assert [at[name][0] for name in "abcdefg"] == pytest.approx(keys, abs=0.1)
    assert all(0 < top - 8 - at[name][1] < 13 for name in NAMES)  # baselines, above the circles
    assert all(9 < at[name][1] - bottom - 8 < 22 for name in "abcdefg")


def test_rows_are_named():
    one, three = (words(plots.relation(causal(), layers=n, alt="a")) for n in (1, 3))
    assert {"keys", "queries"} <= set(one)
    assert {"input", "layer 1", "layer 2", "layer 3"} <= set(three)
    assert not {"keys", "queries"} & set(three)


def test_keys_are_named_as_the_queries():
    shown = words(plots.relation(causal(), NAMES, title="causal", alt="a"))
    assert [shown.count(name) for name in [*NAMES, "causal"]] == [2] * T + [1]


@pytest.mark.parametrize(("size", "length"), [(12, 9), (32, 1), (32, 2), (32, 9)])
def test_names_do_not_lie_on_each_other(size, length):
    names = [chr(ord("a") + i % 26) * length for i in range(size)]
    figure = plots.relation(window(size, 2), names, alt="a")
    (tree,) = trees(figure)
    texts = [t for t in tree.iter(f"{SVG}text") if t.text in names]
    upright = "rotate(-90" in texts[0].get("transform")
    apart = min(b - a for a, b in pairwise(rows(figure)[1][0]))
    assert apart > (14 if upright else 8.5 * length)
    assert upright is (length == 9)


@pytest.mark.parametrize("name", ["a", "a" * 20])
def test_the_title_stands_over_the_names(name):
    figure = plots.relation(causal(12), [name] * 12, title="t", alt="a")
    (title,) = re.findall(r' y="([\d.]+)"[^>]*>t<', figure.panels[0])
    top = rows(figure)[0][-1]
    assert float(title) < top - 8 - 8 * len(name)


# What is refused


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"mask": torch.ones(T, S)}, TypeError, "mask: expected dtype bool, got float32"),
        ({"mask": [[True]]}, TypeError, "mask of layer 1: expected a tensor, got list"),
        ({"mask": torch.ones(0, S).bool()}, ValueError, "mask: expected at least one cell"),
        ({"mask": []}, ValueError, "mask: expected at least one layer, got none"),
        ({"mask": 7}, TypeError, "mask: expected a tensor or a sequence of them, got int"),
        ({"mask": causal(33)}, ValueError, r"mask: expected at most 32 .*, got \(33, 33\)"),
        ({"layers": 2}, ValueError, r"mask: expected shape \(5, 5\) for 2 layers, got \(5, 7\)"),
        (
            {"mask": [causal(), causal(S)]},
            ValueError,
            r"mask of layer 2: expected shape \(5, 5\) for 2 layers, got \(7, 7\)",
        ),
        ({"mask": [causal()] * 2, "layers": 2}, ValueError, "layers: expected none beside .* 2"),
        ({"layers": 0}, ValueError, "layers: expected an int of at least 1, got 0"),
        ({"layers": True}, TypeError, "layers: expected an int, got True"),
        ({"highlight": T}, ValueError, "highlight: expected a query from 0 to 4, got 5"),
        ({"highlight": -1}, ValueError, "highlight: expected an int of at least 0, got -1"),
        ({"highlight": "the"}, TypeError, "highlight: expected an int, got 'the'"),
        ({"queries": NAMES[1:]}, ValueError, "queries: expected 5 names"),
        ({"keys": NAMES}, ValueError, "keys: expected 7 names for this matrix, got 5"),
        ({"alt": ""}, ValueError, "alt: expected words"),
    ],
)
def test_what_is_no_relation_is_refused(change, error, message):
    with pytest.raises(error, match=message):
        plots.relation(**{"mask": torch.ones(T, S).bool(), "alt": "a", **change})
