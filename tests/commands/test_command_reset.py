"""`labtools reset`: the stub is back, and nothing is lost."""

import json

import pytest
from small_exercise import (
    ADD_STUB,
    HUNT_STUB,
    RIGHT,
    TWICE_STUB,
    answered,
    at,
    cell,
    course,
    handed_out,
    save,
    sources,
    without,
)

from labtools.commands import main, releases, reset


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """The path of a notebook in which all is written, in a course."""
    course(tmp_path)
    monkeypatch.chdir(tmp_path)
    notebook = answered(**RIGHT)
    for name in ("add", "test_add", "twice"):
        at(notebook, name)["outputs"] = [{"name": "stdout", "output_type": "stream", "text": "x"}]
        at(notebook, name)["execution_count"] = 7
    notebook["cells"].append(cell("mine = 'ä'"))
    return save(notebook, tmp_path / "mywork" / "sums" / "sums.ipynb")


def copies(path):
    """The copies kept beside a notebook, oldest first."""
    return sorted(
        (path.parent / "copies").glob("*.ipynb"), key=lambda copy: copy.stat().st_mtime_ns
    )


def test_one_function(mine, capsys):
    before = mine.read_bytes()
    assert main(["reset", str(mine), "add"]) == 0
    (copy,) = copies(mine)
    assert copy.read_bytes() == before
    assert str(copy) in capsys.readouterr().out
    now, then = dict(sources(mine)), dict(sources(copy))
    assert now == then | {"add": ADD_STUB}
    after = json.loads(mine.read_text())
    assert [at(after, name)["outputs"] for name in ("add", "test_add")] == [[], []]
    assert at(after, "add")["execution_count"] is None
    assert at(after, "twice")["outputs"]  # nobody asked for that


def test_the_file_is_written_as_jupyter_writes_it(mine):
    main(["reset", str(mine), "add"])
    expected = json.loads(mine.read_text())
    assert mine.read_text() == json.dumps(expected, indent=1, ensure_ascii=False) + "\n"


def test_several_functions_and_the_example_of_a_bug(mine):
    assert main(["reset", str(mine), "twice", "bug_sign"]) == 0
    now = dict(sources(mine))
    assert (now["twice"], now["bug_sign"], now["add"]) == (TWICE_STUB, HUNT_STUB, RIGHT["add"])


def test_the_whole_notebook(mine):
    before = mine.read_bytes()
    assert main(["reset", str(mine)]) == 0
    assert json.loads(mine.read_text()) == handed_out()
    assert copies(mine)[0].read_bytes() == before


def test_no_copy_is_written_over_another(mine, monkeypatch):
    for name in ("add", "twice", "bug_sign"):  # within a second or two
        assert main(["reset", str(mine), name]) == 0
    kept = [dict(sources(copy))["twice"] for copy in copies(mine)]
    assert kept == [RIGHT["twice"], RIGHT["twice"], TWICE_STUB]


def test_nothing_to_do_makes_no_copy(mine, capsys):
    save(handed_out(), mine)
    assert main(["reset", str(mine), "add"]) == 0
    assert main(["reset", str(mine)]) == 0
    assert capsys.readouterr().out.count("nothing was changed") == 2
    assert copies(mine) == []


def test_an_unknown_name_changes_nothing(mine, capsys):
    before = mine.read_bytes()
    assert main(["reset", str(mine), "add", "twcie"]) == 2
    assert "no function 'twcie'; did you mean twice?\nIt has: add, bug_sign, twice" in (
        capsys.readouterr().err
    )
    assert mine.read_bytes() == before
    assert copies(mine) == []


@pytest.mark.parametrize("repeats", [RIGHT["add"], "def add(a, b):\n    return 3"])
def test_a_repeated_cell_goes(mine, repeats):
    notebook = answered(**RIGHT)
    notebook["cells"].append(cell(repeats, "add", answer=True))
    save(notebook, mine)
    main(["reset", str(mine), "add"])
    assert [source for name, source in sources(mine) if name == "add"] == [ADD_STUB]


@pytest.mark.parametrize(
    ("gone", "before"), [(("twice",), "test_twice"), (("add", "test_add"), "demo_add")]
)
def test_a_stub_that_is_gone_comes_back_where_it_was(mine, gone, before):
    save(without(answered(**RIGHT), *gone), mine)
    assert main(["reset", str(mine), gone[0]]) == 0
    names = [name for name, _ in sources(mine)]
    assert names[names.index(gone[0]) + 1] == before


def test_a_stub_that_comes_back_has_an_id_of_its_own(mine):
    notebook = without(answered(**RIGHT), "twice")
    notebook["cells"].append(cell("own") | {"id": "twice"})
    save(notebook, mine)
    main(["reset", str(mine), "twice"])
    ids = [raw["id"] for raw in json.loads(mine.read_text())["cells"]]
    assert len(set(ids)) == len(ids)
    save(without(notebook, "twice") | {"nbformat_minor": 4}, mine)
    main(["reset", str(mine), "twice"])
    assert "id" not in at(json.loads(mine.read_text()), "twice")


def test_a_damaged_file_is_known_by_its_name(mine):
    mine.write_bytes(b'{"cells": [')
    assert main(["reset", str(mine), "add"]) == 2
    assert main(["reset", str(mine)]) == 0
    assert json.loads(mine.read_text()) == handed_out()
    assert copies(mine)[0].read_bytes() == b'{"cells": ['


def test_a_renamed_notebook_is_known_by_its_cells(mine):
    other = mine.rename(mine.with_name("my own.ipynb"))
    other = other.rename(mine.parents[2] / "my own.ipynb")
    assert main(["reset", str(other), "add"]) == 0
    assert dict(sources(other))["add"] == ADD_STUB


def test_what_is_no_exercise(mine, capsys):
    other = save({"cells": [], "nbformat": 4}, mine.parents[1] / "other.ipynb")
    assert main(["reset", str(other)]) == 2
    assert "no exercise in" in capsys.readouterr().err
    assert main(["reset", str(mine.parent)]) == 2
    assert "expected a notebook, and there is a folder" in capsys.readouterr().err
    assert main(["reset", str(mine.with_name("none.ipynb"))]) == 2
    assert "no file of that name" in capsys.readouterr().err


def test_where_no_release_is(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(releases, "HERE", tmp_path)
    path = save(answered(**RIGHT), tmp_path / "sums.ipynb")
    assert main(["reset", str(path), "add"]) == 2
    assert "--release names another" in capsys.readouterr().err


def test_without_a_copy_nothing_is_changed(mine, capsys):
    before = mine.read_bytes()
    (mine.parent / "copies").write_text("a file where the folder should be")
    assert main(["reset", str(mine), "add"]) == 2
    assert "no copy can be kept" in capsys.readouterr().err
    assert mine.read_bytes() == before


def test_a_file_that_cannot_be_written_stays_whole(mine, monkeypatch, capsys):
    before = mine.read_bytes()

    def fail(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(reset.os, "replace", fail)
    assert main(["reset", str(mine), "add"]) == 2
    assert "No space left on device" in capsys.readouterr().err
    assert mine.read_bytes() == before
    assert sorted(path.name for path in mine.parent.iterdir()) == ["copies", "sums.ipynb"]
