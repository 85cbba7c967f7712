"""Cells show what they show in a notebook's kernel, and nothing in them ends the process."""

import subprocess
import sys
import threading

import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from labtools.grading.running.cells import Cells
from labtools.grading.running.recording import CUT, MOST_SHOWN

SOURCES = [
    "1 + 1",
    "_ * 3",
    "import sys\nprint('a', flush=True)\nprint('b', file=sys.stderr, flush=True)\n5;",
    "def add(a, b):\n    return a + b\nadd(2, 3)",
    "1 / 0",
    "import asyncio\nawait asyncio.sleep(0)\n7",
    "from IPython.display import clear_output, display\nhandle = display('x', display_id=True)",
    "print('gone')\nclear_output(wait=True)\nprint('here')",
    "shown = display('x', display_id=True)\nshown.update('y')",
    "display({'text/plain': 'p', 'text/html': '<b>p</b>'}, raw=True)",
    "%%capture kept\nprint('kept')",
    "kept.stdout",
    "!echo shell",
    "raise SystemExit(3)",
    "exit()\n'the cell goes on'",
]


@pytest.fixture(scope="module")
def cells():
    return Cells()


def plain(outputs):
    """Outputs without what differs from run to run: tracebacks, numbers, the end of lines."""
    kept = []
    for output in outputs:
        it = {k: v for k, v in output.items() if k not in ("traceback", "execution_count")}
        if "text" in it:
            it["text"] = it["text"].replace("\r\n", "\n")
        kept.append(it)
    return kept


@pytest.mark.filterwarnings("ignore")
def test_outputs_are_those_of_a_kernel(cells):
    nb = new_notebook(cells=[new_code_cell(source) for source in SOURCES])
    nb.metadata["kernelspec"] = {"name": "python3", "display_name": "", "language": "python"}
    NotebookClient(nb, allow_errors=True, shutdown_kernel="immediate").execute()
    for source, cell in zip(SOURCES, nb.cells, strict=True):
        if "SystemExit" not in source:  # the kernel warns on stderr
            assert plain(cells.run(source).outputs) == plain(cell.outputs), source


def test_errors_are_shown_and_returned(cells):
    ran = cells.run("def add(a, b)\n    return a")
    assert isinstance(ran.error, SyntaxError)
    (shown,) = ran.outputs
    assert shown["ename"] == "SyntaxError"
    assert shown["evalue"].startswith("expected ':' (")
    assert cells.run("2").error is None
    assert cells.run("%nothing").outputs[-1]["ename"] == "UsageError"  # the kernel's reply has it
    ran = cells.run("raise ExceptionGroup('many', [ValueError()])")
    assert [output["output_type"] for output in ran.outputs] == ["stream", "error"]


def test_an_error_whose_own_code_fails(cells):
    ran = cells.run("class E(Exception):\n    def __str__(self):\n        raise E\nraise E")
    assert ran.error is not None
    assert ran.outputs[-1]["output_type"] == "error"


DRAWS = """\
from labtools.grading.running.cells import Cells
(shown,) = Cells().run("import matplotlib.pyplot as plt\\n_ = plt.plot([1, 2])").outputs
print(shown["data"]["image/png"][:5])"""


def test_figures_are_shown_as_pictures():
    # in a process of its own: once matplotlib has been used, it keeps to how it shows figures
    ran = subprocess.run([sys.executable, "-c", DRAWS], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "iVBOR"


def test_a_cell_is_stopped_after_its_time(cells):
    ran = cells.run("while True:\n    pass", cpu_seconds=1)
    assert type(ran.error).__name__ == "CellTimeoutError"
    assert "after 1 s of computing" in ran.outputs[0]["evalue"]
    stubborn = "n = 0\nwhile n < 2:\n    try:\n        while True:\n            pass\n"
    ran = cells.run(stubborn + "    except BaseException:\n        n += 1", cpu_seconds=1)
    assert ran.error is None  # it was told twice, and then came to its end
    assert cells.run("n").outputs[0]["data"]["text/plain"] == "2"


def test_a_signal_that_comes_too_early_stops_nothing(cells):
    """As it does where the system's count of a process's seconds is not the process's own."""
    early = "import os, signal\nos.kill(os.getpid(), signal.SIGXCPU)\n'on'"
    ran = cells.run(early, cpu_seconds=60)
    assert (ran.error, ran.outputs[0]["data"]["text/plain"]) == (None, "'on'")


def test_nobody_answers(cells):
    (shown,) = cells.run("answer = input('name? ')").outputs
    assert shown["text"] == "name? \n"
    assert cells.namespace["answer"] == ""
    assert isinstance(cells.run("while not input():\n    pass").error, EOFError)


def test_a_flood_is_cut(cells):
    (shown,) = cells.run(f"for _ in range(9):\n    print('x' * {MOST_SHOWN})").outputs
    assert len(shown["text"]) == MOST_SHOWN + len(CUT)
    assert shown["text"].endswith(CUT)
    big = cells.run(f"display({{'text/plain': 'x' * {MOST_SHOWN + 1}}}, raw=True)").outputs
    assert big == [{"output_type": "stream", "name": "stdout", "text": CUT}]


def test_streams_and_threads_are_as_before(cells):
    streams, threads = (sys.stdout, sys.stderr, sys.displayhook), threading.active_count()
    cells.run("import sys\nprint(1)\nsys.stdout = None\nsys.stderr.close()")
    assert (sys.stdout, sys.stderr, sys.displayhook) == streams
    assert threading.active_count() == threads
    assert cells.run("print(2)").outputs[0]["text"] == "2\n"


def test_code_and_functions_can_be_looked_at(cells):
    ran = cells.run("import inspect\ndef f(x):\n    return x\nprint(inspect.getsource(f))")
    assert ran.outputs[0]["text"].startswith("def f(x):")
