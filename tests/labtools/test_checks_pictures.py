"""A notebook gets a picture before the error; a terminal gets neither it nor its cost."""

import contextlib
import subprocess
import sys

import IPython.display
import pytest
import torch

from labtools.checks import Case, CheckFailed, Section, Spec, check, picture
from labtools.plots import Figure


def causal(x):
    T = x.shape[-1]
    return torch.ones(T, T, dtype=torch.bool).tril().expand(*x.shape[:-1], T, T).clone()


SPEC = Spec(
    "mask",
    ("x",),
    Section("Masks", "Pictures", "pictures.html", "pictures-masks"),
    causal,
    lambda generator: [Case((torch.zeros(2, 3),))],
    axes=("query", "key"),
)


@pytest.fixture
def shown(monkeypatch):
    """What a notebook would show."""
    figures = []
    monkeypatch.setattr(picture, "_in_notebook", lambda: True)
    monkeypatch.setattr(IPython.display, "display", figures.append)
    return figures


def leak(x):
    mask = causal(x)
    mask[1, 0, 2] = True
    return mask


def test_a_notebook_shows_yours_beside_the_expected(shown, capfd):
    with pytest.raises(CheckFailed):
        check(SPEC, leak)
    (figure,) = shown
    assert isinstance(figure, Figure)
    assert "query 0, key 2" in figure.alt
    assert capfd.readouterr() == ("", "")


def test_the_first_wrong_matrix_is_shown(shown):
    with pytest.raises(CheckFailed) as caught:
        check(SPEC, leak)
    drawn = caught.value.diagnosis.picture
    assert drawn.yours.tolist() == [[True, False, True], [True, True, False], [True] * 3]
    assert drawn.expected.equal(causal(torch.zeros(3)))


@pytest.mark.parametrize(
    "answer",
    [causal, lambda x: None, lambda x: causal(x).float(), lambda x: causal(x)[0], lambda x: 1 / 0],
)
def test_where_there_is_nothing_to_compare_no_picture_is_shown(shown, answer):
    with contextlib.suppress(CheckFailed):
        check(SPEC, answer)
    assert not shown


def test_numbers_are_shown_too(shown):
    numbers = Spec("f", ("x",), "", lambda x: 2 * x, SPEC.cases)
    for wrong in (lambda x: 2 * x + 0.5, lambda x: 2 * x + torch.nan):
        with pytest.raises(CheckFailed):
            check(numbers, wrong)
    assert len(shown) == 2


def test_a_picture_that_fails_does_not_hide_the_verdict(monkeypatch, shown):
    monkeypatch.setattr("labtools.plots.compare", None)
    with pytest.raises(CheckFailed, match="mask: wrong result"):
        check(SPEC, leak)
    assert not shown


def test_outside_a_notebook_no_plots_are_imported():
    code = """
import sys
from labtools.checks import Case, CheckFailed, Spec, check
import torch
spec = Spec("f", ("x",), "", lambda x: 2 * x, lambda generator: [Case((torch.ones(2, 3),))])
try:
    check(spec, lambda x: x + 2)
except CheckFailed as failed:
    assert failed.diagnosis.picture
print([name for name in ("matplotlib", "labtools.plots", "IPython") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_the_section_names_the_page(monkeypatch):
    monkeypatch.delenv("LABTOOLS_BOOK", raising=False)
    with pytest.raises(CheckFailed, match=r"Look up: “Masks” in the chapter “Pictures” \(pictures"):
        check(SPEC, leak)


@pytest.mark.parametrize("address", ["https://example.org/book", "https://example.org/book/"])
def test_the_section_has_an_address_where_the_book_has_one(monkeypatch, address):
    monkeypatch.setenv("LABTOOLS_BOOK", address)
    assert str(SPEC.section) == (
        "“Masks” in the chapter “Pictures”: https://example.org/book/pictures.html#pictures-masks"
    )
