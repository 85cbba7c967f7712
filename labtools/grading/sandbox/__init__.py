"""Where learners' code runs: shut in with bubblewrap, namespaces, limits and seccomp.

boxes       open boxes, warm or cold
opened      one box, seen from outside
starting    the process that boxes are forked from
bubblewrap  its command line: what is seen inside
cgroups     counts and limits what all processes of a box use together
machine     what this machine can do of it
abilities   one ability at a time, and how to mend what is missing

What runs inside is in ``labtools.grading.box``.
"""

from .abilities import SandboxMissing
from .boxes import Boxes
from .machine import Lack, Machine, probe
from .opened import Box
from .starting import BoxFailed

__all__ = ["Box", "BoxFailed", "Boxes", "Lack", "Machine", "SandboxMissing", "probe"]
