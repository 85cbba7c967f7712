"""Where the wrong answers to chapter 4 are kept."""

from answers import Mutants

MUTANTS = mutant = Mutants()
