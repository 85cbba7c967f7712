"""A traceback quotes the source around it, and with it the hidden tests."""

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade

from .release import Resources


class HideTracebacks(NbGraderPreprocessor):
    """Leaves, of the errors in grade cells, what they say."""

    def preprocess_cell(
        self, cell: NotebookNode, resources: Resources, cell_index: int
    ) -> tuple[NotebookNode, Resources]:
        """The cell, its tracebacks replaced by name and message if it is a grade cell."""
        if is_grade(cell) and cell.cell_type == "code":
            for output in cell.outputs:
                if output.output_type == "error":
                    output.traceback = [f"{output.ename}: {output.evalue}"]
        return cell, resources
