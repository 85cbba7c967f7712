"""The released notebook that a submission began as."""

from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

Resources = dict[str, Any]
"""What nbgrader passes along with a notebook."""


def released_notebook(preprocessor: NbGraderPreprocessor, resources: Resources) -> NotebookNode:
    """The release of the notebook that `preprocessor` works on.

    Args:
        preprocessor: an nbgrader preprocessor inside a converter.
        resources: what nbgrader passes along with the notebook.

    Returns:
        NotebookNode.

    Raises:
        FileNotFoundError: nothing has been released under this name.
    """
    coursedir = preprocessor.parent.parent.coursedir
    assignment, name = resources["nbgrader"]["assignment"], resources["nbgrader"]["notebook"]
    folder = coursedir.format_path(coursedir.release_directory, ".", assignment)
    path = Path(folder, f"{name}.ipynb")
    if not path.exists():
        raise FileNotFoundError(
            f"{path} is not there, and submissions are graded inside the released notebook: "
            f"run `nbgrader generate_assignment {assignment}` first"
        )
    return nbformat.read(path, as_version=4)


def grade_id(cell: NotebookNode) -> str | None:
    """The `grade_id` of a cell; None if it has none."""
    return cell.metadata.get("nbgrader", {}).get("grade_id")
