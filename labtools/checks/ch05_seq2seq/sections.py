"""Where in the book each idea is explained."""

from functools import partial

from labtools.checks.sections import Section

_section = partial(Section, chapter="Sequence to sequence", page="ch05_seq2seq.html")

OBJECTIVE = _section("A target given a source", anchor="s2s-objective")
MASKS = _section("Three masks", anchor="s2s-masks")
SHIFT = _section("Shifted right", anchor="s2s-shift")
LOSS = _section("What is scored", anchor="s2s-loss")
SMOOTHING = _section("Label smoothing", anchor="s2s-smoothing")
FLOOR = _section("Down to the floor", anchor="s2s-floor")
CROSS = _section("Where the decoder looks", anchor="s2s-cross")
EXPOSURE = _section("On its own words", anchor="s2s-exposure")
DECODING = _section("Searching for the best", anchor="s2s-decoding")
DATES = _section("Dates in twelve languages", anchor="s2s-dates")
