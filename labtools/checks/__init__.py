"""Checks that name the mistake: one file per chapter, and the engine behind them.

``engine`` decides, ``calling`` runs a learner's function safely, ``report`` finds the words.
"""

from labtools.checks.report import CheckFailed, require

__all__ = ["CheckFailed", "require"]
