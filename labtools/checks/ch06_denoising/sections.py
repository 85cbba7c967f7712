"""Where in the book each idea is explained."""

from functools import partial

from labtools.checks.sections import Section

_section = partial(Section, chapter="Denoising", page="ch06_denoising.html")

TASKS = _section("One text, many tasks", anchor="noise-tasks")
SPANS = _section("Spans of noise", anchor="noise-spans")
SENTINELS = _section("Sentinels", anchor="noise-sentinels")
INFILLING = _section("A mask for any number of tokens", anchor="noise-infilling")
PERMUTING = _section("Deleting and permuting", anchor="noise-permuting")
MIDDLE = _section("The middle last", anchor="noise-middle")
INVERSE = _section("Back to the text", anchor="noise-inverse")
COST = _section("What each costs", anchor="noise-cost")
GAIN = _section("What each buys", anchor="noise-gain")
