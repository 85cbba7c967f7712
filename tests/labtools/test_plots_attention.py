"""Attention weights: shades, hatching, one scale for all heads."""

import re

import pytest
import torch
from drawn import words_of

from labtools import plots

H, T, S = 3, 5, 7
NAMES = ["the", "cat", "sat", "on", "mats"]


def causal() -> torch.Tensor:
    return torch.ones(T, T, dtype=torch.bool).tril()


def uniform(mask: torch.Tensor) -> torch.Tensor:
    return mask / mask.sum(-1, keepdim=True)


def shades(panel: str) -> dict[float, float]:
    """Cells of 26 by 26 pixels by how strong their colour is."""
    cells: dict[float, float] = {}
    for path, style in re.findall(
        r'<path d="([^"]*)"[^>]*style="([^"]*--lt-visible,[^"]*)"', panel
    ):
        opacity = float(match[1]) if (match := re.search(r"opacity: ([\d.]+)", style)) else 1.0
        for box in path.split("z")[:-1]:
            xs, ys = zip(*re.findall(r"[ML] ([\d.]+) ([\d.]+)", box), strict=True)
            width, height = (max(map(float, v)) - min(map(float, v)) for v in (xs, ys))
            cells[opacity] = cells.get(opacity, 0) + width * height / 26**2
    return cells


def test_a_cell_is_as_strong_as_its_weight():
    panel = plots.attention(uniform(causal()), alt="a").panels[0]
    expected = {1.0: 1, 0.5: 2, 0.35: 3, 0.25: 4, 0.2: 5}  # 1, 1/2, 1/3, …, in steps of 1/20
    assert shades(panel) == pytest.approx(expected, rel=0.01)


def test_one_scale_for_all_heads():
    weights = torch.stack([uniform(torch.ones(T, S)), torch.eye(T, S), uniform(torch.ones(T, S))])
    panels = plots.attention(weights, alt="a").panels
    assert len(panels) == H + 1
    assert set(shades(panels[0])) == {0.15}  # 1/7 of the largest, which is in another head
    assert {"weight 0", "1"} <= set(words_of(panels[-1]))
    assert [f"head {h}" in words_of(panel) for h, panel in enumerate(panels[:H])] == [True] * H


def test_the_largest_weight_can_be_given():
    panels = plots.attention(uniform(torch.ones(T, S)), largest=0.5, alt="a").panels
    assert set(shades(panels[0])) == {0.3}
    assert "0.5" in words_of(panels[-1])


def test_blocked_cells_are_hatched_and_unattended_ones_are_not():
    weights = torch.eye(T)
    free, masked = (plots.attention(weights, mask=m, alt="a") for m in (None, causal()))
    assert "<pattern" not in "".join(free.panels)
    assert "<pattern" in masked.panels[0]
    assert "blocked" in words_of(masked.panels[-1])
    assert "blocked" not in words_of(free.panels[-1])


def test_weight_on_a_blocked_cell_is_outlined():
    weights = uniform(causal())
    assert "--lt-wrong" not in plots.attention(weights, mask=causal(), alt="a").panels[0]
    leaking = uniform(torch.ones(T, T))
    panel = plots.attention(leaking, mask=causal(), alt="a").panels[0]
    outline = re.search(r'<path d="([^"]*)"[^>]*stroke: var\(--lt-wrong,', panel)[1]
    assert outline.count("z") == 10


def test_names_and_title():
    shown = words_of(
        plots.attention(torch.rand(T, S), NAMES, list("abcdefg"), title="t", alt="a").panels[0]
    )
    assert {*NAMES, *"abcdefg", "query (reads)", "key (is read)", "t"} <= set(shown)


def test_many_tokens_get_numbers():
    weights = uniform(torch.ones(64, 64).tril())
    shown = words_of(plots.attention(weights, [f"w{i}" for i in range(64)], alt="a").panels[0])
    assert "w0" not in shown
    assert shown.count("8") == 2


def test_half_precision_and_gradients_are_accepted():
    weights = uniform(causal()).bfloat16().requires_grad_()
    assert shades(plots.attention(weights, alt="a").panels[0])


def test_no_weight_at_all_is_drawn_empty():
    panels = plots.attention(torch.zeros(T, S), mask=torch.zeros(T, S).bool(), alt="a").panels
    assert not shades(panels[0])


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"weights": torch.full((T, S), 1.5)}, ValueError, r"from 0 to 1, got 1.5 at \(0, 0, 0\)"),
        ({"weights": torch.full((T, S), torch.nan)}, ValueError, "from 0 to 1, got nan at"),
        ({"weights": torch.ones(T)}, ValueError, r"expected shape \(H, T, S\), got \(5,\)"),
        ({"weights": torch.ones(T, S).int()}, TypeError, "weights: expected dtype float64 or"),
        ({"weights": torch.ones(H, 0, S)}, ValueError, "expected at least one, got shape"),
        ({"weights": [[1.0]]}, TypeError, "weights: expected a tensor, got list"),
        ({"mask": torch.ones(T, T).bool()}, ValueError, r"mask: expected shape \(T, S\) with"),
        ({"mask": torch.ones(T, S)}, TypeError, "mask: expected dtype bool"),
        ({"queries": NAMES[1:]}, ValueError, "queries: expected 5 names"),
        ({"largest": 0.0}, ValueError, "largest: expected a weight above 0, got 0.0"),
        ({"alt": ""}, ValueError, "alt: expected words"),
    ],
)
def test_what_is_no_attention_is_refused(change, error, message):
    with pytest.raises(error, match=message):
        plots.attention(**{"weights": torch.ones(T, S) / S, "alt": "a", **change})
