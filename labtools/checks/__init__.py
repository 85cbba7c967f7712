"""Checks that name the mistake: a package per chapter, and the engine behind them.

``spec`` says what a function should do and ``examining`` whether it says so soundly; ``engine``
decides, with ``holding`` for properties; ``report`` and ``drawing`` find the words. ``calling``
runs a learner's function safely; ``limits``, ``isolation`` and ``refusing`` are its parts.
``kinds`` and ``signatures`` know what any function can get wrong, ``properties`` what must often
hold. ``losses`` is what the checks of several losses share, ``key_masks`` those of masks of keys,
``chance`` those of functions that draw; ``toy_model`` and ``toy_seq2seq`` are models to generate
and score with. ``revealing`` is for code that is wrong on purpose.

What a learner must not call is said in a spec: ``refused=Refused("softmax", instead=…)`` for a
function of torch, ``Refused(definitions.infilled, instead=…)`` for one that is written in Python.
"""

from labtools.checks.engine import check, diagnose, inputs_are_known
from labtools.checks.examining import examine
from labtools.checks.repeating import repeated
from labtools.checks.report import CheckFailed, Diagnosis, require
from labtools.checks.revealing import reveals
from labtools.checks.sections import Section
from labtools.checks.spec import (
    Case,
    Mistake,
    Property,
    Refused,
    Spec,
    SpecError,
    Special,
    Words,
    mistakes,
)
from labtools.checks.values import agree

__all__ = [
    "Case",
    "CheckFailed",
    "Diagnosis",
    "Mistake",
    "Property",
    "Refused",
    "Section",
    "Spec",
    "SpecError",
    "Special",
    "Words",
    "agree",
    "check",
    "diagnose",
    "examine",
    "inputs_are_known",
    "mistakes",
    "repeated",
    "require",
    "reveals",
]
