"""Where in the book each idea is explained."""

from functools import partial

from labtools.checks.sections import Section

_section = partial(Section, chapter="Predicting a token", page="ch01_prediction.html")

CHAIN_RULE = _section("A distribution over texts", anchor="prediction-chain-rule")
LIKELIHOOD = _section("Likelihood, cross-entropy, divergence", anchor="prediction-likelihood")
LOG_SOFTMAX = _section("From logits to log-probabilities", anchor="prediction-log-softmax")
COST = _section("What a token costs", anchor="prediction-cost")
UNITS = _section("Perplexity and bits", anchor="prediction-units")
FLOOR = _section("The floor, computed twice", anchor="prediction-floor")
