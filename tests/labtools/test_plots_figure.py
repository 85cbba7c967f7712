"""A finished figure: its words, and the images for pages that take its style and its SVG away."""

import base64
import re
from xml.etree import ElementTree

import pytest

from labtools.plots import Figure

PANELS = (
    '<svg viewBox="0 0 5 7" width="5" aria-hidden="true"><text x="1" y="2">one</text></svg>',
    '<svg viewBox="0 0 5 7" width="5"><path style="fill: var(--lt-model,#8a3f7f)"/></svg>',
)


def html() -> str:
    return Figure(PANELS, 'Sees "itself" & the past', "under it")._repr_html_()


def test_alt_is_the_text_of_the_figure():
    assert repr(Figure(PANELS, " words ")) == "words"
    assert 'role="img" aria-label="Sees &quot;itself&quot; &amp; the past"' in html()


@pytest.mark.parametrize("alt", ["", "  ", None, 7])
def test_a_figure_without_alt_is_refused(alt):
    with pytest.raises(ValueError, match="alt: expected words"):
        Figure(PANELS, alt)


def test_images_are_the_panels():
    images = re.findall(r'<img alt="([^"]*)" src="data:image/svg\+xml;base64,([^"]*)"', html())
    assert [alt for alt, _ in images] == ["Sees &quot;itself&quot; &amp; the past", ""]
    for (_, data), panel in zip(images, PANELS, strict=True):
        alone = ElementTree.fromstring(base64.b64decode(data))  # namespaces and all
        assert alone.tag == "{http://www.w3.org/2000/svg}svg"
        assert alone[1].attrib == ElementTree.fromstring(panel)[0].attrib
        assert "background:#fff" in alone[0].text


def test_panels_show_only_with_the_style_and_the_svg():
    assert '<div class="labtools-panels" style="display:none"' in html()
    assert ".labtools-panels:has(svg){display:flex!important" in html()
    assert ".labtools-panels:has(svg)+.labtools-images{display:none}" in html()


def test_without_style_and_svg_no_text_is_shown_but_the_caption():
    """What JupyterLab leaves of a notebook that is not trusted."""
    left = re.sub(r"<style>.*?</style>", "", html(), count=1)
    left = re.sub(r"</?(svg|text|path)[^>]*>", "", left)
    hidden = re.search(
        r'<div class="labtools-panels" style="display:none"[^>]*>([^<]*)</div>', left
    )
    assert hidden[1] == "one"
    assert re.sub(r"<[^>]*>", "", left.replace(hidden[0], "")) == "under it"
