"""Ready-made properties, for what single results do not show.

That a function changes its input or returns a view of it needs no property: the engine looks at
every call. Arguments that all have:

- ``words``: what to say when the property does not hold.
- ``args``: makes the arguments of a call, as a tuple: ``lambda: (torch.rand(2, 6), 3)``.
- ``part``: takes from the result the tensor that is meant, where the result holds several.
- ``name``: what ``diagnose`` calls it.
"""

from labtools.checks.properties.following import follows_device, follows_dtype
from labtools.checks.properties.generators import goes_on, only_this_generator
from labtools.checks.properties.gradients import gradient, no_gradient_where
from labtools.checks.properties.invariance import future_unseen, unaffected

__all__ = [
    "follows_device",
    "follows_dtype",
    "future_unseen",
    "goes_on",
    "gradient",
    "no_gradient_where",
    "only_this_generator",
    "unaffected",
]
