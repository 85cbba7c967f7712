"""One sentence of an objective: inputs, targets, what is scored, the masks."""

import pytest
import torch
from drawn import SVG, area, trees, words

from labtools import plots

T, S = 5, 7
NAMES = ["the", "cat", "sat", "on", "mats"]
SRC = list("abcdefg")


def causal(size: int = T) -> torch.Tensor:
    return torch.ones(size, size, dtype=torch.bool).tril()


def test_anatomy_shows_inputs_targets_and_mask():
    targets = ["cat", "sat", "on", "mats", None]
    figure = plots.anatomy(NAMES, targets, [True] * 4 + [False], causal(), alt="a")
    shown = words(figure)
    assert [shown.count(f"→ {target}") for target in targets[:4]] == [1] * 4
    assert shown.count("–") == shown.count("not scored") == 1
    columns = max(30, 9 * len("mats") + 10) / 26  # of its cells are wider than high
    assert area(figure.panels[0], "visible") == pytest.approx(15 * columns, rel=0.01)
    assert area(figure.panels[0], "scored") == pytest.approx(4 * columns, rel=0.01)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"tokens": NAMES[1:]}, ValueError, "tokens: expected 5 of them, got 4"),
        ({"targets": NAMES[1:]}, ValueError, "targets: expected 5 of them, got 4"),
        ({"targets": [None] * 5}, ValueError, "expected a target at scored position 0, got None"),
        ({"scored": [1, 1, 1, 1, 0]}, TypeError, "scored: expected dtype bool"),
        ({"mask": torch.ones(T, S).bool()}, ValueError, "mask: expected a shape that"),
        ({"mask": torch.ones(T, T)}, TypeError, "mask: expected dtype bool"),
    ],
)
def test_what_is_no_anatomy_is_refused(change, error, message):
    arguments = {
        "tokens": NAMES,
        "targets": NAMES,
        "scored": [True] * T,
        "mask": causal(),
        "alt": "a",
    }
    with pytest.raises(error, match=message):
        plots.anatomy(**{**arguments, **change})


def test_a_mask_of_keys_alone_holds_for_every_query():
    keys = torch.tensor([[True] * 4 + [False]])
    targets, scored = [None, "cat", None, None, None], [False, True, False, False, False]
    one = plots.anatomy(NAMES, targets, scored, keys, alt="a")
    assert one.panels == plots.anatomy(NAMES, targets, scored, keys.expand(T, T), alt="a").panels
    assert words(one).count("not scored") == 4


# Sequence to sequence


def pair(**change) -> plots.Figure:
    arguments = {
        "src": SRC,
        "tgt_in": ["<bos>", *NAMES[:4]],
        "targets": NAMES,
        "scored": [True] * 4 + [False],
        "src_mask": torch.tensor([[True] * 6 + [False]]),
        "tgt_mask": causal(),
        "cross_mask": torch.tensor([[True] * 3 + [False] * 4]),
        "alt": "a",
    }
    return plots.anatomy_seq2seq(**{**arguments, **change})


def test_the_three_masks_of_a_pair_are_drawn():
    width = max(30, 9 * len("<bos>") + 10) / 26
    visible = S * 6 + T * 3 + 15
    assert area(pair().panels[0], "visible") == pytest.approx(visible * width, rel=0.01)
    assert area(pair().panels[0], "scored") == pytest.approx(4 * width, rel=0.01)


def test_a_pair_names_its_tokens_targets_and_masks():
    shown = words(pair())
    assert {"encoder mask", "decoder mask", "cross mask", "source", "decoder input"} <= set(shown)
    assert [shown.count(token) for token in SRC] == [2] * S
    assert [shown.count(f"→ {target}") for target in NAMES] == [1, 1, 1, 1, 0]


def test_decoder_queries_stand_beside_both_of_their_masks():
    (tree,) = trees(pair())
    at = {t.text: (float(t.get("x")), float(t.get("y"))) for t in tree.iter(f"{SVG}text")}
    assert at["cross mask"][1] == at["decoder mask"][1] > at["encoder mask"][1]
    assert at["cross mask"][0] == pytest.approx(at["encoder mask"][0], abs=10)  # both centred
    assert at["decoder mask"][0] > at["cross mask"][0]


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"tgt_in": NAMES[1:]}, ValueError, "tgt_in: expected 5 of them, got 4"),
        ({"targets": NAMES[1:]}, ValueError, "targets: expected 5 of them, got 4"),
        ({"targets": [None] * T}, ValueError, "a target at scored position 0, got None"),
        (
            {"cross_mask": torch.ones(T, T).bool()},
            ValueError,
            r"cross_mask: expected a shape that broadcasts to \(5, 7\), got \(5, 5\)",
        ),
        ({"src_mask": torch.ones(1, 1, 1, S).bool()}, ValueError, "src_mask: expected shape"),
        ({"tgt_mask": torch.ones(T, T)}, TypeError, "tgt_mask: expected dtype bool"),
        ({"alt": ""}, ValueError, "alt: expected words"),
    ],
)
def test_what_is_no_pair_is_refused(change, error, message):
    with pytest.raises(error, match=message):
        pair(**change)
