"""Learner's functions that live in a box, seen from the process that is trusted.

peer        its cells and its names
function    a function that is called there
calls       calls, and what the box asks about their arguments meanwhile
telling     what else a box is told with a call
second_look refused calls, in the source
lending     models, which are asked from there
gradients   the gradient of what was returned
restoring   what a function changed in place
displayed   what its cells show
asking      one question after the other
expecting   what an answer must be made of
clock       when it has taken too long
losing      when it cannot be asked any more
"""

from labtools.grading.remote.function import RemoteFunction
from labtools.grading.remote.losing import BoxLost
from labtools.grading.remote.peer import Peer

__all__ = ["BoxLost", "Peer", "RemoteFunction"]
