"""Submissions without the notebook."""

from pathlib import Path

import pytest

from labtools.grading.missing import why_missing
from labtools.grading.preflight import Preflight


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (["ex.ipynb", "other.ipynb"], None),
        ([], "No notebook was handed in. Hand in ex.ipynb."),
        (["timestamp.txt"], "No notebook was handed in. Hand in ex.ipynb."),
        (["a.pdf", "b.txt"], "No notebook was handed in, only a.pdf, b.txt. Hand in ex.ipynb."),
        (
            list("gfedcba"),
            "No notebook was handed in, only a, b, c, d, e, 2 more. Hand in ex.ipynb.",
        ),
        (["a\x1b[2J"], "No notebook was handed in, only a�[2J. Hand in ex.ipynb."),
        (["a\udcff"], "No notebook was handed in, only a?. Hand in ex.ipynb."),
        (
            ["a.ipynb", "b.pdf"],
            "The notebook was handed in as a.ipynb, so it was not graded. Hand it in as ex.ipynb.",
        ),
    ],
)
def test_why_missing(tmp_path, files, reason):
    for name in files:
        (tmp_path / name).touch()
    assert why_missing(tmp_path, ["ex.ipynb"], Preflight()) == reason


def test_a_folder_that_we_may_not_open(tmp_path, monkeypatch):
    def forbidden(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", forbidden)
    said = why_missing(tmp_path, ["ex.ipynb"], Preflight())
    assert said == "The folder handed in cannot be opened (Permission denied)."
