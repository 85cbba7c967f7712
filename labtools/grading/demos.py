"""Demonstrations are for reading: a grade does not need them."""

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from .release import Resources


class SkipDemos(NbGraderPreprocessor):
    """Tags the cells that the release tags `demo` so that nbclient does not run them."""

    def preprocess_cell(
        self, cell: NotebookNode, resources: Resources, cell_index: int
    ) -> tuple[NotebookNode, Resources]:
        """The cell, with `skip-execution` among its tags if `demo` is."""
        if "demo" in cell.metadata.get("tags", []):
            cell.metadata["tags"] = [*cell.metadata["tags"], "skip-execution"]
        return cell, resources
