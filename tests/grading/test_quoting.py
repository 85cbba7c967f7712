"""Quoted markdown is shown as it was written."""

import html

import pytest

from labtools.grading.feedback.showing import markdown
from labtools.grading.quoting import quoted


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "```\n<b>b</b>\n```",
        "`````text\n</pre>\n`````\n# a",
        "[x](javascript:alert(1)) $\\href{javascript:alert(1)}{x}$",
        "$$\n<b>\n$$",
        "    indented\n\n\n- a\n",
    ],
)
def test_quoted(text):
    shown = str(markdown(quoted(text)))
    start, _, rest = shown.partition("<pre>")
    inside, _, after = rest.rpartition("</pre>")
    assert html.unescape(inside.replace("<span></span>", "")).strip("\n") == text.strip("\n")
    assert "<" not in inside.replace("<span></span>", "")
    assert "href" not in start + after
