"""Where the wrong answers to chapter 6 are kept."""

from answers import Mutants

MUTANTS = mutant = Mutants()
