"""Learner's functions that live in a box, seen from the process that is trusted.

peer        everything that is asked of one box, and what it may answer
function    a function that is called there
lending     models, which are asked from there
gradients   the gradient of what was returned
restoring   what a function changed in place
displayed   what its cells show
clock       when it has taken too long
"""

from labtools.grading.remote.function import RemoteFunction
from labtools.grading.remote.losing import BoxLost
from labtools.grading.remote.peer import Peer

__all__ = ["BoxLost", "Peer", "RemoteFunction"]
