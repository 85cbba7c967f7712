"""Every labelled equation has its test, and every such test its equation."""

import re

from executed_equations import TESTS, chapters, equation_labels, equation_tests


def test_labels_and_tests_match_one_to_one(root):
    labels = [label for found in equation_labels(root).values() for label in found]
    tests = equation_tests(root)
    twice = sorted({label for label in labels if labels.count(label) > 1})
    assert not twice, f"labels used twice: {twice}"
    assert not (missing := sorted(set(labels) - set(tests))), f"no test in {TESTS} for {missing}"
    assert not (alone := sorted(set(tests) - set(labels))), f"no equation in the book for {alone}"


def test_labels_can_be_spelled_as_names_of_tests(root):
    for chapter, labels in equation_labels(root).items():
        wrong = [label for label in labels if not re.fullmatch(r"eq(-[a-z0-9]+)+", label)]
        assert not wrong, f"{chapter}: expected labels like eq-clm-chain-rule, got {wrong}"


def test_the_pages_are_read_in_the_order_of_the_contents(root):
    pages = chapters(root)
    assert pages[0] == "book/index"
    assert pages.index("book/ch03_clm") < pages.index("book/equations")
    assert all((root / f"{page}.md").exists() for page in pages)


def test_both_ways_to_write_a_label_are_found(tmp_path):
    (tmp_path / "_toc.yml").write_text("root: a\nparts:\n- chapters:\n  - file: b\n")
    (tmp_path / "a.md").write_text("No equation, $x$ (eq-none).")
    (tmp_path / "b.md").write_text(
        "$$\nx\n$$ (eq-one-a)\n\n```{math}\n:label: eq-two\ny\n```\n\n$$ z $$ (eq-three)\n"
    )
    assert equation_labels(tmp_path) == {"b": ["eq-one-a", "eq-two", "eq-three"]}
