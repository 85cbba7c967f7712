"""Any text becomes one that files and databases take."""

import pytest

from labtools.grading.plain import plain


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\r\nb\n\tc", "a\nb\n\tc"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("half of a pair: \ud800", "half of a pair: ?"),
        ("nul\x00bell\x07", "nul bell "),
        ("\u202eright to left", " right to left"),
        ("一 ∞ é 🙂", "一 ∞ é 🙂"),
    ],
)
def test_plain(text, shown):
    assert plain(text, 100) == shown
    shown.encode()


def test_a_long_text_is_cut_and_says_so():
    assert plain("ab" * 3000, 5) == "ababa\n… and 5,995 characters more"
    assert plain("ababa", 5) == "ababa"
