"""Where the wrong answers to chapter 5 are kept."""

from answers import Mutants

MUTANTS = mutant = Mutants()
