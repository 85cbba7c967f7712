"""Where the noise lies: ``random_spans``."""

from collections.abc import Callable

from torch import Generator

from labtools.checks.calling import Outcome
from labtools.checks.ch06_denoising.sections import SPANS
from labtools.checks.ch06_denoising.spans_chance import unlikely
from labtools.checks.ch06_denoising.spans_counts import miscounted, special
from labtools.checks.ch06_denoising.spans_draws import Times, nothing_drawn
from labtools.checks.ch06_denoising.spans_words import GENERATOR, STATIC
from labtools.checks.chance import looked_at
from labtools.checks.properties import goes_on, only_this_generator
from labtools.checks.spec import Case, Spec

ASKED = 41, 0.488, 2.9
NAME, ARGUMENTS = "random_spans", ("length", "rate", "mean_span", "generator")


def _cases(generator: Generator) -> list[Case]:
    """One in which nothing is drawn, for its parameters; all that is drawn is looked at below."""
    return [Case((Times(2, 0), 0.5, 1.0, Generator().manual_seed(3)))]


def specification(seed: int) -> Spec:
    """What is asked of ``random_spans``, made repeatable; the seed is also that of its draws."""
    form = Spec(NAME, ARGUMENTS, SPANS, nothing_drawn, _cases)
    properties = (
        looked_at("counts", form, seed, miscounted),
        goes_on(STATIC, _ask),
        only_this_generator(GENERATOR, _ask),
        looked_at("special", form, seed, special),
        looked_at("chance", form, seed, unlikely),
    )
    return Spec(NAME, ARGUMENTS, SPANS, nothing_drawn, _cases, (), properties)


def _ask(answer: Callable[..., Outcome], generator: Generator) -> Outcome:
    """20 noise tokens in 7 spans: ways enough for all draws to differ, and few enough to list."""
    return answer(*ASKED, generator)
