"""Where the right answers to chapter 2 are kept."""

from answers import Variants

VARIANTS = variant = Variants()
