"""Dates and names in many languages, as pairs to translate.

The texts are those of the Unicode Common Locale Data Repository (CLDR), which Babel carries; they
depend on the CLDR version (``babel.core.get_cldr_version()``). What was done to them, and what was
not: white space is folded, since Russian writes a narrow no-break space before «г.»; the marks
that only set a writing direction are taken out, since some Hebrew names begin with one; calendars
are Gregorian; Babel writes ASCII digits in every locale, also where CLDR would write others.
"""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import torch
from babel import Locale, UnknownLocaleError
from babel.dates import format_date

from labtools.arguments import positive_int
from labtools.corpora.splits import is_held_out

LOCALES = ("en", "de", "es", "fr", "fi", "hu", "el", "ru", "he", "hi", "ja", "ko")
"""Twelve languages, seven scripts; Hebrew runs right to left, three put the year first."""

ISO = "iso"
"""The target locale of a date in ISO 8601, ``2024-01-05``."""

NO_PLACE = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})  # unions, tests, «unknown»
NO_LANGUAGE = frozenset({"mul", "und", "zxx"})  # «several», «unknown», «no language»
DIRECTION_MARKS = str.maketrans("", "", "\u061c\u200e\u200f")


@dataclass(frozen=True)
class Pair:
    """One text to translate.

    ``key`` is what both texts stand for, the ISO date or the code. It decides the side of the
    split: what is held out in one language is held out in all.
    """

    source: str
    target: str
    source_locale: str
    target_locale: str
    key: str


def draw_dates(
    n: int,
    generator: torch.Generator,
    *,
    first: datetime.date = datetime.date(1900, 1, 1),
    last: datetime.date = datetime.date(2099, 12, 31),
) -> list[datetime.date]:
    """``n`` different days from ``first`` to ``last``, both included, all equally likely.

    Raises:
        TypeError, ValueError: ``n`` is no int, or there are fewer days than that.
    """
    positive_int("n", n)
    n_days = (last - first).days + 1
    if n > n_days:
        raise ValueError(f"n: expected at most {max(n_days, 0)} days ({first} to {last}), got {n}")
    offsets = torch.randperm(n_days, generator=generator)[:n].tolist()
    return [first + datetime.timedelta(days=offset) for offset in offsets]


def date_pairs(
    dates: Iterable[datetime.date],
    sources: Sequence[str] = LOCALES,
    targets: Sequence[str] = (ISO,),
) -> tuple[Pair, ...]:
    """Every date as each source locale writes it at length → as each target locale does.

    In these twelve locales together a text stands for one date only. With more than one target,
    though, it does not say which is wanted: the model has to be told ``target_locale``.

    Args:
        dates: The days, each once.
        sources: Locales (``"de"``, ``"pt_BR"``), or :data:`ISO`.
        targets: The same. A locale is not paired with itself.

    Raises:
        ValueError: A locale that Babel does not know.
    """
    locales = {*sources, *targets}
    texts = {d.isoformat(): {loc: _long_date(d, loc) for loc in locales} for d in dates}
    return _pairs(texts, sources, targets)


def name_pairs(
    kind: Literal["territories", "languages"],
    sources: Sequence[str] = LOCALES,
    targets: Sequence[str] = ("en",),
) -> tuple[Pair, ...]:
    """Names of countries and other territories, or of languages: «Deutschland» → "Germany".

    Only what has a name in every locale asked for; no groups of territories, and no variants such
    as «Swiss High German», whose names are made of others. Where one text is the name of
    two codes («makua» is two languages), both are left out: it would have two translations, and
    could land on both sides of the split. Many names are the same in several languages.

    Raises:
        ValueError: Another kind, or a locale that Babel does not know.
    """
    if kind not in ("territories", "languages"):
        raise ValueError(f"kind: expected 'territories' or 'languages', got {kind!r}")
    names = {loc: getattr(_locale(loc), kind) for loc in {*sources, *targets}}
    codes = sorted(set.intersection(*(set(of) for of in names.values())))
    texts = {
        code: {loc: _clean(of[code]) for loc, of in names.items()}
        for code in codes
        if code.isalpha() and code not in NO_PLACE | NO_LANGUAGE
    }
    return _pairs(_without_shared_names(texts), sources, targets)


def split(pairs: Iterable[Pair]) -> tuple[list[Pair], list[Pair]]:
    """Training and held-out pairs; about one key in ten is held out, in all its languages."""
    train: list[Pair] = []
    held_out: list[Pair] = []
    for pair in pairs:
        (held_out if is_held_out(pair.key) else train).append(pair)
    return train, held_out


@cache
def _locale(name: str) -> Locale:
    try:
        return Locale.parse(name)
    except (UnknownLocaleError, ValueError) as error:
        raise ValueError(f"locale: expected one that Babel knows, got {name!r}") from error


def _long_date(day: datetime.date, locale: str) -> str:
    if locale == ISO:
        return day.isoformat()
    return _clean(format_date(day, "long", locale=_locale(locale)))


def _clean(text: str) -> str:
    return " ".join(text.translate(DIRECTION_MARKS).split())


def _without_shared_names(texts: Mapping[str, Mapping[str, str]]) -> dict[str, Mapping[str, str]]:
    codes_of: dict[str, set[str]] = {}
    for code, names in texts.items():
        for name in names.values():
            codes_of.setdefault(name, set()).add(code)
    shared = {code for codes in codes_of.values() if len(codes) > 1 for code in codes}
    return {code: names for code, names in texts.items() if code not in shared}


def _pairs(
    texts: Mapping[str, Mapping[str, str]], sources: Sequence[str], targets: Sequence[str]
) -> tuple[Pair, ...]:
    """Cross sources with targets; ``texts[key][locale]`` is the text."""
    return tuple(
        Pair(of[source], of[target], source, target, key)
        for key, of in texts.items()
        for source in sources
        for target in targets
        if source != target
    )
