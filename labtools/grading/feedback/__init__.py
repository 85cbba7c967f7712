"""The page that is handed back: points, reasons, and the notebook with nothing secret in it.

marks     what the gradebook says
showing   text, markdown, code and pictures of a learner's, made safe to show
cells     a notebook as what the page shows of it

`make` is for who has the gradebook open; `FeedbackExporter` and `GetGrades` are the same for
`nbgrader generate_feedback`.
"""

from typing import Any

from nbconvert.exporters import Exporter
from nbformat import NotebookNode
from nbgrader.api import Gradebook, SubmittedNotebook
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import default

from labtools.grading.feedback.cells import findings, shown
from labtools.grading.feedback.marks import Marks
from labtools.grading.pages import render
from labtools.grading.release import Resources

__all__ = ["FeedbackExporter", "GetGrades", "Marks", "make", "page"]


def make(nb: NotebookNode, graded: SubmittedNotebook) -> str:
    """The page for one graded notebook.

    Args:
        nb: the autograded notebook, hidden tests and all; not changed.
        graded: nbgrader's record of it, in an open session.

    Returns:
        str: HTML that runs nothing and fetches nothing, without the hidden tests.
    """
    return page(nb, Marks.of(graded), graded.name)


def page(nb: NotebookNode, marks: Marks, title: str) -> str:
    """The page for a notebook and its marks."""
    return render(
        "feedback.html.j2",
        title=title,
        marks=marks,
        findings=findings(nb, marks),
        cells=shown(nb, marks),
    )


class GetGrades(NbGraderPreprocessor):
    """Finds a notebook's marks in the gradebook and hands them to `FeedbackExporter`."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """The notebook, unchanged, and `resources` with the marks."""
        ids = resources["nbgrader"]
        with Gradebook(ids["db_url"]) as gradebook:
            graded = gradebook.find_submission_notebook(
                ids["notebook"], ids["assignment"], ids["student"]
            )
            resources["marks"] = Marks.of(graded)
        return nb, resources


class FeedbackExporter(Exporter):
    """The page as nbconvert makes pages; needs `GetGrades` among the preprocessors."""

    output_mimetype = "text/html"

    @default("file_extension")
    def _file_extension(self) -> str:
        return ".html"

    def from_notebook_node(  # type: ignore[override]  # as nbconvert's own exporters do
        self, nb: NotebookNode, resources: Resources | None = None, **kwargs: Any
    ) -> tuple[str, Resources]:
        """The page and `resources`, after the preprocessors."""
        nb, resources = super().from_notebook_node(nb, resources, **kwargs)
        return page(nb, resources["marks"], resources["nbgrader"]["notebook"]), resources
