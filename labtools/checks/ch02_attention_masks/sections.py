"""Where in the book each idea is explained."""

from functools import partial

from labtools.checks.sections import Section

_section = partial(Section, chapter="Attention and its masks", page="ch02_attention_masks.html")

AVERAGE = _section("Attention is a weighted average", anchor="attention-average")
RELATION = _section("Who may see whom", anchor="attention-relation")
ADDITIVE = _section("Boolean, additive, multiplicative", anchor="attention-additive")
KINDS = _section("Causal, padding, window", anchor="attention-kinds")
DEPTH = _section("What depth does", anchor="attention-depth")
BLOCKED = _section("Nothing to see", anchor="attention-blocked")
PADDING = _section("Padding left or right", anchor="attention-padding")
CACHE = _section("Fewer queries than keys", anchor="attention-cache")
LIBRARIES = _section("One mask, five interfaces", anchor="attention-libraries")
