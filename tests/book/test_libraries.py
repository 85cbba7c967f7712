"""Chapter 2 hands one mask to five interfaces: what its tables say is what must come out."""

from pathlib import Path

import jupytext
import pytest

PAGE = Path(__file__).parents[2] / "book" / "ch02_attention_masks.md"
SECTION = "(attention-libraries)="
SAME, OTHER, ERROR = "✓✗–"


@pytest.fixture(scope="module")
def names():
    """What the section's cells define, after the page's first cell, which imports."""
    cells = jupytext.read(PAGE).cells
    start = next(i for i, c in enumerate(cells) if SECTION in c.source)
    end = next(i for i, c in enumerate(cells) if i > start and "(attention-wrong)=" in c.source)
    code = [cells[i] for i in (1, *range(start, end)) if cells[i].cell_type == "code"]
    names = {}
    for cell in code:
        exec(compile(cell.source, PAGE.name, "exec"), names)
    return names


FORMS = ["True = may attend", "True = blocked", "0 and −∞", "1 and 0, float", "1 and 0, int"]
NEW = [SAME, OTHER, SAME, OTHER, ERROR]
OLD = [OTHER, SAME, SAME, OTHER, ERROR]
EXPECTED = {
    ("scaled_dot_product_attention, attn_mask", "(T, S)"): NEW,
    ("scaled_dot_product_attention, attn_mask", "(B, 1, T, S)"): NEW,
    ("nn.MultiheadAttention, attn_mask", "(T, S)"): OLD,
    ("nn.MultiheadAttention, attn_mask", "(B·H, T, S)"): OLD,
    ("nn.MultiheadAttention, key_padding_mask", "(B, S)"): OLD,
    ("nn.Transformer, src_mask", "(T, S)"): OLD,
    ("nn.Transformer, src_mask", "(B·H, T, S)"): OLD,
    ("nn.Transformer, src_key_padding_mask", "(B, S)"): OLD,
    ("FlexAttention, mask_mod", "(B, 1, T, S)"): [SAME, OTHER, ERROR, ERROR, ERROR],
    ("Hugging Face sdpa, attention_mask", "(B, S)"): [SAME, OTHER, OTHER, SAME, SAME],
    ("Hugging Face sdpa, attention_mask", "(B, 1, T, S)"): NEW,
    ("Hugging Face eager, attention_mask", "(B, S)"): [SAME, OTHER, OTHER, SAME, SAME],
    ("Hugging Face eager, attention_mask", "(B, 1, T, S)"): [OTHER, OTHER, SAME, OTHER, OTHER],
}


def test_what_each_library_makes_of_the_mask(names):
    assert list(names["forms"]) == FORMS
    assert names["accepted"] == EXPECTED


def test_how_each_library_aligns_causal(names):
    alignments = {name.strip("`"): where for name, where in names["alignments"].items()}
    refusal = alignments.pop("nn.MultiheadAttention")
    assert refusal.startswith("refuses: “Need attn_mask")
    assert alignments == {
        "scaled_dot_product_attention": "top left",
        "FlexAttention": "top left",
        "Hugging Face": "bottom right",
    }


def test_the_formula_itself_masks(names):
    """The yardstick of the tables, held against a loop over visible keys."""
    torch, q, both = names["torch"], names["q"], names["both"]
    output = names["formula"](q, q, q, both).unflatten(-1, q.shape[1::2]).transpose(1, 2)
    for b, h, i in torch.cartesian_prod(*map(torch.arange, q.shape[:3])).tolist():
        seen = q[b, h, both[b, 0, i]]
        weights = (seen @ q[b, h, i] / q.shape[-1] ** 0.5).softmax(0)
        torch.testing.assert_close(output[b, h, i], weights @ seen)
