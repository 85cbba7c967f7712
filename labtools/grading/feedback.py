"""The page that is handed back."""

import html
import re

from jinja2 import DictLoader
from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode
from nbgrader.preprocessors import GetGrades as NbGraderGetGrades
from traitlets import default

from .release import Resources, grade_id

NO_MATHJAX = "{%- macro mathjax(url='') -%}{%- endmacro %}"


class FeedbackExporter(HTMLExporter):
    """nbgrader's page without MathJax, the one thing in it that came from the network.

    Formulas in the text stay as TeX.
    """

    @default("extra_loaders")
    def _extra_loaders(self) -> list[DictLoader]:
        return [DictLoader({"mathjax.html.j2": NO_MATHJAX})]


class GetGrades(NbGraderGetGrades):
    """nbgrader's GetGrades; reasons found by the grader are text, where a person's are markdown."""

    def _get_comment(self, cell: NotebookNode, resources: Resources) -> None:
        super()._get_comment(cell, resources)
        ids = self.notebook_id, self.assignment_id, self.student_id
        comment = self.gradebook.find_comment(grade_id(cell), *ids)
        if comment.manual_comment is None and comment.auto_comment:
            cell.metadata.nbgrader["comment"] = as_text(comment.auto_comment)


def as_text(text: str) -> str:
    """Markdown that shows `text` as it is: `<int>`, `__init__` and `*masks` included."""
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|~$])", r"\\\1", html.escape(text, quote=False))
