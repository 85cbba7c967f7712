"""What a grade cell prints or returns is no score: it is right unless it has an error."""

from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade

from .release import Resources

NOT_RUN = {"ename": "NotRun", "evalue": "this check did not run", "traceback": []}


class ScoreByErrors(NbGraderPreprocessor):
    """Turns the outputs of grade cells into those from which nbgrader scores errors alone.

    Stock nbgrader gives 0 for one byte on stderr, takes a number as last expression for the
    score, and gives full marks to a cell that was never run.
    """

    def preprocess_cell(
        self, cell: NotebookNode, resources: Resources, cell_index: int
    ) -> tuple[NotebookNode, Resources]:
        """The cell, with its outputs changed if it is a grade cell."""
        if is_grade(cell) and cell.cell_type == "code":
            cell.outputs = [neutral(output) for output in cell.outputs]
            if cell.execution_count is None and not first_error(cell):
                cell.outputs.append(new_output("error", **NOT_RUN))
        return cell, resources


def neutral(output: NotebookNode) -> NotebookNode:
    """`output` in a form that nbgrader shows and does not score; errors stay as they are."""
    if output.output_type == "stream":
        return new_output("stream", name="stdout", text=output.text)
    if output.output_type == "execute_result":
        return new_output("display_data", data=output.data, metadata=output.metadata)
    return output


def first_error(cell: NotebookNode) -> NotebookNode | None:
    """The first error among a code cell's outputs; None if there is none."""
    return next((output for output in cell.outputs if output.output_type == "error"), None)
