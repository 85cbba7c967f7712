"""Where the right answers to chapter 6 are kept."""

from answers import Variants

VARIANTS = variant = Variants()
