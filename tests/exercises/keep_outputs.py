"""Run a solution notebook and keep the output of the cells marked `# NBVAL_CHECK_OUTPUT`.

    python tests/exercises/keep_outputs.py solutions/NAME/NAME.ipynb

The other outputs are deleted. An error in any cell leaves the file as it is.
"""

import sys

import nbformat
from nbclient import NotebookClient

MARK = "# NBVAL_CHECK_OUTPUT"


def keep_marked_outputs(nb):
    """Delete every output but the marked ones, and all that changes from run to run."""
    for cell in nb.cells:
        if cell.cell_type != "code":
            continue
        cell.metadata.pop("execution", None)
        marked = MARK in cell.source
        cell.execution_count = 1 if marked else None  # nbval takes a cell without for one not run
        if not marked:
            cell.outputs = []


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    nb = nbformat.read(sys.argv[1], as_version=4)
    metadata = dict(nb.metadata)
    NotebookClient(nb, timeout=600).execute()
    keep_marked_outputs(nb)
    nb.metadata = metadata  # the kernel adds the version of Python
    nbformat.write(nb, sys.argv[1])
