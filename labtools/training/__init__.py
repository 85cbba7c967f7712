"""One training loop for every chapter: `fit`.

In the order in which a step meets them:

settings    the numbers of a run, checked, and the schedule of its learning rate
batches     any nest of tensors: its parts by name, moved to a device, compared by a digest
randomness  seeds, and the state that lets a step be repeated
loop        `fit`
nonfinite   which step and module a NaN came out of, and the mistake it suggests
checkpoint  a run on disk, written whole or not at all
history     what a run did
bar         the progress bar of a notebook, a terminal and a log
"""

from labtools.training.bar import progress
from labtools.training.history import History
from labtools.training.loop import fit
from labtools.training.nonfinite import NonFiniteError

__all__ = ["History", "NonFiniteError", "fit", "progress"]
