"""Each cell runs where it belongs, and a box that dies costs what it died of."""

import os

import pytest
from forked_boxes import LIMITS, ForkedBoxes, answer, check, code, failures, run

from labtools.grading.limits import Limits
from labtools.grading.running.notebook import SetUpFailed, cleaned
from labtools.grading.running.replaying import MOST_BOXES

SETUP = code(
    "import os\nhome = os.getpid()\ndef same(a, b):\n    assert a == b, f'{a} is not {b}'", "setup"
)
ADD = "def add(a, b):\n    return a + b"
TEST_ADD = check("add", "same(add(1, 2), 3)")
DOUBLE = "def double(a):\n    return 2 * a"
TEST_DOUBLE = check("double", "same(double(2), 4)")
DYING = "def add(a, b):\n    import os\n    os._exit(3)"


def test_right_and_wrong():
    nb = run(
        SETUP,
        answer("add", ADD),
        TEST_ADD,
        answer("double", "def double(a):\n    return a"),
        TEST_DOUBLE,
    )
    assert failures(nb) == {"test_double": "AssertionError: 2 is not 4"}
    assert [cell.execution_count for cell in nb.cells] == [1, 2, 3, 4, 5]


def test_answers_run_in_another_process():
    where = answer("where", "def where():\n    import os\n    return os.getpid()")
    nb = run(SETUP, where, check("where", "assert where() != home == os.getpid()"))
    assert failures(nb) == {}


def test_a_learner_reaches_nothing_of_the_checks():
    helper = code("import builtins\nsame = print\nbuiltins.AssertionError = ValueError")
    nb = run(SETUP, helper, answer("add", "def add(a, b):\n    return 4"), TEST_ADD)
    assert failures(nb) == {"test_add": "AssertionError: 4 is not 3"}


def test_names_that_are_not_asked_for_are_not_bound():
    nb = run(SETUP, code("other = 5"), answer("add", ADD), check("add", "other"))
    assert failures(nb) == {"test_add": "NameError: name 'other' is not defined"}


def test_what_is_not_defined_is_not_defined():
    nb = run(
        SETUP, answer("add", ADD), TEST_ADD, answer("double", "del add"), TEST_DOUBLE, TEST_ADD
    )
    assert failures(nb) == {
        "test_double": "NameError: name 'double' is not defined",
        "test_add": "NameError: name 'add' is not defined",
    }


def test_the_last_definition_counts_from_where_it_stands():
    later = code("def add(a, b):\n    return 0")
    nb = run(
        SETUP,
        answer("add", ADD),
        TEST_ADD,
        later,
        answer("double", DOUBLE),
        check("double", "same(add(1, 2), 0)"),
    )
    assert failures(nb) == {}


def test_demonstrations_do_not_run():
    demo = code("1 / 0", "demo", tags=["demo"])
    nb = run(SETUP, demo, answer("add", ADD), TEST_ADD)
    assert (demo.execution_count, demo.outputs) == (None, [])
    assert failures(nb) == {}


def test_locked_cells_between_answers_run_on_both_sides():
    table = code("table = {3: 'three'}\nsum_of_all = add(1, 2)", "table")
    knows = answer("double", "def double(a):\n    return table[a]")
    nb = run(
        SETUP,
        answer("add", ADD),
        table,
        knows,
        check("double", "same(double(3), table[sum_of_all])"),
    )
    assert failures(nb) == {}


def test_outputs_are_the_notebook_s():
    nb = run(
        SETUP, answer("add", "print('hm')\n" + ADD), check("add", "print(add(1, 1))\nadd(2, 2)")
    )
    assert nb.cells[1].outputs == [{"output_type": "stream", "name": "stdout", "text": "hm\n"}]
    printed, value = nb.cells[2].outputs
    assert printed.text == "2\n"
    assert (value.data["text/plain"], value.execution_count) == ("4", 3)


def test_a_broken_set_up_is_a_fault_of_the_grader():
    with pytest.raises(SetUpFailed, match="cell setup: ZeroDivisionError"):
        run(code("1 / 0", "setup"), answer("add", ADD), TEST_ADD)
    here = f"import os\nif os.getpid() != {os.getpid()}:\n    raise RuntimeError('only inside')"
    with pytest.raises(SetUpFailed, match="cell setup: RuntimeError: only inside"):
        run(code(here, "setup"), answer("add", ADD))


def test_what_the_learner_broke_is_the_learners():
    own = code("import sys\nsys.modules['json'] = None")
    nb = run(
        own, code("import json", "setup"), answer("add", ADD), check("add", "assert add(1, 2) == 3")
    )
    assert list(failures(nb)) == ["setup"]


def test_a_dead_box_costs_the_check_that_it_died_in():
    boxes = ForkedBoxes()
    nb = run(
        SETUP, answer("add", DYING), answer("double", DOUBLE), TEST_ADD, TEST_DOUBLE, boxes=boxes
    )
    assert failures(nb) == {
        "test_add": "Stopped: the function was stopped: it ended its own process (exit status 3)"
    }
    assert boxes.opened == 2


def test_a_dead_box_costs_the_cell_that_it_died_in():
    dying = answer("double", "import os\nos._exit(4)\n" + DOUBLE)
    nb = run(SETUP, answer("add", ADD), dying, TEST_ADD, TEST_DOUBLE)
    assert failures(nb) == {
        "double": "Stopped: the cell was stopped: it ended its own process (exit status 4)",
        "test_double": "NameError: name 'double' is not defined",
    }


def test_a_cell_that_does_harm_when_it_is_run_again_is_left_out():
    once = code("import os\nif os.path.exists(path):\n    os._exit(5)\nopen(path, 'x').close()")
    path = answer("path", "import tempfile\npath = tempfile.mktemp()")
    nb = run(
        SETUP, path, once, answer("add", DYING), TEST_ADD, answer("double", DOUBLE), TEST_DOUBLE
    )
    assert list(failures(nb)) == ["test_add"]


def test_boxes_are_not_opened_for_ever():
    boxes = ForkedBoxes()
    cells = [cell for _ in range(MOST_BOXES) for cell in (code("import os\nos._exit(1)"),)]
    nb = run(SETUP, *cells, answer("add", ADD), TEST_ADD, boxes=boxes)
    assert boxes.opened == MOST_BOXES
    assert failures(nb)["test_add"].startswith("Stopped: the function was stopped: 12 others were")
    nb = run(*cells, SETUP, answer("add", ADD), TEST_ADD)
    assert failures(nb)["test_add"].startswith("Stopped: the function was stopped: 12 others were")


def test_loops_are_stopped():
    loop = code("while True:\n    pass")
    endless = answer("add", "def add(a, b):\n    while True:\n        pass")
    nb = run(
        SETUP,
        loop,
        endless,
        TEST_ADD,
        answer("double", DOUBLE),
        TEST_DOUBLE,
        limits=Limits(cell_seconds=1, idle_seconds=5),
    )
    told = failures(nb)
    assert told.keys() == {1, "test_add"}
    assert "after 1 s of computing" in told[1]
    assert "stopped after" in told["test_add"]


def test_many_calls_together_are_stopped_too():
    slow = answer(
        "add",
        "from time import process_time as now\n\n\ndef add(a, b):\n    until = now() + 0.5\n"
        "    while now() < until:\n        pass",
    )
    nb = run(
        SETUP,
        slow,
        check("add", "for _ in range(100):\n    add(1, 2)"),
        limits=Limits(cell_seconds=1),
    )
    assert (
        failures(nb)["test_add"]
        == "Stopped: the function was stopped after 3 s of computing in all"
    )


def test_diagnoses_usage_and_seed_are_noted():
    wrong = answer(
        "causal_mask",
        "def causal_mask(T, S=None, device=None):\n    return torch.ones(T, S or T).bool()",
    )
    setup = code("import torch\nfrom labtools.checks import ch02_attention_masks as check", "setup")
    nb = run(setup, wrong, check("causal_mask", "check.causal_mask(causal_mask)"), seed=7)
    told = nb.metadata.labtools
    found = told.diagnoses.causal_mask
    assert found.title in failures(nb)["test_causal_mask"]
    assert found.mistake
    assert found.section.startswith("“")
    assert told.usage.cpu_seconds > 0
    assert told.usage.wall_seconds > 0
    assert told.usage.peak_mb == 1
    assert told.seed == 7


def test_the_seed_reaches_the_checks():
    nb = run(SETUP, answer("add", ADD), check("add", "print(os.environ['LABTOOLS_SEED'])"), seed=11)
    assert nb.cells[2].outputs[0].text == "11\n"
    assert "LABTOOLS_SEED" not in os.environ


def test_text_that_no_database_takes():
    assert cleaned({"a\0": ["\ud800b", 3, None]}) == {"a": ["?b", 3, None]}
    nb = run(SETUP, answer("add", "print('\\ud800\\0')\n" + ADD), TEST_ADD)
    assert nb.cells[1].outputs[0].text == "?\n"


def test_limits_are_the_boxes():
    assert ForkedBoxes().limits is LIMITS


def test_a_box_that_was_lost_costs_no_later_cell():
    asking = answer("add", "def add(a, b):\n    while True:\n        a(b)")
    endless = check("add", "add(lambda x: x, 1)")
    nb = run(
        SETUP, asking, endless, answer("double", DOUBLE), TEST_DOUBLE, limits=Limits(cell_seconds=1)
    )
    assert list(failures(nb)) == ["test_add"]


def test_an_answer_that_cannot_be_sent_costs_the_box_alone():
    named = answer("add", f"{ADD}\nadd.__name__ = 's' * 10**7")
    nb = run(SETUP, named, TEST_ADD, answer("double", DOUBLE), TEST_DOUBLE)
    assert set(failures(nb)) <= {"test_add"}
