"""Where in the book each idea is explained."""

from functools import partial

from labtools.checks.sections import Section

_section = partial(Section, chapter="Masked language modelling", page="ch04_mlm.html")

OBJECTIVE = _section("Marginals, not the joint", anchor="mlm-objective")
CORRUPTION = _section("Tokens are corrupted, not attention", anchor="mlm-corruption")
SELECTION = _section("What may be selected", anchor="mlm-selection")
TREATMENTS = _section("Eighty, ten, ten", anchor="mlm-treatments")
LOSS = _section("What is scored", anchor="mlm-loss")
FLOOR = _section("Down to the floor", anchor="mlm-floor")
SCORING = _section("Scoring a text", anchor="mlm-scoring")
