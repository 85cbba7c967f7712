"""When a chapter runs again."""

import pytest
from execution_cache import labtools_digest


@pytest.fixture
def library(tmp_path):
    for name in ("sources.py", "checks/engine.py", "checks/ch03/mask.py", "grading/score.py"):
        path = tmp_path / "labtools" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x = 1\n")
    return tmp_path


@pytest.mark.parametrize("name", ["sources.py", "checks/engine.py"])
def test_a_changed_module_runs_the_pages_again(library, name):
    before = labtools_digest(library)
    (library / "labtools" / name).write_text("x = 2\n")
    assert labtools_digest(library) != before


@pytest.mark.parametrize("name", ["checks/ch03/mask.py", "grading/score.py"])
def test_what_no_page_imports_does_not(library, name):
    before = labtools_digest(library)
    (library / "labtools" / name).write_text("x = 2\n")
    assert labtools_digest(library) == before
