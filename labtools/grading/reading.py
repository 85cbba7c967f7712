"""Read a submission, whatever its file holds."""

import json
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from .classroom.files import write_slips
from .missing import record_missing
from .preflight import Preflight, Refused
from .release import Resources

UNREADABLE = (
    "The file is not a readable notebook: {why}. Nothing in it could be graded. "
    "Open it in JupyterLab, save it and hand it in again."
)

MOST_CELLS = 1000
KEYS = ("cell_type", "source")
NEW_CELL = {"code": new_code_cell, "markdown": new_markdown_cell}


class SubmissionExporter(NotebookExporter):
    """Exports notebooks as nbgrader's autograder does, and reads every submission.

    A file that is no notebook is read as one without cells; the reason is kept in the
    notebook's metadata, `labtools.file`, from where `rebuild` takes it.
    """

    parent: Any  # nbgrader's autograder

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        # nbgrader makes one exporter per run, after it has listed the submissions and before it
        # grades the first: the only place where what it would do with them can be changed
        self.preflight = Preflight(parent=self)
        coursedir = self.parent.coursedir
        for folder in record_missing(coursedir, self.preflight):
            self.parent.assignments.pop(folder, None)
        coursedir.ignore = ["*"]  # no other file of a submission is copied, nor what it links to
        coursedir.get_existing_timestamp = lambda folder: self.preflight.time_of(Path(folder))

    def from_filename(
        self, filename: str, resources: Resources | None = None, **kwargs: Any
    ) -> tuple[Any, Resources]:
        """The notebook in `filename` through the preprocessors: (text, resources)."""
        if not self.parent._sanitizing:  # the second pass reads what the first has written
            return super().from_filename(filename, resources, **kwargs)
        path = Path(filename)
        place = {"metadata": {"name": path.stem, "path": str(path.parent)}}
        resources = {**(resources or {}), **place}
        coursedir = self.parent.coursedir  # generate_feedback takes them along from there
        write_slips(coursedir, resources["nbgrader"]["student"], [coursedir.autograded_directory])
        return self.from_notebook_node(read_submission(path, self.preflight), resources, **kwargs)


def read_submission(path: Path, preflight: Preflight) -> NotebookNode:
    """`parse_submission` of the file at `path`; one that `preflight` refuses is no notebook."""
    try:
        return parse_submission(preflight.read(path))
    except Refused as refused:
        return unreadable(str(refused))


def parse_submission(raw: bytes) -> NotebookNode:
    """The cells of a notebook, without anything else that its file says.

    Args:
        raw: bytes of the file handed in.

    Returns:
        NotebookNode whose cells have a type, a source and, where they had one, a `grade_id`.
        It has no cells, and `metadata.labtools.file` says why, if the file is no notebook.
    """
    try:
        cells = cells_of(raw)
    except (ValueError, RecursionError) as error:
        return unreadable(UNREADABLE.format(why=explain(error)))
    tidy = [tidy_cell(cell) for cell in cells]
    return new_notebook(cells=[cell for cell in tidy if cell is not None])


def unreadable(why: str) -> NotebookNode:
    """A notebook without cells that says why it has none."""
    return new_notebook(metadata={"labtools": {"file": why}})


def cells_of(raw: bytes) -> list[Any]:
    """The list of cells in a notebook file's bytes; ValueError if there is none to be read."""
    if not raw.strip():
        raise ValueError("it is empty")
    data = json.loads(raw)
    if not isinstance(data, dict) or not isinstance(data.get("cells"), list):
        raise ValueError("it has no list of cells")
    if len(data["cells"]) > MOST_CELLS:
        raise ValueError(
            f"it has {len(data['cells']):,} cells, and at most {MOST_CELLS:,} are read"
        )
    return data["cells"]


def explain(error: Exception) -> str:
    """Why a file could not be read, in words for the learner."""
    if isinstance(error, json.JSONDecodeError):
        return f"it is damaged or cut off at line {error.lineno}, column {error.colno}"
    if isinstance(error, UnicodeDecodeError):
        return "its text is not in UTF-8"
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return str(error)


def tidy_cell(cell: Any) -> NotebookNode | None:
    """`cell` with nothing but type, source and `grade_id`; None if it is no cell with a source."""
    kind, source = (cell.get(key) if isinstance(cell, dict) else None for key in KEYS)
    if not isinstance(kind, str) or kind not in NEW_CELL:
        return None
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        return None
    # half a surrogate pair is valid JSON, and no valid UTF-8
    source = source.encode("utf-8", "replace").decode()
    tidy = NEW_CELL[kind](source)
    grade_id = submitted_grade_id(cell)
    if grade_id is not None:
        tidy.metadata["nbgrader"] = NotebookNode(grade_id=grade_id)
    return tidy


def submitted_grade_id(cell: Any) -> str | None:
    """The `grade_id` in the metadata of a cell of unknown form; None if there is none."""
    for key in ("metadata", "nbgrader", "grade_id"):
        cell = cell.get(key) if isinstance(cell, dict) else None
    return cell if isinstance(cell, str) else None
