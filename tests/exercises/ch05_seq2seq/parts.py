"""Where the right answers to chapter 5 are kept."""

from answers import Variants

VARIANTS = variant = Variants()
