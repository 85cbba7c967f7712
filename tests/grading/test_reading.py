"""Every file is read; what is no notebook says why."""

import json

import nbformat
import pytest
from build_class import fill
from nbformat.v4 import new_markdown_cell
from sample_class import ADD, RIGHT, find

from labtools.grading.preflight import Preflight
from labtools.grading.reading import MOST_CELLS, read_submission


@pytest.fixture
def read(tmp_path):
    """Write bytes, text or a notebook to a file and read it."""

    def write_and_read(content):
        if isinstance(content, dict):
            content = json.dumps(content)
        path = tmp_path / "ex.ipynb"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_submission(path, Preflight())

    return write_and_read


def why(nb):
    return nb.metadata.get("labtools", {}).get("file")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "it is empty"),
        (" \n", "it is empty"),
        ("[1, 2]", "it has no list of cells"),
        ('{"cells": 3}', "it has no list of cells"),
        ('{"cells": [', "it is damaged or cut off at line 1, column 12"),
        ('{"a": "café"}'.encode("latin-1"), "its text is not in UTF-8"),
        ("[" * 100_000, "it is nested too deeply"),
    ],
)
def test_what_is_no_notebook(read, content, reason):
    nb = read(content)
    assert nb.cells == []
    assert why(nb).startswith(f"The file is not a readable notebook: {reason}. Nothing in it")


def test_a_folder_of_that_name(tmp_path):
    assert "is not a file, so it was not opened" in why(read_submission(tmp_path, Preflight()))


def test_a_link_is_not_followed(read, release, tmp_path):
    read(fill(release, RIGHT))
    (tmp_path / "link.ipynb").symlink_to(tmp_path / "ex.ipynb")
    nb = read_submission(tmp_path / "link.ipynb", Preflight())
    assert nb.cells == []
    assert why(nb).startswith("link.ipynb is a link to another file")


def test_what_is_too_large(read, tmp_path):
    small = Preflight(max_mb=0.001)
    read({"cells": [], "metadata": {"more": "x" * 1000}})
    assert "ex.ipynb has 0 MB, so it was not opened" in why(
        read_submission(tmp_path / "ex.ipynb", small)
    )
    cells = [{"cell_type": "code", "source": "1"}] * MOST_CELLS
    assert len(read({"cells": cells}).cells) == MOST_CELLS
    assert "it has 1,001 cells, and at most 1,000 are read" in why(read({"cells": [*cells, 1]}))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_encodings_that_json_knows(read, release, encoding):
    release.cells.append(new_markdown_cell("café"))
    nb = read(nbformat.writes(release).encode(encoding))
    assert why(nb) is None
    assert nb.cells[-1].source == "café"


def test_only_type_source_and_id_are_read(read, release):
    nb = fill(release, RIGHT)
    cell = find(nb, "add")
    cell.metadata.nbgrader.update(schema_version=99, points="many")
    cell.metadata["tags"] = ["skip-execution"]
    cell.outputs = [{"output_type": "stream", "name": "stdout", "text": "hm"}]
    cell = find(read(nb), "add")
    assert (cell.cell_type, cell.source, cell.outputs) == ("code", ADD, [])
    assert cell.metadata == {"nbgrader": {"grade_id": "add"}}


@pytest.mark.parametrize(
    "odd",
    [17, None, {}, {"cell_type": "code"}, {"cell_type": "code", "source": 3},
     {"cell_type": "code", "source": [1]}, {"cell_type": [], "source": ""}],
)  # fmt: skip
def test_what_is_no_cell_is_left_out(read, odd):
    good = {"cell_type": "code", "source": ["a\n", "b"]}
    assert [cell.source for cell in read({"cells": [odd, good]}).cells] == ["a\nb"]


@pytest.mark.parametrize("metadata", [None, 3, {"nbgrader": []}, {"nbgrader": {"grade_id": 3}}])
def test_odd_metadata_is_none(read, metadata):
    nb = read({"cells": [{"cell_type": "code", "source": "a", "metadata": metadata}]})
    assert nb.cells[0].metadata == {}


def test_half_a_surrogate_pair(read):
    nb = read('{"cells": [{"cell_type": "code", "source": "\\ud800"}]}')
    assert nb.cells[0].source == "?"
