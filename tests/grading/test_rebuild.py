"""The released notebook with the learner's answers in it."""

import time
from copy import deepcopy

import pytest
from build_class import fill
from nbformat.v4 import new_code_cell, new_markdown_cell
from sample_class import ADD, DOUBLE, RIGHT, find

from labtools.grading.quoting import quoted
from labtools.grading.rebuild import defines, looks_like, rebuild, same_code

STUB = "def add(a, b):\n    raise NotImplementedError"


def sources(nb):
    return [cell.source for cell in nb.cells]


def without(sections, release):
    """What the release looks like with these answers: (sources, metadata) of its cells."""
    nb = fill(release, sections)
    return [(cell.source, cell.metadata) for cell in nb.cells]


def same(nb, sections, release):
    return [(cell.source, cell.metadata) for cell in nb.cells] == without(sections, release)


def test_answers_are_put_in_and_nothing_else_changes(release):
    before = deepcopy(release)
    nb = rebuild(fill(release, RIGHT), release)
    assert same(nb, RIGHT, release)
    assert nb.metadata["labtools"] == {"file": None, "blank": [], "notes": {}}
    assert release == before


@pytest.mark.parametrize("grade_id", ["setup", "test_add", "demo_sums"])
def test_a_deleted_cell_is_back(release, grade_id):
    submitted = fill(release, RIGHT)
    submitted.cells.remove(find(submitted, grade_id))
    assert same(rebuild(submitted, release), RIGHT, release)


@pytest.mark.parametrize("grade_id", ["setup", "test_add", "demo_sums"])
def test_an_edited_cell_is_as_released(release, grade_id):
    submitted = fill(release, RIGHT)
    cell = find(submitted, grade_id)
    cell.source = "def add(a, b):\n    return 3"
    cell.metadata["tags"] = ["skip-execution", "raises-exception"]
    cell.metadata.nbgrader.update(points=100, locked=False, grade=False, solution=True)
    assert same(rebuild(submitted, release), RIGHT, release)


def test_the_order_is_the_release_s(release):
    submitted = fill(release, RIGHT)
    submitted.cells.reverse()
    assert same(rebuild(submitted, release), RIGHT, release)


def test_a_renamed_grade_cell_is_the_learner_s_own(release):
    submitted = fill(release, RIGHT)
    find(submitted, "test_add").metadata.nbgrader.grade_id = "test_other"
    nb = rebuild(submitted, release)
    assert [cell for cell in nb.cells if not cell.metadata.get("nbgrader")][-1].cell_type
    assert find(nb, "test_add").metadata.nbgrader.points == 2


def test_an_answer_made_markdown_is_code_again(release):
    submitted = fill(release, RIGHT)
    position = submitted.cells.index(find(submitted, "add"))
    text = new_markdown_cell(ADD, metadata=submitted.cells[position].metadata)
    submitted.cells[position] = text
    assert find(rebuild(submitted, release), "add").cell_type == "code"
    assert find(rebuild(submitted, release), "add").source == ADD


def test_own_cells_stay_where_they_were(release):
    submitted = fill(release, RIGHT)
    at = submitted.cells.index(find(submitted, "add"))
    submitted.cells[at:at] = [new_markdown_cell("I think:"), new_code_cell("x = 1")]
    submitted.cells.insert(0, new_code_cell("y = 2"))
    submitted.cells.append(new_code_cell("z = 3"))
    wanted = [quoted(text) if text == "I think:" else text for text in sources(submitted)]
    assert sources(rebuild(submitted, release)) == wanted


def test_own_cells_keep_no_metadata(release):
    submitted = fill(release, RIGHT)
    own = new_code_cell("x = 1", metadata={"nbgrader": {"grade_id": "mine"}, "tags": ["demo"]})
    submitted.cells.append(own)
    assert rebuild(submitted, release).cells[-1].metadata == {}


def test_of_repeated_cells_the_last_that_defines_the_function(release):
    first, last = "def add(a, b):\n    return 1", "def add(a, b):\n    return 2"
    submitted = fill(release, [("add", first), ("add", last), ("add", "print(add(1, 1))")])
    nb = rebuild(submitted, release)
    assert find(nb, "add").source == last
    assert sources(nb).index(first) < sources(nb).index(last)  # may hold what the last one calls
    assert "3 times" in nb.metadata["labtools"]["notes"]["add"]


def test_a_blank_copy_is_no_answer(release):
    submitted = fill(release, [("add", ADD), ("add", find(release, "add").source)])
    nb = rebuild(submitted, release)
    assert find(nb, "add").source == ADD
    assert nb.metadata["labtools"]["notes"] == {}


def test_a_repeat_that_python_cannot_read_does_not_win(release):
    submitted = fill(release, [("add", ADD), ("add", "def add(a, b:")])
    assert find(rebuild(submitted, release), "add").source == ADD


@pytest.mark.parametrize("position", [0, 3, None])
def test_an_answer_in_a_cell_of_its_own(release, position):
    submitted = deepcopy(release)
    submitted.cells.insert(len(release.cells) if position is None else position, new_code_cell(ADD))
    nb = rebuild(submitted, release)
    assert find(nb, "add").source == ADD
    assert sources(nb).count(ADD) == 1
    assert "not defined in its own cell" in nb.metadata["labtools"]["notes"]["add"]
    assert nb.metadata["labtools"]["blank"] == ["double"]


def test_all_answers_in_one_cell(release):
    both = f"{ADD}\n\n\n{DOUBLE}"
    nb = rebuild(fill(release, {"add": both}), release)
    assert find(nb, "add").source == find(nb, "double").source == both


def test_a_cell_that_python_cannot_read_is_still_the_answer(release):
    broken = "def add(a, b)\n    return a + b"
    submitted = fill(release, [("helper", "def add(a, b):\n    return 0"), ("add", broken)])
    assert find(rebuild(submitted, release), "add").source == broken


def test_blank(release):
    nb = rebuild(deepcopy(release), release)
    assert nb.metadata["labtools"]["blank"] == ["add", "double"]
    assert sources(nb) == sources(release)


def test_an_unreadable_file_is_the_blank_release_with_the_reason(release):
    submitted = deepcopy(release)
    submitted.cells, submitted.metadata["labtools"] = [], {"file": "damaged"}
    nb = rebuild(submitted, release)
    assert sources(nb) == sources(release)
    assert nb.metadata["labtools"]["file"] == "damaged"


@pytest.mark.parametrize(
    ("source", "yes"),
    [
        ("def f(): pass", True),
        ("async def f(): pass", True),
        ("class f: pass", True),
        ("f = lambda: 0", True),
        ("if True:\n    def f(): pass", True),
        ("%matplotlib inline\ndef f(): pass", True),
        ("def g():\n    def f(): pass", False),
        ("f(3)", False),
        ("[f for f in x]", False),
        ("def f(:", False),
    ],
)
def test_defines(source, yes):
    assert defines(source, "f") is yes


def test_same_code():
    assert same_code(STUB, f"# my notes\n{STUB}  # todo\n")
    assert not same_code(STUB, ADD)
    assert not same_code("def add(:", "def add(;")


@pytest.mark.parametrize(
    "source",
    [
        "%time f(3)\ndef add(a, b):\n    return a",
        "names = !ls\ndef add(a, b):\n    return a",
        "if True:\n    %matplotlib inline\nadd = 3",
        "len?\n?len\nadd = 3",
        "x = (5\n% 3)\nadd = 3",
        "text = '''\n% no magic\n'''\nadd = 3",
    ],
)
def test_magics_are_passed_over(source):
    assert defines(source, "add")
    assert not defines(source, "f")


@pytest.mark.parametrize(
    "source",
    [
        "x = " + "-" * 50_000 + "1",
        "x = " + "-" * 3_000 + "1",
        "def add(:\n" + "\n" * 1_000_000,
        "%x\n" * 450 + "x = 1\n" * 300_000,
        "%x\n" * 30_000,
        "x = [\n" + "1,\n" * 500_000,
        "def add(:" + " " * 3_000_000 + "\n\t" * 500_000,
        "x = " + "(" * 50_000,
        " " * 99_000 + "(",
        "a" * 99_000 + "(",
    ],
)
def test_sources_that_are_hard_to_read_are_passed_over(source):
    began = time.process_time()
    assert not defines(source, "add")
    assert same_code(source, source)
    assert not same_code(source, "x = 1")
    assert looks_like(source, "add") == source.startswith("def add")
    assert time.process_time() - began < 2  # it was minutes
