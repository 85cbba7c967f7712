"""Submissions are graded in children of one warm process, which nothing in them can harm."""

import base64
import json
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import nbformat
import psutil
import pytest
from conftest import QUICK
from forked_boxes import answer, check, code
from nbformat.v4 import new_notebook

from labtools.grading.limits import Limits
from labtools.grading.running import grading, zygote
from labtools.grading.running.grading import asked
from labtools.grading.running.warm import Grader
from labtools.grading.sandbox import BoxFailed, SandboxMissing

LIMITS = Limits(cell_seconds=3, idle_seconds=5, memory_mb=300)
STUB = "def add(a, b):\n    raise NotImplementedError"
RIGHT = "def add(a, b):\n    return a + b"


def template(setup="import os"):
    cells = [code(setup, "setup"), answer("add", STUB), check("add", "assert add(1, 2) == 3")]
    return new_notebook(cells=cells)


def task(source, setup="import os", **more):
    """A task: `source` is the answer of the submission."""
    nb = template(setup)
    submitted = nbformat.from_dict(nb)
    submitted.cells[1] = answer("add", source)
    raw = base64.b64encode(nbformat.writes(submitted).encode()).decode()
    return json.dumps({"template": nb, "submission": raw, "seed": 3, **more}).encode()


def failure(result):
    """The error of the check, or None."""
    outputs = result["notebook"]["cells"][2]["outputs"]
    return next((f"{o['ename']}: {o['evalue']}" for o in outputs if "ename" in o), None)


@pytest.fixture(scope="module", autouse=True)
def quick():
    with pytest.MonkeyPatch.context() as patch:
        for name, value in QUICK.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="module")
def grader():
    with Grader(LIMITS) as it:
        yield it


def graded(grader, *args, **kwargs):
    return json.loads(grader.grade(task(*args, **kwargs)))


def test_several_at_once(grader):
    sources = [RIGHT, "def add(a, b):\n    return 4", RIGHT, "def add(a, b):\n    return 1 / 0"]
    with ThreadPoolExecutor(4) as pool:
        results = [json.loads(it) for it in pool.map(grader.grade, map(task, sources))]
    assert [result["fault"] for result in results] == [None] * 4
    assert [failure(result) for result in results] == [
        None,
        "AssertionError: ",
        None,
        "ZeroDivisionError: division by zero",
    ]
    assert results[0]["usage"]["wall_seconds"] > 0
    assert results[0]["notebook"]["metadata"]["labtools"]["seed"] == 3


def test_the_same_task_gives_the_same_notebook(grader):
    first, second = (graded(grader, RIGHT)["notebook"] for _ in range(2))
    for nb in (first, second):
        del nb["metadata"]["labtools"]["usage"]
        for cell in nb["cells"]:
            del cell["id"]
    assert first == second


def test_memory_is_limited(grader):
    hungry = "def add(a, b):\n    return len(bytearray(10**9))"
    assert failure(graded(grader, hungry)) is not None
    assert graded(grader, RIGHT)["fault"] is None


def test_a_notebook_that_is_none(grader):
    words = json.loads(task(RIGHT))
    words["submission"] = base64.b64encode(b"{").decode()
    result = json.loads(grader.grade(json.dumps(words).encode()))
    assert failure(result) == "NotImplementedError: "
    assert "not a readable notebook" in result["notebook"]["metadata"]["labtools"]["file"]


def test_a_broken_set_up_is_a_fault(grader):
    result = graded(grader, RIGHT, setup="import nowhere")
    assert result["notebook"] is None
    assert result["fault"].startswith("SetUpFailed: cell setup: ModuleNotFoundError")


def test_a_grader_that_dies_is_tried_once_more_and_then_a_fault(grader):
    once = "import os\nos.kill(os.getpid(), 9)"  # the course's own cell, so in the trusted process
    result = graded(grader, RIGHT, setup=once)
    assert result["fault"].startswith("the grader stopped")
    assert graded(grader, RIGHT)["fault"] is None


def test_a_child_does_not_compute_for_ever():
    if (pid := os.fork()) == 0:
        zygote._confine(1)
        while True:
            pass
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) in (-signal.SIGXCPU, -signal.SIGKILL)


def test_a_warm_process_that_was_killed_is_started_again(grader):
    for child in psutil.Process().children():
        if "labtools.grading.running.zygote" in child.cmdline():
            child.kill()
            child.wait()
    assert failure(graded(grader, RIGHT)) is None


def test_nothing_is_left_and_without_a_sandbox_the_notebook_says_so():
    """When the process that grades is killed, all that it started ends, even without walls."""
    program = (
        "import sys, time\nfrom labtools.grading.limits import Limits\n"
        "from labtools.grading.running.warm import Grader\n"
        "grader = Grader(Limits(cell_seconds=100), unsafe=True)\n"
        "for line in sys.stdin.buffer:\n    print(grader.grade(line).decode(), flush=True)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process, process.stdin, process.stdout:
        process.stdin.write(task(RIGHT) + b"\n")
        process.stdin.flush()
        result = json.loads(process.stdout.readline())
        assert failure(result) is None
        assert result["notebook"]["metadata"]["labtools"]["unsafe"] is True
        process.stdin.write(task("while True:\n    pass") + b"\n")
        process.stdin.flush()
        found = psutil.Process(process.pid)
        deadline = time.monotonic() + 30
        while len(started := found.children(recursive=True)) < 4 and time.monotonic() < deadline:
            time.sleep(0.1)
        os.kill(process.pid, signal.SIGKILL)
        gone, alive = psutil.wait_procs(started, timeout=30)
    assert len(gone) >= 4
    assert alive == []


def test_who_closes_it_does_not_wait_until_it_is_warm():
    grader = Grader(LIMITS)
    said = []

    def start():
        with pytest.raises(BoxFailed) as caught:
            grader.start()
        said.append(str(caught.value))

    thread = threading.Thread(target=start)
    thread.start()
    while not grader._warm:
        time.sleep(0.01)
    began = time.monotonic()
    grader.close()
    thread.join()
    assert time.monotonic() - began < 2
    assert "did not start" in said[0]
    assert "it was closed" in json.loads(grader.grade(task(RIGHT)))["fault"]


def test_no_sandbox_no_grade(monkeypatch):
    monkeypatch.setenv("LABTOOLS_WITHOUT", "bwrap")
    with Grader() as it, pytest.raises(SandboxMissing, match="--unsafe") as caught:
        it.grade(task(RIGHT))
    for error in (caught.value, pickle.loads(pickle.dumps(caught.value))):
        assert str(error).count("To mend it") == 1


def test_a_notebook_that_is_rebuilt_already(grader):
    nb = template()
    nb.cells[1].source = RIGHT
    words = {"template": template(), "notebook": nb}
    result = json.loads(grader.grade(json.dumps(words).encode()))
    assert failure(result) is None


def test_a_notebook_in_which_nothing_can_be_found(monkeypatch):
    words, sound = json.loads(task(RIGHT)), grading.rebuild
    tries = iter([MemoryError, None])

    def rebuild(submitted, released):
        if problem := next(tries):
            raise problem
        return sound(submitted, released)

    monkeypatch.setattr(grading, "rebuild", rebuild)
    nb = grading.rebuilt(words, template(), LIMITS)
    assert nb.metadata.labtools.file == grading.TANGLED
    assert nb.metadata.labtools.blank == ["add"]


def test_what_a_learner_is_asked_for():
    nb = template()
    nb.cells[1] = answer(
        "cell-1f", "import math\n\n\ndef add(a, b):\n    def inner():\n        pass"
    )
    assert asked(nb) == ["add"]
    assert asked(template()) == ["add"]


def test_the_grader_is_light():
    program = (
        "import sys, labtools.grading.running.warm\n"
        "print([name for name in ('torch', 'IPython', 'nbgrader') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "[]\n"
