"""Where the wrong answers to chapter 2 are kept."""

from answers import Mutants

MUTANTS = mutant = Mutants()
