"""Demonstrations are for reading: a grade does not need them."""

from nbgrader.preprocessors import NbGraderPreprocessor


class SkipDemos(NbGraderPreprocessor):
    """Tags the cells that the release tags `demo` so that nbclient does not run them."""

    def preprocess_cell(self, cell, resources, cell_index):
        """The cell, with `skip-execution` among its tags if `demo` is."""
        if "demo" in cell.metadata.get("tags", []):
            cell.metadata["tags"] = [*cell.metadata["tags"], "skip-execution"]
        return cell, resources
