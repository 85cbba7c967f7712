"""Dates and names from CLDR."""

import datetime
import unicodedata
from itertools import pairwise

import pytest
import torch

from labtools.corpora import cldr, is_held_out
from labtools.corpora.cldr import ISO, LOCALES, Pair


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def days(first, n):
    return [first + datetime.timedelta(days=i) for i in range(n)]


LEAP_YEAR = days(datetime.date(2024, 1, 1), 366)


def texts_of(pairs):
    return {pair.source for pair in pairs} | {pair.target for pair in pairs}


@pytest.fixture(scope="module")
def leap_year_pairs():
    return cldr.date_pairs(LEAP_YEAR)


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("en", "January 5, 2024"),
        ("de", "5. Januar 2024"),
        ("hu", "2024. január 5."),
        ("ru", "5 января 2024 г."),
        ("he", "5 בינואר 2024"),
        ("ja", "2024年1月5日"),
    ],
)
def test_a_long_date_becomes_iso(locale, text):
    day = datetime.date(2024, 1, 5)
    assert cldr.date_pairs([day], sources=[locale]) == (
        Pair(text, "2024-01-05", locale, ISO, "2024-01-05"),
    )


def test_dates_between_locales():
    day = datetime.date(1987, 11, 23)
    pairs = cldr.date_pairs([day], sources=("fi", "fr"), targets=("fr", "el", ISO))
    assert [(p.source_locale, p.target_locale) for p in pairs] == [
        *[("fi", "fr"), ("fi", "el"), ("fi", ISO)],
        *[("fr", "el"), ("fr", ISO)],
    ]
    assert pairs[0].source == "23. marraskuuta 1987"
    assert pairs[0].target == pairs[3].source == "23 novembre 1987"
    assert {pair.key for pair in pairs} == {"1987-11-23"}


def test_a_text_stands_for_one_date_in_all_locales_together(leap_year_pairs):
    assert len(leap_year_pairs) == 366 * len(LOCALES)
    meaning = {}
    for pair in leap_year_pairs:
        assert meaning.setdefault(pair.source, pair.target) == pair.target, pair
    assert all(pair.key[:4] in pair.source for pair in leap_year_pairs)


@pytest.mark.parametrize("kind", ["territories", "languages"])
def test_a_name_stands_for_one_code_in_all_locales_together(kind):
    pairs = cldr.name_pairs(kind, targets=LOCALES)
    meaning = {}
    for pair in pairs:
        assert meaning.setdefault(pair.source, pair.key) == pair.key, pair
    assert "makua" not in meaning


def test_texts_are_clean(leap_year_pairs):
    texts = texts_of(leap_year_pairs)
    texts |= texts_of(cldr.name_pairs("territories") + cldr.name_pairs("languages"))
    for text in texts:
        assert text == " ".join(text.split()) != ""
        assert not {unicodedata.bidirectional(c) for c in text} & {"LRE", "RLE", "PDF", "BN"}
        assert not set(text) & set("\u061c\u200e\u200f")
        assert unicodedata.is_normalized("NFC", text)


def test_names_between_locales():
    (germany,) = (
        pair
        for pair in cldr.name_pairs("territories", sources=["de"])
        if pair.source == "Deutschland"
    )
    assert germany == Pair("Deutschland", "Germany", "de", "en", "DE")
    codes = {pair.key for pair in cldr.name_pairs("territories", ["de"], ["ja"])}
    assert {"FI", "IN", "JP"} <= codes
    assert not codes & {"EU", "ZZ", "001", "419"}
    languages = {pair.key for pair in cldr.name_pairs("languages", ["de"], ["ja"])}
    assert {"fi", "hi", "ja"} <= languages
    assert not languages & {"und", "mul", "de_CH"}


@pytest.mark.parametrize(
    "pairs",
    [
        lambda: cldr.date_pairs(LEAP_YEAR, targets=(ISO, "fi", "ru")),
        lambda: cldr.name_pairs("territories", targets=LOCALES),
        lambda: cldr.name_pairs("languages", targets=LOCALES),
    ],
    ids=["dates", "territories", "languages"],
)
def test_nothing_leaks_between_the_sides(pairs):
    pairs = pairs()
    train, held_out = cldr.split(pairs)
    assert not texts_of(train) & texts_of(held_out)
    assert not {pair.key for pair in train} & {pair.key for pair in held_out}
    assert len(train) + len(held_out) == len(pairs)
    assert 0.06 < len(held_out) / len(pairs) < 0.15


def test_the_sides_are_fixed():
    january = [f"2024-01-{day:02}" for day in range(1, 32)]
    assert [key[-2:] for key in january if is_held_out(key)] == ["01", "14"]
    _, one_locale = cldr.split(cldr.date_pairs(LEAP_YEAR[:31], sources=["ko"]))
    assert [pair.key for pair in one_locale] == [key for key in january if is_held_out(key)]


def test_every_month_and_day_is_held_out_about_equally_often():
    century = days(datetime.date(1950, 1, 1), 36525)
    for part, low, high in (("month", 0.08, 0.12), ("day", 0.06, 0.14)):
        counts = {}
        for day in century:
            total, held = counts.get(getattr(day, part), (0, 0))
            counts[getattr(day, part)] = (total + 1, held + is_held_out(day.isoformat()))
        assert all(low < held / total < high for total, held in counts.values()), part


def test_drawn_dates_are_different_and_repeatable():
    first, last = datetime.date(2024, 2, 1), datetime.date(2024, 2, 29)
    drawn = cldr.draw_dates(29, seeded(), first=first, last=last)
    assert sorted(drawn) == days(first, 29)
    assert drawn != sorted(drawn)
    assert cldr.draw_dates(7, seeded()) == cldr.draw_dates(7, seeded())
    assert cldr.draw_dates(7, seeded()) != cldr.draw_dates(7, seeded(1))
    many = sorted(cldr.draw_dates(1100, seeded()))
    assert all(a < b for a, b in pairwise(many))
    assert many[0].year < 1905
    assert many[-1].year > 2094


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match=r"locale: expected one that Babel knows, got 'xx'"):
        cldr.date_pairs(LEAP_YEAR[:1], sources=["xx"])
    with pytest.raises(ValueError, match=r"locale: expected one that Babel knows, got 'iso'"):
        cldr.name_pairs("territories", targets=[ISO])
    with pytest.raises(ValueError, match="kind: expected 'territories' or 'languages', got 'x'"):
        cldr.name_pairs("x")
    with pytest.raises(ValueError, match="n: expected an int of at least 1, got 0"):
        cldr.draw_dates(0, seeded())
    with pytest.raises(ValueError, match=r"at most 366 days \(2024-01-01 to 2024-12-31\), got 367"):
        cldr.draw_dates(367, seeded(), first=LEAP_YEAR[0], last=LEAP_YEAR[-1])
