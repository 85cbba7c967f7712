"""What of a draw is left to no chance: how many noise tokens and spans, and where they begin."""

import math
from collections.abc import Callable, Iterator

from labtools.checks.ch06_denoising.spans_draws import Draws, Setting, draw
from labtools.checks.ch06_denoising.spans_words import say
from labtools.checks.chance import Calls, Wrong
from labtools.checks.report import Diagnosis

TIMES = 15  # draws of each setting
# Short texts: a right answer may list all ways of cutting, or draw masks until one fits.
ORDINARY = (
    Setting(13, 0.36, 1.8),  # 5 in 3: both are rounded up
    Setting(24, 0.3, 2.4),  # 7 in 3: one down, one up
    Setting(30, 0.21, 1.4),  # 6 in 4: both down
    Setting(24, 0.46, 3.4),  # 11 in 3
    Setting(22, 0.2, 1.65),  # 4 in 2, and not 3, as 4.4 noise tokens would give
    Setting(17, 0.25, 3.0),  # 4 in 1
)
SPECIAL = (
    ("two-tokens", Setting(2, 0.5, 1.0)),
    ("no-noise", Setting(10, 0.02, 3.0)),
    ("nothing-kept", Setting(6, 0.97, 7.0)),
    ("no-span", Setting(12, 0.17, 5.0)),
    ("too-many-spans", Setting(10, 0.8, 1.0)),
    ("too-many-spans", Setting(8, 0.88, 2.2)),
)

Rule = Callable[[Setting], int]
NOISE_RULES: tuple[tuple[str, Rule], ...] = (
    ("rate-swapped", lambda s: s.kept),
    ("one-too-many", lambda s: s.noise + 1),
    ("one-too-few", lambda s: s.noise - 1),
    ("not-rounded", lambda s: math.floor(s.length * s.rate)),
    ("not-rounded", lambda s: math.ceil(s.length * s.rate)),
    ("rate-ignored", lambda s: s.length // 2),
    ("rate-ignored", lambda s: (s.length + 1) // 2),
)
SPAN_RULES: tuple[tuple[str, Rule], ...] = (
    ("single-tokens", lambda s: min(s.noise, s.kept)),
    ("one-span", lambda s: 1),
    ("spans-of-share", lambda s: max(round(s.length * s.rate / s.mean_span), 1)),
    ("mean-for-number", lambda s: round(s.mean_span)),
    *(
        (name, lambda s, to=to, of=of: min(max(to(of(s) / s.mean_span), 1), s.noise, s.kept))
        for to in (round, math.floor, math.ceil)
        for name, of in (
            ("spans-of-length", lambda s: s.length),
            ("spans-of-kept", lambda s: s.kept),
            ("spans-not-rounded", lambda s: s.noise),
        )
    ),
    ("one-span-more", lambda s: s.spans + 1),
    ("one-span-less", lambda s: max(s.spans - 1, 1)),
)


def miscounted(call: Calls) -> Diagnosis | None:
    """What is wrong in ordinary settings."""
    drawn = [draw(call, setting, TIMES) for setting in ORDINARY]
    return next((_say(name, drawn, of) for name, of in _mistakes(drawn)), None)


def special(call: Calls) -> Diagnosis | None:
    """What is wrong in settings in which n or k is no rounded number."""
    for name, setting in SPECIAL:
        try:
            drawn = draw(call, setting, TIMES)
        except Wrong as found:
            return say(name, f"{found.diagnosis.where}\n  {found.diagnosis.title}")
        if wrong := forbidden(drawn):
            return say(name if wrong in ("wrong-count", "wrong-number") else wrong, drawn.shown())
    return None


def forbidden(drawn: Draws) -> str | None:
    """The mistake of draws that no chance allows."""
    return next((name for name, _ in _mistakes([drawn], rules=False)), None)


Found = Iterator[tuple[str, Callable[[Draws], list[bool]]]]


def _mistakes(drawn: list[Draws], rules: bool = True) -> Found:
    """Names of mistakes, and which draws show them."""
    noise = [x.noise for x in drawn]
    if any(n != x.setting.noise for x in drawn for n in x.noise):
        yield from _of_noise(drawn, rules)
    elif noise:
        yield from _of_places(drawn)
        yield from _of_spans(drawn, rules)


def _of_noise(drawn: list[Draws], rules: bool) -> Found:
    def wrong(x: Draws) -> list[bool]:
        return [n != x.setting.noise for n in x.noise]

    if any(len(set(x.noise)) > 1 for x in drawn):
        yield "count-varies", wrong
    for name, rule in NOISE_RULES if rules else ():
        if all(x.noise[0] == rule(x.setting) for x in drawn):
            upside_down = name == "rate-swapped" and all(bool(x.masks[:, 0].all()) for x in drawn)
            yield "inverted" if upside_down else name, wrong
    yield "wrong-count", wrong


def _of_places(drawn: list[Draws]) -> Found:
    touching = any(n < x.setting.spans for x in drawn for n in x.spans)
    vary = any(len(set(x.spans)) > 1 for x in drawn)
    round_the_end = [(x.masks[:, 0] & x.masks[:, -1]).tolist() for x in drawn]
    if any(map(any, round_the_end)) and all(n == x.setting.spans for x in drawn for n in x.rolled):
        yield "rolled", lambda x: (x.masks[:, 0] & x.masks[:, -1]).tolist()
    if vary and any(n > x.setting.spans for x in drawn for n in x.spans):
        yield "tokens-alone", lambda x: [n != x.setting.spans for n in x.spans]
    elif vary and touching:
        yield "spans-touch", lambda x: [n < x.setting.spans for n in x.spans]
    if any(bool(x.masks[:, 0].any()) for x in drawn):
        yield "begins-with-noise", lambda x: x.masks[:, 0].tolist()
    if not all(bool(x.masks[:, -1].all()) for x in drawn):
        yield "ends-with-kept", lambda x: (~x.masks[:, -1]).tolist()


def _of_spans(drawn: list[Draws], rules: bool) -> Found:
    def wrong(x: Draws) -> list[bool]:
        return [k != x.setting.spans for k in x.spans]

    if not any(any(wrong(x)) for x in drawn):
        return
    for name, rule in SPAN_RULES if rules else ():
        if all(x.spans[0] == rule(x.setting) for x in drawn):
            yield name, wrong
    yield "wrong-number", wrong


def _say(name: str, drawn: list[Draws], wrong: Callable[[Draws], list[bool]]) -> Diagnosis:
    """With the draws of the first setting that show it."""
    shown = next(x for x in drawn if any(wrong(x)))
    return say(name, shown.shown([i for i, of in enumerate(wrong(shown)) if of][:3]))
