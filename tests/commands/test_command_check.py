"""`labtools check`: what it says of a notebook, and its exit status."""

import json

import pytest
from small_exercise import RIGHT, answered, cell, course, handed_out, save, without

from labtools.commands import main, releases


@pytest.fixture
def check(tmp_path, monkeypatch, capsys):
    """Call with a notebook and words; returns (exit status, what it printed)."""
    course(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")

    def run(notebook, *words):
        path = tmp_path / "mywork" / "sums.ipynb"
        if isinstance(notebook, dict):
            save(notebook, path)
        else:
            path.parent.mkdir()
            path.write_bytes(notebook)
        status = main(["check", str(path), *words])
        out, err = capsys.readouterr()
        return status, out + err

    return run


def lines(text):
    """The table of a result, by function."""
    rows = (line.split(maxsplit=2) for line in text.splitlines() if line.startswith("  "))
    return {row[1]: (row[0], row[2]) for row in rows if len(row) == 3 and row[0] in "✓·✗!"}


def test_all_right(check):
    status, text = check(answered(**RIGHT))
    assert status == 0
    assert text.splitlines()[0] == "sums: 2 of 2 functions done, 5 of 5 points; 1 of 1 bug found"
    assert lines(text) == {
        "add": ("✓", "2/2  done"),
        "bug_sign": ("✓", "done"),
        "twice": ("✓", "3/3  done"),
    }
    assert text.endswith("Every visible check passes. Grading tries further inputs.\n")


def test_a_bug_that_is_not_found_costs_nothing(check):
    status, text = check(answered(add=RIGHT["add"], twice=RIGHT["twice"]))
    assert status == 0
    assert "0 of 1 bug found" in text


def test_nothing_is_run_for_stubs(check, monkeypatch):
    monkeypatch.setattr("labtools.commands.running.python", None)  # a process cannot be had
    status, text = check(handed_out())
    assert status == 1
    assert {what for _, what in lines(text).values()} == {
        "0/2  not attempted",
        "not attempted",
        "0/3  not attempted",
    }


def test_a_stub_that_was_only_commented_on_is_not_attempted(check, monkeypatch):
    monkeypatch.setattr("labtools.commands.running.python", None)
    notebook = answered(
        add='def add(a, b):  # hm\n    """The sum."""\n    raise NotImplementedError()'
    )
    assert lines(check(notebook)[1])["add"] == ("·", "0/2  not attempted")


def test_half_written(check):
    notebook = answered(add="def add(a, b):\n    c = a + b\n    raise NotImplementedError()")
    assert lines(check(notebook)[1])["add"] == ("·", "0/2  not attempted")


def test_a_mistake_is_named_with_all_there_is_to_say(check):
    status, text = check(answered(add="def add(a, b):\n    return a - b"))
    assert status == 1
    assert lines(text)["add"] == ("✗", "0/2  wrong: it subtracts")
    assert lines(text)["twice"] == ("·", "0/3  not attempted")
    told = text[text.index("add: it subtracts") :]
    assert "A sum grows with both." in told
    assert "  a = 2\n  b = 3" in told
    assert "expected  5" in " ".join(told.split("\n")).replace("   ", "  ")
    assert "Look up: “Sums” in the chapter “Arithmetic”" in told


def test_lines_fit_the_terminal(check):
    wrong = "def add(a, b):\n    raise ValueError('why ' * 60)"
    _, text = check(answered(add=wrong))
    table = [line for line in text.splitlines() if line[2:3] in "✓·✗!" and line.startswith("  ")]
    assert len(table) == 3
    assert max(map(len, table)) == 80


def test_a_plain_assert_is_a_check_too(check):
    _, text = check(answered(twice="def twice(a):\n    return a"))
    assert lines(text)["twice"] == ("✗", "0/3  wrong: AssertionError: twice 3 is 6")


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("def twice(a):\n    return (2 * a", "its cell failed: SyntaxError"),
        ("import torhc\n\ndef twice(a):\n    return 2 * a", "its cell failed: ModuleNotFoundError"),
        ("exit()", "its cell failed: SystemExit"),
        ("import os\nos._exit(3)", "its cell failed: it ended Python, with exit status 3"),
        ("import ctypes\nctypes.string_at(0)", "its cell failed: it ended Python by SIGSEGV"),
        ("while True:\n    pass", "its cell failed: it was stopped after 2 seconds"),
    ],
)
def test_what_breaks_a_cell_costs_only_its_function(check, source, why):
    status, text = check(answered(add=RIGHT["add"], twice=source), "--timeout", "2")
    assert status == 1
    assert lines(text)["add"] == ("✓", "2/2  done")
    assert lines(text)["twice"][0] == "!"
    assert why in " ".join(text[text.index("twice: ") :].split())


def test_a_cell_of_the_learners_that_does_not_end_costs_nothing(check):
    notebook = answered(**RIGHT)
    notebook["cells"].insert(4, cell("while True:\n    pass"))
    status, text = check(notebook, "--timeout", "2")
    assert status == 0
    assert "Note: a cell that you added failed: it was stopped after 2 seconds" in text


def test_a_cell_of_the_learners_that_fails_is_told(check):
    notebook = answered(add="def add(a, b):\n    return plus(a, b)")
    notebook["cells"].insert(2, cell("def plus(a, b):\n    return (a + b"))
    text = " ".join(check(notebook)[1].split())
    assert "wrong: it raised NameError: name 'plus' is not defined" in text
    assert "Note: a cell that you added failed: SyntaxError: " in text
    assert "; line 2: return (a + b." in text


def test_an_error_in_a_cell_shows_its_line(check):
    _, text = check(answered(twice="helper = 1\nhelper.no_such\n"))
    assert "\n  line 2: helper.no_such\n" in text


def test_a_check_that_ends_python(check):
    wrong = "import os\n\ndef twice(a):\n    os._exit(0)"
    _, text = check(answered(add=RIGHT["add"], twice=wrong))
    assert lines(text)["twice"] == ("✗", "0/3  wrong: it ended Python, with exit status 0")
    assert lines(text)["add"] == ("✓", "2/2  done")


def test_after_too_many_ends_the_rest_is_not_run(check, monkeypatch):
    monkeypatch.setattr("labtools.commands.running.RESTARTS", 1)
    notebook = answered(**RIGHT)
    ends = [cell(f"import os\nos._exit({number})") for number in range(3)]
    notebook["cells"][4:4] = ends
    _, text = check(notebook)
    assert lines(text)["add"] == ("✓", "2/2  done")
    assert lines(text)["twice"][1].startswith("0/3  not run: its check was not reached")


def test_an_example_is_held_against_a_function_that_is_there(check):
    _, text = check(answered(bug_sign=RIGHT["bug_sign"]))
    assert lines(text)["bug_sign"][1].startswith("not run: it is held against your own function")


def test_only_what_is_asked_for(check):
    wrong = answered(add="def add(a, b):\n    return a - b", twice=RIGHT["twice"])
    status, text = check(wrong, "twice")
    assert status == 0
    assert lines(text) == {"twice": ("✓", "3/3  done")}


def test_the_example_of_a_bug_counts_if_it_is_asked_for(check):
    assert check(answered(add=RIGHT["add"], twice=RIGHT["twice"]), "bug_sign")[0] == 1


def test_what_a_terminal_would_obey_is_not_printed(check):
    wrong = "def add(a, b):\n    print('\\x1b[2J', chr(0x9b))\n    raise ValueError('\\x1b[31m')"
    _, text = check(answered(add=wrong))
    assert "\x1b" not in text
    assert "\x9b" not in text
    assert "ValueError: ?[31m" in text


def test_a_function_that_there_is_not(check):
    status, text = check(handed_out(), "twcie")
    assert status == 2
    assert "no function 'twcie'; did you mean twice?\nIt has: add, bug_sign, twice" in text


@pytest.mark.parametrize("what", ["check(ADD, add)", "print(3)"])
def test_a_check_that_was_changed_is_the_released_one(check, what):
    notebook = answered(add="def add(a, b):\n    return a - b")
    notebook["cells"][3]["source"] = [what]
    assert lines(check(notebook)[1])["add"] == ("✗", "0/2  wrong: it subtracts")


def test_what_was_deleted_is_put_back(check):
    notebook = without(answered(**RIGHT), "setup", "test_twice", "shipped_sign", "reveal_sign")
    status, text = check(notebook)
    assert status == 0
    assert "1 of 1 bug found" in text


def test_of_a_repeated_cell_the_last_counts(check):
    notebook = answered(add="def add(a, b):\n    return a - b")
    notebook["cells"].append(cell(RIGHT["add"], "add", answer=True))
    _, text = check(notebook)
    assert lines(text)["add"] == ("✓", "2/2  done")
    assert "Note: the cell of add is there 2 times; the last one that defines it counts." in text


def test_a_function_may_be_written_elsewhere(check):
    notebook = handed_out()
    notebook["cells"].append(cell(RIGHT["add"]))
    _, text = check(notebook)
    assert lines(text)["add"] == ("✓", "2/2  done")
    assert "Note: add is not written in its own cell" in text


def test_helper_cells_and_their_outputs_do_no_harm(check):
    notebook = answered(add="def add(a, b):\n    return plus(a, b)", twice=RIGHT["twice"])
    helper = (
        "import os, sys, warnings\n%matplotlib inline\n!true\ninput('and now?')\n"
        "import matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.show()\n"
        "warnings.warn('x'); print('y' * 10**6, file=sys.stderr); os.write(1, b'z')\n"
        "def plus(a, b):\n    return a + b"
    )
    notebook["cells"].insert(2, cell(helper))
    status, text = check(notebook)
    assert status == 0, text
    assert "yyy" not in text


def test_it_runs_in_the_notebooks_folder(check, tmp_path):
    (tmp_path / "mywork").mkdir()
    (tmp_path / "mywork" / "mine.py").write_text("def plus(a, b):\n    return a + b\n")
    notebook = answered(add="from mine import plus\n\ndef add(a, b):\n    return plus(a, b)")
    assert lines(check(notebook, "add")[1])["add"] == ("✓", "2/2  done")


def test_the_file_is_not_changed(check, tmp_path):
    notebook = answered(**RIGHT)
    check(notebook)
    assert json.loads((tmp_path / "mywork" / "sums.ipynb").read_text()) == notebook


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it is empty"),
        (json.dumps(handed_out()).encode()[:999], "damaged or cut off at line 1, column "),
        (b"\xff\xfe", "damaged or cut off at line 1"),
        (b"[1, 2]", "it has no list of cells"),
        (b"[" * 10**5, "nested too deeply"),
    ],
)
def test_a_file_that_is_no_notebook(check, content, why):
    status, text = check(content)
    assert status == 2
    assert why in text


@pytest.mark.parametrize("cells", ["[]", '[1, {"cell_type": "code", "source": 2}]'])
def test_a_notebook_with_nothing_of_the_exercise_is_known_by_its_name(check, tmp_path, cells):
    status, text = check(f'{{"cells": {cells}}}'.encode())
    assert status == 1
    assert text.startswith("sums: 0 of 2 functions done")
    other = (tmp_path / "mywork" / "sums.ipynb").rename(tmp_path / "mywork" / "other.ipynb")
    assert main(["check", str(other)]) == 2


def test_no_file_and_a_folder(tmp_path, capsys):
    assert main(["check", str(tmp_path / "sums.ipynb")]) == 2
    assert "there is no such file" in capsys.readouterr().err
    assert main(["check", str(tmp_path)]) == 2
    assert "a folder; expected a notebook" in capsys.readouterr().err


def test_without_the_release_the_notebooks_own_checks_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(releases, "HERE", tmp_path)
    path = save(answered(add=RIGHT["add"]), tmp_path / "sums.ipynb")
    assert main(["check", str(path)]) == 1
    text = capsys.readouterr().out
    assert lines(text)["add"] == ("✓", "2/2  done")
    assert lines(text)["twice"][1].startswith("0/3  ")
    assert "Note: the exercise as handed out was not found" in text


def test_a_folder_of_releases_may_be_named(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(releases, "HERE", tmp_path)
    course(tmp_path / "elsewhere")
    path = save(answered(add=RIGHT["add"]), tmp_path / "mine" / "renamed.ipynb")
    asked = ["--release", str(tmp_path / "elsewhere" / "exercises")]
    assert main(["check", str(path), *asked]) == 1
    assert capsys.readouterr().out.startswith("sums: 1 of 2 functions done")
    assert main(["check", str(path), "--release", str(tmp_path)]) == 2
    assert "expected a folder of NAME/NAME.ipynb" in capsys.readouterr().err
