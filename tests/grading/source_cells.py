"""Cells and notebooks as the author of a course writes them."""

from nbformat.v4 import new_code_cell, new_notebook


def cell(source, grade_id, tags=(), points=None, solution=False):
    """A code cell with nbgrader's metadata; one that has points is graded."""
    meta = {
        "grade_id": grade_id,
        "grade": points is not None,
        "solution": solution,
        "locked": not solution,
        "task": False,
        "schema_version": 3,
    }
    if points is not None:
        meta["points"] = points
    return new_code_cell(source, metadata={"nbgrader": meta, "tags": list(tags)})


def notebook(cells):
    """The notebook of these cells, which asks for Python's kernel."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})
