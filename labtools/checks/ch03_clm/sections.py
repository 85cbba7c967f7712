"""Where in the book each idea is explained."""

from functools import partial

from labtools.checks.sections import Section

_section = partial(Section, chapter="Causal language modelling", page="ch03_clm.html")

OBJECTIVE = _section("From the chain rule to the loss", anchor="clm-objective")
SHIFT = _section("The shift", anchor="clm-shift")
MASK = _section("The causal mask", anchor="clm-mask")
NORMALISE = _section("What the loss is divided by", anchor="clm-normalise")
PACKING = _section("Packed documents", anchor="clm-packing")
GENERATION = _section("Generation", anchor="clm-generation")
