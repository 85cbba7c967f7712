"""Colours can be told apart: by everyone, with colour-blindness simulated, and text can be read."""

from itertools import combinations

import pytest
import torch

from labtools import plots

# Of linear red, green and blue, at full severity: Machado, Oliveira and Fernandes (2009), A
# physiologically-based model for simulation of color vision deficiency.
SEEN_BY = {
    "all cones": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
XYZ = torch.tensor(  # of linear sRGB, white at D65
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
TOGETHER = [  # roles in one picture
    {"visible", "blocked", "wrong"},  # masks and attention
    {"visible", "blocked", "scored"},  # anatomy
    {"floor", "model", "wrong"},  # curves
    {"floor", "model", "blocked"},  # costs
]
PAGES = {0: ["#ffffff"], 1: ["#121212", "#14181e", "#111111"]}  # a browser, the book, JupyterLab
TEXT = {0: "#222832", 1: "#ced6dd"}  # of the book


def linear(colour: str) -> torch.Tensor:
    values = torch.tensor([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return torch.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def lab(rgb: torch.Tensor) -> torch.Tensor:
    """CIELAB of linear sRGB."""
    t = (XYZ @ rgb.clamp(0, 1)) / XYZ.sum(1)
    x, y, z = torch.where(t > (6 / 29) ** 3, t ** (1 / 3), t / (3 * (6 / 29) ** 2) + 4 / 29)
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def contrast(one: str, other: str) -> float:
    """As defined by WCAG 2."""
    low, high = sorted(float(XYZ[1] @ linear(colour)) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def test_lab_of_white_and_of_grey():
    assert lab(linear("#ffffff")).tolist() == pytest.approx([100, 0, 0], abs=0.01)
    assert lab(linear("#777777"))[0] == pytest.approx(50, abs=0.1)


def test_contrast_of_black_and_white():
    assert contrast("#000000", "#ffffff") == pytest.approx(21, rel=1e-3)


@pytest.mark.parametrize("theme", [0, 1])
@pytest.mark.parametrize("eyes", SEEN_BY)
def test_roles_of_one_picture_differ_for_every_eye(eyes, theme):
    seen = {
        role: lab(torch.tensor(SEEN_BY[eyes]).float() @ linear(values[theme]))
        for role, values in plots.PALETTE.items()
    }
    for roles in TOGETHER:
        for one, other in combinations(sorted(roles), 2):
            # about ten times the difference that one can just see
            assert (seen[one] - seen[other]).norm() > 20, (one, other)


@pytest.mark.parametrize("theme", [0, 1])
def test_coloured_text_can_be_read(theme):
    for role in ("floor", "model", "wrong"):
        for page in PAGES[theme]:
            assert contrast(plots.PALETTE[role][theme], page) >= 4.5, (role, page)


@pytest.mark.parametrize("theme", [0, 1])
def test_text_on_cells_can_be_read(theme):
    assert contrast(plots.PALETTE["blocked"][theme], TEXT[theme]) >= 4.5
    assert contrast(plots.PALETTE["scored"][theme], plots.ON_SCORED) >= 4.5


@pytest.mark.parametrize("theme", [0, 1])
def test_visible_stands_out_from_blocked(theme):
    visible, blocked = (plots.PALETTE[role][theme] for role in ("visible", "blocked"))
    assert contrast(visible, blocked) >= 3
